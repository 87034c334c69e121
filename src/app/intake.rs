//! What a running service and a single act of an operator have in common: the store, the sources in
//! force, and what takes requests in.

use super::keys::KeyFetcher;
use super::{LEASE, MappingFiles, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::ingest::{FetchKeys, Ingest, Limits, Parts as IngestParts, RejectionKeeper};
use crate::monitor::{FieldMonitor, Parts as MonitorParts};
use crate::reload::{Parts as ReloadParts, Reload};
use crate::store::sqlite::{self, Options};
use crate::store::{Claimed, HandOver, Store};
use crate::telemetry::Metrics;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What all bodies may take in memory together.
const BODIES_BYTES_MAX: usize = 128 * 1024 * 1024;

pub(super) struct Intake {
    pub(super) store: Arc<sqlite::Store>,
    pub(super) reload: Reload,
    pub(super) monitor: Arc<FieldMonitor>,
    pub(super) fetcher: Arc<KeyFetcher>,
    pub(super) ingest: Arc<Ingest>,
    pub(super) keeper: RejectionKeeper,
    pub(super) hand_over: HandOver,
    pub(super) handed_over: mpsc::UnboundedReceiver<Claimed>,
}

impl Intake {
    /// Opens the store and puts the mapping files into force. Nothing runs yet.
    pub(super) async fn open(
        config: &Config,
        mappings: MappingFiles,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, StartError> {
        let store = sqlite::Store::open(&config.database, options, Arc::clone(&clock))?;
        let store = Arc::new(store);
        let metrics = Metrics::default();
        let key_sets = mappings.origin.secrets.surroundings().key_sets;
        let reload_parts = ReloadParts {
            origin: mappings.origin,
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock: Arc::clone(&clock),
            metrics: metrics.clone(),
            wake_ups: mappings.wake_ups,
        };
        let reload = Reload::begin(reload_parts, &mappings.files).await?;
        let monitor = Arc::new(FieldMonitor::new(MonitorParts {
            in_force: reload.in_force(),
            database: config.database.clone(),
            clock: Arc::clone(&clock),
            metrics: metrics.clone(),
        }));
        let fetcher = KeyFetcher::new(key_sets, reload.in_force(), Arc::clone(&clock))
            .map(Arc::new)
            .map_err(StartError::Keys)?;
        let (hand_over, handed_over) = HandOver::new();
        let (ingest, keeper) = Ingest::new(IngestParts {
            in_force: reload.in_force(),
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock,
            hand_over: hand_over.clone(),
            metrics,
            monitor: Arc::clone(&monitor),
            keys: Arc::clone(&fetcher) as Arc<dyn FetchKeys>,
            trusted_proxies: config.trusted_proxies.clone(),
            limits: limits(config),
        });
        let ingest = Arc::new(ingest);
        Ok(Self { store, reload, monitor, fetcher, ingest, keeper, hand_over, handed_over })
    }
}

fn limits(config: &Config) -> Limits {
    Limits {
        body_bytes_max: config.body_bytes_max,
        bodies_bytes_max: BODIES_BYTES_MAX,
        body_timeout: config.body_timeout,
        batch_events_max: config.batch_events_max,
        lease: LEASE,
    }
}
