//! `leadhook coverage <source>`: how often each field of a mapping file found something in the
//! events that came, what of their payloads it doesn't use, and what changed in them.
//!
//! Names of keys are shown, and the values by which questions of forms are told apart; no other
//! value is. Nothing is sent or stored, and no secret is needed.

mod json;
mod lines;
mod show;

use super::map::{History, HistoryArguments, document};
use super::print::json_text;
use super::readable::Readable;
use super::since::Since;
use super::{Ended, readable};
use crate::clock::{Clock, System};
use crate::model::SourceName;
use crate::review::{Coverage, Findings};
use crate::topology::Rules;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ShowCoverage {
    /// The source, as in clerk
    source: SourceName,
    #[command(flatten)]
    history: HistoryArguments,
    /// Take this mapping file [default: the source's file in the folder of the settings]
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Of changes, tell only those since then: a time ago, or as in 2026-01-31T18:00:00Z
    #[arg(long, value_name = "7d|TIME", conflicts_with = "since_version")]
    changed_since: Option<Since>,
    /// Of changes, tell only those since this version of the mapping file came into force
    #[arg(long, value_name = "VERSION")]
    since_version: Option<String>,
    /// How many unused paths and new ones to list of each type of event
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Exit with 1 where something that the mapping reads vanished or changed its type, or where a
    /// field never found anything
    #[arg(long, value_name = "CONDITION", value_enum, value_delimiter = ',')]
    fail_on: Vec<Condition>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// What can make the command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Condition {
    /// Something that the mapping reads vanished or changed its type
    Drift,
    /// A field never found anything
    Never,
}

impl ShowCoverage {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        self.findings(config).map_or_else(|ended| ended, |findings| self.show(&findings))
    }

    fn findings(&self, config: Option<PathBuf>) -> Result<Findings, Ended> {
        let rules = self.rules(config.clone())?;
        let history = self.history.open(config)?;
        let coverage = observe(&rules, &self.source, history)?;
        let since = match &self.since_version {
            None => self.changed_since.map(|since| since.seen_from(System.now())),
            Some(version) => Some(coverage.began(version).ok_or_else(|| {
                say!("error: no event came, of those looked at, under one version {version}");
                Ended::Input
            })?),
        };
        Ok(coverage.findings(since))
    }

    fn rules(&self, config: Option<PathBuf>) -> Result<Rules, Ended> {
        let path = match &self.mapping {
            Some(path) => path.clone(),
            None => readable::of_source(&self.source, config).map_err(readable::refused)?,
        };
        Ok(Readable::told(&path)?.rules)
    }

    fn show(&self, findings: &Findings) -> Ended {
        if self.json {
            out!("{}", json_text(&json::findings(&self.source, findings)));
        } else {
            show::findings(&self.source, findings, self.limit);
        }
        let mut ended = Ended::Done;
        for condition in &self.fail_on {
            let (holds, what) = match condition {
                Condition::Drift => {
                    (findings.has_drift(), "something that the mapping reads vanished or changed")
                }
                Condition::Never => (findings.has_dead_fields(), "a field never found anything"),
            };
            if holds {
                say!("error: {what}");
                ended = Ended::Input;
            }
        }
        ended
    }
}

fn observe(rules: &Rules, source: &SourceName, history: History) -> Result<Coverage, Ended> {
    let mut coverage = Coverage::new(&rules.mapping);
    history.visit(source, |event| {
        let version = event.mapping_version.as_str();
        let Some(json) = document(&event, &rules.provider) else {
            return coverage.observe_unreadable(event.received_at, version);
        };
        let view = event.view(&json);
        coverage.observe(view, version, &rules.mapping.explain(view));
    })?;
    Ok(coverage)
}
