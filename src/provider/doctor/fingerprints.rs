//! Fingerprints in the place of credentials: a refused request that was kept carries them, and is
//! often looked at again as a file.

use super::{Patient, cause};
use crate::model::{Cause, SourceName};
use crate::provider::masked::{fingerprint, is_fingerprint};
use crate::provider::scheme::{Carrier, Scheme};

/// What a fingerprint says, where one stands in the place of the credential.
pub(super) fn cause_of(patient: &Patient<'_>) -> Option<Cause> {
    let given = match patient.own.carrier()? {
        Carrier::Header(name) => patient.request.headers.get(name),
        Carrier::Query(name) => patient.request.query.get(name),
    };
    let given = given.map(str::trim).filter(|given| is_fingerprint(given))?;
    if let Scheme::Jwt(_) = patient.own.scheme() {
        let message = "its token was kept as a fingerprint, from which nothing can be verified";
        return Some(
            cause("credential_fingerprint", message)
                .with_hint("`leadhook rejections show` has what was found when it was refused"),
        );
    }
    let is_of = |credentials: Vec<String>| credentials.iter().any(|it| fingerprint(it) == given);
    if is_of(patient.own.credentials()) {
        let message = "the fingerprint of the right credential stands in its place";
        return Some(
            cause("credential_fingerprint", message)
                .with_hint("enter the credential itself at the sender"),
        );
    }
    let other = patient.others.iter().find(|(_, other)| is_of(other.credentials()));
    Some(match other {
        Some((name, _)) => of_another_source(name),
        None => cause("credential_wrong", "its fingerprint is of no credential that is set here")
            .with_hint("copy the credential anew on one of both sides"),
    })
}

fn of_another_source(name: &SourceName) -> Cause {
    let message = format!("its fingerprint is of the credential of the source `{name}`");
    Cause { source: Some(name.clone()), ..cause("secret_of_another_source", message) }
        .with_hint("the two are mixed up at the sender or here")
}
