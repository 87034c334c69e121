//! Runs the `[[case]]`s of a mapping file: a sample through the provider's splitting and the rules.

use super::Folder;
use crate::diagnostic::{Code, Diagnostic, Place, SourceText};
use crate::mapping::{Case, Mapping};
use crate::model::{Applied, EventView, Headers, QueryString, Reason, Timestamp};
use crate::provider::Provider;
use bytes::Bytes;
use std::sync::Arc;

/// More events than any sample has.
const EVENTS_MAX: usize = 1_000;
/// Cases must give the same result on every day: they happen at the beginning of 2026.
const RECEIVED_AT: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// What does not hold; empty where the case holds.
pub(super) fn check(
    case: &Case,
    mapping: &Mapping,
    provider: &Provider,
    folder: &dyn Folder,
    text: &Arc<SourceText>,
) -> Vec<Diagnostic> {
    let place =
        |span: &std::ops::Range<usize>| Place::Text { text: Arc::clone(text), span: span.clone() };
    let body = match folder.sample(&case.event.value) {
        Ok(body) => Bytes::from(body),
        Err(error) => {
            let message = format!("the sample can't be read: {error}");
            let hint = "samples lie in the folder of the mapping files: copy them along, or remove \
                        the case";
            let fault = Diagnostic::error(Code::FileUnreadable, place(&case.event.span), message);
            return vec![fault.hint(hint.to_owned())];
        }
    };
    match apply_sample(mapping, provider, &Headers::default(), &QueryString::default(), &body) {
        Ok(applied) => case.check(text, &applied),
        Err(reason) => {
            let message = format!("the sample is no event: {reason}");
            vec![Diagnostic::error(Code::CaseFailed, place(&case.event.span), message)]
        }
    }
}

/// What a mapping makes of all events of a request body, as in a case.
///
/// # Errors
/// Why an event can't be read.
pub fn apply_sample(
    mapping: &Mapping,
    provider: &Provider,
    headers: &Headers,
    query: &QueryString,
    body: &Bytes,
) -> Result<Applied, Reason> {
    let mut whole = Applied::default();
    for event in provider.split(headers, query, body, EVENTS_MAX) {
        let applied = mapping.apply(EventView {
            provider_event_id: event.provider_event_id.as_deref(),
            event_type: event.event_type.as_deref(),
            received_at: RECEIVED_AT,
            headers,
            query,
            json: event.json.as_ref().map_err(Reason::clone)?,
        });
        whole.outcomes.extend(applied.outcomes);
        whole.clicks.extend(applied.clicks);
    }
    Ok(whole)
}
