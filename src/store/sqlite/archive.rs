//! A database opened for reading alone, also while a service owns it: for commands that look at
//! what was.

use super::open::{self, OpenError};
use super::read::{self, Standing};
use super::{fault::Fault, migrate, rejections};
use crate::model::{EventId, RejectionId, SourceName, Timestamp};
use crate::store::{RejectionQuery, StoreError, StoredEvent, StoredRejection};
use rusqlite::Connection;
use std::ops::ControlFlow;
use std::path::Path;

/// How many events are read in one transaction: a long one would keep the owner's log from being
/// written back.
const EVENTS_AT_ONCE: usize = 64;

/// What a store holds, without the right to change it.
pub struct Archive {
    db: Connection,
}

impl Archive {
    /// Opens the store at `path`, which must be there and of this version's schema.
    ///
    /// # Errors
    /// Where the file can't be read, or was last written by an older or newer version.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let path = std::fs::canonicalize(path)
            .map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        let db = open::reader(&path)?;
        migrate::check_current(&db, &path)?;
        Ok(Self { db })
    }

    /// An event with its deliveries.
    ///
    /// # Errors
    /// Where the database can't be read.
    pub fn event(&self, id: EventId) -> Result<Option<StoredEvent>, StoreError> {
        Ok(read::event(&self.db, id)?)
    }

    /// A rejection with its body.
    ///
    /// # Errors
    /// Where the database can't be read.
    pub fn rejection(&self, id: RejectionId) -> Result<Option<StoredRejection>, StoreError> {
        Ok(rejections::find(&self.db, id)?)
    }

    /// Rejections without their bodies, newest first.
    ///
    /// # Errors
    /// Where the database can't be read.
    pub fn rejections(&self, query: &RejectionQuery) -> Result<Vec<StoredRejection>, StoreError> {
        Ok(rejections::list(&self.db, query)?)
    }

    /// Hands every event of `source` (of every source where it is `None`) that was received at
    /// `since` or later to `visit`, oldest first, until that breaks.
    ///
    /// # Errors
    /// Where the database can't be read.
    pub fn events(
        &self,
        source: Option<&SourceName>,
        since: Timestamp,
        mut visit: impl FnMut(StoredEvent) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut after = (since.millis(), i64::MIN);
        loop {
            let page = self.page(source, after)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = *last;
            for (_, event) in page {
                if visit(event).is_break() {
                    return Ok(());
                }
            }
        }
    }

    /// When the oldest of the `count` newest events of `source` was received; of all of them where
    /// there are fewer, and nothing where there are none.
    ///
    /// # Errors
    /// Where the database can't be read.
    pub fn since_newest(
        &self,
        source: &SourceName,
        count: usize,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(read::since_newest(&self.db, source, count)?)
    }

    fn page(
        &self,
        source: Option<&SourceName>,
        after: Standing,
    ) -> Result<Vec<(Standing, StoredEvent)>, Fault> {
        let moment = self.db.unchecked_transaction()?;
        read::events_after(&moment, source, after, EVENTS_AT_ONCE)
    }
}
