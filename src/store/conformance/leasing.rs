//! Leases: given, expired, lost in a crash, given back.

use super::samples::*;
use super::{Bench, START};
use crate::model::{AttemptId, DeliveryState, Effect, History, Next};
use crate::store::{Recorded, Recording, Store};
use std::time::Duration;

async fn record_leasing(bench: &impl Bench, recording: Recording, leases: usize) -> Recorded {
    bench.store().record(Recording { leases, ..recording }).await.expect("recorded")
}

pub(in crate::store) async fn a_recording_leases_as_many_as_asked_for(bench: &mut impl Bench) {
    let owed = ["a", "b", "c"].map(|id| mapped(event(id), vec![sends(lead(id, "sign-up"))]));
    let recorded = record_leasing(bench, recording("clerk", owed.to_vec(), START), 2).await;
    assert!(recorded.due);
    let [first, second] = &recorded.leased[..] else { panic!("{recorded:?}") };
    assert_eq!((first.attempt_number, first.spent), (1, Duration::ZERO));
    assert_eq!(first.history, History::default());
    assert_eq!(first.body, lead("a", "sign-up").body);
    assert_eq!(bench.claim_only().await.body, lead("c", "sign-up").body);
    for claimed in [first, second] {
        bench.settle(claimed, DeliveryState::Tracked).await;
        assert_eq!(bench.states(claimed.event).await, [DeliveryState::Tracked]);
    }
}

pub(in crate::store) async fn a_recording_leases_only_what_may_go(bench: &mut impl Bench) {
    let both = vec![sends(lead("ada", "sign-up")), sends(lead("ada", "sign-up"))];
    let pair = recording("clerk", vec![mapped(event("1"), both)], START);
    let recorded = record_leasing(bench, pair, 9).await;
    assert_eq!((recorded.leased.len(), recorded.due), (1, true));
    let waits = vec![sends(lead_without_click("ada", "trial"))];
    let waits = recording("clerk", vec![mapped(event("2"), waits)], START);
    let recorded = record_leasing(bench, waits, 9).await;
    assert_eq!((recorded.leased.len(), recorded.due), (0, true));
    let skipped = recording("clerk", vec![mapped(event("3"), vec![skips()])], START);
    let recorded = record_leasing(bench, skipped, 9).await;
    assert_eq!((recorded.leased.len(), recorded.due), (0, false));
}

pub(in crate::store) async fn an_expired_lease_makes_the_delivery_due_again(
    bench: &mut impl Bench,
) {
    let event = bench.owe("1", lead("ada", "sign-up")).await;
    let lost = bench.claim_only().await;
    bench.clock().advance(LEASE);
    let again = bench.claim_only().await;
    assert_eq!((again.event, again.delivery), (event, lost.delivery));
    assert_ne!(again.lease, lost.lease);
    assert_eq!((again.attempt_number, again.spent), (2, LEASE));
    assert_eq!(again.history, History { unknown: true, ..History::default() });
    assert_eq!(bench.stored(event).await.deliveries[0].attempts, 1);
}

pub(in crate::store) async fn a_lease_holds_until_its_end(bench: &mut impl Bench) {
    bench.owe("1", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    bench.clock().advance(LEASE - Duration::from_millis(1));
    assert!(bench.claim(10).await.claimed.is_empty());
    // Nobody took it meanwhile, so it is not late even after the end.
    bench.clock().advance(LEASE);
    let concluded = bench.settle(&claimed, DeliveryState::Tracked).await;
    assert_eq!(concluded, crate::store::Concluded::InTime);
}

pub(in crate::store) async fn a_crash_gives_the_work_back(bench: &mut impl Bench) {
    let owed = recording(
        "clerk",
        vec![mapped(event("1"), vec![sends(lead("ada", "sign-up"))])],
        bench.now(),
    );
    let handed_over = record_leasing(bench, owed, 1).await.leased.remove(0);
    bench.owe("2", lead("bob", "sign-up")).await;
    let claimed = bench.claim_only().await;
    bench.crash().await;
    // A store of several owners can't know sooner that the holder is dead.
    bench.clock().advance(LEASE);
    let claims = bench.claim(10).await;
    assert_eq!(events_of(&claims), [handed_over.event, claimed.event]);
    assert!(claims.claimed.iter().all(|claimed| claimed.history.unknown));
}

pub(in crate::store) async fn what_is_given_back_is_due_at_once_and_was_never_tried(
    bench: &mut impl Bench,
) {
    let event = bench.owe("1", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    let again = Next::Again { at: START, spent: Some(Duration::from_secs(3)) };
    bench.conclude(&claimed, again, Effect::None).await;
    let claimed = bench.claim_only().await;
    bench.clock().advance(Duration::from_secs(1));
    let lease = (claimed.delivery, claimed.lease);
    bench.store().give_back(vec![lease]).await.expect("given back");
    assert_eq!(bench.stored(event).await.deliveries[0].due_at, Some(bench.now()));
    let again = bench.claim_only().await;
    assert_eq!((again.attempt_number, again.spent), (2, Duration::from_secs(3)));
    assert_eq!(again.history, History::default());
}

pub(in crate::store) async fn giving_back_needs_the_token(bench: &mut impl Bench) {
    let event = bench.owe("1", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    let wrong = vec![(claimed.delivery, AttemptId::new(START))];
    bench.store().give_back(wrong).await.expect("nothing to give back");
    assert_eq!(bench.states(event).await, [DeliveryState::Leased]);
    bench.settle(&claimed, DeliveryState::Tracked).await;
    let done = vec![(claimed.delivery, claimed.lease)];
    bench.store().give_back(done).await.expect("nothing to give back");
    assert_eq!(bench.states(event).await, [DeliveryState::Tracked]);
}
