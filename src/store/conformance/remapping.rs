//! Mapping again what made no lead.

use super::Bench;
use super::samples::*;
use crate::diagnostic::Code;
use crate::model::{Applied, DeliveryState, EventId, Reason, RuleOutcome, Translation};
use crate::store::Store;

async fn remap(
    bench: &impl Bench,
    event: EventId,
    version: &str,
    outcomes: Vec<RuleOutcome>,
) -> bool {
    let applied = Applied { outcomes, clicks: Vec::new() };
    bench.store().remap(event, version.to_owned(), applied).await.expect("mapped again")
}

pub(in crate::store) async fn what_made_no_lead_is_replaced(bench: &mut impl Bench) {
    for (id, before, state) in
        [("1", skips(), DeliveryState::Superseded), ("2", fails(), DeliveryState::Superseded)]
    {
        let event = bench.receive(id, vec![before]).await;
        assert!(remap(bench, event, "v2", vec![sends(lead(id, "sign-up"))]).await);
        assert_eq!(bench.states(event).await, [state, DeliveryState::Pending]);
        assert_eq!(bench.claim_only().await.body, lead(id, "sign-up").body);
    }
}

pub(in crate::store) async fn an_ignored_event_is_mapped_again(bench: &mut impl Bench) {
    let event = bench.receive("1", vec![]).await;
    assert!(remap(bench, event, "v2", vec![skips()]).await);
    assert_eq!(bench.states(event).await, [DeliveryState::Skipped]);
}

pub(in crate::store) async fn an_unreadable_event_is_mapped_again(bench: &mut impl Bench) {
    let event = new(&bench.record(vec![mapped(unreadable_event("1"), vec![])]).await);
    assert!(remap(bench, event, "v2", vec![]).await);
    assert_eq!(bench.stored(event).await.fault, unreadable_event("1").json.err());
    assert!(remap(bench, event, "v3", vec![sends(lead("ada", "sign-up"))]).await);
    assert_eq!(bench.stored(event).await.fault, None);
    assert!(!remap(bench, event, "v4", vec![]).await);
}

pub(in crate::store) async fn the_event_itself_never_changes(bench: &mut impl Bench) {
    let id = bench.receive("1", vec![skips()]).await;
    let before = bench.stored(id).await;
    assert!(remap(bench, id, "v2", vec![fails()]).await);
    let after = bench.stored(id).await;
    assert_eq!((after.bytes, after.headers), (before.bytes, before.headers));
    assert_eq!(after.received_at, before.received_at);
    assert_eq!(after.mapping_version, "v2");
    assert_eq!(after.deliveries[0].reasons, before.deliveries[0].reasons);
}

pub(in crate::store) async fn an_event_that_has_moved_on_is_left_alone(bench: &mut impl Bench) {
    let again = || vec![sends(lead("ada", "sign-up"))];
    let event = bench.receive("1", vec![skips()]).await;
    assert!(!remap(bench, event, "v1", again()).await, "the same version");
    assert!(remap(bench, event, "v2", again()).await);
    assert!(!remap(bench, event, "v3", again()).await, "a lead since");
    assert_eq!(bench.total().await, 2);
    let unknown = EventId::new(bench.now());
    assert!(!remap(bench, unknown, "v2", again()).await, "no such event");
}

pub(in crate::store) async fn a_rule_that_made_a_lead_keeps_it(bench: &mut impl Bench) {
    let other = |translation| outcome("other", translation);
    let unmapped = other(Translation::Unmapped(vec![Reason::new(Code::FieldMissing)]));
    let event = bench.receive("1", vec![sends(lead("ada", "sign-up")), unmapped]).await;
    let claimed = bench.claim_only().await;
    bench.settle(&claimed, DeliveryState::Rejected).await;
    let mended = other(Translation::Lead(Box::new(lead("ada", "trial"))));
    assert!(remap(bench, event, "v2", vec![sends(lead("bob", "sign-up")), mended]).await);
    let states = [DeliveryState::Rejected, DeliveryState::Superseded, DeliveryState::Pending];
    assert_eq!(bench.states(event).await, states);
    assert_eq!(bench.claim_only().await.body, lead("ada", "trial").body);
}

pub(in crate::store) async fn every_delivery_keeps_the_version_of_its_mapping(
    bench: &mut impl Bench,
) {
    let event = bench.receive("1", vec![skips()]).await;
    assert!(remap(bench, event, "v2", vec![fails()]).await);
    assert!(remap(bench, event, "v3", vec![sends(lead("ada", "sign-up"))]).await);
    let stored = bench.stored(event).await;
    let versions = stored.deliveries.iter().map(|delivery| delivery.mapping_version.as_str());
    assert_eq!(versions.collect::<Vec<_>>(), ["v1", "v2", "v3"]);
    assert_eq!(stored.mapping_version, "v3");
    assert_eq!(bench.claim_only().await.mapping_version, "v3");
}

pub(in crate::store) async fn what_the_new_mapping_ignores_can_be_mapped_again(
    bench: &mut impl Bench,
) {
    let event = bench.receive("1", vec![skips()]).await;
    assert!(remap(bench, event, "v2", vec![]).await);
    assert_eq!(bench.states(event).await, [DeliveryState::Superseded]);
    assert!(remap(bench, event, "v3", vec![skips()]).await);
}
