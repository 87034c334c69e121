//! The steps of `POST /webhooks/{source}`: read, verify, split, map, store, answer.

use super::body::{Body, Share};
use super::rejections::Refusal;
use super::{Ingest, answer, body, keys, target};
use crate::diagnostic::Code;
use crate::mapping::Found;
use crate::model::{
    Applied, EventId, EventView, Headers, ProviderEvent, QueryString, Reason, RejectionId, Request,
    RuleOutcome, SourceName, Translation,
};
use crate::provider::{Answer, Unproved, Verified, Verifier};
use crate::store::{MappedEvent, Recorded, RecordedEvent, Recording, Slot, StoreError};
use crate::topology::Source;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// What became of a request that was not refused.
enum Accepted {
    /// How many of its events were new, and how many were known.
    Events { status: u16, new: usize, known: usize },
    /// It was the provider's handshake.
    Handshake(Answer),
}

impl Accepted {
    fn answer(self) -> HttpResponse {
        match self {
            Self::Events { status, new, known } => answer::accepted(status, new, known),
            Self::Handshake(answer) => answer::handshake(answer),
        }
    }
}

/// Why a request was refused. The caller learns the code, our log the cause as well.
pub(super) struct Refused {
    pub(super) code: Code,
    pub(super) cause: Option<String>,
    /// When to come again, where that is known.
    pub(super) retry_after: Option<Duration>,
}

impl Refused {
    fn because(code: Code, cause: &dyn std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..code.into() }
    }

    pub(super) fn until(code: Code, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..code.into() }
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Self { code, cause: None, retry_after: None }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::Overloaded => Code::Overloaded,
            StoreError::Unavailable(_) | StoreError::Corrupt(_) => Code::StoreUnavailable,
        };
        Self::because(code, &error)
    }
}

pub(super) async fn post(
    request: HttpRequest,
    payload: web::Payload,
    ingest: web::Data<Ingest>,
) -> HttpResponse {
    let name = request.match_info().get("source").unwrap_or_default().to_owned();
    let peer = ingest.access.peer(&request);
    match accept(&name, &request, peer, payload, ingest.clone().into_inner()).await {
        Ok(accepted) => accepted.answer(),
        Err(refused) => {
            let now = ingest.clock.now();
            let refused = ingest.access.count(refused, &name, peer, now);
            let source = (refused.code != Code::SourceUnknown).then_some(name.as_str());
            ingest.metrics.request_refused(source, refused.code);
            ingest.refusals.note(source, &refused, peer, now);
            answer::refused(&refused)
        }
    }
}

async fn accept(
    name: &str,
    http: &HttpRequest,
    peer: Option<IpAddr>,
    payload: web::Payload,
    ingest: Arc<Ingest>,
) -> Result<Accepted, Refused> {
    let (source, verifier) = source(name, &ingest)?;
    let read = read(http, peer, payload, &source, &ingest).await;
    let now = ingest.clock.now();
    let request = |body: Bytes| Request {
        source: source.name.clone(),
        method: http.method().as_str().to_owned(),
        target: target::of(http),
        headers: headers(http),
        query: query(http),
        body,
        peer,
        received_at: now,
    };
    let (request, mut share) = match read {
        Ok(Body { bytes, share }) => (request(bytes), share),
        Err(code) => {
            let unproved = Unproved { code, request: request(Bytes::new()) };
            return Err(refuse(&ingest, Refusal { unproved, body_kept: false, verifier }));
        }
    };
    keys::provide(&*ingest.keys, &verifier, &request).await;
    let proved = match verifier.handshake(&request, now) {
        Some(Ok(answer)) => return Ok(Accepted::Handshake(answer)),
        Some(Err(code)) => Err(Unproved { code, request }),
        None => verifier.prove(request, now).map_err(|unproved| *unproved),
    };
    let verified = proved
        .map_err(|unproved| refuse(&ingest, Refusal { unproved, body_kept: true, verifier }))?;
    ingest.access.take(&source, now)?;
    // A task of its own: a caller that hangs up can't interrupt what has begun to be stored.
    let stored = actix_web::rt::spawn(async move {
        let status = source.provider.response_status();
        let stored = store(&ingest, &source, verified, None, &mut share).await;
        drop(share);
        let stored = stored?;
        let new = stored.iter().filter(|event| matches!(event, RecordedEvent::New(_))).count();
        Ok::<_, StoreError>(Accepted::Events { status, new, known: stored.len() - new })
    });
    let stored = stored.await;
    Ok(stored.map_err(|panic| Refused::because(Code::StoreUnavailable, &panic))??)
}

/// The body of a request that may come in.
async fn read(
    http: &HttpRequest,
    peer: Option<IpAddr>,
    payload: web::Payload,
    source: &Source,
    ingest: &Ingest,
) -> Result<Body, Code> {
    ingest.access.enter(http, source, peer)?;
    let limits = ingest.limits;
    body::read(payload, http.headers(), limits.body_bytes_max, limits.body_timeout, &ingest.bodies)
        .await
}

/// Hands a refused request to those who keep it.
pub(super) fn refuse(ingest: &Ingest, refusal: Refusal) -> Refused {
    let code = refusal.unproved.code;
    ingest.rejections.offer(refusal);
    code.into()
}

/// The source as it is now, and how to verify its requests.
///
/// # Errors
/// `source_unknown`, `source_not_configured`. Requests to a source that can't verify any are not
/// kept: what in them is a credential is not known, and their senders are asked to come again.
pub(super) fn source(name: &str, ingest: &Ingest) -> Result<(Arc<Source>, Verifier), Code> {
    let name: SourceName = name.parse().map_err(|_| Code::SourceUnknown)?;
    let topology = ingest.in_force.topology();
    match topology.sources.get(&name) {
        Some(source) => match &source.verifier {
            Ok(verifier) => Ok((Arc::clone(source), verifier.clone())),
            Err(_) => Err(Code::SourceNotConfigured),
        },
        // Its file is gone, perhaps by mistake: the provider must try again, not give up.
        None if topology.known.contains(&name) => Err(Code::SourceNotConfigured),
        None => Err(Code::SourceUnknown),
    }
}

pub(super) fn headers(http: &HttpRequest) -> Headers {
    Headers::new(http.headers().iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    }))
}

pub(super) fn query(http: &HttpRequest) -> QueryString {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(http.query_string());
    QueryString::new(parameters.map(web::Query::into_inner).unwrap_or_default())
}

/// Splits, maps and records; of a request that was a rejection before, `admits` says which.
pub(super) async fn store(
    ingest: &Ingest,
    source: &Source,
    verified: Verified,
    admits: Option<RejectionId>,
    share: &mut Share,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let events = split(source, &verified, ingest.limits.batch_events_max, share)?;
    let received_at = verified.received_at();
    let mapped = events.into_iter().map(|event| map(source, &verified, event));
    let (events, found): (Vec<_>, Vec<_>) = mapped.unzip();
    let unmapped: Vec<_> = events.iter().map(unmapped).collect();
    let recorded = record(ingest, verified, events, admits).await?;
    let mut new = 0;
    for ((event, reasons), found) in recorded.events.iter().zip(unmapped).zip(found) {
        match event {
            RecordedEvent::New(event) => {
                new += 1;
                ingest.monitor.observe(source, &found, received_at);
                if !reasons.is_empty() {
                    let reasons = reasons.join(", ");
                    tracing::warn!(source = %source.name, %event, reasons, "event unmapped");
                }
            }
            RecordedEvent::Known(_) => {}
            RecordedEvent::Stale(event) => map_again(ingest, source, *event).await?,
        }
    }
    let known = recorded.events.len() - new;
    ingest.metrics.request_accepted(&source.name, new, known);
    Ok(recorded.events)
}

/// The events of a request, which together with its body keep their share of the budget.
fn split(
    source: &Source,
    verified: &Verified,
    events_max: usize,
    share: &mut Share,
) -> Result<Vec<ProviderEvent>, StoreError> {
    let content = verified.content();
    let Some(inflated_max) = content.inflated_bytes_max() else {
        return Ok(source.provider.split(content, events_max));
    };
    let compressed = content.body.len();
    share.grow(compressed + inflated_max).map_err(|_| StoreError::Overloaded)?;
    let events = source.provider.split(content, events_max);
    let inflated: usize = events.iter().map(|event| event.bytes.len()).sum();
    share.shrink(compressed + inflated);
    Ok(events)
}

/// What the mapping makes of an event, and what its rules found in it.
fn map(source: &Source, request: &Verified, event: ProviderEvent) -> (MappedEvent, Vec<Found>) {
    let (applied, found) = match &event.json {
        Err(_) => (Applied::default(), Vec::new()),
        Ok(json) => source.mapping.apply_watched(EventView {
            provider_event_id: event.provider_event_id.as_deref(),
            event_type: event.event_type.as_deref(),
            received_at: request.received_at(),
            headers: request.headers(),
            query: request.query(),
            json,
        }),
    };
    let mapping_version = source.mapping.version().to_owned();
    (MappedEvent { event, mapping_version, applied }, found)
}

/// Why an event made no lead although it should have: nothing else tells of it until somebody
/// looks. Codes and the names of fields only.
fn unmapped(mapped: &MappedEvent) -> Vec<String> {
    let of_event = mapped.event.json.as_ref().err();
    let of_rules = mapped.applied.outcomes.iter().flat_map(|outcome| match &outcome.translation {
        Translation::Unmapped(reasons) => reasons.as_slice(),
        Translation::Lead(_) | Translation::Parked(_) | Translation::Skipped(_) => &[],
    });
    let words = |reason: &Reason| match &reason.field {
        Some(field) => format!("{} {field}", reason.code),
        None => reason.code.to_string(),
    };
    of_event.into_iter().chain(of_rules).map(words).collect()
}

/// Stores the events; leads for which the delivery side has a slot free go to it at once.
async fn record(
    ingest: &Ingest,
    request: Verified,
    events: Vec<MappedEvent>,
    admits: Option<RejectionId>,
) -> Result<Recorded, StoreError> {
    let is_lead = |outcome: &&RuleOutcome| matches!(outcome.translation, Translation::Lead(_));
    let leads = events.iter().flat_map(|event| &event.applied.outcomes).filter(is_lead).count();
    let slots: Vec<Slot> = (0..leads).map_while(|_| ingest.hand_over.take()).collect();
    let recording =
        Recording { request, events, leases: slots.len(), lease: ingest.limits.lease, admits };
    let mut recorded = ingest.store.record(recording).await?;
    for (slot, claimed) in slots.into_iter().zip(recorded.leased.drain(..)) {
        slot.send(claimed);
    }
    if recorded.due {
        ingest.hand_over.wake();
    }
    Ok(recorded)
}

/// A known event whose mapping has changed since, and of which no lead came: the provider's own
/// "resend" is how people try a mended mapping.
async fn map_again(ingest: &Ingest, source: &Source, event: EventId) -> Result<(), StoreError> {
    let Some(stored) = ingest.store.event(event).await? else { return Ok(()) };
    let applied = match source.provider.read(&stored.headers, &stored.bytes) {
        Ok(json) if !stored.is_uncut() => source.mapping.apply(stored.view(&json)),
        Ok(_) | Err(_) => Applied::default(),
    };
    let version = source.mapping.version().to_owned();
    if ingest.store.remap(event, version, applied).await? {
        tracing::info!(source = %source.name, %event, "a known event was mapped again");
        ingest.hand_over.wake();
    }
    Ok(())
}
