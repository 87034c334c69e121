//! What one rule made of one event, and the states that a delivery goes through.

use super::{Click, DestinationName, Lead, RuleName};
use crate::diagnostic::Code;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A code with the field it is about and a detail for a person. A detail that we word never holds
/// values of the event, but one may quote the destination: it is stored and shown, never logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub code: Code,
    /// The field of the lead, as in `customerEmail`, if it is about one.
    pub field: Option<String>,
    pub detail: Option<String>,
}

impl Reason {
    pub fn new(code: Code) -> Self {
        Self { code, field: None, detail: None }
    }

    pub fn of_field(code: Code, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(code) }
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())?;
        if let Some(field) = &self.field {
            write!(f, " ({field})")?;
        }
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

/// What a mapping made of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// One of every `[[lead]]` rule that matched; empty where none did.
    pub outcomes: Vec<RuleOutcome>,
    /// What `[[click]]` rules learnt, in their order.
    pub clicks: Vec<Click>,
}

/// What a rule of a mapping made of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleOutcome {
    pub rule: RuleName,
    pub destination: DestinationName,
    pub once: Once,
    pub translation: Translation,
}

/// A lead, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Translation {
    Lead(Box<Lead>),
    /// A lead that is complete but for its click id, which may come later or have come before.
    Parked(Box<Lead>),
    /// Normal and quiet: nobody referred this person, mostly.
    Skipped(Reason),
    /// A required field could not be made; every reason found. Needs a person.
    Unmapped(Vec<Reason>),
}

/// How long the ledger keeps the same customer and event name from being sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Once {
    #[default]
    Forever,
    For(Duration),
    /// Only the very same event and rule is held back.
    Event,
}

macro_rules! states {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// The state of a delivery.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum DeliveryState { $($(#[$doc])* $variant,)* }

        impl DeliveryState {
            pub const ALL: &'static [DeliveryState] = &[$(DeliveryState::$variant,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(DeliveryState::$variant => $name,)* }
            }
        }
    };
}

// In the order of how much they want a person's eye: an event's state is its worst delivery's.
states! {
    /// Replaced by a later delivery of the same event and rule.
    Superseded = "superseded";
    /// Thrown away by an operator.
    Discarded = "discarded";
    /// No lead on purpose: no click id, mostly.
    Skipped = "skipped";
    /// The ledger has it: not sent again.
    RecordedBefore = "recorded_before";
    /// The destination has it, by somebody else's doing.
    Duplicate = "duplicate";
    /// The destination accepted it.
    Tracked = "tracked";
    /// Deferred mode: the customer exists at the destination, the lead comes later.
    CustomerCreated = "customer_created";
    /// An attempt whose answer was lost probably recorded it.
    ProbablyTracked = "probably_tracked";
    /// Waits for a click id.
    Parked = "parked";
    /// Due, now or later.
    Pending = "pending";
    /// An attempt is under way.
    Leased = "leased";
    /// The destination probably dropped it; needs a person.
    Swallowed = "swallowed";
    /// The destination refused it for good.
    Rejected = "rejected";
    /// Attempts or age used up.
    Dead = "dead";
    /// A required field could not be made; needs a person.
    Unmapped = "unmapped";
}

impl DeliveryState {
    /// Whether nothing more will happen to it by itself.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Parked | Self::Pending | Self::Leased)
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeliveryState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text).ok_or(())
    }
}

/// The state of an event: `unmapped` if it can't be read, else the worst of its deliveries',
/// `None` (shown as `ignored`) where no rule matched.
pub fn derived_state(
    unreadable: bool,
    deliveries: impl IntoIterator<Item = DeliveryState>,
) -> Option<DeliveryState> {
    if unreadable {
        return Some(DeliveryState::Unmapped);
    }
    deliveries.into_iter().max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_as_bad_as_its_worst_delivery() {
        use DeliveryState::*;
        assert_eq!(derived_state(false, []), None);
        assert_eq!(derived_state(true, []), Some(Unmapped));
        assert_eq!(derived_state(false, [Superseded, Tracked, Skipped]), Some(Tracked));
        assert_eq!(derived_state(false, [Pending, Rejected, Tracked]), Some(Rejected));
    }

    #[test]
    fn states_read_back_what_they_show() {
        for state in DeliveryState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
    }
}
