//! Clicks that events told, by customer, and the leads that are parked for them.
//!
//! A parked lead is in nobody's way: leads without a click id wait for earlier unfinished ones of
//! their customer, but a parked one may never go. When its click comes it takes the place that it
//! has in the order of creation.
//!
//! Absent here: which events tell of clicks. A recording without clicks and parked leads asks
//! nothing of this module.

use super::fault::Fault;
use super::keys::Key;
use super::ledger;
use super::line::Line;
use super::rows::{self, millis, reasons_to_text};
use super::tx::Tx;
use crate::diagnostic::Code;
use crate::model::{Click, EventId, Reason, RuleName, Timestamp, body_with_click};
use crate::store::{CLICK_MEMORY, Expired};
use rusqlite::{Row, params};

/// The most parked leads that one write makes due; claims go on with the rest.
const RELEASE_MAX: usize = 256;
/// The most rows of a kind that one call expires, so that recordings never wait long behind it.
const EXPIRE_MAX: usize = 1_000;
const WAITED: &str = "waited 30 days for one";

/// Remembers the clicks of an event that was received at `at`, and makes due what was parked for
/// them. Answers whether something is due now.
pub(super) fn learn(tx: &Tx<'_>, clicks: &[Click], at: Timestamp) -> Result<bool, Fault> {
    if at.millis() <= remembered_since(tx) {
        return Ok(false);
    }
    for click in clicks {
        tx.execute(
            "INSERT INTO clicks (customer, click_id, learnt_at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET click_id = excluded.click_id,
                 learnt_at = excluded.learnt_at
             WHERE excluded.learnt_at >= clicks.learnt_at",
            params![tx.keys.customer(&click.customer), click.click_id, at.millis()],
        )?;
    }
    let mut due = false;
    for click in clicks {
        let customer = tx.keys.customer(&click.customer);
        // Not always this one: an event that is mapped again may be older than what is known.
        if let Some(newest) = recall(tx, &customer)? {
            due |= release(tx, &customer, &newest)?;
        }
    }
    Ok(due)
}

/// The click that brought a customer, while it is remembered.
pub(super) fn recall(tx: &Tx<'_>, customer: &Key) -> Result<Option<String>, Fault> {
    tx.first(
        "SELECT click_id FROM clicks WHERE customer = ?1 AND learnt_at > ?2",
        params![customer, remembered_since(tx)],
        |row| row.get("click_id"),
    )
}

/// Goes on where an earlier write found more parked leads than it could make due. Answers whether
/// there may be still more.
pub(super) fn release_more(tx: &Tx<'_>) -> Result<bool, Fault> {
    let unreleased = tx.first(
        "SELECT customer, click_id FROM clicks WHERE unreleased = 1 LIMIT 1",
        [],
        |row| Ok((row.get("customer")?, row.get::<_, String>("click_id")?)),
    )?;
    let Some((customer, click_id)) = unreleased else { return Ok(false) };
    release(tx, &customer, &click_id)?;
    Ok(true)
}

/// Ends the wait of leads that were parked too long ago, and forgets clicks of that age.
pub(super) fn expire(tx: &Tx<'_>, limit: usize) -> Result<Expired, Fault> {
    let limit = limit.min(EXPIRE_MAX) as i64;
    let reason = reasons_to_text(&[Reason::new(Code::NoClickId).detail(WAITED)]);
    let parked = tx.execute(
        "UPDATE deliveries SET state = 'skipped', reasons = ?3, body = NULL
         WHERE number IN (
             SELECT number FROM deliveries WHERE state = 'parked' AND created_at <= ?1
             ORDER BY created_at LIMIT ?2)",
        params![remembered_since(tx), limit, reason],
    )?;
    let clicks = tx.execute(
        "DELETE FROM clicks WHERE customer IN (
             SELECT customer FROM clicks WHERE learnt_at <= ?1 AND unreleased = 0
             ORDER BY learnt_at LIMIT ?2)",
        params![remembered_since(tx), limit],
    )?;
    Ok(Expired { parked: parked as u64, clicks: clicks as u64 })
}

/// A click or a parked lead of this moment or before it is too old.
fn remembered_since(tx: &Tx<'_>) -> i64 {
    tx.now.millis().saturating_sub(millis(CLICK_MEMORY))
}

/// Makes parked leads of a customer due, oldest first. Answers whether there was one.
fn release(tx: &Tx<'_>, customer: &Key, click_id: &str) -> Result<bool, Fault> {
    let parked = tx.all(
        "SELECT number, event_id, rule, destination, customer, pair, once_ms, body
         FROM deliveries WHERE customer = ?1 AND state = 'parked' ORDER BY number LIMIT ?2",
        params![customer, RELEASE_MAX as i64],
        Parked::read,
    )?;
    let mut due = false;
    for lead in &parked {
        due |= lead.release(tx, click_id)?;
    }
    tx.execute(
        "UPDATE clicks SET unreleased = ?2 WHERE customer = ?1 AND unreleased != ?2",
        params![customer, parked.len() == RELEASE_MAX],
    )?;
    Ok(due)
}

/// A lead that is parked.
struct Parked {
    number: i64,
    event: EventId,
    rule: RuleName,
    destination: String,
    customer: Key,
    pair: Key,
    once_ms: Option<i64>,
    body: Vec<u8>,
}

impl Parked {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get("number")?,
            event: EventId::from_bytes(row.get("event_id")?),
            rule: rows::parsed(row, "rule")?,
            destination: row.get("destination")?,
            customer: row.get("customer")?,
            pair: row.get("pair")?,
            once_ms: row.get("once_ms")?,
            body: row.get("body")?,
        })
    }

    /// Fixes its bytes and makes it due, unless the ledger has it by now. Answers whether it is.
    fn release(&self, tx: &Tx<'_>, click_id: &str) -> Result<bool, Fault> {
        let (destination, customer, pair) = (&*self.destination, self.customer, self.pair);
        let rule = tx.keys.rule(self.event, &self.rule);
        if ledger::holds_back(tx, &Line { destination, customer, pair }, &rule, self.once_ms)? {
            tx.execute(
                "UPDATE deliveries SET state = 'recorded_before', reasons = ?2 WHERE number = ?1",
                params![self.number, reasons_to_text(&[Reason::new(Code::RecordedBefore)])],
            )?;
            return Ok(false);
        }
        tx.execute(
            "UPDATE deliveries SET state = 'pending', reasons = NULL, due_at = ?2, has_click = 1,
                 body = ?3
             WHERE number = ?1",
            params![self.number, tx.now.millis(), &body_with_click(&self.body, click_id)[..]],
        )?;
        Ok(true)
    }
}
