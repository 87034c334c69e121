//! Tells when a field of a mapping that used to be found stops coming: a form's question was
//! renamed, a sign-up page no longer hands the click id over.
//!
//! One warning in the log and one metric for each field and episode. What counts as stopped is
//! `review`'s; here is what the running service feeds it: what ingest found in each new event, and
//! once for each version of a mapping the stored events from before.
//!
//! Absent here: evaluating a mapping for a live event, which ingest has done already.

mod past;

use crate::clock::Clock;
use crate::mapping::Found;
use crate::model::{SourceName, Timestamp};
use crate::review::{Monitor, News, Turned};
use crate::telemetry::Metrics;
use crate::topology::{InForce, Source, Topology};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How soon another version of a mapping is noticed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the monitor is built from.
pub struct Parts {
    pub in_force: Arc<InForce>,
    /// The store's file, in which the past is looked up.
    pub database: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub metrics: Metrics,
}

/// Watches the fields of all sources.
pub struct FieldMonitor {
    parts: Parts,
    sources: Mutex<BTreeMap<SourceName, Watched>>,
    stopping: AtomicBool,
}

struct Watched {
    version: String,
    monitor: Monitor,
}

impl FieldMonitor {
    /// One that watches nothing until it [runs](Self::run).
    pub fn new(parts: Parts) -> Self {
        Self { parts, sources: Mutex::default(), stopping: AtomicBool::new(false) }
    }

    /// Takes in what the rules of `source` found in a new event. Costs a few steps a field.
    pub fn observe(&self, source: &Source, found: &[Found], at: Timestamp) {
        self.with(source, |monitor| {
            let observe = |found: &Found| monitor.observe(found.rule, found.fields, at);
            found.iter().flat_map(observe).collect()
        });
    }

    /// Follows what is in force, and learns the past of what is new, until it is stopped.
    pub async fn run(self: Arc<Self>) {
        while !self.stopping.load(Ordering::Relaxed) {
            // What comes from now on is observed.
            let now = self.parts.clock.now();
            for source in self.follow(&self.parts.in_force.topology()) {
                let monitor = Arc::clone(&self);
                let learning =
                    tokio::task::spawn_blocking(move || monitor.learn_past(&source, now));
                // A panic there has been told of, and costs the past of one source.
                let _ = learning.await;
            }
            let clock = &self.parts.clock;
            clock.sleep_until(clock.now().plus(LOOK_EVERY)).await;
        }
    }

    /// Ends what is under way.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Watches what is in force, and nothing else; answers the sources of which some rule may have
    /// no past.
    fn follow(&self, topology: &Topology) -> Vec<Arc<Source>> {
        let mut new = Vec::new();
        let mut sources = self.sources();
        sources.retain(|name, watched| {
            let stays = topology.sources.contains_key(name);
            if !stays {
                self.tell(name, &watched.monitor.end());
            }
            stays
        });
        for (name, source) in &topology.sources {
            let version = source.mapping.version();
            match sources.get_mut(name) {
                Some(watched) if watched.version == version => continue,
                Some(watched) => {
                    version.clone_into(&mut watched.version);
                    self.tell(name, &watched.monitor.replace(&source.mapping));
                }
                None => {
                    let monitor = Monitor::new(&source.mapping);
                    sources.insert(name.clone(), Watched { version: version.to_owned(), monitor });
                }
            }
            new.push(Arc::clone(source));
        }
        new
    }

    fn learn_past(&self, source: &Source, before: Timestamp) {
        match past::read(&self.parts.database, source, before, &self.stopping) {
            // A part of the past would be another one.
            Ok(_) if self.stopping.load(Ordering::Relaxed) => {}
            Ok(past) => self.with(source, |monitor| past.precede(monitor)),
            Err(error) => {
                let source = &source.name;
                tracing::warn!(%source, %error, "the past of its fields could not be read");
            }
        }
    }

    /// Lets `work` change what is known of `source`, and tells what that gave, before anybody else
    /// changes it. An earlier version of the mapping says nothing about the one that is watched.
    fn with(&self, source: &Source, work: impl FnOnce(&mut Monitor) -> Vec<News>) {
        let mut sources = self.sources();
        let Some(watched) = sources.get_mut(&source.name) else { return };
        if watched.version == source.mapping.version() {
            self.tell(&source.name, &work(&mut watched.monitor));
        }
    }

    fn tell(&self, source: &SourceName, news: &[News]) {
        for News { rule, field, what } in news {
            let stopped = matches!(what, Turned::Stopped { .. });
            self.parts.metrics.field_stopped(source, rule, field, stopped);
            match what {
                Turned::Stopped { was, found_at, silent } => tracing::warn!(
                    %source,
                    %rule,
                    field,
                    was = format!("{:.1} % of {} events", was.percent(), was.of),
                    is = format!("none of {silent} events"),
                    since = %found_at,
                    "a field of the mapping is no longer found; `leadhook coverage` tells more"
                ),
                Turned::Resumed => {
                    tracing::info!(%source, %rule, field, "a field of the mapping is found again");
                }
                Turned::Replaced => tracing::info!(
                    %source,
                    %rule,
                    field,
                    "a field that was no longer found is watched no more: its rule has changed or is gone"
                ),
            }
        }
    }

    fn sources(&self) -> MutexGuard<'_, BTreeMap<SourceName, Watched>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
