//! The files: who may own and read them, and what is in them when they are opened.

use super::bench::{SqliteBench, open};
use crate::clock::Manual;
use crate::model::{DeliveryState, History};
use crate::store::Store as _;
use crate::store::conformance::samples::*;
use crate::store::conformance::{Bench, START};
use crate::store::sqlite::{OpenError, Options, Store};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;

const FIRST_SCHEMA: &str = include_str!("../migrations/0001_events_and_deliveries.sql");

fn refuse(path: &Path) -> OpenError {
    let clock = Arc::new(Manual::at(START));
    Store::open(path, Options::default(), clock).err().expect("refused")
}

#[tokio::test]
async fn a_store_has_one_owner_at_a_time() {
    let bench = SqliteBench::open().await;
    assert!(matches!(refuse(&bench.path()), OpenError::InUse { .. }));
    #[cfg(unix)]
    {
        let link = bench.path().with_extension("link");
        std::os::unix::fs::symlink(bench.path(), &link).expect("linked");
        assert!(matches!(refuse(&link), OpenError::InUse { .. }), "under another name");
    }
    bench.store.close().await.expect("closed");
    open(&bench.path(), Options::default(), &Arc::new(Manual::at(START)));
}

#[tokio::test]
async fn dropping_a_store_gives_it_free() {
    let bench = SqliteBench::open().await;
    let path = bench.path();
    let event = bench.owe("1", lead("ada", "sign-up")).await;
    let SqliteBench { store, folder: _folder, .. } = bench;
    drop(store);
    let store = open(&path, Options::default(), &Arc::new(Manual::at(START)));
    assert!(store.event(event).await.expect("read").is_some());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let bench = SqliteBench::open().await;
    bench.receive("1", vec![skips()]).await;
    for suffix in ["", "-wal", ".lock"] {
        let name = format!("{}{suffix}", bench.path().display());
        let mode = std::fs::metadata(&name).expect("it exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn leases_of_a_dead_process_end_when_the_store_is_opened() {
    let mut bench = SqliteBench::open().await;
    let event = bench.owe("1", lead("ada", "sign-up")).await;
    let next_of_pair = bench.owe("2", lead("ada", "sign-up")).await;
    bench.claim_only().await;
    assert!(bench.claim(10).await.blocked);
    bench.crash().await;
    for event in [event, next_of_pair] {
        assert_eq!(bench.states(event).await, [DeliveryState::Pending]);
    }
    let again = bench.claim_only().await;
    assert_eq!((again.event, again.attempt_number), (event, 2));
    assert_eq!(again.history, History { unknown: true, ..History::default() });
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let bench = SqliteBench::open().await;
    bench.store.close().await.expect("closed");
    bench.look().pragma_update(None, "user_version", 99).expect("changed");
    let refusal = refuse(&bench.path());
    assert!(matches!(refusal, OpenError::Newer { found: 99, known: 5, .. }), "{refusal}");
    bench.look().pragma_update(None, "user_version", 5).expect("changed");
    open(&bench.path(), Options::default(), &Arc::new(Manual::at(START)));
}

#[tokio::test]
async fn an_older_store_is_brought_up_to_date_with_what_it_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("old.db");
    let database = Connection::open(&path).expect("opened");
    database.execute_batch(FIRST_SCHEMA).expect("made");
    database
        .execute_batch(
            "PRAGMA application_id = 0x6c656164;
             PRAGMA user_version = 1;
             INSERT INTO events (id, source, received_at, mapping_version, headers, query, bytes)
             VALUES (zeroblob(16), 'clerk', 1, 'v7', '[]', '[]', x'');
             INSERT INTO deliveries (id, event_id, source, rule, destination, state, created_at)
             VALUES (zeroblob(16), zeroblob(16), 'clerk', 'sign-up', 'dub', 'skipped', 1);
             INSERT INTO mappings (source, version, text, noted_at)
             VALUES ('clerk', 'v7', 'seven', 7), ('clerk', 'v8', 'eight', 9),
                 ('clerk', 'v9', 'nine', 8), ('auth0', 'v1', 'one', 1);",
        )
        .expect("written");
    drop(database);
    let store = open(&path, Options::default(), &Arc::new(Manual::at(START)));
    let event = store.newest_events(1).await.expect("read").remove(0);
    assert_eq!(event.deliveries[0].mapping_version, "v7");
    store.expire(10).await.expect("clicks have a place");
    let last_good = store.last_good().await.expect("read");
    let texts: Vec<_> = last_good.iter().map(|last| last.text.as_str()).collect();
    assert_eq!(texts, ["one", "eight"]);
}

#[test]
fn what_is_no_store_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let foreign = folder.path().join("foreign.db");
    let database = Connection::open(&foreign).expect("opened");
    database.execute_batch("CREATE TABLE notes (text TEXT)").expect("made");
    drop(database);
    assert!(matches!(refuse(&foreign), OpenError::Foreign { .. }));

    let text = folder.path().join("text.db");
    std::fs::write(&text, "not a database at all ".repeat(100)).expect("written");
    assert!(matches!(refuse(&text), OpenError::Unusable { .. }));

    let nowhere = folder.path().join("no such folder").join("store.db");
    assert!(matches!(refuse(&nowhere), OpenError::File { .. }));
}

#[tokio::test]
async fn the_secret_stays_the_same() {
    let mut bench = SqliteBench::open().await;
    let secret = |bench: &SqliteBench| -> Vec<u8> {
        let read = |row: &rusqlite::Row<'_>| row.get(0);
        bench.look().query_row("SELECT secret FROM installation", [], read).expect("read")
    };
    let before = secret(&bench);
    bench.crash().await;
    assert_eq!(secret(&bench), before);
    assert_ne!(secret(&SqliteBench::open().await), before);
}
