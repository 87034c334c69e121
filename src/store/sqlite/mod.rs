//! The embedded store: SQLite in one file, owned by one process.
//!
//! All writes go through one thread that commits them in groups (`writer`); reads go beside it on
//! connections of their own (`readers`). Each verb is a function of its own file that runs inside
//! the transaction of a group and neither begins nor ends it.
//!
//! What it relies on: the write-ahead log with `synchronous=FULL`, so that a commit is on disk
//! before it is answered; a lock on a file beside the database, so that whatever lease is found
//! when the store is opened belonged to a process that is dead.
//!
//! Absent here: waking anyone up, and every rule about what a lead or an answer means.

mod archive;
mod attempts;
mod claim;
mod clicks;
mod conclude;
mod deliveries;
mod events;
mod fault;
mod keys;
mod leases;
mod ledger;
mod line;
mod migrate;
mod notes;
mod open;
mod purge;
mod read;
mod readers;
mod record;
mod rejections;
mod rows;
#[cfg(test)]
mod tests;
mod tx;
mod writer;

use crate::clock::Clock;
use crate::model::{
    Applied, DeliveryId, DeliveryState, DestinationName, EventId, LeaseToken, RejectionId,
    SourceName, Timestamp,
};
use crate::store::{
    Answer, Claims, Concluded, Conclusion, Expired, MappingText, Purged, Recorded, Recording,
    Rejection, RejectionQuery, StoreError, StoredEvent, StoredRejection,
};
use fault::Fault;
use keys::Keys;
use readers::Readers;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tx::Tx;
use writer::{Desk, Writer};

pub use archive::Archive;
pub use open::OpenError;

/// How many reads can be under way at a time.
const READERS: usize = 2;

/// How a store is to behave.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The most writes that wait; more are refused as [`StoreError::Overloaded`].
    pub queue: usize,
    /// About how many events or other writes are committed together at the most.
    pub group_max: usize,
    /// The most pages of 8 KiB that the database may take on disk; `None` is no limit.
    pub pages_max: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue: 4_096, group_max: 256, pages_max: None }
    }
}

/// The store in one SQLite file.
pub struct Store {
    readers: Arc<Readers>,
    writer: Writer,
    clock: Arc<dyn Clock>,
}

impl Store {
    /// Opens the store at `path`, makes it where there is none (for its owner alone, `0600`), and
    /// ends the leases that a dead process has left.
    ///
    /// # Errors
    /// Where the file can't be used, belongs to another process, or is of a newer version.
    pub fn open(path: &Path, options: Options, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let path = open::create(path)?;
        let lock = open::lock(&path)?;
        let db = open::writer(&path, options.pages_max)?;
        let keys = begin(&db, clock.as_ref()).map_err(|fault| OpenError::Unusable {
            path: path.clone(),
            reason: fault.to_string(),
        })?;
        let readers = (0..READERS).map(|_| open::reader(&path)).collect::<Result<_, _>>()?;
        let desk =
            Desk { db, keys, clock: Arc::clone(&clock), group_max: options.group_max, _lock: lock };
        let writer = Writer::start(desk, options.queue)
            .map_err(|source| OpenError::File { path, source })?;
        Ok(Self { readers: Readers::new(readers), writer, clock })
    }

    /// Changes [`Options::pages_max`] while the store is open. The limit can't go below what the
    /// database has taken already.
    ///
    /// # Errors
    /// Where the store is closed or overloaded.
    pub async fn set_pages_max(&self, pages_max: Option<u32>) -> Result<(), StoreError> {
        self.writer.write(1, move |tx| tx.limit_pages(pages_max)).await
    }

    fn write<T, F>(&self, weight: usize, work: F) -> Answer<'_, T>
    where
        T: Send + 'static,
        F: FnMut(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        Box::pin(self.writer.write(weight, work))
    }

    fn read<T, F>(&self, work: F) -> Answer<'_, T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        Box::pin(self.readers.read(work))
    }
}

/// What is to be done before anyone else looks.
fn begin(db: &Connection, clock: &dyn Clock) -> Result<Keys, Fault> {
    let transaction = db.unchecked_transaction()?;
    let keys = Keys::new(&notes::secret(&transaction, clock.now())?);
    leases::lose_all(&Tx::new(&transaction, &keys, clock.now()))?;
    transaction.commit()?;
    Ok(keys)
}

impl super::Store for Store {
    fn record(&self, recording: Recording) -> Answer<'_, Recorded> {
        self.write(recording.events.len(), move |tx| record::record(tx, &recording))
    }

    fn remap(&self, event: EventId, mapping_version: String, applied: Applied) -> Answer<'_, bool> {
        let rows = applied.outcomes.len() + applied.clicks.len();
        self.write(rows, move |tx| events::remap(tx, event, &mapping_version, &applied))
    }

    fn claim_due(
        &self,
        destination: DestinationName,
        limit: usize,
        lease: Duration,
    ) -> Answer<'_, Claims> {
        self.write(limit, move |tx| claim::claim_due(tx, &destination, limit, lease))
    }

    fn conclude(&self, conclusion: Conclusion) -> Answer<'_, Concluded> {
        self.write(1, move |tx| conclude::conclude(tx, &conclusion))
    }

    fn give_back(&self, leases: Vec<(DeliveryId, LeaseToken)>) -> Answer<'_, ()> {
        let rows = leases.len();
        self.write(rows, move |tx| leases::give_back(tx, &leases))
    }

    fn event(&self, event: EventId) -> Answer<'_, Option<StoredEvent>> {
        self.read(move |db| read::event(db, event))
    }

    fn newest_events(&self, limit: usize) -> Answer<'_, Vec<StoredEvent>> {
        self.read(move |db| read::newest_events(db, limit))
    }

    fn count_by_state(&self) -> Answer<'_, Vec<(DeliveryState, u64)>> {
        self.read(read::count_by_state)
    }

    fn remember(&self, sources: Vec<SourceName>, mappings: Vec<MappingText>) -> Answer<'_, ()> {
        let rows = sources.len() + mappings.len();
        self.write(rows, move |tx| notes::remember(tx, &sources, &mappings))
    }

    fn known_sources(&self) -> Answer<'_, Vec<SourceName>> {
        self.read(read::known_sources)
    }

    fn last_good(&self) -> Answer<'_, Vec<MappingText>> {
        self.read(read::last_good)
    }

    fn reject(&self, rejection: Rejection) -> Answer<'_, RejectionId> {
        self.write(1, move |tx| rejections::keep(tx, &rejection))
    }

    fn rejection(&self, id: RejectionId) -> Answer<'_, Option<StoredRejection>> {
        self.read(move |db| rejections::find(db, id))
    }

    fn rejections(&self, query: RejectionQuery) -> Answer<'_, Vec<StoredRejection>> {
        self.read(move |db| rejections::list(db, &query))
    }

    fn purge(&self, before: Timestamp, limit: usize) -> Answer<'_, Purged> {
        Box::pin(async move {
            let now = self.clock.now();
            let candidates =
                self.readers.read(move |db| purge::candidates(db, now, before, limit)).await?;
            let rows = candidates.len();
            self.writer.write(rows, move |tx| purge::purge(tx, &candidates, before, limit)).await
        })
    }

    fn expire(&self, limit: usize) -> Answer<'_, Expired> {
        self.write(limit, move |tx| clicks::expire(tx, limit))
    }

    fn probe(&self) -> Answer<'_, ()> {
        self.write(1, notes::probe)
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.readers.close().await;
            if let Some(thread) = self.writer.stop() {
                // Joining blocks until the queue is empty, so not on this thread.
                let _ = tokio::task::spawn_blocking(move || thread.join()).await;
            }
            Ok(())
        })
    }
}
