//! Opening the database: its files, the lock of its owner, and how SQLite is to behave.

use super::fault::Fault;
use super::migrate;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a store can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(
        "{path} is in use by another leadhook: stop that one, or choose another file",
        path = path.display()
    )]
    InUse { path: PathBuf },
    #[error(
        "{path} was written by a newer version: its schema is {found}, this version knows {known}",
        path = path.display()
    )]
    Newer { path: PathBuf, found: i32, known: i32 },
    #[error(
        "{path} was last written by an older version: its schema is {found}, this version reads {known}; \
         start the service once, which brings it up to date",
        path = path.display()
    )]
    Older { path: PathBuf, found: i32, known: i32 },
    #[error("{path} is a database of another program", path = path.display())]
    Foreign { path: PathBuf },
    #[error("{path} can't be used as a store: {reason}", path = path.display())]
    Unusable { path: PathBuf, reason: String },
}

/// Held by the process that owns the store, and given back when dropped or when the process dies.
pub(super) struct FileLock(#[expect(dead_code, reason = "closing it is what unlocks")] File);

/// A larger page holds a typical event of 3 kB without a page of its own for the rest of it.
const PAGE_BYTES: u32 = 8_192;
/// The cache is filled only as far as it is needed; this is what a busy store may take.
const WRITER_CACHE_KIB: u32 = 6_144;
const READER_CACHE_KIB: u32 = 1_024;
/// How long the log grows before its pages are written back. Keys are scattered over their tables,
/// so that each commit touches the same pages again: four times SQLite's default wrote leads twice
/// as fast, at the price of a log of 32 MB.
const CHECKPOINT_PAGES: u32 = 4_000;
/// How long a backup or a person's own session may hold the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// More than the statements there are, so that none is ever prepared twice.
const STATEMENTS_CACHED: usize = 128;
/// SQLite's own limit of pages, which stands where none is set.
const PAGES_MAX: u32 = 0xffff_fffe;

/// Creates the file where there is none, for its owner alone, and resolves links: two names of
/// one file must meet at one lock.
pub(super) fn create(path: &Path) -> Result<PathBuf, OpenError> {
    let fail = |source| OpenError::File { path: path.to_owned(), source };
    if !path.exists() {
        private_file(path).map_err(fail)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        sync_folder(parent.unwrap_or(Path::new("."))).map_err(fail)?;
    }
    std::fs::canonicalize(path).map_err(fail)
}

pub(super) fn lock(path: &Path) -> Result<FileLock, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let fail = |source| OpenError::File { path: name.clone(), source };
    let file = private_file(&name).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(FileLock(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(fail(source)),
    }
}

/// The connection that writes, with the schema of this version.
pub(super) fn writer(path: &Path, pages_max: Option<u32>) -> Result<Connection, OpenError> {
    let unusable =
        |fault: Fault| OpenError::Unusable { path: path.to_owned(), reason: fault.to_string() };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags).map_err(|e| unusable(e.into()))?;
    migrate::check(&db, path)?;
    prepare_writer(&db).map_err(unusable)?;
    limit_pages(&db, pages_max).map_err(unusable)?;
    migrate::migrate(&mut db).map_err(unusable)?;
    Ok(db)
}

fn prepare_writer(db: &Connection) -> Result<(), Fault> {
    prepare(db, WRITER_CACHE_KIB)?;
    db.pragma_update(None, "page_size", PAGE_BYTES)?;
    // The bundled SQLite enforces them by default; the first migration says why we don't.
    db.pragma_update(None, "foreign_keys", false)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        // Shared folders of a network, mostly.
        return Err(Fault::Unexpected("its file system does not allow a write-ahead log".into()));
    }
    // Every commit is flushed before it is answered.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    db.pragma_update(None, "journal_size_limit", 64 * 1_024 * 1_024)?;
    Ok(())
}

/// A connection that can't write.
pub(super) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let open = || -> Result<Connection, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)?;
        prepare(&db, READER_CACHE_KIB)?;
        Ok(db)
    };
    open().map_err(|fault| OpenError::Unusable { path: path.to_owned(), reason: fault.to_string() })
}

fn prepare(db: &Connection, cache_kib: u32) -> Result<(), Fault> {
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // Negative means KiB.
    db.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    db.pragma_update(None, "mmap_size", 0)?;
    Ok(())
}

/// Lets the database grow to `pages_max` pages of 8 KiB and no further; `None` is SQLite's limit.
pub(super) fn limit_pages(db: &Connection, pages_max: Option<u32>) -> Result<(), Fault> {
    let pages = pages_max.unwrap_or(PAGES_MAX);
    db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    Ok(())
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the entry of a new file durable.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
