//! Broken HTTP: a clear 4xx or a closed connection, no panic, and the next request is served.

use crate::support::{Builder, Service, clerk, destination, raw, user_created};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

#[track_caller]
fn still_serves(service: &Service, id: &str) {
    let body = user_created(id, None);
    let answer = service.http().post("/webhooks/clerk", &clerk(id, &body), &body);
    assert_eq!(answer.status, 200, "the next request must be served");
}

/// Sends `bytes`, says that no more come, and reads what is answered.
fn cut_off(service: &Service, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(service.address).expect("it listens");
    stream.set_read_timeout(Some(crate::support::PATIENCE)).expect("a timeout can be set");
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn malformed_requests_are_answered_400_or_cut() {
    let service = Builder::new(&destination()).start();
    let requests: [&[u8]; 9] = [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"POST\r\n\r\n",
        b"POST /webhooks/clerk HTTP/9.9\r\n\r\n",
        b"POST /webhooks/clerk HTTP/1.1\r\nhost x\r\n\r\n",
        b"POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\nb\xe4d name: 1\r\n\r\n",
        b"POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\ncontent-length: many\r\n\r\n",
        b"POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n\r\n",
    ];
    for (number, request) in requests.iter().enumerate() {
        let answer = raw(service.address, request);
        let shown = String::from_utf8_lossy(request);
        assert!(matches!(answer.status, 0 | 400..=499), "{shown}: {}", answer.status);
        still_serves(&service, &format!("msg_{number}"));
    }
    // A line for each would let anybody fill the disk.
    let errors = service.log().into_iter().filter(|line| line.contains("ERROR"));
    assert_eq!(errors.collect::<Vec<_>>(), Vec::<String>::new());
    no_panic(service);
}

#[test]
fn too_many_or_too_large_headers_are_refused() {
    let service = Builder::new(&destination()).start();
    let head = "POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\n";
    let many: String = (0..10_000).map(|number| format!("x-{number}: 1\r\n")).collect();
    let large = format!("x-large: {}\r\n", "a".repeat(1_000_000));
    let endless_line = format!("POST /{} HTTP/1.1\r\n\r\n", "a".repeat(1_000_000));
    let requests = [format!("{head}{many}\r\n"), format!("{head}{large}\r\n"), endless_line];
    for (number, request) in requests.iter().enumerate() {
        let answer = raw(service.address, request.as_bytes());
        assert!(matches!(answer.status, 0 | 400..=499), "{}", answer.status);
        still_serves(&service, &format!("msg_{number}"));
    }
    no_panic(service);
}

#[test]
fn a_body_that_is_cut_off_is_never_an_event() {
    let service = Builder::new(&destination()).start();
    let body = user_created("user_1", Some("click_1"));
    let mut head = String::from("POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\n");
    for (name, value) in clerk("msg_1", &body) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let half = &body[..body.len() / 2];
    let announced =
        [format!("{head}content-length: {}\r\n\r\n", body.len()).as_bytes(), half].concat();
    let chunked =
        [format!("{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len()).as_bytes(), half]
            .concat();
    for request in [announced, chunked] {
        let answer = cut_off(&service, &request);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    assert_eq!(service.database().count("SELECT count(*) FROM events"), 0);
    // The provider's next try with the very same id goes through.
    let answer = service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body);
    assert_eq!(answer.body, r#"{"accepted":1,"duplicates":0}"#);
    no_panic(service);
}

#[test]
fn a_slow_sender_is_cut_and_holds_nobody_up() {
    let service = Builder::new(&destination()).with("LEADHOOK_BODY_TIMEOUT", "200ms").start();
    let mut slow = TcpStream::connect(service.address).expect("it listens");
    slow.set_read_timeout(Some(crate::support::PATIENCE)).expect("a timeout can be set");
    let head = b"POST /webhooks/clerk HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{";
    slow.write_all(head).expect("it reads");
    still_serves(&service, "msg_1");
    let mut answer = String::new();
    let _ = slow.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("body_too_slow"), "{answer}");
    no_panic(service);
}

#[test]
fn who_has_proved_nothing_gets_no_second_request() {
    let service = Builder::new(&destination()).start();
    let heads = ["GET /healthz", "GET /nothing", "GET /webhooks/clerk", "POST /webhooks/clerk"];
    for head in heads {
        let mut stream = TcpStream::connect(service.address).expect("it listens");
        stream.set_read_timeout(Some(crate::support::PATIENCE)).expect("a timeout can be set");
        let request = format!("{head} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{{}}");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        // Ends only because the connection does.
        stream.read_to_string(&mut answer).expect("it closes the connection");
        assert!(answer.contains("connection: close"), "{head}: {answer}");
    }
    no_panic(service);
}

#[test]
fn idle_connections_keep_nobody_out() {
    // As with a shell's limit of open files, only smaller.
    let few = ["sh", "-c", "ulimit -S -n 64; exec \"$@\"", "sh"];
    let service = Builder::new(&destination()).through(&few).start();
    let connect = |_| TcpStream::connect(service.address).expect("it listens");
    let idle: Vec<_> = (0..100).map(connect).collect();
    still_serves(&service, "msg_1");
    drop(idle);
    let complaint = |line: &String| line.contains("Too many open files");
    assert_eq!(service.log().into_iter().find(complaint), None);
    no_panic(service);
}

#[track_caller]
fn no_panic(service: Service) {
    let (status, _, log) = service.stop();
    assert!(status.success());
    let panics: Vec<_> = log.iter().filter(|line| line.contains("panicked")).collect();
    assert!(panics.is_empty(), "{panics:#?}");
}
