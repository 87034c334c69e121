//! Providers that ask before they send: Okta and Meta by GET, Slack and Zoom by a signed POST.

use crate::support::{Builder, Fields, Service, destination, hex_hmac, now_s};
use serde_json::{Value, json};

const SECRET: &str = "tests-only-secret";

fn service() -> Service {
    Builder::new(&destination())
        .all_shipped()
        .with("META_LEAD_ADS_WEBHOOK_SECRET", SECRET)
        .with("META_LEAD_ADS_VERIFY_TOKEN", "tests-only-token")
        .with("SLACK_WEBHOOK_SECRET", SECRET)
        .with("ZOOM_WEBHOOK_SECRET", SECRET)
        .start()
}

/// Signed as Slack and Zoom do, with headers that begin so.
fn signed(prefix: &str, secret: &str, body: &str) -> Fields {
    let at = now_s().to_string();
    let signature = hex_hmac(secret, &format!("v0:{at}:{body}"));
    vec![
        (format!("{prefix}-request-timestamp"), at),
        (format!("{prefix}-signature"), format!("v0={signature}")),
        ("content-type".to_owned(), "application/json".to_owned()),
    ]
}

#[test]
fn okta_gets_its_challenge_back_and_nobody_else_an_answer() {
    let service = service();
    let ask = |source: &str, challenge: Option<&str>| {
        let field = challenge.map(|it| ("x-okta-verification-challenge".to_owned(), it.to_owned()));
        let fields: Fields = field.into_iter().collect();
        service.http().send("GET", &format!("/webhooks/{source}"), &fields, b"")
    };
    let answer = ask("okta", Some("QeNbUoUb"));
    assert_eq!((answer.status, answer.json()), (200, json!({ "verification": "QeNbUoUb" })));
    assert_eq!(ask("okta", None).status, 405);
    assert_eq!(ask("clerk", Some("QeNbUoUb")).status, 405);
    assert_eq!(ask("okta", Some(&"a".repeat(2_000))).status, 400);
}

#[test]
fn meta_is_answered_if_it_repeats_the_token() {
    let service = service();
    let ask = |token: &str| {
        let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
        service.http().get(&format!("/webhooks/meta-lead-ads?{query}"))
    };
    let answer = ask("tests-only-token");
    assert_eq!((answer.status, answer.body.as_str()), (200, "1158201444"));
    let answer = ask("another");
    assert_eq!((answer.status, answer.code().as_str()), (401, "signature_mismatch"));
    // What comes then: several in one request, each an event.
    let body = json!({ "object": "page", "entry": [
        { "id": "1", "changes": [{ "field": "leadgen", "value": { "leadgen_id": "7" } }] },
        { "id": "2", "changes": [{ "field": "leadgen", "value": { "leadgen_id": "8" } }] },
    ] })
    .to_string();
    let fields =
        vec![("x-hub-signature-256".to_owned(), format!("sha256={}", hex_hmac(SECRET, &body)))];
    let answer = service.http().post("/webhooks/meta-lead-ads", &fields, body.as_bytes());
    assert_eq!(answer.body, r#"{"accepted":2,"duplicates":0}"#);
}

#[test]
fn slack_is_answered_if_it_signs() {
    let service = service();
    let body = json!({ "token": "x", "challenge": "3eZbrw1aB", "type": "url_verification" });
    let body = body.to_string();
    let ask = |secret: &str| {
        let fields = signed("x-slack", secret, &body);
        service.http().post("/webhooks/slack", &fields, body.as_bytes())
    };
    let answer = ask(SECRET);
    assert_eq!((answer.status, answer.body.as_str()), (200, "3eZbrw1aB"));
    assert_eq!(ask("another").code(), "signature_mismatch");
    // A handshake is no event.
    assert_eq!(service.database().count("SELECT count(*) FROM events"), 0);
}

#[test]
fn slack_sends_events_and_forms() {
    let service = service();
    let post = |content_type: &str, body: &str| {
        let mut fields = signed("x-slack", SECRET, body);
        fields.last_mut().expect("it is the last").1 = content_type.to_owned();
        service.http().post("/webhooks/slack", &fields, body.as_bytes()).status
    };
    let joined = json!({ "type": "event_callback", "event_id": "Ev1", "event": {
        "type": "team_join", "user": { "id": "U1", "profile": { "email": "ines@example.com" } },
    } });
    assert_eq!(post("application/json", &joined.to_string()), 200);
    let form = "payload=%7B%22type%22%3A%22view_submission%22%2C%22trigger_id%22%3A%221.2%22%7D";
    assert_eq!(post("application/x-www-form-urlencoded", form), 200);
    let database = service.database();
    let types = database.column("SELECT type FROM events ORDER BY rowid");
    assert_eq!(types, ["team_join", "view_submission"]);
    assert_eq!(database.states(), ["parked"]);
}

#[test]
fn zoom_gets_an_hmac_of_what_cannot_be_signed_otherwise() {
    let service = service();
    let ask = |secret: &str, token: &str| {
        let body =
            json!({ "event": "endpoint.url_validation", "payload": { "plainToken": token } });
        let body = body.to_string();
        let fields = signed("x-zm", secret, &body);
        service.http().post("/webhooks/zoom", &fields, body.as_bytes())
    };
    let answer = ask(SECRET, "qgg8vlvZRS6UYooatFL8Aw");
    let expected = hex_hmac(SECRET, "qgg8vlvZRS6UYooatFL8Aw");
    let promised: Value =
        json!({ "plainToken": "qgg8vlvZRS6UYooatFL8Aw", "encryptedToken": expected });
    assert_eq!((answer.status, answer.json()), (200, promised));
    assert_eq!(ask("another", "qgg8vlvZRS6UYooatFL8Aw").code(), "signature_mismatch");
    // This would be a signature of a request.
    assert_eq!(ask(SECRET, "v0:1767225600:{}").code(), "handshake_malformed");
}
