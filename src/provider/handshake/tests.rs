//! Handshakes as declared: which request is one, and what it is answered.

use crate::diagnostic::{Code, render_all};
use crate::model::{QueryString, Secret};
use crate::provider::tests::{NOW, draft, request, secrets};
use crate::provider::{Answer, AuthChoice, Provider, Surroundings, Verifier, declaration};
use serde_json::json;

const HMAC: &str = r#"
    name = "x"
    title = "X"
    [signature]
    kind = "hmac"
    algorithm = "sha256"
    header = "x-signature"
    encoding = "hex"
    signed = "v0:{header:x-at}:{body}"
    [event]
"#;

fn provider(handshake: &str) -> Provider {
    declaration::read("x.toml", &format!("{HMAC}{handshake}"))
        .unwrap_or_else(|faults| panic!("{}", render_all(&faults)))
}

fn verifier(handshake: &str, verify_token: Option<&str>) -> Verifier {
    let auth = AuthChoice { verify_token: verify_token.map(Secret::new), ..AuthChoice::default() };
    provider(handshake).verifier(&auth, &secrets(&["key"]), &Surroundings::default()).unwrap()
}

fn get(
    verifier: &Verifier,
    headers: &[(&str, &str)],
    target: &str,
) -> Option<Result<Answer, Code>> {
    let mut asked = request(headers, b"");
    asked.method = "GET".to_owned();
    asked.query = QueryString::of_target(target);
    verifier.handshake(&asked, NOW)
}

fn post(verifier: &Verifier, body: &[u8], signed: bool) -> Option<Result<Answer, Code>> {
    let headers = verifier.sign(draft("7", body)).unwrap().headers;
    let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    verifier.handshake(&request(if signed { &headers } else { &[] }, body), NOW)
}

#[test]
fn a_header_is_sent_back_in_json() {
    let handshake = r#"
        [handshake]
        method = "GET"
        present = "{header:x-challenge}"
        respond_json = { verification = "{header:x-challenge}" }
    "#;
    let verifier = verifier(handshake, None);
    let answer = get(&verifier, &[("X-Challenge", "abc")], "/");
    assert_eq!(answer, Some(Ok(Answer::Json(json!({"verification": "abc"})))));
    assert_eq!(get(&verifier, &[], "/"), None);
    let long = "a".repeat(2_000);
    let answer = get(&verifier, &[("x-challenge", &long)], "/");
    assert_eq!(answer, Some(Err(Code::HandshakeMalformed)));
    assert_eq!(post(&verifier, b"{}", true), None);
}

#[test]
fn a_token_of_the_operator_is_asked_for() {
    let handshake = r#"
        [handshake]
        method = "GET"
        present = "{query:hub.challenge}"
        token = "{query:hub.verify_token}"
        respond_text = "{query:hub.challenge}"
    "#;
    let with_token = verifier(handshake, Some("mine"));
    let asked = |target| get(&with_token, &[], target);
    let right = asked("/?hub.challenge=12&hub.verify_token=mine");
    assert_eq!(right, Some(Ok(Answer::Text("12".to_owned()))));
    let wrong = asked("/?hub.challenge=12&hub.verify_token=yours");
    assert_eq!(wrong, Some(Err(Code::SignatureMismatch)));
    assert_eq!(asked("/?hub.challenge=12"), Some(Err(Code::SignatureMissing)));
    assert_eq!(asked("/?hub.verify_token=mine"), None);
    let without = get(&verifier(handshake, None), &[], "/?hub.challenge=12&hub.verify_token=");
    assert_eq!(without, Some(Err(Code::SignatureMissing)));
    let without = get(&verifier(handshake, None), &[], "/?hub.challenge=12&hub.verify_token=x");
    assert_eq!(without, Some(Err(Code::SourceNotConfigured)));
}

#[test]
fn a_challenge_in_the_body_verifies_first() {
    let handshake = r#"
        [handshake]
        method = "POST"
        when = "@.type == 'url_verification'"
        respond_text = "{json:$.challenge}"
    "#;
    let verifier = verifier(handshake, None);
    let body = br#"{"type":"url_verification","challenge":"abc"}"#;
    assert_eq!(post(&verifier, body, true), Some(Ok(Answer::Text("abc".to_owned()))));
    assert_eq!(post(&verifier, body, false), Some(Err(Code::SignatureMissing)));
    assert_eq!(post(&verifier, br#"{"type":"event_callback"}"#, true), None);
    assert_eq!(post(&verifier, b"not json", true), None);
    let absent = br#"{"type":"url_verification"}"#;
    assert_eq!(post(&verifier, absent, true), Some(Err(Code::HandshakeMalformed)));
}

#[test]
fn what_is_signed_on_request_can_be_no_request() {
    let handshake = r#"
        [handshake]
        method = "POST"
        when = "@.event == 'endpoint.url_validation'"
        [handshake.respond_json]
        plainToken = "{json:$.payload.plainToken}"
        encryptedToken = "{hmac-sha256:$.payload.plainToken}"
    "#;
    let verifier = verifier(handshake, None);
    let body = |token: &str| {
        let event = "endpoint.url_validation";
        json!({ "event": event, "payload": { "plainToken": token } }).to_string().into_bytes()
    };
    // `printf abc | openssl dgst -sha256 -hmac key`
    let encrypted = "9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab";
    let expected = json!({ "plainToken": "abc", "encryptedToken": encrypted });
    assert_eq!(post(&verifier, &body("abc"), true), Some(Ok(Answer::Json(expected))));
    assert_eq!(post(&verifier, &body("abc"), false), Some(Err(Code::SignatureMissing)));
    for forged in ["v0:1767225600:{}", "a.b", "", &"a".repeat(129)] {
        let answer = post(&verifier, &body(forged), true);
        assert_eq!(answer, Some(Err(Code::HandshakeMalformed)), "{forged}");
    }
}

#[test]
fn declarations_that_would_open_a_door_are_faults() {
    #[track_caller]
    fn check(handshake: &str, part: &str) {
        let text = format!("{HMAC}{handshake}");
        let faults = declaration::read("x.toml", &text).unwrap_err();
        assert!(render_all(&faults).contains(part), "{}", render_all(&faults));
    }
    check("[handshake]\nmethod = \"POST\"", "what tells it from events");
    check(
        "[handshake]\nmethod = \"GET\"\nrespond_text = \"{hmac-sha256:$.a}\"",
        "must verify first",
    );
    check("[handshake]\nmethod = \"PUT\"", "`method` is one of");
    check("[handshake]\nmethod = \"GET\"\npresent = \"{body}\"", "one placeholder");
    check("[handshake]\nmethod = \"GET\"\nrespond_text = \"{secret}\"", "no placeholder");
    check("[handshake]\nmethod = \"GET\"\nrespond_text = \"{json:$..a}\"", "");
    check("[handshake]\nmethod = \"GET\"\nrespond_text = \"a}\"", "do not pair");
}
