//! Ingest: from one HTTP request to durable events, and the answer to the provider.
//!
//! Invariants:
//!
//! 1. The bytes of the body are verified as they came, before anything reads them.
//! 2. 2xx only after the commit. What can't be stored is answered 503 with `Retry-After`.
//! 3. 4xx only for what is addressed to no source, not authentic, from an address that the source
//!    doesn't take, too large, too slow or broken HTTP. Whatever else is authentic is stored.
//! 4. A source that exists or did is never answered 404 or 410: providers would give up on it.
//! 5. A refusal tells its code and nothing more.
//! 6. A request takes its source once, at the beginning: whatever is put into force meanwhile, it is
//!    verified, split, mapped and recorded by one version.
//!
//! 7. What is refused is kept for the operator, off the way of what is not; it becomes events only
//!    if it is admitted and verifies then.
//!
//! Absent here: delivery, which learns of new leads through the store and a wake-up.

mod accept;
mod access;
mod admission;
mod answer;
mod body;
mod health;
mod keys;
mod refusals;
mod rejections;
mod target;
mod visit;

use crate::clock::Clock;
use crate::model::Network;
use crate::monitor::FieldMonitor;
use crate::store::{HandOver, Store};
use crate::telemetry::Metrics;
use crate::topology::InForce;
use access::Access;
use actix_web::web;
use body::Budget;
use health::Probe;
use refusals::Refusals;
use rejections::Rejections;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use admission::{Admitted, NotAdmitted};
pub use keys::FetchKeys;
pub use rejections::RejectionKeeper;
pub use target::keep as keep_target;

/// What ingest is built from.
pub struct Parts {
    pub in_force: Arc<InForce>,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub hand_over: HandOver,
    pub metrics: Metrics,
    pub monitor: Arc<FieldMonitor>,
    /// Whom to ask for the keys that providers publish.
    pub keys: Arc<dyn FetchKeys>,
    /// Whose word on the address of a caller is taken.
    pub trusted_proxies: Vec<Network>,
    pub limits: Limits,
}

/// What ingest works with; shared by all connections.
pub struct Ingest {
    in_force: Arc<InForce>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    hand_over: HandOver,
    metrics: Metrics,
    monitor: Arc<FieldMonitor>,
    keys: Arc<dyn FetchKeys>,
    limits: Limits,
    access: Access,
    bodies: Budget,
    refusals: Refusals,
    rejections: Rejections,
    probe: Probe,
    stopping: AtomicBool,
}

/// What a request may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub body_bytes_max: usize,
    /// What all bodies may take in memory together.
    pub bodies_bytes_max: usize,
    pub body_timeout: Duration,
    pub batch_events_max: usize,
    /// How long a lead that is handed over in memory is leased.
    pub lease: Duration,
}

impl Ingest {
    /// With the task that stores what is refused.
    pub fn new(parts: Parts) -> (Self, RejectionKeeper) {
        let Parts {
            in_force,
            store,
            clock,
            hand_over,
            metrics,
            monitor,
            keys,
            trusted_proxies,
            limits,
        } = parts;
        let (rejections, keeper) =
            Rejections::new(Arc::clone(&store), Arc::clone(&in_force), metrics.clone());
        let ingest = Self {
            in_force,
            store,
            clock,
            hand_over,
            metrics,
            monitor,
            keys,
            limits,
            access: Access::new(trusted_proxies),
            bodies: Budget::new(limits.bodies_bytes_max),
            refusals: Refusals::default(),
            rejections,
            probe: Probe::default(),
            stopping: AtomicBool::new(false),
        };
        (ingest, keeper)
    }

    /// From now on `/readyz` says that the service stops, so that no more traffic is sent here.
    pub fn announce_stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Keeps no more of what is refused; the task that stores it ends with what waits.
    pub fn close(&self) {
        self.rejections.close();
    }
}

/// Adds the routes that providers, load balancers and monitoring call.
pub fn routes(ingest: Arc<Ingest>) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(web::Data::from(ingest))
            .service(
                web::resource("/webhooks/{source}")
                    .route(web::post().to(accept::post))
                    .route(web::get().to(visit::visit))
                    .route(web::head().to(visit::visit))
                    .default_service(web::to(answer::method_not_allowed)),
            )
            .route("/healthz", web::get().to(health::healthz))
            .route("/readyz", web::get().to(health::readyz))
            .route("/metrics", web::get().to(health::metrics))
            .default_service(web::to(answer::route_unknown));
    }
}
