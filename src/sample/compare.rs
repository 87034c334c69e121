//! Whether a mapping makes the same of a look-alike as of the original: the same rules match, find
//! the same fields, and need the same repairs. Values differ, that is what look-alikes are for.

use crate::model::{Applied, Reason, RuleOutcome, Translation};
use serde_json::Value;
use std::collections::BTreeSet;

/// Where it doesn't, a sentence each, without values; empty where it does.
pub fn differences(original: &Applied, look_alike: &Applied) -> Vec<String> {
    let mut found = Vec::new();
    let rules = |applied: &Applied| -> Vec<_> {
        applied.outcomes.iter().map(|outcome| outcome.rule.to_string()).collect()
    };
    let (was, is) = (rules(original), rules(look_alike));
    if was == is {
        let pairs = original.outcomes.iter().zip(&look_alike.outcomes);
        pairs.for_each(|(was, is)| compare(was, is, &mut found));
    } else {
        found.push(format!("the rules that match were: {}; now: {}", listed(&was), listed(&is)));
    }
    let (was, is) = (original.clicks.len(), look_alike.clicks.len());
    if was != is {
        found.push(format!("click rules found {was} clicks, now {is}"));
    }
    found
}

fn compare(was: &RuleOutcome, is: &RuleOutcome, found: &mut Vec<String>) {
    let (kind_was, kind_is) = (kind(&was.translation), kind(&is.translation));
    if kind_was != kind_is {
        found.push(format!("`{}` made {kind_was}, now {kind_is}", was.rule));
        return;
    }
    let mut differ = |what: &str, was: BTreeSet<String>, is: BTreeSet<String>| {
        for gone in was.difference(&is) {
            found.push(format!("{what} {gone} is gone"));
        }
        for new in is.difference(&was) {
            found.push(format!("{what} {new} is new"));
        }
    };
    differ("the field", fields(&was.translation), fields(&is.translation));
    differ("the remark", remarks(&was.translation), remarks(&is.translation));
}

fn kind(translation: &Translation) -> &'static str {
    match translation {
        Translation::Lead(_) => "a lead",
        Translation::Parked(_) => "a lead that waits",
        Translation::Skipped(_) => "no lead (skipped)",
        Translation::Unmapped(_) => "no lead (unmapped)",
    }
}

/// The paths of all values of the body.
fn fields(translation: &Translation) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    if let Translation::Lead(lead) | Translation::Parked(lead) = translation {
        let body: Value = serde_json::from_slice(&lead.body).unwrap_or_default();
        collect("", &body, &mut fields);
    }
    fields
}

fn collect(path: &str, value: &Value, fields: &mut BTreeSet<String>) {
    let Value::Object(members) = value else {
        fields.insert(format!("`{path}`"));
        return;
    };
    for (name, value) in members {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        collect(&path, value, fields);
    }
}

/// Repairs and reasons, as code and field.
fn remarks(translation: &Translation) -> BTreeSet<String> {
    let reasons: Vec<&Reason> = match translation {
        Translation::Lead(lead) | Translation::Parked(lead) => lead.warnings.iter().collect(),
        Translation::Skipped(reason) => vec![reason],
        Translation::Unmapped(reasons) => reasons.iter().collect(),
    };
    let said = |reason: &Reason| match &reason.field {
        Some(field) => format!("{} ({field})", reason.code),
        None => reason.code.to_string(),
    };
    reasons.into_iter().map(said).collect()
}

fn listed(rules: &[String]) -> String {
    if rules.is_empty() { "none".to_owned() } else { rules.join(", ") }
}
