//! What the store notes beside events: its secret, the sources and their mappings, and whether it
//! can be written at all.

use super::fault::Fault;
use super::keys::{Secret, new_secret};
use super::tx::Tx;
use crate::model::{SourceName, Timestamp};
use crate::store::MappingText;
use rusqlite::{Connection, OptionalExtension, params};

/// As much as a large event takes: a probe must fail where that would.
const PROBE_BYTES: i64 = 64 * 1_024;

/// The secret of this installation, made when it is first asked for. It must never change: the
/// keys of all that is known are made with it.
pub(super) fn secret(db: &Connection, now: Timestamp) -> Result<Secret, Fault> {
    let find = || {
        db.query_row("SELECT secret FROM installation", [], |row| row.get::<_, Secret>(0))
            .optional()
    };
    if let Some(secret) = find()? {
        return Ok(secret);
    }
    let secret = new_secret();
    db.execute(
        "INSERT INTO installation (one, secret, created_at) VALUES (1, ?1, ?2)",
        params![secret, now.millis()],
    )?;
    Ok(secret)
}

pub(super) fn remember(
    tx: &Tx<'_>,
    sources: &[SourceName],
    mappings: &[MappingText],
) -> Result<(), Fault> {
    for source in sources {
        tx.execute(
            "INSERT INTO sources (name, created_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![source.as_str(), tx.now.millis()],
        )?;
    }
    for mapping in mappings {
        let MappingText { source, version, text } = mapping;
        tx.execute(
            "INSERT INTO mappings (source, version, text, noted_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET noted_at = excluded.noted_at",
            params![source.as_str(), version, text, tx.now.millis()],
        )?;
        tx.execute(
            "INSERT INTO last_good (source, version, text) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET version = excluded.version, text = excluded.text",
            params![source.as_str(), version, text],
        )?;
    }
    Ok(())
}

/// Takes the room of an event and gives it back, so that the commit has something to flush.
pub(super) fn probe(tx: &Tx<'_>) -> Result<(), Fault> {
    tx.execute("INSERT INTO probes (filler) VALUES (zeroblob(?1))", [PROBE_BYTES])?;
    tx.execute("DELETE FROM probes", [])?;
    Ok(())
}
