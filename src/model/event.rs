//! One thing that happened at the provider, as received.

use super::{Headers, QueryString, Reason, Timestamp};
use bytes::Bytes;
use serde_json::Value;

/// An event as the provider's catalogue entry cut it out of a verified request.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderEvent {
    /// The provider's own id of the event, if it names one.
    pub provider_event_id: Option<String>,
    /// The type, as the provider names it.
    pub event_type: Option<String>,
    /// The event's own bytes: the whole body, or its part of a batch.
    pub bytes: Bytes,
    /// What the bytes say, or why they can't be read.
    pub json: Result<Document, Reason>,
}

/// The JSON of an event: what `$` stands for in queries and `@` in conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct Document(Value);

impl Document {
    pub fn new(value: Value) -> Self {
        Self(value)
    }

    pub fn root(&self) -> &Value {
        &self.0
    }
}

/// What a mapping may look at.
#[derive(Clone, Copy, Debug)]
pub struct EventView<'a> {
    pub provider_event_id: Option<&'a str>,
    pub event_type: Option<&'a str>,
    pub received_at: Timestamp,
    pub headers: &'a Headers,
    pub query: &'a QueryString,
    pub json: &'a Document,
}
