//! From the body of a verified request to its events.
//!
//! Kept here: nothing authentic is dropped. A body that can't be read, or a batch that is too
//! large, is one event that carries every byte and the reason; one bad line of many costs the
//! others nothing. Each event's bytes are a slice of the body wherever that is possible.
//!
//! Where an object repeats a key, the last one counts, as in most parsers. Senders sign bytes and
//! not meaning, so a reader that took the first would see another event than the sender's own.

mod identity;
mod reading;
mod structure;
mod surrogate;

use crate::diagnostic::Code;
use crate::model::{Document, Headers, ProviderEvent, Reason, Selector};
use bytes::Bytes;
use serde_json::Value;

pub(super) use identity::{Identity, Locator};

/// Where the events of a body are, and what names them.
#[derive(Debug)]
pub(super) struct EventForm {
    pub format: Format,
    /// Selects the array that holds the events; `None` = the body is one event.
    pub batch: Option<Selector>,
    pub identity: Identity,
    /// The types that the provider documents; empty where it documents none.
    pub types: Vec<String>,
    /// Values whose members are the user's own, so that no sample can show all of them.
    pub open: Vec<Selector>,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One JSON document.
    Json,
    /// JSON Lines, or one JSON document; an array at its root is a batch then.
    JsonLinesOrJson,
}

impl EventForm {
    /// The header that carries the id of the request, if it is a header.
    pub fn id_header(&self) -> Option<&str> {
        match &self.identity.id {
            Some(Locator::Header(name)) => Some(name),
            _ => None,
        }
    }

    /// Reads the bytes of one event once more.
    pub fn read(&self, bytes: &[u8]) -> Result<Document, Reason> {
        let value = reading::read(bytes)?;
        reading::complexity(&value, bytes.len())?;
        Ok(Document::new(value))
    }

    pub fn split(&self, headers: &Headers, body: &Bytes, events_max: usize) -> Vec<ProviderEvent> {
        match reading::read(body) {
            Ok(value) => self.split_document(headers, body, value, events_max),
            Err(reason) => match self.lines(body, events_max) {
                Some(lines) if lines.len() > events_max => {
                    vec![self.unreadable(headers, body, too_large(events_max))]
                }
                Some(lines) => self.split_lines(headers, body, &lines),
                None => vec![self.unreadable(headers, body, reason)],
            },
        }
    }

    fn split_document(
        &self,
        headers: &Headers,
        body: &Bytes,
        document: Value,
        events_max: usize,
    ) -> Vec<ProviderEvent> {
        let (elements, slices) = match (&self.batch, document) {
            (None, Value::Array(elements)) if self.format == Format::JsonLinesOrJson => {
                (elements, structure::elements(reading::text(body)))
            }
            (None, document) => return vec![self.event(headers, None, body.clone(), document)],
            (Some(place), document) => match place.select(&document).first() {
                Some(Value::Array(elements)) => (elements.clone(), Vec::new()),
                _ => {
                    let reason = Reason::new(Code::BatchNotFound)
                        .detail(format!("no array at {}", place.text()));
                    return vec![self.unreadable(headers, body, reason)];
                }
            },
        };
        if elements.len() > events_max {
            return vec![self.unreadable(headers, body, too_large(events_max))];
        }
        let bytes_of = |index: usize, element: &Value| match slices.get(index) {
            Some(slice) => body.slice_ref(slice.as_bytes()),
            None => Bytes::from(element.to_string()),
        };
        let event = |(index, element)| {
            let bytes = bytes_of(index, &element);
            self.event(headers, Some(index), bytes, element)
        };
        elements.into_iter().enumerate().map(event).collect()
    }

    /// The lines of JSON Lines, blank ones left out, and at most one more than are allowed; `None`
    /// if the body isn't of that form. A broken document of many lines must not become as many broken events, so one line at least
    /// must look like a whole object.
    fn lines<'a>(&self, body: &'a Bytes, events_max: usize) -> Option<Vec<&'a [u8]>> {
        if self.format != Format::JsonLinesOrJson {
            return None;
        }
        let lines = reading::without_mark(body).split(|byte| *byte == b'\n');
        let lines = lines.map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
        let lines: Vec<_> = lines.take(events_max.saturating_add(1).max(2)).collect();
        let is_object = |line: &&[u8]| line.starts_with(b"{") && line.ends_with(b"}");
        (lines.len() > 1 && lines.iter().any(is_object)).then_some(lines)
    }

    fn split_lines(&self, headers: &Headers, body: &Bytes, lines: &[&[u8]]) -> Vec<ProviderEvent> {
        let event = |(index, line): (usize, &&[u8])| {
            let bytes = body.slice_ref(line);
            match reading::read(line) {
                Ok(value) => self.event(headers, Some(index), bytes, value),
                Err(reason) => self.unreadable_at(headers, Some(index), bytes, reason),
            }
        };
        lines.iter().enumerate().map(event).collect()
    }

    /// An event that was read; `index` is its place in a batch.
    fn event(
        &self,
        headers: &Headers,
        index: Option<usize>,
        bytes: Bytes,
        value: Value,
    ) -> ProviderEvent {
        let provider_event_id = self.identity.id(headers, Some(&value), index);
        let event_type = self.identity.event_type(headers, Some(&value));
        let json = match reading::complexity(&value, bytes.len()) {
            Ok(()) => Ok(Document::new(value)),
            Err(reason) => Err(reason),
        };
        ProviderEvent { provider_event_id, event_type, bytes, json }
    }

    fn unreadable(&self, headers: &Headers, body: &Bytes, reason: Reason) -> ProviderEvent {
        self.unreadable_at(headers, None, body.clone(), reason)
    }

    fn unreadable_at(
        &self,
        headers: &Headers,
        index: Option<usize>,
        bytes: Bytes,
        reason: Reason,
    ) -> ProviderEvent {
        let provider_event_id = self.identity.id(headers, None, index);
        let event_type = self.identity.event_type(headers, None);
        ProviderEvent { provider_event_id, event_type, bytes, json: Err(reason) }
    }
}

fn too_large(events_max: usize) -> Reason {
    Reason::new(Code::BatchTooLarge).detail(format!("the limit is {events_max} events"))
}

#[cfg(test)]
mod tests;
