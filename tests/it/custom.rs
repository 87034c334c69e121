//! Senders that a mapping file declares itself, from the signed request to the lead.

use crate::support::{Builder, CUSTOM_SECRET, Fields, KEY, Service, custom, destination, output};
use serde_json::{Value, json};
use std::path::Path;

const RULES: &str = r#"
[[lead]]
name = "sign-up"
on = ["signup"]

[lead.body]
clickId = "$.user.click"
eventName = "Sign up"
customerExternalId = "$.user.id"
"#;

/// A file without cases whose sender shows a token in the URL.
fn by_token() -> String {
    format!(
        r#"provider = "custom"
secrets = ["env:CUSTOM_WEBHOOK_SECRET"]

[signature]
kind = "token"
query = "key"

[event]
id = "$.id"
type = "$.kind"
{RULES}"#
    )
}

/// One whose requests hold several events of one type, which stands in a header.
fn in_batches() -> String {
    format!(
        r#"provider = "custom"
title = "Riverside"
secrets = ["env:CUSTOM_WEBHOOK_SECRET"]

[signature]
kind = "basic"

[auth]
username = "riverside"

[event]
batch = "$.events"
id = "$.id"
type = {{ header = "x-event" }}

[response]
status = 202
{RULES}"#
    )
}

/// The shipped file, which has a header of its own here and no cases.
fn by_hmac(header: &str) -> String {
    let shipped = Builder::shipped("custom.toml").replace("x-signature", header);
    shipped.split("\n[[case]]").next().expect("it has a head").to_owned()
}

fn builder(files: &[(&str, &str)]) -> Builder {
    Builder::new(&destination()).mappings(files)
}

fn sign_up(id: &str) -> Value {
    json!({ "id": id, "kind": "signup", "user": { "id": format!("u_{id}"), "click": "cm1" } })
}

#[track_caller]
fn post(service: &Service, path: &str, fields: &Fields, body: &[u8], expected: (u16, &str)) {
    let answer = service.http().post(path, fields, body);
    assert_eq!((answer.status, answer.code().as_str()), expected, "{}", answer.body);
}

#[test]
fn an_hmac_over_time_and_body() {
    let destination = destination();
    let service = Builder::new(&destination).mappings(&[("acme.toml", &by_hmac("x-acme"))]).start();
    let user = json!({ "id": "u_1", "dub_id": "cm_acme", "email": "ADA@example.com" });
    let body = json!({ "id": "evt_1", "type": "signup", "user": user }).to_string();
    let body = body.as_bytes();
    post(&service, "/webhooks/acme", &custom("x-acme", b"{}"), body, (401, "signature_mismatch"));
    post(&service, "/webhooks/acme", &Fields::new(), body, (401, "signature_missing"));
    post(&service, "/webhooks/acme", &custom("x-acme", body), body, (200, ""));
    // The same event again is known by its id.
    let again = service.http().post("/webhooks/acme", &custom("x-acme", body), body);
    assert_eq!(again.body, r#"{"accepted":0,"duplicates":1}"#);
    let lead = destination.expect_leads(1).remove(0);
    assert_eq!(lead["clickId"], "cm_acme");
    assert_eq!(lead["customerExternalId"], "u_1");
    assert_eq!(lead["customerEmail"], "ada@example.com");
}

#[test]
fn a_token_in_the_url() {
    let destination = destination();
    let service = Builder::new(&destination).mappings(&[("form.toml", &by_token())]).start();
    let body = sign_up("1").to_string();
    let (body, none) = (body.as_bytes(), Fields::new());
    post(&service, "/webhooks/form", &none, body, (401, "signature_missing"));
    post(&service, "/webhooks/form?key=other", &none, body, (401, "signature_mismatch"));
    post(&service, &format!("/webhooks/form?key={CUSTOM_SECRET}"), &none, body, (200, ""));
    assert_eq!(destination.expect_leads(1)[0]["customerExternalId"], "u_1");
    // The token is nowhere in the database.
    let (_, builder, _) = service.stop();
    let file = std::fs::read(builder.folder().join("leadhook.db")).expect("it is there");
    let token = CUSTOM_SECRET.as_bytes();
    assert!(!file.windows(token.len()).any(|part| part == token));
}

#[test]
fn several_events_whose_type_is_in_a_header() {
    let destination = destination();
    let service = Builder::new(&destination).mappings(&[("batches.toml", &in_batches())]).start();
    let body = json!({ "events": [sign_up("1"), sign_up("2")] }).to_string();
    let login = format!("riverside:{CUSTOM_SECRET}");
    let fields = |kind: &str| {
        let basic = format!("Basic {}", crate::support::base64(&login));
        vec![("authorization".to_owned(), basic), ("x-event".to_owned(), kind.to_owned())]
    };
    post(&service, "/webhooks/batches", &fields("signup"), body.as_bytes(), (202, ""));
    let leads = destination.expect_leads(2);
    let mut customers: Vec<_> =
        leads.iter().map(|lead| lead["customerExternalId"].clone()).collect();
    customers.sort_by_key(Value::to_string);
    assert_eq!(customers, ["u_1", "u_2"]);
    let body = json!({ "events": [sign_up("3")] }).to_string();
    post(&service, "/webhooks/batches", &fields("login"), body.as_bytes(), (202, ""));
    assert_eq!(service.database().count("SELECT count(*) FROM events"), 3);
    assert_eq!(service.database().count("SELECT count(*) FROM deliveries"), 2);
}

#[test]
fn a_vector_that_does_not_hold_refuses_to_start() {
    let wrong = by_hmac("x-acme").replacen("v1=", "v1=00", 2);
    let builder = builder(&[("acme.toml", &wrong)]);
    let (checked, stdout, stderr) = output(builder.command(&["check"]));
    assert_eq!(checked, 1, "{stdout}{stderr}");
    for part in [
        "error[vector_failed]: the vector `as the sender signs` comes to signature_malformed",
        "expected = \"valid\"",
    ] {
        assert!(stderr.contains(part), "{stderr}");
    }
    assert!(!stderr.contains("not-a-real-secret"), "{stderr}");
    let (served, _, stderr) = output(builder.command(&["serve"]));
    assert_eq!(served, 2);
    assert!(stderr.contains("vector_failed"), "{stderr}");
}

#[test]
fn a_changed_scheme_takes_effect_without_a_restart() {
    let files = [("acme.toml", &*by_hmac("x-old"))];
    let service = builder(&files).with("LEADHOOK_RELOAD_POLL", "1h").start();
    let body: &[u8] = br#"{"id":"evt_1","type":"login"}"#;
    post(&service, "/webhooks/acme", &custom("x-new", body), body, (401, "signature_missing"));
    let path = service.again().folder().join("mappings/acme.toml");
    std::fs::write(&path, by_hmac("x-new")).expect("the file can be written");
    service.wait_for_log(1, |line| line.contains("mapping applied"));
    post(&service, "/webhooks/acme", &custom("x-new", body), body, (200, ""));
    post(&service, "/webhooks/acme", &custom("x-old", body), body, (401, "signature_missing"));
    // A scheme whose vectors don't hold leaves the last good one in force.
    let wrong =
        by_hmac("x-newer").replacen("expected = \"valid\"", "expected = \"token_claims\"", 1);
    std::fs::write(&path, wrong).expect("the file can be written");
    service.wait_for_log(1, |line| line.contains("\"code\":\"vector_failed\""));
    let body: &[u8] = br#"{"id":"evt_2","type":"login"}"#;
    post(&service, "/webhooks/acme", &custom("x-new", body), body, (200, ""));
}

/// Puts a sample of a source beside the mapping files.
fn sample(builder: &Builder, source: &str, event: &Value) {
    let folder = builder.folder().join("mappings/samples").join(source);
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    std::fs::write(folder.join("one.json"), event.to_string()).expect("the sample can be written");
}

#[test]
fn each_source_has_samples_of_its_own() {
    let builder = builder(&[("a.toml", &by_token()), ("b.toml", &by_token())]);
    sample(&builder, "a", &sign_up("1"));
    sample(&builder, "b", &json!({ "id": "1", "kind": "signup", "person": {} }));
    let (code, stdout, stderr) = output(builder.command(&["check"]));
    assert_eq!((code, stdout.as_str()), (0, "ok: 2 sources, 0 errors, 2 warnings\n"), "{stderr}");
    assert!(stderr.contains("the sender's `signup`") && stderr.contains("b.toml"), "{stderr}");
    assert!(!stderr.contains("a.toml"), "{stderr}");
}

#[test]
fn every_command_knows_the_sender() {
    let builder = builder(&[("acme.toml", &by_token())]);
    let payload = builder.folder().join("payload.json");
    std::fs::write(&payload, sign_up("7").to_string()).expect("it can be written");
    let payload = payload.display().to_string();
    let map = ["map", "mappings/acme.toml", &payload, "--json"];
    let (code, stdout, stderr) = output(builder.command(&map));
    assert_eq!(code, 0, "{stderr}");
    let mapped: Value = serde_json::from_str(&stdout).expect("it is JSON");
    assert!(mapped.to_string().contains("u_7"), "{mapped}");
    let add = ["sample", "add", "--payload", &payload, "--source", "acme", "--append"];
    let (code, stdout, stderr) = output(builder.command(&add));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("samples/acme/signup.sample.json"), "{stdout}");
    let (code, _, stderr) = output(builder.command(&["test", "mappings"]));
    assert_eq!(code, 0, "{stderr}");
    let (code, _, stderr) = output(builder.command(&["coverage", "acme"]));
    assert!(code != 1, "{stderr}");
}

/// The mapping files of the page about senders of one's own.
fn examples() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/custom-providers.md");
    let page = std::fs::read_to_string(path).expect("the page can be read");
    let fences = page.split("```toml\n").skip(1);
    let examples = fences.map(|rest| rest.split("```").next().unwrap_or_default().to_owned());
    examples.filter(|example| example.starts_with("provider")).collect()
}

/// The codes of what `check` says of each of the examples.
fn codes_of(examples: &[String]) -> Vec<Vec<String>> {
    let names: Vec<_> = (0..examples.len()).map(|at| format!("example-{at}.toml")).collect();
    let files: Vec<_> =
        names.iter().map(String::as_str).zip(examples.iter().map(|it| &**it)).collect();
    let builder = builder(&files).with("DUB_API_KEY", KEY);
    let (_, stdout, stderr) = output(builder.command(&["check", "--json"]));
    let found: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
    let faults = found["diagnostics"].as_array().expect("a list");
    let of = |name: &String| {
        let own = faults.iter().filter(|fault| fault.to_string().contains(&**name));
        own.map(|fault| fault["code"].as_str().unwrap_or_default().to_owned()).collect()
    };
    names.iter().map(of).collect()
}

#[test]
fn the_examples_of_the_page_are_good_and_their_vectors_hold() {
    let examples = examples();
    assert!(examples.len() > 8);
    for (example, codes) in examples.iter().zip(codes_of(&examples)) {
        // Nobody has set their secrets.
        assert!(codes.iter().all(|code| code == "secret_missing"), "{codes:?}\n{example}");
    }
    let other = |example: &String| {
        example.replace("expected = \"valid\"", "expected = \"timestamp_missing\"")
    };
    let changed: Vec<_> = examples.iter().map(other).collect();
    let mut checked = 0;
    for (example, codes) in examples.iter().zip(codes_of(&changed)) {
        let vectors = example.matches("expected = \"valid\"").count();
        let failed = codes.iter().filter(|code| *code == "vector_failed").count();
        assert_eq!(failed, vectors, "{codes:?}\n{example}");
        checked += vectors;
    }
    assert!(checked > 6);
}
