//! Claiming what is due.

use super::samples::*;
use super::{Bench, START};
use crate::model::{DeliveryState, Effect, History, Lead, Mode, Next, RuleOutcome};
use crate::store::Store;
use std::time::Duration;

pub(in crate::store) async fn the_oldest_due_come_first_and_no_more_than_asked_for(
    bench: &mut impl Bench,
) {
    let mut owed = Vec::new();
    for id in ["a", "b", "c", "d"] {
        owed.push(bench.owe(id, lead(id, "sign-up")).await);
        bench.clock().advance(Duration::from_secs(1));
    }
    let claims = bench.claim(3).await;
    assert_eq!(events_of(&claims), owed[..3]);
    assert!(claims.more && !claims.blocked);
    assert_eq!(claims.next_due_at, None);
    let claims = bench.claim(3).await;
    assert_eq!(events_of(&claims), owed[3..]);
    assert!(!claims.more && !claims.blocked);
    assert_eq!(claims.next_due_at, None);
    let nothing = bench.claim(0).await;
    assert!(nothing.claimed.is_empty() && !nothing.more);
}

pub(in crate::store) async fn what_is_due_later_is_told_and_not_claimed(bench: &mut impl Bench) {
    for (id, seconds) in [("a", 30), ("b", 20)] {
        bench.owe(id, lead(id, "sign-up")).await;
        let claimed = bench.claim_only().await;
        let next = Next::Again { at: start_plus(seconds), spent: Some(Duration::ZERO) };
        bench.conclude(&claimed, next, Effect::None).await;
    }
    let claims = bench.claim(10).await;
    assert!(claims.claimed.is_empty() && !claims.more);
    assert_eq!(claims.next_due_at, Some(start_plus(20)));
    bench.clock().advance(Duration::from_secs(20));
    let claims = bench.claim(10).await;
    assert_eq!(claims.claimed.len(), 1);
    assert_eq!(claims.next_due_at, Some(start_plus(30)));
    bench.clock().advance(Duration::from_secs(10));
    assert_eq!(bench.claim_only().await.attempt_number, 2);
}

pub(in crate::store) async fn destinations_do_not_mix(bench: &mut impl Bench) {
    let elsewhere = RuleOutcome { destination: destination("b"), ..sends(lead("ada", "sign-up")) };
    let event = bench.receive("1", vec![elsewhere, sends(lead("ada", "sign-up"))]).await;
    assert_eq!(bench.claim_only().await.destination, dub());
    let claims = bench.store().claim_due(destination("b"), 10, LEASE).await.expect("claimed");
    assert_eq!(events_of(&claims), [event]);
    assert_eq!(claims.claimed[0].destination, destination("b"));
}

pub(in crate::store) async fn a_claim_carries_what_an_attempt_needs(bench: &mut impl Bench) {
    let deferred = Lead { mode: Mode::Deferred, ..lead("ada", "sign-up") };
    let event = bench.owe("1", deferred.clone()).await;
    let first = bench.claim_only().await;
    assert_eq!((first.event, first.source.as_str()), (event, "clerk"));
    assert_eq!((first.attempt_number, first.spent), (1, Duration::ZERO));
    assert_eq!((first.body.clone(), first.deferred), (deferred.body.clone(), true));
    assert_eq!(first.lease, first.attempt);
    assert_eq!(first.history, History::default());
    assert_eq!(bench.states(event).await, [DeliveryState::Leased]);

    let next = Next::Again { at: START, spent: Some(Duration::from_secs(7)) };
    bench.conclude(&first, next, Effect::None).await;
    let second = bench.claim_only().await;
    assert_eq!(second.delivery, first.delivery);
    assert_eq!((second.attempt_number, second.spent), (2, Duration::from_secs(7)));
    assert_eq!((&second.body, second.deferred), (&deferred.body, true));
    assert_ne!(second.lease, first.lease);
}

pub(in crate::store) async fn nothing_is_claimed_twice(bench: &mut impl Bench) {
    for id in 0..20 {
        bench.owe(&id.to_string(), lead(&id.to_string(), "sign-up")).await;
    }
    let claims = futures_util::future::join_all((0..8).map(|_| bench.claim(4))).await;
    let mut deliveries: Vec<_> =
        claims.iter().flat_map(|claims| &claims.claimed).map(|claimed| claimed.delivery).collect();
    deliveries.sort();
    deliveries.dedup();
    assert_eq!(deliveries.len(), 20);
    assert_eq!(claims.iter().map(|claims| claims.claimed.len()).sum::<usize>(), 20);
}
