//! Recording a verified request: its new events with their keys and deliveries, in one transaction.

use super::clicks;
use super::deliveries::{self, Leases, Origin, Stored};
use super::events;
use super::fault::Fault;
use super::keys::Key;
use super::rejections;
use super::rows::pairs_to_text;
use super::tx::Tx;
use crate::model::{EventId, RequestId};
use crate::provider::Verified;
use crate::store::{MappedEvent, Recorded, RecordedEvent, Recording};
use rusqlite::params;
use std::time::Duration;

/// How long the same bytes are the same event, where the provider names no id: two people can
/// well fill in a form alike, but not within the time in which a provider tries again.
const KEY_BY_BYTES_LIFE: Duration = Duration::from_secs(7 * 86_400);

/// Stores what is new of a recording. Writes nothing if all of it is known, and then the commit
/// costs no flush.
pub(super) fn record(tx: &Tx<'_>, recording: &Recording) -> Result<Recorded, Fault> {
    let mut recorder = Recorder {
        tx,
        request: &recording.request,
        shared_request: None,
        whole: is_whole(recording),
        leases: Leases { left: recording.leases, duration: recording.lease },
        recorded: Recorded::default(),
    };
    for mapped in &recording.events {
        let event = recorder.event(mapped)?;
        recorder.recorded.events.push(event);
    }
    if let Some(rejection) = recording.admits {
        let events: Vec<_> = recorder.recorded.events.iter().map(|event| event.id()).collect();
        rejections::admit(tx, rejection, &events)?;
    }
    Ok(recorder.recorded)
}

/// Whether the body is the bytes of the one event, so that nothing is lost without the request.
fn is_whole(recording: &Recording) -> bool {
    match &recording.events[..] {
        [only] => only.event.bytes == recording.request.body(),
        _ => false,
    }
}

struct Recorder<'a> {
    tx: &'a Tx<'a>,
    request: &'a Verified,
    /// Once it is stored.
    shared_request: Option<RequestId>,
    whole: bool,
    leases: Leases,
    recorded: Recorded,
}

impl Recorder<'_> {
    fn event(&mut self, mapped: &MappedEvent) -> Result<RecordedEvent, Fault> {
        let (key, for_good) = self.tx.keys.event(self.request.source(), &mapped.event);
        if let Some(event) = known(self.tx, &key)? {
            let stale = events::is_stale(self.tx, event, &mapped.mapping_version)?;
            return Ok(match stale {
                true => RecordedEvent::Stale(event),
                false => RecordedEvent::Known(event),
            });
        }
        let event = EventId::new(self.tx.now);
        self.insert_key(&key, for_good, event)?;
        self.insert_event(event, mapped)?;
        let (source, received_at) = (self.request.source(), self.request.received_at());
        self.recorded.due |= clicks::learn(self.tx, &mapped.applied.clicks, received_at)?;
        let origin = Origin { event, source, mapping_version: &mapped.mapping_version };
        for outcome in &mapped.applied.outcomes {
            match deliveries::insert(self.tx, origin, outcome, &mut self.leases)? {
                Stored::Settled => {}
                Stored::Due => self.recorded.due = true,
                Stored::Leased(claimed) => self.recorded.leased.push(*claimed),
            }
        }
        Ok(RecordedEvent::New(event))
    }

    fn insert_key(&self, key: &Key, for_good: bool, event: EventId) -> Result<(), Fault> {
        let expires_at = (!for_good).then(|| self.tx.now.plus(KEY_BY_BYTES_LIFE).millis());
        // Replaces one that has expired and was not yet purged.
        self.tx.execute(
            "INSERT INTO event_keys (key, event_id, expires_at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET event_id = excluded.event_id,
                 expires_at = excluded.expires_at",
            params![key, event.as_bytes(), expires_at],
        )?;
        Ok(())
    }

    fn insert_event(&mut self, id: EventId, mapped: &MappedEvent) -> Result<(), Fault> {
        let request = if self.whole { None } else { Some(self.shared_request()?) };
        let own = |text: fn(&Verified) -> String| request.is_none().then(|| text(self.request));
        let event = &mapped.event;
        self.tx.execute(
            "INSERT INTO events (id, source, type, provider_event_id, received_at,
                 mapping_version, fault, request_id, headers, query, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                id.as_bytes(),
                self.request.source().as_str(),
                event.event_type,
                event.provider_event_id,
                self.request.received_at().millis(),
                mapped.mapping_version,
                events::fault_to_text(&event.json),
                request.as_ref().map(RequestId::as_bytes),
                own(headers_to_text),
                own(query_to_text),
                &event.bytes[..]
            ],
        )?;
        Ok(())
    }

    /// The request that several events share, or of which an event is only a part.
    fn shared_request(&mut self) -> Result<RequestId, Fault> {
        if let Some(id) = self.shared_request {
            return Ok(id);
        }
        let id = RequestId::new(self.tx.now);
        self.tx.execute(
            "INSERT INTO requests (id, source, received_at, headers, query, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                id.as_bytes(),
                self.request.source().as_str(),
                self.request.received_at().millis(),
                headers_to_text(self.request),
                query_to_text(self.request),
                &self.request.body()[..]
            ],
        )?;
        self.shared_request = Some(id);
        Ok(id)
    }
}

fn known(tx: &Tx<'_>, key: &Key) -> Result<Option<EventId>, Fault> {
    tx.first(
        "SELECT event_id FROM event_keys
         WHERE key = ?1 AND (expires_at IS NULL OR expires_at > ?2)",
        params![key, tx.now.millis()],
        |row| row.get(0).map(EventId::from_bytes),
    )
}

fn headers_to_text(request: &Verified) -> String {
    pairs_to_text(request.headers().iter())
}

fn query_to_text(request: &Verified) -> String {
    pairs_to_text(request.query().iter())
}
