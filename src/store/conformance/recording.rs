//! Recording: what is kept, and what is known.

use super::samples::*;
use super::{Bench, START};
use crate::diagnostic::Code;
use crate::model::{DeliveryState, ProviderEvent, Reason, Translation};
use crate::store::{MappedEvent, RecordedEvent, Store};
use bytes::Bytes;
use std::time::Duration;

pub(in crate::store) async fn a_new_event_is_kept_as_it_came(bench: &mut impl Bench) {
    let mut warned = lead("ada", "sign-up");
    warned.warnings = vec![Reason::of_field(Code::FieldTruncated, "customerName")];
    let outcomes = vec![sends(warned), skips(), fails()];
    let recorded = bench.record(vec![mapped(event("1"), outcomes)]).await;
    assert!(recorded.due && recorded.leased.is_empty());

    let stored = bench.stored(new(&recorded)).await;
    let came = request("clerk", &[mapped(event("1"), vec![])], START);
    assert_eq!(stored.source, came.source);
    assert_eq!(stored.event_type.as_deref(), Some("user.created"));
    assert_eq!(stored.provider_event_id.as_deref(), Some("1"));
    assert_eq!(stored.received_at, START);
    assert_eq!((&stored.headers, &stored.query), (&came.headers, &came.query));
    assert_eq!(stored.bytes, came.body);
    assert_eq!((stored.fault, stored.mapping_version.as_str()), (None, "v1"));
    let [owed, skipped, unmapped] = &stored.deliveries[..] else { panic!("three deliveries") };
    assert_eq!((owed.state, owed.due_at), (DeliveryState::Pending, Some(START)));
    assert_eq!(owed.body, Some(lead("ada", "sign-up").body));
    assert_eq!(owed.warnings, [Reason::of_field(Code::FieldTruncated, "customerName")]);
    assert_eq!(skipped.state, DeliveryState::Skipped);
    assert_eq!(skipped.reasons, [Reason::of_field(Code::NoClickId, "clickId")]);
    assert_eq!((unmapped.state, unmapped.due_at), (DeliveryState::Unmapped, None));
    let Translation::Unmapped(reasons) = fails().translation else { panic!("no reasons") };
    assert_eq!(unmapped.reasons, reasons);
}

pub(in crate::store) async fn a_known_event_is_kept_once(bench: &mut impl Bench) {
    let first = bench.owe("1", lead("ada", "sign-up")).await;
    bench.clock().advance(Duration::from_secs(1_000 * 86_400));
    let changed = ProviderEvent { bytes: Bytes::from_static(b"{\"other\":1}"), ..event("1") };
    let again = bench.record(vec![mapped(changed, vec![sends(lead("bob", "sign-up"))])]).await;
    assert_eq!(again.events, [RecordedEvent::Known(first)]);
    assert!(!again.due && again.leased.is_empty());
    assert_eq!(bench.stored(first).await.bytes, event("1").bytes);
    assert_eq!(bench.total().await, 1);
}

pub(in crate::store) async fn the_same_event_twice_in_one_recording_is_known(
    bench: &mut impl Bench,
) {
    let owed = || vec![sends(lead("ada", "sign-up"))];
    let twice = vec![mapped(event("1"), owed()), mapped(event("1"), owed())];
    let recorded = bench.record(twice).await;
    let [RecordedEvent::New(first), RecordedEvent::Known(second)] = recorded.events[..] else {
        panic!("{recorded:?}");
    };
    assert_eq!(first, second);
    assert_eq!(bench.total().await, 1);
}

pub(in crate::store) async fn an_event_is_its_source_type_and_id(bench: &mut impl Bench) {
    let same = || mapped(event("1"), vec![skips()]);
    let other_type = ProviderEvent { event_type: Some("user.updated".to_owned()), ..event("1") };
    let no_type = ProviderEvent { event_type: None, ..event("1") };
    let all = vec![same(), mapped(other_type, vec![]), mapped(no_type, vec![])];
    let recorded = bench.record(all).await;
    assert!(recorded.events.iter().all(|event| matches!(event, RecordedEvent::New(_))));
    let elsewhere = recording("other", vec![same()], START);
    new(&bench.store().record(elsewhere).await.expect("recorded"));
    let again = bench.record(vec![same()]).await;
    assert_eq!(again.events, [known(&recorded.events[0])]);
}

pub(in crate::store) async fn without_an_id_the_bytes_are_known_for_seven_days(
    bench: &mut impl Bench,
) {
    let form = |text| vec![mapped(anonymous_event(text), vec![skips()])];
    let first = new(&bench.record(form("a")).await);
    new(&bench.record(form("b")).await);
    bench.clock().advance(7 * DAY - Duration::from_millis(1));
    assert_eq!(bench.record(form("a")).await.events, [RecordedEvent::Known(first)]);
    bench.clock().advance(Duration::from_millis(1));
    let second = new(&bench.record(form("a")).await);
    assert_ne!(first, second);
    bench.clock().advance(6 * DAY);
    assert_eq!(bench.record(form("a")).await.events, [RecordedEvent::Known(second)]);
}

pub(in crate::store) async fn what_a_mapping_could_do_better_is_stale(bench: &mut impl Bench) {
    let cases = [
        mapped(event("skipped"), vec![skips()]),
        mapped(event("unmapped"), vec![fails(), skips()]),
        mapped(event("ignored"), vec![]),
        mapped(unreadable_event("unreadable"), vec![]),
    ];
    for case in cases {
        let first = new(&bench.record(vec![case.clone()]).await);
        let same = bench.record(vec![case.clone()]).await;
        assert_eq!(same.events, [RecordedEvent::Known(first)], "{case:?}");
        let by_another = MappedEvent { mapping_version: "v2".to_owned(), ..case };
        let other = bench.record(vec![by_another]).await;
        assert_eq!(other.events, [RecordedEvent::Stale(first)]);
        assert_eq!(bench.stored(first).await.mapping_version, "v1");
    }
    assert_eq!(bench.total().await, 3);
}

pub(in crate::store) async fn what_became_a_lead_is_not_stale(bench: &mut impl Bench) {
    let by = |version: &str, id: &str| MappedEvent {
        mapping_version: version.to_owned(),
        ..mapped(event(id), vec![sends(lead(id, "sign-up")), skips()])
    };
    for state in [DeliveryState::Tracked, DeliveryState::Rejected, DeliveryState::Dead] {
        let first = new(&bench.record(vec![by("v1", state.as_str())]).await);
        let known = [RecordedEvent::Known(first)];
        assert_eq!(bench.record(vec![by("v2", state.as_str())]).await.events, known, "pending");
        let claimed = bench.claim_only().await;
        assert_eq!(bench.record(vec![by("v2", state.as_str())]).await.events, known, "leased");
        bench.settle(&claimed, state).await;
        assert_eq!(bench.record(vec![by("v2", state.as_str())]).await.events, known, "{state}");
    }
}

pub(in crate::store) async fn a_batch_is_kept_with_its_request(bench: &mut impl Bench) {
    let known_before = bench.receive("2", vec![skips()]).await;
    let batch = ["1", "2", "3"].map(|id| mapped(event(id), vec![skips()])).to_vec();
    let came = request("clerk", &batch, START);
    let recorded = bench.record(batch).await;
    let [RecordedEvent::New(first), RecordedEvent::Known(second), RecordedEvent::New(third)] =
        recorded.events[..]
    else {
        panic!("{recorded:?}");
    };
    assert_eq!(second, known_before);
    for (id, stored) in [("1", bench.stored(first).await), ("3", bench.stored(third).await)] {
        assert_eq!((&stored.headers, &stored.query), (&came.headers, &came.query));
        assert_eq!(stored.bytes, event(id).bytes);
    }
}

pub(in crate::store) async fn a_part_of_a_body_is_kept_with_its_request(bench: &mut impl Bench) {
    let part = mapped(event("1"), vec![skips()]);
    let came = request("clerk", std::slice::from_ref(&part), START);
    let body = Bytes::from([b"[", &event("1").bytes[..], b"]"].concat());
    let recorded = bench.store().record(recording_of_part(part, body)).await.expect("recorded");
    let stored = bench.stored(new(&recorded)).await;
    assert_eq!(stored.bytes, event("1").bytes);
    assert_eq!((stored.headers, stored.query), (came.headers, came.query));
}

pub(in crate::store) async fn an_unreadable_event_is_kept_with_its_fault(bench: &mut impl Bench) {
    let recorded = bench.record(vec![mapped(unreadable_event("1"), vec![])]).await;
    assert!(!recorded.due);
    let stored = bench.stored(new(&recorded)).await;
    assert_eq!(stored.bytes, unreadable_event("1").bytes);
    assert_eq!(stored.fault, unreadable_event("1").json.err());
    assert!(stored.deliveries.is_empty());
}

pub(in crate::store) async fn what_was_answered_survives_a_crash(bench: &mut impl Bench) {
    let owed = bench.owe("1", lead("ada", "sign-up")).await;
    let elsewhere = recording("other", vec![mapped(event("2"), vec![])], START);
    let done = new(&bench.store().record(elsewhere).await.expect("recorded"));
    bench.crash().await;
    assert_eq!(bench.states(owed).await, [DeliveryState::Pending]);
    assert!(bench.states(done).await.is_empty());
    let again = bench.record(vec![mapped(event("1"), vec![skips()])]).await;
    assert_eq!(again.events, [RecordedEvent::Known(owed)]);
    assert_eq!(bench.claim_only().await.event, owed);
}

pub(in crate::store) async fn recordings_that_come_together_are_all_kept(bench: &mut impl Bench) {
    let ids: Vec<String> = (0..100).map(|number| (number / 2).to_string()).collect();
    let all = ids.iter().map(|id| bench.record(vec![mapped(event(id), vec![skips()])]));
    let recorded = futures_util::future::join_all(all).await;
    let is_new = |event: &RecordedEvent| matches!(event, RecordedEvent::New(_));
    let new = recorded.iter().filter(|recorded| is_new(&recorded.events[0])).count();
    assert_eq!(new, 50);
    assert_eq!(bench.total().await, 50);
}

fn known(event: &RecordedEvent) -> RecordedEvent {
    match *event {
        RecordedEvent::New(id) | RecordedEvent::Known(id) | RecordedEvent::Stale(id) => {
            RecordedEvent::Known(id)
        }
    }
}
