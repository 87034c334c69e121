//! The states of all sources, and what one reading of the folder does to them. Pure.

use super::state::{Change, ReloadState};
use crate::diagnostic::Diagnostic;
use crate::model::{SourceName, Timestamp};
use crate::topology::{LoadedFile, Topology};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every source that there is or ever was.
#[derive(Clone, Debug, Default)]
pub(super) struct Book {
    pub(super) sources: BTreeMap<SourceName, ReloadState>,
    /// Faults of files whose name can't be that of a source.
    pub(super) stray: Vec<Diagnostic>,
}

/// What a reading did to one source.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) source: SourceName,
    pub(super) before: ReloadState,
    pub(super) after: ReloadState,
    pub(super) change: Change,
    /// What a person should know of its file.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Book {
    /// Whether the file of some source is missing among `files` that was there before.
    pub(super) fn misses_some(&self, files: &[LoadedFile]) -> bool {
        let found = |name: &SourceName| files.iter().any(|file| file.name.as_ref() == Some(name));
        self.sources.iter().any(|(name, state)| !state.is_gone() && !found(name))
    }

    /// What a reading of all files at `now` does, source by source. Nothing has changed yet.
    pub(super) fn turns(&self, files: &[LoadedFile], now: Timestamp) -> Vec<Turn> {
        let mut found: BTreeMap<_, Option<&LoadedFile>> =
            self.sources.keys().map(|name| (name, None)).collect();
        found.extend(files.iter().filter_map(|file| Some((file.name.as_ref()?, Some(file)))));
        let turn = |(name, file): (&SourceName, Option<&LoadedFile>)| {
            let known = self.sources.get(name).cloned();
            let before = known.unwrap_or_else(|| ReloadState::gone(None, now));
            let (after, change) = before.after(file, now);
            let diagnostics = file.map(|file| file.diagnostics.clone()).unwrap_or_default();
            Turn { source: name.clone(), before, after, change, diagnostics }
        };
        found.into_iter().map(turn).collect()
    }

    /// Takes down what has become of the sources.
    pub(super) fn note(&mut self, turns: &[Turn]) {
        for turn in turns {
            self.sources.insert(turn.source.clone(), turn.after.clone());
        }
    }

    /// Takes down the faults of files that are no source's; answers those if they are new.
    pub(super) fn note_stray(&mut self, files: &[LoadedFile]) -> &[Diagnostic] {
        let stray = files.iter().filter(|file| file.name.is_none());
        let stray: Vec<_> = stray.flat_map(|file| file.diagnostics.iter().cloned()).collect();
        if self.stray == stray {
            return &[];
        }
        self.stray = stray;
        &self.stray
    }

    /// What requests get.
    pub(super) fn topology(&self) -> Topology {
        let in_force = self.sources.values().filter_map(ReloadState::in_force);
        let mut topology = Topology::of(in_force.map(|version| Arc::clone(&version.source)));
        topology.known = self.sources.keys().cloned().collect();
        topology
    }
}

impl Turn {
    /// The source stays as it was: its next version could not be noted.
    pub(super) fn undo(&mut self) {
        self.after = self.before.clone();
        self.change = Change::Failed;
    }
}
