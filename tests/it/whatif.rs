//! `leadhook map --against`: what another mapping file would make of the events that came.

mod input;
mod page;

use crate::support::{
    AUTH0_TOKEN, Builder, Service, clerk, destination, output, typeform, user_created,
};
use serde_json::Value;

/// A service that has received three events of Clerk that its rule is for (two of people with a
/// click), one that it is not for, one that nobody can read, and one of Typeform.
fn history() -> Service {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let post = |id: &str, body: &[u8]| {
        let answer = service.http().post("/webhooks/clerk", &clerk(id, body), body);
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    post("msg_1", &user_created("user_1", Some("click_1")));
    post("msg_2", &user_created("user_2", Some("click_2")));
    post("msg_3", &user_created("user_3", None));
    post("msg_4", br#"{"type":"user.deleted","data":{"id":"user_3"}}"#);
    post("msg_5", b"no JSON");
    let form = br#"{"event_id":"1","event_type":"form_response"}"#;
    service.http().post("/webhooks/typeform", &typeform(form), form);
    destination.expect_leads(2);
    service
}

/// The mapping file of Clerk with a text replaced, as a file in the service's folder.
fn edited(builder: &Builder, from: &str, to: &str) -> String {
    let text = Builder::shipped("clerk.toml");
    assert!(text.contains(from), "{from}");
    let path = builder.folder().join("new.toml");
    std::fs::write(path, text.replacen(from, to, 1)).expect("it can be written");
    "new.toml".to_owned()
}

/// Runs `map clerk` with what is given, and `--against` the edited file.
fn map(builder: &Builder, arguments: &[&str]) -> (i32, String, String) {
    let arguments = [&["map", "clerk", "--against", "new.toml"], arguments].concat();
    output(builder.command(&arguments))
}

#[track_caller]
fn export(service: &Service) {
    let command = service.again().command(&["events", "export", "--out", "export.jsonl"]);
    let (code, _, stderr) = output(command);
    assert_eq!(code, 0, "{stderr}");
}

/// No secrets and no database: what a machine of CI has.
fn elsewhere(builder: &Builder) -> Builder {
    ["CLERK_WEBHOOK_SECRET", "DUB_API_KEY"]
        .iter()
        .fold(builder.clone(), |builder, name| builder.with(name, ""))
        .with("LEADHOOK_DATABASE_URL", "sqlite:nowhere.db")
}

/// Edits the mapping file and compares: leads that stay the same, are gained, lost and changed;
/// and of `--fail-on`, which conditions hold.
#[track_caller]
fn check(service: &Service, edit: [&str; 2], leads: [u64; 4], held: &[&str]) -> Value {
    let builder = service.again();
    edited(&builder, edit[0], edit[1]);
    let all = ["--json", "--fail-on", "unmapped,lost", "--fail-on", "changed", "--fail-on=gained"];
    let (code, stored, stderr) = map(&builder, &[&["--since", "1h"], &all[..]].concat());
    assert_eq!(code, i32::from(!held.is_empty()), "{stderr}");
    for condition in held {
        assert!(stderr.contains(&format!("(--fail-on {condition})")), "{stderr}");
    }
    // An export gives the same, where there is nothing else.
    let exported = [&["--events", "export.jsonl"], &all[..]].concat();
    let (code_of_export, exported, _) = map(&elsewhere(&builder), &exported);
    assert_eq!((code_of_export, &exported), (code, &stored));
    // What is not forbidden is no failure.
    let (code, _, stderr) = map(&builder, &["--since", "1h"]);
    assert_eq!((code, stderr.as_str()), (0, ""));

    let json: Value = serde_json::from_str(&stored).expect("it is JSON");
    let events = &json["events"];
    let seen = ["count", "unreadable"].map(|name| events[name].as_u64());
    assert_eq!(seen, [Some(5), Some(1)]);
    let found = ["same", "gained", "lost", "changed"].map(|name| json["leads"][name].as_u64());
    assert_eq!(found, leads.map(Some), "{stored}");
    assert_eq!(json["failed_on"], serde_json::json!(held), "{stored}");
    json
}

#[test]
fn stored_and_exported_events_give_the_same_judgement() {
    let service = history();
    export(&service);
    let name = r#"eventName = "Sign up""#;
    let json = check(&service, [name, name], [2, 0, 0, 0], &[]);
    assert_eq!(json["today"]["version"], json["against"]["version"]);
    assert_eq!(json["events"]["ignored"], 1);

    // Another event name is another entry of the ledger, other spelling is not.
    let to = r#"eventName = "Signed up""#;
    let json = check(&service, [name, to], [0, 0, 0, 2], &["changed"]);
    let rule = &json["rules"][0];
    assert_eq!(rule["under_another_event_name"], 2);
    let field = &rule["changed_fields"]["entries"][0];
    assert_eq!((&field["field"], &field["count"]), (&"eventName".into(), &2.into()));
    assert_eq!(field["examples"][0]["before"], "Sign up");
    assert_eq!(field["examples"][0]["after"], "Signed up");
    let to = r#"eventName = "SIGN up""#;
    let json = check(&service, [name, to], [0, 0, 0, 2], &["changed"]);
    assert_eq!(json["rules"][0]["under_another_event_name"], 0);

    let on = r#"on = ["user.created"]"#;
    let json = check(&service, [on, r#"on = ["user.updated"]"#], [0, 0, 2, 0], &["lost"]);
    let lost = &json["rules"][0]["lost"]["entries"][0];
    assert_eq!(lost["to"]["became"], "ignored");
    assert_eq!(lost["examples"][0]["before"]["clickId"], "click_1");

    let edit = [r#"missing = "skip""#, r#"missing = "empty""#];
    let json = check(&service, edit, [2, 1, 0, 0], &["gained"]);
    let gained = &json["rules"][0]["gained"]["entries"][0];
    assert_eq!(gained["from"]["reasons"][0]["code"], "no_click_id");
    let edit = [r#"missing = "skip""#, r#"missing = "park""#];
    let json = check(&service, edit, [2, 1, 0, 0], &["gained"]);
    assert_eq!(json["rules"][0]["gained"]["entries"][0]["to"]["became"], "parked");

    let edit = ["customerExternalId = \"$.data.id\"", "customerExternalId = \"$.data.uid\""];
    let json = check(&service, edit, [0, 0, 2, 0], &["lost", "unmapped"]);
    assert_eq!(json["newly_unmapped"], 2);

    // A repair costs no lead, and is told.
    let edit = ["customerAvatar = \"$.data.image_url\"", "customerAvatar = \"$.data.id\""];
    let json = check(&service, edit, [0, 0, 0, 2], &["changed"]);
    let repair = &json["rules"][0]["new_repairs"]["entries"][0];
    assert_eq!((&repair["code"], &repair["count"]), (&"field_left_out".into(), &2.into()));

    // The ledger knows rules by their names: another name is one rule gone and one new.
    let edit = [r#"name = "sign-up""#, r#"name = "sign up""#];
    let json = check(&service, edit, [0, 2, 2, 0], &["lost", "gained"]);
    assert_eq!(json["rules"].as_array().map(Vec::len), Some(2));
    assert_eq!(service.http().get("/readyz").status, 200);
}

#[test]
fn a_person_sees_what_differs_with_examples() {
    let service = history();
    let builder = service.again();
    edited(&builder, "eventName = \"Sign up\"", "eventName = \"Signed\\u009b up\"");
    let (code, stdout, stderr) = map(&builder, &["--since", "1h", "--examples", "1"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    for part in [
        "clerk: 5 events, received 20",
        "1 match no rule",
        "1 can't be read",
        "new.toml (version ",
        "0 the same, 0 gained, 0 lost, 2 changed",
        "changed: 2",
        "\"Sign up\" -> \"Signed\\u{9b} up\"",
        "note: 2 leads would be recorded under another event name",
    ] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    assert_eq!(stdout.matches("evt_").count(), 1, "{stdout}");
    edited(&builder, "on = [\"user.created\"]", "on = [\"user.updated\"]");
    let (_, stdout, _) = map(&builder, &["--since", "1h"]);
    assert!(stdout.contains("lead -> ignored"), "{stdout}");
    assert!(stdout.contains("{\"clickId\":\"click_1\",\"eventName\":\"Sign up\""), "{stdout}");
}

#[test]
fn clicks_that_would_be_learnt_count_too() {
    let service = history();
    let builder = service.again();
    let rule = "[[click]]\nclickId = \"$.data.unsafe_metadata.dub_id\"\n\
                customerExternalId = \"$.data.id\"\n\n[[lead]]";
    edited(&builder, "[[lead]]", rule);
    let (code, stdout, stderr) = map(&builder, &["--since", "1h", "--fail-on", "gained"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("0 leads and 2 clicks gained (--fail-on gained)"), "{stderr}");
    assert!(stdout.contains("clicks learnt\n  the same: 0\n  gained: 2\n"), "{stdout}");
    assert!(stdout.contains("{\"clickId\":\"click_1\""), "{stdout}");
    // The other way round they are lost.
    let path = builder.folder().join("learns.toml");
    std::fs::rename(builder.folder().join("new.toml"), path).expect("it can be renamed");
    edited(&builder, "Sign up", "Sign up");
    let from = ["--since", "1h", "--mapping", "learns.toml", "--json", "--hide-values"];
    let (code, stdout, _) = map(&builder, &[&from[..], &["--fail-on", "lost"]].concat());
    assert_eq!(code, 1);
    let json: Value = serde_json::from_str(&stdout).expect("it is JSON");
    assert_eq!(json["clicks"]["lost"]["count"], 2);
    assert!(!stdout.contains("click_1"), "{stdout}");
}

#[test]
fn values_can_be_left_out() {
    let service = history();
    let builder = service.again();
    let edit = "metadata = \"$.data\"\ncustomerAvatar = ";
    edited(&builder, "customerAvatar = \"$.data.image_url\"\n", &format!("{edit}\"$.data.id\"\n"));
    let named = ["person@example.com", "click_1", "img.example.com"];
    for json in [&["--json"][..], &[]] {
        let (_, shown, _) = map(&builder, &[&["--since", "1h"], json].concat());
        assert!(named.iter().any(|value| shown.contains(value)), "{shown}");
        let (_, hidden, _) = map(&builder, &[&["--since", "1h", "--hide-values"], json].concat());
        assert!(hidden.contains("evt_") && hidden.contains("metadata.first_name"), "{hidden}");
        assert!(!named.iter().any(|value| hidden.contains(value)), "{hidden}");
    }
}

#[test]
fn events_of_a_batch_are_judged_one_by_one() {
    let service = Builder::new(&destination()).start();
    let lines = "{\"log_id\":\"1\",\"data\":{\"type\":\"ss\",\"user_id\":\"a\",\"click\":\"c1\"}}\n\
                 {\"log_id\":\"2\",\"data\":{\"type\":\"ss\",\"user_id\":\"b\"}}\n";
    let token = vec![("authorization".to_owned(), AUTH0_TOKEN.to_owned())];
    let answer = service.http().post("/webhooks/auth0-logs", &token, lines.as_bytes());
    assert_eq!(answer.body, r#"{"accepted":2,"duplicates":0}"#);
    let builder = service.again();
    let text = Builder::shipped("auth0-logs.toml").replacen("$.data.dub_id", "$.data.click", 1);
    std::fs::write(builder.folder().join("new.toml"), text).expect("it can be written");
    let (code, stdout, stderr) = output(builder.command(&[
        "map",
        "auth0-logs",
        "--since",
        "1h",
        "--against",
        "new.toml",
        "--json",
    ]));
    assert_eq!(code, 0, "{stderr}");
    let json: Value = serde_json::from_str(&stdout).expect("it is JSON");
    assert_eq!((&json["events"]["count"], &json["leads"]["gained"]), (&2.into(), &1.into()));
    let gained = &json["rules"][0]["gained"]["entries"][0]["examples"][0];
    assert_eq!(gained["after"]["customerExternalId"], "a");

    // Of another provider: they stay the events that they were.
    let other = Builder::shipped("clerk.toml").replacen("user.created", "ss", 1);
    std::fs::write(builder.folder().join("new.toml"), other).expect("it can be written");
    let (code, _, stderr) =
        output(builder.command(&["map", "auth0-logs", "--since", "1h", "--against", "new.toml"]));
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("received as those of `auth0-logs`"), "{stderr}");
}
