//! The nouns of the service: plain values that every other module speaks in.
//!
//! Absent here: rules, effects, wire formats. A type of this module can be built, compared and
//! passed on; what it means for a lead is decided elsewhere.

mod attempt;
mod budget;
mod delivery;
mod event;
mod ids;
mod lead;
mod names;
mod network;
mod rate;
mod rejection;
mod request;
mod secret;
mod selector;
mod time;

pub use attempt::{
    Attempt, AttemptResult, Decision, Effect, Failure, History, Hold, Next, Refusal,
};
pub use budget::Budget;
pub use delivery::{Applied, DeliveryState, Once, Reason, RuleOutcome, Translation, derived_state};
pub use event::{Document, EventView, ProviderEvent};
pub use ids::{AttemptId, DeliveryId, EventId, IdError, LeaseToken, RejectionId, RequestId};
pub use lead::{Click, Lead, Mode, Warning, body_with_click, event_slug};
pub use names::{CUSTOM, DestinationName, NameError, RuleName, SourceName};
pub use network::{Network, NetworkError, same_sender};
pub use rate::Rate;
pub use rejection::Cause;
pub use request::{Headers, QueryString, Request, UNPROVED};
pub use secret::Secret;
pub use selector::{
    Filter, InnerQuery, Literal, Origin, Part, Selected, Selector, SelectorError, Step, StepKind,
    Way,
};
pub use time::{DurationError, Timestamp, TimestampError, parse_duration};
