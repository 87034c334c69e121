//! The three providers of the mission, from the signed request to the lead that the destination
//! got.

use crate::support::{
    AUTH0_TOKEN, Builder, Fields, Service, auth0, auth0_action, clerk, destination, typeform,
};
use serde_json::{Value, json};

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[track_caller]
fn post(service: &Service, source: &str, fields: &Fields, body: &[u8], accepted: usize) {
    let answer = service.http().post(&format!("/webhooks/{source}"), fields, body);
    let expected = format!(r#"{{"accepted":{accepted},"duplicates":0}}"#);
    assert_eq!((answer.status, answer.body), (200, expected));
}

#[test]
fn clerk_sends_the_primary_address_and_the_click() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let body = bytes(&json!({
        "type": "user.created",
        "object": "event",
        "timestamp": 1_767_225_600_000_u64,
        "data": {
            "id": "user_7",
            "first_name": "Ada",
            "last_name": null,
            "image_url": "https://img.example.com/ada.png",
            "primary_email_address_id": "idn_2",
            "email_addresses": [
                { "id": "idn_1", "email_address": "old@example.org" },
                { "id": "idn_2", "email_address": "Ada@Example.org" },
            ],
            "unsafe_metadata": { "dub_id": "click_ada" },
            "public_metadata": {},
        },
    }));
    post(&service, "clerk", &clerk("msg_1", &body), &body, 1);
    let lead = destination.expect_leads(1).remove(0);
    assert_eq!(lead["clickId"], "click_ada");
    assert_eq!(lead["eventName"], "Sign up");
    assert_eq!(lead["customerExternalId"], "user_7");
    assert_eq!(lead["customerName"], "Ada");
    assert_eq!(lead["customerEmail"], "ada@example.org");
    assert_eq!(lead["customerAvatar"], "https://img.example.com/ada.png");
}

#[test]
fn clerk_users_with_a_phone_only_cost_nothing() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let body = bytes(&json!({
        "type": "user.created",
        "data": {
            "id": "user_8", "first_name": null, "last_name": null, "image_url": null,
            "primary_email_address_id": null, "email_addresses": [],
            "unsafe_metadata": { "dub_id": "click_phone" },
        },
    }));
    post(&service, "clerk", &clerk("msg_1", &body), &body, 1);
    let lead = destination.expect_leads(1).remove(0);
    assert_eq!(lead["customerExternalId"], "user_8");
    assert!(lead.get("customerEmail").is_none_or(Value::is_null), "{lead}");
}

fn event_stream(id: &str, user: &str, extra: &Value) -> Vec<u8> {
    let mut event = json!({
        "id": id,
        "source": "urn:auth0:acme.auth0app.com",
        "specversion": "1.0",
        "type": "user.created",
        "time": "2026-01-01T00:00:00.000Z",
        "data": { "object": {
            "user_id": user,
            "email": "grace@example.com",
            "name": "Grace",
            "picture": "https://s.example.com/grace.png",
            "user_metadata": { "dub_id": "click_grace" },
        } },
    });
    for (key, value) in extra.as_object().into_iter().flatten() {
        event[key] = value.clone();
    }
    bytes(&event)
}

#[test]
fn auth0_event_streams_by_bearer_token() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let body = event_stream("evt_1", "auth0|1", &json!({}));
    let wrong = vec![("authorization".to_owned(), "Bearer wrong".to_owned())];
    let refused = service.http().post("/webhooks/auth0", &wrong, &body);
    assert_eq!((refused.status, refused.code().as_str()), (401, "signature_mismatch"));
    post(&service, "auth0", &auth0(), &body, 1);
    // Auth0's own test events are stored, and forwarded to nobody.
    let test = event_stream("evt_2", "auth0|2", &json!({ "a0purpose": "test" }));
    post(&service, "auth0", &auth0(), &test, 1);
    let lead = destination.expect_leads(1).remove(0);
    assert_eq!(lead["clickId"], "click_grace");
    assert_eq!(lead["customerExternalId"], "auth0|1");
    assert_eq!(lead["customerEmail"], "grace@example.com");
    assert_eq!(service.database().count("SELECT count(*) FROM deliveries"), 1);
    // The token is nowhere in the database.
    let (_, builder, _) = service.stop();
    let file = std::fs::read(builder.folder().join("leadhook.db")).expect("it is there");
    let token = AUTH0_TOKEN.as_bytes();
    assert!(!file.windows(token.len()).any(|part| part == token));
}

#[test]
fn auth0_event_streams_by_basic_and_by_a_header_of_ones_own() {
    let destination = destination();
    let shipped = Builder::shipped("auth0.toml");
    let (basic, header) = (
        format!("{}\n[auth]\nmethod = \"basic\"\nusername = \"leadhook\"\n", head(&shipped)),
        format!("{}\n[auth]\nmethod = \"header\"\nheader = \"x-leadhook-key\"\n", head(&shipped)),
    );
    let with_rules = |head: &str| format!("{head}\n{}", rules(&shipped));
    let service = Builder::new(&destination)
        .mappings(&[
            ("auth0-basic.toml", &with_rules(&basic)),
            ("auth0-header.toml", &with_rules(&header)),
        ])
        .samples()
        .start();
    let by_basic = vec![(
        "authorization".to_owned(),
        format!("Basic {}", crate::support::base64(&format!("leadhook:{AUTH0_TOKEN}"))),
    )];
    let by_header = vec![("x-leadhook-key".to_owned(), AUTH0_TOKEN.to_owned())];
    let first = event_stream("evt_1", "auth0|1", &json!({}));
    post(&service, "auth0-basic", &by_basic, &first, 1);
    let second = event_stream("evt_2", "auth0|2", &json!({}));
    post(&service, "auth0-header", &by_header, &second, 1);
    for (source, fields) in [("auth0-basic", &by_header), ("auth0-header", &by_basic)] {
        let answer = service.http().post(&format!("/webhooks/{source}"), fields, &first);
        assert_eq!((answer.status, answer.code().as_str()), (401, "signature_missing"));
    }
    destination.expect_leads(2);
}

/// What stands before the rules of a mapping file.
fn head(text: &str) -> &str {
    text.split("[[lead]]").next().expect("there is a beginning")
}

/// The rules, without the cases.
fn rules(text: &str) -> &str {
    let from = text.find("[[lead]]").expect("there is a rule");
    let to = text.find("[[case]]").unwrap_or(text.len());
    &text[from..to]
}

#[test]
fn auth0_log_streams_in_all_their_forms() {
    let service = Builder::new(&destination()).start();
    let entry = |id: &str, kind: &str| {
        json!({ "log_id": id, "data": {
            "type": kind, "user_id": "auth0|1", "user_name": "grace@example.com", "log_id": id,
        } })
    };
    // The token is sent as it is, without `Bearer`.
    let token = vec![("authorization".to_owned(), AUTH0_TOKEN.to_owned())];
    let object = bytes(&entry("1", "ss"));
    post(&service, "auth0-logs", &token, &object, 1);
    let array = bytes(&json!([entry("2", "ss"), entry("3", "s")]));
    post(&service, "auth0-logs", &token, &array, 2);
    let lines =
        format!("{}\n{}\nbroken\n{}\n", entry("4", "ss"), entry("5", "s"), entry("2", "ss"));
    let answer = service.http().post("/webhooks/auth0-logs", &token, lines.as_bytes());
    // Three are new, one of them unreadable; the last was in the array already.
    assert_eq!(answer.body, r#"{"accepted":3,"duplicates":1}"#);
    let database = service.database();
    let types = database.column("SELECT type FROM events ORDER BY rowid");
    assert_eq!(types, ["ss", "ss", "s", "ss", "s", ""]);
    // Log entries carry no click id: skipped where a rule matched, quietly.
    assert_eq!(database.states(), ["skipped", "skipped", "skipped"]);
    let refused = service.http().post("/webhooks/auth0-logs", &auth0(), &object);
    assert_eq!(refused.code(), "signature_mismatch");
}

#[test]
fn auth0_actions_sign_as_standard_webhooks() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let body = bytes(&json!({
        "type": "user.created",
        "data": {
            "user_id": "auth0|9", "email": "joan@example.com", "name": "Joan",
            "picture": "https://s.example.com/joan.png",
            "user_metadata": { "dub_id": "click_joan" },
        },
    }));
    post(&service, "auth0-action", &auth0_action("auth0|9", &body), &body, 1);
    let lead = destination.expect_leads(1).remove(0);
    assert_eq!(lead["clickId"], "click_joan");
    assert_eq!(lead["customerExternalId"], "auth0|9");
}

#[test]
fn typeform_answers_are_found_by_their_reference() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let response = |id: &str, kind: &str, response: Value| {
        bytes(&json!({ "event_id": id, "event_type": kind, "form_response": response }))
    };
    let full = json!({
        "form_id": "f", "token": "token_1",
        "hidden": { "dub_id": "click_form" },
        "answers": [
            { "type": "text", "text": "Katherine", "field": { "id": "1", "type": "short_text", "ref": "name" } },
            { "type": "email", "email": "katherine@example.net", "field": { "id": "2", "type": "email", "ref": "email" } },
        ],
    });
    let body = response("e1", "form_response", full.clone());
    post(&service, "typeform", &typeform(&body), &body, 1);
    let lead = destination.expect_leads(1).remove(0);
    assert_eq!(lead["clickId"], "click_form");
    assert_eq!(lead["customerExternalId"], "token_1");
    assert_eq!(lead["customerEmail"], "katherine@example.net");
    assert_eq!(lead["customerName"], "Katherine");

    // A partial response shares the id, has another type, and is no lead.
    let partial = response("e1", "form_response_partial", full);
    post(&service, "typeform", &typeform(&partial), &partial, 1);
    // Nothing hidden, nothing answered: nobody referred this person.
    let bare = response("e2", "form_response", json!({ "form_id": "f", "token": "token_2" }));
    post(&service, "typeform", &typeform(&bare), &bare, 1);
    let (_, builder, _) = service.stop();
    assert_eq!(builder.database().states(), ["tracked", "skipped"]);
    assert_eq!(destination.requests().len(), 1);
}
