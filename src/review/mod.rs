//! Judging mapping files by what was: what another mapping would make of events that came, and what
//! stored events say about the one in force.
//!
//! - `difference`, `summary`, `tally`: two mappings on the same events.
//! - `shape`: which paths the payloads have, how often, since when and until when.
//! - `drift`: what of that vanished, appeared or changed its type, and what took its place.
//! - `coverage`: how often each rule and field found something.
//! - `monitor`: the same watch over fields in the running service.
//! - `chance`: the one statistical rule behind drift and the monitor.
//!
//! Pure: outcomes and payloads come in, counts and judgements go out. Absent here: where the events
//! come from, applying a mapping, and how a judgement is shown.

mod chance;
mod coverage;
mod difference;
mod drift;
mod looks;
mod monitor;
mod shape;
mod summary;
mod tally;
mod unread;

pub use chance::Share;
use chance::{HITS_MIN, chance_of_silence};
pub use coverage::{
    Counts, Coverage, FieldCoverage, Findings, FormCoverage, FormKind, RuleCoverage, TypeFindings,
};
pub use difference::{
    Cause, ClickDifference, Difference, Fate, FieldDifference, Kind, RuleDifference,
};
pub use drift::{Appeared, Changed, Drift, Turn, Vanished};
pub use looks::Field;
pub use monitor::{Monitor, News, Turned};
pub use shape::Reader;
pub use summary::{ClickSummary, RuleSummary, Subject, Summary};
pub use tally::{Counted, Example, Tally};
pub use unread::Unread;
