//! How a source stands with its mapping file, and what follows from another look at the file. Pure.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::model::Timestamp;
use crate::topology::{LoadedFile, Source};
use std::sync::Arc;

/// How a source stands with its mapping file.
#[derive(Clone, Debug)]
pub struct ReloadState {
    /// The last version without a fault, if there ever was one.
    pub last_good: Option<Version>,
    pub file: FileState,
}

/// A version of a source.
#[derive(Clone, Debug)]
pub struct Version {
    pub source: Arc<Source>,
    /// When this process put it into force.
    pub since: Timestamp,
}

/// The mapping file on disk, as it was last read.
#[derive(Clone, Debug)]
pub enum FileState {
    /// It is what is in force.
    Good,
    /// It has faults; the last good version is in force.
    Refused { since: Timestamp, diagnostics: Vec<Diagnostic> },
    /// It is not there; nothing is in force.
    Gone { since: Timestamp },
}

/// What another look at the file has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    /// Another version comes into force.
    Applied,
    /// The file has become again what is in force.
    Healthy,
    /// The file has faults that it did not have before.
    Refused,
    /// The file is not there any more.
    Gone,
    /// Another version would have come into force, but could not be noted.
    Failed,
}

impl ReloadState {
    /// A source of which nothing is on disk, as far as is known yet.
    pub(super) fn gone(last_good: Option<Version>, since: Timestamp) -> Self {
        Self { last_good, file: FileState::Gone { since } }
    }

    /// What requests get.
    pub fn in_force(&self) -> Option<&Version> {
        match self.file {
            FileState::Gone { .. } => None,
            FileState::Good | FileState::Refused { .. } => self.last_good.as_ref(),
        }
    }

    /// Whether the file on disk has faults.
    pub fn is_refused(&self) -> bool {
        matches!(self.file, FileState::Refused { .. })
    }

    pub(super) fn is_gone(&self) -> bool {
        matches!(self.file, FileState::Gone { .. })
    }

    /// The state after a look at `now` that found `file`.
    pub(super) fn after(&self, file: Option<&LoadedFile>, now: Timestamp) -> (Self, Change) {
        let Some(file) = file else { return self.without_file(now) };
        match self.judge(file) {
            Ok(source) => self.with_good(source, now),
            Err(diagnostics) => self.with_faults(diagnostics, now),
        }
    }

    /// The source that the file makes, or why it must not come into force.
    fn judge(&self, file: &LoadedFile) -> Result<Arc<Source>, Vec<Diagnostic>> {
        let Some(source) = &file.source else { return Err(file.diagnostics.clone()) };
        let takes_requests = |version: &Version| version.source.verifier.is_ok();
        match &source.verifier {
            Err(missing) if self.last_good.as_ref().is_some_and(takes_requests) => {
                Err(without_secrets(&file.diagnostics, missing))
            }
            _ => Ok(Arc::clone(source)),
        }
    }

    fn with_good(&self, source: Arc<Source>, now: Timestamp) -> (Self, Change) {
        let same = self.in_force().filter(|version| version.source.is_same(&source));
        let change = match (same, self.is_refused()) {
            (Some(_), false) => Change::Nothing,
            (Some(_), true) => Change::Healthy,
            (None, _) => Change::Applied,
        };
        let version = same.cloned().unwrap_or(Version { source, since: now });
        (Self { last_good: Some(version), file: FileState::Good }, change)
    }

    fn with_faults(&self, diagnostics: Vec<Diagnostic>, now: Timestamp) -> (Self, Change) {
        let since = match &self.file {
            FileState::Refused { diagnostics: known, .. } if *known == diagnostics => {
                return (self.clone(), Change::Nothing);
            }
            FileState::Refused { since, .. } => *since,
            FileState::Good | FileState::Gone { .. } => now,
        };
        let mut last_good = self.last_good.clone();
        if let (Some(version), true) = (&mut last_good, self.is_gone()) {
            version.since = now;
        }
        (Self { last_good, file: FileState::Refused { since, diagnostics } }, Change::Refused)
    }

    fn without_file(&self, now: Timestamp) -> (Self, Change) {
        if self.is_gone() {
            return (self.clone(), Change::Nothing);
        }
        (Self::gone(self.last_good.clone(), now), Change::Gone)
    }
}

/// A file whose secrets are missing is as bad as one with faults where a version that has its own
/// takes requests: in its place, they would all be answered 503.
fn without_secrets(diagnostics: &[Diagnostic], missing: &[String]) -> Vec<Diagnostic> {
    let mut missing = missing.iter();
    let mut raise = |diagnostic: &Diagnostic| {
        let mut diagnostic = diagnostic.clone();
        if diagnostic.code == Code::SecretMissing
            && let Some(name) = missing.next()
        {
            diagnostic.severity = Severity::Error;
            diagnostic.message =
                format!("{name} is not set, and the last good version has its secret");
        }
        diagnostic
    };
    diagnostics.iter().map(&mut raise).collect()
}
