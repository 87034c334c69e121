//! Random histories against a model: whatever happens in whatever order, the invariants hold, and
//! in the end nothing owed is left.

mod waiting;

use super::Bench;
use super::samples::*;
use crate::model::{DeliveryId, DeliveryState, Effect, EventId, Lead, Next, RuleOutcome};
use crate::store::{Claimed, Claims, Concluded, RecordedEvent, Recording, Store};
use bytes::Bytes;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use waiting::Waiting;

const HISTORIES: u64 = 12;
const STEPS: usize = 120;

pub(in crate::store) async fn random_histories_keep_the_invariants(bench: &mut impl Bench) {
    for seed in 1..=HISTORIES {
        let mut model = Model::new(seed);
        for _ in 0..STEPS {
            model.step(bench).await;
        }
        model.finish(bench).await;
        // So that the next history meets nothing of this one but its ledger.
        bench.clock().advance(30 * DAY);
    }
}

/// What a delivery is of: the customer and the event name.
type Pair = (String, String);

struct Owed {
    pair: Pair,
    has_click: bool,
    /// The bytes that are due, once they are fixed.
    body: Bytes,
}

struct Model {
    seed: u64,
    random: Random,
    next_event: u64,
    owed: HashMap<EventId, Owed>,
    /// By event, in the order in which they were recorded.
    order: Vec<EventId>,
    under_way: Vec<Claimed>,
    /// Leases that were lost, whose attempts may yet conclude.
    lost: Vec<Claimed>,
    recorded: HashSet<Pair>,
    finished: HashSet<EventId>,
    claimed_tokens: HashSet<String>,
    waiting: Waiting,
}

impl Model {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            random: Random(seed),
            next_event: 0,
            owed: HashMap::new(),
            order: Vec::new(),
            under_way: Vec::new(),
            lost: Vec::new(),
            recorded: HashSet::new(),
            finished: HashSet::new(),
            claimed_tokens: HashSet::new(),
            waiting: Waiting::default(),
        }
    }

    async fn step(&mut self, bench: &mut impl Bench) {
        match self.random.below(15) {
            0..=3 => self.record(bench).await,
            4..=6 => drop(self.claim(bench).await),
            7..=9 => self.conclude_one(bench).await,
            10 => self.conclude_late(bench).await,
            11 | 12 => self.park(bench).await,
            13 => self.tell(bench).await,
            _ => match self.random.below(5) {
                0 => self.give_back(bench).await,
                1 => self.let_expire(bench).await,
                2 => bench.clock().advance(Duration::from_secs(self.random.below(20))),
                3 => self.grow_old(bench).await,
                _ => self.crash(bench).await,
            },
        }
    }

    async fn record(&mut self, bench: &impl Bench) {
        let pair = self.a_pair();
        let has_click = self.random.below(3) > 0;
        let owed = Lead { has_click, ..lead(&pair.0, &pair.1) };
        let body = owed.body.clone();
        self.owe(bench, sends(owed), Owed { pair, has_click, body }).await;
    }

    fn a_pair(&mut self) -> Pair {
        let customer = format!("{}-{}", self.seed, self.random.below(3));
        let name = ["sign-up", "trial"][self.random.below(2) as usize];
        (customer, name.to_owned())
    }

    fn a_new_id(&mut self) -> String {
        self.next_event += 1;
        format!("{}-{}", self.seed, self.next_event)
    }

    /// Records an outcome; what is expected of it, if it is not in the ledger, is `owed`.
    async fn owe(&mut self, bench: &impl Bench, outcome: RuleOutcome, owed: Owed) -> EventId {
        let mapped = vec![mapped(event(&self.a_new_id()), vec![outcome])];
        let leases = self.random.below(2) as usize;
        let recording = Recording { leases, ..recording("clerk", mapped, bench.now()) };
        let recorded = bench.store().record(recording).await.expect("recorded");
        let RecordedEvent::New(event) = recorded.events[0] else { panic!("{recorded:?}") };
        if self.recorded.contains(&owed.pair) {
            assert_eq!(bench.states(event).await, [DeliveryState::RecordedBefore]);
            self.finished.insert(event);
        }
        self.owed.insert(event, owed);
        self.order.push(event);
        recorded.leased.into_iter().for_each(|claimed| self.begin(claimed));
        event
    }

    async fn claim(&mut self, bench: &impl Bench) -> Claims {
        let limit = 1 + self.random.below(4) as usize;
        let mut claims = bench.claim(limit).await;
        assert!(claims.claimed.len() <= limit);
        assert!(claims.next_due_at.is_none_or(|at| at > bench.now()));
        // Those that the ledger has are finished now; the order of the rest depends on it.
        for event in self.order.clone() {
            if bench.states(event).await == [DeliveryState::RecordedBefore] {
                assert!(self.recorded.contains(&self.owed[&event].pair));
                self.finished.insert(event);
            }
        }
        claims.claimed.drain(..).for_each(|claimed| self.begin(claimed));
        claims
    }

    /// A lease was given: was that allowed?
    fn begin(&mut self, claimed: Claimed) {
        let Owed { pair, has_click, body } = &self.owed[&claimed.event];
        assert_eq!(claimed.body, body, "other bytes");
        assert!(!self.waiting.is_parked(claimed.event), "parked");
        assert!(!self.finished.contains(&claimed.event), "finished before");
        assert!(!self.recorded.contains(pair), "recorded before");
        assert!(self.claimed_tokens.insert(claimed.lease.to_string()), "a token twice");
        let same = |other: &Claimed| self.owed[&other.event].pair == *pair;
        assert!(!self.under_way.iter().any(same), "two of a pair");
        if !has_click {
            let earlier = self.order.iter().take_while(|event| **event != claimed.event);
            let mut of_customer = earlier.filter(|event| self.owed[*event].pair.0 == pair.0);
            let is_over = |it: &EventId| self.finished.contains(it) || self.waiting.is_parked(*it);
            assert!(of_customer.all(is_over), "out of order");
        }
        self.under_way.push(claimed);
    }

    async fn conclude_one(&mut self, bench: &impl Bench) {
        if self.under_way.is_empty() {
            return;
        }
        let index = self.random.below(self.under_way.len() as u64) as usize;
        let claimed = self.under_way.swap_remove(index);
        let (next, effect) = self.an_end(bench);
        assert_eq!(bench.conclude(&claimed, next, effect).await, Concluded::InTime);
        self.ended(&claimed, next);
    }

    fn an_end(&mut self, bench: &impl Bench) -> (Next, Effect) {
        let at = bench.now().plus(Duration::from_secs(self.random.below(30)));
        match self.random.below(6) {
            0 => (Next::Final(DeliveryState::Tracked), Effect::Recorded),
            1 | 2 => (Next::Final(DeliveryState::Rejected), Effect::Marked),
            3 => (Next::Again { at, spent: None }, Effect::None),
            _ => (Next::Again { at, spent: Some(Duration::from_secs(1)) }, Effect::Unknown),
        }
    }

    fn ended(&mut self, claimed: &Claimed, next: Next) {
        if let Next::Final(state) = next {
            self.finished.insert(claimed.event);
            if state == DeliveryState::Tracked {
                self.recorded.insert(self.owed[&claimed.event].pair.clone());
            }
        }
    }

    async fn conclude_late(&mut self, bench: &impl Bench) {
        let Some(claimed) = self.lost.pop() else { return };
        // Late only after somebody has noticed that the lease is over.
        bench.claim_nothing().await;
        let (next, effect) = self.an_end(bench);
        assert_eq!(bench.conclude(&claimed, next, effect).await, Concluded::Late);
        if effect == Effect::Recorded {
            self.under_way.retain(|other| other.delivery != claimed.delivery);
            self.ended(&claimed, next);
            assert_eq!(bench.states(claimed.event).await, [DeliveryState::Tracked]);
        }
    }

    async fn give_back(&mut self, bench: &impl Bench) {
        if let Some(claimed) = self.under_way.pop() {
            let lease = (claimed.delivery, claimed.lease);
            bench.store().give_back(vec![lease]).await.expect("given back");
        }
    }

    async fn let_expire(&mut self, bench: &impl Bench) {
        bench.clock().advance(LEASE);
        bench.claim_nothing().await;
        self.lost.append(&mut self.under_way);
    }

    async fn crash(&mut self, bench: &mut impl Bench) {
        bench.crash().await;
        self.let_expire(bench).await;
    }

    /// Everything that is owed gets its end.
    async fn finish(&mut self, bench: &mut impl Bench) {
        self.let_expire(bench).await;
        self.end_waits(bench).await;
        let mut rounds = 0;
        while self.finished.len() < self.order.len() {
            rounds += 1;
            assert!(rounds < 10 * STEPS, "something is never claimed (seed {})", self.seed);
            let claims = self.claim(bench).await;
            while let Some(claimed) = self.under_way.pop() {
                self.settle(bench, &claimed).await;
            }
            if let Some(at) = claims.next_due_at {
                bench.clock().advance(at.since(bench.now()));
            }
        }
        let leftover: HashSet<DeliveryId> =
            bench.claim(10).await.claimed.iter().map(|claimed| claimed.delivery).collect();
        assert!(leftover.is_empty());
    }

    async fn settle(&mut self, bench: &impl Bench, claimed: &Claimed) {
        let next = Next::Final(DeliveryState::Rejected);
        assert_eq!(bench.conclude(claimed, next, Effect::None).await, Concluded::InTime);
        self.ended(claimed, next);
    }
}

trait ClaimNothing: Bench {
    /// Lets the store notice expired leases.
    async fn claim_nothing(&self) {
        assert!(self.claim(0).await.claimed.is_empty());
    }
}

impl<B: Bench> ClaimNothing for B {}

/// The same numbers for the same seed: xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
}
