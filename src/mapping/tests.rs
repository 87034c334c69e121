//! Tests of the whole module: what a file says, against what becomes of an event.

mod bounds;
mod clicks;
mod explain;
mod faults;
mod forms;
mod limits;
mod named;
mod outcomes;
mod properties;
mod schema;
mod shipped;
mod source_limits;
mod watch;

use super::{MappingFile, parse};
use crate::diagnostic::{Diagnostic, Place, SourceText, render_all};
use crate::model::{
    Applied, DestinationName, Document, EventView, Headers, QueryString, RuleOutcome, Timestamp,
};
use serde_json::Value;
use std::sync::Arc;

/// Reads a mapping file with one destination configured.
fn read(raw: &str) -> (Option<MappingFile>, Vec<Diagnostic>) {
    let destinations: [DestinationName; 1] = ["dub".parse().unwrap()];
    parse(&Arc::new(SourceText::new("test.toml", raw)), raw, &destinations)
}

#[track_caller]
fn good(raw: &str) -> MappingFile {
    let (file, faults) = read(raw);
    file.unwrap_or_else(|| panic!("{}", render_all(&faults)))
}

/// A file with one rule, whose body is `body`.
fn with_body(body: &str) -> String {
    format!(
        "provider = \"clerk\"\nsecrets = [\"env:SECRET\"]\n[[lead]]\nname = \"sign-up\"\n\
         [lead.body]\n{body}\n"
    )
}

/// A file whose body has the required fields and `field`.
fn with_field(field: &str) -> String {
    let required =
        [("clickId", "\"c\""), ("eventName", "\"e\""), ("customerExternalId", "\"$.id\"")];
    let missing = required.iter().filter(|(name, _)| !field.starts_with(&format!("{name} ")));
    let lines: Vec<_> = missing.map(|(name, value)| format!("{name} = {value}")).collect();
    with_body(&format!("{}\n{field}", lines.join("\n")))
}

/// What the lead rules make of an event of type `user.created`, with one header and one parameter.
fn apply(file: &MappingFile, event: &Value) -> Vec<RuleOutcome> {
    apply_typed(file, Some("user.created"), event).outcomes
}

fn apply_typed(file: &MappingFile, event_type: Option<&str>, event: &Value) -> Applied {
    seen(event, |view| file.mapping.apply(EventView { event_type, ..view }))
}

/// What `look` gets from the event, as [`apply`] sees it.
fn seen<T>(event: &Value, look: impl FnOnce(EventView<'_>) -> T) -> T {
    look(EventView {
        provider_event_id: Some("evt_1"),
        event_type: Some("user.created"),
        received_at: Timestamp::from_millis(1_767_225_600_000),
        headers: &Headers::new([("X-Click".to_owned(), "h1".to_owned())]),
        query: &QueryString::new([("via".to_owned(), "q1".to_owned())]),
        json: &Document::new(event.clone()),
    })
}

/// The characters that a fault points at.
fn covered<'a>(raw: &'a str, fault: &Diagnostic) -> &'a str {
    match &fault.place {
        Place::Text { span, .. } => &raw[span.clone()],
        place => panic!("{place:?}"),
    }
}
