//! The mapping files that come with the program: they are good, their cases hold, and it is known
//! what becomes of every sample.

use super::{apply_typed, good, read};
use crate::diagnostic::{SourceText, render_all};
use crate::mapping::{CaseOutcome, Expected, MappingFile};
use crate::model::{Applied, RuleOutcome, Translation};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Each provider's file.
pub(super) const FILES: [(&str, &str); 7] = [
    ("clerk", include_str!("../../../mappings/clerk.toml")),
    ("auth0", include_str!("../../../mappings/auth0.toml")),
    ("auth0-logs", include_str!("../../../mappings/auth0-logs.toml")),
    ("auth0-action", include_str!("../../../mappings/auth0-action.toml")),
    ("custom", include_str!("../../../mappings/custom.toml")),
    ("standard-webhooks", include_str!("../../../mappings/standard-webhooks.toml")),
    ("typeform", include_str!("../../../mappings/typeform.toml")),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings")
}

/// What becomes of all events of a sample, which is one event, a list of them, or one a line.
fn applied(file: &MappingFile, sample: &str) -> Applied {
    let text = std::fs::read_to_string(folder().join(sample)).expect("the sample");
    let whole = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let events = whole.flat_map(|value| match value.expect("JSON") {
        Value::Array(events) => events,
        one => vec![one],
    });
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
            let outcome = case.judge(applied(&file, &case.event.value));
            assert_eq!(outcome, CaseOutcome::Holds, "{}: {}", case.name.value, case.event.value);
        }
    }
}

/// What becomes of the samples that no case is about: they would teach no more than the others.
const OTHERS: [(&str, &str); 16] = [
    ("samples/auth0-action/user.created.id-only.json", "cm8Action1Id6 / - / -"),
    (
        "samples/auth0-action/user.created.unicode.json",
        "cm8Action0Un5 / Zoë 🌍 Müller / - field_left_out",
    ),
    ("samples/auth0-logs/ss.object.json", "skipped: no_click_id"),
    ("samples/auth0-logs/ss.sms.json", "skipped: no_click_id"),
    ("samples/auth0/organization.member.added.json", ""),
    (
        "samples/auth0/user.created.long-name.json",
        "cm8Auth0Jw2Ns5 / Maria da Conceição Aparecida Francisca Guilhermina de Albuquerque e Castro Bragança Saxe-Coburgo Got / maria@example.com field_truncated",
    ),
    ("samples/auth0/user.created.nulls.json", "skipped: no_click_id"),
    (
        "samples/auth0/user.created.unicode.json",
        "cm8Auth0Jw2Ns5 / Zoë 🌍 Müller / - field_left_out",
    ),
    ("samples/clerk/organizationInvitation.accepted.json", ""),
    (
        "samples/clerk/user.created.google.json",
        "cm7Kd02PqXw4Rt / Leilani Kahale / leilani.kahale@example.com",
    ),
    (
        "samples/clerk/user.created.invited.json",
        "cm7Invite5QwEr / Amara Diallo / amara.diallo@example.org",
    ),
    ("samples/clerk/user.created.nulls.json", "skipped: no_click_id"),
    (
        "samples/clerk/user.created.saml.json",
        "cm7Kd02PqXw4Rt / Tomasz Żółć / tomasz.zolc@corp.example.org",
    ),
    (
        "samples/clerk/user.created.unverified.json",
        "cm7Kd02PqXw4Rt / Dara O'Neill-Byrne / dara.oneill@example.net",
    ),
    ("samples/clerk/user.created.web3.json", "cm7Kd02PqXw4Rt / - / -"),
    (
        "samples/typeform/form_response.long-name.json",
        "cm9Name3Xv4 / Maria da Conceição Aparecida Francisca Guilhermina de Albuquerque e Castro Bragança Saxe-Coburgo Got / maria@example.com field_truncated",
    ),
];

#[test]
fn every_sample_has_a_case_or_a_known_outcome() {
    for (provider, raw) in FILES {
        let file = good(raw);
        let mut known: BTreeSet<_> =
            file.cases.iter().map(|case| case.event.value.clone()).collect();
        let of_provider = format!("samples/{provider}/");
        for (sample, expected) in OTHERS.iter().filter(|(it, _)| it.starts_with(&of_provider)) {
            let became: Vec<_> = applied(&file, sample).outcomes.iter().map(became).collect();
            assert_eq!(became.join("\n"), *expected, "{sample}");
            assert!(known.insert((*sample).to_owned()), "{sample} has a case");
        }
        let samples = std::fs::read_dir(folder().join(&of_provider)).expect("samples");
        let names = samples.map(|entry| entry.expect("an entry").file_name());
        let samples = names.map(|name| format!("{of_provider}{}", name.display()));
        assert_eq!(samples.collect::<BTreeSet<_>>(), known);
    }
}

/// Click id, name and address of the lead, with the codes of its warnings; or why there is none.
fn became(outcome: &RuleOutcome) -> String {
    match &outcome.translation {
        Translation::Lead(lead) => {
            let body: Value = serde_json::from_slice(&lead.body).expect("bodies are JSON");
            let fields = ["clickId", "customerName", "customerEmail"];
            let fields = fields.map(|name| body[name].as_str().unwrap_or("-"));
            let codes = lead.warnings.iter().map(|warning| format!(" {}", warning.code));
            fields.join(" / ") + &codes.collect::<String>()
        }
        Translation::Skipped(reason) => format!("skipped: {reason}"),
        other => format!("{other:?}"),
    }
}

/// Checks what a case says when its first case is given the outcomes of another sample.
#[test]
fn a_case_that_does_not_hold_says_why() {
    let file = good(FILES[0].1);
    let text = Arc::new(SourceText::new("clerk.toml", FILES[0].1));
    let says = |expecting: usize, given: usize, parts: &[&str]| {
        let applied = applied(&file, &file.cases[given].event.value);
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
