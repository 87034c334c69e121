//! The mapping files that come with the program: they are good, their cases hold, and every sample
//! has a case.

use super::{apply_typed, good, read};
use crate::diagnostic::{SourceText, render_all};
use crate::mapping::{Case, CaseOutcome, Expected, MappingFile};
use crate::model::Applied;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Each provider's file.
pub(super) const FILES: [(&str, &str); 5] = [
    ("clerk", include_str!("../../../mappings/clerk.toml")),
    ("auth0", include_str!("../../../mappings/auth0.toml")),
    ("auth0-logs", include_str!("../../../mappings/auth0-logs.toml")),
    ("auth0-action", include_str!("../../../mappings/auth0-action.toml")),
    ("typeform", include_str!("../../../mappings/typeform.toml")),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings")
}

/// What becomes of all events of a case's sample, which is one event or a list of them.
fn applied(file: &MappingFile, case: &Case) -> Applied {
    let text = std::fs::read_to_string(folder().join(&case.event.value)).expect("the sample");
    let sample: Value = serde_json::from_str(&text).expect("JSON");
    let events = match sample {
        Value::Array(events) => events,
        one => vec![one],
    };
    let kind = match &*file.provider.value {
        "typeform" => "/event_type",
        "auth0-logs" => "/data/type",
        _ => "/type",
    };
    let mut whole = Applied::default();
    for event in events {
        let of_one = apply_typed(file, event.pointer(kind).and_then(Value::as_str), &event);
        whole.outcomes.extend(of_one.outcomes);
        whole.clicks.extend(of_one.clicks);
    }
    whole
}

#[test]
fn the_files_are_good_without_a_warning() {
    for (provider, raw) in FILES {
        let (file, faults) = read(raw);
        assert!(faults.is_empty(), "{}", render_all(&faults));
        assert_eq!(file.unwrap().provider.value, provider);
    }
}

#[test]
fn their_cases_hold() {
    for (_, raw) in FILES {
        let file = good(raw);
        for case in &file.cases {
            let outcome = case.judge(applied(&file, case));
            assert_eq!(outcome, CaseOutcome::Holds, "{}: {}", case.name.value, case.event.value);
        }
    }
}

#[test]
fn every_sample_has_a_case() {
    for (provider, raw) in FILES {
        let cases: BTreeSet<_> = good(raw).cases.into_iter().map(|case| case.event.value).collect();
        let samples = std::fs::read_dir(folder().join("samples").join(provider)).expect("samples");
        let samples = samples.map(|entry| {
            format!("samples/{provider}/{}", entry.expect("an entry").file_name().display())
        });
        assert_eq!(samples.collect::<BTreeSet<_>>(), cases);
    }
}

/// Checks what a case says when its first case is given the outcomes of another sample.
#[test]
fn a_case_that_does_not_hold_says_why() {
    let file = good(FILES[0].1);
    let text = Arc::new(SourceText::new("clerk.toml", FILES[0].1));
    let says = |expecting: usize, given: usize, parts: &[&str]| {
        let applied = applied(&file, &file.cases[given]);
        let case = &file.cases[expecting];
        let fault = case.diagnostic(&case.judge(applied), &text).expect("it does not hold");
        for part in parts {
            assert!(fault.message.contains(part), "{part} in\n{}", render_all([&fault]));
        }
    };
    let find = |wanted: fn(&Expected) -> bool| {
        file.cases.iter().position(|case| wanted(&case.expected)).expect("such a case")
    };
    let skipped = find(|it| matches!(it, Expected::Skipped(_)));
    let ignored = find(|it| matches!(it, Expected::Ignored(_)));
    says(0, 1, &["clickId: expected \"cm7Kd02PqXw4Rt\", found \"cm7Server9ZkLm\""]);
    says(0, 3, &["customerName: expected \"Noor Haddad\", found nothing"]);
    says(3, 0, &["customerName: expected nothing, found \"Noor Haddad\""]);
    says(0, skipped, &["exactly one lead is expected", "sign-up: skipped: no_click_id"]);
    says(0, ignored, &["no rule matches"]);
    says(skipped, 0, &["`skipped` with no_click_id is expected", "a lead: {"]);
    says(ignored, skipped, &["no rule should match", "no_click_id"]);
}
