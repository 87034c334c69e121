//! Who gets in and how often: allow-lists, proxies, floods, rates, and the size of a head.

use crate::support::{AUTH0_TOKEN, Builder, Fields, Service, auth0, clerk, destination, raw};
use crate::support::{typeform, user_created};

/// The shipped mapping file of Clerk with `[limits]`.
fn limited(limits: &str) -> String {
    let shipped = Builder::shipped("clerk.toml");
    let (head, rules) = shipped.split_once("[[lead]]").expect("it has a rule");
    format!("{head}[limits]\n{limits}\n\n[[lead]]{rules}")
}

fn builder(clerk: &str) -> Builder {
    let auth0 = Builder::shipped("auth0.toml");
    let files = [("clerk.toml", clerk), ("auth0.toml", auth0.as_str())];
    Builder::new(&destination()).mappings(&files).samples()
}

fn forwarded(value: &str) -> (String, String) {
    ("x-forwarded-for".to_owned(), value.to_owned())
}

/// An authentic request, with more header fields.
#[track_caller]
fn authentic(service: &Service, id: &str, more: &[(String, String)]) -> (u16, String) {
    let body = user_created(id, None);
    let fields = [clerk(id, &body).as_slice(), more].concat();
    let answer = service.http().post("/webhooks/clerk", &fields, &body);
    (answer.status, answer.code())
}

/// One that nobody signed.
fn unsigned(service: &Service, source: &str, more: &[(String, String)]) -> u16 {
    service.http().post(&format!("/webhooks/{source}"), more, b"{}").status
}

/// Sends requests that nobody signed until they are answered 429; answers how many were not.
#[track_caller]
fn flood(service: &Service, more: &[(String, String)]) -> usize {
    let refused = (0..10_000).take_while(|_| match unsigned(service, "clerk", more) {
        401 => true,
        429 => false,
        status => panic!("{status}"),
    });
    let count = refused.count();
    assert!(count < 10_000, "a flood goes on for ever");
    count
}

#[test]
fn a_source_takes_requests_from_the_addresses_that_it_names() {
    let service = builder(&limited("allow = [\"127.0.0.0/8\", \"2001:db8::/32\"]")).start();
    assert_eq!(authentic(&service, "msg_1", &[]).0, 200);
    let service = builder(&limited("allow = [\"203.0.113.0/24\"]")).start();
    let refused = (403, "peer_not_allowed".to_owned());
    assert_eq!(authentic(&service, "msg_1", &[]), refused);
    // Nobody waits for its body.
    let head = b"POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n";
    let answer = raw(service.address, head);
    assert_eq!((answer.status, answer.code()), refused);
    // It is logged with the address; and other sources and routes are as ever.
    service.wait_for_log(1, |line| {
        line.contains("peer_not_allowed") && line.contains("\"127.0.0.1\"")
    });
    let answer = service.http().post("/webhooks/auth0", &auth0(), b"{\"id\":\"1\"}");
    assert_eq!(answer.status, 200);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(service.http().get(path).status, 200, "{path}");
    }
    assert_eq!(service.database().count("SELECT count(*) FROM events WHERE source = 'clerk'"), 0);
}

#[test]
fn only_a_trusted_proxy_says_who_calls() {
    let limits = limited("allow = [\"203.0.113.0/24\"]");
    let refused = (403, "peer_not_allowed".to_owned());
    let service = builder(&limits).start();
    assert_eq!(authentic(&service, "msg_1", &[forwarded("203.0.113.7")]), refused);
    let trusting = builder(&limits).with("LEADHOOK_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8");
    let service = trusting.start();
    let call = |id, fields: &[&str]| {
        let fields: Fields = fields.iter().copied().map(forwarded).collect();
        authentic(&service, id, &fields)
    };
    assert_eq!(call("msg_1", &["203.0.113.7"]).0, 200);
    assert_eq!(call("msg_2", &["198.51.100.1, 203.0.113.7:4711", "10.0.0.2"]).0, 200);
    assert_eq!(call("msg_3", &[]), refused);
    // What the sender itself has written stands further left.
    assert_eq!(call("msg_4", &["203.0.113.7, 198.51.100.1"]), refused);
    assert_eq!(call("msg_5", &["203.0.113.7, unknown"]), refused);
    service.wait_for_log(1, |line| line.contains("peer_not_allowed"));
}

#[test]
fn a_flood_is_told_to_slow_down_and_keeps_out_nothing_authentic() {
    let service = builder(&limited("")).with("LEADHOOK_TRUSTED_PROXIES", "127.0.0.1, ::1").start();
    let from = |address: &str| [forwarded(address)];
    assert!(flood(&service, &from("2001:db8:0:1::1")) >= 100, "a wrong secret is no flood at once");
    // One sender has a whole network of them.
    assert_eq!(flood(&service, &from("2001:db8:0:1::2")), 0);
    let answer = service.http().post("/webhooks/clerk", &from("2001:db8:0:1::3"), b"{}");
    assert_eq!((answer.status, answer.code().as_str()), (429, "too_many_refusals"));
    let seconds: u64 = answer.header("retry-after").and_then(|it| it.parse().ok()).expect("some");
    assert!((1..60).contains(&seconds), "{seconds}");
    // Others are refused as ever, and so is the same sender elsewhere.
    assert_eq!(unsigned(&service, "clerk", &from("2001:db8:0:2::1")), 401);
    assert_eq!(unsigned(&service, "auth0", &from("2001:db8:0:1::1")), 401);
    // What is authentic shares the address, as behind a proxy that nobody named.
    for number in 0..20 {
        let id = format!("msg_{number}");
        assert_eq!(authentic(&service, &id, &from("2001:db8:0:1::1")).0, 200);
    }
    service.wait_for_log(1, |line| {
        line.contains("too_many_refusals") && line.contains("2001:db8:0:1::")
    });
    let metrics = service.http().get("/metrics").body;
    let told = r#"leadhook_requests_total{source="clerk",code="too_many_refusals"}"#;
    assert!(metrics.contains(told), "{metrics}");
}

#[test]
fn authentic_requests_beyond_the_rate_come_again_later() {
    // So low that none is added while the test runs.
    let service = builder(&limited("per_second = 0.001\nburst = 3")).start();
    // What is not authentic uses up nothing.
    for _ in 0..10 {
        assert_eq!(unsigned(&service, "clerk", &[]), 401);
    }
    for id in ["msg_1", "msg_2", "msg_3"] {
        assert_eq!(authentic(&service, id, &[]).0, 200);
    }
    let body = user_created("msg_4", None);
    let answer = service.http().post("/webhooks/clerk", &clerk("msg_4", &body), &body);
    assert_eq!((answer.status, answer.code().as_str()), (503, "rate_limited"));
    let seconds: u64 = answer.header("retry-after").and_then(|it| it.parse().ok()).expect("some");
    assert!((500..=1_000).contains(&seconds), "one in a thousand seconds: {seconds}");
    // Whoever is not authentic learns nothing of it, and other sources are as ever.
    assert_eq!(unsigned(&service, "clerk", &[]), 401);
    let answer = service.http().post("/webhooks/auth0", &auth0(), b"{\"id\":\"1\"}");
    assert_eq!(answer.status, 200);
    assert_eq!(service.database().count("SELECT count(*) FROM events WHERE source = 'clerk'"), 3);
    let metrics = service.http().get("/metrics").body;
    let told = r#"leadhook_requests_total{source="clerk",code="rate_limited"} 1"#;
    assert!(metrics.contains(told), "{metrics}");
}

#[test]
fn a_head_that_is_too_large_is_refused_in_every_way() {
    let service = Builder::new(&destination()).start();
    let check = |target: &str, fields: &str, expected: (u16, &str)| {
        let request = format!("POST {target} HTTP/1.1\r\nhost: x\r\n{fields}\r\n");
        let answer = raw(service.address, request.as_bytes());
        let shown = format!("{target:.40} with {} bytes of header fields", fields.len());
        assert_eq!((answer.status, answer.code().as_str()), expected, "{shown}");
    };
    let large = |bytes: usize| format!("x-large: {}\r\n", "a".repeat(bytes));
    let many = |count: usize| (0..count).map(|it| format!("x-{it}: 1\r\n")).collect::<String>();
    let parameter = |bytes: usize| format!("/webhooks/clerk?a={}", "a".repeat(bytes));
    // Ours.
    check("/webhooks/clerk", &large(32_000), (401, "signature_missing"));
    check("/webhooks/clerk", &large(33_000), (431, "headers_too_large"));
    check("/webhooks/clerk", &[large(16_500), large(16_500)].concat(), (431, "headers_too_large"));
    check(&parameter(8_000), "", (401, "signature_missing"));
    check(&parameter(8_200), "", (414, "url_too_long"));
    // The server's own.
    check("/webhooks/clerk", &many(90), (401, "signature_missing"));
    check("/webhooks/clerk", &many(100), (431, ""));
    check(&parameter(70_000), "", (400, ""));
    for begun in ["POST /", "POST /webhooks/clerk HTTP/1.1\r\nx-large: "] {
        // As much as it reads, and the end is not in sight.
        let mut head = begun.as_bytes().to_vec();
        head.resize(128 * 1024, b'a');
        let answer = raw(service.address, &head);
        assert_eq!((answer.status, answer.body.as_str()), (431, ""), "{begun}");
    }
    let form = b"{\"form_response\":{}}";
    let answer = service.http().post("/webhooks/typeform", &typeform(form), form);
    assert_eq!(answer.status, 200);
    let (status, _, log) = service.stop();
    assert!(status.success());
    assert!(log.iter().all(|line| !line.contains("panicked")), "{log:#?}");
}

#[test]
fn a_batch_beyond_the_limit_is_one_event_that_needs_a_person() {
    let service = Builder::new(&destination()).with("LEADHOOK_BATCH_EVENTS_MAX", "2").start();
    let token = vec![("authorization".to_owned(), AUTH0_TOKEN.to_owned())];
    let lines = |ids: &[&str]| {
        let line = |id: &&str| format!("{{\"log_id\":\"{id}\",\"data\":{{\"type\":\"s\"}}}}\n");
        ids.iter().map(line).collect::<String>()
    };
    let post = |ids: &[&str]| {
        let body = lines(ids);
        service.http().post("/webhooks/auth0-logs", &token, body.as_bytes()).body
    };
    assert_eq!(post(&["1", "2"]), r#"{"accepted":2,"duplicates":0}"#);
    assert_eq!(post(&["3", "4", "5"]), r#"{"accepted":1,"duplicates":0}"#);
    service.wait_for_log(1, |line| line.contains("batch_too_large"));
    let kept =
        service.database().column("SELECT bytes FROM events WHERE fault LIKE '%batch_too_large%'");
    assert_eq!(kept, [lines(&["3", "4", "5"])]);
}
