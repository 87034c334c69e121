//! Attempts: begun before the destination is asked, ended with what came of it, and read as the
//! history that gives later answers their meaning.

use super::fault::Fault;
use super::ledger;
use super::line::Line;
use super::rows::{self, millis};
use super::tx::Tx;
use crate::diagnostic::Code;
use crate::model::{Attempt, AttemptId, DeliveryId, Effect, History, LeaseToken, Timestamp};
use rusqlite::params;
use std::time::Duration;

/// How long the destination remembers that it has seen a customer and event name ("Dub API
/// reference, Track a lead").
pub(super) const DESTINATION_MEMORY: Duration = Duration::from_secs(7 * 86_400);

/// Writes an attempt as started. Its id is the token of the lease.
pub(super) fn start(
    tx: &Tx<'_>,
    delivery: DeliveryId,
    line: &Line<'_>,
) -> Result<(LeaseToken, History), Fault> {
    let history = history(tx, line)?;
    let attempt = AttemptId::new(tx.now);
    tx.execute(
        "INSERT INTO attempts (delivery_id, id, destination, pair, started_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            delivery.as_bytes(),
            attempt.as_bytes(),
            line.destination,
            line.pair,
            tx.now.millis()
        ],
    )?;
    Ok((attempt, history))
}

/// Writes what came of an attempt, over what was assumed before if it comes late.
pub(super) fn end(
    tx: &Tx<'_>,
    delivery: DeliveryId,
    token: LeaseToken,
    attempt: &Attempt,
    late: bool,
) -> Result<(), Fault> {
    tx.execute(
        "UPDATE attempts SET ended_at = ?3, status = ?4, destination_code = ?5, effect = ?6,
             outcome = ?7, late = ?8
         WHERE delivery_id = ?1 AND id = ?2",
        params![
            delivery.as_bytes(),
            token.as_bytes(),
            attempt.ended_at.millis(),
            attempt.status,
            attempt.destination_code,
            attempt.effect.as_str(),
            attempt.outcome.name(),
            late
        ],
    )?;
    Ok(())
}

/// Ends an attempt of which nobody will tell. Returns how long it had been under way at `ended_at`.
pub(super) fn lose(
    tx: &Tx<'_>,
    delivery: DeliveryId,
    token: LeaseToken,
    ended_at: Timestamp,
) -> Result<Duration, Fault> {
    let lost = Attempt {
        ended_at,
        status: None,
        destination_code: None,
        effect: Effect::Unknown,
        outcome: Code::AnswerLost,
    };
    end(tx, delivery, token, &lost, false)?;
    let started_at = tx.first(
        "SELECT started_at FROM attempts WHERE delivery_id = ?1 AND id = ?2",
        params![delivery.as_bytes(), token.as_bytes()],
        |row| rows::timestamp(row, "started_at"),
    )?;
    Ok(started_at.map_or(Duration::ZERO, |started_at| ended_at.since(started_at)))
}

/// Removes an attempt that was never made.
pub(super) fn remove(tx: &Tx<'_>, delivery: DeliveryId, token: LeaseToken) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM attempts WHERE delivery_id = ?1 AND id = ?2",
        params![delivery.as_bytes(), token.as_bytes()],
    )?;
    Ok(())
}

/// Whether an attempt of the delivery may have recorded it before the destination's memory begins.
pub(super) fn is_forgotten(tx: &Tx<'_>, delivery: DeliveryId) -> Result<bool, Fault> {
    let remembered_since = tx.now.millis().saturating_sub(millis(DESTINATION_MEMORY));
    tx.exists(
        "SELECT 1 FROM attempts
         WHERE delivery_id = ?1 AND effect = 'unknown' AND started_at <= ?2",
        params![delivery.as_bytes(), remembered_since],
    )
}

/// What earlier attempts of the same customer and event name may have left at the destination.
fn history(tx: &Tx<'_>, line: &Line<'_>) -> Result<History, Fault> {
    let remembered_since = tx.now.millis().saturating_sub(millis(DESTINATION_MEMORY));
    let (marked, unknown) = tx
        .first(
            "SELECT ifnull(max(effect = 'marked' AND ended_at > ?3), 0),
                    ifnull(max(effect = 'unknown'), 0)
             FROM attempts
             WHERE destination = ?1 AND pair = ?2 AND effect IN ('marked', 'unknown')",
            params![line.destination, line.pair, remembered_since],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .unwrap_or_default();
    // An older recording is no reason for an answer of today: the destination has forgotten it.
    let recorded = ledger::has_since(tx, line.destination, &line.pair, remembered_since)?;
    Ok(History { recorded, marked, unknown })
}
