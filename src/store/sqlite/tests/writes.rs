//! Groups of writes: what one does to the others, what a full disk does, and what is flushed.

use super::bench::SqliteBench;
use crate::model::DeliveryState;
use crate::store::conformance::Bench;
use crate::store::conformance::samples::*;
use crate::store::sqlite::fault::Fault;
use crate::store::sqlite::tx::Tx;
use crate::store::sqlite::{Options, Store};
use crate::store::{Store as _, StoreError};
use futures_util::FutureExt;
use std::sync::mpsc;

/// Keeps the writer busy until the other end is dropped, so that what is asked for meanwhile
/// forms one group.
fn hold(store: &Store) -> (impl Future<Output = Result<(), StoreError>>, mpsc::Sender<()>) {
    let (release, held) = mpsc::channel::<()>();
    let (entered, inside) = mpsc::channel::<()>();
    let mut entered = Some(entered);
    let mut answer = store.write(1, move |_tx| {
        drop(entered.take());
        let _ = held.recv();
        Ok(())
    });
    assert!((&mut answer).now_or_never().is_none(), "handed in, not answered");
    let _ = inside.recv();
    (answer, release)
}

fn note_source(tx: &Tx<'_>, name: &str) -> Result<(), Fault> {
    tx.execute("INSERT INTO sources (name, created_at) VALUES (?1, 0)", [name]).map(drop)
}

#[tokio::test]
async fn a_failing_write_harms_no_other_of_its_group() {
    let bench = SqliteBench::open().await;
    let store = &bench.store;
    let (holding, release) = hold(store);
    let mut good_before = store.write(1, |tx| note_source(tx, "good-before"));
    let mut failing = store.write(1, |tx| {
        note_source(tx, "half-done")?;
        tx.execute("INSERT INTO installation (one, secret, created_at) VALUES (2, x'', 0)", [])
    });
    let mut panicking = store.write::<(), _>(1, |tx| {
        note_source(tx, "half-done")?;
        panic!("a write that panics, as the test wants")
    });
    let mut good_after = store.write(1, |tx| note_source(tx, "good-after"));
    assert!((&mut good_before).now_or_never().is_none());
    assert!((&mut failing).now_or_never().is_none());
    assert!((&mut panicking).now_or_never().is_none());
    assert!((&mut good_after).now_or_never().is_none());
    drop(release);
    holding.await.expect("held");
    good_before.await.expect("not harmed");
    assert!(matches!(failing.await, Err(StoreError::Unavailable(_))));
    assert!(matches!(panicking.await, Err(StoreError::Unavailable(_))));
    good_after.await.expect("not harmed");
    let known = store.known_sources().await.expect("read");
    let known: Vec<_> = known.iter().map(|source| source.as_str()).collect();
    assert_eq!(known, ["good-after", "good-before"]);
    bench.inspect().await;
}

#[tokio::test]
async fn too_many_waiting_writes_are_refused() {
    let bench = SqliteBench::with(Options { queue: 3, ..Options::default() });
    let (holding, release) = hold(&bench.store);
    let mut waiting: Vec<_> = (0..3).map(|_| bench.store.probe()).collect();
    for answer in &mut waiting {
        assert!(answer.now_or_never().is_none());
    }
    assert!(matches!(bench.store.probe().await, Err(StoreError::Overloaded)));
    drop(release);
    holding.await.expect("held");
    for answer in waiting {
        answer.await.expect("was waiting in time");
    }
    bench.store.probe().await.expect("there is room again");
}

#[tokio::test]
async fn what_was_handed_in_is_done_though_nobody_waits() {
    let bench = SqliteBench::open().await;
    let recording = recording("clerk", vec![mapped(event("1"), vec![skips()])], bench.now());
    let (holding, release) = hold(&bench.store);
    let mut abandoned = bench.store.record(recording);
    assert!((&mut abandoned).now_or_never().is_none());
    drop(abandoned);
    drop(release);
    holding.await.expect("held");
    bench.store.probe().await.expect("written after it");
    assert_eq!(bench.total().await, 1);
}

#[tokio::test]
async fn closing_finishes_what_waits() {
    let bench = SqliteBench::open().await;
    let (holding, release) = hold(&bench.store);
    let recording = recording("clerk", vec![mapped(event("1"), vec![skips()])], bench.now());
    let mut waiting = bench.store.record(recording);
    assert!((&mut waiting).now_or_never().is_none());
    let mut closing = bench.store.close();
    assert!((&mut closing).now_or_never().is_none());
    drop(release);
    holding.await.expect("held");
    closing.await.expect("closed");
    new(&waiting.await.expect("recorded"));
}

#[tokio::test]
async fn a_full_disk_is_survived() {
    let bench = SqliteBench::with(Options { pages_max: Some(64), ..Options::default() });
    let owed = bench.owe("owed", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    let refused = fill(&bench).await;
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    let before = bench.total().await;
    assert!(bench.store.probe().await.is_err());
    assert!(matches!(try_large(&bench, "refused").await, Err(StoreError::Unavailable(_))));
    assert_eq!(bench.total().await, before, "nothing is half done");

    bench.store.set_pages_max(None).await.expect("changed");
    bench.store.probe().await.expect("there is room again");
    try_large(&bench, "refused").await.expect("there is room again");
    bench.settle(&claimed, DeliveryState::Tracked).await;
    assert_eq!(bench.states(owed).await, [DeliveryState::Tracked]);
    bench.inspect().await;
}

#[tokio::test]
async fn a_full_disk_fails_only_what_needs_room() {
    let bench = SqliteBench::with(Options { pages_max: Some(64), ..Options::default() });
    bench.owe("owed", lead("ada", "sign-up")).await;
    let claimed = bench.claim_only().await;
    fill(&bench).await;
    let (holding, release) = hold(&bench.store);
    let mut large = Box::pin(try_large(&bench, "large"));
    let mut small = Box::pin(bench.settle(&claimed, DeliveryState::Rejected));
    assert!((&mut large).now_or_never().is_none());
    assert!((&mut small).now_or_never().is_none());
    drop(release);
    holding.await.expect("held");
    assert!(large.await.is_err());
    small.await;
    assert_eq!(bench.states(claimed.event).await, [DeliveryState::Rejected]);
}

/// Records until there is no room, and then the smallest gaps too.
async fn fill(bench: &SqliteBench) -> StoreError {
    for number in 0..1_000 {
        if let Err(error) = try_large(bench, &number.to_string()).await {
            return error;
        }
    }
    panic!("the limit does not hold")
}

async fn try_large(bench: &SqliteBench, id: &str) -> Result<(), StoreError> {
    let mut large = event(id);
    large.bytes = vec![b' '; 20_000].into();
    let recording = recording("clerk", vec![mapped(large, vec![skips()])], bench.now());
    bench.store.record(recording).await.map(drop)
}

#[tokio::test]
async fn every_commit_is_flushed() {
    let bench = SqliteBench::open().await;
    let pragmas = bench.store.write(1, |tx| {
        let number = |sql| tx.first(sql, [], |row| row.get::<_, i64>(0));
        let mode = tx.first("PRAGMA journal_mode", [], |row| row.get::<_, String>(0))?;
        Ok((mode, number("PRAGMA synchronous")?, number("PRAGMA page_size")?))
    });
    let full = Some(2);
    assert_eq!(pragmas.await.expect("read"), (Some("wal".to_owned()), full, Some(8_192)));
}

#[tokio::test]
async fn what_is_known_costs_no_flush() {
    let bench = SqliteBench::open().await;
    bench.owe("1", lead("ada", "sign-up")).await;
    let log = || std::fs::metadata(format!("{}-wal", bench.path().display())).expect("a log").len();
    let before = log();
    bench.record(vec![mapped(event("1"), vec![skips()])]).await;
    bench.store.claim_due(destination("other"), 10, LEASE).await.expect("nothing");
    assert_eq!(log(), before);
    bench.store.probe().await.expect("written");
    assert!(log() > before, "a probe does write");
}

#[tokio::test]
async fn a_large_group_is_committed_in_parts() {
    let options = Options { group_max: 2, ..Options::default() };
    let bench = SqliteBench::with(options);
    let ids: Vec<String> = (0..7).map(|number| number.to_string()).collect();
    let all = ids.iter().map(|id| bench.receive(id, vec![skips()]));
    futures_util::future::join_all(all).await;
    assert_eq!(bench.total().await, 7);
}
