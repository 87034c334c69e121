//! One HTTP try of a delivery: what came of it and what follows.

use super::{DeliveryState, Reason, Timestamp};
use crate::diagnostic::Code;
use std::time::Duration;

/// What one HTTP try gave. A destination's failure is data here, never an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// 200 with `link` an object: the destination accepted the lead.
    Linked,
    /// 200 with `link: null`: the destination recorded nothing this time.
    Unlinked,
    /// Any other answer of the destination.
    Refused(Refusal),
    /// No answer.
    Failed(Failure),
}

/// An answer that is no success.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status; also a 2xx whose body is not the API's.
    pub status: u16,
    /// `error.code` of the body, at most 64 characters.
    pub code: Option<String>,
    /// `error.message` of the body, at most 300 characters. It may quote the lead: stored with the
    /// delivery, never logged.
    pub message: Option<String>,
    /// `Retry-After` read as a point in time.
    pub retry_at: Option<Timestamp>,
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No connection was made: the destination never saw the lead.
    Unreachable,
    /// The lead may have been read and recorded, the answer never came (time-out, reset, crash).
    Lost,
}

/// What an attempt may have left behind at the destination; the history of later attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: refused before anything was noted, or never reached.
    None,
    /// The lead is recorded.
    Recorded,
    /// The pair may have been marked as seen without being recorded (404, 5xx).
    Marked,
    /// Nobody knows.
    Unknown,
}

impl Effect {
    pub const ALL: [Effect; 4] = [Effect::None, Effect::Recorded, Effect::Marked, Effect::Unknown];

    pub const fn as_str(self) -> &'static str {
        match self {
            Effect::None => "none",
            Effect::Recorded => "recorded",
            Effect::Marked => "marked",
            Effect::Unknown => "unknown",
        }
    }
}

/// What is known of (destination, customer, event name) over all deliveries, before an attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// It was recorded within the last 7 days, so that the destination still knows of it.
    pub recorded: bool,
    /// An attempt of the last 7 days was answered 404 or 5xx.
    pub marked: bool,
    /// An attempt ended without a known answer.
    pub unknown: bool,
}

/// What to do with a delivery after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub next: Next,
    pub reason: Reason,
    pub effect: Effect,
    /// Whether all deliveries to this destination must wait.
    pub hold: Option<Hold>,
}

/// The next state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Final(DeliveryState),
    /// Try again at `at`. `spent` is what this wait costs of the time limit for retries: nothing
    /// where the lead was not at fault, and then the attempt doesn't count either.
    Again {
        at: Timestamp,
        spent: Option<Duration>,
    },
}

/// A reason for which a whole destination waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The destination said when to go on (429, 503 with `Retry-After`).
    Until(Timestamp),
    /// The destination refuses the key; ask again with one lead after a while.
    Unauthorized,
}

/// An attempt as it is stored when it has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub ended_at: Timestamp,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The destination's own error code, if it gave one.
    pub destination_code: Option<String>,
    pub effect: Effect,
    pub outcome: Code,
}
