//! `leadhook check`: what `serve` would refuse, in the same words.

use super::files::Disk;
use super::process::ProcessEnvironment;
use super::{Ended, count, report, settings};
use crate::diagnostic::Diagnostic;
use crate::topology;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Mapping files or folders [default: the settings and the folder they name]
    paths: Vec<PathBuf>,
    /// Treat missing secrets as errors
    #[arg(long)]
    strict: bool,
}

impl Check {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let mut diagnostics = Vec::new();
        let mut disks: Vec<Disk> = self.paths.iter().map(|path| Disk::path(path)).collect();
        if disks.is_empty() {
            let settings = settings(config);
            disks.extend(settings.mappings().map(|folder| Disk::folder(&folder)));
            diagnostics.extend(settings.missing_key());
            diagnostics.extend(settings.diagnostics);
        }
        let mut sources = 0;
        for disk in disks {
            let loaded = topology::load(&disk, &ProcessEnvironment, self.strict);
            sources += loaded.topology.map_or(0, |topology| topology.sources.len());
            diagnostics.extend(loaded.diagnostics);
            diagnostics.extend(disk.no_sources());
        }
        report(&diagnostics);
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
        out!("{}", summary(sources, errors, &diagnostics));
        if errors > 0 { Ended::Input } else { Ended::Done }
    }
}

fn summary(sources: usize, errors: usize, diagnostics: &[Diagnostic]) -> String {
    let warnings = diagnostics.len() - errors;
    let verdict = if errors == 0 { "ok" } else { "not ok" };
    let good = if errors == 0 { format!("{}, ", count(sources, "source")) } else { String::new() };
    format!("{verdict}: {good}{}, {}", count(errors, "error"), count(warnings, "warning"))
}
