//! `leadhook events export`: what is stored, line by line, beside a running service.

use crate::support::{Builder, Service, clerk, destination, output, typeform, user_created};
use serde_json::Value;

fn post(service: &Service, id: &str, body: &[u8]) {
    let answer = service.http().post("/webhooks/clerk", &clerk(id, body), body);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[track_caller]
fn export(service: &Service, arguments: &[&str]) -> Vec<Value> {
    let arguments = [&["events", "export"], arguments].concat();
    let (code, stdout, stderr) = output(service.again().command(&arguments));
    assert_eq!((code, stderr.as_str()), (0, ""));
    stdout.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

#[test]
fn each_line_is_an_event_with_what_became_of_it() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    // Digits, keys and escapes that a parser would not give back.
    let body = br#"{"type":"user.created","data":{"id":"user_1","n":1.10,"b":1,"a":12345678901234567890,"a":"\u00fc","unsafe_metadata":{"dub_id":"click_1"}}}"#;
    post(&service, "msg_1", body);
    destination.expect_leads(1);
    post(&service, "msg_2", b"{\n}\n");
    post(&service, "msg_3", b"no JSON");

    let (code, stdout, _) = output(service.again().command(&["events", "export"]));
    assert_eq!(code, 0);
    let body = std::str::from_utf8(body).expect("it is text");
    assert!(stdout.contains(&format!("\"json\":{body},")), "{stdout}");
    let lines = export(&service, &[]);
    let [first, second, third] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((&first["source"], &first["provider"]), (&"clerk".into(), &"clerk".into()));
    assert_eq!(first["provider_event_id"], "msg_1");
    assert!(first["id"].as_str().is_some_and(|id| id.starts_with("evt_")));
    let delivery = &first["deliveries"][0];
    assert_eq!((&delivery["rule"], &delivery["destination"]), (&"sign-up".into(), &"dub".into()));
    assert_eq!(delivery["lead"]["clickId"], "click_1");
    assert_eq!(second["body_base64"], "ewp9Cg==");
    assert_eq!(third["fault"]["code"], "body_not_json");
    // The service takes more meanwhile.
    post(&service, "msg_4", b"{}");
    assert_eq!(export(&service, &[]).len(), 4);
}

#[test]
fn only_what_is_asked_for_is_written() {
    let service = Builder::new(&destination()).start();
    post(&service, "msg_1", &user_created("user_1", None));
    post(&service, "msg_2", br#"{"type":"user.updated"}"#);
    let form = br#"{"event_id":"1","event_type":"form_response"}"#;
    service.http().post("/webhooks/typeform", &typeform(form), form);
    let count = |arguments: &[&str]| export(&service, arguments).len();
    assert_eq!(count(&[]), 3);
    assert_eq!(count(&["--source", "clerk"]), 2);
    assert_eq!(count(&["--source", "clerk", "--type", "user.updated"]), 1);
    assert_eq!(count(&["--source", "auth0"]), 0);
    assert_eq!(count(&["--since", "1h"]), 3);
    assert_eq!(count(&["--since", "2999-01-01T00:00:00Z"]), 0);
}

#[cfg(unix)]
#[test]
fn a_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let service = Builder::new(&destination()).start();
    post(&service, "msg_1", &user_created("user_1", None));
    let command = service.again().command(&["events", "export", "--out", "export.jsonl"]);
    let (code, stdout, stderr) = output(command);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    assert!(stderr.starts_with("1 event written to export.jsonl"), "{stderr}");
    let path = service.again().folder().join("export.jsonl");
    let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).expect("it is text");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn what_can_not_be_exported_is_said_so() {
    let builder = Builder::new(&destination());
    let (code, stdout, stderr) = output(builder.command(&["events", "export"]));
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("leadhook.db") && stderr.contains("hint: "), "{stderr}");
    // It must not make one either.
    assert!(!builder.folder().join("leadhook.db").exists());
    let (code, _, _) = output(builder.command(&["events", "export", "--since", "yesterday"]));
    assert_eq!(code, 2);
    let builder = Builder::new(&destination()).with("LEADHOOK_RETENTION", "for ever");
    let (code, _, stderr) = output(builder.command(&["events", "export"]));
    assert_eq!(code, 1);
    assert!(stderr.contains("LEADHOOK_RETENTION"), "{stderr}");
    let (status, builder, _) = Builder::new(&destination()).start().stop();
    assert!(status.success());
    let command = builder.command(&["events", "export", "--out", "nowhere/export.jsonl"]);
    let (code, _, stderr) = output(command);
    assert_eq!(code, 2);
    assert!(stderr.contains("nowhere/export.jsonl"), "{stderr}");
}
