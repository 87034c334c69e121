//! The part of the model that waits: parked leads, and the clicks that they wait for.

use super::{Model, Owed, Pair};
use crate::model::{DeliveryState, EventId, Timestamp};
use crate::store::conformance::Bench;
use crate::store::conformance::samples::*;
use crate::store::{CLICK_MEMORY, Expired, Store};
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Waiting {
    /// By when they were parked.
    parked: HashMap<EventId, Timestamp>,
    /// By customer, with when they were told.
    clicks: HashMap<String, (String, Timestamp)>,
}

impl Waiting {
    pub(super) fn is_parked(&self, event: EventId) -> bool {
        self.parked.contains_key(&event)
    }

    fn remembered(&self, customer: &str, now: Timestamp) -> Option<String> {
        let (click_id, told_at) = self.clicks.get(customer)?;
        (told_at.plus(CLICK_MEMORY) > now).then(|| click_id.clone())
    }
}

impl Model {
    /// A lead without its click id, which may be known.
    pub(super) async fn park(&mut self, bench: &impl Bench) {
        let pair = self.a_pair();
        let known = self.waiting.remembered(&pair.0, bench.now());
        let owed = self.owed_with(known.as_deref(), &pair);
        let waits = known.is_none() && !self.recorded.contains(&pair);
        let event = self.owe(bench, parks(&pair.0, &pair.1), owed).await;
        if waits {
            assert_eq!(bench.states(event).await, [DeliveryState::Parked]);
            self.waiting.parked.insert(event, bench.now());
        }
    }

    fn owed_with(&self, click_id: Option<&str>, pair: &Pair) -> Owed {
        let body = click_id.map(|id| body_with(id, &pair.0, &pair.1)).unwrap_or_default();
        Owed { pair: pair.clone(), has_click: true, body }
    }

    /// An event that tells of a click.
    pub(super) async fn tell(&mut self, bench: &impl Bench) {
        let (customer, _) = self.a_pair();
        self.tell_of(bench, &customer).await;
    }

    async fn tell_of(&mut self, bench: &impl Bench, customer: &str) {
        let id = self.a_new_id();
        let recorded = bench.tell(&id, customer, &id).await;
        self.waiting.clicks.insert(customer.to_owned(), (id.clone(), bench.now()));
        let of_customer = |event: &EventId| self.owed[event].pair.0 == customer;
        let waited: Vec<_> =
            self.waiting.parked.keys().copied().filter(|event| of_customer(event)).collect();
        let mut due = false;
        for event in waited {
            let pair = self.owed[&event].pair.clone();
            self.waiting.parked.remove(&event);
            if self.recorded.contains(&pair) {
                assert_eq!(bench.states(event).await, [DeliveryState::RecordedBefore]);
                self.finished.insert(event);
            } else {
                assert_eq!(bench.states(event).await, [DeliveryState::Pending]);
                self.owed.insert(event, self.owed_with(Some(&id), &pair));
                due = true;
            }
        }
        assert_eq!(recorded.due, due);
    }

    /// So much time passes that some waits end.
    pub(super) async fn grow_old(&mut self, bench: &impl Bench) {
        self.let_expire(bench).await;
        bench.clock().advance(CLICK_MEMORY / 2);
        let now = bench.now();
        let is_over = |since: &Timestamp| since.plus(CLICK_MEMORY) <= now;
        let over: Vec<_> =
            self.waiting.parked.iter().filter(|(_, at)| is_over(at)).map(|(it, _)| *it).collect();
        let forgotten = self.waiting.clicks.values().filter(|(_, at)| is_over(at)).count();
        let expected = Expired { parked: over.len() as u64, clicks: forgotten as u64 };
        // Clicks of earlier histories expire with those of this one.
        let expired = bench.store().expire(1_000).await.expect("expired");
        assert_eq!(expired.parked, expected.parked);
        assert!(expired.clicks >= expected.clicks);
        self.waiting.clicks.retain(|_, (_, at)| !is_over(at));
        for event in over {
            assert_eq!(bench.states(event).await, [DeliveryState::Skipped]);
            self.waiting.parked.remove(&event);
            self.finished.insert(event);
        }
    }

    /// Nothing stays parked: the clicks come after all, or nobody waits any longer.
    pub(super) async fn end_waits(&mut self, bench: &impl Bench) {
        if self.seed.is_multiple_of(2) {
            for number in 0..3 {
                let customer = format!("{}-{number}", self.seed);
                self.tell_of(bench, &customer).await;
            }
        } else {
            self.grow_old(bench).await;
            self.grow_old(bench).await;
        }
        assert!(self.waiting.parked.is_empty());
    }
}
