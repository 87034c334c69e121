//! Clicks: how they are remembered, and how long anything waits for one.

use super::Bench;
use super::samples::*;
use crate::diagnostic::Code;
use crate::model::{Applied, DeliveryState, EventId, Reason, RuleOutcome};
use crate::store::{CLICK_MEMORY, Expired, MappedEvent, RecordedEvent, Store};
use std::time::Duration;

const INSTANT: Duration = Duration::from_millis(1);

/// Parks a lead of ada's of this name; answers the click id that it got at once, if one was
/// remembered.
async fn remembered(bench: &impl Bench, name: &str) -> Option<String> {
    let event = bench.park(name, "ada", name).await;
    let body = bench.stored(event).await.deliveries.remove(0).body.expect("a lead has a body");
    let json: serde_json::Value = serde_json::from_slice(&body).expect("a body is JSON");
    json["clickId"].as_str().map(str::to_owned)
}

async fn expire(bench: &impl Bench, limit: usize) -> Expired {
    bench.store().expire(limit).await.expect("expired")
}

/// Maps an event again, by version `v2`.
async fn remap(
    bench: &impl Bench,
    event: EventId,
    outcomes: Vec<RuleOutcome>,
    click_id: &str,
) -> bool {
    let applied = Applied { outcomes, clicks: vec![click("ada", click_id)] };
    bench.store().remap(event, "v2".to_owned(), applied).await.expect("mapped again")
}

pub(in crate::store) async fn the_newest_click_wins(bench: &mut impl Bench) {
    assert_eq!(remembered(bench, "a").await, None);
    bench.tell("1", "ada", "c1").await;
    assert_eq!(remembered(bench, "b").await.as_deref(), Some("c1"));
    bench.tell("2", "ada", "c2").await;
    bench.tell("3", "bob", "c3").await;
    assert_eq!(remembered(bench, "c").await.as_deref(), Some("c2"));
    // Of those that one event tells, the last.
    let both = vec![click("ada", "c4"), click("ada", "c5")];
    let waiting = bench.park("4", "eve", "sign-up").await;
    let of_eve = vec![click("eve", "c6"), click("eve", "c7")];
    bench.record(vec![telling(event("5"), [both, of_eve].concat())]).await;
    assert_eq!(remembered(bench, "d").await.as_deref(), Some("c5"));
    let body = bench.stored(waiting).await.deliveries.remove(0).body;
    assert_eq!(body, Some(body_with("c7", "eve", "sign-up")));
}

pub(in crate::store) async fn a_known_event_tells_nothing_again(bench: &mut impl Bench) {
    let first = new(&bench.tell("1", "ada", "c1").await);
    bench.tell("2", "ada", "c2").await;
    assert_eq!(bench.tell("1", "ada", "c1").await.events, [RecordedEvent::Known(first)]);
    assert_eq!(remembered(bench, "a").await.as_deref(), Some("c2"));
    let telling = || telling(event("3"), vec![click("ada", "c3")]);
    bench.record(vec![mapped(event("3"), vec![]), telling()]).await;
    assert_eq!(remembered(bench, "b").await.as_deref(), Some("c2"));
}

pub(in crate::store) async fn a_click_is_remembered_for_thirty_days(bench: &mut impl Bench) {
    assert_eq!(CLICK_MEMORY, 30 * DAY);
    bench.tell("1", "ada", "c1").await;
    bench.clock().advance(CLICK_MEMORY - INSTANT);
    assert_eq!(expire(bench, 10).await, Expired::default());
    assert_eq!(remembered(bench, "a").await.as_deref(), Some("c1"));
    bench.clock().advance(INSTANT);
    assert_eq!(remembered(bench, "b").await, None, "also before anybody has expired it");
    assert_eq!(expire(bench, 10).await, Expired { parked: 0, clicks: 1 });
    assert_eq!(remembered(bench, "c").await, None);
    // Told anew it is remembered anew.
    bench.tell("2", "ada", "c1").await;
    bench.clock().advance(CLICK_MEMORY - INSTANT);
    bench.tell("3", "ada", "c2").await;
    bench.clock().advance(INSTANT);
    assert_eq!(expire(bench, 10).await.clicks, 0);
    assert_eq!(remembered(bench, "d").await.as_deref(), Some("c2"));
}

pub(in crate::store) async fn an_event_mapped_again_tells_its_click(bench: &mut impl Bench) {
    let untold = bench.receive("1", vec![]).await;
    let parked = bench.park("2", "ada", "sign-up").await;
    bench.clock().advance(DAY);
    assert!(remap(bench, untold, vec![], "c1").await);
    assert_eq!(bench.states(parked).await, [DeliveryState::Pending]);
    assert_eq!(bench.claim_only().await.body, body_with("c1", "ada", "sign-up"));
    assert!(!remap(bench, untold, vec![], "c2").await, "the same version");
    assert_eq!(remembered(bench, "a").await.as_deref(), Some("c1"));
    // A lead of the same event finds it too.
    let skipped = bench.receive("3", vec![skips()]).await;
    assert!(remap(bench, skipped, vec![parks("ada", "trial")], "c3").await);
    let made = bench.stored(skipped).await.deliveries.remove(1);
    assert_eq!(
        (made.state, made.body),
        (DeliveryState::Pending, Some(body_with("c3", "ada", "trial")))
    );
}

pub(in crate::store) async fn an_event_mapped_again_tells_nothing_newer_than_itself(
    bench: &mut impl Bench,
) {
    let (old, older) = (bench.receive("1", vec![]).await, bench.receive("2", vec![]).await);
    bench.clock().advance(DAY);
    bench.tell("3", "ada", "c3").await;
    assert!(remap(bench, old, vec![], "c1").await);
    assert_eq!(remembered(bench, "a").await.as_deref(), Some("c3"));
    bench.clock().advance(CLICK_MEMORY - DAY);
    let parked = bench.park("4", "eve", "sign-up").await;
    let applied = Applied { outcomes: vec![], clicks: vec![click("eve", "c4")] };
    let remapped = bench.store().remap(older, "v2".to_owned(), applied).await;
    assert!(remapped.expect("mapped again"));
    assert_eq!(bench.states(parked).await, [DeliveryState::Parked], "told thirty days ago");
}

pub(in crate::store) async fn an_unreadable_event_mapped_again_may_only_tell(
    bench: &mut impl Bench,
) {
    let event = new(&bench.record(vec![mapped(unreadable_event("1"), vec![])]).await);
    assert!(remap(bench, event, vec![], "c1").await);
    assert_eq!(bench.stored(event).await.fault, None);
}

pub(in crate::store) async fn after_thirty_days_nothing_is_parked(bench: &mut impl Bench) {
    let parked = bench.park("1", "ada", "sign-up").await;
    bench.clock().advance(CLICK_MEMORY - INSTANT);
    assert_eq!(expire(bench, 10).await, Expired::default());
    bench.clock().advance(INSTANT);
    assert_eq!(expire(bench, 10).await, Expired { parked: 1, clicks: 0 });
    assert_eq!(expire(bench, 10).await, Expired::default());
    let stored = bench.stored(parked).await.deliveries.remove(0);
    assert_eq!((stored.state, stored.due_at), (DeliveryState::Skipped, None));
    assert_eq!(stored.reasons, [Reason::new(Code::NoClickId).detail("waited 30 days for one")]);
    assert_eq!(stored.body, None);
    assert!(!bench.tell("2", "ada", "c1").await.due);
    assert_eq!(bench.states(parked).await, [DeliveryState::Skipped]);
    let before = bench.now();
    bench.clock().advance(DAY);
    let purged = bench.store().purge(before, 10).await.expect("purged");
    assert_eq!(purged.events, 1);
}

pub(in crate::store) async fn what_waited_in_vain_can_be_mapped_again(bench: &mut impl Bench) {
    let parked = bench.park("1", "ada", "sign-up").await;
    assert!(!remap(bench, parked, vec![skips()], "c1").await, "it still waits");
    bench.clock().advance(CLICK_MEMORY);
    expire(bench, 10).await;
    let by_another = MappedEvent {
        mapping_version: "v2".to_owned(),
        ..mapped(event("1"), vec![sends(lead("ada", "sign-up"))])
    };
    let again = bench.record(vec![by_another]).await;
    assert_eq!(again.events, [RecordedEvent::Stale(parked)]);
    assert!(remap(bench, parked, vec![sends(lead("ada", "sign-up"))], "c1").await);
    let states = [DeliveryState::Superseded, DeliveryState::Pending];
    assert_eq!(bench.states(parked).await, states);
}

pub(in crate::store) async fn no_more_expires_than_asked_for(bench: &mut impl Bench) {
    for id in ["a", "b", "c"] {
        bench.park(id, id, "sign-up").await;
        bench.tell(&format!("{id} click"), &format!("{id} else"), "c1").await;
        bench.clock().advance(INSTANT);
    }
    bench.clock().advance(CLICK_MEMORY);
    for expected in [2, 1, 0] {
        let expired = Expired { parked: expected, clicks: expected };
        assert_eq!(expire(bench, 2).await, expired);
    }
}

pub(in crate::store) async fn clicks_survive_a_crash(bench: &mut impl Bench) {
    bench.tell("1", "ada", "c1").await;
    bench.crash().await;
    assert_eq!(remembered(bench, "a").await.as_deref(), Some("c1"));
}
