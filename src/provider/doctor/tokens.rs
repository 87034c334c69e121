//! JSON Web Tokens that were refused.

use super::budget::Budget;
use super::{Patient, ages, bodies, cause, headers};
use crate::diagnostic::Code;
use crate::model::{Cause, Request};
use crate::provider::scheme::{Encoding, JwtScheme, TokenPlace, Unit};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// See [`super::causes`].
pub(super) fn causes(patient: &Patient<'_>, scheme: &JwtScheme, budget: &mut Budget) -> Vec<Cause> {
    let Ok(refused) = patient.own.refusal(patient.request, patient.now) else { return Vec::new() };
    let Some(token) = scheme.token(patient.request).ok() else {
        return vec![token_missing(patient, scheme)];
    };
    let Ok(header) = jsonwebtoken::decode_header(&token) else {
        let message = "what stands in the place of the token is no JSON Web Token";
        return vec![cause("another_sender", message).with_hint(
            "another kind of sender calls this address, or it is set up in another way",
        )];
    };
    if !scheme.algorithms.contains(&header.alg) {
        let pinned: Vec<_> = scheme.algorithms.iter().map(|it| format!("{it:?}")).collect();
        let message = format!(
            "the token is signed by {:?}, and {} is expected",
            header.alg,
            pinned.join(" or ")
        );
        return vec![
            cause("token_algorithm", message)
                .with_hint("choose the algorithm at the sender, or the `method` in `[auth]`"),
        ];
    }
    let claims = jsonwebtoken::dangerous::insecure_decode_claims(&token);
    let claims: Map<String, Value> = claims.unwrap_or_default();
    let found = match refused {
        Code::KeysUnavailable => cause("keys_unavailable", "the key set could not be fetched yet")
            .with_hint("look whether `jwks_url` can be reached from this machine"),
        Code::SignatureKeyUnknown => {
            cause("token_key", "the key set has no key by which it is signed").with_hint(
                "`jwks_url` is that of another tenant or environment, or the key was just changed",
            )
        }
        Code::TimestampTooOld => {
            let expired = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
            ages::cause_of(expired, Unit::Seconds, patient.now, Some(true))
        }
        Code::TimestampTooNew => {
            let begins = claims.get("nbf").and_then(Value::as_i64).unwrap_or_default();
            ages::cause_of(begins, Unit::Seconds, patient.now, Some(true))
        }
        Code::TokenClaims => claims_differ(scheme, &claims),
        _ => body_or_secret(patient, scheme, &claims, budget),
    };
    vec![found]
}

fn token_missing(patient: &Patient<'_>, scheme: &JwtScheme) -> Cause {
    let TokenPlace::Header { name, .. } = &scheme.place else {
        return cause("not_signed", "the body is no token and holds none").with_hint(
            "choose the form of the body at the sender, or it was somebody else who called",
        );
    };
    let like = headers::signature_like(patient.request, name);
    let moved = like.iter().find(|other| {
        let renamed = headers::renamed(patient.request, other, name);
        patient.own.accepts(&renamed, patient.now)
    });
    match moved {
        Some(other) => {
            let message = format!("the token is in the header `{other}`, not in `{name}`");
            cause("header_under_another_name", message)
                .with_hint("something between changed the name, or the sender is of another kind")
        }
        None => cause("not_signed", format!("it is not signed: it has no token in `{name}`"))
            .with_hint("let the sender sign, or it was somebody else who called"),
    }
}

/// Which claim is not as it must be. Issuers and audiences are addresses and names, no secrets.
fn claims_differ(scheme: &JwtScheme, claims: &Map<String, Value>) -> Cause {
    let lacking = scheme.required_claims.iter().find(|claim| !claims.contains_key(*claim));
    if let Some(claim) = lacking {
        return cause("token_claims", format!("the token does not claim `{claim}`"));
    }
    let wanted = [("iss", &scheme.issuer, "issuer"), ("aud", &scheme.audience, "audience")];
    for (claim, wanted, key) in wanted {
        let Some(wanted) = wanted else { continue };
        let found = claims.get(claim);
        let is_same = match found {
            Some(Value::String(found)) => found == wanted,
            Some(Value::Array(found)) => found.iter().any(|it| it == wanted),
            _ => false,
        };
        if !is_same {
            let found = found.map_or_else(|| "nothing".to_owned(), Value::to_string);
            let found: String = found.chars().filter(|c| !c.is_control()).take(200).collect();
            let message =
                format!("the token claims {found} as `{claim}`, and {wanted:?} is expected");
            return cause("token_claims", message)
                .with_hint(format!("mend `{key}` in `[auth]`, or the sender's settings"));
        }
    }
    cause("token_claims", "the token does not hold the hash of the body")
        .with_hint("the sender is of another kind, or too old a version")
}

fn body_or_secret(
    patient: &Patient<'_>,
    scheme: &JwtScheme,
    claims: &Map<String, Value>,
    budget: &mut Budget,
) -> Cause {
    if let Some(cause) = body_altered(patient, scheme, claims, budget) {
        return cause;
    }
    if scheme.is_symmetric() {
        cause("secret_wrong", "the token is not signed with any secret that is set here")
            .with_hint("copy the secret from the sender again")
    } else {
        cause("token_key", "the token is not signed by any key of the key set")
            .with_hint("`jwks_url` is that of another tenant or environment; or it is forged")
    }
}

/// The claimed hash is of a body that this one may have been, or is written in another encoding.
fn body_altered(
    patient: &Patient<'_>,
    scheme: &JwtScheme,
    claims: &Map<String, Value>,
    budget: &mut Budget,
) -> Option<Cause> {
    let hash = scheme.body_hash.as_ref()?;
    let written = claims.get(&hash.claim)?.as_str()?;
    let decoded = |encoding: Encoding| encoding.decode(written);
    let is_of = |claimed: &[u8], body: &[u8]| Sha256::digest(body).as_slice() == claimed;
    let other = match hash.encoding {
        Encoding::Hex => Encoding::Base64,
        Encoding::Base64 => Encoding::Hex,
    };
    if decoded(other).is_some_and(|claimed| is_of(&claimed, &patient.request.body)) {
        let message = "the hash of the body is right, but written in another encoding";
        return Some(
            cause("signature_encoding", message)
                .with_hint("the sender is of another kind, or changed how it signs"),
        );
    }
    let claimed = decoded(hash.encoding)?;
    let variants = bodies::variants(&patient.request.body).into_iter();
    let mut variants = variants.take_while(|variant| budget.take(variant.body.len()));
    let variant = variants.find(|variant| {
        let request = Request { body: variant.body.clone(), ..patient.request.clone() };
        is_of(&claimed, &variant.body) && patient.own.accepts(&request, patient.now)
    })?;
    let message = format!("the body was altered on its way: {}", variant.altered);
    Some(cause("body_altered", message).with_hint(
        "let what is between (a proxy, a gateway, a function) pass the body on byte for byte",
    ))
}
