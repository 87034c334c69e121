//! The lead body: the destination's rules, and the repairs that keep an optional field from
//! costing the lead.

use crate::model::{Lead, Reason};
use serde_json::{Map, Number, Value};

/// The fields of a lead as a mapping found them: not yet checked, trimmed or shortened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// `None` leaves the field out; an empty text is sent on purpose.
    pub click_id: Option<String>,
    pub event_name: String,
    pub customer_external_id: String,
    pub customer_name: Option<String>,
    pub customer_email: Option<String>,
    pub customer_avatar: Option<String>,
    pub mode: Option<String>,
    pub event_quantity: Option<Number>,
    pub metadata: Option<Map<String, Value>>,
}

/// Checks a draft against the destination's rules and fixes its bytes.
///
/// # Errors
/// Every required field that can't be sent, with why. An optional field is never an error: it is
/// repaired or left out, with a warning on the lead.
pub fn build(draft: Draft) -> Result<Lead, Vec<Reason>> {
    let _ = draft;
    Err(Vec::new())
}
