//! Claiming: due deliveries are leased, oldest due first, each with an attempt written as started.
//!
//! Whatever is looked at leaves the index of due ones: it is leased, known to the ledger, or made
//! to wait. So a look ahead of bounded length makes progress in every call, and none starves.

use super::attempts;
use super::clicks;
use super::fault::Fault;
use super::keys::Key;
use super::leases;
use super::ledger;
use super::line::{self, Line, Turn, turn};
use super::rows::{self, reasons_to_text};
use super::tx::Tx;
use crate::diagnostic::Code;
use crate::model::{
    DeliveryId, DestinationName, EventId, History, LeaseToken, Reason, RuleName, SourceName,
    Timestamp,
};
use crate::store::{Claimed, Claims};
use bytes::Bytes;
use rusqlite::{Row, params};
use std::time::Duration;

/// The most leases that one call gives.
const CLAIM_MAX: usize = 1_024;
/// How many deliveries that can't go one call may look at, beside those that it leases.
const LOOK_AHEAD: usize = 256;

pub(super) fn claim_due(
    tx: &Tx<'_>,
    destination: &DestinationName,
    limit: usize,
    lease: Duration,
) -> Result<Claims, Fault> {
    let more_expired = leases::expire(tx)?;
    let more_parked = clicks::release_more(tx)?;
    let limit = limit.min(CLAIM_MAX);
    let mut claimed = Vec::new();
    let mut looked_at = 0;
    while claimed.len() < limit
        && looked_at < limit + LOOK_AHEAD
        && let Some(due) = Due::first(tx, destination)?
    {
        looked_at += 1;
        claimed.extend(due.claim(tx, lease)?);
    }
    let next_due_at = next_due_at(tx, destination)?;
    let more = more_expired || more_parked || next_due_at.is_some_and(|at| at <= tx.now);
    Ok(Claims {
        claimed,
        next_due_at: next_due_at.filter(|_| !more),
        more,
        blocked: line::any_waits(tx, destination.as_str())?,
    })
}

fn next_due_at(tx: &Tx<'_>, destination: &DestinationName) -> Result<Option<Timestamp>, Fault> {
    tx.first(
        "SELECT due_at FROM deliveries
         WHERE destination = ?1 AND state = 'pending' AND waits_for IS NULL
         ORDER BY due_at LIMIT 1",
        [destination.as_str()],
        |row| rows::timestamp(row, "due_at"),
    )
}

/// A delivery that is due.
struct Due<'a> {
    destination: &'a DestinationName,
    number: i64,
    id: DeliveryId,
    event: EventId,
    source: SourceName,
    mapping_version: String,
    rule: RuleName,
    customer: Key,
    pair: Key,
    once_ms: Option<i64>,
    has_click: bool,
    deferred: bool,
    attempts: u32,
    spent: Duration,
    body: Bytes,
}

impl<'a> Due<'a> {
    fn first(tx: &Tx<'_>, destination: &'a DestinationName) -> Result<Option<Self>, Fault> {
        tx.first(
            "SELECT number, id, event_id, source, mapping_version, rule, customer, pair, once_ms,
                 has_click, deferred, attempts, spent_ms, body
             FROM deliveries
             WHERE destination = ?1 AND state = 'pending' AND waits_for IS NULL AND due_at <= ?2
             ORDER BY due_at, number LIMIT 1",
            params![destination.as_str(), tx.now.millis()],
            |row| Self::read(row, destination),
        )
    }

    fn read(row: &Row<'_>, destination: &'a DestinationName) -> rusqlite::Result<Self> {
        Ok(Self {
            destination,
            number: row.get("number")?,
            id: DeliveryId::from_bytes(row.get("id")?),
            event: EventId::from_bytes(row.get("event_id")?),
            source: rows::parsed(row, "source")?,
            mapping_version: row.get("mapping_version")?,
            rule: rows::parsed(row, "rule")?,
            customer: row.get("customer")?,
            pair: row.get("pair")?,
            once_ms: row.get("once_ms")?,
            has_click: row.get("has_click")?,
            deferred: row.get("deferred")?,
            attempts: row.get("attempts")?,
            spent: rows::duration(row, "spent_ms")?,
            body: row.get::<_, Vec<u8>>("body")?.into(),
        })
    }

    fn line(&self) -> Line<'a> {
        let destination = self.destination.as_str();
        Line { destination, customer: self.customer, pair: self.pair }
    }

    /// Leases it, if it may go.
    fn claim(self, tx: &Tx<'_>, lease: Duration) -> Result<Option<Claimed>, Fault> {
        let line = self.line();
        let rule = tx.keys.rule(self.event, &self.rule);
        if ledger::holds_back(tx, &line, &rule, self.once_ms)? {
            self.settle_as_recorded_before(tx)?;
            return Ok(None);
        }
        let turn = turn(tx, &line, self.has_click, self.number)?;
        if turn != Turn::Go {
            line::wait(tx, &line, turn, self.number)?;
            return Ok(None);
        }
        let forgotten = self.attempts > 0 && !self.deferred && attempts::is_forgotten(tx, self.id)?;
        let (token, history) = attempts::start(tx, self.id, &line)?;
        tx.execute(
            "UPDATE deliveries SET state = 'leased', due_at = NULL, lease = ?2, leased_until = ?3
             WHERE number = ?1",
            params![self.number, token.as_bytes(), tx.now.plus(lease).millis()],
        )?;
        Ok(Some(self.claimed(token, history, forgotten)))
    }

    fn settle_as_recorded_before(&self, tx: &Tx<'_>) -> Result<(), Fault> {
        tx.execute(
            "UPDATE deliveries SET state = 'recorded_before', due_at = NULL, reasons = ?2
             WHERE number = ?1",
            params![self.number, reasons_to_text(&[Reason::new(Code::RecordedBefore)])],
        )?;
        line::release(tx, &self.line())
    }

    fn claimed(self, token: LeaseToken, history: History, forgotten: bool) -> Claimed {
        Claimed {
            delivery: self.id,
            event: self.event,
            source: self.source,
            mapping_version: self.mapping_version,
            destination: self.destination.clone(),
            lease: token,
            attempt: token,
            attempt_number: self.attempts.saturating_add(1),
            spent: self.spent,
            deferred: self.deferred,
            body: self.body,
            history,
            forgotten,
        }
    }
}
