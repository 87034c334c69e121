//! The event that a sample is made of: from the store, or from a file.

use crate::cli::{Ended, Settings, archive, payload};
use crate::model::{EventId, Headers, QueryString, SourceName};
use bytes::Bytes;
use std::path::Path;

/// No sample is larger.
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
        let event = archive::event(id, settings)?;
        Ok(Self {
            source: event.source,
            headers: event.headers,
            query: event.query,
            body: event.bytes,
        })
    }

    /// A body from a file, or from stdin where that is called `-`.
    pub(super) fn payload(path: &Path, source: SourceName) -> Result<Self, Ended> {
        let body = payload::read(Some(path), PAYLOAD_BYTES_MAX)?;
        Ok(Self { source, headers: Headers::default(), query: QueryString::default(), body })
    }
}
