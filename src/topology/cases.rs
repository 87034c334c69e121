//! Runs the `[[case]]`s of a mapping file: a sample through the provider's splitting and the rules.

use super::Folder;
use crate::mapping::{Case, CaseOutcome, Mapping};
use crate::model::{Applied, EventView, Headers, QueryString, Reason, Timestamp};
use crate::provider::Provider;
use bytes::Bytes;

/// More events than any sample has.
const EVENTS_MAX: usize = 1_000;
/// Cases must give the same result on every day: they happen at the beginning of 2026.
const RECEIVED_AT: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// What the case comes to.
pub(super) fn run(
    case: &Case,
    mapping: &Mapping,
    provider: &Provider,
    folder: &dyn Folder,
) -> CaseOutcome {
    let body = match folder.sample(&case.event.value) {
        Ok(body) => Bytes::from(body),
        Err(error) => return CaseOutcome::Unreadable(error),
    };
    match apply_sample(mapping, provider, &Headers::default(), &QueryString::default(), &body) {
        Ok(applied) => case.judge(applied),
        Err(reason) => CaseOutcome::NoEvent(reason),
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
