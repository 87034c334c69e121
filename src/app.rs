//! Builds everything, starts it, drains it and stops it. No rule lives here.

mod keys;

use crate::clock::Clock;
use crate::config::Config;
use crate::delivery::{Address, Delivery, Parts as DeliveryParts, Policy, Rate, Settings};
use crate::ingest::{FetchKeys, Ingest, Limits, Parts as IngestParts, keep_target, routes};
use crate::model::{Secret, Timestamp};
use crate::monitor::{FieldMonitor, Parts as MonitorParts};
use crate::reload::{BeginError, Parts as ReloadParts, Reload, States, WakeUp};
use crate::store::sqlite::{self, OpenError, Options};
use crate::store::{HandOver, Store, StoreError};
use crate::telemetry::Metrics;
use crate::topology::{LoadedFile, Origin, dub};
use actix_web::dev::{ServerHandle, Service};
use actix_web::middleware::NormalizePath;
use actix_web::{App as Web, HttpServer};
use keys::KeyFetcher;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// An attempt that takes longer than this counts as dead.
const LEASE: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Header fields must be complete by then.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(10);
/// How long requests under way may still take when the service stops.
const DRAIN_S: u64 = 10;
/// What all bodies may take in memory together.
const BODIES_BYTES_MAX: usize = 128 * 1024 * 1024;
const PURGE_EVERY: Duration = Duration::from_secs(600);
const PURGE_AT_ONCE: usize = 1_000;
/// Connections that each of the server's threads (one a core) serves at the same time; more wait in
/// the kernel's queue.
const CONNECTIONS_MAX: usize = 10_000;

/// What the service is built from.
pub struct Parts {
    pub config: Config,
    pub mappings: MappingFiles,
    pub clock: Arc<dyn Clock>,
    pub store_options: Options,
}

/// The mapping files to begin with, and how they change.
pub struct MappingFiles {
    pub files: Vec<LoadedFile>,
    pub origin: Origin,
    /// When to read them again; one whose sender is gone never does.
    pub wake_ups: mpsc::Receiver<WakeUp>,
}

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error("the store could not be used: {0}")]
    Write(#[from] StoreError),
    #[error("some mapping file has faults, and there is no last good version of it")]
    Mappings,
    #[error("the destination can't be used: {0}")]
    Destination(String),
    #[error("key sets can't be fetched: {0}")]
    Keys(String),
    #[error("DUB_API_KEY is not set")]
    NoKey,
}

impl From<BeginError> for StartError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Refused => Self::Mappings,
            BeginError::Store(error) => Self::Write(error),
        }
    }
}

/// A running service.
pub struct App {
    address: SocketAddr,
    store: Arc<sqlite::Store>,
    ingest: Arc<Ingest>,
    mappings: Arc<States>,
    reloading: JoinHandle<()>,
    monitor: Arc<FieldMonitor>,
    monitoring: JoinHandle<()>,
    fetching: JoinHandle<()>,
    server: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    delivery: Delivery,
    retention: JoinHandle<()>,
}

impl App {
    /// Opens the store, begins to deliver what is due, and listens.
    ///
    /// # Errors
    /// Why it could not start; nothing is left running then.
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        let Parts { config, mappings, clock, store_options } = parts;
        let listener = TcpListener::bind(config.listen)
            .map_err(|source| StartError::Listen { address: config.listen, source })?;
        let settings = delivery_settings(&config)?;
        let store = sqlite::Store::open(&config.database, store_options, Arc::clone(&clock))?;
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
        let ingest = Arc::new(Ingest::new(IngestParts {
            in_force: reload.in_force(),
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock: Arc::clone(&clock),
            hand_over: hand_over.clone(),
            metrics,
            monitor: Arc::clone(&monitor),
            keys: Arc::clone(&fetcher) as Arc<dyn FetchKeys>,
            trusted_proxies: config.trusted_proxies.clone(),
            limits: limits(&config),
        }));
        let delivery_parts = DeliveryParts {
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock: Arc::clone(&clock),
            hand_over,
            handed_over,
        };
        let delivery =
            Delivery::start(&settings, delivery_parts).map_err(StartError::Destination)?;
        let retention =
            tokio::spawn(retain(Arc::clone(&store) as Arc<dyn Store>, clock, config.retention));
        let (address, server, serving) = listen(listener, Arc::clone(&ingest))
            .map_err(|source| StartError::Listen { address: config.listen, source })?;
        let mappings = reload.states();
        let reloading = tokio::spawn(reload.run());
        let monitoring = tokio::spawn(Arc::clone(&monitor).run());
        let fetching = tokio::spawn(fetcher.run());
        Ok(Self {
            address,
            store,
            ingest,
            mappings,
            reloading,
            monitor,
            monitoring,
            fetching,
            server,
            serving,
            delivery,
            retention,
        })
    }

    /// The address that is listened on; the port is a real one where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The store, for showing what became of events.
    pub fn store(&self) -> Arc<sqlite::Store> {
        Arc::clone(&self.store)
    }

    /// How every source stands with its mapping file.
    pub fn mappings(&self) -> &States {
        &self.mappings
    }

    /// Waits until something that must not end has ended by itself: the server, or the delivery.
    pub async fn failed(&mut self) {
        tokio::select! {
            _ = &mut self.serving => {}
            () = self.delivery.ended() => {}
        }
    }

    /// Takes no more requests, lets those under way and attempts under way finish, and closes the
    /// store. What is still to be delivered stays in it.
    pub async fn stop(self) {
        self.ingest.announce_stop();
        self.reloading.abort();
        self.monitor.stop();
        self.monitoring.abort();
        self.fetching.abort();
        self.server.stop(true).await;
        // One that has ended by itself was awaited already.
        if !self.serving.is_finished()
            && let Ok(Err(error)) = self.serving.await
        {
            tracing::error!(%error, "the server ended with an error");
        }
        self.delivery.stop().await;
        self.retention.abort();
        if let Err(error) = self.store.close().await {
            tracing::error!(%error, "the store did not close cleanly");
        }
    }
}

fn delivery_settings(config: &Config) -> Result<Settings, StartError> {
    let key: Secret = config.dub.api_key.clone().ok_or(StartError::NoKey)?;
    Ok(Settings {
        destination: dub(),
        address: Address {
            url: config.dub.url.clone(),
            key,
            connect_timeout: CONNECT_TIMEOUT.min(config.dub.timeout),
            total_timeout: config.dub.timeout,
            connections: config.dub.concurrency,
        },
        rate: config.dub.rate_per_minute.map_or(Rate::Auto, Rate::PerMinute),
        policy: Policy {
            backoff_base: config.retry.base,
            give_up_after: config.retry.give_up_after,
            ..Policy::default()
        },
        concurrency: config.dub.concurrency,
        lease: LEASE,
    })
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

fn listen(
    listener: TcpListener,
    ingest: Arc<Ingest>,
) -> std::io::Result<(SocketAddr, ServerHandle, JoinHandle<std::io::Result<()>>)> {
    let address = listener.local_addr()?;
    // `/webhooks/clerk/` is what somebody typed: a 404 would make some providers give up for good.
    let web = move || {
        Web::new()
            .wrap(NormalizePath::trim())
            // What is wrapped last is called first: it sees the path as it came.
            .wrap_fn(|request, service| {
                keep_target(&request);
                service.call(request)
            })
            .configure(routes(Arc::clone(&ingest)))
    };
    let server = HttpServer::new(web)
        .client_request_timeout(HEADERS_TIMEOUT)
        .shutdown_timeout(DRAIN_S)
        .max_connections(CONNECTIONS_MAX)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    Ok((address, handle, tokio::spawn(server)))
}

/// Removes what is older than the retention, and ends waits for clicks, a little at a time.
async fn retain(store: Arc<dyn Store>, clock: Arc<dyn Clock>, retention: Duration) {
    loop {
        let now: Timestamp = clock.now();
        let more_waits = expire(&*store).await;
        match store.purge(now.minus(retention), PURGE_AT_ONCE).await {
            Ok(purged) if purged.events.max(purged.keys) >= PURGE_AT_ONCE as u64 => continue,
            Ok(purged) if purged.events > 0 => {
                tracing::info!(events = purged.events, "events past their retention were removed");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "retention could not run"),
        }
        if !more_waits {
            clock.sleep_until(now.plus(PURGE_EVERY)).await;
        }
    }
}

/// Answers whether there are more waits to end.
async fn expire(store: &dyn Store) -> bool {
    match store.expire(PURGE_AT_ONCE).await {
        Ok(expired) => {
            if expired.parked > 0 {
                let leads = expired.parked;
                tracing::info!(leads, "no click came for leads that were parked");
            }
            expired.parked.max(expired.clicks) >= PURGE_AT_ONCE as u64
        }
        Err(error) => {
            tracing::error!(%error, "waits for clicks could not be ended");
            false
        }
    }
}
