//! The doctor: why a request was probably refused. For operators alone.
//!
//! It sees the request as it came, credentials included, and must quote none of them.

use super::Verifier;
use crate::model::{Cause, Request, SourceName, Timestamp};

/// What probably went wrong with `request`, which `own` refused at `now`, the likeliest first.
/// `others` are the verifiers of the other sources, whose secrets are often taken for one another.
/// Empty where nothing better than the code of the refusal is known.
pub fn causes(
    _request: &Request,
    _now: Timestamp,
    _own: &Verifier,
    _others: &[(SourceName, Verifier)],
) -> Vec<Cause> {
    Vec::new()
}
