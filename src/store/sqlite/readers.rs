//! A few connections that only read, beside the writer and never in its way.

use super::fault::Fault;
use crate::store::StoreError;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(super) struct Readers {
    /// As many as there are permits, but for those in use.
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    count: u32,
}

/// A connection in use. It goes back when dropped, also when a read panics.
struct Borrowed {
    readers: Arc<Readers>,
    db: Option<Connection>,
    _permit: OwnedSemaphorePermit,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Arc<Self> {
        let count = u32::try_from(connections.len()).expect("a handful");
        let permits = Arc::new(Semaphore::new(connections.len()));
        Arc::new(Self { idle: Mutex::new(connections), permits, count })
    }

    /// Runs `work` on a thread that may block, in one read transaction: all that it reads is of
    /// the same moment.
    pub(super) async fn read<T, F>(self: &Arc<Self>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        let db = self.idle().pop();
        let borrowed = Borrowed { readers: Arc::clone(self), db, _permit: permit };
        let read = move || {
            let db = borrowed.db.as_ref().ok_or_else(closed)?;
            let moment = db.unchecked_transaction().map_err(Fault::from)?;
            Ok(work(&moment)?)
        };
        let failed = |_| Err(StoreError::Unavailable("a read failed".to_owned()));
        tokio::task::spawn_blocking(read).await.unwrap_or_else(failed)
    }

    /// Waits for reads under way and closes the connections; later reads are refused.
    pub(super) async fn close(&self) {
        if let Ok(all) = self.permits.acquire_many(self.count).await {
            self.permits.close();
            self.idle().clear();
            drop(all);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        self.readers.idle().extend(self.db.take());
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}
