//! Runs the `[[case]]`s of a mapping file: a sample through the provider's splitting and the rules.

use super::{Folder, dub};
use crate::diagnostic::{SourceText, did_you_mean};
use crate::mapping::{self, Case, CaseOutcome, Mapping};
use crate::model::{Applied, EventView, Headers, QueryString, Reason, Timestamp};
use crate::provider::{Content, Provider};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;

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
    match apply_sample(mapping, provider, &case.headers, &case.query, &body) {
        Ok(applied) => case.judge(applied),
        Err(reason) => CaseOutcome::NoEvent(reason),
    }
}

/// What to do about a case that does not hold, where its sample tells. `own` is the source's folder
/// of samples.
pub(super) fn hint(
    case: &Case,
    outcome: &CaseOutcome,
    mapping: &Mapping,
    provider: &Provider,
    folder: &dyn Folder,
    own: &str,
) -> Option<String> {
    let path = &case.event.value;
    match outcome {
        CaseOutcome::Unreadable(_) => {
            let samples = folder.samples(own);
            did_you_mean(path, samples.iter().map(String::as_str))
        }
        CaseOutcome::Differs { found, .. } if found.outcomes.is_empty() => {
            let body = folder.sample(path).ok()?;
            no_rule_for(provider, mapping, Content::new(&case.headers, &Bytes::from(body)))
        }
        _ => None,
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
    for event in provider.split(Content::new(headers, body), EVENTS_MAX) {
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
fn no_rule_for(provider: &Provider, mapping: &Mapping, sample: Content<'_>) -> Option<String> {
    let events = provider.split(sample, EVENTS_MAX);
    let types: BTreeSet<_> =
        events.iter().filter_map(|event| event.event_type.as_deref()).collect();
    let rules: Vec<_> = mapping.reach().map(|rule| rule.on).collect();
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

/// The header fields that the first case of a mapping file's text sends the sample at `path` with;
/// none where no case does.
pub fn sent_with(mapping_text: &str, path: &str) -> Vec<(String, String)> {
    let text = Arc::new(SourceText::new("", mapping_text));
    let (file, _) = mapping::parse_leniently(&text, mapping_text, &[dub()]);
    let cases = file.map(|file| file.cases).unwrap_or_default();
    let case = cases.iter().find(|case| case.event.value == path);
    let fields = case.into_iter().flat_map(|case| case.headers.iter());
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
