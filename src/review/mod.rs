//! Judging mapping files by what was: what another mapping would make of events that came.
//!
//! Pure: outcomes come in, differences and counts go out. Absent here: where the events come from,
//! applying a mapping, and how a judgement is shown.

mod difference;
mod summary;
mod tally;

pub use difference::{
    Cause, ClickDifference, Difference, Fate, FieldDifference, Kind, RuleDifference,
};
pub use summary::{ClickSummary, RuleSummary, Subject, Summary};
pub use tally::{Counted, Example, Tally};
