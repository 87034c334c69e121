//! The doctor: why a request was probably refused. For operators alone.
//!
//! It tries what goes wrong in practice, one thing at a time: whatever makes the request verify is
//! the cause. Where nothing does, it says what it sees.
//!
//! Kept here: it sees the request as it came, credentials included, and quotes none of them; its
//! work is bounded, because anybody can have a request refused.

mod ages;
mod bodies;
mod budget;
mod credentials;
mod fingerprints;
mod headers;
mod secrets;
mod signatures;
mod tokens;
mod urls;

use super::Verifier;
use super::scheme::Scheme;
use crate::model::{Cause, Request, SourceName, Timestamp};
use budget::Budget;

/// More than a few causes are none.
const CAUSES_MAX: usize = 3;

/// A request that was refused, and by what.
struct Patient<'a> {
    request: &'a Request,
    now: Timestamp,
    own: &'a Verifier,
    others: &'a [(SourceName, Verifier)],
}

/// What probably went wrong with `request`, which `own` refused at `now`, the likeliest first.
/// `others` are the verifiers of the other sources, whose secrets are often taken for one another.
/// Empty where nothing better than the code of the refusal is known, or where it verifies.
pub fn causes(
    request: &Request,
    now: Timestamp,
    own: &Verifier,
    others: &[(SourceName, Verifier)],
) -> Vec<Cause> {
    if own.accepts(request, now) {
        return Vec::new();
    }
    if own.asks_for_token(request) {
        let message = "it is the provider's handshake, and shows another token than the one that is \
                       set here, or none";
        let hint = "enter the same token at the provider as `verify_token` of `[auth]` names";
        return vec![cause("handshake_token", message).with_hint(hint)];
    }
    let patient = Patient { request, now, own, others };
    if let Some(cause) = fingerprints::cause_of(&patient) {
        return vec![cause];
    }
    let mut budget = Budget::default();
    let mut found = match own.scheme() {
        Scheme::Signature(scheme) => signatures::causes(&patient, scheme, &mut budget),
        Scheme::Token(_) | Scheme::Basic(_) => credentials::causes(&patient),
        Scheme::Jwt(scheme) => tokens::causes(&patient, scheme, &mut budget),
    };
    if found.is_empty() {
        found.extend(another_source(&patient));
    }
    found.truncate(CAUSES_MAX);
    found
}

/// Another source takes the very request: it came to the wrong address.
fn another_source(patient: &Patient<'_>) -> Option<Cause> {
    let takes = |other: &Verifier| other.accepts(patient.request, patient.now);
    let (name, _) = patient.others.iter().find(|(_, other)| takes(other))?;
    let cause = cause("address_of_another_source", format!("the source `{name}` accepts it"));
    Some(
        Cause { source: Some(name.clone()), ..cause }
            .with_hint(format!("send it to /webhooks/{name}, or give this source the same secret")),
    )
}

fn cause(code: &'static str, message: impl Into<String>) -> Cause {
    Cause { code: code.into(), message: message.into(), hint: None, source: None }
}

impl Cause {
    fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

#[cfg(test)]
mod tests;
