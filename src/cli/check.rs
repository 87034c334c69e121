//! `leadhook check`: what `serve` would refuse, in the same words.

use super::files::Disk;
use super::report::{Fault, faults, report};
use super::{Ended, count, settings};
use crate::topology;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Mapping files or folders [default: the settings and the folder they name]
    paths: Vec<PathBuf>,
    /// Treat missing secrets as errors
    #[arg(long)]
    strict: bool,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Found<'a> {
    /// How many sources the files make; none where some fault is an error.
    sources: usize,
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Fault<'a>>,
}

impl Check {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let mut diagnostics = Vec::new();
        let mut disks: Vec<Disk> = self.paths.iter().map(|path| Disk::path(path)).collect();
        let settings = settings(config);
        let secrets = settings.secrets();
        if disks.is_empty() {
            disks.extend(settings.mappings().map(|folder| Disk::folder(&folder)));
            diagnostics.extend(settings.missing_key());
            diagnostics.extend(settings.diagnostics);
        }
        let mut sources = 0;
        for disk in disks {
            let loaded = topology::load(&disk, &secrets, self.strict);
            sources += loaded.topology.map_or(0, |topology| topology.sources.len());
            diagnostics.extend(loaded.diagnostics);
            diagnostics.extend(disk.no_sources());
        }
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
        let warnings = diagnostics.len() - errors;
        let summary = summary(sources, errors, warnings);
        if self.json {
            let diagnostics = faults(&diagnostics);
            let sources = if errors == 0 { sources } else { 0 };
            out!("{}", json(&Found { sources, errors, warnings, diagnostics }));
            say!("{summary}");
        } else {
            report(&diagnostics);
            out!("{summary}");
        }
        if errors > 0 { Ended::Input } else { Ended::Done }
    }
}

fn json(found: &Found<'_>) -> String {
    serde_json::to_string_pretty(found).expect("texts and numbers always have a JSON form")
}

fn summary(sources: usize, errors: usize, warnings: usize) -> String {
    let verdict = if errors == 0 { "ok" } else { "not ok" };
    let good = if errors == 0 { format!("{}, ", count(sources, "source")) } else { String::new() };
    format!("{verdict}: {good}{}, {}", count(errors, "error"), count(warnings, "warning"))
}
