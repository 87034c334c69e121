//! The one thread that writes: it takes what waits, commits it as one group, and answers then.
//!
//! A flush to disk costs the same for one write as for hundreds, so writes that arrive while one
//! is under way share the next. A write that fails must harm no other: the group is rolled back
//! and each write of it runs again alone, which is why a write must be able to run more than once.
//! A commit that fails fails the whole group, and the next group simply tries again: that is how
//! the store recovers by itself once a full disk has room.
//!
//! Absent here: SQL other than that of transactions.

use super::fault::Fault;
use super::keys::Keys;
use super::open::FileLock;
use super::tx::Tx;
use crate::clock::Clock;
use crate::store::StoreError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Where writes are handed in.
pub(super) struct Writer {
    /// `None` once stopped.
    queue: Mutex<Option<SyncSender<Box<dyn Write>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread owns. Fields are dropped in this order: the lock after the database.
pub(super) struct Desk {
    pub(super) db: Connection,
    pub(super) keys: Keys,
    pub(super) clock: Arc<dyn Clock>,
    /// The most rows' worth of writes in one commit.
    pub(super) group_max: usize,
    /// Held, never used.
    pub(super) _lock: FileLock,
}

/// A write that waits for its answer.
trait Write: Send {
    /// How much of a group it takes, from 1.
    fn weight(&self) -> usize;
    /// Can run again after a rollback.
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), Fault>;
    /// Tells whoever asked.
    fn answer(self: Box<Self>, end: Result<(), StoreError>);
}

struct Asked<T, F> {
    weight: usize,
    work: F,
    made: Option<T>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Write for Asked<T, F>
where
    T: Send,
    F: FnMut(&Tx<'_>) -> Result<T, Fault> + Send,
{
    fn weight(&self) -> usize {
        self.weight
    }

    fn run(&mut self, tx: &Tx<'_>) -> Result<(), Fault> {
        self.made = Some((self.work)(tx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, end: Result<(), StoreError>) {
        let Self { made, answer, .. } = *self;
        let not_run = || StoreError::Unavailable("a write was not run".to_owned());
        // Whoever asked may be gone: what was asked for is done all the same.
        let _ = answer.send(end.and_then(|()| made.ok_or_else(not_run)));
    }
}

impl Writer {
    /// Starts the thread. At most `queue_max` writes wait.
    pub(super) fn start(desk: Desk, queue_max: usize) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(queue_max.max(1));
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || desk.serve(&waiting))?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Hands a write in and waits until it is durable. `weight` is about how many rows it writes.
    ///
    /// # Errors
    /// Where nothing of it was written.
    pub(super) async fn write<T, F>(&self, weight: usize, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let asked = Asked { weight: weight.max(1), work, made: None, answer };
        self.enqueue(Box::new(asked))?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    fn enqueue(&self, write: Box<dyn Write>) -> Result<(), StoreError> {
        let queue = lock(&self.queue);
        match queue.as_ref().ok_or_else(stopped)?.try_send(write) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(StoreError::Overloaded),
            Err(TrySendError::Disconnected(_)) => Err(stopped()),
        }
    }

    /// Takes no more writes; the thread ends when those that wait are done. Joining what comes
    /// back waits for that. `None` where it was stopped before.
    pub(super) fn stop(&self) -> Option<JoinHandle<()>> {
        drop(lock(&self.queue).take());
        lock(&self.thread).take()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(thread) = self.stop() {
            // A panic of a write never gets this far, and another one has been printed.
            let _ = thread.join();
        }
    }
}

impl Desk {
    fn serve(self, waiting: &Receiver<Box<dyn Write>>) {
        while let Ok(first) = waiting.recv() {
            let mut weight = first.weight();
            let mut group = vec![first];
            while weight < self.group_max
                && let Ok(next) = waiting.try_recv()
            {
                weight += next.weight();
                group.push(next);
            }
            self.run(group);
        }
    }

    fn run(&self, mut group: Vec<Box<dyn Write>>) {
        match self.attempt(&mut group) {
            Ok(()) => group.into_iter().for_each(|write| write.answer(Ok(()))),
            Err(Failed::Write(_)) if group.len() > 1 => {
                for write in group {
                    self.run(vec![write]);
                }
            }
            Err(Failed::Write(fault) | Failed::Transaction(fault)) => fail(group, fault),
        }
    }

    /// Runs the group in one transaction: all of it is durable, or nothing has changed.
    fn attempt(&self, group: &mut [Box<dyn Write>]) -> Result<(), Failed> {
        let end = self.begin().map_err(Failed::Transaction).and_then(|()| {
            let tx = Tx::new(&self.db, &self.keys, self.clock.now());
            for write in group {
                run_one(write.as_mut(), &tx).map_err(Failed::Write)?;
            }
            self.db.execute_batch("COMMIT").map_err(|error| Failed::Transaction(error.into()))
        });
        if end.is_err() {
            self.roll_back();
        }
        end
    }

    fn begin(&self) -> Result<(), Fault> {
        // A rollback that failed before leaves a transaction behind, which must not be joined.
        self.roll_back();
        Ok(self.db.execute_batch("BEGIN IMMEDIATE")?)
    }

    fn roll_back(&self) {
        // SQLite itself rolls back after some failures (a full disk, mostly).
        if !self.db.is_autocommit()
            && let Err(error) = self.db.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}

enum Failed {
    /// One write of the group; the others may do better without it.
    Write(Fault),
    /// The transaction itself: nothing is to be gained by trying the writes one by one.
    Transaction(Fault),
}

fn run_one(write: &mut dyn Write, tx: &Tx<'_>) -> Result<(), Fault> {
    catch_unwind(AssertUnwindSafe(|| write.run(tx))).unwrap_or(Err(Fault::Panicked))
}

/// Tells all of a group the same.
fn fail(group: Vec<Box<dyn Write>>, fault: Fault) {
    let error = StoreError::from(fault);
    for write in group {
        write.answer(Err(match &error {
            StoreError::Unavailable(why) => StoreError::Unavailable(why.clone()),
            StoreError::Overloaded => StoreError::Overloaded,
            StoreError::Corrupt(what) => StoreError::Corrupt(what.clone()),
        }));
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
