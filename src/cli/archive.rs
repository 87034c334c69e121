//! The store of the settings, opened for reading alone, also beside a running service.

use super::{Ended, Settings, report};
use crate::store::sqlite::{Archive, OpenError};
use std::io::ErrorKind;

/// Opens it, or says why it can't be opened.
pub(super) fn open(settings: &Settings) -> Result<Archive, Ended> {
    let Some(config) = &settings.config else {
        report(&settings.diagnostics);
        return Err(Ended::Input);
    };
    Archive::open(&config.database).map_err(|error| {
        say!("error: {error}");
        let is_absent = matches!(
            &error,
            OpenError::File { source, .. } if source.kind() == ErrorKind::NotFound
        );
        if is_absent {
            say!(
                "hint: `leadhook serve` makes the database when it first starts; `database_url` or \
                 LEADHOOK_DATABASE_URL says where it is, and a relative path begins in the current \
                 folder"
            );
        }
        Ended::Machine
    })
}
