//! What holds for every text, every mapping file and every event.

mod files;

use super::{apply, good, read, shipped};
use crate::lead::properties::broken;
use crate::mapping::{FieldState, RuleTrace};
use crate::model::{Applied, Document, EventView, Headers, QueryString, Timestamp, Translation};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The names of real events, so that queries find something, of a wrong type mostly.
const NAMES: [&str; 18] = [
    "data",
    "object",
    "id",
    "user_id",
    "email",
    "email_addresses",
    "primary_email_address_id",
    "email_address",
    "unsafe_metadata",
    "user_metadata",
    "dub_id",
    "form_response",
    "answers",
    "field",
    "ref",
    "type",
    "hidden",
    "x",
];

fn event() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(json!("n/a")),
    ];
    scalar.prop_recursive(6, 64, 6, |inner| {
        let name = prop::sample::select(&NAMES[..]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..8).prop_map(|members| {
                let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(members.collect::<Map<_, _>>())
            }),
        ]
    })
}

/// A shipped file in which a few characters are others.
pub(super) fn changed_file() -> impl Strategy<Value = String> {
    let which = prop::sample::select(&shipped::FILES[..]);
    let put = "[\"'\\[\\]{}=$@.,\n#é]{0,3}";
    let change = (which, any::<prop::sample::Index>(), 0..40_usize, put);
    change.prop_map(|((_, file), at, length, put)| {
        let mut chars: Vec<char> = file.chars().collect();
        let at = at.index(chars.len());
        let end = (at + length).min(chars.len());
        chars.splice(at..end, put.chars());
        chars.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_event_makes_applying_panic(event in event()) {
        for (_, file) in shipped::FILES {
            apply(&good(file), &event);
        }
    }

    #[test]
    fn every_file_keeps_its_promises_for_every_event(file in files::file(), event in event()) {
        let headers = Headers::new([("x-click".to_owned(), "h1".to_owned())]);
        let query = QueryString::new([("via".to_owned(), " ".to_owned())]);
        let json = Document::new(event);
        let view = EventView {
            provider_event_id: Some("evt_1"),
            event_type: Some("user.created"),
            received_at: Timestamp::from_millis(0),
            headers: &headers,
            query: &query,
            json: &json,
        };
        let applied = file.mapping.apply(view);
        let watched = file.mapping.apply_watched(view).0;
        prop_assert_eq!(&watched, &applied, "watching changes nothing");
        prop_assert_eq!(&file.mapping.apply(view), &applied, "it is deterministic");
        let explanation = file.mapping.explain(view);
        prop_assert_eq!(&explanation.applied(), &applied, "it says what happens");
        satisfies_the_destination(&applied)?;
        explanation.rules.iter().try_for_each(says_what_is_sent)?;
    }

    #[test]
    fn no_text_makes_reading_panic(text in "[a-z$@\\[\\]{}=\"'.,\n#? 0-9]{0,200}") {
        read(&text);
        read(&super::with_field(&text));
    }

    #[test]
    fn no_change_of_a_real_file_makes_reading_panic(raw in changed_file()) {
        read(&raw);
    }
}

/// What is sent keeps every rule, and where nothing is, it is said why.
fn satisfies_the_destination(applied: &Applied) -> Result<(), TestCaseError> {
    for outcome in &applied.outcomes {
        match &outcome.translation {
            Translation::Lead(lead) | Translation::Parked(lead) => {
                let body: Map<String, Value> = serde_json::from_slice(&lead.body).unwrap();
                prop_assert!(broken(&body).is_empty(), "{:?} of {body:?}", broken(&body));
            }
            Translation::Unmapped(reasons) => prop_assert!(!reasons.is_empty()),
            Translation::Skipped(_) => {}
        }
    }
    Ok(())
}

/// A field that is found is sent, one that is not says why.
fn says_what_is_sent(rule: &RuleTrace) -> Result<(), TestCaseError> {
    let Some(Translation::Lead(_)) = rule.outcome.as_ref().map(|outcome| &outcome.translation)
    else {
        return Ok(());
    };
    for field in &rule.fields {
        let says = !field.notes.is_empty();
        match (field.state, &field.sent) {
            (FieldState::Found, sent) => prop_assert!(sent.is_some(), "{field:?}"),
            (FieldState::Missing, None) => {}
            (FieldState::Missing, Some(sent)) => prop_assert_eq!(sent, &json!(""), "{:?}", field),
            (FieldState::LeftOut, sent) => prop_assert!(says && sent.is_none(), "{field:?}"),
            (FieldState::Failed, _) => {
                prop_assert!(false, "it would have cost the lead: {field:?}")
            }
        }
    }
    Ok(())
}
