//! The events that are to be translated: those of a payload, or a stored one.

use crate::cli::{Ended, payload};
use crate::clock::{Clock, System};
use crate::model::{
    Document, EventId, EventView, Headers, ProviderEvent, QueryString, Reason, Timestamp,
};
use crate::provider::{Content, Provider};
use crate::store::StoredEvent;
use clap::Args;
use std::path::Path;
use std::str::FromStr;

/// Far more than any provider sends, and than the service takes unless told to.
const PAYLOAD_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// As many as the service takes in one request by default.
const EVENTS_MAX: usize = 1_000;

/// What of a request is not in its body.
#[derive(Debug, Args)]
pub(super) struct RequestArguments {
    /// A header of the request; can be given several times
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "event")]
    header: Vec<Pair>,
    /// A parameter of the request's URL; can be given several times
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "event")]
    query: Vec<Pair>,
    /// The type of the events, where the payload doesn't say
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "event")]
    event_type: Option<String>,
    /// The provider's id of the event, where the payload doesn't say
    #[arg(long, value_name = "ID", conflicts_with = "event")]
    id: Option<String>,
}

#[derive(Clone, Debug)]
struct Pair(String, String);

impl FromStr for Pair {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) =
            text.split_once('=').ok_or("a name and a value are needed: NAME=VALUE")?;
        Ok(Self(name.trim().to_owned(), value.to_owned()))
    }
}

/// An event that is to be translated.
pub(super) struct Subject {
    /// Of a stored event.
    pub(super) id: Option<EventId>,
    pub(super) provider_event_id: Option<String>,
    pub(super) event_type: Option<String>,
    received_at: Timestamp,
    headers: Headers,
    query: QueryString,
    /// What it says, or why it can't be read.
    pub(super) json: Result<Document, Reason>,
}

impl Subject {
    /// What a mapping gets to see, if it can be read.
    pub(super) fn view(&self) -> Option<EventView<'_>> {
        Some(EventView {
            provider_event_id: self.provider_event_id.as_deref(),
            event_type: self.event_type.as_deref(),
            received_at: self.received_at,
            headers: &self.headers,
            query: &self.query,
            json: self.json.as_ref().ok()?,
        })
    }

    /// A stored event, read once more as its provider's.
    pub(super) fn stored(event: StoredEvent, provider: &Provider) -> Self {
        let json = match event.fault {
            Some(fault) => Err(fault),
            None => provider.read(&event.headers, &event.bytes),
        };
        Self {
            id: Some(event.id),
            provider_event_id: event.provider_event_id,
            event_type: event.event_type,
            received_at: event.received_at,
            headers: event.headers,
            query: event.query,
            json,
        }
    }
}

impl RequestArguments {
    /// The events of a payload, as the provider's requests carry them.
    pub(super) fn events(
        self,
        path: Option<&Path>,
        provider: &Provider,
    ) -> Result<Vec<Subject>, Ended> {
        let body = payload::read(path, PAYLOAD_BYTES_MAX)?;
        let pairs = |pairs: Vec<Pair>| pairs.into_iter().map(|Pair(name, value)| (name, value));
        let (headers, query) =
            (Headers::new(pairs(self.header)), QueryString::new(pairs(self.query)));
        let received_at = System.now();
        let subject = |event: ProviderEvent| Subject {
            id: None,
            provider_event_id: self.id.clone().or(event.provider_event_id),
            event_type: self.event_type.clone().or(event.event_type),
            received_at,
            headers: headers.clone(),
            query: query.clone(),
            json: event.json,
        };
        let events = provider.split(Content::new(&headers, &body), EVENTS_MAX);
        Ok(events.into_iter().map(subject).collect())
    }
}
