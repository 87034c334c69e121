//! `leadhook map`: what becomes of a payload or a stored event, and how.

use crate::support::{Builder, clerk, destination, output, user_created};
use serde_json::{Value, json};
use std::process::Command;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/samples");

/// A rule that needs a header, a parameter, a type and an id, none of which a payload has.
const REQUEST: &str = r#"provider = "standard-webhooks"
secrets = ["env:NOT_SET"]

[[lead]]
name = "visit"
on = ["visit"]

[lead.body]
clickId = { query = "click" }
eventName = "Visit"
customerExternalId = { event = "id" }
customerEmail = "$.email"
metadata = { agent = { header = "User-Agent" } }

[[click]]
customerExternalId = "$.id"
clickId = "$.click"
"#;

/// Without secrets, and without a database.
fn builder() -> Builder {
    ["CLERK_WEBHOOK_SECRET", "TYPEFORM_WEBHOOK_SECRET", "AUTH0_WEBHOOK_TOKEN", "DUB_API_KEY"]
        .iter()
        .fold(Builder::new(&destination()), |builder, name| builder.with(name, ""))
}

fn sample(name: &str) -> String {
    format!("{SAMPLES}/{name}")
}

/// Runs `map`; answers its exit code, stdout and stderr.
fn map(builder: &Builder, arguments: &[&str]) -> (i32, String, String) {
    output(builder.command(&[&["map"], arguments].concat()))
}

fn write(builder: &Builder, name: &str, text: &str) -> String {
    std::fs::write(builder.folder().join(name), text).expect("it can be written");
    name.to_owned()
}

#[test]
fn a_payload_becomes_a_lead_on_stdout_and_nothing_else() {
    let builder = builder();
    let (code, stdout, stderr) = map(&builder, &["clerk", &sample("clerk/user.created.json")]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let lead: Value = serde_json::from_str(&stdout).expect("it is JSON");
    assert_eq!(lead["clickId"], "cm7Kd02PqXw4Rt");
    // A file of one's own can be named in either way.
    let path = format!("{}/mappings/clerk.toml", env!("CARGO_MANIFEST_DIR"));
    for named in [&[path.as_str()][..], &["clerk", "--mapping", &path]] {
        let payload = sample("clerk/user.created.json");
        let arguments = [named, &[payload.as_str()]].concat();
        assert_eq!(map(&builder, &arguments), (0, stdout.clone(), String::new()));
    }
    let (code, piped, _) = piped(&builder, &["clerk", "-"], "clerk/user.created.json");
    assert_eq!((code, piped), (0, stdout));
}

fn piped(builder: &Builder, arguments: &[&str], name: &str) -> (i32, String, String) {
    let binary = builder.command(&[&["map"], arguments].concat());
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat \"$0\" | \"$@\"", &sample(name)]).arg(binary.get_program());
    shell.args(binary.get_args()).current_dir(builder.folder()).env_clear();
    for (name, value) in binary.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    output(shell)
}

#[test]
fn where_there_is_no_lead_it_is_said_why() {
    let builder = builder();
    let check = |source: &str, name: &str, code: i32, says: &str| {
        let (ended, stdout, stderr) = map(&builder, &[source, &sample(name)]);
        assert_eq!((ended, stdout.as_str()), (code, ""), "{stderr}");
        assert!(stderr.contains(says), "{stderr}");
    };
    check("clerk", "clerk/user.created.no-click-id.json", 0, "sign-up: skipped: no_click_id");
    check("clerk", "clerk/user.updated.json", 0, "no [[lead]] rule is for this user.updated event");
    let broken = write(&builder, "broken.json", "{");
    let (code, _, stderr) = map(&builder, &["clerk", &broken]);
    assert_eq!(code, 1);
    assert!(stderr.contains("can't be read: body_not_json"), "{stderr}");
    let nobody = write(
        &builder,
        "nobody.json",
        r#"{"type":"user.created","data":{"unsafe_metadata":{"dub_id":"c"}}}"#,
    );
    let (code, stdout, stderr) = map(&builder, &["clerk", &nobody]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("sign-up: unmapped: field_missing (customerExternalId)"), "{stderr}");
}

#[test]
fn every_event_of_a_batch_is_told() {
    let builder = builder();
    let arguments = ["auth0-logs", &sample("auth0-logs/ss.lines.jsonl"), "--json"];
    let (_, stdout, stderr) = map(&builder, &arguments);
    let json: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
    let events = json["events"].as_array().expect("a list");
    assert!(events.len() > 1);
    let (_, _, stderr) = map(&builder, &arguments[..2]);
    let numbered = stderr.lines().filter(|line| line.starts_with("event 2: ")).count();
    let second = &events[1];
    let told = second["outcomes"].as_array().map_or(0, Vec::len).max(1);
    assert_eq!(numbered, told, "{stderr}");
}

#[test]
fn what_a_payload_lacks_of_its_request_can_be_given() {
    let builder = builder();
    let file = write(&builder, "visits.toml", REQUEST);
    let payload = write(&builder, "visit.json", r#"{"id":"u1","click":"c2","email":"no"}"#);
    let request =
        ["--type", "visit", "--id", "v1", "--query", "click=c=1", "--header", "user-AGENT=me"];
    let arguments = [&[file.as_str(), &payload][..], &request].concat();
    let (code, stdout, stderr) = map(&builder, &arguments);
    assert_eq!(code, 0, "{stderr}");
    let lead: Value = serde_json::from_str(&stdout).expect("it is JSON");
    let expected = json!({"clickId": "c=1", "eventName": "Visit", "customerExternalId": "v1",
        "metadata": {"agent": "me"}});
    assert_eq!(lead, expected);
    assert!(stderr.contains("visit: field_left_out (customerEmail)"), "{stderr}");
    assert!(stderr.contains("learnt: the click of customer u1 is c2"), "{stderr}");
    let (code, _, stderr) = map(&builder, &[&arguments[..2], &["--header", "agent"]].concat());
    assert_eq!(code, 2);
    assert!(stderr.contains("NAME=VALUE"), "{stderr}");
}

/// The page that this prints is shown in `docs/workbench.md`.
const EXPLAINED: &str = include_str!("map/explained.txt");

#[test]
fn an_explanation_tells_each_candidate_step_and_repair() {
    let builder = builder();
    let file = write(&builder, "shop.toml", include_str!("map/shop.toml"));
    let payload = write(&builder, "order.json", include_str!("map/order.json"));
    let (code, stdout, stderr) = map(&builder, &[&file, &payload, "--explain"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(stdout, EXPLAINED);
    for line in stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let page = include_str!("../../docs/workbench.md");
    assert!(page.contains(EXPLAINED.trim_end()), "the page shows it as it is");
}

#[test]
fn an_explanation_is_data_too_with_places_in_the_file() {
    let builder = builder();
    let text = include_str!("map/shop.toml");
    let file = write(&builder, "shop.toml", text);
    let payload = write(&builder, "order.json", include_str!("map/order.json"));
    let (code, stdout, _) = map(&builder, &[&file, &payload, "--explain", "--json"]);
    assert_eq!(code, 0);
    let json: Value = serde_json::from_str(&stdout).expect("it is JSON");
    let event = &json["events"][0];
    assert_eq!(event["outcomes"][0]["became"], "lead");
    let rule = &event["explanation"]["rules"][0];
    assert_eq!((&rule["matches"], &rule["when"]["holds"]), (&true.into(), &true.into()));
    let fields = rule["fields"].as_array().expect("a list");
    let email = fields.iter().find(|field| field["field"] == "customerEmail").expect("it is there");
    assert_eq!((&email["state"], &email["sent"]), (&"left_out".into(), &Value::Null));
    assert_eq!(email["notes"][0]["code"], "field_left_out");
    for field in fields {
        let place = |key: &str| field["place"][key].as_u64().expect("a number") as usize;
        let before = &text[..place("start")];
        assert_eq!(before.matches('\n').count() + 1, place("line"));
        let name = field["field"].as_str().expect("a text");
        assert!(before.trim_end().ends_with(&format!("{name} =")), "{field}");
    }
    // Without it, the outcome alone.
    let (_, stdout, _) = map(&builder, &[&file, &payload, "--json"]);
    let json: Value = serde_json::from_str(&stdout).expect("it is JSON");
    assert_eq!(json["events"][0].get("explanation"), None);
    assert_eq!(json["events"][0]["outcomes"], event["outcomes"]);
}

#[test]
fn a_stored_event_is_explained_with_today_s_mapping() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let body = user_created("user_1", Some("click_1"));
    assert_eq!(service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body).status, 200);
    destination.expect_leads(1);
    let ids = service.database().column("SELECT lower(hex(id)) FROM events");
    let id = format!("evt_{}", ids[0]);
    let builder = service.again();
    let (code, stdout, stderr) = map(&builder, &["--event", &id, "--explain"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.starts_with(&format!("event user.created, {id}\n")), "{stdout}");
    assert!(stdout.contains("\"click_1\""), "{stdout}");
    let edited = Builder::shipped("clerk.toml").replacen("\"Sign up\"", "\"Signed up\"", 1);
    let edited = write(&builder, "new.toml", &edited);
    let (code, stdout, _) = map(&builder, &["--event", &id, "--mapping", &edited]);
    assert!(code == 0 && stdout.contains("\"eventName\": \"Signed up\""), "{stdout}");
    let (code, _, stderr) = map(&builder, &["--event", "evt_00000000000070008000000000000000"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("there is no event evt_0"), "{stderr}");
    let (code, _, _) = map(&builder, &["--event", &id, "clerk", "payload.json"]);
    assert_eq!(code, 2);
}

#[test]
fn what_can_not_be_mapped_with_is_said_as_check_says_it() {
    let builder = builder();
    let faulty = REQUEST.replace("$.email", "$..email");
    let file = write(&builder, "visits.toml", &faulty);
    let payload = write(&builder, "visit.json", "{}");
    let (code, stdout, stderr) = map(&builder, &[&file, &payload]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(
        stderr.contains("error[query_unbounded]") && stderr.contains("visits.toml:12:"),
        "{stderr}"
    );
    let (code, _, stderr) = map(&builder, &["clerck", &payload]);
    assert_eq!(code, 1);
    assert!(stderr.contains("did you mean `clerk`?"), "{stderr}");
    let (code, _, stderr) = map(&builder, &["clerk", "nowhere.json"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("nowhere.json"), "{stderr}");
    let (code, _, stderr) = map(&builder, &["No such", &payload]);
    assert_eq!(code, 2, "{stderr}");
    assert_eq!(map(&builder, &[]).0, 2);
}
