//! Retention: old events go, with their deliveries and attempts. What is known of them for good,
//! the ledger and the keys of events, stays.

use super::attempts::DESTINATION_MEMORY;
use super::fault::Fault;
use super::rejections;
use super::rows::millis;
use super::tx::Tx;
use crate::model::{EventId, Timestamp};
use crate::store::Purged;
use rusqlite::{Connection, params};

/// The most events that one call removes, so that recordings never wait long behind it.
const PURGE_MAX: usize = 1_000;

/// Whether an event may go: nothing more will happen to it, and no attempt of it is young enough
/// to give an answer of today its meaning.
const MAY_GO: &str = "NOT EXISTS (
    SELECT 1 FROM deliveries LEFT JOIN attempts ON attempts.delivery_id = deliveries.id
    WHERE deliveries.event_id = events.id
        AND (deliveries.state IN ('parked', 'pending', 'leased')
            OR ifnull(attempts.ended_at, attempts.started_at) > ?2))";

/// The oldest events that may go. To be called outside the writer: where much waits, this may
/// pass over many.
pub(super) fn candidates(
    db: &Connection,
    now: Timestamp,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<EventId>, Fault> {
    let sql = format!(
        "SELECT id FROM events WHERE received_at < ?1 AND {MAY_GO} ORDER BY received_at LIMIT ?3"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(
        params![before.millis(), remembered_since(now), limit.min(PURGE_MAX) as i64],
        |row| row.get(0).map(EventId::from_bytes),
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Removes those of `candidates` that still may go, up to `limit` rejections from before `before`,
/// and up to `limit` expired keys.
pub(super) fn purge(
    tx: &Tx<'_>,
    candidates: &[EventId],
    before: Timestamp,
    limit: usize,
) -> Result<Purged, Fault> {
    let rejections = rejections::purge(tx, before, limit.min(PURGE_MAX))?;
    let mut purged = Purged { rejections, ..Purged::default() };
    for event in candidates {
        purged.events += u64::from(remove(tx, *event)?);
    }
    let keys = tx.execute(
        "DELETE FROM event_keys WHERE key IN (
             SELECT key FROM event_keys WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
        params![tx.now.millis(), limit.min(PURGE_MAX) as i64],
    )?;
    purged.keys = keys as u64;
    Ok(purged)
}

fn remove(tx: &Tx<'_>, event: EventId) -> Result<bool, Fault> {
    let id = event.as_bytes();
    let sql = format!("SELECT request_id FROM events WHERE id = ?1 AND {MAY_GO}");
    let found = tx.first(&sql, params![id, remembered_since(tx.now)], |row| {
        row.get::<_, Option<[u8; 16]>>(0)
    })?;
    let Some(request) = found else { return Ok(false) };
    tx.execute(
        "DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE event_id = ?1)",
        [id],
    )?;
    tx.execute("DELETE FROM deliveries WHERE event_id = ?1", [id])?;
    tx.execute("DELETE FROM events WHERE id = ?1", [id])?;
    if let Some(request) = request {
        tx.execute(
            "DELETE FROM requests WHERE id = ?1
                 AND NOT EXISTS (SELECT 1 FROM events WHERE request_id = ?1)",
            [request],
        )?;
    }
    Ok(true)
}

fn remembered_since(now: Timestamp) -> i64 {
    now.millis().saturating_sub(millis(DESTINATION_MEMORY))
}
