//! Where past events come from: the store of the settings, or an export.

use crate::cli::progress::Progress;
use crate::cli::since::Since;
use crate::cli::{Ended, archive, report, settings};
use crate::clock::{Clock, System};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{Document, SourceName, Timestamp};
use crate::provider::Provider;
use crate::store::StoredEvent;
use crate::store::export::{Lines, NumberedLine};
use crate::store::sqlite::Archive;
use clap::Args;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What has more broken lines than that is no export.
const BROKEN_LINES_MAX: usize = 100;
/// How far back is looked where neither option is given, for commands that require none.
const DEFAULT_WINDOW: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[derive(Debug, Args)]
pub(in crate::cli) struct HistoryArguments {
    /// Take the stored events that were received since then: a time ago, as in 7d, or as in
    /// 2026-01-31T18:00:00Z
    #[arg(long, value_name = "7d|TIME", group = "history")]
    since: Option<Since>,
    /// Take the events of a file that `leadhook events export` wrote; - is stdin
    #[arg(long, value_name = "FILE|-", group = "history")]
    events: Option<PathBuf>,
}

/// Events, not yet read.
pub(in crate::cli) enum History {
    Stored { archive: Archive, since: Timestamp },
    Exported { name: String, lines: Lines<Box<dyn BufRead>> },
}

impl HistoryArguments {
    /// Opens what was named, or says why it can't be opened.
    pub(in crate::cli) fn open(&self, config: Option<PathBuf>) -> Result<History, Ended> {
        let Some(path) = &self.events else {
            let since = self.since.unwrap_or(Since::Ago(DEFAULT_WINDOW)).seen_from(System.now());
            return Ok(History::Stored { archive: archive::open(&settings(config))?, since });
        };
        if path == Path::new("-") {
            let lines = Lines::new(Box::new(io::stdin().lock()) as Box<dyn BufRead>);
            return Ok(History::Exported { name: "standard input".to_owned(), lines });
        }
        match File::open(path) {
            Ok(file) => {
                let lines = Lines::new(Box::new(BufReader::new(file)) as Box<dyn BufRead>);
                Ok(History::Exported { name: path.display().to_string(), lines })
            }
            Err(error) => {
                say!("error: {}: {error}", path.display());
                Err(Ended::Machine)
            }
        }
    }
}

impl History {
    /// Hands every event of `source` to `visit`. Says what can't be read; after a broken line the
    /// rest is still looked through for others, but there is no judgement by a part of the events.
    pub(in crate::cli) fn visit(
        self,
        source: &SourceName,
        visit: impl FnMut(StoredEvent),
    ) -> Result<(), Ended> {
        match self {
            Self::Stored { archive, since } => stored(&archive, source, since, visit),
            Self::Exported { name, lines } => exported(&name, lines, source, visit),
        }
    }
}

/// What a mapping gets to see of a past event, if it does.
pub(in crate::cli) fn document(event: &StoredEvent, provider: &Provider) -> Option<Document> {
    provider.read(&event.headers, &event.bytes).ok().filter(|_| !event.is_uncut())
}

fn stored(
    archive: &Archive,
    source: &SourceName,
    since: Timestamp,
    mut visit: impl FnMut(StoredEvent),
) -> Result<(), Ended> {
    let mut progress = Progress::new();
    let read = archive.events(Some(source), since, |event| {
        visit(event);
        progress.advance();
        ControlFlow::Continue(())
    });
    read.map_err(|error| {
        say!("error: {error}");
        Ended::Machine
    })
}

fn exported(
    name: &str,
    lines: Lines<Box<dyn BufRead>>,
    source: &SourceName,
    mut visit: impl FnMut(StoredEvent),
) -> Result<(), Ended> {
    let mut progress = Progress::new();
    let mut faults = Vec::new();
    for line in lines {
        let NumberedLine { number, event } = line.map_err(|error| {
            say!("error: {name}: {error}");
            Ended::Machine
        })?;
        match event {
            Ok(event) if event.source == *source => visit(event),
            Ok(_) => {}
            Err(fault) => {
                let place = Place::Path(format!("{name}:{number}"));
                faults.push(Diagnostic::error(Code::ExportLineInvalid, place, fault.to_string()));
            }
        }
        if faults.len() == BROKEN_LINES_MAX {
            break;
        }
        progress.advance();
    }
    drop(progress);
    report(&faults);
    if faults.len() == BROKEN_LINES_MAX {
        say!("error: {name} is no export of events: reading stopped at {BROKEN_LINES_MAX} faults");
    }
    if faults.is_empty() { Ok(()) } else { Err(Ended::Input) }
}
