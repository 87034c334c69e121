//! What became of an event, in the words and shapes that several commands share.

use super::print::printable;
use crate::model::{Click, Lead, Reason};
use serde_json::{Value, json};

/// A reason with what its code means, unless it says so itself.
pub(super) fn reason_text(reason: &Reason) -> String {
    match reason.detail {
        Some(_) => printable(&reason.to_string()),
        None => printable(&format!("{reason}: {}", reason.code.meaning())),
    }
}

pub(super) fn body(lead: &Lead) -> Value {
    serde_json::from_slice(&lead.body).unwrap_or_default()
}

/// A promise, as is that of [`reason`]; see `docs/workbench.md`.
pub(super) fn click(click: &Click) -> Value {
    json!({ "customerExternalId": click.customer, "clickId": click.click_id })
}

pub(super) fn reason(reason: &Reason) -> Value {
    json!({ "code": reason.code.name(), "field": reason.field, "detail": reason.detail })
}
