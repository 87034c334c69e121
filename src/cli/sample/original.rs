//! The event that a sample is made of: from the store, or from a file.

use crate::cli::{Ended, Settings, archive, payload};
use crate::diagnostic::Code;
use crate::model::{EventId, Headers, QueryString, Reason, SourceName};
use crate::provider::Provider;
use bytes::Bytes;
use serde_json::Value;
use std::path::Path;

/// No sample is larger.
const PAYLOAD_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// An event, or a request body, as it came.
pub(super) struct Original {
    pub(super) source: SourceName,
    headers: Headers,
    pub(super) query: QueryString,
    bytes: Bytes,
    /// Whether `bytes` are those of one event and not of a request.
    is_event: bool,
}

impl Original {
    /// The event of this id in the store.
    pub(super) fn stored(id: EventId, settings: &Settings) -> Result<Self, Ended> {
        let event = archive::event(id, settings)?;
        Ok(Self {
            source: event.source,
            headers: event.headers,
            query: event.query,
            bytes: event.bytes,
            is_event: true,
        })
    }

    /// A body from a file, or from stdin where that is called `-`.
    pub(super) fn payload(path: &Path, source: SourceName) -> Result<Self, Ended> {
        let bytes = payload::read(Some(path), PAYLOAD_BYTES_MAX)?;
        let (headers, query) = (Headers::default(), QueryString::default());
        Ok(Self { source, headers, query, bytes, is_event: false })
    }

    /// The JSON of the sample that it is: one value, or one a line.
    ///
    /// # Errors
    /// Why it can't be read.
    pub(super) fn values(&self, provider: &Provider) -> Result<Vec<Value>, Reason> {
        if self.is_event {
            let event = provider.read(&self.headers, &self.bytes)?;
            return Ok(vec![provider.sample(event.root().clone())]);
        }
        let values = serde_json::Deserializer::from_slice(&self.bytes).into_iter();
        let values: serde_json::Result<Vec<_>> = values.collect();
        values.map_err(|error| Reason::new(Code::BodyNotJson).detail(error.to_string()))
    }

    /// The headers that a sample can be sent with: how the body was written is not true of it.
    pub(super) fn headers_of_sample(&self) -> Headers {
        let fields = self.headers.iter().filter(|(name, _)| !name.starts_with("content-"));
        Headers::new(fields.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }
}
