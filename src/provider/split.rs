//! From the body of a verified request to its events, and from the bytes of a stored event back to
//! what they say.
//!
//! The steps, each a module: a body is inflated (`inflate`), read in its format (`format`,
//! `reading`, `form`, `claims`) to one document, texts in it that hold JSON are opened
//! (`embedded`), the document is cut (`batch`), and the events are named (`identity`). `encode` goes
//! the other way, for samples.
//!
//! Kept here: nothing authentic is dropped. A body that can't be read, or a batch that is too
//! large, is one event that carries every byte and the reason; one bad line of many costs the
//! others nothing. The bytes of an event are the body without its compression, or a slice of that;
//! of a document that is cut at a query, each event's JSON. Whatever they are, [`EventForm::read`]
//! reads from them what was split.
//!
//! Where an object repeats a key, the last one counts, as in most parsers. Senders sign bytes and
//! not meaning, so a reader that took the first would see another event than the sender's own.

mod batch;
mod claims;
mod embedded;
mod encode;
mod form;
mod format;
mod identity;
mod inflate;
mod lines;
mod reading;
mod renumber;
mod structure;
mod surrogate;

use super::content::Content;
use super::token_text::InBody;
use crate::model::{Document, Headers, ProviderEvent, Reason, Selector};
use bytes::Bytes;
use identity::Sight;
use serde_json::Value;

pub use encode::Encoded;
pub(super) use format::{Format, Formats};
pub(super) use identity::{Identity, Locator};
pub(super) use inflate::bytes_max as inflated_bytes_max;

/// Where the events of a body are, and what names them.
#[derive(Debug)]
pub(super) struct EventForm {
    pub formats: Formats,
    /// Where a token is whose claims are the document.
    pub token: InBody,
    /// Texts of the document that hold JSON.
    pub json_fields: Vec<Selector>,
    /// Selects the events; `None` = the document is one event.
    pub batch: Option<Selector>,
    pub identity: Identity,
    /// The types that the provider documents; empty where it documents none.
    pub types: Vec<String>,
    /// Values whose members are the user's own, so that no sample can show all of them.
    pub open: Vec<Selector>,
}

/// One event of a body, not yet named.
struct Piece {
    /// Its place in a batch.
    index: Option<usize>,
    bytes: Bytes,
    read: Result<Value, Reason>,
}

impl EventForm {
    /// The headers that ids are read from.
    pub fn id_headers(&self) -> Vec<&str> {
        self.identity.id.iter().flat_map(Locator::headers).collect()
    }

    /// The headers that types are read from.
    pub fn type_headers(&self) -> Vec<&str> {
        self.identity.event_type.iter().flat_map(Locator::headers).collect()
    }

    pub fn split(&self, content: Content<'_>, events_max: usize) -> Vec<ProviderEvent> {
        // Of a body with a token nothing but the token is proven, so that no header may make
        // anything else of it.
        let inflated = match self.claims(content.body) {
            Some(_) => Ok(content.body.clone()),
            None => inflate::inflated(content.headers, content.body),
        };
        let pieces = match inflated {
            Ok(body) => self.pieces(content.headers, &body, events_max),
            Err(reason) => vec![Piece::whole(content.body, Err(reason))],
        };
        pieces.into_iter().map(|piece| self.named(content, piece)).collect()
    }

    /// Reads the bytes of one event once more; `headers` are those of its request.
    pub fn read(&self, headers: &Headers, bytes: &Bytes) -> Result<Document, Reason> {
        let value = match self.batch {
            Some(_) => reading::read(bytes)?,
            None => self.document(headers, bytes)?,
        };
        reading::complexity(&value, bytes.len())?;
        Ok(Document::new(value))
    }

    /// The sample whose only event is `event`.
    pub fn sample(&self, event: Value) -> Value {
        match &self.batch {
            Some(place) => batch::around(place, event),
            None => event,
        }
    }

    fn pieces(&self, headers: &Headers, body: &Bytes, events_max: usize) -> Vec<Piece> {
        let has_lines = self.formats.of(headers) == Format::JsonLines;
        let cut = match (self.document(headers, body), &self.batch) {
            (Ok(document), Some(place)) => batch::cut(place, &document, events_max).map(cut_out),
            (Ok(Value::Array(elements)), None) if has_lines => {
                self.elements(body, elements, events_max)
            }
            (Err(reason), None) if has_lines => match lines::cut(body, events_max) {
                Some(lines) => lines.map(|lines| self.lines(headers, body, &lines)),
                None => Err(reason),
            },
            (document, _) => document.map(|document| vec![Piece::whole(body, Ok(document))]),
        };
        cut.unwrap_or_else(|reason| vec![Piece::whole(body, Err(reason))])
    }

    /// What the body says as a whole.
    fn document(&self, headers: &Headers, body: &Bytes) -> Result<Value, Reason> {
        let mut document = match (self.claims(body), self.formats.of(headers)) {
            (Some(claims), _) => claims?,
            (None, Format::Urlencoded) => form::urlencoded(body)?,
            (None, Format::Multipart) => form::multipart(headers, body)?,
            // Samples of claims are the claims.
            (None, Format::Json | Format::JsonLines | Format::Jwt) => reading::read(body)?,
        };
        embedded::open(&self.json_fields, &mut document);
        Ok(document)
    }

    /// The claims of the token that the body carries. Where there is one, no content type makes
    /// anything else of the body: the token is all of it that is signed.
    fn claims(&self, body: &[u8]) -> Option<Result<Value, Reason>> {
        let token = self.formats.contains(Format::Jwt).then(|| self.token.find(body))?;
        claims::read(&token?)
    }

    /// The elements of an array at the root, each with its slice of the body.
    fn elements(
        &self,
        body: &Bytes,
        elements: Vec<Value>,
        events_max: usize,
    ) -> Result<Vec<Piece>, Reason> {
        if elements.len() > events_max {
            return Err(batch::too_large(events_max));
        }
        let slices = structure::elements(reading::text(body));
        let piece = |(index, (mut element, slice)): (usize, (Value, &str))| {
            embedded::open(&self.json_fields, &mut element);
            Piece { index: Some(index), bytes: body.slice_ref(slice.as_bytes()), read: Ok(element) }
        };
        Ok(elements.into_iter().zip(slices).enumerate().map(piece).collect())
    }

    fn lines(&self, headers: &Headers, body: &Bytes, lines: &[&[u8]]) -> Vec<Piece> {
        let piece = |(index, line): (usize, &&[u8])| {
            let bytes = body.slice_ref(line);
            let read = self.document(headers, &bytes);
            Piece { index: Some(index), bytes, read }
        };
        lines.iter().enumerate().map(piece).collect()
    }

    fn named(&self, content: Content<'_>, piece: Piece) -> ProviderEvent {
        let event = piece.read.as_ref().ok();
        let own_claims = || event.filter(|_| self.formats.contains(Format::Jwt))?.as_object();
        let claims = content.claims.or_else(own_claims);
        let sight = Sight { headers: content.headers, claims, event };
        let provider_event_id = self.identity.id(sight, piece.index);
        let event_type = self.identity.event_type(sight);
        let json = piece.read.and_then(|value| {
            reading::complexity(&value, piece.bytes.len())?;
            Ok(Document::new(value))
        });
        ProviderEvent { provider_event_id, event_type, bytes: piece.bytes, json }
    }
}

impl Piece {
    fn whole(body: &Bytes, read: Result<Value, Reason>) -> Self {
        Self { index: None, bytes: body.clone(), read }
    }
}

/// Events that were cut out of a document: their bytes are their JSON.
fn cut_out(events: Vec<Value>) -> Vec<Piece> {
    let piece = |(index, event): (usize, Value)| Piece {
        index: Some(index),
        bytes: Bytes::from(event.to_string()),
        read: Ok(event),
    };
    events.into_iter().enumerate().map(piece).collect()
}

#[cfg(test)]
mod tests;
