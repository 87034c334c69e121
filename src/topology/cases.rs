//! Runs the `[[case]]`s of a mapping file: a sample through the provider's splitting and the rules.

use super::Folder;
use crate::diagnostic::{Code, Diagnostic, Place, SourceText, did_you_mean};
use crate::mapping::{Case, Mapping};
use crate::model::{Applied, EventView, Headers, QueryString, Timestamp};
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
    let (headers, query) = (Headers::default(), QueryString::default());
    let mut whole = Applied::default();
    let mut types = BTreeSet::new();
    for event in provider.split(&headers, &query, &body, EVENTS_MAX) {
        let json = match &event.json {
            Ok(json) => json,
            Err(reason) => {
                let message = format!("the sample is no event: {reason}");
                return vec![Diagnostic::error(Code::CaseFailed, place(&case.event.span), message)];
            }
        };
        types.extend(event.event_type.clone());
        let applied = mapping.apply(EventView {
            provider_event_id: event.provider_event_id.as_deref(),
            event_type: event.event_type.as_deref(),
            received_at: RECEIVED_AT,
            headers: &headers,
            query: &query,
            json,
        });
        whole.outcomes.extend(applied.outcomes);
        whole.clicks.extend(applied.clicks);
    }
    let mut faults = case.check(text, &whole);
    if whole.outcomes.is_empty()
        && let Some(hint) = no_rule_for(&types, mapping)
    {
        faults = faults.into_iter().map(|fault| fault.hint(hint.clone())).collect();
    }
    faults
}

/// Why no rule matches, where that is because of the types of the sample's events.
fn no_rule_for(types: &BTreeSet<String>, mapping: &Mapping) -> Option<String> {
    let rules: Vec<_> = mapping.reach().map(|rule| rule.on).collect();
    let takes =
        |it: &String| rules.iter().any(|on| on.is_empty() || on.iter().any(|on| on.value == *it));
    if types.is_empty() || types.iter().any(takes) {
        return None;
    }
    let quoted = |types: BTreeSet<&str>| {
        let quoted: Vec<_> = types.into_iter().map(|it| format!("`{it}`")).collect();
        quoted.join(", ")
    };
    let wanted =
        quoted(rules.iter().flat_map(|on| on.iter()).map(|on| on.value.as_str()).collect());
    let found = quoted(types.iter().map(String::as_str).collect());
    Some(format!("the sample's event is of the type {found}, and the rules are for {wanted}"))
}
