//! What a reload tells: one log line for what it did to a source, one for each fault, and metrics.

use super::book::Turn;
use super::state::{Change, FileState, ReloadState};
use crate::diagnostic::Diagnostic;
use crate::model::SourceName;
use crate::telemetry::{Metrics, ReloadResult};

/// A file that is no TOML at all can have a fault in every line.
const FAULTS_TOLD_MAX: usize = 20;
/// As many characters of a version as tell it from others.
const VERSION_SHOWN: usize = 12;

/// Tells what has become of a source at the start of the service.
pub(super) fn begun(turn: &Turn, metrics: &Metrics) {
    measure(turn, metrics);
    if turn.after.is_refused() {
        let source = &turn.source;
        let version = version(&turn.after);
        tracing::error!(%source, version, "mapping refused: the last good version is in force");
    }
}

/// Tells what a reload has done to a source.
pub(super) fn turned(turn: &Turn, metrics: &Metrics) {
    measure(turn, metrics);
    metrics.reloaded(&turn.source, result(turn.change));
    let source = &turn.source;
    let version = version(&turn.after);
    match turn.change {
        // Whoever undid it has told of all that failed at once.
        Change::Nothing | Change::Failed => {}
        Change::Applied => {
            tracing::info!(%source, version, "mapping applied");
            faults("mapping has a warning", Some(source), version, &turn.diagnostics);
        }
        Change::Healthy => tracing::info!(%source, version, "mapping healthy again"),
        Change::Gone => {
            tracing::warn!(%source, "mapping file gone: the source answers 503 until it is back");
        }
        Change::Refused => {
            let what = match version {
                Some(_) => "mapping refused: the last good version stays in force",
                None => "mapping refused: the source answers 503 until its file is mended",
            };
            if let FileState::Refused { diagnostics, .. } = &turn.after.file {
                faults(what, Some(source), version, diagnostics);
            }
        }
    }
}

/// Tells of faults, a line each.
pub(super) fn faults(
    what: &str,
    source: Option<&SourceName>,
    version: Option<&str>,
    faults: &[Diagnostic],
) {
    let source = source.map(tracing::field::display);
    for diagnostic in faults.iter().take(FAULTS_TOLD_MAX) {
        let Diagnostic { code, place, hint, .. } = diagnostic;
        let (code, fault) = (code.name(), diagnostic.headline());
        tracing::warn!(source, version, code, %place, fault, hint, "{what}");
    }
    let untold = faults.len().saturating_sub(FAULTS_TOLD_MAX);
    if untold > 0 {
        tracing::warn!(source, version, untold, "{what}: `leadhook check` shows the other faults");
    }
}

/// Tells whoever asked for it what was read, also where nothing has changed.
pub(super) fn asked(turns: &[Turn]) {
    let names = |wanted: &dyn Fn(&Turn) -> bool| -> String {
        let names = turns.iter().filter(|turn| wanted(turn)).map(|turn| turn.source.as_str());
        names.collect::<Vec<_>>().join(" ")
    };
    let is_good = |turn: &Turn| !turn.after.is_refused() && !turn.after.is_gone();
    let applied = names(&|turn| turn.change == Change::Applied);
    let unchanged = names(&|turn| is_good(turn) && turn.change != Change::Applied);
    let refused = names(&|turn| turn.after.is_refused());
    let gone = names(&|turn| turn.after.is_gone());
    tracing::info!(applied, unchanged, refused, gone, "mapping files read again");
}

fn measure(turn: &Turn, metrics: &Metrics) {
    metrics.mapping_refused(&turn.source, turn.after.is_refused());
    let of = |state: &ReloadState| {
        let version = state.in_force()?;
        Some((version.source.mapping.version().to_owned(), version.since))
    };
    let before = of(&turn.before);
    let after = of(&turn.after);
    if before == after {
        return;
    }
    let before = before.as_ref().map(|(version, _)| version.as_str());
    match after {
        Some((version, since)) => metrics.mapping_in_force(&turn.source, before, &version, since),
        None => metrics.mapping_out_of_force(&turn.source, before),
    }
}

fn result(change: Change) -> ReloadResult {
    match change {
        Change::Nothing => ReloadResult::Unchanged,
        Change::Applied | Change::Healthy => ReloadResult::Applied,
        Change::Refused => ReloadResult::Refused,
        Change::Gone => ReloadResult::Gone,
        Change::Failed => ReloadResult::Failed,
    }
}

/// The beginning of the version in force.
fn version(state: &ReloadState) -> Option<&str> {
    let version = state.in_force()?.source.mapping.version();
    Some(version.get(..VERSION_SHOWN).unwrap_or(version))
}
