//! Mapping files while the service runs: an edit takes effect without a restart, or not at all.
//!
//! Invariants:
//!
//! 1. What is in force of a source follows from its file and from its last good version alone: a
//!    file without faults is in force; in the place of one with faults the last good version is;
//!    where there is no file, nothing is. So a restart changes nothing.
//! 2. Every file stands for itself: a bad one holds no other back.
//! 3. A version is noted in the store before it comes into force, so that whatever it does can be
//!    explained by its text.
//! 4. All that one reading has found comes into force at once, by the change of one pointer; a
//!    request keeps what it has begun with.
//!
//! `state` and `book` are the rules, and pure; `wake` says when to read. Absent here: watching files
//! and signals, which reach it as [`WakeUp`]s, and what a mapping file means.

mod book;
mod state;
mod tell;
#[cfg(test)]
mod tests;
mod wake;

use crate::clock::Clock;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{SourceName, Timestamp};
use crate::store::{MappingText, Store, StoreError};
use crate::telemetry::{Metrics, ReloadResult};
use crate::topology::{InForce, LoadedFile, Origin, Source};
use arc_swap::ArcSwap;
use book::{Book, Turn};
use state::Change;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;

pub use state::{FileState, ReloadState, Version};
pub use wake::WakeUp;

/// What reloading is built from.
pub struct Parts {
    pub origin: Origin,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Metrics,
    /// Where no more can come, the files are not read again.
    pub wake_ups: mpsc::Receiver<WakeUp>,
}

/// Why the service can't start with its mapping files.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// A file has faults, and there is no last good version to go on with.
    #[error("some mapping file has faults and no last good version")]
    Refused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads the mapping files again when it is woken up, and puts into force what is good.
pub struct Reload {
    parts: Parts,
    book: Book,
    in_force: Arc<InForce>,
    states: Arc<States>,
    /// Why the folder could not be read the last time, if it couldn't.
    unread: Option<Diagnostic>,
}

/// How every source stands with its mapping file, for whoever shows it.
#[derive(Debug, Default)]
pub struct States(ArcSwap<BTreeMap<SourceName, ReloadState>>);

impl States {
    /// As the last reload has left it.
    pub fn all(&self) -> Arc<BTreeMap<SourceName, ReloadState>> {
        self.0.load_full()
    }
}

impl Reload {
    /// Puts the first reading into force, with last good versions in the place of files with
    /// faults.
    ///
    /// # Errors
    /// Where a file with faults has no last good version, or the store can't be used. Nothing is
    /// noted then.
    pub async fn begin(parts: Parts, files: &[LoadedFile]) -> Result<Self, BeginError> {
        let now = parts.clock.now();
        let known = parts.store.known_sources().await?;
        let last_good = parts.store.last_good().await?;
        let mut book = Book::default();
        for name in known {
            let text = last_good.iter().find(|text| text.source == name);
            let last_good = text.and_then(|text| reopen(&parts.origin, text, now));
            book.sources.insert(name, ReloadState::gone(last_good, now));
        }
        let turns = book.turns(files, now);
        let lost = |turn: &Turn| turn.after.is_refused() && turn.after.in_force().is_none();
        let nameless = |file: &LoadedFile| file.name.is_none();
        if turns.iter().any(lost) || files.iter().any(nameless) {
            return Err(BeginError::Refused);
        }
        note(&*parts.store, &turns).await?;
        book.note(&turns);
        turns.iter().for_each(|turn| tell::begun(turn, &parts.metrics));
        let in_force = Arc::new(InForce::new(book.topology()));
        let states = Arc::new(States(ArcSwap::from_pointee(book.sources.clone())));
        Ok(Self { parts, book, in_force, states, unread: None })
    }

    pub fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.in_force)
    }

    pub fn states(&self) -> Arc<States> {
        Arc::clone(&self.states)
    }

    /// Reloads until no wake-up can come any more.
    pub async fn run(mut self) {
        while let Some(wake_up) = wake::next(&mut self.parts.wake_ups, &*self.parts.clock).await {
            self.reload(wake_up).await;
        }
    }

    async fn reload(&mut self, wake_up: WakeUp) {
        let files = match self.read().await {
            Ok(files) => files,
            Err(fault) => return self.stay(wake_up, fault),
        };
        self.unread = None;
        tell::faults("mapping file refused", None, None, self.book.note_stray(&files));
        let mut turns = self.book.turns(&files, self.parts.clock.now());
        if let Err(error) = note(&*self.parts.store, &turns).await {
            let what = "mappings not applied: the store can't note them; they are tried again";
            tracing::error!(%error, "{what}");
            turns.iter_mut().filter(|turn| is_applied(turn)).for_each(Turn::undo);
        }
        self.book.note(&turns);
        if turns.iter().any(|turn| turn.change != Change::Nothing) {
            self.in_force.replace(self.book.topology());
            self.states.0.store(Arc::new(self.book.sources.clone()));
        }
        turns.iter().for_each(|turn| tell::turned(turn, &self.parts.metrics));
        if wake_up == WakeUp::Asked {
            tell::asked(&turns);
        }
    }

    /// All files as they are now. One that seems to be gone is looked for again after a moment: a
    /// listing can miss what is renamed meanwhile, and some editors move the old file away before
    /// they write the new one.
    async fn read(&self) -> Result<Vec<LoadedFile>, Diagnostic> {
        let files = read_once(&self.parts.origin).await?;
        if !self.book.misses_some(&files) {
            return Ok(files);
        }
        let clock = &self.parts.clock;
        clock.sleep_until(clock.now().plus(wake::QUIET)).await;
        read_once(&self.parts.origin).await
    }

    /// The folder can't be read, which says nothing about any file: everything stays in force.
    fn stay(&mut self, wake_up: WakeUp, fault: Diagnostic) {
        for (source, _) in self.book.sources.iter().filter(|(_, state)| !state.is_gone()) {
            self.parts.metrics.reloaded(source, ReloadResult::Failed);
        }
        if wake_up == WakeUp::Asked || self.unread.as_ref() != Some(&fault) {
            let what = "mapping files not read: what was in force stays in force";
            tell::faults(what, None, None, std::slice::from_ref(&fault));
        }
        self.unread = Some(fault);
    }
}

/// Reading blocks, so not on this thread.
async fn read_once(origin: &Origin) -> Result<Vec<LoadedFile>, Diagnostic> {
    let origin = origin.clone();
    tokio::task::spawn_blocking(move || origin.files()).await.unwrap_or_else(|panic| {
        let place = Place::Path("the mapping files".to_owned());
        Err(Diagnostic::error(Code::FileUnreadable, place, format!("reading them failed: {panic}")))
    })
}

/// The last good version of a source, if its text still is one.
fn reopen(origin: &Origin, text: &MappingText, now: Timestamp) -> Option<Version> {
    let source = origin.earlier(&text.source, &text.text).source?;
    Some(Version { source, since: now })
}

fn is_applied(turn: &Turn) -> bool {
    turn.change == Change::Applied
}

/// Notes what is about to come into force.
async fn note(store: &dyn Store, turns: &[Turn]) -> Result<(), StoreError> {
    let sources = turns.iter().filter(|turn| is_applied(turn));
    let sources = sources.filter_map(|turn| Some(&turn.after.in_force()?.source));
    let text = |source: &Arc<Source>| MappingText {
        version: source.mapping.version().to_owned(),
        source: source.name.clone(),
        text: source.mapping_text.clone(),
    };
    let texts: Vec<_> = sources.map(text).collect();
    if texts.is_empty() {
        return Ok(());
    }
    store.remember(texts.iter().map(|text| text.source.clone()).collect(), texts).await
}
