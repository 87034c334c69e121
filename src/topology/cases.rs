//! Runs the `[[case]]`s of a mapping file: a sample through the provider's splitting and the rules.

use super::Folder;
use crate::diagnostic::{Code, Diagnostic, Place, SourceText, did_you_mean};
use crate::mapping::{Case, Mapping};
use crate::model::{Applied, EventView, Headers, QueryString, Reason, Timestamp};
use crate::provider::Provider;
use bytes::Bytes;
use std::collections::BTreeSet;
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
            let samples = folder.samples(provider.name());
            let near = did_you_mean(&case.event.value, samples.iter().map(String::as_str));
            let hint = near.unwrap_or_else(|| {
                "samples lie in the folder of the mapping files: copy them along, or remove the case"
                    .to_owned()
            });
            let fault = Diagnostic::error(Code::FileUnreadable, place(&case.event.span), message);
            return vec![fault.hint(hint)];
        }
    };
    match apply_sample(mapping, provider, &Headers::default(), &QueryString::default(), &body) {
        Ok(applied) => {
            let is_unmatched = applied.outcomes.is_empty();
            let hint = || is_unmatched.then(|| no_rule_for(provider, mapping, &body)).flatten();
            let faults = case.check(text, &applied);
            faults.into_iter().map(|fault| fault.hint(hint())).collect()
        }
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

/// Why no rule matches, where that is because of the types of the sample's events.
fn no_rule_for(provider: &Provider, mapping: &Mapping, body: &Bytes) -> Option<String> {
    let events = provider.split(&Headers::default(), &QueryString::default(), body, EVENTS_MAX);
    let types: BTreeSet<_> =
        events.iter().filter_map(|event| event.event_type.as_deref()).collect();
    let rules: Vec<_> = mapping.reach().chain(mapping.click_reach()).map(|rule| rule.on).collect();
    let takes =
        |it: &str| rules.iter().any(|on| on.is_empty() || on.iter().any(|on| on.value == it));
    if types.is_empty() || types.iter().any(|it| takes(it)) {
        return None;
    }
    let quoted = |types: BTreeSet<&str>| {
        let quoted: Vec<_> = types.into_iter().map(|it| format!("`{it}`")).collect();
        quoted.join(", ")
    };
    let wanted =
        quoted(rules.iter().flat_map(|on| on.iter()).map(|on| on.value.as_str()).collect());
    let found = quoted(types);
    Some(format!("the sample's event is of the type {found}, and the rules are for {wanted}"))
}
