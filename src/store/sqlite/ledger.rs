//! The ledger: what has been recorded at a destination, for good.
//!
//! Two entries per recorded lead: customer and event name, which is what the destination compares,
//! and event and rule, by which a replay is known even after the event name was changed. Entries
//! refer to no row of another table, so that removing events opens nothing again.

use super::fault::Fault;
use super::keys::Key;
use super::line::Line;
use super::rows::millis;
use super::tx::Tx;
use crate::model::{Once, Timestamp};
use rusqlite::params;

/// How [`Once`] is stored: entries younger than this hold a lead back, `None` is all of them.
pub(super) fn once_ms(once: Once) -> Option<i64> {
    match once {
        Once::Forever => None,
        Once::For(duration) => Some(millis(duration)),
        Once::Event => Some(0),
    }
}

/// Whether a lead must not be sent: its event and rule were recorded before, or its customer and
/// event name within the time for which the rule wants them once.
pub(super) fn holds_back(
    tx: &Tx<'_>,
    line: &Line<'_>,
    rule: &Key,
    once_ms: Option<i64>,
) -> Result<bool, Fault> {
    let since = once_ms.map_or(i64::MIN, |once| tx.now.millis().saturating_sub(once));
    let by_pair = once_ms != Some(0) && has_since(tx, line.destination, &line.pair, since)?;
    Ok(by_pair || has_since(tx, line.destination, rule, i64::MIN)?)
}

/// Notes that a lead is recorded, as of `at`.
pub(super) fn note(tx: &Tx<'_>, line: &Line<'_>, rule: &Key, at: Timestamp) -> Result<(), Fault> {
    for key in [&line.pair, rule] {
        tx.execute(
            "INSERT INTO ledger (destination, key, recorded_at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET recorded_at = max(recorded_at, excluded.recorded_at)",
            params![line.destination, key, at.millis()],
        )?;
    }
    Ok(())
}

/// Whether `key` was recorded after `since`.
pub(super) fn has_since(
    tx: &Tx<'_>,
    destination: &str,
    key: &Key,
    since: i64,
) -> Result<bool, Fault> {
    tx.exists(
        "SELECT 1 FROM ledger WHERE destination = ?1 AND key = ?2 AND recorded_at > ?3",
        params![destination, key, since],
    )
}
