//! What past events say of a mapping file, and the watch over its fields while events come.

use crate::support::{Builder, Service, destination, output, typeform};
use serde_json::{Value, json};

const MAPPING: &str = r#"
provider = "typeform"
secrets = ["env:TYPEFORM_WEBHOOK_SECRET"]

[[lead]]
name = "form-response"
on = ["form_response"]

[lead.body]
clickId = "$.form_response.hidden.dub_id"
eventName = "Form response"
customerExternalId = "$.form_response.token"
customerName = { first = [
    "$.form_response.answers[?@.field.ref == 'nickname'].text",
    "$.form_response.answers[?@.field.ref == 'name'].text",
] }
customerEmail = "$.form_response.answers[?@.field.ref == 'email'].email"
metadata = { score = "$.form_response.calculated.score" }
"#;

fn builder() -> Builder {
    Builder::new(&destination()).mappings(&[("typeform.toml", MAPPING)])
}

/// A response to a form whose question for the address is called `email_ref`. Hardly anybody was
/// referred.
fn response(number: usize, email_ref: &str) -> Vec<u8> {
    let answer = |name: &str, kind: &str, value: &str| {
        let mut answer = json!({ "type": kind, "field": { "ref": name, "type": kind } });
        answer[kind] = value.into();
        answer
    };
    let mut response = json!({
        "event_id": format!("event-{number}"),
        "event_type": "form_response",
        "form_response": {
            "token": format!("token-{number}"),
            "hidden": { "person@example.com": "x" },
            "answers": [
                answer("name", "text", "Test Person"),
                answer(email_ref, "email", "person@example.com"),
                answer("company", "text", "Initech"),
            ],
        },
    });
    if number.is_multiple_of(20) {
        response["form_response"]["hidden"]["dub_id"] = format!("click-{number}").into();
    }
    response.to_string().into_bytes()
}

#[track_caller]
fn send(service: &Service, numbers: std::ops::Range<usize>, email_ref: &str) {
    for number in numbers {
        let body = response(number, email_ref);
        let answer = service.http().post("/webhooks/typeform", &typeform(&body), &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

fn is_warning(line: &str) -> bool {
    line.contains("is no longer found")
}

fn metric(service: &Service, field: &str) -> Option<String> {
    let labels = format!("source=\"typeform\",rule=\"form-response\",field=\"{field}\"");
    let name = format!("leadhook_mapping_field_stopped{{{labels}}} ");
    let metrics = service.http().get("/metrics").body;
    metrics.lines().find_map(|line| line.strip_prefix(&name).map(str::to_owned))
}

#[test]
fn a_renamed_question_is_noticed_while_events_come_and_shown_with_its_new_name() {
    let service = builder().start();
    send(&service, 0..60, "email");
    assert_eq!(metric(&service, "customerEmail"), None);
    send(&service, 60..100, "work_email");
    let warning = service.wait_for_log(1, is_warning);
    let warning: Value = serde_json::from_str(&warning).expect("it is JSON");
    let part = |key: &str| warning[key].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        [part("level"), part("source"), part("rule"), part("field")],
        ["WARN", "typeform", "form-response", "customerEmail"]
    );
    assert!(part("was").starts_with("100.0 % of "), "{warning}");
    assert_eq!(part("is"), "none of 20 events");
    assert_eq!(metric(&service, "customerEmail").as_deref(), Some("1"));

    // Beside the running service.
    let (code, shown, errors) = output(service.again().command(&["coverage", "typeform"]));
    assert_eq!((code, errors.as_str()), (0, ""));
    for part in [
        "100 events matched",
        "5 leads, 95 skipped, 0 unmapped",
        "customerEmail                 60   60.0 %       40",
        "0 of 100     $.form_response.answers[?@.field.ref == 'nickname'].text",
        "100 of 100     $.form_response.answers[?@.field.ref == 'name'].text",
        "! metadata.score never found anything in 100 events.",
        "! customerEmail was found in 60 of 60 events until",
        "vanished  $.form_response.answers[?@.field.ref == 'email']",
        "read by customerEmail of form-response",
        "perhaps now $.form_response.answers[?@.field.ref == 'work_email']",
        "100 %  $.form_response.answers[?@.field.ref == 'company']  object",
        "$.form_response.hidden.*",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("person@example.com") && !shown.contains("Initech"), "{shown}");

    // One warning an episode, and over with the first event that has it.
    send(&service, 100..101, "email");
    service.wait_for_log(1, |line| line.contains("is found again"));
    assert_eq!(metric(&service, "customerEmail").as_deref(), Some("0"));
    assert_eq!(service.log().iter().filter(|line| is_warning(line)).count(), 1);
}

#[test]
fn what_was_stored_before_the_start_is_remembered_until_the_rule_is_another() {
    let service = builder().start();
    send(&service, 0..60, "email");
    let (_, builder, log) = service.stop();
    assert!(!log.iter().any(|line| is_warning(line)), "{log:#?}");

    let service = builder.start();
    send(&service, 60..110, "work_email");
    service.wait_for_log(1, is_warning);
    assert_eq!(metric(&service, "customerEmail").as_deref(), Some("1"));

    // The mended file reads the new name, and what the old rule lacked is no matter any more.
    let mended = MAPPING.replace("'email'].email", "'work_email'].email");
    std::fs::write(service.again().folder().join("mappings/typeform.toml"), mended)
        .expect("the file can be written");
    service.wait_for_log(1, |line| line.contains("is watched no more"));
    assert_eq!(metric(&service, "customerEmail").as_deref(), Some("0"));
}

/// The lines of an export: 60 events before the question was renamed, 40 after.
fn export() -> String {
    let line = |number: usize| {
        let body = response(number, if number < 60 { "email" } else { "work_email" });
        let body: Value = serde_json::from_slice(&body).expect("it is JSON");
        let line = json!({
            "id": format!("evt_0190a6f200007000800000000000{number:04x}"),
            "source": "typeform",
            "type": if number == 7 { "form_response_partial" } else { "form_response" },
            "received_at": format!("2026-11-01T{:02}:{:02}:00Z", number / 60, number % 60),
            "mapping_version": if number < 50 { "aa01" } else { "bb02" },
            "json": body,
        });
        format!("{line}\n")
    };
    (0..100).map(line).collect()
}

#[test]
fn an_export_is_judged_without_a_database() {
    let builder = builder();
    std::fs::write(builder.folder().join("events.jsonl"), export()).expect("it can be written");
    let run = |more: &[&str]| {
        let arguments = ["coverage", "typeform", "--events", "events.jsonl"];
        output(builder.command(&[&arguments, more].concat()))
    };
    let (code, shown, _) = run(&["--json"]);
    assert_eq!(code, 0);
    let found: Value = serde_json::from_str(&shown).expect("it is JSON");
    assert_eq!(found["events"], 100);
    let types = json!([{ "type": "form_response_partial", "events": 1 }]);
    assert_eq!(found["types_without_rule"], types);
    let vanished = &found["types"][0]["drift"]["vanished"][0];
    assert_eq!(vanished["path"], "$.form_response.answers[?@.field.ref == 'email']");
    assert_eq!(vanished["read_by"][0]["field"], "customerEmail");
    assert_eq!(vanished["was"], json!({ "events": 59, "of": 59 }));

    let drifted = |more: &[&str]| run(more).1.contains("vanished");
    assert!(drifted(&["--changed-since", "2026-11-01T00:30:00Z"]));
    assert!(!drifted(&["--changed-since", "2026-11-01T01:30:00Z"]));
    assert!(drifted(&["--since-version", "bb"]));
    let (code, _, errors) = run(&["--since-version", "cc"]);
    assert!(code == 1 && errors.contains("cc"), "{errors}");

    let (code, _, errors) = run(&["--fail-on", "drift,never"]);
    assert_eq!(code, 1);
    assert!(errors.contains("vanished") && errors.contains("never found"), "{errors}");
}

#[test]
fn what_is_not_there_is_said() {
    let builder = builder();
    let (code, _, errors) = output(builder.command(&["coverage", "typeform"]));
    assert!(code == 2 && errors.contains("leadhook serve"), "{errors}");
    let (code, _, errors) = output(builder.command(&["coverage", "typefrom"]));
    assert!(code == 1 && errors.contains("did you mean `typeform`?"), "{errors}");
    std::fs::write(builder.folder().join("none.jsonl"), "").expect("it can be written");
    let (code, shown, _) =
        output(builder.command(&["coverage", "typeform", "--events", "none.jsonl"]));
    assert_eq!((code, shown.lines().next()), (0, Some("typeform: no events")));
}
