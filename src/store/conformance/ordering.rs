//! Who waits for whom.

use super::samples::*;
use super::{Bench, START};
use crate::model::{DeliveryState, Effect, Next, RuleOutcome};
use crate::store::{Claimed, Store};
use std::collections::HashSet;
use std::time::Duration;

fn later(seconds: u64) -> Next {
    Next::Again { at: start_plus(seconds), spent: Some(Duration::ZERO) }
}

pub(in crate::store) async fn one_of_a_pair_goes_at_a_time(bench: &mut impl Bench) {
    let first = bench.owe("1", lead("ada", "sign-up")).await;
    let second = bench.owe("2", lead("ada", "sign-up")).await;
    let claims = bench.claim(10).await;
    assert_eq!(events_of(&claims), [first]);
    assert!(claims.blocked && !claims.more);
    assert_eq!(claims.next_due_at, None);
    let nothing = bench.claim(10).await;
    assert!(nothing.claimed.is_empty() && nothing.blocked && !nothing.more);
    bench.settle(&claims.claimed[0], DeliveryState::Rejected).await;
    let claims = bench.claim(10).await;
    assert_eq!(events_of(&claims), [second]);
    assert!(!claims.blocked);
}

pub(in crate::store) async fn a_pair_is_a_customer_and_a_name_at_a_destination(
    bench: &mut impl Bench,
) {
    bench.owe("1", lead("ada", "sign-up")).await;
    bench.owe("2", lead("ada", "trial")).await;
    bench.owe("3", lead("bob", "sign-up")).await;
    assert_eq!(bench.claim(10).await.claimed.len(), 3);
    let elsewhere = RuleOutcome { destination: destination("b"), ..sends(lead("ada", "sign-up")) };
    bench.receive("4", vec![elsewhere]).await;
    let claims = bench.store().claim_due(destination("b"), 10, LEASE).await.expect("claimed");
    assert_eq!(claims.claimed.len(), 1);
}

pub(in crate::store) async fn whatever_ends_a_lease_lets_the_next_of_the_pair_go(
    bench: &mut impl Bench,
) {
    let mut owed = Vec::new();
    for id in ["1", "2", "3", "4"] {
        owed.push(bench.owe(id, lead("ada", "sign-up")).await);
    }
    let mut left: HashSet<_> = owed[1..].iter().copied().collect();
    let first = bench.claim_only().await;
    bench.conclude(&first, later(1_000), Effect::None).await;
    let second = bench.claim_only().await;
    assert_eq!(second.event, owed[1], "after one was put off");
    bench.clock().advance(LEASE);
    let third = bench.claim_only().await;
    assert_eq!(third.event, owed[2], "after a lease has expired");
    let lease = (third.delivery, third.lease);
    bench.store().give_back(vec![lease]).await.expect("given back");
    for _ in 0..3 {
        let claimed = bench.claim_only().await;
        assert!(left.remove(&claimed.event), "after one was given back or has ended");
        bench.settle(&claimed, DeliveryState::Dead).await;
    }
}

pub(in crate::store) async fn without_a_click_it_waits_for_earlier_ones(bench: &mut impl Bench) {
    let with_click = bench.owe("1", lead("ada", "sign-up")).await;
    let without = bench.owe("2", lead_without_click("ada", "trial")).await;
    let claims = bench.claim(10).await;
    assert_eq!(events_of(&claims), [with_click]);
    assert!(claims.blocked);
    bench.conclude(&claims.claimed[0], later(5), Effect::None).await;
    let claims = bench.claim(10).await;
    assert!(claims.claimed.is_empty() && claims.blocked && !claims.more);
    assert_eq!(claims.next_due_at, Some(start_plus(5)));
    bench.clock().advance(Duration::from_secs(5));
    let again = bench.claim_only().await;
    assert_eq!(again.event, with_click);
    bench.settle(&again, DeliveryState::Tracked).await;
    assert_eq!(bench.claim_only().await.event, without);
}

pub(in crate::store) async fn without_a_click_it_does_not_wait_for_later_ones_or_others(
    bench: &mut impl Bench,
) {
    let earlier = RuleOutcome { destination: destination("b"), ..sends(lead("ada", "sign-up")) };
    bench.receive("1", vec![earlier]).await;
    bench.owe("2", lead("bob", "sign-up")).await;
    let skipped = bench.receive("3", vec![skips()]).await;
    let without = bench.owe("4", lead_without_click("ada", "trial")).await;
    bench.owe("5", lead("ada", "sign-up")).await;
    assert!(events_of(&bench.claim(10).await).contains(&without));
    assert_eq!(bench.states(skipped).await, [DeliveryState::Skipped]);
}

pub(in crate::store) async fn with_a_click_it_goes_freely(bench: &mut impl Bench) {
    let first = bench.owe("1", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    assert_eq!(claimed.event, first);
    bench.conclude(&claimed, later(5), Effect::None).await;
    let with_click = bench.owe("2", lead("ada", "trial")).await;
    assert_eq!(bench.claim_only().await.event, with_click);
}

pub(in crate::store) async fn one_that_waits_for_its_customer_does_not_hold_its_pair(
    bench: &mut impl Bench,
) {
    bench.owe("1", lead("ada", "trial")).await;
    let claimed = bench.claim_only().await;
    bench.conclude(&claimed, later(1_000), Effect::None).await;
    let leased = bench.owe("2", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    assert_eq!(claimed.event, leased);
    let without = bench.owe("3", lead_without_click("ada", "sign-up")).await;
    let with_click = bench.owe("4", lead("ada", "sign-up")).await;
    assert!(bench.claim(10).await.claimed.is_empty());
    bench.settle(&claimed, DeliveryState::Rejected).await;
    let claimed = bench.claim_only().await;
    assert_eq!(claimed.event, with_click);
    bench.settle(&claimed, DeliveryState::Rejected).await;
    assert!(bench.claim(10).await.claimed.is_empty());
    bench.clock().advance(Duration::from_secs(1_000));
    let claimed = bench.claim_only().await;
    bench.settle(&claimed, DeliveryState::Rejected).await;
    assert_eq!(bench.claim_only().await.event, without);
}

pub(in crate::store) async fn many_that_wait_neither_starve_others_nor_get_lost(
    bench: &mut impl Bench,
) {
    const MANY: usize = 700;
    let owed = |id: usize, lead| mapped(event(&id.to_string()), vec![sends(lead)]);
    bench.record((0..MANY).map(|id| owed(id, lead("ada", "sign-up"))).collect()).await;
    let other = bench.owe("other", lead("bob", "sign-up")).await;
    let mut done = HashSet::new();
    let mut under_way: Vec<Claimed> = Vec::new();
    // A look ahead of bounded length may take several calls to pass all that wait, once.
    for _ in 0..10 {
        under_way.extend(bench.claim(2).await.claimed);
    }
    assert!(under_way.iter().any(|claimed| claimed.event == other));
    assert_eq!(under_way.len(), 2);
    while let Some(claimed) = under_way.pop() {
        bench.settle(&claimed, DeliveryState::Rejected).await;
        assert!(done.insert(claimed.delivery));
        let claims = bench.claim(2).await;
        assert!(!claims.more);
        under_way.extend(claims.claimed);
        assert!(under_way.len() <= 2);
    }
    assert_eq!(done.len(), MANY + 1);
    assert_eq!(bench.now(), START);
}
