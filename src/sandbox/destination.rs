//! A stand-in for the destination: `POST /track/lead` over real HTTP on the loopback address, with
//! the traps of the real one, and failures on demand.
//!
//! It never serves production: `serve` must not reach this module, only `demo` and the tests do.
//!
//! It restates the destination's rules ("Dub API reference, Track a lead") in its own code, so that
//! a misreading on our side doesn't confirm itself. What matters most is the order of its steps:
//! key, pace, schema, then the mark that a customer and event name were seen, and only then the
//! look-up of the click. A failure behind the mark makes every later try a silent `link: null`.
//!
//! The server is a TCP listener of its own and not the web framework of the service, because most
//! of what it is for (half an answer, a reset, silence) no framework lets one do. It runs on its
//! own thread, so that a blocked test can't block it.
//!
//! Absent here: TLS, HTTP/2, chunked requests, and every other route of the destination.

mod api;
mod connection;
mod fault;
mod http;
mod reply;
mod schema;
mod state;
#[cfg(test)]
mod tests;

use crate::clock::{Clock, System};
use crate::model::Timestamp;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};

pub use fault::Fault;
pub use state::{Customer, RecordedLead, SeenRequest, State};

/// How a stand-in is set up.
#[derive(Clone)]
pub struct Options {
    /// The only key that it takes.
    pub api_key: String,
    pub clicks: Clicks,
    /// Requests that one sliding minute lets through.
    pub rate_per_minute: u32,
    /// By which marks age and the minute slides.
    pub clock: Arc<dyn Clock>,
    /// On 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// How many requests and leads are kept to be looked at, the newest of each.
    pub kept_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            api_key: "dub_sandbox".to_owned(),
            clicks: Clicks::All,
            rate_per_minute: 600,
            clock: Arc::new(System),
            port: 0,
            kept_max: 100_000,
        }
    }
}

/// Which clicks exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clicks {
    /// Every one.
    All,
    /// Only these.
    Known(BTreeMap<String, Click>),
}

impl Clicks {
    /// Only these, and all of them good.
    pub fn known<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Known(ids.into_iter().map(|id| (id.to_owned(), Click::Good)).collect())
    }
}

/// What a click leads to. All but a good one are answered with 404.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Click {
    Good,
    /// Its link was disabled.
    Disabled,
    /// Its link belongs to another workspace than the key.
    OfAnotherWorkspace,
}

/// A running stand-in. Dropping it stops it, and closes every connection.
pub struct Destination {
    url: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread of the server and its owner both hold.
struct Shared {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    /// Counts the changes of the state.
    changes: watch::Sender<u64>,
    /// The number of the last request whose held answer may go.
    released: watch::Sender<u64>,
}

impl Shared {
    /// A test that fails inside a condition must not take the server with it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes everybody who waits for a change.
    fn update<T>(&self, change: impl FnOnce(&mut State, Timestamp) -> T) -> T {
        let changed = change(&mut self.lock(), self.clock.now());
        self.changes.send_modify(|count| *count += 1);
        changed
    }
}

impl Destination {
    /// Starts one on the loopback address.
    ///
    /// # Errors
    /// When the port can't be bound or the thread can't be started.
    pub fn start(options: Options) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = listen(options.port, &runtime)?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            clock: Arc::clone(&options.clock),
            state: Mutex::new(State::new(options)),
            changes: watch::Sender::new(0),
            released: watch::Sender::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("sandbox-destination".to_owned())
            .spawn(move || runtime.block_on(connection::accept(listener, served, stopped)))?;
        Ok(Self { url, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Its base address, as in `http://127.0.0.1:49152`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it and closes every connection, answered or not.
    pub fn stop(self) {
        drop(self);
    }

    /// Fails the next requests for a lead, one fault each; the ones after them go well again.
    pub fn fail_next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.update(|state, _| state.fail_next(faults));
    }

    /// Fails every request for a lead that no fault of [`fail_next`](Self::fail_next) is for;
    /// `None` ends that.
    pub fn fail_always(&self, fault: Option<Fault>) {
        self.shared.update(|state, _| state.fail_always(fault));
    }

    /// Lets every answer go that [`Fault::Held`] has held back so far.
    pub fn release(&self) {
        let seen = self.shared.lock().requests_total;
        self.shared.released.send_replace(seen);
    }

    /// Takes another key from now on, and the old one no longer.
    pub fn set_key(&self, api_key: impl Into<String>) {
        self.shared.update(|state, _| state.set_key(api_key.into()));
    }

    /// Adds a good click.
    pub fn add_click(&self, id: impl Into<String>) {
        self.set_click(id, Click::Good);
    }

    /// Adds or changes a click.
    pub fn set_click(&self, id: impl Into<String>, click: Click) {
        self.shared.update(|state, _| state.set_click(id.into(), click));
    }

    /// Every request so far, in order, as far back as is kept.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.lock().requests.iter().cloned().collect()
    }

    /// Every recorded lead so far, in order, as far back as is kept.
    pub fn leads(&self) -> Vec<RecordedLead> {
        self.shared.lock().leads.iter().cloned().collect()
    }

    /// Every customer, by external id.
    pub fn customers(&self) -> Vec<Customer> {
        self.shared.lock().customers.values().cloned().collect()
    }

    /// Waits until `condition` holds: it is looked at now and after every change. It runs under
    /// the lock of the state, so it must not call this destination. There is no time limit; put
    /// one around it.
    pub async fn wait_for(&self, mut condition: impl FnMut(&State) -> bool) {
        let mut changes = self.shared.changes.subscribe();
        loop {
            // A change between this look and the wait below is not lost: it counts as unseen.
            changes.mark_unchanged();
            if condition(&self.shared.lock()) {
                return;
            }
            changes.changed().await.expect("the sender lives as long as the destination");
        }
    }
}

/// Binds here and now, so that whoever starts a stand-in learns of a taken port, and a client can
/// connect at once. The runtime isn't running yet, hence the detour over a blocking listener.
fn listen(port: u16, runtime: &Runtime) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    let _entered = runtime.enter();
    TcpListener::from_std(listener)
}

impl Drop for Destination {
    fn drop(&mut self) {
        // The receiver is gone only where the thread has already ended.
        let _ = self.stop.take().map(|stop| stop.send(()));
        // A panic of the thread was printed where it happened; a second one here would abort.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
