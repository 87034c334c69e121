//! `leadhook map`: what the mapping file of a source makes of events.
//!
//! It needs no secret and sends nothing. Without more it translates a payload; `--explain` says how
//! each field came about, `--event` takes a stored event, and `--against` compares two mapping files
//! over many of them.

mod against;
mod explain;
mod json;
mod place;
mod subject;
mod tell;

use super::print::json_text;
use super::readable::{self, Readable};
use super::{Ended, archive, settings};
use crate::mapping::Explanation;
use crate::model::{Applied, EventId, RuleOutcome, Translation};
use against::Against;
pub(super) use against::{History, HistoryArguments, document};
use clap::Args;
use place::Named;
use std::path::PathBuf;
use subject::{RequestArguments, Subject};

#[derive(Debug, Args)]
pub(super) struct Map {
    /// The source, as in clerk, or the path of a mapping file
    #[arg(required_unless_present = "event")]
    source: Option<Named>,
    /// The body of a request; - or nothing is stdin
    #[arg(value_name = "PAYLOAD", conflicts_with = "event")]
    payload: Option<PathBuf>,
    /// Take this mapping file [default: the source's file in the folder of the settings]
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Explain how each field came about
    #[arg(long)]
    explain: bool,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    request: RequestArguments,
    /// Translate this stored event
    #[arg(long, value_name = "EVENT")]
    event: Option<EventId>,
    #[command(flatten)]
    against: Against,
}

/// An event with what became of it.
struct Translated {
    subject: Subject,
    applied: Applied,
    explanation: Option<Explanation>,
}

impl Map {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let ended = match &self.source {
            Some(source) if self.against.against.is_some() => {
                let today = || match &self.mapping {
                    Some(path) => Ok(path.clone()),
                    None => source.path(config.clone()),
                };
                let against = |name| self.against.run(&name, today(), self.json, config.clone());
                source.source().map(against)
            }
            _ => self.translate(config),
        };
        ended.unwrap_or_else(|ended| ended)
    }

    fn translate(self, config: Option<PathBuf>) -> Result<Ended, Ended> {
        let stored =
            self.event.map(|id| archive::event(id, &settings(config.clone()))).transpose()?;
        let of_event = stored.as_ref().map(|stored| Named::Source(stored.source.clone()));
        let path = match (self.mapping, self.source.or(of_event)) {
            (Some(path), _) => path,
            (None, Some(named)) => named.path(config).map_err(readable::refused)?,
            (None, None) => unreachable!("clap asks for a source where there is no stored event"),
        };
        let file = Readable::told(&path)?;
        let subjects = match stored {
            Some(stored) => vec![Subject::stored(stored, &file.rules.provider)],
            None => self.request.events(self.payload.as_deref(), &file.rules.provider)?,
        };
        let translate = |subject| translated(&file, subject, self.explain);
        let events: Vec<_> = subjects.into_iter().map(translate).collect();
        match (self.json, self.explain) {
            (true, _) => out!("{}", json_text(&json::document(&file, &events))),
            (false, true) => explain::print(&file, &events),
            (false, false) => tell::all(&events),
        }
        Ok(if events.iter().any(Translated::needs_a_person) { Ended::Input } else { Ended::Done })
    }
}

fn translated(file: &Readable, subject: Subject, explain: bool) -> Translated {
    let mapping = &file.rules.mapping;
    let explanation = subject.view().filter(|_| explain).map(|event| mapping.explain(event));
    let applied = match (&explanation, subject.view()) {
        (Some(explanation), _) => explanation.applied(),
        (None, Some(event)) => mapping.apply(event),
        (None, None) => Applied::default(),
    };
    Translated { subject, applied, explanation }
}

impl Translated {
    /// Whether it should have become a lead and did not.
    fn needs_a_person(&self) -> bool {
        let unmapped =
            |outcome: &RuleOutcome| matches!(outcome.translation, Translation::Unmapped(_));
        self.subject.json.is_err() || self.applied.outcomes.iter().any(unmapped)
    }
}
