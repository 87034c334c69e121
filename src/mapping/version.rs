//! The version of a mapping: a hash over its rules that outlives releases of this program.
//!
//! It is taken over the rules as TOML says them, not over our own types, so that a change of the
//! types changes no version. Formatting, comments, the order of keys, secrets and cases are not
//! part of it; a default that is written out is.

use super::table::{Table, literal};
use crate::mapping::faults::Faults;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// SHA-256, lowercase hex, of the canonical form of `provider`, the `[[lead]]` tables and, where
/// there are any, the `[[click]]` tables and the `[event]` that says what the events of a custom
/// provider are: compact JSON, the keys of every table sorted, numbers in their shortest form.
pub(super) fn version(provider: &str, file: &Table<'_>, faults: &mut Faults<'_>) -> String {
    let mut rules = |key| file.get(key).and_then(|node| literal(node, faults));
    // `serde_json` keeps the order of insertion: these keys are sorted, and so are `literal`'s.
    let parts = [
        ("click", rules("click")),
        ("event", rules("event")),
        ("format", Some(json!(1))),
        ("lead", Some(rules("lead").unwrap_or(Value::Null))),
        ("provider", Some(json!(provider))),
    ];
    let canonical: Map<_, _> =
        parts.into_iter().filter_map(|(key, part)| Some((key.to_owned(), part?))).collect();
    hex::encode(Sha256::digest(Value::Object(canonical).to_string()))
}

/// The same of each rule by itself, in the order of the file.
pub(super) fn of_rules(file: &Table<'_>, faults: &mut Faults<'_>) -> Vec<String> {
    let leads = file.get("lead").and_then(|node| literal(node, faults));
    let rules = leads.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    rules.iter().map(|rule| hex::encode(Sha256::digest(rule.to_string()))).collect()
}
