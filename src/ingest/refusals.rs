//! One log line for refused requests, at most one a second for each source and code: whoever sends
//! us rubbish must not be able to fill the disk with our complaints.

use super::accept::Refused;
use crate::diagnostic::Code;
use crate::model::Timestamp;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const QUIET: Duration = Duration::from_secs(1);
/// Sources that don't exist are counted together, so that this holds few entries.
const UNKNOWN: &str = "-";

/// When each kind of refusal was last logged, and how many were not.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<(String, Code), Logged>>);

#[derive(Debug)]
struct Logged {
    at: Timestamp,
    unlogged: u64,
}

impl Refusals {
    /// Notes a refusal. `source` is `None` where there is no such source.
    pub(super) fn note(
        &self,
        source: Option<&str>,
        refused: &Refused,
        peer: Option<IpAddr>,
        now: Timestamp,
    ) {
        let source = source.unwrap_or(UNKNOWN);
        let Some(unlogged) = self.due(source, refused.code, now) else { return };
        let code = refused.code.name();
        let peer = peer.map(|peer| peer.to_string());
        let cause = refused.cause.as_deref();
        tracing::warn!(source, code, cause, peer, unlogged, "request refused");
    }

    /// How many went unlogged since the last line, if a line is due.
    fn due(&self, source: &str, code: Code, now: Timestamp) -> Option<u64> {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Logged { at: now.minus(QUIET), unlogged: 0 };
        let entry = logged.entry((source.to_owned(), code)).or_insert(fresh);
        if now < entry.at.plus(QUIET) && now >= entry.at {
            entry.unlogged += 1;
            return None;
        }
        entry.at = now;
        Some(std::mem::take(&mut entry.unlogged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_one_line_a_second_with_the_count_of_the_rest() {
        let refusals = Refusals::default();
        let at = |millis: i64| Timestamp::from_millis(10_000 + millis);
        let due = |millis| refusals.due("clerk", Code::SignatureMismatch, at(millis));
        assert_eq!(due(0), Some(0));
        assert_eq!((due(1), due(999)), (None, None));
        assert_eq!(refusals.due("typeform", Code::SignatureMismatch, at(2)), Some(0));
        assert_eq!(due(1_000), Some(2));
        // A clock set back must not silence it.
        assert_eq!(due(-5_000), Some(0));
    }
}
