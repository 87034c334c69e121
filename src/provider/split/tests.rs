//! Bodies in, events out: for each form what is read, and what becomes of what can't be.

use super::*;

fn form(format: Format, batch: Option<&str>, id: Locator) -> EventForm {
    let event_type = Some(Locator::Query(Selector::parse("$.type").unwrap()));
    let batch = batch.map(|query| Selector::parse(query).unwrap());
    let identity = Identity { id: Some(id), event_type };
    EventForm { format, batch, identity, types: Vec::new(), open: Vec::new() }
}

fn json() -> EventForm {
    form(Format::Json, None, by_body())
}

fn lines() -> EventForm {
    form(Format::JsonLinesOrJson, None, by_body())
}

fn by_body() -> Locator {
    Locator::Query(Selector::parse("$.id").unwrap())
}

/// Each event as `id type bytes`, or `id type code bytes` where it can't be read.
fn shown(form: &EventForm, body: &[u8], events_max: usize) -> Vec<String> {
    let headers = Headers::new([("X-Id".to_owned(), "req".to_owned())]);
    let show = |event: ProviderEvent| {
        let id = event.provider_event_id.as_deref().unwrap_or("-").to_owned();
        let event_type = event.event_type.as_deref().unwrap_or("-").to_owned();
        let code = event.json.as_ref().err().map(|reason| format!(" {}", reason.code));
        let text = String::from_utf8_lossy(&event.bytes);
        format!("{id} {event_type}{} {text}", code.unwrap_or_default())
    };
    let body = Bytes::copy_from_slice(body);
    form.split(&headers, &body, events_max).into_iter().map(show).collect()
}

#[track_caller]
fn check(form: &EventForm, body: &str, expected: &[&str]) {
    assert_eq!(shown(form, body.as_bytes(), 3), expected, "{body}");
}

#[test]
fn a_document_is_one_event_with_the_bytes_as_they_came() {
    check(&json(), " {\"id\": 1, \"type\":\"a\"}\n", &["1 a  {\"id\": 1, \"type\":\"a\"}\n"]);
    check(&json(), "[{\"id\":1}]", &["- - [{\"id\":1}]"]);
    check(&json(), "\u{feff}{\"id\":1}", &["1 - \u{feff}{\"id\":1}"]);
    check(&json(), "null", &["- - null"]);
}

#[test]
fn what_cannot_be_read_is_one_event_all_the_same() {
    check(&json(), "", &["- - body_not_json "]);
    check(&json(), "{\"id\":1", &["- - body_not_json {\"id\":1"]);
    check(&json(), "{\"id\":1}\n{\"id\":2}", &["- - body_not_json {\"id\":1}\n{\"id\":2}"]);
    assert_eq!(shown(&json(), b"\"\xff\"", 3), ["- - body_not_utf8 \"\u{fffd}\""]);
}

#[test]
fn an_id_in_a_header_is_known_even_of_what_cannot_be_read() {
    let form = |batch| form(Format::Json, batch, Locator::Header("x-id".into()));
    check(&form(None), "{", &["req - body_not_json {"]);
    check(&form(None), "{\"type\":\"a\"}", &["req a {\"type\":\"a\"}"]);
    check(&form(Some("$")), "[{}, 2]", &["req/0 - {}", "req/1 - 2"]);
    check(&form(Some("$")), "[1,2,3,4]", &["req - batch_too_large [1,2,3,4]"]);
}

#[test]
fn a_batch_is_cut_at_its_place() {
    let form = form(Format::Json, Some("$.data.events"), by_body());
    check(
        &form,
        "{\"data\":{\"events\":[{\"id\": 1},{\"id\": 2}]}}",
        &["1 - {\"id\":1}", "2 - {\"id\":2}"],
    );
    check(&form, "{\"data\":{\"events\":[]}}", &[]);
    for absent in ["{\"data\":{}}", "{\"data\":{\"events\":{}}}", "[]"] {
        check(&form, absent, &[&format!("- - batch_not_found {absent}")]);
    }
    check(&form, "", &["- - body_not_json "]);
}

#[test]
fn logs_are_an_object_or_an_array() {
    check(&lines(), "{\"id\": \"a\",\n\"type\":1}", &["a 1 {\"id\": \"a\",\n\"type\":1}"]);
    check(
        &lines(),
        "[ {\"id\": \"a\"} ,\n{\"id\":\"b\"}]",
        &["a - {\"id\": \"a\"}", "b - {\"id\":\"b\"}"],
    );
    check(&lines(), "[]", &[]);
    check(&lines(), "[1,2,3,4]", &["- - batch_too_large [1,2,3,4]"]);
}

#[test]
fn logs_are_lines_too() {
    check(&lines(), "{\"id\":1}\r\n\n {\"id\":2}\n", &["1 - {\"id\":1}", "2 - {\"id\":2}"]);
    check(&lines(), "\u{feff}{\"id\":1}\n{\"id\":2}", &["1 - {\"id\":1}", "2 - {\"id\":2}"]);
    check(
        &lines(),
        "{\"id\":1}\n{\"id\":\n{\"id\":3}",
        &["1 - {\"id\":1}", "- - body_not_json {\"id\":", "3 - {\"id\":3}"],
    );
    let body = "{}\n{}\n{}\n{}";
    check(&lines(), body, &[&format!("- - batch_too_large {body}")]);
    assert_eq!(
        shown(&lines(), b"{\"id\":1}\n{\"id\":\"\xff\"}", 3),
        ["1 - {\"id\":1}", "- - body_not_utf8 {\"id\":\"\u{fffd}\"}"]
    );
}

#[test]
fn a_broken_document_of_many_lines_is_one_event() {
    for broken in ["{\n \"id\": 1,\n", "[\n1,\n2", "a=1\nb=2", "", "\n\n"] {
        check(&lines(), broken, &[&format!("- - body_not_json {broken}")]);
    }
}

#[test]
fn slices_share_the_memory_of_the_body() {
    let body = Bytes::from_static(b"[{\"id\": 1}]");
    let events = lines().split(&Headers::default(), &body, 3);
    assert_eq!(events[0].bytes.as_ptr(), body[1..].as_ptr());
}

#[test]
fn an_event_with_too_many_values_is_kept_with_its_names() {
    let body = format!("{{\"id\":7,\"type\":\"t\",\"x\":[{}0]}}", "0,".repeat(60_000));
    let body = Bytes::from(body);
    let events = json().split(&Headers::default(), &body, 3);
    assert_eq!(events[0].json.as_ref().unwrap_err().code, Code::EventTooComplex);
    assert_eq!(events[0].provider_event_id.as_deref(), Some("7"));
    assert_eq!(events[0].event_type.as_deref(), Some("t"));
    assert_eq!(events[0].bytes, body);
}
