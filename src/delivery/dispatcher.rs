//! The loop that gives due deliveries to attempts: one for a destination.
//!
//! It wakes up early (something was handed over, stored, or ended) and looks into the store every
//! few seconds all the same, so that a lost wake-up costs a little time and nothing else.

use super::attempt::{Context, Ended, attempt};
use super::client::{Address, Client};
use super::hold::Gate;
use super::outlook::{Due, Outlook, POLL};
use super::pace::{Pace, Rate};
use super::policy::Policy;
use crate::clock::Clock;
use crate::model::{DeliveryId, DestinationName, LeaseToken, Timestamp};
use crate::store::{Claimed, HandOver, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

/// The wait after the store has failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// The most deliveries leased at a time: a crash leaves no more than these in doubt.
const CLAIM_MAX: usize = 64;

/// How to deliver to one destination.
#[derive(Clone, Debug)]
pub struct Settings {
    pub destination: DestinationName,
    pub address: Address,
    pub rate: Rate,
    pub policy: Policy,
    /// The most attempts under way at a time.
    pub concurrency: usize,
    /// How long an attempt may take before others assume that it died.
    pub lease: Duration,
}

/// What delivery works with.
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub hand_over: HandOver,
    pub handed_over: mpsc::UnboundedReceiver<Claimed>,
}

/// A running dispatcher.
pub struct Delivery {
    stop: oneshot::Sender<()>,
    dispatcher: JoinHandle<()>,
}

impl Delivery {
    /// Begins to deliver, on the current runtime.
    ///
    /// # Errors
    /// A sentence where the destination's key or the machine's TLS roots can't be used.
    pub fn start(settings: &Settings, parts: Parts) -> Result<Self, String> {
        let context = Context {
            store: parts.store,
            clock: parts.clock,
            client: Client::new(&settings.address)?,
            policy: settings.policy,
        };
        let dispatcher = Dispatcher {
            context: Arc::new(context),
            destination: settings.destination.clone(),
            concurrency: settings.concurrency.max(1),
            lease: settings.lease,
            pace: Pace::new(settings.rate),
            gate: Gate::Open,
            attempts: JoinSet::new(),
            hand_over: parts.hand_over,
            handed_over: parts.handed_over,
            due: Due::Now,
            looked_at: Timestamp::from_millis(0),
            blocked: false,
        };
        let (stop, stopped) = oneshot::channel();
        Ok(Self { stop, dispatcher: tokio::spawn(dispatcher.run(stopped)) })
    }

    /// Waits until the dispatcher ends, which it does by itself only by a fault of ours.
    pub async fn ended(&mut self) {
        join(&mut self.dispatcher).await;
    }

    /// Lets attempts under way finish and gives back what was not begun.
    pub async fn stop(self) {
        let Self { stop, mut dispatcher } = self;
        // Nobody listens where it has ended by itself, which was awaited already.
        let _ = stop.send(());
        if !dispatcher.is_finished() {
            join(&mut dispatcher).await;
        }
    }
}

async fn join(dispatcher: &mut JoinHandle<()>) {
    if let Err(error) = dispatcher.await {
        tracing::error!(%error, "the dispatcher failed");
    }
}

struct Dispatcher {
    context: Arc<Context>,
    destination: DestinationName,
    concurrency: usize,
    lease: Duration,
    pace: Pace,
    gate: Gate,
    attempts: JoinSet<Ended>,
    hand_over: HandOver,
    handed_over: mpsc::UnboundedReceiver<Claimed>,
    due: Due,
    looked_at: Timestamp,
    /// Some due delivery waits for another one to end.
    blocked: bool,
}

impl Dispatcher {
    async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        loop {
            let now = self.context.clock.now();
            self.gate = self.gate.seen_at(now, self.context.policy.backoff_max);
            self.claim(now).await;
            self.offer_slots();
            let clock = Arc::clone(&self.context.clock);
            let wake_at = self.wake_at(clock.now());
            tokio::select! {
                biased;
                _ = &mut stopped => break,
                Some(claimed) = self.handed_over.recv() => self.handed(claimed).await,
                Some(ended) = self.attempts.join_next() => self.ended(ended),
                () = self.hand_over.woken() => self.due = Due::Now,
                () = clock.sleep_until(wake_at) => self.woke_by_itself(),
            }
        }
        self.drain().await;
    }

    /// How many more attempts may begin now.
    fn room(&self, now: Timestamp) -> usize {
        let most = self.gate.admits(self.concurrency, now);
        most.saturating_sub(self.under_way()).min(self.pace.available(now))
    }

    async fn claim(&mut self, now: Timestamp) {
        let room = self.room(now).min(CLAIM_MAX);
        if !self.due.is_now(now) || room == 0 {
            return;
        }
        // Slots would let fresh leads pass those that are waited for.
        self.hand_over.offer(0);
        self.looked_at = now;
        let claims = self.context.store.claim_due(self.destination.clone(), room, self.lease).await;
        match claims {
            Ok(claims) => {
                self.due = match claims.next_due_at {
                    _ if claims.more => Due::Now,
                    Some(at) => Due::At(at),
                    None => Due::Unknown,
                };
                self.blocked = claims.blocked;
                claims.claimed.into_iter().for_each(|claimed| self.begin(claimed));
            }
            Err(error) => {
                tracing::error!(%error, "due deliveries could not be read");
                self.due = Due::At(self.context.clock.now().plus(STORE_PAUSE));
            }
        }
    }

    /// While nothing waits in the store, fresh leads may be handed over in memory.
    fn offer_slots(&self) {
        let now = self.context.clock.now();
        let held = matches!(self.gate, Gate::Unauthorized { .. });
        let slots = if self.due == Due::Now || held { 0 } else { self.room(now) };
        self.hand_over.offer(slots + self.hand_over.taken());
    }

    /// A lead whose slot was offered before the gate was shut is not sent against it.
    async fn handed(&mut self, claimed: Claimed) {
        let now = self.context.clock.now();
        if self.gate.admits(self.concurrency, now) > self.attempts.len() {
            return self.begin(claimed);
        }
        self.give_back(vec![(claimed.delivery, claimed.lease)]).await;
        self.due = Due::Now;
    }

    async fn give_back(&self, leases: Vec<(DeliveryId, LeaseToken)>) {
        if !leases.is_empty()
            && let Err(error) = self.context.store.give_back(leases).await
        {
            tracing::warn!(%error, "deliveries could not be given back; their leases will expire");
        }
    }

    fn begin(&mut self, claimed: Claimed) {
        self.pace.take(self.context.clock.now());
        self.attempts.spawn(attempt(Arc::clone(&self.context), claimed));
    }

    fn ended(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        let ended = match ended {
            Ok(ended) => ended,
            // Its lease expires, and the delivery is tried again.
            Err(error) => return tracing::error!(%error, "an attempt failed unexpectedly"),
        };
        if let Some(limit) = ended.limit_per_minute {
            self.pace.learn(limit);
        }
        if ended.asked {
            let gate = self.gate.after(ended.hold, ended.answered, self.context.clock.now());
            self.say_if_changed(gate);
            self.gate = gate;
        }
        if let Some(at) = ended.again_at {
            self.due = self.due.or_at(at);
        }
        if self.blocked {
            self.due = Due::Now;
        }
    }

    fn say_if_changed(&self, gate: Gate) {
        let refused = |gate| matches!(gate, Gate::Unauthorized { .. });
        let destination = &self.destination;
        match (refused(self.gate), refused(gate)) {
            (false, true) => tracing::error!(
                %destination,
                "the destination refuses the key (DUB_API_KEY): leads wait, and one asks again from \
                 time to time; a new key needs a restart"
            ),
            (true, false) => tracing::info!(%destination, "the destination takes the key again"),
            _ => {}
        }
    }

    fn woke_by_itself(&mut self) {
        let now = self.context.clock.now();
        // Before the last look: the clock was set back, and may take long to get there again.
        if now >= self.looked_at.plus(POLL) || now < self.looked_at {
            self.due = Due::Now;
        }
    }

    fn wake_at(&self, now: Timestamp) -> Timestamp {
        let outlook = Outlook {
            due: self.due,
            most: self.gate.admits(self.concurrency, now),
            under_way: self.under_way(),
            opens_at: self.gate.opens_at(),
            paced_at: self.pace.next_at(now),
        };
        outlook.wake_at(now)
    }

    /// Attempts that have begun, or will as soon as ingest has stored them.
    fn under_way(&self) -> usize {
        self.attempts.len() + self.hand_over.taken() + self.handed_over.len()
    }

    async fn drain(mut self) {
        self.hand_over.offer(0);
        self.handed_over.close();
        let mut leases = Vec::new();
        while let Some(claimed) = self.handed_over.recv().await {
            leases.push((claimed.delivery, claimed.lease));
        }
        self.give_back(leases).await;
        let clock = Arc::clone(&self.context.clock);
        let gives_up_at = clock.now().plus(self.lease);
        let ended = async { while self.attempts.join_next().await.is_some() {} };
        let in_time = tokio::select! {
            () = ended => true,
            () = clock.sleep_until(gives_up_at) => false,
        };
        if !in_time {
            let attempts = self.attempts.len();
            tracing::error!(attempts, "stopped without storing what came of some attempts");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Manual;
    use crate::model::{Hold, Secret};
    use crate::store::sqlite;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn dispatcher(folder: &tempfile::TempDir) -> Dispatcher {
        let clock: Arc<dyn Clock> = Arc::new(Manual::at(NOW));
        let path = folder.path().join("store.db");
        let store = sqlite::Store::open(&path, sqlite::Options::default(), Arc::clone(&clock));
        let address = Address {
            url: "http://127.0.0.1:9".to_owned(),
            key: Secret::new("key"),
            connect_timeout: Duration::from_secs(1),
            total_timeout: Duration::from_secs(1),
            connections: 1,
        };
        let context = Context {
            store: Arc::new(store.expect("a store opens")),
            clock,
            client: Client::new(&address).expect("a client can be made"),
            policy: Policy::default(),
        };
        let (hand_over, handed_over) = HandOver::new();
        Dispatcher {
            context: Arc::new(context),
            destination: "dub".parse().expect("a name"),
            concurrency: 16,
            lease: Duration::from_secs(60),
            pace: Pace::new(Rate::PerMinute(600)),
            gate: Gate::Open,
            attempts: JoinSet::new(),
            hand_over,
            handed_over,
            due: Due::Now,
            looked_at: NOW,
            blocked: false,
        }
    }

    #[tokio::test]
    async fn while_one_lead_asks_for_all_the_others_wait_without_looking() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut dispatcher = dispatcher(&folder);
        dispatcher.gate = Gate::Open.after(Some(Hold::Unauthorized), true, NOW);
        let probe_at = dispatcher.gate.opens_at();
        let soon = probe_at.minus(Duration::from_secs(1));
        assert_eq!(dispatcher.wake_at(soon), probe_at);
        dispatcher.attempts.spawn(std::future::pending());
        for due in [Due::Now, Due::At(NOW)] {
            dispatcher.due = due;
            assert_eq!(dispatcher.room(probe_at), 0);
            assert!(dispatcher.wake_at(probe_at) > probe_at, "{due:?}");
        }
    }

    #[tokio::test]
    async fn a_clock_set_back_does_not_stop_it_from_looking() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut dispatcher = dispatcher(&folder);
        dispatcher.due = Due::Unknown;
        dispatcher.woke_by_itself();
        assert_eq!(dispatcher.due, Due::Unknown, "it has just looked");
        dispatcher.looked_at = NOW.plus(Duration::from_secs(3_600));
        dispatcher.woke_by_itself();
        assert_eq!(dispatcher.due, Due::Now);
    }
}
