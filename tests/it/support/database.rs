//! A look into the service's database, as anybody with the file has it.

use rusqlite::{Connection, OpenFlags};
use std::path::Path;

pub struct Database(Connection);

impl Database {
    #[track_caller]
    pub fn open(path: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self(Connection::open_with_flags(path, flags).expect("the database opens"))
    }

    /// The first column of every row, as text.
    #[track_caller]
    pub fn column(&self, sql: &str) -> Vec<String> {
        let mut statement = self.0.prepare(sql).expect("the query is valid");
        let rows = statement.query_map([], |row| {
            let value: rusqlite::types::Value = row.get(0)?;
            Ok(match value {
                rusqlite::types::Value::Null => String::new(),
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Real(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Blob(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            })
        });
        let rows: Result<Vec<_>, _> = rows.expect("the query runs").collect();
        rows.expect("rows can be read")
    }

    #[track_caller]
    pub fn count(&self, sql: &str) -> u64 {
        self.column(sql)[0].parse().expect("a number")
    }

    /// The states of all deliveries, in the order in which they were made.
    #[track_caller]
    pub fn states(&self) -> Vec<String> {
        self.column("SELECT state FROM deliveries ORDER BY rowid")
    }

    /// SQLite's own opinion of the file.
    #[track_caller]
    pub fn integrity(&self) -> String {
        self.column("PRAGMA integrity_check").join("\n")
    }
}
