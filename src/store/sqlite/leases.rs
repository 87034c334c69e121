//! Leases that end otherwise than by a conclusion: expired, left by a dead process, given back.

use super::attempts;
use super::fault::Fault;
use super::keys::Key;
use super::line::{self, Line};
use super::rows::{self, millis, reasons_to_text};
use super::tx::Tx;
use crate::diagnostic::Code;
use crate::model::{AttemptId, DeliveryId, LeaseToken, Reason, Timestamp};
use rusqlite::{Row, params};
use std::time::Duration;

/// How many expired leases one claim ends; the next one goes on.
const EXPIRE_MAX: usize = 256;

struct Lease {
    number: i64,
    delivery: DeliveryId,
    token: LeaseToken,
    until: Timestamp,
    destination: String,
    customer: Key,
    pair: Key,
}

/// Ends the leases that have expired. Answers whether there may be more of them.
pub(super) fn expire(tx: &Tx<'_>) -> Result<bool, Fault> {
    let expired = tx.all(
        "SELECT number, id, lease, leased_until, destination, customer, pair FROM deliveries
         WHERE state = 'leased' AND leased_until <= ?1
         ORDER BY leased_until LIMIT ?2",
        params![tx.now.millis(), EXPIRE_MAX as i64],
        Lease::read,
    )?;
    for lease in &expired {
        lease.lose(tx, lease.until)?;
    }
    Ok(expired.len() == EXPIRE_MAX)
}

/// Ends all leases: whoever held them is dead.
pub(super) fn lose_all(tx: &Tx<'_>) -> Result<(), Fault> {
    let all = tx.all(
        "SELECT number, id, lease, leased_until, destination, customer, pair FROM deliveries
         WHERE state = 'leased'",
        [],
        Lease::read,
    )?;
    all.iter().try_for_each(|lease| lease.lose(tx, lease.until.min(tx.now)))
}

/// Takes back leases whose attempts were never made. One that was lost meanwhile is left alone.
pub(super) fn give_back(tx: &Tx<'_>, leases: &[(DeliveryId, LeaseToken)]) -> Result<(), Fault> {
    for (delivery, token) in leases {
        let held = tx.first(
            "SELECT number, id, lease, leased_until, destination, customer, pair FROM deliveries
             WHERE id = ?1 AND state = 'leased' AND lease = ?2",
            params![delivery.as_bytes(), token.as_bytes()],
            Lease::read,
        )?;
        if let Some(lease) = held {
            attempts::remove(tx, *delivery, *token)?;
            lease.make_due(tx, 0, Duration::ZERO, None)?;
        }
    }
    Ok(())
}

impl Lease {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get("number")?,
            delivery: DeliveryId::from_bytes(row.get("id")?),
            token: AttemptId::from_bytes(row.get("lease")?),
            until: rows::timestamp(row, "leased_until")?,
            destination: row.get("destination")?,
            customer: row.get("customer")?,
            pair: row.get("pair")?,
        })
    }

    /// Closes the attempt as lost and makes the delivery due. The attempt counts, and its time is
    /// spent, so that a delivery that takes the process down each time is given up one day.
    fn lose(&self, tx: &Tx<'_>, ended_at: Timestamp) -> Result<(), Fault> {
        let took = attempts::lose(tx, self.delivery, self.token, ended_at)?;
        let reason = reasons_to_text(&[Reason::new(Code::AnswerLost)]);
        self.make_due(tx, 1, took, reason)
    }

    /// `reasons` of `None` leaves those of the last attempt.
    fn make_due(
        &self,
        tx: &Tx<'_>,
        attempts: u32,
        spent: Duration,
        reasons: Option<String>,
    ) -> Result<(), Fault> {
        tx.execute(
            "UPDATE deliveries SET state = 'pending', due_at = ?2, lease = NULL,
                 leased_until = NULL, attempts = attempts + ?3, spent_ms = spent_ms + ?4,
                 reasons = ifnull(?5, reasons)
             WHERE number = ?1",
            params![self.number, tx.now.millis(), attempts, millis(spent), reasons],
        )?;
        let destination = &self.destination;
        line::release(tx, &Line { destination, customer: self.customer, pair: self.pair })
    }
}
