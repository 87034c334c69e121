//! `trigger` signs and sends; `verify` says of a captured request why it passes or not.

use crate::support::{Builder, Receiver, Service, destination, output};
use serde_json::{Value, json};

fn builder() -> Builder {
    Builder::new(&destination())
}

fn started() -> (Builder, Service, String) {
    let builder = builder();
    let service = builder.clone().start();
    let url = format!("http://{}", service.address);
    (builder, service, url)
}

fn trigger(builder: &Builder, url: &str, arguments: &[&str]) -> (i32, String, String) {
    output(builder.command(&[&["trigger", "--url", url], arguments].concat()))
}

#[test]
fn each_sample_is_another_event_unless_it_is_to_be_the_same() {
    let (builder, service, url) = started();
    let (code, stdout, stderr) =
        trigger(&builder, &url, &["clerk", "user.created", "--count", "20", "--rate", "1000"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("20 requests") && stdout.contains("20 times 200"), "{stdout}");
    assert_eq!(service.database().count("SELECT count(*) FROM events"), 20);
    // Its id is in the body, and in the sample.
    for (arguments, accepted, known) in [(&[][..], 2, 0), (&["--same-id"], 1, 1)] {
        let sent = ["typeform", "form_response", "--count", "2", "--json"];
        let (code, stdout, _) = trigger(&builder, &url, &[&sent, arguments].concat());
        assert_eq!(code, 0);
        let answers: Value = serde_json::from_str(&stdout).expect("JSON");
        assert_eq!(answers["sent"], 2);
        let bodies = answers["answers"].as_array().expect("a list").iter();
        let count = |body: &str| {
            let alike = bodies.clone().filter(|answer| answer["body"] == body);
            alike.map(|answer| answer["count"].as_u64().expect("a number")).sum::<u64>()
        };
        assert_eq!(count(r#"{"accepted":1,"duplicates":0}"#), accepted, "{stdout}");
        assert_eq!(count(r#"{"accepted":0,"duplicates":1}"#), known, "{stdout}");
    }
}

#[test]
fn what_is_spoilt_is_refused_and_that_is_right() {
    let (builder, service, url) = started();
    for (spoilt, code) in [
        ("body", "signature_mismatch"),
        ("signature", "signature_mismatch"),
        ("timestamp", "timestamp_too_old"),
        ("unsigned", "signature_missing"),
    ] {
        let (ended, stdout, stderr) =
            trigger(&builder, &url, &["clerk", "user.created", "--tamper", spoilt]);
        assert!(ended == 0 && stdout.contains(code), "{spoilt}: {stdout}{stderr}");
    }
    // Nothing covers the body of a request with a token, so that it gets in.
    let (ended, stdout, _) =
        trigger(&builder, &url, &["auth0", "user.created", "--tamper", "body"]);
    assert!(ended == 1 && stdout.contains("200"), "{stdout}");
    assert_eq!(service.database().count("SELECT count(*) FROM events"), 1);
}

#[test]
fn what_cannot_be_sent_is_explained() {
    let builder = builder();
    let nobody = "http://127.0.0.1:9";
    let sent = ["clerk", "user.created"];
    let (code, stdout, stderr) = trigger(&builder, nobody, &sent);
    assert!(
        code == 2 && format!("{stdout}{stderr}").contains("nobody listens"),
        "{stdout}{stderr}"
    );
    let (code, _, stderr) = trigger(&builder, nobody, &["clerk", "user.craeted"]);
    assert!(code == 1 && stderr.contains("user.created"), "{stderr}");
    let (code, _, stderr) = trigger(&builder, nobody, &["clark", "user.created"]);
    assert!(code == 1 && stderr.contains("`clerk`"), "{stderr}");
    let unset = builder.clone().with("CLERK_WEBHOOK_SECRET", "");
    let (code, _, stderr) = trigger(&unset, nobody, &sent);
    assert!(code == 1 && stderr.contains("CLERK_WEBHOOK_SECRET is not set"), "{stderr}");
    for wrong in [["--count", "0"], ["--rate", "-1"], ["--tamper", "x"], ["--header", "x"]] {
        assert_eq!(trigger(&builder, nobody, &[&sent[..], &wrong].concat()).0, 2, "{wrong:?}");
    }
}

/// A request as `trigger` sends it, written down.
fn captured(builder: &Builder, arguments: &[&str]) -> Value {
    let receiver = Receiver::start(200);
    let (code, _, stderr) = trigger(builder, &receiver.url(), arguments);
    assert_eq!(code, 0, "{stderr}");
    let request = receiver.request();
    let headers: serde_json::Map<_, _> =
        request.headers.into_iter().map(|(name, value)| (name, value.into())).collect();
    json!({
        "method": request.method,
        "url": request.target,
        "headers": headers,
        "body": request.body,
    })
}

fn verify(builder: &Builder, request: &Value, arguments: &[&str]) -> (i32, String, String) {
    let path = builder.folder().join("request.json");
    std::fs::write(&path, request.to_string()).expect("written");
    output(builder.command(&[&["verify", "--request", "request.json"], arguments].concat()))
}

#[test]
fn a_genuine_request_is_valid_and_a_spoilt_one_says_why_not() {
    let builder = builder();
    let request = captured(&builder, &["clerk", "user.created"]);
    let (code, stdout, stderr) = verify(&builder, &request, &["clerk"]);
    assert!(code == 0 && stdout.starts_with("valid"), "{stdout}{stderr}");
    let (code, stdout, _) = verify(&builder, &request, &["clerk", "--json"]);
    let verdict: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!((code, verdict), (0, json!({ "verified": true, "code": null, "causes": [] })));

    let check = |request: &Value, arguments: &[&str], code: &str, cause: &str| {
        let (ended, stdout, stderr) = verify(&builder, request, &[arguments, &["--json"]].concat());
        let verdict: Value = serde_json::from_str(&stdout).expect("JSON");
        assert_eq!((ended, &verdict["verified"]), (1, &json!(false)), "{stderr}");
        assert_eq!(verdict["code"], code, "{stdout}");
        assert_eq!(verdict["causes"][0]["code"], cause, "{stdout}");
        verdict["causes"][0].clone()
    };
    let mut altered = request.clone();
    altered["body"] = format!("{}\n", request["body"].as_str().expect("a body")).into();
    check(&altered, &["clerk"], "signature_mismatch", "body_altered");
    check(&request, &["clerk", "--at", "2020-01-01T00:00:00Z"], "timestamp_too_new", "clock_off");
    check(&json!({}), &["clerk"], "signature_missing", "not_signed");
    // The request of another source of ours.
    let other = captured(&builder, &["auth0-action", "user.created"]);
    let renamed = other.to_string().replace("\"webhook-", "\"svix-");
    let renamed: Value = serde_json::from_str(&renamed).expect("JSON");
    let cause = check(&renamed, &["clerk"], "signature_mismatch", "secret_of_another_source");
    assert_eq!(cause["source"], "auth0-action");
}

#[test]
fn what_is_no_request_is_no_verdict() {
    let builder = builder();
    let (code, stdout, stderr) = verify(&builder, &json!({ "haeders": {} }), &["clerk"]);
    assert!(code == 1 && stdout.is_empty() && stderr.contains("haeders"), "{stdout}{stderr}");
    let (code, _, stderr) = verify(&builder, &json!({}), &["clark"]);
    assert!(code == 1 && stderr.contains("clerk"), "{stderr}");
    let (code, _, _) = output(builder.command(&["verify", "clerk", "--request", "nowhere.json"]));
    assert_eq!(code, 2);
}
