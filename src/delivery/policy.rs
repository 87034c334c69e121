//! What follows from an attempt. Pure: the same answer, history and moment always give the same
//! decision.
//!
//! The rules are those of "Dub API reference, Track a lead", with its trap: the destination marks
//! customer and event name as seen before it looks the click up, so that after a failure behind
//! that mark every later try within 7 days is answered 200 with `link: null` although nothing was
//! recorded. What such an answer means depends on the history of the pair, never on one attempt.

use crate::diagnostic::Code;
use crate::model::{
    AttemptResult, Decision, DeliveryState, Effect, Failure, History, Hold, Next, Reason, Refusal,
    Timestamp,
};
use std::time::Duration;

/// The limits of retrying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The first backoff; each further one is twice as long.
    pub backoff_base: Duration,
    /// No backoff is longer, and no `Retry-After` is believed beyond it.
    pub backoff_max: Duration,
    /// A delivery is given up when its waits add up to more than this. Waits that are not the
    /// lead's fault (429, a refused key, no connection) don't count.
    pub give_up_after: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            backoff_base: Duration::from_secs(1),
            backoff_max: Duration::from_secs(3_600),
            give_up_after: Duration::from_secs(72 * 3_600),
        }
    }
}

/// What is known of a delivery before the answer is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prior {
    /// From 1, the attempt in question included.
    pub(super) attempt_number: u32,
    /// What its waits add up to, as far as they count.
    pub(super) spent: Duration,
    /// Whether the lead is sent in the destination's deferred mode.
    pub(super) deferred: bool,
}

/// The least wait after a 429. It costs the lead nothing, so that nothing else would ever end a
/// quick succession of them.
const RATE_LIMITED_MIN: Duration = Duration::from_secs(1);

/// Decides. `jitter` is a random number from 0 up to, not including, 1.
pub(super) fn decide(
    result: &AttemptResult,
    history: &History,
    prior: Prior,
    policy: &Policy,
    now: Timestamp,
    jitter: f64,
) -> Decision {
    let again = Again { prior, policy, now, jitter };
    let decision = match result {
        AttemptResult::Linked | AttemptResult::Unlinked if prior.deferred => {
            settled(DeliveryState::CustomerCreated, Code::CustomerCreated, Effect::None)
        }
        AttemptResult::Linked => settled(DeliveryState::Tracked, Code::Recorded, Effect::Recorded),
        AttemptResult::Unlinked => unlinked(history),
        AttemptResult::Refused(refusal) => refused(refusal, &again),
        AttemptResult::Failed(Failure::Unreachable) => {
            again.unspent(Reason::new(Code::DestinationUnreachable))
        }
        AttemptResult::Failed(Failure::Lost) => {
            again.after_backoff(Reason::new(Code::AnswerLost), Effect::Unknown, None)
        }
    };
    // Deferred mode neither records nor marks, so that it explains no answer to a lead that counts.
    let effect = if prior.deferred { Effect::None } else { decision.effect };
    Decision { effect, ..decision }
}

/// What becomes of a lead whose lost attempt the destination may have forgotten: it answers
/// another one as if there had been none, so that the lead could be recorded twice.
pub(super) fn outlived() -> Decision {
    let why = "an attempt more than 7 days ago may have recorded it";
    let decision = settled(DeliveryState::Dead, Code::GivenUp, Effect::None);
    Decision { reason: Reason::new(Code::GivenUp).detail(why), ..decision }
}

/// 200 with `link: null`: nothing was recorded this time, and only the history says why.
fn unlinked(history: &History) -> Decision {
    let (state, code) = match history {
        History { recorded: true, .. } => (DeliveryState::Duplicate, Code::DuplicateOfOurs),
        History { marked: true, .. } => (DeliveryState::Swallowed, Code::ProbablySwallowed),
        History { unknown: true, .. } => (DeliveryState::ProbablyTracked, Code::ProbablyRecorded),
        _ => (DeliveryState::Duplicate, Code::DuplicateOfOthers),
    };
    settled(state, code, Effect::None)
}

fn refused(refusal: &Refusal, again: &Again<'_>) -> Decision {
    let reason = |code| describe(code, refusal);
    match refusal.status {
        401 | 403 => {
            again.free(again.now, reason(Code::DestinationUnauthorized), Hold::Unauthorized)
        }
        429 => {
            // A moment that has passed by our clock may be to come by the destination's.
            let soonest = again.now.plus(RATE_LIMITED_MIN);
            let at = again.believable(refusal.retry_at).unwrap_or(soonest).max(soonest);
            again.free(at, reason(Code::DestinationRateLimited), Hold::Until(at))
        }
        503 => again.after_backoff(
            reason(Code::DestinationError),
            Effect::Marked,
            again.believable(refusal.retry_at),
        ),
        500..=599 => again.after_backoff(reason(Code::DestinationError), Effect::Marked, None),
        408 | 425 => again.after_backoff(reason(Code::DestinationError), Effect::None, None),
        // Final, but only in the API's own words: a proxy or a wrong address answers 404 as well,
        // and must not cost leads.
        400..=499 if refusal.code.is_some() => {
            let effect = if refusal.status == 404 { Effect::Marked } else { Effect::None };
            let decision = settled(DeliveryState::Rejected, Code::DestinationRefused, effect);
            Decision { reason: reason(Code::DestinationRefused), ..decision }
        }
        404 => again.after_backoff(reason(Code::DestinationAnswerUnclear), Effect::Marked, None),
        // Success by its status, but not the API's body: it may have been recorded.
        200..=299 => {
            again.after_backoff(reason(Code::DestinationAnswerUnclear), Effect::Unknown, None)
        }
        _ => again.after_backoff(reason(Code::DestinationAnswerUnclear), Effect::None, None),
    }
}

fn describe(code: Code, refusal: &Refusal) -> Reason {
    let mut detail = refusal.status.to_string();
    for part in [&refusal.code, &refusal.message].into_iter().flatten() {
        detail.push(' ');
        detail.push_str(part);
    }
    Reason::new(code).detail(detail)
}

fn settled(state: DeliveryState, code: Code, effect: Effect) -> Decision {
    Decision { next: Next::Final(state), reason: Reason::new(code), effect, hold: None }
}

/// What is needed to say when to try again.
struct Again<'a> {
    prior: Prior,
    policy: &'a Policy,
    now: Timestamp,
    jitter: f64,
}

impl Again<'_> {
    /// Exponential with full jitter: anything from nothing to the whole step.
    fn backoff(&self) -> Duration {
        let doublings = self.prior.attempt_number.saturating_sub(1).min(31);
        let step = self.policy.backoff_base.saturating_mul(1 << doublings);
        step.min(self.policy.backoff_max).mul_f64(self.jitter.clamp(0.0, 1.0))
    }

    /// A `Retry-After` that lies ahead, at most the ceiling away.
    fn believable(&self, retry_at: Option<Timestamp>) -> Option<Timestamp> {
        let latest = self.now.plus(self.policy.backoff_max);
        retry_at.map(|at| at.clamp(self.now, latest))
    }

    /// Backs off like any failure, but for as long as it takes: a destination that isn't there
    /// refuses no lead.
    fn unspent(&self, reason: Reason) -> Decision {
        let next = Next::Again { at: self.now.plus(self.backoff()), spent: Some(Duration::ZERO) };
        Decision { next, reason, effect: Effect::None, hold: None }
    }

    fn after_backoff(
        &self,
        reason: Reason,
        effect: Effect,
        not_before: Option<Timestamp>,
    ) -> Decision {
        let at = self.now.plus(self.backoff()).max(not_before.unwrap_or(self.now));
        let wait = at.since(self.now);
        if self.prior.spent.saturating_add(wait) > self.policy.give_up_after {
            let last = reason.code.name();
            let reason = Reason::new(Code::GivenUp).detail(format!("last: {last}"));
            let next = Next::Final(DeliveryState::Dead);
            return Decision { next, reason, effect, hold: None };
        }
        Decision { next: Next::Again { at, spent: Some(wait) }, reason, effect, hold: None }
    }

    /// Not the lead's fault: the attempt doesn't count, but the destination must be left alone.
    fn free(&self, at: Timestamp, reason: Reason, hold: Hold) -> Decision {
        let next = Next::Again { at, spent: None };
        Decision { next, reason, effect: Effect::None, hold: Some(hold) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
    const CLEAN: History = History { recorded: false, marked: false, unknown: false };
    const FIRST: Prior = Prior { attempt_number: 1, spent: Duration::ZERO, deferred: false };

    fn refused(status: u16, code: Option<&str>) -> AttemptResult {
        AttemptResult::Refused(Refusal {
            status,
            code: code.map(str::to_owned),
            ..Refusal::default()
        })
    }

    fn decided(result: &AttemptResult, history: History, prior: Prior) -> Decision {
        decide(result, &history, prior, &Policy::default(), NOW, 0.5)
    }

    #[track_caller]
    fn check_final(result: &AttemptResult, history: History, state: DeliveryState, code: Code) {
        let decision = decided(result, history, FIRST);
        assert_eq!(decision.next, Next::Final(state));
        assert_eq!(decision.reason.code, code);
        assert_eq!(decision.hold, None);
    }

    #[track_caller]
    fn check_again(result: &AttemptResult, code: Code, effect: Effect) {
        for history in histories() {
            let decision = decided(result, history, FIRST);
            let half_a_second = Duration::from_millis(500);
            let next = Next::Again { at: NOW.plus(half_a_second), spent: Some(half_a_second) };
            assert_eq!(decision.next, next);
            assert_eq!((decision.reason.code, decision.effect), (code, effect));
            assert_eq!(decision.hold, None);
        }
    }

    fn histories() -> impl Iterator<Item = History> {
        (0..8).map(|bits| History {
            recorded: bits & 1 != 0,
            marked: bits & 2 != 0,
            unknown: bits & 4 != 0,
        })
    }

    #[test]
    fn a_link_means_tracked_whatever_was_before() {
        for history in histories() {
            check_final(&AttemptResult::Linked, history, DeliveryState::Tracked, Code::Recorded);
            assert_eq!(decided(&AttemptResult::Linked, history, FIRST).effect, Effect::Recorded);
        }
    }

    #[test]
    fn what_no_link_means_depends_on_the_history() {
        use DeliveryState::*;
        for history in histories() {
            let (state, code) = if history.recorded {
                (Duplicate, Code::DuplicateOfOurs)
            } else if history.marked {
                (Swallowed, Code::ProbablySwallowed)
            } else if history.unknown {
                (ProbablyTracked, Code::ProbablyRecorded)
            } else {
                (Duplicate, Code::DuplicateOfOthers)
            };
            check_final(&AttemptResult::Unlinked, history, state, code);
        }
    }

    #[test]
    fn deferred_mode_only_creates_the_customer() {
        let prior = Prior { deferred: true, ..FIRST };
        for result in [AttemptResult::Linked, AttemptResult::Unlinked] {
            let decision = decided(&result, CLEAN, prior);
            assert_eq!(decision.next, Next::Final(DeliveryState::CustomerCreated));
            assert_eq!(decision.effect, Effect::None);
        }
        let lost = AttemptResult::Failed(Failure::Lost);
        for result in [refused(404, Some("not_found")), refused(500, None), lost] {
            assert_eq!(decided(&result, CLEAN, prior).effect, Effect::None);
        }
    }

    #[test]
    fn refusals_in_the_words_of_the_api_are_final() {
        for (status, code) in [
            (400, "bad_request"),
            (404, "not_found"),
            (409, "conflict"),
            (409, "invite_pending"),
            (410, "invite_expired"),
            (422, "unprocessable_entity"),
        ] {
            for history in histories() {
                check_final(
                    &refused(status, Some(code)),
                    history,
                    DeliveryState::Rejected,
                    Code::DestinationRefused,
                );
            }
        }
        // Only these leave the destination's mark behind.
        assert_eq!(decided(&refused(404, Some("not_found")), CLEAN, FIRST).effect, Effect::Marked);
        assert_eq!(decided(&refused(400, Some("bad_request")), CLEAN, FIRST).effect, Effect::None);
    }

    #[test]
    fn a_404_that_is_not_of_the_api_costs_no_lead() {
        check_again(&refused(404, None), Code::DestinationAnswerUnclear, Effect::Marked);
        check_again(&refused(405, None), Code::DestinationAnswerUnclear, Effect::None);
        check_again(&refused(302, None), Code::DestinationAnswerUnclear, Effect::None);
        check_again(&refused(200, None), Code::DestinationAnswerUnclear, Effect::Unknown);
    }

    #[test]
    fn failures_are_tried_again() {
        for status in [500, 501, 502, 503, 504, 521, 599] {
            check_again(&refused(status, None), Code::DestinationError, Effect::Marked);
            check_again(&refused(status, Some("x")), Code::DestinationError, Effect::Marked);
        }
        for status in [408, 425] {
            check_again(&refused(status, None), Code::DestinationError, Effect::None);
        }
        check_again(&AttemptResult::Failed(Failure::Lost), Code::AnswerLost, Effect::Unknown);
    }

    #[test]
    fn a_destination_that_cannot_be_reached_is_waited_for_without_end() {
        let prior = Prior { spent: Policy::default().give_up_after, ..FIRST };
        let decision = decided(&AttemptResult::Failed(Failure::Unreachable), CLEAN, prior);
        let at = NOW.plus(Duration::from_millis(500));
        assert_eq!(decision.next, Next::Again { at, spent: Some(Duration::ZERO) });
        assert_eq!(decision.reason.code, Code::DestinationUnreachable);
        assert_eq!((decision.effect, decision.hold), (Effect::None, None));
    }

    #[test]
    fn a_refused_key_holds_the_destination_and_costs_nothing() {
        for status in [401, 403] {
            for code in [None, Some("unauthorized")] {
                let decision = decided(&refused(status, code), CLEAN, FIRST);
                assert_eq!(decision.next, Next::Again { at: NOW, spent: None });
                assert_eq!(decision.hold, Some(Hold::Unauthorized));
                assert_eq!(decision.effect, Effect::None);
            }
        }
    }

    #[test]
    fn too_many_requests_hold_the_destination_as_long_as_it_says() {
        let hour = Duration::from_secs(3_600);
        for (retry_at, at) in [
            (Some(NOW.plus(Duration::from_secs(7))), NOW.plus(Duration::from_secs(7))),
            (Some(NOW.minus(Duration::from_secs(7))), NOW.plus(RATE_LIMITED_MIN)),
            (Some(NOW.plus(hour * 24)), NOW.plus(hour)),
            (None, NOW.plus(RATE_LIMITED_MIN)),
        ] {
            let refusal = Refusal { status: 429, retry_at, ..Refusal::default() };
            let decision = decided(&AttemptResult::Refused(refusal), CLEAN, FIRST);
            assert_eq!(decision.next, Next::Again { at, spent: None });
            assert_eq!(decision.hold, Some(Hold::Until(at)));
        }
    }

    #[test]
    fn retry_after_of_a_503_lengthens_the_wait_of_the_lead_alone() {
        let retry_at = Some(NOW.plus(Duration::from_secs(9)));
        let refusal = Refusal { status: 503, retry_at, ..Refusal::default() };
        let decision = decided(&AttemptResult::Refused(refusal), CLEAN, FIRST);
        let wait = Duration::from_secs(9);
        assert_eq!(decision.next, Next::Again { at: NOW.plus(wait), spent: Some(wait) });
        assert_eq!(decision.hold, None);
    }

    #[test]
    fn backoff_doubles_to_an_hour_with_full_jitter() {
        let wait = |attempt_number, jitter| {
            let prior = Prior { attempt_number, ..FIRST };
            let lost = AttemptResult::Failed(Failure::Lost);
            match decide(&lost, &CLEAN, prior, &Policy::default(), NOW, jitter).next {
                Next::Again { spent: Some(spent), .. } => spent,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(wait(1, 0.0), Duration::ZERO);
        assert_eq!(wait(1, 0.999), Duration::from_millis(999));
        assert_eq!(wait(4, 0.5), Duration::from_secs(4));
        assert_eq!(wait(13, 0.5), Duration::from_secs(1_800));
        assert_eq!(wait(u32::MAX, 0.5), Duration::from_secs(1_800));
    }

    #[test]
    fn a_delivery_is_given_up_when_its_waits_use_up_the_limit() {
        let spent = Policy::default().give_up_after;
        let prior = Prior { attempt_number: 150, spent, deferred: false };
        let decision = decided(&refused(500, None), CLEAN, prior);
        assert_eq!(decision.next, Next::Final(DeliveryState::Dead));
        assert_eq!(decision.reason.to_string(), "given_up: last: destination_error");
        // What is not the lead's fault never uses it up.
        let decision = decided(&refused(429, None), CLEAN, prior);
        assert!(matches!(decision.next, Next::Again { spent: None, .. }));
    }
}
