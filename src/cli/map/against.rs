//! `leadhook map <source> --against new.toml`: what another mapping file would make of the events
//! that came, as a difference to what today's makes of them.
//!
//! Events come from the store of the settings or from an export. Nothing is sent or stored, and no
//! secret is needed.

mod condition;
mod history;
mod json;
mod show;

use crate::cli::print::json_text;
use crate::cli::readable::Readable;
use crate::cli::{Ended, report};
use crate::diagnostic::Diagnostic;
use crate::model::SourceName;
use crate::review::{Difference, Subject, Summary};
use crate::store::StoredEvent;
use crate::topology::Rules;
use clap::{ArgGroup, Args};
use condition::Condition;
pub(in crate::cli) use history::{History, HistoryArguments, document};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("history").requires("against"))]
pub(super) struct Against {
    /// Print the difference between today's mapping file and this one
    #[arg(
        long,
        value_name = "FILE",
        requires = "history",
        conflicts_with_all = ["payload", "event", "explain", "RequestArguments"],
    )]
    pub(super) against: Option<PathBuf>,
    #[command(flatten)]
    history: HistoryArguments,
    /// How many events to show of each difference
    #[arg(
        long,
        value_name = "N",
        requires = "against",
        default_value_t = 3,
        value_parser = clap::value_parser!(u16).range(..=1000),
    )]
    examples: u16,
    /// Leave out what the leads hold, for logs that others read
    #[arg(long, requires = "against")]
    hide_values: bool,
    /// Exit with 1 where leads are lost, changed or gained, or rules newly fail (unmapped)
    #[arg(long, value_name = "CONDITION", value_enum, value_delimiter = ',', requires = "against")]
    fail_on: Vec<Condition>,
}

/// Everything that is shown.
struct Judgement<'a> {
    source: &'a SourceName,
    today: &'a Readable,
    new: &'a Readable,
    summary: Summary,
    /// The conditions of `--fail-on` that hold.
    failed_on: Vec<Condition>,
    hide_values: bool,
}

impl Against {
    /// `today` is the path of today's mapping file, or why there is none.
    pub(super) fn run(
        self,
        source: &SourceName,
        today: Result<PathBuf, Vec<Diagnostic>>,
        json: bool,
        config: Option<PathBuf>,
    ) -> Ended {
        let judged = self.sides(today).and_then(|[today, new]| {
            if today.rules.provider.name() != new.rules.provider.name() {
                warn_of_providers(&today, &new);
            }
            let history = self.history.open(config)?;
            let summary = self.compare(source, &today.rules, &new.rules, history)?;
            Ok(self.judge(source, &today, &new, summary, json))
        });
        judged.unwrap_or_else(|ended| ended)
    }

    /// Today's mapping file and the new one, or every fault of both.
    fn sides(&self, today: Result<PathBuf, Vec<Diagnostic>>) -> Result<[Readable; 2], Ended> {
        let mut diagnostics = Vec::new();
        let today = today.map_err(|faults| diagnostics.extend(faults)).ok();
        let sides =
            [today, self.against.clone()].map(|path| Readable::read(&path?, &mut diagnostics));
        report(&diagnostics);
        let [Some(today), Some(new)] = sides else { return Err(Ended::Input) };
        Ok([today, new])
    }

    fn compare(
        &self,
        source: &SourceName,
        today: &Rules,
        new: &Rules,
        history: History,
    ) -> Result<Summary, Ended> {
        let mut summary = Summary::new(self.examples.into());
        history.visit(source, |event| {
            let subject = Subject { event: event.id, received_at: event.received_at };
            match difference(today, new, &event) {
                Some(difference) => summary.add(subject, difference),
                None => summary.add_unreadable(subject),
            }
        })?;
        Ok(summary)
    }

    fn judge(
        &self,
        source: &SourceName,
        today: &Readable,
        new: &Readable,
        summary: Summary,
        json: bool,
    ) -> Ended {
        let failed_on = condition::held(&self.fail_on, &summary);
        let judged_nothing = summary.events == 0 && !self.fail_on.is_empty();
        let hide_values = self.hide_values;
        let judgement = Judgement { source, today, new, summary, failed_on, hide_values };
        if json {
            out!("{}", json_text(&json::judgement(&judgement)));
        } else {
            show::judgement(&judgement);
        }
        if judged_nothing {
            say!("error: there is no event of `{source}` to judge by");
        }
        for condition in &judgement.failed_on {
            say!("error: {}", condition.sentence(&judgement.summary));
        }
        if judged_nothing || !judgement.failed_on.is_empty() { Ended::Input } else { Ended::Done }
    }
}

fn warn_of_providers(today: &Readable, new: &Readable) {
    say!(
        "warning: the events were received as those of `{}`, and {} is for `{}`: it sees them as \
         they were split, with the types and ids that they were given then",
        today.rules.provider.name(),
        new.path.display(),
        new.rules.provider.name(),
    );
}

/// What both mappings make of an event; `None` where no mapping gets to see it.
fn difference(today: &Rules, new: &Rules, event: &StoredEvent) -> Option<Difference> {
    let json = document(event, &today.provider)?;
    let view = event.view(&json);
    Some(Difference::between(&today.mapping.apply(view), &new.mapping.apply(view)))
}
