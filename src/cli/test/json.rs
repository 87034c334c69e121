//! The results as JSON, for programs.

use super::{Results, Tried};
use crate::cli::outcome::{body, click, reason, reason_text};
use crate::cli::report::faults;
use crate::mapping::{CaseOutcome, Difference, Expected};
use crate::model::{Lead, RuleOutcome, Translation};
use crate::topology::{Tested, TestedCase};
use serde_json::{Map, Value, json};

pub(super) fn document(results: &Results) -> Value {
    let failed = results.failures().count();
    json!({
        "ok": results.hold(),
        "cases": results.cases().count(),
        "failed": failed,
        "files": results.files.iter().map(file).collect::<Vec<_>>(),
        "faults": faults(&results.faults),
    })
}

/// `cases` is null where faults of the file forbid running them.
fn file(file: &Tested) -> Value {
    let cases = file
        .cases
        .as_ref()
        .map(|cases| cases.iter().map(|tested| case(&Tried { file, tested })).collect::<Vec<_>>());
    json!({ "file": file.text.name(), "cases": cases })
}

fn case(tried: &Tried<'_>) -> Value {
    let Tried { file, tested: TestedCase { case, outcome, .. } } = tried;
    let (line, column) = file.text.line_column(case.name.span.start);
    let mut object = json!({
        "name": case.name.value,
        "line": line,
        "column": column,
        "event": case.event.value,
        "rule": case.rule.as_ref().map(|rule| &rule.value),
        "holds": outcome.holds(),
    });
    match outcome {
        CaseOutcome::Holds => {}
        CaseOutcome::Unreadable(error) => object["sample_fault"] = json!(error),
        CaseOutcome::NoEvent(reason) => object["sample_fault"] = json!(reason_text(reason)),
        CaseOutcome::Differs { fields, found } => {
            object["expected"] = expected(&case.expected);
            object["differences"] = fields.iter().map(difference).collect();
            object["found"] = found.outcomes.iter().map(self::outcome).collect();
            object["clicks"] = found.clicks.iter().map(click).collect();
        }
    }
    object
}

fn expected(expected: &Expected) -> Value {
    match expected {
        Expected::Lead(lead) => json!({ "lead": lead.value }),
        Expected::Skipped(code) => json!({ "skipped": code.value }),
        Expected::Parked(code) => json!({ "parked": code.value }),
        Expected::Click(found) => json!({ "click": click(&found.value) }),
        Expected::Unmapped(code) => json!({ "unmapped": code.value }),
        Expected::Ignored(_) => json!({ "ignored": true }),
    }
}

/// A side that has nothing lacks its member: null is a value that a payload can have.
fn difference(difference: &Difference) -> Value {
    let mut object = Map::new();
    object.insert("field".to_owned(), json!(difference.path));
    for (name, value) in [("expected", &difference.expected), ("found", &difference.found)] {
        object.extend(value.as_ref().map(|value| (name.to_owned(), value.clone())));
    }
    Value::Object(object)
}

fn outcome(outcome: &RuleOutcome) -> Value {
    let rule = outcome.rule.as_str();
    let made = |word: &str, lead: &Lead| {
        let warnings: Vec<_> = lead.warnings.iter().map(reason).collect();
        json!({ "rule": rule, word: body(lead), "warnings": warnings })
    };
    match &outcome.translation {
        Translation::Lead(lead) => made("lead", lead),
        Translation::Parked(lead) => made("parked", lead),
        Translation::Skipped(why) => json!({ "rule": rule, "skipped": reason(why) }),
        Translation::Unmapped(reasons) => {
            let reasons: Vec<_> = reasons.iter().map(reason).collect();
            json!({ "rule": rule, "unmapped": reasons })
        }
    }
}
