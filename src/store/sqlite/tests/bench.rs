//! A store in a folder of its own.

use crate::clock::Manual;
use crate::store::Store as _;
use crate::store::conformance::{Bench, START};
use crate::store::sqlite::{Options, Store};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

pub(super) struct SqliteBench {
    pub(super) folder: TempDir,
    pub(super) store: Store,
    clock: Arc<Manual>,
    crashes: u32,
}

impl SqliteBench {
    pub(super) fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(Manual::at(START));
        let store = open(&path(&folder, 0), options, &clock);
        Self { folder, store, clock, crashes: 0 }
    }

    pub(super) fn path(&self) -> PathBuf {
        path(&self.folder, self.crashes)
    }

    /// Another connection, as a person with a database tool has it.
    pub(super) fn look(&self) -> Connection {
        Connection::open(self.path()).expect("the database opens")
    }
}

impl Bench for SqliteBench {
    type Store = Store;

    async fn open() -> Self {
        Self::with(Options::default())
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn clock(&self) -> &Manual {
        &self.clock
    }

    /// Goes on with a copy of the files, taken while the store still has them open: nothing that
    /// closing it would write can help.
    async fn crash(&mut self) {
        let (from, to) = (self.path(), path(&self.folder, self.crashes + 1));
        for suffix in ["", "-wal"] {
            let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
            if name(&from).exists() {
                std::fs::copy(name(&from), name(&to)).expect("copied");
            }
        }
        self.crashes += 1;
        self.store = open(&to, Options::default(), &self.clock);
    }

    async fn inspect(self) {
        self.store.close().await.expect("closed");
        let database = self.look();
        let sound: String = database
            .pragma_query_value(None, "integrity_check", |row| row.get(0))
            .expect("checked");
        assert_eq!(sound, "ok");
        let dangling = database.prepare("PRAGMA foreign_key_check").and_then(|mut check| {
            let rows = check.query_map([], |_| Ok(()))?;
            Ok(rows.count())
        });
        assert_eq!(dangling.expect("checked"), 0);
        let forgotten: i64 = database
            .query_row(
                "SELECT (SELECT count(*) FROM probes)
                     + (SELECT count(*) FROM requests WHERE id NOT IN
                        (SELECT request_id FROM events WHERE request_id IS NOT NULL))",
                [],
                |row| row.get(0),
            )
            .expect("counted");
        assert_eq!(forgotten, 0);
    }
}

pub(super) fn open(path: &Path, options: Options, clock: &Arc<Manual>) -> Store {
    let clock = Arc::clone(clock);
    Store::open(path, options, clock).expect("the store opens")
}

fn path(folder: &TempDir, crashes: u32) -> PathBuf {
    folder.path().join(format!("{crashes}.db"))
}
