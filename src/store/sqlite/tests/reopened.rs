//! The order of leads where an operator's act opens a delivery again, for which there is no verb
//! yet.

use super::bench::SqliteBench;
use crate::model::DeliveryState;
use crate::store::conformance::Bench;
use crate::store::conformance::samples::*;
use crate::store::{Recording, Store as _};
use rusqlite::params;

#[tokio::test]
async fn the_next_of_a_pair_goes_though_the_first_must_wait_for_its_customer() {
    let bench = SqliteBench::open().await;
    let earlier = bench.deliver("1", lead("ada", "trial"), DeliveryState::Rejected).await;
    let without = bench.owe("2", lead_without_click("ada", "sign-up")).await;
    let owed = vec![mapped(event("3"), vec![sends(lead("ada", "sign-up"))])];
    let leasing = Recording { leases: 1, ..recording("clerk", owed, bench.now()) };
    let leased = bench.store.record(leasing).await.expect("recorded").leased.remove(0);
    let with_click = bench.owe("4", lead("ada", "sign-up")).await;
    assert!(bench.claim(10).await.claimed.is_empty(), "both wait for their pair");

    let due_at = start_plus(1_000).millis();
    let reopened = bench.store.write(1, move |tx| {
        tx.execute(
            "UPDATE deliveries SET state = 'pending', due_at = ?2 WHERE event_id = ?1",
            params![earlier.as_bytes(), due_at],
        )
    });
    assert_eq!(reopened.await.expect("written"), 1);
    bench.settle(&leased, DeliveryState::Rejected).await;
    assert_eq!(bench.claim_only().await.event, with_click);
    assert_eq!(bench.states(without).await, [DeliveryState::Pending]);
    bench.inspect().await;
}
