//! `leadhook check`, on files with faults and on those that are shipped.

use crate::support::{Builder, destination, output};
use leadhook::provider::Provider;
use serde_json::{Value, json};

const FAULTY: &str = r#"provider = "clerk"
secrets = ["env:CLERK_WEBHOOK_SECRET", "hunter2-is-no-reference"]

[[lead]]
name = "sign-up"
when = "@.type = 'user.created'"
[lead.body]
clickId = "$.data.unsafe_metadata.dub_id"
eventName = "Sign up"
customerExternalId = "$.data..id"
custmerName = "$.data.first_name"
"#;

#[test]
fn every_fault_of_a_file_is_shown_with_line_and_caret() {
    let builder = Builder::new(&destination()).mappings(&[("clerk.toml", FAULTY)]);
    let (code, stdout, stderr) = output(builder.command(&["check", "mappings"]));
    assert_eq!(code, 1);
    assert!(stdout.starts_with("not ok: 4 errors"), "{stdout}\n{stderr}");
    for (place, line, mark) in [
        ("mappings/clerk.toml:2:", "", ""),
        ("mappings/clerk.toml:6:", "when = \"@.type = 'user.created'\"", "=="),
        ("mappings/clerk.toml:10:", "customerExternalId = \"$.data..id\"", "^^"),
        ("mappings/clerk.toml:11:1", "custmerName", "write `customerName`"),
    ] {
        assert!(stderr.contains(place), "{place}: {stderr}");
        assert!(stderr.contains(line) && stderr.contains(mark), "{line} {mark}: {stderr}");
    }
    assert!(!stderr.contains("hunter2"), "{stderr}");
    // `serve` refuses it in the same words.
    let (code, _, refused) = output(builder.command(&["serve"]));
    assert_eq!(code, 2);
    let shown = |text: &str| text.trim().replace(&builder.folder().display().to_string(), "");
    assert_eq!(shown(&refused.replace("/mappings/", "mappings/")), shown(&stderr));
}

#[test]
fn what_is_found_is_told_as_data() {
    let builder =
        Builder::new(&destination()).mappings(&[("clerk.toml", FAULTY)]).with("DUB_API_KEY", "");
    let (code, stdout, stderr) = output(builder.command(&["check", "--json"]));
    assert_eq!((code, stderr.as_str()), (1, "not ok: 5 errors, 0 warnings\n"));
    assert!(!stdout.contains("hunter2"), "{stdout}");
    let found: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(
        (&found["sources"], &found["errors"], &found["warnings"]),
        (&json!(0), &json!(5), &json!(0))
    );
    let faults = found["diagnostics"].as_array().expect("a list");
    assert_eq!(faults[0]["environment"], "DUB_API_KEY");
    let start = FAULTY.find("..id").expect("it is there");
    let expected = json!({
        "severity": "error",
        "code": "query_unbounded",
        "message": "`..` is refused: it would visit the whole event",
        "hint": "name the way to the value, as in `$.data.email_addresses[0].email_address`",
        "file": faults[3]["file"],
        "environment": null,
        "span": { "start": start, "end": start + 2 },
        "start": { "line": 10, "column": 29 },
        "end": { "line": 10, "column": 31 },
        "quote": "customerExternalId = \"$.data..id\"",
    });
    assert_eq!(faults[3], expected);
    assert!(faults[3]["file"].as_str().is_some_and(|file| file.ends_with("clerk.toml")));
    // Good files are told in the same shape.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings");
    let (code, stdout, stderr) = output(
        Builder::new(&destination()).with_public_url().command(&["check", "--json", folder]),
    );
    let sources = Provider::names().count();
    assert_eq!((code, stderr), (0, format!("ok: {sources} sources, 0 errors, 0 warnings\n")));
    let found: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(found, json!({ "sources": sources, "errors": 0, "warnings": 0, "diagnostics": [] }));
}

#[test]
fn samples_of_ones_own_count() {
    let own = Builder::shipped("clerk.toml").replace("\"$.data.image_url\"", "\"$.data.portrait\"");
    let own = own.split("[[case]]").next().unwrap_or_default().to_owned();
    let builder = Builder::new(&destination()).mappings(&[("clerk.toml", &own)]).samples();
    let (code, stdout, stderr) = output(builder.command(&["check"]));
    assert_eq!((code, stdout.as_str()), (0, "ok: 1 source, 0 errors, 1 warning\n"), "{stderr}");
    assert!(
        stderr.contains("warning[query_finds_nothing]") && stderr.contains("`portrait`"),
        "{stderr}"
    );
    let sample =
        r#"{ "type": "user.created", "data": { "portrait": "https://example.com/a.png" } }"#;
    let path = builder.folder().join("mappings/samples/clerk/mine.json");
    std::fs::write(path, sample).expect("the folder is there");
    let (_, stdout, stderr) = output(builder.command(&["check"]));
    assert_eq!(stdout, "ok: 1 source, 0 errors, 0 warnings\n", "{stderr}");
}

#[test]
fn the_shipped_mapping_files_are_in_order() {
    let builder = Builder::new(&destination()).with_public_url();
    let ok = |warnings: &str| {
        format!("ok: {} sources, 0 errors, {warnings}\n", Provider::names().count())
    };
    let (code, stdout, stderr) = output(builder.command(&["check", "--strict"]));
    assert_eq!((code, stdout), (0, ok("0 warnings")), "{stderr}");
    // A secret that is not set is a warning, unless asked otherwise.
    let builder = builder.with("CLERK_WEBHOOK_SECRET", "");
    let (code, stdout, stderr) = output(builder.command(&["check"]));
    assert_eq!((code, stdout), (0, ok("1 warning")), "{stderr}");
    assert!(stderr.contains("CLERK_WEBHOOK_SECRET is not set"), "{stderr}");
    let (code, _, _) = output(builder.command(&["check", "--strict"]));
    assert_eq!(code, 1);
}

#[test]
fn a_case_that_does_not_hold_is_shown_field_by_field() {
    let broken = Builder::shipped("clerk.toml").replacen("\"Sign up\"", "\"Signed up\"", 1);
    assert!(broken.contains("Signed up"));
    let builder = Builder::new(&destination()).mappings(&[("clerk.toml", &broken)]).samples();
    let (code, _, stderr) = output(builder.command(&["check"]));
    assert_eq!(code, 1);
    assert!(stderr.contains("error[case_failed]"), "{stderr}");
    assert!(stderr.contains("eventName") && stderr.contains("Signed up"), "{stderr}");
}

#[test]
fn a_folder_that_is_not_there_is_said_so() {
    let builder = Builder::new(&destination()).with("LEADHOOK_MAPPINGS", "nowhere");
    let (code, _, stderr) = output(builder.command(&["check"]));
    assert_eq!(code, 1);
    assert!(stderr.contains("error[file_unreadable]") && stderr.contains("nowhere"), "{stderr}");
}

#[test]
fn settings_are_shown_with_their_origin_and_without_secrets() {
    let builder = Builder::new(&destination());
    let (code, stdout, _) = output(builder.command(&["config"]));
    assert_eq!(code, 0);
    assert!(stdout.contains("LEADHOOK_LISTEN") && stdout.contains("***"), "{stdout}");
    assert!(!stdout.contains(crate::support::KEY), "{stdout}");
    let (code, example, _) = output(builder.command(&["config", "--example"]));
    assert_eq!((code, example.as_str()), (0, leadhook::config::EXAMPLE));
}

#[test]
fn what_serve_needs_check_asks_for() {
    let builder = Builder::new(&destination()).with_public_url().with("DUB_API_KEY", "");
    let (code, _, stderr) = output(builder.command(&["check"]));
    assert_eq!(code, 1);
    assert!(stderr.contains("error[setting_missing]: DUB_API_KEY is not set"), "{stderr}");
    // Mapping files alone can be checked where nobody has a key.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings");
    let (code, _, stderr) = output(builder.command(&["check", folder]));
    assert_eq!((code, stderr.as_str()), (0, ""));
}

#[test]
fn a_file_that_stands_in_for_a_variable_must_be_readable() {
    let builder = Builder::new(&destination())
        .with("LEADHOOK_PUBLIC_URL_FILE", "/nowhere/url")
        .with("CLERK_WEBHOOK_SECRET_FILE", "/nowhere/secret");
    let (code, _, stderr) = output(builder.command(&["check"]));
    assert_eq!(code, 1);
    assert!(stderr.contains("error[file_unreadable]: /nowhere/url can't be read"), "{stderr}");
    assert!(stderr.contains("LEADHOOK_PUBLIC_URL_FILE"), "{stderr}");
    // The variable itself is set and wins.
    assert!(!stderr.contains("/nowhere/secret") && !stderr.contains("no setting"), "{stderr}");
}

#[test]
fn a_folder_without_mapping_files_is_said_so() {
    let builder = Builder::new(&destination()).mappings(&[]);
    let (code, stdout, stderr) = output(builder.command(&["check"]));
    assert_eq!((code, stdout.as_str()), (0, "ok: 0 sources, 0 errors, 1 warning\n"), "{stderr}");
    assert!(stderr.contains("warning[no_sources]"), "{stderr}");
}
