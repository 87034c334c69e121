//! Why a whole destination waits, and until when. Pure: it is told the time.

use crate::model::{Hold, Timestamp};
use std::time::Duration;

/// The first wait before a refused key is tried again; doubles up to [`PROBE_MAX`].
const PROBE_MIN: Duration = Duration::from_secs(60);
const PROBE_MAX: Duration = Duration::from_secs(15 * 60);

/// Whether leads may go at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    /// The destination asked to wait.
    ShutUntil(Timestamp),
    /// The destination refuses the key. One lead at a time asks again: authentication precedes
    /// the destination's mark, so that it costs the lead nothing.
    Unauthorized {
        probe_at: Timestamp,
        wait: Duration,
    },
}

impl Gate {
    /// What is left of it at `now`. No wait is longer than `longest` when it begins: one that is has
    /// outlived a clock that was set back, and must not hold leads for as long as that was wrong.
    pub(super) fn seen_at(self, now: Timestamp, longest: Duration) -> Gate {
        match self {
            Gate::ShutUntil(at) if at > now.plus(longest) => Gate::Open,
            Gate::Unauthorized { probe_at, wait } if probe_at > now.plus(wait) => {
                Gate::Unauthorized { probe_at: now.plus(wait), wait }
            }
            gate => gate,
        }
    }

    /// How many leads may be under way at `now`, of `most`.
    pub(super) fn admits(self, most: usize, now: Timestamp) -> usize {
        match self {
            Gate::Open => most,
            Gate::ShutUntil(at) if now < at => 0,
            Gate::ShutUntil(_) => most,
            Gate::Unauthorized { probe_at, .. } if now < probe_at => 0,
            Gate::Unauthorized { .. } => most.min(1),
        }
    }

    /// When it may open; in the past where it is open.
    pub(super) fn opens_at(self) -> Timestamp {
        match self {
            Gate::Open => Timestamp::from_millis(0),
            Gate::ShutUntil(at) => at,
            Gate::Unauthorized { probe_at, .. } => probe_at,
        }
    }

    /// After an attempt: what it asked for, and whether the destination gave any answer at all.
    pub(super) fn after(self, hold: Option<Hold>, answered: bool, now: Timestamp) -> Gate {
        match (hold, self) {
            (Some(Hold::Unauthorized), Gate::Unauthorized { probe_at, wait }) if now < probe_at => {
                // Begun before the key was known to be refused.
                Gate::Unauthorized { probe_at, wait }
            }
            (Some(Hold::Unauthorized), Gate::Unauthorized { wait, .. }) => {
                let wait = (wait * 2).min(PROBE_MAX);
                Gate::Unauthorized { probe_at: now.plus(wait), wait }
            }
            (Some(Hold::Unauthorized), _) => {
                Gate::Unauthorized { probe_at: now.plus(PROBE_MIN), wait: PROBE_MIN }
            }
            (Some(Hold::Until(at)), Gate::ShutUntil(earlier)) => Gate::ShutUntil(at.max(earlier)),
            // The key passed, so that this is the only reason left.
            (Some(Hold::Until(at)), _) => Gate::ShutUntil(at),
            (None, Gate::Unauthorized { wait, .. }) if !answered => {
                Gate::Unauthorized { probe_at: now.plus(wait), wait }
            }
            (None, Gate::Unauthorized { .. }) => Gate::Open,
            (None, gate) => gate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn later(seconds: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(seconds))
    }

    fn refused(gate: Gate, now: Timestamp) -> Gate {
        gate.after(Some(Hold::Unauthorized), true, now)
    }

    #[test]
    fn a_refused_key_is_probed_after_a_minute_then_ever_more_rarely() {
        let gate = refused(Gate::Open, NOW);
        assert_eq!(gate.opens_at(), later(60));
        assert_eq!((gate.admits(8, later(59)), gate.admits(8, later(60))), (0, 1));
        // Others that were under way when the first was refused change nothing.
        assert_eq!(refused(gate, later(1)), gate);
        let gate = refused(gate, later(60));
        assert_eq!(gate.opens_at(), later(60 + 120));
        let mut gate = gate;
        for _ in 0..9 {
            gate = refused(gate, gate.opens_at());
        }
        let last = gate.opens_at();
        assert_eq!(refused(gate, last).opens_at(), last.plus(PROBE_MAX));
    }

    #[test]
    fn any_other_answer_opens_it_again_but_silence_does_not() {
        let gate = refused(Gate::Open, NOW);
        assert_eq!(gate.after(None, true, later(60)), Gate::Open);
        assert_eq!(gate.after(None, false, later(60)).opens_at(), later(120));
    }

    #[test]
    fn a_wait_that_was_asked_for_ends_by_itself() {
        let gate = Gate::Open.after(Some(Hold::Until(later(9))), true, NOW);
        assert_eq!((gate.admits(8, later(8)), gate.admits(8, later(9))), (0, 8));
        let gate = gate.after(Some(Hold::Until(later(5))), true, NOW);
        assert_eq!(gate.opens_at(), later(9));
        assert_eq!(gate.after(None, true, later(1)), gate);
    }

    #[test]
    fn a_clock_set_back_holds_nothing_for_long() {
        let hour = Duration::from_secs(3_600);
        let shut = Gate::ShutUntil(later(3_600));
        assert_eq!(shut.seen_at(NOW, hour), shut);
        assert_eq!(shut.seen_at(NOW.minus(Duration::from_secs(1)), hour), Gate::Open);
        let gate = refused(Gate::Open, NOW);
        assert_eq!(gate.seen_at(NOW, hour), gate);
        let before = NOW.minus(24 * hour);
        assert_eq!(gate.seen_at(before, hour).opens_at(), before.plus(PROBE_MIN));
    }
}
