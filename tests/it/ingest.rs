//! Every answer of `POST /webhooks/{source}`.

use crate::support::{Builder, auth0, clerk, destination, raw, signed_at, typeform, user_created};
use crate::support::{CLERK_SECRET, Fields};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

fn one(name: &str, value: &str) -> Fields {
    vec![(name.to_owned(), value.to_owned())]
}

#[test]
fn an_authentic_event_is_acknowledged_once_and_known_for_good() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let body = user_created("user_1", Some("click_1"));

    let first = service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body);
    assert_eq!((first.status, first.body.as_str()), (200, r#"{"accepted":1,"duplicates":0}"#));
    let again = service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body);
    assert_eq!((again.status, again.body.as_str()), (200, r#"{"accepted":0,"duplicates":1}"#));

    // Also after a restart.
    let (status, builder, _) = service.stop();
    assert!(status.success());
    let service = builder.start();
    let again = service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body);
    assert_eq!(again.body, r#"{"accepted":0,"duplicates":1}"#);
    service.stop();
    assert_eq!(destination.leads().len(), 1);
}

#[test]
fn a_refusal_tells_its_code_and_nothing_more() {
    let service = Builder::new(&destination()).start();
    let body = user_created("user_1", Some("click_1"));
    let http = service.http();
    let check = |fields: &Fields, body: &[u8], code: &str| {
        let answer = http.post("/webhooks/clerk", fields, body);
        let expected = format!(r#"{{"error":{{"code":"{code}"}}}}"#);
        assert_eq!((answer.status, answer.body), (401, expected));
    };
    let good = clerk("msg_1", &body);
    let without = |name: &str| -> Fields {
        good.iter().filter(|(field, _)| field != name).cloned().collect()
    };
    let with = |name: &str, value: &str| -> Fields {
        without(name).into_iter().chain(one(name, value)).collect()
    };
    check(&without("svix-signature"), &body, "signature_missing");
    check(&with("svix-signature", "v1,AAAA"), &body, "signature_mismatch");
    check(&with("svix-id", "msg_2"), &body, "signature_mismatch");
    check(&without("svix-timestamp"), &body, "timestamp_missing");
    check(&with("svix-timestamp", "soon"), &body, "timestamp_malformed");
    let stale = signed_at("svix", CLERK_SECRET, "msg_1", &body, -302);
    check(&stale, &body, "timestamp_too_old");
    let early = signed_at("svix", CLERK_SECRET, "msg_1", &body, 302);
    check(&early, &body, "timestamp_too_new");
    let mut tampered = body.clone();
    *tampered.last_mut().expect("not empty") = b' ';
    check(&good, &tampered, "signature_mismatch");

    // Nothing of all that was stored, and the true one still goes through.
    assert_eq!(service.database().count("SELECT count(*) FROM events"), 0);
    assert_eq!(http.post("/webhooks/clerk", &good, &body).status, 200);
}

#[test]
fn both_secrets_pass_while_one_is_rotated() {
    let mappings = Builder::shipped("clerk.toml").replace(
        r#"["env:CLERK_WEBHOOK_SECRET"]"#,
        r#"["env:CLERK_WEBHOOK_SECRET", "env:CLERK_WEBHOOK_SECRET_OLD"]"#,
    );
    assert!(mappings.contains("_OLD"), "the shipped file names its secrets otherwise");
    let old = "whsec_dGVzdHMtb25seS1vbGQtc2VjcmV0";
    let service = Builder::new(&destination())
        .mappings(&[("clerk.toml", &mappings)])
        .samples()
        .with("CLERK_WEBHOOK_SECRET_OLD", old)
        .start();
    for (id, secret) in [("msg_1", CLERK_SECRET), ("msg_2", old)] {
        let body = user_created(id, None);
        let fields = signed_at("svix", secret, id, &body, 0);
        assert_eq!(service.http().post("/webhooks/clerk", &fields, &body).status, 200);
    }
}

#[test]
fn a_body_over_the_limit_is_refused_while_it_is_read() {
    let service = Builder::new(&destination()).with("LEADHOOK_BODY_BYTES_MAX", "2048").start();
    let refused = r#"{"error":{"code":"body_too_large"}}"#;
    // Announced: refused before a byte of it is sent.
    let announced = b"POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\ncontent-length: 2049\r\n\r\n";
    let answer = raw(service.address, announced);
    assert_eq!((answer.status, answer.body.as_str()), (413, refused));
    // Not announced: refused when the count passes the limit, though the body goes on.
    let mut chunked =
        b"POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..3 {
        chunked.extend_from_slice(b"400\r\n");
        chunked.extend_from_slice(&[b'x'; 1024]);
        chunked.extend_from_slice(b"\r\n");
    }
    let answer = raw(service.address, &chunked);
    assert_eq!((answer.status, answer.body.as_str()), (413, refused));
    // The limit itself passes.
    let mut body = user_created("user_1", None);
    body.resize(2048, b' ');
    let fields = clerk("msg_1", &body);
    assert_eq!(service.http().post("/webhooks/clerk", &fields, &body).status, 200);
}

#[test]
fn only_a_source_that_never_was_is_not_found() {
    let service = Builder::new(&destination()).with("TYPEFORM_WEBHOOK_SECRET", "").start();
    let http = service.http();
    for path in ["/webhooks/nobody", "/webhooks/Clerk", "/webhooks/..%2f", "/webhooks/%ff"] {
        let answer = http.post(path, &Vec::new(), b"{}");
        assert_eq!((answer.status, answer.code().as_str()), (404, "source_unknown"), "{path}");
    }
    // Its secret is missing: the provider must try again later.
    let body = b"{}";
    let answer = http.post("/webhooks/typeform", &typeform(body), body);
    assert_eq!((answer.status, answer.code().as_str()), (503, "source_not_configured"));
    assert!(answer.header("retry-after").is_some());
    for method in ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"] {
        let answer = http.send(method, "/webhooks/clerk", &Vec::new(), b"");
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    // Slashes too many are no reason for a provider to give up.
    let body_of_clerk = user_created("user_1", None);
    for path in ["/webhooks/clerk/", "//webhooks/clerk"] {
        let answer = http.post(path, &clerk("msg_1", &body_of_clerk), &body_of_clerk);
        assert_eq!(answer.status, 200, "{path}");
    }
    let answer = http.get("/nothing");
    assert_eq!((answer.status, answer.code().as_str()), (404, "route_unknown"));

    // A source whose file has vanished is still known.
    let (_, builder, _) = service.stop();
    let clerk_only = Builder::shipped("clerk.toml");
    let service = builder.mappings(&[("clerk.toml", &clerk_only)]).samples().start();
    let answer = service.http().post("/webhooks/auth0", &auth0(), body);
    assert_eq!((answer.status, answer.code().as_str()), (503, "source_not_configured"));
}

#[test]
fn a_compressed_body_is_verified_as_it_came_and_inflated_after() {
    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }
    let destination = destination();
    let service = Builder::new(&destination).start();
    let body = user_created("user_1", Some("click_1"));
    let too_large = vec![b' '; 17 << 20];
    let bodies = [
        ("gzip", gzip(&body), ""),
        ("gzip", body.clone(), "body_not_inflated"),
        ("gzip", gzip(&too_large), "body_inflates_too_large"),
        ("zstd", body.clone(), "body_encoding_unknown"),
    ];
    for (number, (encoding, body, _)) in bodies.iter().enumerate() {
        let mut fields = clerk(&format!("msg_{number}"), body);
        fields.extend(one("content-encoding", encoding));
        let answer = service.http().post("/webhooks/clerk", &fields, body);
        assert_eq!(answer.body, r#"{"accepted":1,"duplicates":0}"#, "{encoding}");
    }
    let database = service.database();
    let faults = database
        .column("SELECT coalesce(json_extract(fault, '$[0][0]'), '') FROM events ORDER BY rowid");
    assert_eq!(faults, bodies.map(|(_, _, fault)| fault.to_owned()));
    let stored = database.column("SELECT hex(bytes) FROM events ORDER BY rowid LIMIT 1");
    assert_eq!(stored, [hex::encode_upper(&body)]);
    service.stop();
    assert_eq!(destination.leads().len(), 1);
}

#[test]
fn what_is_authentic_is_stored_and_acknowledged_whatever_it_is() {
    let service = Builder::new(&destination()).start();
    let deep = [vec![b'['; 4_000], vec![b']'; 4_000]].concat();
    let bodies: [(&[u8], &str); 8] = [
        (b"", "body_not_json"),
        (b"not json", "body_not_json"),
        (b"{\"type\":\"user.created\"", "body_not_json"),
        (b"\xff\xfe\x00", "body_not_utf8"),
        (&deep, "body_too_deep"),
        (b"null", ""),
        (b"[]", ""),
        (b"{\"type\":\"user.created\",\"data\":\"a text\"}", ""),
    ];
    for (number, (body, _)) in bodies.iter().enumerate() {
        let mut fields = clerk(&format!("msg_{number}"), body);
        fields.retain(|(name, _)| name != "content-type");
        fields.extend(one("content-type", "image/png"));
        let answer = service.http().post("/webhooks/clerk", &fields, body);
        assert_eq!(answer.body, r#"{"accepted":1,"duplicates":0}"#, "{body:?}");
    }
    let faults = service
        .database()
        .column("SELECT coalesce(json_extract(fault, '$[0][0]'), '') FROM events ORDER BY rowid");
    let expected: Vec<_> = bodies.iter().map(|(_, fault)| (*fault).to_owned()).collect();
    assert_eq!(faults, expected);
    let stored = service.database().count("SELECT count(*) FROM events WHERE length(bytes) = 8000");
    assert_eq!(stored, 1, "the bytes are kept");
}

#[test]
fn an_event_without_a_click_is_recorded_and_quiet() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let body = user_created("user_1", None);
    assert_eq!(service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body).status, 200);
    assert_eq!(service.database().states(), ["skipped"]);
    let (_, _, log) = service.stop();
    assert!(destination.requests().is_empty());
    let loud: Vec<_> =
        log.iter().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect();
    assert!(loud.is_empty(), "{loud:#?}");
}

#[test]
fn a_resend_after_the_mapping_was_mended_is_mapped_again() {
    let destination = destination();
    let mended = Builder::shipped("clerk.toml");
    let broken = mended.replace("unsafe_metadata.dub_id", "unsafe_metadata.dubid");
    assert_ne!(mended, broken);
    let broken = broken.split("[[case]]").next().expect("there is a beginning").to_owned();
    let service = Builder::new(&destination).mappings(&[("clerk.toml", &broken)]).start();
    let body = user_created("user_1", Some("click_1"));
    let send = |service: &crate::support::Service| {
        service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body).body
    };
    assert_eq!(send(&service), r#"{"accepted":1,"duplicates":0}"#);
    assert_eq!(service.database().states(), ["skipped"]);
    let (_, builder, _) = service.stop();
    let service = builder.mappings(&[("clerk.toml", &mended)]).samples().start();
    assert_eq!(send(&service), r#"{"accepted":0,"duplicates":1}"#);
    destination.expect_leads(1);
    // And once it went out, sending it again changes nothing.
    assert_eq!(send(&service), r#"{"accepted":0,"duplicates":1}"#);
    let (_, builder, _) = service.stop();
    assert_eq!(builder.database().states(), ["superseded", "tracked"]);
    assert_eq!(destination.requests().len(), 1);
}

#[test]
fn an_event_that_needs_a_person_is_logged_with_its_reason_and_without_its_content() {
    let service = Builder::new(&destination()).start();
    let body = br#"{"type":"user.created","data":{"unsafe_metadata":{"dub_id":"click_1"}}}"#;
    assert_eq!(service.http().post("/webhooks/clerk", &clerk("msg_1", body), body).status, 200);
    let found = |line: &str| line.contains("event unmapped");
    service.wait_for_log(1, found);
    let log = service.log();
    let line = log.iter().find(|line| found(line)).expect("it was waited for");
    assert!(line.contains("field_missing customerExternalId"), "{line}");
    assert!(!line.contains("click_1"), "{line}");
}
