//! Retention, lists, and the store's own state.

use super::samples::*;
use super::{Bench, START};
use crate::model::{DeliveryState, Effect, Next, SourceName};
use crate::store::{MappingText, Purged, RecordedEvent, Store, StoreError};
use std::time::Duration;

async fn purge(bench: &impl Bench, limit: usize) -> Purged {
    bench.store().purge(bench.now().minus(30 * DAY), limit).await.expect("purged")
}

pub(in crate::store) async fn retention_removes_old_events_whose_deliveries_are_final(
    bench: &mut impl Bench,
) {
    let tracked = bench.deliver("1", lead("ada", "sign-up"), DeliveryState::Tracked).await;
    let dead = bench.deliver("2", lead("bob", "sign-up"), DeliveryState::Dead).await;
    let skipped = bench.receive("3", vec![skips()]).await;
    let ignored = bench.receive("4", vec![]).await;
    let half = bench.receive("5", vec![skips(), sends(lead("eve", "sign-up"))]).await;
    let leased = bench.claim_only().await;
    bench.clock().advance(30 * DAY);
    assert_eq!(purge(bench, 100).await, Purged::default(), "not older");
    bench.clock().advance(Duration::from_millis(1));
    let young = bench.receive("6", vec![skips()]).await;
    assert_eq!(purge(bench, 100).await, Purged { events: 4, keys: 0, ..Purged::default() });
    for event in [tracked, dead, skipped, ignored] {
        assert!(bench.store().event(event).await.expect("read").is_none());
    }
    assert_eq!(bench.states(half).await.len(), 2);
    assert_eq!(bench.states(young).await.len(), 1);
    assert_eq!(bench.total().await, 3);
    bench.settle(&leased, DeliveryState::Rejected).await;
    bench.clock().advance(7 * DAY);
    assert_eq!(purge(bench, 100).await, Purged { events: 1, keys: 0, ..Purged::default() });
}

pub(in crate::store) async fn retention_removes_no_more_than_asked_for(bench: &mut impl Bench) {
    for id in 0..5 {
        bench.receive(&id.to_string(), vec![skips()]).await;
    }
    bench.clock().advance(31 * DAY);
    for events in [2, 2, 1, 0] {
        assert_eq!(purge(bench, 2).await, Purged { events, keys: 0, ..Purged::default() });
    }
}

pub(in crate::store) async fn what_was_removed_is_known_for_good(bench: &mut impl Bench) {
    let event_id = bench.deliver("1", lead("ada", "sign-up"), DeliveryState::Tracked).await;
    bench.receive("2", vec![skips()]).await;
    bench.clock().advance(90 * DAY);
    assert_eq!(purge(bench, 100).await.events, 2);
    let mut by_another = mapped(event("1"), vec![sends(lead("ada", "sign-up"))]);
    by_another.mapping_version = "v2".to_owned();
    let again = bench.record(vec![by_another]).await;
    assert_eq!(again.events, [RecordedEvent::Known(event_id)]);
    let same_person = bench.owe("3", lead("ada", "sign-up")).await;
    assert_eq!(bench.states(same_person).await, [DeliveryState::RecordedBefore]);
}

pub(in crate::store) async fn expired_keys_are_removed(bench: &mut impl Bench) {
    let form = |text| mapped(anonymous_event(text), vec![skips()]);
    bench.record(vec![form("a"), form("b"), form("c"), mapped(event("1"), vec![])]).await;
    bench.clock().advance(7 * DAY - Duration::from_millis(1));
    assert_eq!(purge(bench, 2).await, Purged::default());
    bench.clock().advance(Duration::from_millis(1));
    assert_eq!(purge(bench, 2).await, Purged { events: 0, keys: 2, ..Purged::default() });
    assert_eq!(purge(bench, 2).await, Purged { events: 0, keys: 1, ..Purged::default() });
    assert_eq!(purge(bench, 2).await, Purged::default());
    let known = bench.record(vec![mapped(event("1"), vec![])]).await;
    assert!(matches!(known.events[..], [RecordedEvent::Known(_)]));
}

pub(in crate::store) async fn young_attempts_keep_their_event(bench: &mut impl Bench) {
    bench.owe("1", lead("ada", "sign-up")).await;
    bench.clock().advance(60 * DAY);
    let claimed = bench.claim_only().await;
    bench.conclude(&claimed, Next::Final(DeliveryState::Rejected), Effect::Marked).await;
    bench.clock().advance(7 * DAY - Duration::from_millis(1));
    assert_eq!(purge(bench, 100).await, Purged::default());
    bench.owe("2", lead("ada", "sign-up")).await;
    assert!(bench.claim_only().await.history.marked);
    bench.clock().advance(Duration::from_millis(1));
    assert_eq!(purge(bench, 100).await.events, 1);
}

pub(in crate::store) async fn batches_go_when_their_last_event_does(bench: &mut impl Bench) {
    let owed = mapped(event("2"), vec![sends(lead("ada", "sign-up"))]);
    let recorded = bench.record(vec![mapped(event("1"), vec![skips()]), owed]).await;
    let RecordedEvent::New(second) = recorded.events[1] else { panic!("{recorded:?}") };
    bench.clock().advance(60 * DAY);
    assert_eq!(purge(bench, 100).await.events, 1);
    let came = request("clerk", &[], START);
    assert_eq!(bench.stored(second).await.headers, came.headers);
    let claimed = bench.claim_only().await;
    bench.settle(&claimed, DeliveryState::Tracked).await;
    bench.clock().advance(60 * DAY);
    assert_eq!(purge(bench, 100).await.events, 1);
}

pub(in crate::store) async fn the_newest_events_come_first(bench: &mut impl Bench) {
    let mut all = Vec::new();
    for id in 0..5 {
        all.push(bench.receive(&id.to_string(), vec![skips(), fails()]).await);
        bench.clock().advance(Duration::from_secs((id % 2) as u64));
    }
    all.reverse();
    let newest = bench.store().newest_events(3).await.expect("read");
    assert_eq!(newest.iter().map(|event| event.id).collect::<Vec<_>>(), all[..3]);
    assert!(newest.iter().all(|event| event.deliveries.len() == 2));
    assert_eq!(bench.store().newest_events(9).await.expect("read").len(), 5);
    let counts = bench.store().count_by_state().await.expect("counted");
    assert!(counts.contains(&(DeliveryState::Skipped, 5)));
    assert!(counts.contains(&(DeliveryState::Unmapped, 5)));
    assert_eq!(counts.len(), 2);
}

pub(in crate::store) async fn sources_are_known_for_good(bench: &mut impl Bench) {
    let names = |names: &[&str]| -> Vec<SourceName> {
        names.iter().map(|name| name.parse().expect("a name")).collect()
    };
    let mappings = |sources: &[SourceName]| -> Vec<MappingText> {
        let text = |source: &SourceName| MappingText {
            version: "v1".to_owned(),
            source: source.clone(),
            text: "provider = \"clerk\"".to_owned(),
        };
        sources.iter().map(text).collect()
    };
    for sources in [names(&["clerk", "auth0"]), names(&["clerk", "typeform"])] {
        let mappings = mappings(&sources);
        bench.store().remember(sources, mappings).await.expect("noted");
    }
    bench.crash().await;
    let mut known = bench.store().known_sources().await.expect("read");
    known.sort();
    assert_eq!(known, names(&["auth0", "clerk", "typeform"]));
}

pub(in crate::store) async fn the_mapping_noted_last_is_the_last_good_one(bench: &mut impl Bench) {
    let text = |source: &str, version: &str, text: &str| MappingText {
        version: version.to_owned(),
        source: source.parse().expect("a name"),
        text: text.to_owned(),
    };
    assert!(bench.store().last_good().await.expect("read").is_empty());
    for noted in [
        vec![text("clerk", "v1", "one"), text("auth0", "v1", "other")],
        vec![text("clerk", "v2", "two")],
        // The same version again, but for a comment.
        vec![text("clerk", "v1", "one # as before")],
    ] {
        bench.store().remember(Vec::new(), noted).await.expect("noted");
    }
    bench.crash().await;
    let mut last = bench.store().last_good().await.expect("read");
    last.sort_by(|a, b| a.source.cmp(&b.source));
    let last: Vec<_> =
        last.iter().map(|last| (last.source.as_str(), &*last.version, &*last.text)).collect();
    assert_eq!(last, [("auth0", "v1", "other"), ("clerk", "v1", "one # as before")]);
}

pub(in crate::store) async fn a_store_that_can_write_says_so(bench: &mut impl Bench) {
    for _ in 0..3 {
        bench.store().probe().await.expect("it can");
    }
    assert_eq!(bench.total().await, 0);
}

pub(in crate::store) async fn a_closed_store_says_so(bench: &mut impl Bench) {
    let event = bench.owe("1", lead("ada", "sign-up")).await;
    bench.store().close().await.expect("closed");
    bench.store().close().await.expect("closed before");
    let refused = [
        bench.store().probe().await.err(),
        bench.store().event(event).await.err(),
        bench.store().claim_due(dub(), 1, LEASE).await.err(),
        bench.store().purge(START, 1).await.err(),
    ];
    assert!(refused.iter().all(|error| matches!(error, Some(StoreError::Unavailable(_)))));
    bench.crash().await;
    assert_eq!(bench.claim_only().await.event, event);
}
