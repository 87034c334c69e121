//! No text and no event makes this module panic.

use super::{apply, good, read, shipped, with_field};
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_event_makes_applying_panic(event in event()) {
        for (_, file) in shipped::FILES {
            apply(&good(file), &event);
        }
        let line = "metadata = { a = { all = \"$.data.answers[*]\", lookup = { in = \"$.data\", \
                    key = \"id\", take = \"x\" } }, b = { from = \"$.x\", then = [\"integer\", \
                    { date = \"rfc3339\" }] }, c = { join = [\"$.id\", \"$.x\"] } }";
        let click = "[[click]]\ncustomerExternalId = \"$.data.id\"\nclickId = \"$.x\"\n";
        apply(&good(&format!("{}{click}", with_field(line))), &event);
    }

    #[test]
    fn no_text_makes_reading_panic(text in "[a-z$@\\[\\]{}=\"'.,\n#? 0-9]{0,200}") {
        read(&text);
        read(&with_field(&text));
    }

    #[test]
    fn no_change_of_a_real_file_makes_reading_panic(
        which in prop::sample::select(&shipped::FILES[..]),
        at in any::<prop::sample::Index>(),
        length in 0..40_usize,
        put in "[\"'\\[\\]{}=$@.,\n#é]{0,3}",
    ) {
        let mut chars: Vec<char> = which.1.chars().collect();
        let at = at.index(chars.len());
        let end = (at + length).min(chars.len());
        chars.splice(at..end, put.chars());
        read(&chars.into_iter().collect::<String>());
    }
}
