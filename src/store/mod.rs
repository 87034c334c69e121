//! Durable memory: the verbs that the rest of the service may use, and the databases behind them.
//!
//! Invariants, which the conformance suite tests for every implementation:
//!
//! 1. An answer comes only after the commit that made it true is on disk.
//! 2. One fact is one transaction: a request's events with their deliveries and keys; an attempt's
//!    end with the delivery's next state, the ledger and the destination's history.
//! 3. A known event (same key) is never stored twice, also within one request.
//! 4. At most one delivery of a (destination, customer, event slug) is leased at a time, and a lead
//!    without a click id of its own waits for earlier unfinished deliveries of the same customer.
//! 5. What the ledger has is not handed out again: it becomes `recorded_before`.
//! 6. A conclusion counts only with the lease's token; a late one is kept on its attempt, and still
//!    wins where the lead turns out to be recorded.
//! 7. An expired lease closes its attempt as lost and makes the delivery due again.
//! 8. A failing write changes nothing and harms no other write of its group.
//! 9. A lead is parked only while no click of its customer is remembered, whichever of the two came
//!    first; its bytes are fixed when a click makes it due, and no later click changes them.
//! 10. The rejections of a source never take more than their ring, the oldest give way, and one that
//!     was admitted says for good what it became: in the transaction that records its events.
//!
//! Absent here: rules. Mapping, verification and the meaning of an answer are decided outside.

#[cfg(test)]
mod conformance;
pub mod export;
mod hand_over;
mod rejection;
pub mod sqlite;

use crate::diagnostic::Code;
use crate::model::{
    Applied, Attempt, AttemptId, DeliveryId, DeliveryState, DestinationName, Document, EventId,
    EventView, Headers, History, LeaseToken, Next, ProviderEvent, QueryString, Reason, RejectionId,
    RuleName, SourceName, Timestamp,
};
use crate::provider::Verified;
use bytes::Bytes;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub use hand_over::{HandOver, Slot};
pub use rejection::{Admission, REJECTIONS_BYTES_MAX, Rejection, RejectionQuery, StoredRejection};

/// How long a click is remembered from the receipt of its event, and how long a lead is parked for
/// one.
pub const CLICK_MEMORY: Duration = Duration::from_secs(30 * 86_400);

/// The answer of a verb, once it is durable.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why a verb failed, by what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was written; trying again later can succeed (disk full, I/O error, stopped).
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// Too many writes wait; nothing was written.
    #[error("too many writes are waiting")]
    Overloaded,
    /// What was read makes no sense: the database was changed by something else.
    #[error("the store holds something unexpected: {0}")]
    Corrupt(String),
}

/// One verified request with its events, to be stored in one transaction.
#[derive(Debug)]
pub struct Recording {
    pub request: Verified,
    pub events: Vec<MappedEvent>,
    /// Up to this many leads are stored as leased, first attempt started, and handed over.
    pub leases: usize,
    pub lease: Duration,
    /// The rejection that this request was before it was admitted; what it became is noted there.
    pub admits: Option<RejectionId>,
}

/// An event with what the mapping made of it.
#[derive(Clone, Debug)]
pub struct MappedEvent {
    pub event: ProviderEvent,
    pub mapping_version: String,
    /// Empty where no rule matched, or where the event can't be read.
    pub applied: Applied,
}

/// What became of a recording.
#[derive(Debug, Default)]
pub struct Recorded {
    /// In the order of the events.
    pub events: Vec<RecordedEvent>,
    /// Deliveries that were stored as leased, to be attempted now.
    pub leased: Vec<Claimed>,
    /// Whether some delivery is due now and not leased: a new one, or one that was parked.
    pub due: bool,
}

/// What became of one event of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordedEvent {
    New(EventId),
    /// Known, and nothing was written.
    Known(EventId),
    /// Known, but unmapped, skipped or ignored under another mapping version: map it again.
    Stale(EventId),
}

impl RecordedEvent {
    pub fn id(self) -> EventId {
        match self {
            Self::New(id) | Self::Known(id) | Self::Stale(id) => id,
        }
    }
}

/// A stored event, as needed to map it again or to show it.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    pub id: EventId,
    pub source: SourceName,
    pub event_type: Option<String>,
    pub provider_event_id: Option<String>,
    pub received_at: Timestamp,
    pub headers: Headers,
    pub query: QueryString,
    pub bytes: Bytes,
    /// Why the bytes can't be read, if they can't.
    pub fault: Option<Reason>,
    pub mapping_version: String,
    pub deliveries: Vec<StoredDelivery>,
}

impl StoredEvent {
    /// Whether it is a batch that could not be cut into events: its bytes are no event to a mapping.
    pub fn is_uncut(&self) -> bool {
        let code = self.fault.as_ref().map(|fault| fault.code);
        matches!(code, Some(Code::BatchTooLarge | Code::BatchNotFound))
    }

    /// What a mapping gets to see of it; `json` is what its bytes say.
    pub fn view<'a>(&'a self, json: &'a Document) -> EventView<'a> {
        EventView {
            provider_event_id: self.provider_event_id.as_deref(),
            event_type: self.event_type.as_deref(),
            received_at: self.received_at,
            headers: &self.headers,
            query: &self.query,
            json,
        }
    }
}

/// A stored delivery, as shown to people.
#[derive(Clone, Debug)]
pub struct StoredDelivery {
    pub id: DeliveryId,
    pub rule: RuleName,
    /// Of the mapping that made it.
    pub mapping_version: String,
    pub destination: DestinationName,
    pub state: DeliveryState,
    pub reasons: Vec<Reason>,
    pub warnings: Vec<Reason>,
    pub body: Option<Bytes>,
    pub attempts: u32,
    pub due_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// A delivery under a lease, its attempt already written as started.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub delivery: DeliveryId,
    pub event: EventId,
    pub source: SourceName,
    /// Of the mapping that made the lead.
    pub mapping_version: String,
    pub destination: DestinationName,
    pub lease: LeaseToken,
    pub attempt: AttemptId,
    /// From 1: attempts that counted, this one included.
    pub attempt_number: u32,
    /// How much of the time limit for retries earlier waits have used.
    pub spent: Duration,
    /// Whether the lead is sent in the destination's deferred mode.
    pub deferred: bool,
    pub body: Bytes,
    pub history: History,
    /// An earlier attempt of it may have recorded the lead so long ago that the destination has
    /// forgotten it: sent again, it could be recorded, and paid, twice.
    pub forgotten: bool,
}

/// The end of an attempt and what follows.
#[derive(Clone, Debug)]
pub struct Conclusion {
    pub delivery: DeliveryId,
    pub lease: LeaseToken,
    pub attempt: Attempt,
    pub next: Next,
    pub reason: Reason,
}

/// Whether a conclusion came in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concluded {
    InTime,
    /// The lease had been given to another attempt; this one was recorded as late.
    Late,
}

/// What [`Store::claim_due`] found.
#[derive(Debug, Default)]
pub struct Claims {
    pub claimed: Vec<Claimed>,
    /// When the next delivery is due, if none of those due now was left behind.
    pub next_due_at: Option<Timestamp>,
    /// Whether more were due than asked for.
    pub more: bool,
    /// Whether some due delivery waits for another one to end first: look again after the next
    /// conclusion.
    pub blocked: bool,
}

/// How many rows a retention pass removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    pub events: u64,
    pub keys: u64,
    pub rejections: u64,
}

impl Purged {
    /// Of what it removed most.
    pub fn most(&self) -> u64 {
        self.events.max(self.keys).max(self.rejections)
    }
}

/// How many waits an expiry pass ended, on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Leads that no click came for.
    pub parked: u64,
    /// Clicks that are no longer remembered.
    pub clicks: u64,
}

/// The verbs. Every one is atomic and durable when it answers.
pub trait Store: Send + Sync + 'static {
    /// Stores a verified request with its events and deliveries, remembers the clicks that its new
    /// events tell, and makes the leads due that were parked for them.
    fn record(&self, recording: Recording) -> Answer<'_, Recorded>;

    /// Replaces what the mapping made of a known event, where that is still `unmapped`, `skipped`
    /// or `ignored` under another version; otherwise changes nothing and answers `false`. A click
    /// that it tells is as old as the event.
    fn remap(&self, event: EventId, mapping_version: String, applied: Applied) -> Answer<'_, bool>;

    /// Leases up to `limit` due deliveries to `destination`, oldest due first, writing an attempt
    /// as started for each.
    fn claim_due(
        &self,
        destination: DestinationName,
        limit: usize,
        lease: Duration,
    ) -> Answer<'_, Claims>;

    /// Ends an attempt.
    fn conclude(&self, conclusion: Conclusion) -> Answer<'_, Concluded>;

    /// Gives leases back whose attempt was never made (the service stops, or the destination is
    /// held): the attempt is removed and the delivery is due at once.
    fn give_back(&self, leases: Vec<(DeliveryId, LeaseToken)>) -> Answer<'_, ()>;

    /// A stored event with its deliveries.
    fn event(&self, event: EventId) -> Answer<'_, Option<StoredEvent>>;

    /// The newest events, newest first, without their bytes being of interest.
    fn newest_events(&self, limit: usize) -> Answer<'_, Vec<StoredEvent>>;

    /// How many deliveries are in each state.
    fn count_by_state(&self) -> Answer<'_, Vec<(DeliveryState, u64)>>;

    /// Notes configured sources, so that they are known for good, with the texts of their mappings
    /// by version; each text is the last good one of its source from now on.
    fn remember(&self, sources: Vec<SourceName>, mappings: Vec<MappingText>) -> Answer<'_, ()>;

    /// Every source that ever was configured.
    fn known_sources(&self) -> Answer<'_, Vec<SourceName>>;

    /// The last good mapping file of every source that had one, as it was written.
    fn last_good(&self) -> Answer<'_, Vec<MappingText>>;

    /// Keeps a refused request, and lets go of the oldest of its source beyond
    /// [`REJECTIONS_BYTES_MAX`].
    fn reject(&self, rejection: Rejection) -> Answer<'_, RejectionId>;

    /// A rejection with its body.
    fn rejection(&self, id: RejectionId) -> Answer<'_, Option<StoredRejection>>;

    /// Rejections, newest first, without their bodies being of interest.
    fn rejections(&self, query: RejectionQuery) -> Answer<'_, Vec<StoredRejection>>;

    /// Removes events whose deliveries are all final and which were received before `before`, up
    /// to `limit` of them, as many rejections of that age, and expired event keys. The ledger and
    /// other keys stay.
    fn purge(&self, before: Timestamp, limit: usize) -> Answer<'_, Purged>;

    /// Makes leads `skipped` that have been parked for [`CLICK_MEMORY`], and forgets clicks of that
    /// age, up to `limit` of each.
    fn expire(&self, limit: usize) -> Answer<'_, Expired>;

    /// Writes and syncs something small: whether an event could be stored now.
    fn probe(&self) -> Answer<'_, ()>;

    /// Finishes what is queued and closes the database. Later verbs answer `Unavailable`.
    fn close(&self) -> Answer<'_, ()>;
}

/// The text of a mapping, kept so that what it did can be explained later.
#[derive(Clone, Debug)]
pub struct MappingText {
    pub version: String,
    pub source: SourceName,
    pub text: String,
}
