//! Bodies in, events out: for each form what is read, and what becomes of what can't be.

use super::inflate::tests::gzip;
use super::*;
use crate::diagnostic::Code;
use crate::provider::declaration;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::json;

/// The form that the lines of an `[event]` table declare.
pub(super) fn form(event: &str) -> EventForm {
    let text = format!("name='x'\ntitle='X'\n[signature]\nkind='basic'\n[event]\n{event}");
    declaration::read("x.toml", &text).unwrap().events
}

const NAMES: &str = "id = '$.id'\ntype = '$.type'\n";

fn json() -> EventForm {
    form(NAMES)
}

fn lines() -> EventForm {
    form(&format!("format = 'json-lines'\n{NAMES}"))
}

fn batch(place: &str) -> EventForm {
    form(&format!("batch = '{place}'\n{NAMES}"))
}

fn headers(fields: &[(&str, &str)]) -> Headers {
    Headers::new(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

/// Each event as `id type bytes`, or `id type code bytes` where it can't be read. All of them are
/// read again from their bytes.
fn shown(form: &EventForm, headers: &Headers, body: &[u8], events_max: usize) -> Vec<String> {
    let body = Bytes::copy_from_slice(body);
    let show = |event: ProviderEvent| {
        if event.json.is_ok() {
            assert_eq!(form.read(headers, &event.bytes), event.json);
        }
        let id = event.provider_event_id.as_deref().unwrap_or("-").to_owned();
        let event_type = event.event_type.as_deref().unwrap_or("-").to_owned();
        let code = event.json.as_ref().err().map(|reason| format!(" {}", reason.code));
        let text = String::from_utf8_lossy(&event.bytes);
        format!("{id} {event_type}{} {text}", code.unwrap_or_default())
    };
    form.split(Content::new(headers, &body), events_max).into_iter().map(show).collect()
}

#[track_caller]
fn check(form: &EventForm, body: &str, expected: &[&str]) {
    assert_eq!(shown(form, &headers(&[("X-Id", "req")]), body.as_bytes(), 3), expected, "{body}");
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
    assert_eq!(
        shown(&json(), &Headers::default(), b"\"\xff\"", 3),
        ["- - body_not_utf8 \"\u{fffd}\""]
    );
}

#[test]
fn an_id_in_a_header_is_known_even_of_what_cannot_be_read() {
    let by_header = "id = { header = 'X-Id' }\ntype = '$.type'\n";
    let (one, several) = (form(by_header), form(&format!("{by_header}batch = '$'")));
    check(&one, "{", &["req - body_not_json {"]);
    check(&one, "{\"type\":\"a\"}", &["req a {\"type\":\"a\"}"]);
    check(&several, "[{}, 2]", &["req/0 - {}", "req/1 - 2"]);
    check(&several, "[1,2,3,4]", &["req - batch_too_large [1,2,3,4]"]);
}

#[test]
fn a_batch_is_cut_at_its_place() {
    let form = batch("$.data.events");
    check(
        &form,
        "{\"data\":{\"events\":[{\"id\": 1},{\"id\": 2}]}}",
        &["1 - {\"id\":1}", "2 - {\"id\":2}"],
    );
    check(&form, "{\"data\":{\"events\":[]}}", &[]);
    check(&form, "{\"data\":{\"events\":{\"id\":1}}}", &["1 - {\"id\":1}"]);
    for absent in ["{\"data\":{}}", "{\"data\":{\"events\":1}}", "[]"] {
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
        shown(&lines(), &Headers::default(), b"{\"id\":1}\n{\"id\":\"\xff\"}", 3),
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
    let events = lines().split(Content::new(&Headers::default(), &body), 3);
    assert_eq!(events[0].bytes.as_ptr(), body[1..].as_ptr());
}

#[test]
fn an_event_with_too_many_values_is_kept_with_its_names() {
    let body = format!("{{\"id\":7,\"type\":\"t\",\"x\":[{}0]}}", "0,".repeat(60_000));
    let body = Bytes::from(body);
    let events = json().split(Content::new(&Headers::default(), &body), 3);
    assert_eq!(events[0].json.as_ref().unwrap_err().code, Code::EventTooComplex);
    assert_eq!(events[0].provider_event_id.as_deref(), Some("7"));
    assert_eq!(events[0].event_type.as_deref(), Some("t"));
    assert_eq!(events[0].bytes, body);
}

#[test]
fn events_of_several_lists_are_one_batch() {
    let form = batch("$.entry[*].changes[*]");
    let body = r#"{"entry":[{"changes":[{"id":1},{"id":2}]},{},{"changes":[{"id":3}]}]}"#;
    check(&form, body, &["1 - {\"id\":1}", "2 - {\"id\":2}", "3 - {\"id\":3}"]);
}

#[test]
fn the_content_type_chooses_how_a_form_is_read() {
    let form = form(&format!("format = ['urlencoded', 'json']\njson_fields = '$.p'\n{NAMES}"));
    let check = |content_type: &str, body: &str, expected: &str| {
        let fields = [("content-type", content_type)];
        let sent = headers(&fields[usize::from(content_type.is_empty())..]);
        assert_eq!(shown(&form, &sent, body.as_bytes(), 3), [expected]);
    };
    let urlencoded = "application/x-www-form-urlencoded; charset=utf-8";
    check(urlencoded, "id=1&type=a&p=%7B%7D", "1 a id=1&type=a&p=%7B%7D");
    check("text/plain", "id=1", "1 - id=1");
    check("application/json", "{\"id\":1}", "1 - {\"id\":1}");
    check("", "{\"id\":1}", "1 - {\"id\":1}");
    check("", "id=1", "- - body_not_json id=1");
}

#[test]
fn names_are_found_in_texts_that_hold_json() {
    let form = form("json_fields = '$.p'\nid = '$.p.id'\nbatch = '$.p.events'");
    check(&form, r#"{"p":"{\"events\":[{\"id\":1}]}"}"#, &["- - {\"id\":1}"]);
    let form = self::form("format = 'json-lines'\njson_fields = '$.p'\nid = '$.p.id'");
    let line = r#"{"p":"{\"id\":1}"}"#;
    check(&form, line, &[&format!("1 - {line}")]);
    check(&form, &format!("{line}\n{line}"), &[&format!("1 - {line}"), &format!("1 - {line}")]);
    check(&form, &format!("[{line}]"), &[&format!("1 - {line}")]);
}

#[test]
fn a_token_is_its_claims_whatever_else_the_body_says() {
    let claims = URL_SAFE_NO_PAD.encode(r#"{"jti":"j","type":"a"}"#);
    let token = format!("e30.{claims}.c2ln");
    let named = "format = ['jwt', 'json']\nid = { claim = 'jti' }\ntype = '$.type'";
    let mut form = form(named);
    check(&form, &token, &[&format!("j a {token}")]);
    check(&form, r#"{"jti":"j","type":"a"}"#, &[r#"j a {"jti":"j","type":"a"}"#]);
    form.token = InBody::Field("token".to_owned());
    let body = format!(r#"{{"token":"{token}","type":"forged"}}"#);
    check(&form, &body, &[&format!("j a {body}")]);
    for content_type in ["application/json", "application/jwt", "text/plain"] {
        let sent = headers(&[("content-type", content_type)]);
        assert_eq!(shown(&form, &sent, body.as_bytes(), 3), [format!("j a {body}")]);
    }
    let sent = headers(&[("content-encoding", "deflate")]);
    assert_eq!(shown(&form, &sent, body.as_bytes(), 3), [format!("j a {body}")]);
}

#[test]
fn claims_of_a_token_in_a_header_name_the_request() {
    let form = form("id = { claim = 'jti' }\nbatch = '$'");
    let (headers, body) = (Headers::default(), Bytes::from_static(b"[{}]"));
    let claims = json!({ "jti": "j" });
    let content = Content { claims: claims.as_object(), ..Content::new(&headers, &body) };
    let events = form.split(content, 3);
    assert_eq!(events[0].provider_event_id.as_deref(), Some("j/0"));
}

#[test]
fn a_compressed_body_is_stored_inflated_and_not_inflated_twice() {
    let sent = headers(&[("content-encoding", "gzip"), ("X-Id", "req")]);
    let body = gzip(b"{\"id\":1}");
    assert_eq!(shown(&json(), &sent, &body, 3), ["1 - {\"id\":1}"]);
    assert_eq!(shown(&lines(), &sent, &gzip(b"[{}, 1]"), 3), ["- - {}", "- - 1"]);
    let by_header = form("id = { header = 'x-id' }");
    let kept = |encoding: &str, body: &[u8]| {
        let sent = headers(&[("content-encoding", encoding), ("X-Id", "req")]);
        let body = Bytes::copy_from_slice(body);
        let mut events = by_header.split(Content::new(&sent, &body), 3);
        let event = events.remove(0);
        assert_eq!((event.bytes, event.provider_event_id.as_deref()), (body, Some("req")));
        assert!(events.is_empty());
        event.json.unwrap_err().code
    };
    assert_eq!(kept("gzip", b"{}"), Code::BodyNotInflated);
    assert_eq!(kept("zstd", b"{}"), Code::BodyEncodingUnknown);
    assert_eq!(kept("gzip", &gzip(&vec![b' '; 17 << 20])), Code::BodyInflatesTooLarge);
}

/// Documents whose values a form can hold.
fn fields() -> impl Strategy<Value = Value> {
    let name = "[a-z ü&=%-]{1,6}";
    let one = "[ -~é\r\n]{0,8}".prop_map(Value::String);
    let several = prop::collection::vec("[a-z]{0,3}", 2..4).prop_map(|texts| json!(texts));
    prop::collection::hash_map(name, prop_oneof![one, several], 0..5)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Any JSON, numbers of every kind among it.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,6}".prop_map(Value::String),
        "\\{\"[a-z]\":[0-9]{1,3}\\}".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::hash_map("(a|b|id|events|p)", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A form for each thing that `[event]` can say of where events are.
fn every_form() -> Vec<EventForm> {
    let mut forms: Vec<_> = [
        "",
        "json_fields = ['$.p', '$.p.a', '$[0]']",
        "format = 'json-lines'\njson_fields = '$.p'",
        "batch = '$'",
        "batch = '$.events[*]'\njson_fields = ['$.p', '$.events']",
        "batch = '$[*].events'",
        "format = ['urlencoded', 'multipart', 'json-lines', 'jwt']\njson_fields = '$.p'",
        "format = ['multipart', 'json']\nbatch = '$.events'\njson_fields = '$.events'",
        "format = ['jwt', 'urlencoded']",
    ]
    .map(form)
    .into();
    for form in &mut forms {
        form.token = InBody::Field("token".to_owned());
    }
    forms
}

/// Splits, and reads every event again.
fn split_and_read(form: &EventForm, headers: &Headers, body: &Bytes) -> Vec<ProviderEvent> {
    let events = form.split(Content::new(headers, body), 5);
    assert!(events.len() <= 5);
    for event in events.iter().filter(|event| event.json.is_ok()) {
        assert_eq!(form.read(headers, &event.bytes), event.json);
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_was_split_is_read_the_same(document in anything(), pretty in any::<bool>()) {
        let text = if pretty { format!("{document:#}") } else { document.to_string() };
        let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(&text));
        let within = json!({ "token": token }).to_string();
        for form in every_form() {
            for body in [&text, &format!("{text}\n{{}}\n{text}"), &token, &within] {
                let body = Bytes::from(body.clone());
                split_and_read(&form, &Headers::default(), &body);
                let sent = headers(&[("content-encoding", "gzip")]);
                split_and_read(&form, &sent, &gzip(&body).into());
            }
        }
    }

    #[test]
    fn what_is_encoded_is_split_as_its_sample(document in fields(), inner in anything()) {
        let mut document = document;
        document["p"] = json!({ "inner": inner });
        let sample = Bytes::from(document.to_string());
        for format in ["json", "json-lines", "urlencoded", "multipart"] {
            let form = form(&format!("format = '{format}'\njson_fields = '$.p'"));
            let encoded = form.encode(&sample).unwrap();
            let sent = headers(&[("content-type", &encoded.content_type)]);
            let events = split_and_read(&form, &sent, &encoded.body);
            let of_sample = split_and_read(&form, &Headers::default(), &sample);
            prop_assert_eq!(&events[0].json, &of_sample[0].json, "{}", format);
        }
    }

    #[test]
    fn any_bytes_are_split(
        body in prop::collection::vec(any::<u8>(), 0..200),
        near in "([\\[\\]{},:\"\n&=.]|\"p\"|\"token\"|--x|\r\n|name=|[a-e0-9]){0,40}",
        content_type in "(application/(json|jwt|x-www-form-urlencoded)|multipart/form-data; boundary=x|[ -~]{0,9})",
        encoding in "(gzip|deflate|br|,){0,2}",
    ) {
        let sent = headers(&[("content-type", &content_type)]);
        let compressed = headers(&[("content-type", &content_type), ("content-encoding", &encoding)]);
        for form in every_form() {
            split_and_read(&form, &sent, &near.clone().into());
            split_and_read(&form, &compressed, &body.clone().into());
            let _ = (form.read(&sent, &body.clone().into()), form.encode(&near.clone().into()));
        }
    }
}
