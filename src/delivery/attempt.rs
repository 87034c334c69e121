//! One attempt from its lease to its conclusion.

use super::client::Client;
use super::policy::{Policy, Prior, decide, outlived};
use crate::clock::Clock;
use crate::diagnostic::Code;
use crate::model::{Attempt, AttemptResult, Decision, DeliveryId, Hold, Next, Timestamp};
use crate::store::{Answer, Claimed, Concluded, Conclusion, Store, StoreError};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long to wait before trying again to store a conclusion.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// What every attempt to one destination needs.
pub(super) struct Context {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) client: Client,
    pub(super) policy: Policy,
}

/// What the dispatcher wants to know of an attempt that has ended.
pub(super) struct Ended {
    pub(super) hold: Option<Hold>,
    /// Whether the destination was asked: otherwise nothing was learned of it.
    pub(super) asked: bool,
    /// Whether the destination answered at all.
    pub(super) answered: bool,
    pub(super) limit_per_minute: Option<u32>,
    pub(super) again_at: Option<Timestamp>,
}

/// Makes one attempt and stores what came of it.
pub(super) async fn attempt(context: Arc<Context>, claimed: Claimed) -> Ended {
    let begun = Instant::now();
    if claimed.forgotten {
        return give_up(&context, &claimed).await;
    }
    let answer = context.client.attempt(claimed.body.clone(), || context.clock.now()).await;
    let now = context.clock.now();
    let prior = Prior {
        attempt_number: claimed.attempt_number,
        spent: claimed.spent,
        deferred: claimed.deferred,
    };
    let jitter = fastrand::f64();
    let decision = decide(&answer.result, &claimed.history, prior, &context.policy, now, jitter);
    log(&claimed, answer.status, answer.cause.as_deref(), &decision, begun.elapsed());

    let ended = Ended {
        hold: decision.hold,
        asked: true,
        answered: answer.status.is_some(),
        limit_per_minute: answer.limit_per_minute,
        again_at: match decision.next {
            Next::Again { at, .. } => Some(at),
            Next::Final(_) => None,
        },
    };
    let destination_code = match answer.result {
        AttemptResult::Refused(refusal) => refusal.code,
        _ => None,
    };
    store_outcome(&context, &claimed, now, answer.status, destination_code, decision).await;
    ended
}

/// Leaves a lead to a person that could be recorded twice; the destination is not asked.
async fn give_up(context: &Context, claimed: &Claimed) -> Ended {
    let decision = outlived();
    log(claimed, None, None, &decision, Duration::ZERO);
    store_outcome(context, claimed, context.clock.now(), None, None, decision).await;
    Ended { hold: None, asked: false, answered: false, limit_per_minute: None, again_at: None }
}

async fn store_outcome(
    context: &Context,
    claimed: &Claimed,
    ended_at: Timestamp,
    status: Option<u16>,
    destination_code: Option<String>,
    decision: Decision,
) {
    let Decision { next, reason, effect, .. } = decision;
    let conclusion = Conclusion {
        delivery: claimed.delivery,
        lease: claimed.lease,
        attempt: Attempt { ended_at, status, destination_code, effect, outcome: reason.code },
        next,
        reason,
    };
    let store = || context.store.conclude(conclusion.clone());
    conclude(store, &*context.clock, claimed.delivery).await;
}

/// Stores a conclusion, again and again while the store is not available. Also past the lease: an
/// answer that is thrown away leaves an attempt of which nobody knows, and after it a lead that the
/// destination has swallowed would pass for a recorded one.
async fn conclude<'a>(
    store: impl Fn() -> Answer<'a, Concluded>,
    clock: &dyn Clock,
    delivery: DeliveryId,
) {
    loop {
        match store().await {
            Ok(Concluded::InTime) => return,
            Ok(Concluded::Late) => {
                tracing::warn!(%delivery, "an answer came after its lease had ended");
                return;
            }
            Err(error @ StoreError::Corrupt(_)) => {
                tracing::error!(%delivery, %error, "an outcome could not be stored");
                return;
            }
            Err(_) => clock.sleep_until(clock.now().plus(STORE_PAUSE)).await,
        }
    }
}

/// One line an attempt: ids, codes and figures, never the lead or the destination's sentence.
fn log(
    claimed: &Claimed,
    status: Option<u16>,
    cause: Option<&str>,
    decision: &Decision,
    took: Duration,
) {
    let state = match decision.next {
        Next::Final(state) => state.as_str(),
        Next::Again { .. } => "pending",
    };
    let outcome = decision.reason.code;
    let worth_a_look = !matches!(
        outcome,
        Code::Recorded | Code::CustomerCreated | Code::DuplicateOfOurs | Code::DuplicateOfOthers
    );
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                source = %claimed.source,
                mapping_version = claimed.mapping_version,
                event = %claimed.event,
                delivery = %claimed.delivery,
                attempt = %claimed.attempt,
                attempt_number = claimed.attempt_number,
                destination = %claimed.destination,
                status,
                cause,
                outcome = outcome.name(),
                state,
                took_ms,
                "attempt"
            )
        };
    }
    if worth_a_look { line!(warn) } else { line!(info) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Manual;
    use std::cell::Cell;

    #[tokio::test]
    async fn an_answer_is_kept_until_the_store_takes_it() {
        let clock = Manual::at(Timestamp::from_millis(1_767_225_600_000));
        let calls = Cell::new(0);
        let store = || -> Answer<'static, Concluded> {
            calls.set(calls.get() + 1);
            // Far beyond any lease.
            clock.advance(Duration::from_secs(60));
            let full = StoreError::Unavailable("the disk is full".to_owned());
            let answer = if calls.get() < 100 { Err(full) } else { Ok(Concluded::Late) };
            Box::pin(std::future::ready(answer))
        };
        let wait = conclude(store, &clock, DeliveryId::new(clock.now()));
        let hurry = async {
            loop {
                clock.advance(STORE_PAUSE);
                tokio::task::yield_now().await;
            }
        };
        tokio::select! { () = wait => {}, () = hurry => {} }
        assert_eq!(calls.get(), 100);
    }
}
