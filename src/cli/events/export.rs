//! `leadhook events export`: stored events as JSON Lines.

use crate::cli::files::Disk;
use crate::cli::progress::Progress;
use crate::cli::since::Since;
use crate::cli::{Ended, archive, count, settings};
use crate::clock::{Clock, System};
use crate::model::{SourceName, Timestamp};
use crate::store::export::write_line;
use crate::store::{StoredEvent, sqlite::Archive};
use crate::topology::{FileText, Folder, rules};
use clap::Args;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const STDOUT: &str = "-";

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Only events of this source, as in clerk
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// Only events received since then: a time ago, as in 7d, or as in 2026-01-31T18:00:00Z
    #[arg(long, value_name = "7d|TIME")]
    since: Option<Since>,
    /// Only events of this type, as the provider names it
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// Write to this file, readable for you alone where it is a new one; - is stdout
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    out: PathBuf,
}

impl Export {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let settings = settings(config);
        let archive = match archive::open(&settings) {
            Ok(archive) => archive,
            Err(ended) => return ended,
        };
        let providers = settings.mappings().map(|folder| providers(&folder)).unwrap_or_default();
        let mut out = match writer(&self.out) {
            Ok(out) => out,
            Err(error) => {
                say!("error: {}: {error}", self.out.display());
                return Ended::Machine;
            }
        };
        match self.write(&archive, &providers, &mut out) {
            Ok(count) => {
                self.say_done(count);
                Ended::Done
            }
            // Whoever closes the pipe has read enough.
            Err(error) if is_broken_pipe(&error) => Ended::Done,
            Err(error) => {
                say!("error: the export is incomplete: {error:#}");
                Ended::Machine
            }
        }
    }

    /// Writes all that is asked for; answers how many events that were.
    fn write(
        &self,
        archive: &Archive,
        providers: &BTreeMap<SourceName, String>,
        out: &mut dyn Write,
    ) -> anyhow::Result<u64> {
        let beginning = Timestamp::from_millis(0);
        let since = self.since.map_or(beginning, |since| since.seen_from(System.now()));
        let is_wanted =
            |event: &StoredEvent| self.event_type.is_none() || event.event_type == self.event_type;
        let mut progress = Progress::beside(self.is_to_stdout() && io::stdout().is_terminal());
        let mut count = 0;
        let mut written = Ok(());
        archive.events(self.source.as_ref(), since, |event| {
            if !is_wanted(&event) {
                return ControlFlow::Continue(());
            }
            let provider = providers.get(&event.source).map(String::as_str);
            written = write_line(&event, provider, out);
            count += 1;
            progress.advance();
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        written?;
        out.flush()?;
        Ok(count)
    }

    fn is_to_stdout(&self) -> bool {
        self.out == Path::new(STDOUT)
    }

    fn say_done(&self, written: u64) {
        if !self.is_to_stdout() {
            let events = count(written, "event");
            say!("{events} written to {}: they hold people's data", self.out.display());
        }
    }
}

fn writer(path: &Path) -> io::Result<Box<dyn Write>> {
    if path == Path::new(STDOUT) {
        return Ok(Box::new(BufWriter::new(io::stdout().lock())));
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(Box::new(BufWriter::new(options.open(path)?)))
}

/// The provider of each source whose mapping file is in order; an export doesn't need the others.
fn providers(folder: &Path) -> BTreeMap<SourceName, String> {
    let files = Disk::folder(folder).mapping_files().unwrap_or_default();
    let provider = |FileText { name, text }: FileText| {
        let source = Path::new(&name).file_stem()?.to_str()?.parse().ok()?;
        let (rules, _) = rules(&name, &text.ok()?);
        Some((source, rules?.provider.name().to_owned()))
    };
    files.into_iter().filter_map(provider).collect()
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
