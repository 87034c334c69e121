//! `leadhook test`: runs the cases of mapping files and shows, field by field, why one fails.
//!
//! It reads mapping files on the way of `check` and `serve`, so that nothing holds here that would
//! fail there. Secrets are not needed: no request is verified.
//!
//! - `report`: what a person reads. `compare`: its table of fields, cut to the width of a terminal.
//! - `suggest`: the case as it would hold. `junit`, `json`: the same for programs.

mod compare;
mod json;
mod junit;
mod report;
mod suggest;

use super::files::Disk;
use super::print::{COLUMNS, colours, columns, json_text};
use super::report::report as tell;
use super::{Ended, settings};
use crate::config::Environment;
use crate::diagnostic::{Code, Diagnostic};
use crate::topology::{self, LoadedFile, Secrets, Tested, TestedCase};
use clap::Args;
use report::Paint;
use std::io::IsTerminal;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Test {
    /// Mapping files or folders [default: the folder that the settings name]
    paths: Vec<PathBuf>,
    /// Run only cases whose name contains this, in any case of letters
    #[arg(long, value_name = "NAME-PART")]
    case: Option<String>,
    /// Show each failing case as it would hold, to be pasted into the mapping file
    #[arg(long)]
    suggest: bool,
    /// Write a report for CI; - is stdout
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print the results as JSON
    #[arg(long)]
    json: bool,
}

/// What the mapping files came to.
struct Results {
    files: Vec<Tested>,
    /// Faults and warnings of the files, but for cases that do not hold.
    faults: Vec<Diagnostic>,
}

/// A case with its file and what it came to.
struct Tried<'r> {
    file: &'r Tested,
    tested: &'r TestedCase,
}

impl Test {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let to_stdout = self.junit.as_ref().is_some_and(|path| path.as_os_str() == "-");
        if self.json && to_stdout {
            say!("error: stdout is for one of --json and --junit -");
            return Ended::Machine;
        }
        let results = match self.results(config) {
            Ok(results) => results,
            Err(message) => {
                say!("error: {message}");
                return Ended::Machine;
            }
        };
        if !self.json && !results.faults.is_empty() {
            tell(&results.faults);
        }
        if self.json {
            out!("{}", json_text(&json::document(&results)));
        } else if to_stdout {
            say!("{}", self.shown(&results, std::io::stderr().is_terminal(), COLUMNS));
        } else {
            out!("{}", self.shown(&results, std::io::stdout().is_terminal(), columns()));
        }
        if let Some(path) = &self.junit
            && let Err(error) = junit::write(&results, path)
        {
            say!("error: {}: {error}", path.display());
            return Ended::Machine;
        }
        if results.hold() { Ended::Done } else { Ended::Input }
    }

    /// # Errors
    /// Where no case has the wanted name: a test that tests nothing must not pass.
    fn results(&self, config: Option<PathBuf>) -> Result<Results, String> {
        let mut results = Results { files: Vec::new(), faults: Vec::new() };
        let mut disks: Vec<Disk> = self.paths.iter().map(|path| Disk::path(path)).collect();
        if disks.is_empty() {
            let settings = settings(config);
            match settings.mappings() {
                Some(folder) => disks.push(Disk::folder(&folder)),
                None => results.faults.extend(settings.diagnostics),
            }
        }
        for disk in disks {
            match topology::load_files(&disk, &NoSecrets, false) {
                Ok(files) => files.into_iter().for_each(|file| results.add(file)),
                Err(fault) => results.faults.push(fault),
            }
            results.faults.extend(disk.no_sources());
        }
        if let Some(part) = &self.case {
            results.keep(part)?;
        }
        Ok(results)
    }

    fn shown(&self, results: &Results, terminal: bool, columns: usize) -> String {
        report::text(results, self.suggest, Paint(colours(terminal)), columns)
    }
}

impl Results {
    fn add(&mut self, file: LoadedFile) {
        let cases = || file.tested.iter().flat_map(|tested| tested.cases.iter().flatten());
        let is_ours = |fault: &Diagnostic| {
            fault.code == Code::SecretMissing
                || cases().any(|case| case.fault.as_ref() == Some(fault))
        };
        self.faults.extend(file.diagnostics.iter().filter(|fault| !is_ours(fault)).cloned());
        self.files.extend(file.tested);
    }

    /// Drops the cases whose names do not contain `part`.
    fn keep(&mut self, part: &str) -> Result<(), String> {
        let part = part.to_lowercase();
        for cases in self.files.iter_mut().filter_map(|file| file.cases.as_mut()) {
            cases.retain(|tested| tested.case.name.value.to_lowercase().contains(&part));
        }
        self.files.retain(|file| file.cases.as_ref().is_none_or(|cases| !cases.is_empty()));
        if self.cases().next().is_none() {
            return Err(format!("no case's name contains {part:?}"));
        }
        Ok(())
    }

    fn cases(&self) -> impl Iterator<Item = Tried<'_>> {
        self.files
            .iter()
            .flat_map(|file| file.cases.iter().flatten().map(move |tested| Tried { file, tested }))
    }

    fn failures(&self) -> impl Iterator<Item = Tried<'_>> {
        self.cases().filter(|case| !case.tested.outcome.holds())
    }

    fn hold(&self) -> bool {
        self.failures().next().is_none() && !self.faults.iter().any(Diagnostic::is_error)
    }
}

/// No secret is set.
struct NoSecrets;

impl Environment for NoSecrets {
    fn get(&self, _name: &str) -> Option<String> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Secrets for NoSecrets {
    fn file(&self, _path: &str) -> Result<String, String> {
        Err("not read for tests".to_owned())
    }
}
