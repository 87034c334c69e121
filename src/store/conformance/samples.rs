//! Events, leads and conclusions to test with, and the verbs with everything usual filled in.

use super::{Bench, START};
use crate::clock::{Clock, Manual};
use crate::diagnostic::Code;
use crate::model::{
    Applied, Attempt, Click, DeliveryState, DestinationName, Document, Effect, EventId, Headers,
    Lead, Mode, Next, Once, ProviderEvent, QueryString, Reason, Request, RuleOutcome, Timestamp,
    Translation,
};
use crate::provider::Verified;
use crate::store::{
    Claimed, Claims, Concluded, Conclusion, MappedEvent, Recorded, RecordedEvent, Recording, Store,
    StoredEvent,
};
use bytes::Bytes;
use serde_json::json;
use std::time::Duration;

pub(in crate::store) const LEASE: Duration = Duration::from_secs(60);
pub(in crate::store) const DAY: Duration = Duration::from_secs(86_400);

/// The destination of every sample that names no other.
pub(in crate::store) fn dub() -> DestinationName {
    destination("dub")
}

pub(in crate::store) fn destination(name: &str) -> DestinationName {
    name.parse().expect("a name")
}

pub(in crate::store) fn event(id: &str) -> ProviderEvent {
    let value = json!({ "id": id, "type": "user.created" });
    ProviderEvent {
        provider_event_id: Some(id.to_owned()),
        event_type: Some("user.created".to_owned()),
        bytes: Bytes::from(value.to_string()),
        json: Ok(Document::new(value)),
    }
}

/// An event of no id.
pub(in crate::store) fn anonymous_event(content: &str) -> ProviderEvent {
    ProviderEvent { provider_event_id: None, ..event(content) }
}

pub(in crate::store) fn unreadable_event(id: &str) -> ProviderEvent {
    let reason = Reason::new(Code::BodyNotJson).detail("line 1");
    ProviderEvent { json: Err(reason), bytes: Bytes::from_static(b"{"), ..event(id) }
}

pub(in crate::store) fn lead(customer: &str, event_name: &str) -> Lead {
    Lead {
        body: Bytes::from(json!({ "who": customer, "what": event_name }).to_string()),
        customer: customer.to_owned(),
        event_slug: event_name.to_owned(),
        has_click: true,
        mode: Mode::Async,
        warnings: Vec::new(),
    }
}

pub(in crate::store) fn lead_without_click(customer: &str, event_name: &str) -> Lead {
    Lead { has_click: false, ..lead(customer, event_name) }
}

pub(in crate::store) fn outcome(rule: &str, translation: Translation) -> RuleOutcome {
    RuleOutcome {
        rule: rule.parse().expect("a name"),
        destination: dub(),
        once: Once::Forever,
        translation,
    }
}

/// A lead made by the rule `sign-up`.
pub(in crate::store) fn sends(lead: Lead) -> RuleOutcome {
    outcome("sign-up", Translation::Lead(Box::new(lead)))
}

/// A lead of the rule `sign-up` that waits for its click id.
pub(in crate::store) fn parks(customer: &str, event_name: &str) -> RuleOutcome {
    outcome("sign-up", Translation::Parked(Box::new(lead_without_click(customer, event_name))))
}

pub(in crate::store) fn click(customer: &str, click_id: &str) -> Click {
    Click { customer: customer.to_owned(), click_id: click_id.to_owned() }
}

pub(in crate::store) fn skips() -> RuleOutcome {
    outcome("sign-up", Translation::Skipped(Reason::of_field(Code::NoClickId, "clickId")))
}

pub(in crate::store) fn fails() -> RuleOutcome {
    let reasons = vec![
        Reason::of_field(Code::FieldMissing, "customerExternalId").detail("nothing at $.data.id"),
        Reason::of_field(Code::FieldTooLong, "eventName"),
    ];
    outcome("sign-up", Translation::Unmapped(reasons))
}

/// By version `v1` of the mapping.
pub(in crate::store) fn mapped(event: ProviderEvent, outcomes: Vec<RuleOutcome>) -> MappedEvent {
    let applied = Applied { outcomes, clicks: Vec::new() };
    MappedEvent { event, mapping_version: "v1".to_owned(), applied }
}

/// The body of a sample lead with a click id that came later or before.
pub(in crate::store) fn body_with(click_id: &str, customer: &str, event_name: &str) -> Bytes {
    let value = json!({ "clickId": click_id, "who": customer, "what": event_name });
    Bytes::from(value.to_string())
}

/// An event that tells of clicks and makes no lead, by version `v1` of the mapping.
pub(in crate::store) fn telling(event: ProviderEvent, clicks: Vec<Click>) -> MappedEvent {
    let mut telling = mapped(event, Vec::new());
    telling.applied.clicks = clicks;
    telling
}

/// A request of `source` whose body is its one event, or a list of several.
pub(in crate::store) fn request(source: &str, events: &[MappedEvent], at: Timestamp) -> Request {
    let body = match events {
        [only] => only.event.bytes.clone(),
        several => several.iter().flat_map(|mapped| mapped.event.bytes.to_vec()).collect(),
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Request {
        source: source.parse().expect("a name"),
        method: "POST".to_owned(),
        target: format!("/webhooks/{source}?form=a+b&form="),
        headers: Headers::new([pair("x-a", "1"), pair("x-b", "2"), pair("x-a", "3")]),
        query: QueryString::new([pair("form", "a b"), pair("form", "")]),
        body,
        peer: None,
        received_at: at,
    }
}

pub(in crate::store) fn recording(
    source: &str,
    events: Vec<MappedEvent>,
    at: Timestamp,
) -> Recording {
    let request = Verified::for_tests(request(source, &events, at));
    Recording { request, events, leases: 0, lease: LEASE, admits: None }
}

/// The recording of an event that is only a part of its body.
pub(in crate::store) fn recording_of_part(part: MappedEvent, body: Bytes) -> Recording {
    let request = Request { body, ..request("clerk", std::slice::from_ref(&part), START) };
    let request = Verified::for_tests(request);
    Recording { request, events: vec![part], leases: 0, lease: LEASE, admits: None }
}

/// An attempt's end with what follows, at the time of the clock.
pub(in crate::store) fn conclusion(
    clock: &Manual,
    claimed: &Claimed,
    next: Next,
    effect: Effect,
) -> Conclusion {
    Conclusion {
        delivery: claimed.delivery,
        lease: claimed.lease,
        attempt: Attempt {
            ended_at: clock.now(),
            status: Some(200),
            destination_code: None,
            effect,
            outcome: Code::Recorded,
        },
        next,
        reason: Reason::new(Code::Recorded).detail("as the test says"),
    }
}

/// The verbs as most cases use them: they must succeed.
pub(in crate::store) trait Verbs: Bench {
    fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// Records events of one request to the source `clerk`.
    async fn record(&self, events: Vec<MappedEvent>) -> Recorded {
        let recording = recording("clerk", events, self.now());
        self.store().record(recording).await.expect("recorded")
    }

    /// Records one new event of `outcomes`, with an id that no other has.
    async fn receive(&self, id: &str, outcomes: Vec<RuleOutcome>) -> EventId {
        new(&self.record(vec![mapped(event(id), outcomes)]).await)
    }

    /// Records a lead for `dub`.
    async fn owe(&self, id: &str, lead: Lead) -> EventId {
        self.receive(id, vec![sends(lead)]).await
    }

    /// Records a lead for `dub` that waits for its click id.
    async fn park(&self, id: &str, customer: &str, event_name: &str) -> EventId {
        self.receive(id, vec![parks(customer, event_name)]).await
    }

    /// Records an event that tells of a click, to a source of its own.
    async fn tell(&self, id: &str, customer: &str, click_id: &str) -> Recorded {
        let telling = vec![telling(event(id), vec![click(customer, click_id)])];
        let recording = recording("shop", telling, self.now());
        self.store().record(recording).await.expect("recorded")
    }

    async fn claim(&self, limit: usize) -> Claims {
        self.store().claim_due(dub(), limit, LEASE).await.expect("claimed")
    }

    /// The only one that can be claimed.
    async fn claim_only(&self) -> Claimed {
        let mut claims = self.claim(10).await;
        assert_eq!(claims.claimed.len(), 1, "{claims:?}");
        claims.claimed.remove(0)
    }

    async fn conclude(&self, claimed: &Claimed, next: Next, effect: Effect) -> Concluded {
        let conclusion = conclusion(self.clock(), claimed, next, effect);
        self.store().conclude(conclusion).await.expect("concluded")
    }

    async fn settle(&self, claimed: &Claimed, state: DeliveryState) -> Concluded {
        let effect = match state {
            DeliveryState::Tracked => Effect::Recorded,
            _ => Effect::None,
        };
        self.conclude(claimed, Next::Final(state), effect).await
    }

    /// Owes a lead, sends it and ends it as `state`.
    async fn deliver(&self, id: &str, lead: Lead, state: DeliveryState) -> EventId {
        let event = self.owe(id, lead).await;
        let claimed = self.claim_only().await;
        assert_eq!(claimed.event, event);
        assert_eq!(self.settle(&claimed, state).await, Concluded::InTime);
        event
    }

    async fn stored(&self, event: EventId) -> StoredEvent {
        self.store().event(event).await.expect("read").expect("stored")
    }

    /// The states of an event's deliveries, oldest first.
    async fn states(&self, event: EventId) -> Vec<DeliveryState> {
        let stored = self.stored(event).await;
        stored.deliveries.iter().map(|delivery| delivery.state).collect()
    }

    async fn total(&self) -> u64 {
        let counts = self.store().count_by_state().await.expect("counted");
        counts.iter().map(|(_, count)| count).sum()
    }
}

impl<B: Bench> Verbs for B {}

/// The only event of a recording, which must be new.
pub(in crate::store) fn new(recorded: &Recorded) -> EventId {
    match recorded.events[..] {
        [RecordedEvent::New(event)] => event,
        _ => panic!("not one new event: {recorded:?}"),
    }
}

/// In which order events were claimed.
pub(in crate::store) fn events_of(claims: &Claims) -> Vec<EventId> {
    claims.claimed.iter().map(|claimed| claimed.event).collect()
}

pub(in crate::store) fn start_plus(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}
