//! The event that a sample is made of: from the store, or from a file.

use crate::cli::{Ended, Settings, archive};
use crate::model::{EventId, Headers, QueryString, SourceName};
use bytes::Bytes;
use std::io::Read;
use std::path::Path;

/// No payload is larger.
const PAYLOAD_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// An event, or a request body, as it came.
pub(super) struct Original {
    pub(super) source: SourceName,
    pub(super) headers: Headers,
    pub(super) query: QueryString,
    pub(super) body: Bytes,
}

impl Original {
    /// The event of this id in the store.
    pub(super) fn stored(id: EventId, settings: &Settings) -> Result<Self, Ended> {
        let archive = archive::open(settings)?;
        match archive.event(id) {
            Ok(Some(event)) => Ok(Self {
                source: event.source,
                headers: event.headers,
                query: event.query,
                body: event.bytes,
            }),
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

    /// A body from a file, or from stdin where that is called `-`.
    pub(super) fn payload(path: &Path, source: SourceName) -> Result<Self, Ended> {
        let mut body = Vec::new();
        let read = if path == Path::new("-") {
            std::io::stdin().take(PAYLOAD_BYTES_MAX + 1).read_to_end(&mut body)
        } else {
            std::fs::File::open(path)
                .and_then(|file| file.take(PAYLOAD_BYTES_MAX + 1).read_to_end(&mut body))
        };
        match read {
            Ok(bytes) if bytes as u64 <= PAYLOAD_BYTES_MAX => Ok(Self {
                source,
                headers: Headers::default(),
                query: QueryString::default(),
                body: body.into(),
            }),
            Ok(_) => {
                say!("error: {} is larger than 4 MiB", path.display());
                Err(Ended::Input)
            }
            Err(error) => {
                say!("error: {} can't be read: {error}", path.display());
                Err(Ended::Machine)
            }
        }
    }
}
