//! `[[lead]]`, `[[click]]` and `[[case]]`.

use super::fields;
use super::parts::{described, list, merged, nonblank, table};
use crate::diagnostic::Code;
use crate::mapping::fields::FieldName::{self, ClickId, CustomerExternalId};
use crate::mapping::{case, click, file, rule, scope};
use serde_json::{Value, json};

pub(super) fn leads() -> Value {
    let lead = table(&rule::KEYS, &["name", "body"], |key| match key {
        "name" => described(
            "The name of the rule. What was sent is remembered by it: choose it once, don't \
             change it later.",
            json!({
                "type": "string",
                "maxLength": 100,
                // No blanks at its ends, no line breaks.
                "pattern": r"^[^\s](.*[^\s])?$",
                "examples": ["sign-up"],
            }),
        ),
        "once" => described(
            "How long the same customer and event name make one lead only: `forever` (the \
             default), a duration as in `7d`, or `event`: only the very same event is held back.",
            json!({ "type": "string", "anyOf": [
                { "enum": ["forever", "event"] },
                { "pattern": "^0*[1-9][0-9]*(ms|s|m|h|d)$", "examples": ["7d", "24h"] },
            ] }),
        ),
        "destination" => described(
            "Where the leads go. It can be left out where there is only one.",
            json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$" }),
        ),
        "body" => fields::body(),
        _ => which_events(key),
    });
    described(
        "The rules: which events become leads, and what is in them. Several may match one event; \
         each makes a lead of its own.",
        list(1, file::RULES_MAX, lead),
    )
}

pub(super) fn clicks() -> Value {
    let required = [CustomerExternalId, ClickId].map(FieldName::as_str);
    let click = table(&click::KEYS, &required, |key| {
        fields::of_click(key).unwrap_or_else(|| which_events(key))
    });
    described(
        "Which events tell what click brought a customer. They make no lead; what they tell is \
         what leads wait for whose `clickId` says `missing = \"park\"`.",
        list(1, file::RULES_MAX, click),
    )
}

/// Which events a rule is for.
fn which_events(key: &str) -> Value {
    match key {
        "on" => described(
            "The types of events that the rule is for, as the provider names them. Without it, all.",
            merged(list(1, scope::ON_MAX, nonblank()), json!({ "examples": [["user.created"]] })),
        ),
        "when" => described(
            "Only events for which this holds: a condition as in an RFC 9535 filter, in which `@` \
             is the event.",
            merged(nonblank(), json!({ "examples": ["@.data.banned != true"] })),
        ),
        _ => json!({}),
    }
}

pub(super) fn cases() -> Value {
    let case = table(&case::KEYS, &["name", "event"], |key| match key {
        "name" => described("What the case shows.", json!({ "type": "string" })),
        "event" => described(
            "The sample: the path of a file, relative to this one and below its folder.",
            json!({
                "type": "string",
                "pattern": sample_path(),
                "examples": ["samples/clerk/user.created.json"],
            }),
        ),
        "headers" => described(
            "Headers that the sample is sent with, where the provider or the rules read some.",
            merged(texts(), json!({ "examples": [{ "x-github-event": "star" }] })),
        ),
        "query" => described(
            "Parameters of the URL that the sample is sent with, where the rules read some.",
            texts(),
        ),
        "rule" => described(
            "The rule that the case is about, where several match. What others make is not looked \
             at.",
            json!({ "type": "string" }),
        ),
        "lead" => described("Exactly one lead, with this body.", fields::expected()),
        "skipped" => described(
            "Every rule that matches makes no lead, for this reason.",
            reason(&case::SKIPPED),
        ),
        "parked" => described(
            "Every rule that matches makes a lead that waits for its click id.",
            reason(&case::PARKED),
        ),
        "click" => described("Exactly one click, this one.", expected_click()),
        "unmapped" => described(
            "A rule that matches can make no lead, and this reason is among its reasons.",
            reason(&case::UNMAPPED),
        ),
        "ignored" => described("No rule matches.", json!({ "type": "boolean", "enum": [true] })),
        _ => json!({}),
    });
    let one: Vec<_> = case::EXPECTATIONS.iter().map(|key| json!({ "required": [key] })).collect();
    described(
        "Cases: samples, and what must become of them. They are run at every check and start.",
        json!({
            "type": "array",
            "maxItems": case::CASES_MAX,
            // Click rules have no names.
            "items": merged(case, json!({ "oneOf": one, "not": { "required": ["rule", "click"] } })),
        }),
    )
}

/// A table of texts, under any names.
fn texts() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "string" } })
}

fn expected_click() -> Value {
    table(&case::CLICK_KEYS, &case::CLICK_KEYS, |key| match key {
        "customerExternalId" => described("Whose click it is.", json!({ "type": "string" })),
        "clickId" => described("The id of the click.", json!({ "type": "string" })),
        _ => json!({}),
    })
}

/// The name of a code, its parts joined by `_` or by blanks.
fn reason(codes: &[Code]) -> Value {
    let spoken: Vec<_> = codes.iter().map(|code| code.name().replace('_', " ")).collect();
    let patterns: Vec<_> = codes.iter().map(|code| code.name().replace('_', "[_ ]")).collect();
    json!({ "type": "string", "anyOf": [
        { "enum": spoken },
        { "pattern": format!("^({})$", patterns.join("|")) },
    ] })
}

/// Relative, and in no part `..`.
fn sample_path() -> String {
    let named = r"\.*[^./:\\][^/:\\]*|\.{3,}|\.";
    format!("^({named})(/({named})?)*$")
}
