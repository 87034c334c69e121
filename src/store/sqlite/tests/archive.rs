//! Reading a store beside its owner.

use super::bench::SqliteBench;
use crate::store::Store as _;
use crate::store::conformance::Bench;
use crate::store::conformance::samples::*;
use crate::store::sqlite::{Archive, OpenError};
use rusqlite::Connection;
use std::ops::ControlFlow;

#[tokio::test]
async fn events_are_read_oldest_first_while_the_owner_writes() {
    let bench = SqliteBench::open().await;
    let mut received = Vec::new();
    for number in 0..150 {
        received.push(bench.receive(&number.to_string(), vec![skips()]).await);
    }
    let archive = Archive::open(&bench.path()).expect("opened");
    let source = "clerk".parse().expect("a name");
    let mut seen = Vec::new();
    archive
        .events(Some(&source), bench.now(), |event| {
            assert_eq!(event.deliveries.len(), 1);
            seen.push(event.id);
            if seen.len() == 149 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .expect("read");
    assert_eq!(seen, received[..149]);
    let since = |count| archive.since_newest(&source, count).expect("read");
    assert_eq!((since(1), since(1_000)), (Some(bench.now()), Some(bench.now())));
    let other = "typeform".parse().expect("a name");
    assert_eq!(archive.since_newest(&other, 10).expect("read"), None);
    let none = |_| panic!("it has no event");
    archive.events(Some(&other), bench.now(), none).expect("read");
    archive.events(None, bench.now().plus(DAY), none).expect("read");
    let found = archive.event(received[7]).expect("read").expect("it is there");
    assert_eq!(found.provider_event_id.as_deref(), Some("7"));
}

#[tokio::test]
async fn what_this_version_can_not_read_is_refused() {
    let bench = SqliteBench::open().await;
    bench.store.close().await.expect("closed");
    let refused = || Archive::open(&bench.path()).err().expect("refused");
    let db = Connection::open(bench.path()).expect("opened");
    db.pragma_update(None, "user_version", 0).expect("set");
    assert!(matches!(refused(), OpenError::Older { .. }));
    db.pragma_update(None, "user_version", 99).expect("set");
    assert!(matches!(refused(), OpenError::Newer { .. }));
    let absent = Archive::open(&bench.path().with_extension("absent")).err().expect("refused");
    assert!(matches!(absent, OpenError::File { .. }));
}
