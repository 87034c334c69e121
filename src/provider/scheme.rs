//! How a request proves its sender: the declared scheme, and the scheme with secrets.
//!
//! Kept here: a blank secret or credential never verifies; secrets and signatures are compared in
//! constant time and always all of them, so that the time taken tells nothing; a part that the
//! scheme needs and the request lacks is a refusal, never an empty text.
//!
//! One module a kind. Kinds are an enum rather than a trait because they are few and all known:
//! the compiler then names every place that a new one has to be thought of.

mod basic;
mod encoding;
mod field;
mod jwt;
mod key;
mod secret;
mod signature;
mod template;
mod timestamp;
mod token;

use super::key_sets::KeySets;
use super::signing::{CannotSign, Draft, Signed};
use super::token_text::InBody;
use super::{AuthChoice, AuthFault};
use crate::diagnostic::Code;
use crate::model::{Request, Secret, Timestamp};
use serde_json::{Map, Value};

pub(super) use basic::BasicScheme;
pub(super) use encoding::{Encoding, KeyEncoding};
pub(super) use jwt::{BodyHash, JwtScheme, KeysFrom, TokenPlace};
pub(super) use key::{Hash, Proof};
pub(super) use signature::SignatureScheme;
pub(super) use template::{Context, Part, Template};
pub(super) use timestamp::{Freshness, Unit};
pub(super) use token::{Carrier, TokenScheme};

/// A declared scheme, without secrets.
#[derive(Clone, Debug)]
pub(super) enum Scheme {
    Signature(SignatureScheme),
    Token(TokenScheme),
    Basic(BasicScheme),
    Jwt(JwtScheme),
}

/// A scheme with secrets, ready to check requests. Not `Debug`: it holds what must not be shown.
pub(super) enum Check {
    Signature(signature::SignatureCheck),
    Token(token::TokenCheck),
    Basic(basic::BasicCheck),
    Jwt(Box<jwt::JwtCheck>),
}

/// What a check has found out beyond that the request is authentic.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Proven {
    /// What the token of the request claims, where the proof is one.
    pub claims: Option<Map<String, Value>>,
}

/// What a scheme needs beyond what its declaration says.
#[derive(Clone, Copy)]
pub(super) struct Keying<'a> {
    pub auth: &'a AuthChoice,
    pub secrets: &'a [Secret],
    pub public_url: Option<&'a str>,
    pub key_sets: &'a KeySets,
}

impl Scheme {
    /// The scheme with what a source says beyond its declaration.
    pub fn settled(&self, auth: &AuthChoice) -> Self {
        match self {
            Scheme::Jwt(scheme) => Scheme::Jwt(scheme.settled(auth)),
            Scheme::Signature(_) | Scheme::Token(_) | Scheme::Basic(_) => self.clone(),
        }
    }

    /// The scheme as `auth` settles it, with its secrets.
    pub fn keyed(&self, keying: Keying<'_>) -> Result<Check, Vec<AuthFault>> {
        let Keying { auth, secrets, public_url, key_sets } = keying;
        let mut faults = self.choice_faults(auth);
        let check = match self {
            Scheme::Signature(scheme) => scheme.keyed(public_url, secrets).map(Check::Signature),
            Scheme::Token(scheme) => scheme.keyed(auth, secrets).map(Check::Token),
            Scheme::Basic(scheme) => {
                scheme.keyed(auth.username.as_deref(), secrets).map(Check::Basic)
            }
            Scheme::Jwt(scheme) => {
                scheme.keyed(auth, key_sets, secrets).map(|check| Check::Jwt(Box::new(check)))
            }
        };
        match check {
            Ok(check) if faults.is_empty() => Ok(check),
            Ok(_) => Err(faults),
            Err(more) => {
                faults.extend(more);
                Err(faults)
            }
        }
    }

    /// Where in the body the token is that proves the sender, if it is there: nothing else of the
    /// body is proven then.
    pub fn token_in_body(&self) -> Option<&InBody> {
        match self {
            Scheme::Jwt(JwtScheme { place: TokenPlace::Body(place), .. }) => Some(place),
            _ => None,
        }
    }

    /// Whether the source must name secrets: public keys are fetched.
    pub fn needs_secrets(&self) -> bool {
        !matches!(self, Scheme::Jwt(JwtScheme { keys: KeysFrom::Set(_), .. }))
    }

    /// Whether the public address of the service must be known to verify.
    pub fn needs_public_url(&self) -> bool {
        matches!(self, Scheme::Signature(scheme) if scheme.covers_url())
    }

    /// Whether the same request is refused at another time.
    pub fn knows_time(&self) -> bool {
        match self {
            Scheme::Signature(scheme) => scheme.freshness.is_some(),
            // A token may expire without being asked to.
            Scheme::Jwt(_) => true,
            Scheme::Token(_) | Scheme::Basic(_) => false,
        }
    }

    /// What `auth` chooses although this scheme leaves no choice there. It is refused rather than
    /// ignored: somebody believes that it protects.
    fn choice_faults(&self, auth: &AuthChoice) -> Vec<AuthFault> {
        let chosen_carrier = matches!(self, Scheme::Token(scheme) if scheme.carrier.is_none());
        let takes_username = matches!(self, Scheme::Basic(_));
        let takes_claims = matches!(self, Scheme::Jwt(_));
        let takes_key_set = matches!(self, Scheme::Jwt(JwtScheme { keys: KeysFrom::Set(_), .. }));
        let unwanted = |key, given: bool, taken: bool| {
            (given && !taken).then(|| AuthFault::Choice {
                key,
                message: format!("this way to authenticate has no `{key}` to choose"),
                hint: Some(format!("remove `{key}`, or choose another `method`")),
            })
        };
        [
            unwanted("header", auth.header.is_some(), chosen_carrier),
            unwanted("query", auth.query.is_some(), chosen_carrier),
            unwanted("username", auth.username.is_some(), takes_username),
            unwanted("jwks_url", auth.jwks_url.is_some(), takes_key_set),
            unwanted("issuer", auth.issuer.is_some(), takes_claims),
            unwanted("audience", auth.audience.is_some(), takes_claims),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Check {
    /// # Errors
    /// The code of the refusal.
    pub fn check(&self, request: &Request, now: Timestamp) -> Result<Proven, Code> {
        match self {
            Check::Signature(check) => check.check(request, now).map(|()| Proven::default()),
            Check::Token(check) => check.check(request).map(|()| Proven::default()),
            Check::Basic(check) => check.check(request).map(|()| Proven::default()),
            Check::Jwt(check) => check.check(request, now),
        }
    }

    /// What a request needs that this check accepts at the draft's time.
    pub fn sign(&self, draft: Draft<'_>) -> Result<Signed, CannotSign> {
        let body = draft.body.to_vec();
        match self {
            Check::Signature(check) => check.sign(draft),
            Check::Token(check) => Ok(Signed { body, ..check.sign() }),
            Check::Basic(check) => {
                Ok(Signed { headers: vec![check.sign()], body, ..Signed::default() })
            }
            Check::Jwt(check) => check.sign(draft),
        }
    }

    /// The URL of the key set without which this request can't be verified.
    pub fn key_set_wanted(&self, request: &Request) -> Option<&str> {
        match self {
            Check::Jwt(check) => check.key_set_wanted(request),
            Check::Signature(_) | Check::Token(_) | Check::Basic(_) => None,
        }
    }

    /// The URL of the key set that it verifies with.
    pub fn key_set_url(&self) -> Option<&str> {
        match self {
            Check::Jwt(check) => check.key_set_url(),
            Check::Signature(_) | Check::Token(_) | Check::Basic(_) => None,
        }
    }

    /// What an authentic request may carry at [`credential`](Self::credential): one value a secret,
    /// as senders write it.
    pub fn credentials(&self) -> Vec<String> {
        match self {
            // A token that was signed for one request is not known beforehand.
            Check::Signature(_) | Check::Jwt(_) => Vec::new(),
            Check::Token(check) => check.credentials().collect(),
            Check::Basic(check) => check.credentials().collect(),
        }
    }

    /// The header that carries a signature: a proof of this request that opens no other door, so
    /// that it may be kept whatever the header is called.
    pub fn signature_header(&self) -> Option<&str> {
        match self {
            Check::Signature(check) => Some(check.header()),
            Check::Jwt(check) => check.signature_header(),
            Check::Token(_) | Check::Basic(_) => None,
        }
    }

    /// Where requests carry the secret itself; a signature is none.
    pub fn credential(&self) -> Option<&Carrier> {
        match self {
            Check::Signature(_) => None,
            Check::Token(check) => Some(check.carrier()),
            Check::Basic(check) => Some(check.carrier()),
            Check::Jwt(check) => check.credential(),
        }
    }
}
