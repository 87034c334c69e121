//! Why a read or write inside the database failed, and what the caller of a verb is told.

use crate::store::StoreError;
use rusqlite::{Error, ErrorCode};

#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Sqlite(#[from] Error),
    #[error("{0}")]
    Unexpected(String),
    /// What was asked for can't be done; a mistake of the caller.
    #[error("{0}")]
    Refused(&'static str),
    #[error("a write failed in an unexpected way")]
    Panicked,
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sqlite(error) if is_corruption(&error) => Self::Corrupt(error.to_string()),
            Fault::Unexpected(what) => Self::Corrupt(what),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

fn is_corruption(error: &Error) -> bool {
    match error {
        Error::SqliteFailure(failure, _) => {
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        }
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn check(fault: Fault, corrupt: bool) {
        let shown = fault.to_string();
        let error = StoreError::from(fault);
        assert_eq!(matches!(error, StoreError::Corrupt(_)), corrupt, "{shown}");
    }

    fn sqlite(code: std::ffi::c_int) -> Fault {
        Fault::Sqlite(Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn only_what_trying_again_cannot_mend_is_corrupt() {
        check(sqlite(ffi::SQLITE_FULL), false);
        check(sqlite(ffi::SQLITE_IOERR), false);
        check(sqlite(ffi::SQLITE_BUSY), false);
        check(sqlite(ffi::SQLITE_CORRUPT), true);
        check(sqlite(ffi::SQLITE_NOTADB), true);
        check(Fault::Panicked, false);
        check(Fault::Unexpected("a state of no name".to_owned()), true);
    }
}
