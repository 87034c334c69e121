//! Stored events as JSON Lines, one event a line: what `events export` writes and other commands
//! read. The shape is known here and nowhere else.
//!
//! ```json
//! {"id":"evt_…","source":"clerk","provider":"clerk","type":"user.created",
//!  "provider_event_id":"msg_1","received_at":"2026-01-31T18:00:00.000Z",
//!  "headers":[["svix-id","msg_1"]],"query":[],"json":{…},"mapping_version":"3f9a…",
//!  "deliveries":[{"id":"dlv_…","rule":"sign-up","mapping_version":"3f9a…","destination":"dub",
//!                 "state":"tracked","reasons":[{"code":"recorded"}],"warnings":[],"lead":{…},
//!                 "attempts":1,"created_at":"2026-01-31T18:00:00.000Z"}]}
//! ```
//!
//! - `json` holds the body as it came, digit by digit and key by key. A body that a line can't hold
//!   so (no JSON, several lines, blanks at an end) is `body_base64` instead.
//! - `type`, `provider_event_id`, `provider`, `fault` (why the bytes can't be read) and a
//!   delivery's `lead` and `due_at` are absent where there is none.
//! - A reader needs `id`, `source`, `received_at` and the body; it takes the rest for empty where it
//!   is absent, and passes over keys that it doesn't know.
//!
//! What is read back equals what was stored. Absent here: files, and leaving people's data out.

mod lines;

use super::{StoredDelivery, StoredEvent};
use crate::model::{Headers, QueryString, Reason, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::io::{self, Write};
use std::str::FromStr;

pub use lines::{Lines, NumberedLine};

/// Why a line can't be read. Never quotes the line: it holds people's data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    #[error("the line is not JSON: {why} at column {column}")]
    NotJson { why: String, column: usize },
    #[error(
        "the line is no object of an export: the value that ends at column {column} is of another type"
    )]
    WrongType { column: usize },
    #[error("`{0}` is absent, or has a value that it can't have")]
    Invalid(&'static str),
    #[error("the line is longer than {} MiB", lines::LINE_BYTES_MAX >> 20)]
    TooLong,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Line<'a> {
    id: String,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_event_id: Option<String>,
    received_at: String,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    #[serde(borrow, deserialize_with = "raw", skip_serializing_if = "Option::is_none")]
    json: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<ReasonShape>,
    mapping_version: String,
    #[serde(borrow)]
    deliveries: Vec<DeliveryShape<'a>>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct DeliveryShape<'a> {
    id: String,
    rule: String,
    mapping_version: String,
    destination: String,
    state: String,
    reasons: Vec<ReasonShape>,
    warnings: Vec<ReasonShape>,
    #[serde(borrow, deserialize_with = "raw", skip_serializing_if = "Option::is_none")]
    lead: Option<&'a RawValue>,
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    created_at: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct ReasonShape {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Writes an event as one line, with the name of its source's provider where that is known.
///
/// # Errors
/// Where `out` fails, or where a stored lead is no JSON.
pub fn write_line(
    event: &StoredEvent,
    provider: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let json = in_one_line(&event.bytes);
    let deliveries: io::Result<Vec<_>> = event.deliveries.iter().map(delivery_shape).collect();
    let line = Line {
        id: event.id.to_string(),
        source: event.source.to_string(),
        provider: provider.map(str::to_owned),
        event_type: event.event_type.clone(),
        provider_event_id: event.provider_event_id.clone(),
        received_at: event.received_at.to_string(),
        headers: owned(event.headers.iter()),
        query: owned(event.query.iter()),
        json,
        body_base64: json.is_none().then(|| STANDARD.encode(&event.bytes)),
        fault: event.fault.as_ref().map(reason_shape),
        mapping_version: event.mapping_version.clone(),
        deliveries: deliveries?,
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

/// Reads a line that [`write_line`] wrote, or one that has at least what a reader needs.
///
/// # Errors
/// What is wrong with it first.
pub fn read_line(line: &[u8]) -> Result<StoredEvent, LineFault> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| fault(&error))?;
    let bytes = match (line.json, &line.body_base64) {
        (Some(json), None) => Bytes::copy_from_slice(json.get().as_bytes()),
        (None, Some(body)) => {
            STANDARD.decode(body).map_err(|_| LineFault::Invalid("body_base64"))?.into()
        }
        _ => return Err(LineFault::Invalid("json")),
    };
    let deliveries: Result<Vec<_>, _> = line.deliveries.into_iter().map(delivery).collect();
    Ok(StoredEvent {
        id: parsed(&line.id, "id")?,
        source: parsed(&line.source, "source")?,
        event_type: line.event_type,
        provider_event_id: line.provider_event_id,
        received_at: parsed(&line.received_at, "received_at")?,
        headers: Headers::new(line.headers),
        query: QueryString::new(line.query),
        bytes,
        fault: line.fault.map(|shape| reason(shape, "fault")).transpose()?,
        mapping_version: line.mapping_version,
        deliveries: deliveries?,
    })
}

/// Words of the parser only where it can't quote a value, and without its count of lines.
fn fault(error: &serde_json::Error) -> LineFault {
    let column = error.column();
    if error.classify() == Category::Data {
        return LineFault::WrongType { column };
    }
    let why = error.to_string();
    let why = why.split(" at line ").next().unwrap_or_default().to_owned();
    LineFault::NotJson { why, column }
}

/// The bytes as a value of a line, if they come back from there as they are.
fn in_one_line(bytes: &[u8]) -> Option<&RawValue> {
    let text = std::str::from_utf8(bytes).ok()?;
    // Tools that convert line ends would change a carriage return.
    if text.contains(['\n', '\r']) {
        return None;
    }
    let json: &RawValue = serde_json::from_str(text).ok()?;
    (json.get().len() == text.len()).then_some(json)
}

fn delivery_shape(delivery: &StoredDelivery) -> io::Result<DeliveryShape<'_>> {
    let lead = delivery.body.as_ref().map(|body| {
        let broken = || io::Error::other(format!("the lead of {} is no JSON", delivery.id));
        in_one_line(body).ok_or_else(broken)
    });
    Ok(DeliveryShape {
        id: delivery.id.to_string(),
        rule: delivery.rule.to_string(),
        mapping_version: delivery.mapping_version.clone(),
        destination: delivery.destination.to_string(),
        state: delivery.state.to_string(),
        reasons: delivery.reasons.iter().map(reason_shape).collect(),
        warnings: delivery.warnings.iter().map(reason_shape).collect(),
        lead: lead.transpose()?,
        attempts: delivery.attempts,
        due_at: delivery.due_at.map(|at| at.to_string()),
        created_at: delivery.created_at.to_string(),
    })
}

fn delivery(shape: DeliveryShape<'_>) -> Result<StoredDelivery, LineFault> {
    let reasons = |shapes: Vec<ReasonShape>, name| {
        shapes.into_iter().map(|shape| reason(shape, name)).collect::<Result<Vec<_>, _>>()
    };
    let due_at: Option<Result<Timestamp, _>> =
        shape.due_at.as_deref().map(|at| parsed(at, "deliveries.due_at"));
    Ok(StoredDelivery {
        id: parsed(&shape.id, "deliveries.id")?,
        rule: parsed(&shape.rule, "deliveries.rule")?,
        mapping_version: shape.mapping_version,
        destination: parsed(&shape.destination, "deliveries.destination")?,
        state: parsed(&shape.state, "deliveries.state")?,
        reasons: reasons(shape.reasons, "deliveries.reasons")?,
        warnings: reasons(shape.warnings, "deliveries.warnings")?,
        body: shape.lead.map(|lead| Bytes::copy_from_slice(lead.get().as_bytes())),
        attempts: shape.attempts,
        due_at: due_at.transpose()?,
        created_at: parsed(&shape.created_at, "deliveries.created_at")?,
    })
}

fn reason_shape(reason: &Reason) -> ReasonShape {
    ReasonShape {
        code: reason.code.name().to_owned(),
        field: reason.field.clone(),
        detail: reason.detail.clone(),
    }
}

fn reason(shape: ReasonShape, name: &'static str) -> Result<Reason, LineFault> {
    Ok(Reason { code: parsed(&shape.code, name)?, field: shape.field, detail: shape.detail })
}

fn owned<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn parsed<T: FromStr>(text: &str, name: &'static str) -> Result<T, LineFault> {
    text.parse().map_err(|_| LineFault::Invalid(name))
}

/// A value that is there, also where it is `null`: that can be the whole of a body.
fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests;
