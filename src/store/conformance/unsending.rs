//! The ledger: what must not be sent again.

use super::Bench;
use super::samples::*;
use crate::diagnostic::Code;
use crate::model::{DeliveryState, EventId, Once, Reason, RuleOutcome};
use crate::store::{Concluded, Store};
use std::time::Duration;

async fn owe_once(bench: &impl Bench, id: &str, once: Once) -> EventId {
    bench.receive(id, vec![RuleOutcome { once, ..sends(lead("ada", "sign-up")) }]).await
}

pub(in crate::store) async fn what_is_recorded_is_not_sent_again(bench: &mut impl Bench) {
    use DeliveryState::{Duplicate, ProbablyTracked, Tracked};
    for state in [Tracked, Duplicate, ProbablyTracked] {
        let customer = state.as_str();
        bench.deliver(customer, lead(customer, "sign-up"), state).await;
        bench.clock().advance(1_000 * DAY);
        let again = bench.owe(&format!("{customer} again"), lead(customer, "sign-up")).await;
        let stored = bench.stored(again).await.deliveries.remove(0);
        assert_eq!(stored.state, DeliveryState::RecordedBefore, "after {state}");
        assert_eq!(stored.reasons, [Reason::new(Code::RecordedBefore)]);
        assert!(bench.claim(10).await.claimed.is_empty());
        bench.deliver(&format!("{customer} else"), lead(customer, "trial"), state).await;
    }
}

pub(in crate::store) async fn what_is_not_recorded_is_sent_again(bench: &mut impl Bench) {
    use DeliveryState::{CustomerCreated, Dead, Discarded, Rejected, Swallowed};
    for state in [CustomerCreated, Rejected, Dead, Swallowed, Discarded] {
        let customer = state.as_str();
        bench.deliver(customer, lead(customer, "sign-up"), state).await;
        let again = format!("{customer} again");
        bench.deliver(&again, lead(customer, "sign-up"), DeliveryState::Tracked).await;
    }
}

pub(in crate::store) async fn what_was_recorded_meanwhile_is_not_claimed(bench: &mut impl Bench) {
    bench.owe("1", lead("ada", "sign-up")).await;
    let second = bench.owe("2", lead("ada", "sign-up")).await;
    let third = bench.owe("3", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    bench.settle(&claimed, DeliveryState::Tracked).await;
    assert_eq!(bench.states(second).await, [DeliveryState::Pending]);
    let claims = bench.claim(10).await;
    assert!(claims.claimed.is_empty() && !claims.more && !claims.blocked);
    for event in [second, third] {
        let stored = bench.stored(event).await.deliveries.remove(0);
        assert_eq!((stored.state, stored.due_at), (DeliveryState::RecordedBefore, None));
        assert_eq!(stored.reasons, [Reason::new(Code::RecordedBefore)]);
    }
}

pub(in crate::store) async fn once_for_a_time_is_counted_from_the_last_recording(
    bench: &mut impl Bench,
) {
    let weekly = Once::For(7 * DAY);
    for id in ["1", "2"] {
        owe_once(bench, id, weekly).await;
        let claimed = bench.claim_only().await;
        bench.settle(&claimed, DeliveryState::Tracked).await;
        bench.clock().advance(7 * DAY - Duration::from_millis(1));
        let early = owe_once(bench, &format!("{id} early"), weekly).await;
        assert_eq!(bench.states(early).await, [DeliveryState::RecordedBefore]);
        bench.clock().advance(Duration::from_millis(1));
    }
    let forever = owe_once(bench, "3", Once::Forever).await;
    assert_eq!(bench.states(forever).await, [DeliveryState::RecordedBefore]);
}

pub(in crate::store) async fn once_per_event_sends_the_pair_again(bench: &mut impl Bench) {
    for id in ["1", "2", "3"] {
        owe_once(bench, id, Once::Event).await;
    }
    for _ in 0..3 {
        let claimed = bench.claim_only().await;
        assert_eq!(bench.settle(&claimed, DeliveryState::Tracked).await, Concluded::InTime);
    }
}

pub(in crate::store) async fn the_same_event_and_rule_are_never_sent_again(bench: &mut impl Bench) {
    // As after the event name of a rule was changed: neither pair is that of the other.
    let names = ["sign-up", "signed-up"];
    let owed = names.map(|name| RuleOutcome { once: Once::Event, ..sends(lead("ada", name)) });
    let event = bench.receive("1", owed.to_vec()).await;
    let mut claims = bench.claim(1).await;
    bench.settle(&claims.claimed.remove(0), DeliveryState::Tracked).await;
    assert!(bench.claim(10).await.claimed.is_empty());
    let states = [DeliveryState::Tracked, DeliveryState::RecordedBefore];
    assert_eq!(bench.states(event).await, states);
}

pub(in crate::store) async fn the_ledger_is_of_one_destination(bench: &mut impl Bench) {
    bench.deliver("1", lead("ada", "sign-up"), DeliveryState::Tracked).await;
    let elsewhere = RuleOutcome { destination: destination("b"), ..sends(lead("ada", "sign-up")) };
    let event = bench.receive("2", vec![elsewhere]).await;
    let claims = bench.store().claim_due(destination("b"), 10, LEASE).await.expect("claimed");
    assert_eq!(events_of(&claims), [event]);
    assert!(!claims.claimed[0].history.recorded);
}

pub(in crate::store) async fn a_late_recording_is_in_the_ledger(bench: &mut impl Bench) {
    bench.owe("1", lead("ada", "sign-up")).await;
    let late = bench.claim_only().await;
    bench.clock().advance(LEASE);
    let current = bench.claim_only().await;
    bench.settle(&current, DeliveryState::Dead).await;
    assert_eq!(bench.settle(&late, DeliveryState::Tracked).await, Concluded::Late);
    let again = bench.owe("2", lead("ada", "sign-up")).await;
    assert_eq!(bench.states(again).await, [DeliveryState::RecordedBefore]);
}
