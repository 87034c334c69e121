//! Keeps refused requests, off the way of the authentic ones.
//!
//! Anybody can send what is refused, as much as they like. So:
//!
//! 1. Whoever hands one in never waits, and nothing is done for it before the caller is answered:
//!    the diagnosis and the fingerprints are made here, by a task of its own.
//! 2. Few are kept a second, of each source and of all together, so that a flood neither holds up
//!    the writing of events nor sweeps the rings empty at once. The first ones of a flood tell as
//!    much as all the others, which are counted only.
//! 3. What waits to be kept has a bound in memory.
//!
//! What is lost when the process dies, or can't be stored, is lost: its sender was told of the
//! refusal.

use super::access::Buckets;
use crate::diagnostic::Code;
use crate::model::{Rate, Request, SourceName};
use crate::provider::{self, Unproved, Verifier};
use crate::store::{REJECTIONS_BYTES_MAX, Rejection, Store};
use crate::telemetry::Metrics;
use crate::topology::{InForce, Source};
use bytes::Bytes;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

/// What is kept of one source, in the long run and at once: a provider's retries of an hour fit.
const RATE_OF_SOURCE: Rate = rate(Duration::from_millis(500), 20);
/// What is kept of all sources.
const RATE_OF_ALL: Rate = rate(Duration::from_millis(100), 60);
/// How many wait at the most.
const WAITING_MAX: usize = 64;
/// What one permit of the room for those that wait stands for.
const PERMIT_BYTES: usize = 1024;
/// The memory that those that wait may take: one that fills a ring must fit.
const WAITING_BYTES_MAX: usize = REJECTIONS_BYTES_MAX as usize + 1024 * 1024;

const fn rate(every: Duration, burst: u32) -> Rate {
    Rate { every, burst: NonZeroU32::new(burst).expect("not zero") }
}

/// A request as it was refused.
pub(super) struct Refusal {
    pub(super) unproved: Unproved,
    /// Whether its body was read to the end.
    pub(super) body_kept: bool,
    /// That refused it.
    pub(super) verifier: Verifier,
}

/// Where refused requests are handed in.
pub(super) struct Rejections {
    of_source: Buckets<SourceName>,
    of_all: Buckets<()>,
    room: Arc<Semaphore>,
    queue: mpsc::Sender<Waiting>,
    closing: Arc<Notify>,
    metrics: Metrics,
}

struct Waiting {
    refusal: Refusal,
    /// Given back once it is stored.
    _room: OwnedSemaphorePermit,
}

/// Stores what was handed in; to be [run](Self::run) as a task.
pub struct RejectionKeeper {
    waiting: mpsc::Receiver<Waiting>,
    closing: Arc<Notify>,
    store: Arc<dyn Store>,
    in_force: Arc<InForce>,
    metrics: Metrics,
}

impl Rejections {
    pub(super) fn new(
        store: Arc<dyn Store>,
        in_force: Arc<InForce>,
        metrics: Metrics,
    ) -> (Self, RejectionKeeper) {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let closing = Arc::new(Notify::new());
        let rejections = Self {
            // As many as there are sources.
            of_source: Buckets::new(usize::MAX),
            of_all: Buckets::new(1),
            room: Arc::new(Semaphore::new(WAITING_BYTES_MAX / PERMIT_BYTES)),
            queue,
            closing: Arc::clone(&closing),
            metrics: metrics.clone(),
        };
        (rejections, RejectionKeeper { waiting, closing, store, in_force, metrics })
    }

    /// Hands one in, to be kept if there is room and time. Never waits.
    pub(super) fn offer(&self, refusal: Refusal) {
        // Not the request's fault: its sender is asked to come again.
        if refusal.unproved.code == Code::Overloaded {
            return;
        }
        let source = refusal.unproved.request.source.clone();
        if self.enqueue(refusal).is_none() {
            self.metrics.rejection(&source, false);
        }
    }

    /// Takes no more; [`RejectionKeeper::run`] ends when those that wait are stored.
    pub(super) fn close(&self) {
        self.closing.notify_one();
    }

    fn enqueue(&self, mut refusal: Refusal) -> Option<()> {
        let request = &mut refusal.unproved.request;
        let now = request.received_at;
        self.of_source.take(request.source.clone(), RATE_OF_SOURCE, now).ok()?;
        self.of_all.take((), RATE_OF_ALL, now).ok()?;
        if bytes(request) > WAITING_BYTES_MAX {
            request.body = Bytes::new();
            refusal.body_kept = false;
        }
        let permits = bytes(&refusal.unproved.request).div_ceil(PERMIT_BYTES);
        let permits = u32::try_from(permits).ok()?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(permits).ok()?;
        self.queue.try_send(Waiting { refusal, _room: room }).ok()
    }
}

fn bytes(request: &Request) -> usize {
    let headers: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    request.body.len() + headers + request.target.len()
}

impl RejectionKeeper {
    /// Stores one after the other, until there are no more to come.
    pub async fn run(mut self) {
        loop {
            tokio::select! {
                () = self.closing.notified() => self.waiting.close(),
                waiting = self.waiting.recv() => match waiting {
                    Some(waiting) => self.keep(waiting).await,
                    None => return,
                },
            }
        }
    }

    async fn keep(&self, waiting: Waiting) {
        let Waiting { refusal, _room } = waiting;
        let source = refusal.unproved.request.source.clone();
        let others = self.others(&source);
        // A diagnosis computes many signatures. A panic in it has been printed.
        let examined = tokio::task::spawn_blocking(move || examined(refusal, &others));
        let Ok(rejection) = examined.await else { return self.metrics.rejection(&source, false) };
        let stored = self.store.reject(rejection).await;
        self.metrics.rejection(&source, stored.is_ok());
        if let Err(error) = stored {
            tracing::warn!(%source, %error, "a refused request could not be kept");
        }
    }

    /// The verifiers of all sources but one.
    fn others(&self, source: &SourceName) -> Vec<(SourceName, Verifier)> {
        let topology = self.in_force.topology();
        let others = topology.configured().filter(|other| other.name != *source);
        let named = |other: &Arc<Source>| {
            let verifier = other.verifier.as_ref().ok()?;
            Some((other.name.clone(), verifier.clone()))
        };
        others.filter_map(named).collect()
    }
}

/// Finds the causes in what came, before the credentials are taken out of it.
fn examined(refusal: Refusal, others: &[(SourceName, Verifier)]) -> Rejection {
    let Refusal { unproved: Unproved { code, request }, body_kept, verifier } = refusal;
    let causes = provider::causes(&request, request.received_at, &verifier, others);
    Rejection { request: verifier.masked(request), body_kept, code, causes }
}

#[cfg(test)]
mod tests;
