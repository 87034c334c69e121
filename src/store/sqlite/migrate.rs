//! Numbered migrations, applied in order when a store is opened.
//!
//! A file of `migrations/` never changes once released; its number is the schema's version after
//! it. A newer schema than this program knows is refused, because writing to it by old rules could
//! break what the newer rules rely on.

use super::fault::Fault;
use super::open::OpenError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_events_and_deliveries.sql"),
    include_str!("migrations/0002_clicks.sql"),
    include_str!("migrations/0003_last_good.sql"),
    include_str!("migrations/0004_events_of_source.sql"),
    include_str!("migrations/0005_rejections.sql"),
];

/// Marks the file as ours: the letters `lead`.
const APPLICATION_ID: i32 = 0x6c65_6164;

/// Refuses what must not be written to, before anything is.
pub(super) fn check(db: &Connection, path: &Path) -> Result<(), OpenError> {
    let path = path.to_owned();
    let read = || -> Result<(i32, i32, i32), Fault> {
        let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get(0));
        Ok((number("application_id")?, number("user_version")?, number("schema_version")?))
    };
    match read() {
        // No table was ever made in it.
        Ok((0, 0, 0)) => Ok(()),
        Ok((APPLICATION_ID, found, _)) if found <= known() => Ok(()),
        Ok((APPLICATION_ID, found, _)) => Err(OpenError::Newer { path, found, known: known() }),
        Ok(_) => Err(OpenError::Foreign { path }),
        Err(fault) => Err(OpenError::Unusable { path, reason: fault.to_string() }),
    }
}

/// Refuses what can't be read as it is: everything but this version's own schema.
pub(super) fn check_current(db: &Connection, path: &Path) -> Result<(), OpenError> {
    check(db, path)?;
    let version = db.pragma_query_value(None, "user_version", |row| row.get(0));
    match version.map_err(Fault::from) {
        Ok(found) if found == known() => Ok(()),
        Ok(found) => Err(OpenError::Older { path: path.to_owned(), found, known: known() }),
        Err(fault) => Err(OpenError::Unusable { path: path.to_owned(), reason: fault.to_string() }),
    }
}

/// Brings the schema to this version, each step in a transaction of its own.
pub(super) fn migrate(db: &mut Connection) -> Result<(), Fault> {
    let done: i32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (version, migration) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > done) {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

fn known() -> i32 {
    i32::try_from(MIGRATIONS.len()).expect("a few")
}
