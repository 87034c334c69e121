//! What the stand-in knows: clicks, customers, marks, the pace, and what it has seen.
//!
//! Requests and leads are kept up to a limit, newest last. Customers and marks are not forgotten,
//! since that would change answers: a stand-in lives no longer than a demonstration or a test.

use super::{Click, Clicks, Fault, Options};
use crate::model::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

/// How long the destination remembers that it has seen a customer with an event name.
const MARK_AGE_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);
const MINUTE: Duration = Duration::from_secs(60);

/// Everything that the stand-in has seen and recorded.
#[derive(Debug)]
pub struct State {
    /// Every request, in the order in which they were read in full.
    pub requests: VecDeque<SeenRequest>,
    /// How many requests there were, those no longer kept included.
    pub requests_total: u64,
    /// Every recorded lead, in order.
    pub leads: VecDeque<RecordedLead>,
    /// How many leads were recorded, those no longer kept included.
    pub leads_total: u64,
    /// By external id.
    pub customers: BTreeMap<String, Customer>,
    api_key: String,
    all_clicks: bool,
    clicks: BTreeMap<String, Click>,
    /// When a customer and event slug were marked as seen.
    marks: HashMap<(String, String), Timestamp>,
    rate_per_minute: u32,
    /// When requests were let through, within the last minute.
    passed: VecDeque<Timestamp>,
    faults: VecDeque<Fault>,
    always: Option<Fault>,
    kept_max: usize,
}

/// A request as it came, and what was made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenRequest {
    pub at: Timestamp,
    pub method: String,
    pub path: String,
    /// Whether it carried the right key.
    pub authorized: bool,
    /// `None` where it is no JSON.
    pub body: Option<Value>,
    /// The status that is answered; `None` where there never is an answer.
    pub status: Option<u16>,
}

/// A lead that the destination has recorded, and would have somebody paid for.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedLead {
    pub at: Timestamp,
    pub customer: String,
    pub event_name: String,
    /// The lead's own, or the customer's earlier one.
    pub click_id: String,
    /// How many times it counts.
    pub quantity: u64,
    /// The body as it came.
    pub body: Value,
}

/// A customer as the first lead made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    pub external_id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub avatar: Option<String>,
    pub click_id: String,
}

/// How the pace stands, as the headers of every answer tell it.
pub(super) struct Pace {
    pub limit: u32,
    pub remaining: u32,
    pub reset_at: Timestamp,
}

impl State {
    pub(super) fn new(options: Options) -> Self {
        let (all_clicks, clicks) = match options.clicks {
            Clicks::All => (true, BTreeMap::new()),
            Clicks::Known(clicks) => (false, clicks),
        };
        Self {
            requests: VecDeque::new(),
            requests_total: 0,
            leads: VecDeque::new(),
            leads_total: 0,
            customers: BTreeMap::new(),
            api_key: options.api_key,
            all_clicks,
            clicks,
            marks: HashMap::new(),
            rate_per_minute: options.rate_per_minute,
            passed: VecDeque::new(),
            faults: VecDeque::new(),
            always: None,
            kept_max: options.kept_max,
        }
    }

    pub(super) fn fail_next(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.extend(faults);
    }

    pub(super) fn fail_always(&mut self, fault: Option<Fault>) {
        self.always = fault;
    }

    pub(super) fn next_fault(&mut self) -> Option<Fault> {
        self.faults.pop_front().or_else(|| self.always.clone())
    }

    pub(super) fn set_key(&mut self, api_key: String) {
        self.api_key = api_key;
    }

    pub(super) fn is_authorized(&self, authorization: Option<&str>) -> bool {
        authorization.and_then(|it| it.strip_prefix("Bearer ")) == Some(&self.api_key)
    }

    pub(super) fn set_click(&mut self, id: String, click: Click) {
        self.clicks.insert(id, click);
    }

    pub(super) fn click(&self, id: &str) -> Option<Click> {
        self.clicks.get(id).copied().or(self.all_clicks.then_some(Click::Good))
    }

    /// Notes a request within the sliding minute; `false` where the minute is full.
    pub(super) fn pass(&mut self, now: Timestamp) -> bool {
        self.slide(now);
        let free = self.passed.len() < self.rate_per_minute as usize;
        if free {
            self.passed.push_back(now);
        }
        free
    }

    pub(super) fn pace(&mut self, now: Timestamp) -> Pace {
        self.slide(now);
        let used = u32::try_from(self.passed.len()).unwrap_or(u32::MAX);
        Pace {
            limit: self.rate_per_minute,
            remaining: self.rate_per_minute.saturating_sub(used),
            reset_at: self.passed.front().copied().unwrap_or(now).plus(MINUTE),
        }
    }

    fn slide(&mut self, now: Timestamp) {
        let gone = |at: &Timestamp| now.since(*at) >= MINUTE;
        while self.passed.front().is_some_and(gone) {
            self.passed.pop_front();
        }
    }

    /// Marks a customer and event slug as seen; `false` where they were marked in the last 7 days.
    pub(super) fn mark(&mut self, customer: &str, slug: &str, now: Timestamp) -> bool {
        let pair = (customer.to_owned(), slug.to_owned());
        let fresh = self.marks.get(&pair).is_none_or(|at| now.since(*at) >= MARK_AGE_MAX);
        if fresh {
            self.marks.insert(pair, now);
        }
        fresh
    }

    pub(super) fn note_request(&mut self, request: SeenRequest) {
        self.requests_total += 1;
        keep(&mut self.requests, request, self.kept_max);
    }

    pub(super) fn record(&mut self, lead: RecordedLead) {
        self.leads_total += 1;
        keep(&mut self.leads, lead, self.kept_max);
    }
}

fn keep<T>(kept: &mut VecDeque<T>, newest: T, kept_max: usize) {
    kept.push_back(newest);
    while kept.len() > kept_max {
        kept.pop_front();
    }
}
