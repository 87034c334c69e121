//! `--fail-on`: what a changed mapping file must not do.

use crate::cli::count;
use crate::review::Summary;
use clap::ValueEnum;

/// What can be forbidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Condition {
    /// A rule makes no lead any more where it made one, or learns no click
    Lost,
    /// A rule makes another lead
    Changed,
    /// A rule makes a lead where it made none, or learns a click
    Gained,
    /// A rule fails, needing a person, where it did not
    Unmapped,
}

/// Those of `forbidden` that hold, each once.
pub(super) fn held(forbidden: &[Condition], summary: &Summary) -> Vec<Condition> {
    let all = Condition::value_variants().iter().copied();
    all.filter(|condition| forbidden.contains(condition) && condition.holds(summary)).collect()
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
        let (name, leads) = (self.name(), self.leads(summary));
        let what = match (self, self.clicks(summary)) {
            (Self::Unmapped, _) => format!("a rule newly fails for {}", count(leads, "event")),
            (_, 0) => format!("{} {name}", count(leads, "lead")),
            (_, clicks) => {
                format!("{} and {} {name}", count(leads, "lead"), count(clicks, "click"))
            }
        };
        format!("{what} (--fail-on {name})")
    }

    fn holds(self, summary: &Summary) -> bool {
        self.leads(summary) + self.clicks(summary) > 0
    }

    /// For how many rules of an event it holds.
    fn leads(self, summary: &Summary) -> u64 {
        summary.total(|rule| match self {
            Self::Lost => rule.lost.total(),
            Self::Changed => rule.changed,
            Self::Gained => rule.gained.total(),
            Self::Unmapped => rule.newly_unmapped,
        })
    }

    fn clicks(self, summary: &Summary) -> u64 {
        match self {
            Self::Lost => summary.clicks.lost.count,
            Self::Gained => summary.clicks.gained.count,
            Self::Changed | Self::Unmapped => 0,
        }
    }
}
