//! What is written comes back as it was stored, and what can't be read is said without quoting it.

use super::*;
use crate::diagnostic::Code;
use crate::model::{DeliveryId, DeliveryState, EventId};

const AT: Timestamp = Timestamp::from_millis(1_767_225_600_007);

fn event(bytes: &[u8]) -> StoredEvent {
    StoredEvent {
        id: EventId::new(AT),
        source: "clerk".parse().expect("a name"),
        event_type: Some("user.created".to_owned()),
        provider_event_id: None,
        received_at: AT,
        headers: Headers::new([("b", "1"), ("a", "ü"), ("b", "2")].map(owned_pair)),
        query: QueryString::new([("key", "sha256:ba7816bf")].map(owned_pair)),
        bytes: Bytes::copy_from_slice(bytes),
        fault: None,
        mapping_version: "3f9a".to_owned(),
        deliveries: vec![delivery_of(Some(br#"{"eventName":"A","metadata":{"n":1e2}}"#))],
    }
}

fn owned_pair((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn delivery_of(body: Option<&[u8]>) -> StoredDelivery {
    StoredDelivery {
        id: DeliveryId::new(AT),
        rule: "Sign up (EU)".parse().expect("a name"),
        mapping_version: "b21c".to_owned(),
        destination: "dub".parse().expect("a name"),
        state: DeliveryState::Pending,
        reasons: vec![Reason::of_field(Code::FieldMissing, "customerEmail").detail("\"é\"")],
        warnings: vec![Reason::new(Code::FieldRepaired)],
        body: body.map(Bytes::copy_from_slice),
        attempts: 3,
        due_at: Some(AT),
        created_at: AT,
    }
}

fn written(event: &StoredEvent) -> String {
    let mut line = Vec::new();
    write_line(event, Some("clerk"), &mut line).expect("memory takes it");
    String::from_utf8(line).expect("JSON is text")
}

/// Writes and reads an event of these bytes; `inside` is whether the line holds them as they are.
#[track_caller]
fn check(bytes: &[u8], inside: bool) {
    let stored = event(bytes);
    let line = written(&stored);
    assert_eq!(line.matches('\n').count(), 1, "{line}");
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(line.contains(&format!("\"json\":{text},")), inside, "{line}");
    let read = read_line(line.trim_end().as_bytes()).expect("it reads what it wrote");
    assert_eq!(format!("{read:?}"), format!("{stored:?}"));
}

#[test]
fn every_body_comes_back_byte_for_byte() {
    check(br#"{"z":1.10,"a":12345678901234567890123,"z":-0,"e":1E+2}"#, true);
    check(r#"["ü","\u00fc","\ud83d",  null ]"#.as_bytes(), true);
    for whole in ["null", "1", "\"text\"", "{}"] {
        check(whole.as_bytes(), true);
    }
    check(&[b"[".repeat(10_000), b"]".repeat(10_000)].concat(), true);
    for other in ["", " {}", "{}\n", "{\n}", "{\r}", "{} {}", "a=1&b=2", "\u{feff}{}"] {
        check(other.as_bytes(), false);
    }
    check(b"\xff\x00", false);
}

#[test]
fn what_is_absent_has_no_key_and_is_not_needed() {
    let bare = StoredEvent {
        event_type: None,
        fault: Some(Reason::new(Code::BatchTooLarge)),
        deliveries: vec![StoredDelivery { due_at: None, ..delivery_of(None) }],
        ..event(b"{}")
    };
    let line = written(&bare);
    for key in ["type", "provider_event_id", "due_at", "lead", "body_base64"] {
        assert!(!line.contains(&format!("\"{key}\":")), "{key}: {line}");
    }
    let read = read_line(line.as_bytes()).expect("it reads what it wrote");
    assert_eq!(format!("{read:?}"), format!("{bare:?}"));

    let id = EventId::new(AT);
    let line = format!(
        r#"{{"id":"{id}","source":"a","received_at":"{AT}","body_base64":"AA==","new":[1]}}"#
    );
    let read = read_line(line.as_bytes()).expect("it has what a reader needs");
    assert_eq!((read.id, &read.bytes[..], read.deliveries.len()), (id, &b"\0"[..], 0));
}

#[test]
fn a_stored_lead_that_is_no_json_is_not_passed_over() {
    let stored = StoredEvent { deliveries: vec![delivery_of(Some(b"{"))], ..event(b"{}") };
    assert!(write_line(&stored, None, &mut Vec::new()).is_err());
}

#[test]
fn a_broken_line_is_told_and_never_quoted() {
    let good = written(&event(br#"{"a":1}"#));
    let check = |from: &str, to: &str, expected: &str| {
        assert!(good.contains(from), "{from}");
        let line = good.replacen(from, to, 1);
        let fault = read_line(line.as_bytes()).expect_err("it is broken");
        assert!(fault.to_string().contains(expected), "{fault}");
        assert!(!fault.to_string().contains("person"), "{fault}");
    };
    check("{", "person@example.com {", "not JSON: expected value at column 1");
    check("\"json\":{\"a\":1}", "\"json\":{\"a\":person}", "not JSON");
    check("\"id\":\"evt_", "\"id\":\"person_", "`id`");
    check("\"source\":\"clerk\"", "\"source\":\"Person\"", "`source`");
    check("\"source\":\"clerk\"", "\"source\":7", "another type");
    check("\"headers\":[", "\"headers\":[\"person\",", "another type");
    check("\"json\":{\"a\":1},", "", "`json`");
    check("\"json\":{\"a\":1}", "\"body_base64\":\"person@\"", "`body_base64`");
    check("\"code\":\"field_missing\"", "\"code\":\"person\"", "`deliveries.reasons`");
    check("\"state\":\"pending\"", "\"state\":\"person\"", "`deliveries.state`");
    check("\"received_at\":\"2026", "\"received_at\":\"person", "`received_at`");
}
