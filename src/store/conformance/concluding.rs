//! The end of attempts, in time and late.

use super::samples::*;
use super::{Bench, START};
use crate::diagnostic::Code;
use crate::model::{DeliveryId, DeliveryState, Effect, History, Next, Reason};
use crate::store::{Claimed, Concluded, Store};
use std::time::Duration;

const CLEAN: History = History { recorded: false, marked: false, unknown: false };

fn again_now() -> Next {
    Next::Again { at: START, spent: Some(Duration::ZERO) }
}

pub(in crate::store) async fn a_final_state_is_kept_with_its_reason(bench: &mut impl Bench) {
    let finals = DeliveryState::ALL.iter().copied().filter(|state| state.is_final());
    for state in finals {
        let event = bench.deliver(state.as_str(), lead(state.as_str(), "sign-up"), state).await;
        let stored = bench.stored(event).await.deliveries.remove(0);
        assert_eq!((stored.state, stored.due_at, stored.attempts), (state, None, 1));
        assert_eq!(stored.reasons, [Reason::new(Code::Recorded).detail("as the test says")]);
        assert!(bench.claim(10).await.claimed.is_empty());
    }
}

pub(in crate::store) async fn another_try_is_due_when_it_says(bench: &mut impl Bench) {
    let event = bench.owe("1", lead("ada", "sign-up")).await;
    for number in 1..4 {
        let claimed = bench.claim_only().await;
        assert_eq!(claimed.attempt_number, number);
        assert_eq!(claimed.spent, Duration::from_secs(3) * (number - 1));
        let at = bench.now().plus(Duration::from_secs(3));
        let next = Next::Again { at, spent: Some(Duration::from_secs(3)) };
        assert_eq!(bench.conclude(&claimed, next, Effect::None).await, Concluded::InTime);
        let stored = bench.stored(event).await.deliveries.remove(0);
        assert_eq!((stored.state, stored.due_at), (DeliveryState::Pending, Some(at)));
        assert_eq!(stored.attempts, number);
        assert_eq!(stored.reasons.len(), 1);
        assert!(bench.claim(10).await.claimed.is_empty());
        bench.clock().advance(Duration::from_secs(3));
    }
}

pub(in crate::store) async fn a_try_that_was_not_at_fault_does_not_count(bench: &mut impl Bench) {
    let event = bench.owe("1", lead("ada", "sign-up")).await;
    for _ in 0..3 {
        let claimed = bench.claim_only().await;
        assert_eq!((claimed.attempt_number, claimed.spent), (1, Duration::ZERO));
        let next = Next::Again { at: START, spent: None };
        bench.conclude(&claimed, next, Effect::None).await;
    }
    assert_eq!(bench.stored(event).await.deliveries[0].attempts, 0);
}

/// A claim whose lease has expired, so that another attempt is under way.
async fn overtaken(bench: &impl Bench, id: &str) -> (Claimed, Claimed) {
    bench.owe(id, lead(id, "sign-up")).await;
    let first = bench.claim_only().await;
    bench.clock().advance(LEASE);
    (first, bench.claim_only().await)
}

pub(in crate::store) async fn a_late_conclusion_changes_no_state(bench: &mut impl Bench) {
    let (late, current) = overtaken(bench, "1").await;
    let rejected = Next::Final(DeliveryState::Rejected);
    assert_eq!(bench.conclude(&late, rejected, Effect::None).await, Concluded::Late);
    assert_eq!(bench.conclude(&late, again_now(), Effect::None).await, Concluded::Late);
    assert_eq!(bench.states(late.event).await, [DeliveryState::Leased]);
    assert_eq!(bench.settle(&current, DeliveryState::Dead).await, Concluded::InTime);
    assert_eq!(bench.conclude(&late, rejected, Effect::None).await, Concluded::Late);
    assert_eq!(bench.states(late.event).await, [DeliveryState::Dead]);

    let nobody = Claimed { delivery: DeliveryId::new(START), ..late };
    assert_eq!(bench.settle(&nobody, DeliveryState::Tracked).await, Concluded::Late);
}

pub(in crate::store) async fn a_late_conclusion_is_history(bench: &mut impl Bench) {
    let (late, current) = overtaken(bench, "1").await;
    assert_eq!(current.history, History { unknown: true, ..CLEAN });
    bench.conclude(&late, again_now(), Effect::None).await;
    bench.conclude(&current, again_now(), Effect::None).await;
    let third = bench.claim_only().await;
    assert_eq!(third.history, CLEAN, "what was unknown is known now");
    bench.conclude(&late, again_now(), Effect::Marked).await;
    bench.conclude(&third, again_now(), Effect::None).await;
    assert_eq!(bench.claim_only().await.history, History { marked: true, ..CLEAN });
}

pub(in crate::store) async fn a_late_recording_wins(bench: &mut impl Bench) {
    for state in [DeliveryState::Dead, DeliveryState::ProbablyTracked, DeliveryState::Swallowed] {
        let (late, current) = overtaken(bench, state.as_str()).await;
        bench.settle(&current, state).await;
        assert_eq!(bench.settle(&late, DeliveryState::Tracked).await, Concluded::Late);
        assert_eq!(bench.states(late.event).await, [DeliveryState::Tracked]);
    }
    let (late, current) = overtaken(bench, "pending").await;
    bench.conclude(&current, again_now(), Effect::None).await;
    bench.settle(&late, DeliveryState::Tracked).await;
    assert_eq!(bench.states(late.event).await, [DeliveryState::Tracked]);
    assert!(bench.claim(10).await.claimed.is_empty());
}

pub(in crate::store) async fn a_late_recording_wins_over_a_lease(bench: &mut impl Bench) {
    let (late, current) = overtaken(bench, "ada").await;
    let next_of_pair = bench.owe("2", lead("ada", "sign-up")).await;
    assert!(bench.claim(10).await.blocked);
    assert_eq!(bench.settle(&late, DeliveryState::Tracked).await, Concluded::Late);
    assert_eq!(bench.states(late.event).await, [DeliveryState::Tracked]);
    let dead = Next::Final(DeliveryState::Dead);
    assert_eq!(bench.conclude(&current, dead, Effect::Unknown).await, Concluded::Late);
    assert_eq!(bench.states(late.event).await, [DeliveryState::Tracked]);
    let claims = bench.claim(10).await;
    assert!(claims.claimed.is_empty() && !claims.blocked);
    assert_eq!(bench.states(next_of_pair).await, [DeliveryState::RecordedBefore]);
}

pub(in crate::store) async fn a_conclusion_counts_once(bench: &mut impl Bench) {
    let event = bench.owe("1", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    assert_eq!(bench.settle(&claimed, DeliveryState::Tracked).await, Concluded::InTime);
    assert_eq!(bench.settle(&claimed, DeliveryState::Tracked).await, Concluded::Late);
    let stored = bench.stored(event).await.deliveries.remove(0);
    assert_eq!((stored.state, stored.attempts), (DeliveryState::Tracked, 1));
}

pub(in crate::store) async fn a_next_state_that_is_none_is_refused(bench: &mut impl Bench) {
    let event = bench.owe("1", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    for state in [DeliveryState::Pending, DeliveryState::Leased, DeliveryState::Parked] {
        let wrong = conclusion(bench.clock(), &claimed, Next::Final(state), Effect::None);
        assert!(bench.store().conclude(wrong).await.is_err());
        assert_eq!(bench.states(event).await, [DeliveryState::Leased]);
    }
    assert_eq!(bench.settle(&claimed, DeliveryState::Tracked).await, Concluded::InTime);
}

pub(in crate::store) async fn the_history_of_a_pair_is_that_of_all_its_deliveries(
    bench: &mut impl Bench,
) {
    let finals = [
        ("none", Effect::None, CLEAN),
        ("marked", Effect::Marked, History { marked: true, ..CLEAN }),
        ("unknown", Effect::Unknown, History { unknown: true, ..CLEAN }),
    ];
    for (customer, effect, expected) in finals {
        bench.owe(customer, lead(customer, "sign-up")).await;
        let first = bench.claim_only().await;
        bench.conclude(&first, Next::Final(DeliveryState::Dead), effect).await;
        bench.owe(&format!("{customer} again"), lead(customer, "sign-up")).await;
        let second = bench.claim_only().await;
        assert_eq!(second.history, expected, "{effect:?}");
        assert_eq!(second.attempt_number, 1);
        bench.settle(&second, DeliveryState::Dead).await;
        bench.owe(&format!("{customer} else"), lead(customer, "trial")).await;
        let other = bench.claim_only().await;
        assert_eq!(other.history, CLEAN, "another event name");
        bench.settle(&other, DeliveryState::Dead).await;
    }
    bench.deliver("recorded", lead("ada", "sign-up"), DeliveryState::Tracked).await;
    let mut per_event = sends(lead("ada", "sign-up"));
    per_event.once = crate::model::Once::Event;
    bench.receive("recorded again", vec![per_event]).await;
    assert_eq!(bench.claim_only().await.history, History { recorded: true, ..CLEAN });
}

pub(in crate::store) async fn a_mark_is_history_for_seven_days(bench: &mut impl Bench) {
    bench.owe("1", lead("ada", "sign-up")).await;
    let marked = bench.claim_only().await;
    bench.conclude(&marked, Next::Final(DeliveryState::Rejected), Effect::Marked).await;
    bench.clock().advance(7 * DAY - Duration::from_millis(1));
    bench.owe("2", lead("ada", "sign-up")).await;
    let second = bench.claim_only().await;
    assert!(second.history.marked);
    bench.conclude(&second, again_now(), Effect::None).await;
    bench.clock().advance(Duration::from_millis(1));
    assert_eq!(bench.claim_only().await.history, CLEAN);
}

pub(in crate::store) async fn a_recording_is_history_for_seven_days(bench: &mut impl Bench) {
    bench.deliver("1", lead("ada", "sign-up"), DeliveryState::Tracked).await;
    bench.clock().advance(7 * DAY - Duration::from_millis(1));
    let mut per_event = sends(lead("ada", "sign-up"));
    per_event.once = crate::model::Once::Event;
    bench.receive("2", vec![per_event]).await;
    let second = bench.claim_only().await;
    assert!(second.history.recorded);
    // Behind the mark of this attempt, a later `link: null` must not pass for a duplicate.
    bench.conclude(&second, again_now(), Effect::Marked).await;
    bench.clock().advance(Duration::from_millis(1));
    assert_eq!(bench.claim_only().await.history, History { marked: true, ..CLEAN });
}

pub(in crate::store) async fn what_the_destination_may_have_forgotten_is_told(
    bench: &mut impl Bench,
) {
    bench.owe("1", lead("ada", "sign-up")).await;
    let lost = bench.claim_only().await;
    bench.conclude(&lost, again_now(), Effect::Unknown).await;
    bench.clock().advance(7 * DAY - Duration::from_millis(1));
    let second = bench.claim_only().await;
    assert!(!second.forgotten);
    bench.conclude(&second, again_now(), Effect::None).await;
    bench.clock().advance(Duration::from_millis(1));
    let third = bench.claim_only().await;
    assert!(third.forgotten);
    bench.settle(&third, DeliveryState::Dead).await;
    bench.owe("2", lead("ada", "sign-up")).await;
    assert!(!bench.claim_only().await.forgotten, "another delivery is another lead");
}
