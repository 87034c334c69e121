//! Leads that wait for their click id, and what makes them due.

use super::samples::*;
use super::{Bench, START};
use crate::diagnostic::Code;
use crate::model::{
    Applied, DeliveryState, Effect, EventId, Mode, Next, Once, Reason, RuleOutcome, Translation,
};
use crate::store::{MappedEvent, RecordedEvent, Recording, Store};
use std::collections::HashSet;
use std::time::Duration;

/// Claims the only delivery that is due, which must be of this event and body.
async fn claim_of(bench: &impl Bench, event: EventId, click_id: &str) {
    let claimed = bench.claim_only().await;
    assert_eq!(claimed.event, event);
    assert_eq!(claimed.body, body_with(click_id, "ada", "sign-up"));
    bench.settle(&claimed, DeliveryState::Rejected).await;
}

pub(in crate::store) async fn a_lead_without_its_click_id_is_parked(bench: &mut impl Bench) {
    let recorded = bench.record(vec![mapped(event("1"), vec![parks("ada", "sign-up")])]).await;
    assert!(!recorded.due && recorded.leased.is_empty());
    let stored = bench.stored(new(&recorded)).await.deliveries.remove(0);
    assert_eq!((stored.state, stored.due_at), (DeliveryState::Parked, None));
    assert_eq!(stored.reasons, [Reason::new(Code::NoClickId)]);
    assert_eq!(stored.body, Some(lead("ada", "sign-up").body));
    let claims = bench.claim(10).await;
    assert!(claims.claimed.is_empty() && !claims.more && !claims.blocked);
    assert_eq!(claims.next_due_at, None);
}

pub(in crate::store) async fn a_click_that_comes_later_makes_it_due(bench: &mut impl Bench) {
    let parked = bench.park("1", "ada", "sign-up").await;
    bench.clock().advance(DAY);
    assert!(bench.tell("2", "ada", "c1").await.due);
    let stored = bench.stored(parked).await.deliveries.remove(0);
    assert_eq!((stored.state, stored.due_at), (DeliveryState::Pending, Some(bench.now())));
    assert_eq!((stored.reasons, stored.attempts), (vec![], 0));
    claim_of(bench, parked, "c1").await;
    assert!(!bench.tell("3", "ada", "c2").await.due, "nothing is left to make due");
    assert_eq!(bench.states(parked).await, [DeliveryState::Rejected]);
}

pub(in crate::store) async fn a_click_that_came_before_makes_it_due_at_once(
    bench: &mut impl Bench,
) {
    assert!(!bench.tell("1", "ada", "c1").await.due);
    bench.clock().advance(DAY);
    let recorded = bench.record(vec![mapped(event("2"), vec![parks("ada", "sign-up")])]).await;
    assert!(recorded.due);
    claim_of(bench, new(&recorded), "c1").await;
    let owed = vec![mapped(event("3"), vec![parks("ada", "sign-up")])];
    let leasing = Recording { leases: 1, ..recording("clerk", owed, bench.now()) };
    let leased = bench.store().record(leasing).await.expect("recorded").leased.remove(0);
    assert_eq!(leased.body, body_with("c1", "ada", "sign-up"));
}

pub(in crate::store) async fn both_orders_hold_within_one_recording(bench: &mut impl Bench) {
    let tells = |id: &str, customer: &str| telling(event(id), vec![click(customer, "c1")]);
    let owes = |id: &str, customer: &str| mapped(event(id), vec![parks(customer, "sign-up")]);
    let mut of_itself = owes("5", "eve");
    of_itself.applied.clicks = vec![click("eve", "c1")];
    let all =
        vec![owes("1", "ada"), tells("2", "ada"), tells("3", "bob"), owes("4", "bob"), of_itself];
    let recorded = bench.record(all).await;
    assert!(recorded.due && recorded.leased.is_empty());
    let bodies: Vec<_> = bench.claim(10).await.claimed.into_iter().map(|it| it.body).collect();
    assert_eq!(bodies, ["ada", "bob", "eve"].map(|it| body_with("c1", it, "sign-up")));
}

pub(in crate::store) async fn the_bytes_are_those_of_the_click_that_made_it_due(
    bench: &mut impl Bench,
) {
    let parked = bench.park("1", "ada", "sign-up").await;
    bench.tell("2", "ada", "c\u{1f600}\"\\\n1").await;
    bench.tell("3", "ada", "c2").await;
    let claimed = bench.claim_only().await;
    assert_eq!(claimed.event, parked);
    assert_eq!(claimed.body, body_with("c\u{1f600}\"\\\n1", "ada", "sign-up"));
    let again = Next::Again { at: START, spent: Some(Duration::ZERO) };
    bench.conclude(&claimed, again, Effect::None).await;
    bench.tell("4", "ada", "c3").await;
    assert_eq!(bench.claim_only().await.body, claimed.body);
}

pub(in crate::store) async fn a_click_is_of_one_customer_at_every_destination(
    bench: &mut impl Bench,
) {
    let elsewhere = RuleOutcome { destination: destination("b"), ..parks("ada", "sign-up") };
    let both = bench.receive("1", vec![elsewhere, parks("ada", "sign-up")]).await;
    let other = bench.park("2", "bob", "sign-up").await;
    bench.tell("3", "ada", "c1").await;
    assert_eq!(bench.states(other).await, [DeliveryState::Parked]);
    assert_eq!(bench.states(both).await, [DeliveryState::Pending; 2]);
    claim_of(bench, both, "c1").await;
    let claims = bench.store().claim_due(destination("b"), 10, LEASE).await.expect("claimed");
    assert_eq!(events_of(&claims), [both]);
}

pub(in crate::store) async fn what_a_lead_says_of_itself_outlives_the_wait(bench: &mut impl Bench) {
    let mut deferred = lead_without_click("ada", "sign-up");
    deferred.mode = Mode::Deferred;
    deferred.warnings = vec![Reason::of_field(Code::FieldTruncated, "customerName")];
    let parked = outcome("sign-up", Translation::Parked(Box::new(deferred)));
    let parked = RuleOutcome { once: Once::Event, ..parked };
    for id in ["1", "2"] {
        let event = bench.receive(id, vec![parked.clone()]).await;
        bench.tell(&format!("{id} click"), "ada", "c1").await;
        let stored = bench.stored(event).await.deliveries.remove(0);
        assert_eq!(stored.warnings.len(), 1);
        // Sent once per event: the other one of the pair does not hold it back.
        let claimed = bench.claim_only().await;
        assert!(claimed.deferred);
        assert_eq!(claimed.mapping_version, "v1");
        bench.settle(&claimed, DeliveryState::Tracked).await;
    }
}

pub(in crate::store) async fn what_is_parked_holds_up_nobody(bench: &mut impl Bench) {
    let parked = bench.park("1", "ada", "sign-up").await;
    let without = bench.owe("2", lead_without_click("ada", "trial")).await;
    let same_pair = bench.owe("3", lead("ada", "sign-up")).await;
    let claims = bench.claim(10).await;
    assert_eq!(events_of(&claims), [without, same_pair]);
    for claimed in &claims.claimed {
        bench.settle(claimed, DeliveryState::Rejected).await;
    }
    bench.tell("4", "ada", "c1").await;
    claim_of(bench, parked, "c1").await;
}

pub(in crate::store) async fn what_is_due_again_has_its_place(bench: &mut impl Bench) {
    let parked = bench.park("1", "ada", "sign-up").await;
    let first = bench.owe("2", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    assert_eq!(claimed.event, first);
    bench.tell("3", "ada", "c1").await;
    let without = bench.owe("4", lead_without_click("ada", "trial")).await;
    let waiting = bench.claim(10).await;
    assert!(waiting.claimed.is_empty() && waiting.blocked, "for its pair, and for its customer");
    bench.settle(&claimed, DeliveryState::Rejected).await;
    claim_of(bench, parked, "c1").await;
    assert_eq!(bench.claim_only().await.event, without);
}

pub(in crate::store) async fn what_the_ledger_has_is_not_parked(bench: &mut impl Bench) {
    bench.deliver("1", lead("ada", "sign-up"), DeliveryState::Tracked).await;
    let known = bench.park("2", "ada", "sign-up").await;
    assert_eq!(bench.states(known).await, [DeliveryState::RecordedBefore]);
    let other = bench.park("3", "ada", "trial").await;
    assert_eq!(bench.states(other).await, [DeliveryState::Parked]);
}

pub(in crate::store) async fn what_the_ledger_has_by_then_is_not_sent(bench: &mut impl Bench) {
    let parked = bench.park("1", "ada", "sign-up").await;
    bench.deliver("2", lead("ada", "sign-up"), DeliveryState::Tracked).await;
    assert!(!bench.tell("3", "ada", "c1").await.due);
    let stored = bench.stored(parked).await.deliveries.remove(0);
    assert_eq!((stored.state, stored.due_at), (DeliveryState::RecordedBefore, None));
    assert_eq!(stored.reasons, [Reason::new(Code::RecordedBefore)]);

    let two = [bench.park("4", "bob", "sign-up").await, bench.park("5", "bob", "sign-up").await];
    bench.tell("6", "bob", "c1").await;
    let claimed = bench.claim_only().await;
    assert_eq!(claimed.event, two[0]);
    bench.settle(&claimed, DeliveryState::Tracked).await;
    assert!(bench.claim(10).await.claimed.is_empty());
    assert_eq!(bench.states(two[1]).await, [DeliveryState::RecordedBefore]);
}

pub(in crate::store) async fn more_than_one_write_makes_due_are_all_made_due(
    bench: &mut impl Bench,
) {
    const MANY: usize = 700;
    let owed = |n: usize| mapped(event(&n.to_string()), vec![parks("ada", &n.to_string())]);
    bench.record((0..MANY).map(owed).collect()).await;
    assert!(bench.tell("click", "ada", "c1").await.due);
    let counts = bench.store().count_by_state().await.expect("counted");
    assert!(counts.iter().all(|(_, count)| *count < MANY as u64), "a limit holds: {counts:?}");
    // A crash does not lose what is left to do.
    bench.crash().await;
    bench.clock().advance(Duration::from_secs(1));
    let mut claimed = HashSet::new();
    let mut calls = 0;
    loop {
        let claims = bench.claim(256).await;
        claimed.extend(claims.claimed.iter().map(|it| it.delivery));
        calls += 1;
        assert!(calls < 20);
        if !claims.more {
            break;
        }
    }
    assert_eq!(claimed.len(), MANY);
}

pub(in crate::store) async fn what_is_parked_is_not_stale(bench: &mut impl Bench) {
    let by_another =
        |outcomes| MappedEvent { mapping_version: "v2".to_owned(), ..mapped(event("1"), outcomes) };
    let parked = bench.park("1", "ada", "sign-up").await;
    let again = bench.record(vec![by_another(vec![sends(lead("ada", "sign-up"))])]).await;
    assert_eq!(again.events, [RecordedEvent::Known(parked)]);
    assert_eq!(bench.states(parked).await, [DeliveryState::Parked]);

    // Beside a rule that needs a person it keeps waiting, and that rule is mended.
    let other = |translation| outcome("other", translation);
    let unmapped = other(Translation::Unmapped(vec![Reason::new(Code::FieldMissing)]));
    let half = bench.receive("2", vec![parks("ada", "sign-up"), unmapped]).await;
    let mended = other(Translation::Lead(Box::new(lead("ada", "trial"))));
    let outcomes = vec![sends(lead("ada", "sign-up")), mended];
    let applied = Applied { outcomes, clicks: Vec::new() };
    let remapped = bench.store().remap(half, "v2".to_owned(), applied).await;
    assert!(remapped.expect("mapped again"));
    let states = [DeliveryState::Parked, DeliveryState::Superseded, DeliveryState::Pending];
    assert_eq!(bench.states(half).await, states);
}

pub(in crate::store) async fn what_is_parked_survives_a_crash(bench: &mut impl Bench) {
    let parked = bench.park("1", "ada", "sign-up").await;
    bench.crash().await;
    assert_eq!(bench.states(parked).await, [DeliveryState::Parked]);
    bench.tell("2", "ada", "c1").await;
    bench.crash().await;
    claim_of(bench, parked, "c1").await;
}
