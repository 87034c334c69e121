//! `--fail-on`: what a changed mapping file must not do.

use crate::review::{RuleSummary, Summary};
use clap::ValueEnum;

/// What can be forbidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Condition {
    /// A rule makes no lead any more where it made one
    Lost,
    /// A rule makes another lead
    Changed,
    /// A rule makes a lead where it made none
    Gained,
    /// A rule fails, needing a person, where it did not
    Unmapped,
}

/// Those of `forbidden` that hold, each once.
pub(super) fn held(forbidden: &[Condition], summary: &Summary) -> Vec<Condition> {
    let all = Condition::value_variants().iter().copied();
    all.filter(|condition| forbidden.contains(condition) && condition.count(summary) > 0).collect()
}

impl Condition {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Changed => "changed",
            Self::Gained => "gained",
            Self::Unmapped => "unmapped",
        }
    }

    /// That it holds, and how often.
    pub(super) fn sentence(self, summary: &Summary) -> String {
        let what = match (self, self.count(summary)) {
            (Self::Unmapped, 1) => "1 rule of an event newly fails".to_owned(),
            (Self::Unmapped, count) => format!("{count} times a rule newly fails"),
            (_, 1) => format!("1 lead is {}", self.name()),
            (_, count) => format!("{count} leads are {}", self.name()),
        };
        format!("{what} (--fail-on {})", self.name())
    }

    fn count(self, summary: &Summary) -> u64 {
        summary.total(|rule: &RuleSummary| match self {
            Self::Lost => rule.lost.total(),
            Self::Changed => rule.changed,
            Self::Gained => rule.gained.total(),
            Self::Unmapped => rule.newly_unmapped,
        })
    }
}
