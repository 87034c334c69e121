//! Builds everything, starts it, drains it and stops it. No rule lives here.

mod intake;
mod keys;
mod offline;

use crate::admin::{self, Admin, Parts as AdminParts};
use crate::clock::Clock;
use crate::config::Config;
use crate::delivery::{Address, Delivery, Parts as DeliveryParts, Policy, Rate, Settings};
use crate::ingest::{self, Ingest, keep_target};
use crate::model::{Secret, Timestamp};
use crate::monitor::FieldMonitor;
use crate::reload::{BeginError, States, WakeUp};
use crate::store::sqlite::{self, OpenError, Options};
use crate::store::{Store, StoreError};
use crate::topology::{LoadedFile, Origin, dub};
use actix_web::dev::{ServerHandle, Service};
use actix_web::middleware::NormalizePath;
use actix_web::{App as Web, HttpServer};
use intake::Intake;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use keys::fetch_key_set;
pub use offline::Offline;

/// An attempt that takes longer than this counts as dead.
const LEASE: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Header fields must be complete by then.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(10);
/// How long requests under way may still take when the service stops.
const DRAIN_S: u64 = 10;
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
    /// Without one, no operator is let in over HTTP.
    pub admin_token: Option<Secret>,
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
    keeping: JoinHandle<()>,
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
        let Parts { config, mappings, clock, store_options, admin_token } = parts;
        let listener = TcpListener::bind(config.listen)
            .map_err(|source| StartError::Listen { address: config.listen, source })?;
        let settings = delivery_settings(&config)?;
        let Intake { store, reload, monitor, fetcher, ingest, keeper, hand_over, handed_over } =
            Intake::open(&config, mappings, Arc::clone(&clock), store_options).await?;
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
        let admin = Arc::new(Admin::new(AdminParts {
            token: admin_token,
            store: Arc::clone(&store) as Arc<dyn Store>,
            ingest: Arc::clone(&ingest),
        }));
        let (address, server, serving) = listen(listener, Arc::clone(&ingest), admin)
            .map_err(|source| StartError::Listen { address: config.listen, source })?;
        let mappings = reload.states();
        let reloading = tokio::spawn(reload.run());
        let monitoring = tokio::spawn(Arc::clone(&monitor).run());
        let fetching = tokio::spawn(fetcher.run());
        let keeping = tokio::spawn(keeper.run());
        Ok(Self {
            address,
            store,
            ingest,
            mappings,
            reloading,
            monitor,
            monitoring,
            fetching,
            keeping,
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
        self.ingest.close();
        // A panic in it has been printed.
        let _ = self.keeping.await;
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

fn listen(
    listener: TcpListener,
    ingest: Arc<Ingest>,
    admin: Arc<Admin>,
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
            .configure(admin::routes(Arc::clone(&admin)))
            .configure(ingest::routes(Arc::clone(&ingest)))
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
            Ok(purged) if purged.most() >= PURGE_AT_ONCE as u64 => continue,
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
