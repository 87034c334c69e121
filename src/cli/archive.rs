//! The store of the settings, opened for reading alone, also beside a running service.

use super::{Ended, Settings, report};
use crate::model::EventId;
use crate::store::StoredEvent;
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

/// The event of this id, or says why there is none.
pub(super) fn event(id: EventId, settings: &Settings) -> Result<StoredEvent, Ended> {
    match open(settings)?.event(id) {
        Ok(Some(event)) => Ok(event),
        Ok(None) => {
            say!("error: there is no event {id} in the store");
            Err(Ended::Input)
        }
        Err(error) => {
            say!("error: {error}");
            Err(Ended::Machine)
        }
    }
}
