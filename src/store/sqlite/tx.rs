//! One write inside a transaction: what it may use.

use super::fault::Fault;
use super::keys::Keys;
use super::open;
use crate::model::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row};

/// A transaction under way. Whoever holds it neither begins nor ends it: that is the writer's.
pub(super) struct Tx<'a> {
    db: &'a Connection,
    pub(super) keys: &'a Keys,
    /// One moment for all that is written together.
    pub(super) now: Timestamp,
}

impl<'a> Tx<'a> {
    pub(super) fn new(db: &'a Connection, keys: &'a Keys, now: Timestamp) -> Self {
        Self { db, keys, now }
    }

    /// How many rows changed.
    pub(super) fn execute(&self, sql: &str, params: impl Params) -> Result<usize, Fault> {
        Ok(self.db.prepare_cached(sql)?.execute(params)?)
    }

    /// The first row, if there is one.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Fault> {
        Ok(self.db.prepare_cached(sql)?.query_row(params, read).optional()?)
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Fault> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether there is a row.
    pub(super) fn exists(&self, sql: &str, params: impl Params) -> Result<bool, Fault> {
        Ok(self.db.prepare_cached(sql)?.exists(params)?)
    }

    /// Changes how far the database may grow. Holds at once and whatever becomes of the
    /// transaction.
    pub(super) fn limit_pages(&self, pages_max: Option<u32>) -> Result<(), Fault> {
        open::limit_pages(self.db, pages_max)
    }
}
