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
mod hmac;
mod secret;
mod template;
mod timestamp;
mod token;

use super::AuthChoice;
use super::AuthFault;
use crate::diagnostic::Code;
use crate::model::{Request, Secret, Timestamp};

pub(super) use basic::BasicScheme;
pub(super) use encoding::{Encoding, KeyEncoding};
pub(super) use hmac::{Algorithm, HmacScheme};
pub(super) use template::{Part, Template};
pub(super) use timestamp::{Freshness, Unit};
pub(super) use token::{Carrier, TokenScheme};

/// A declared scheme, without secrets.
#[derive(Clone, Debug)]
pub(super) enum Scheme {
    Hmac(HmacScheme),
    Token(TokenScheme),
    Basic(BasicScheme),
}

/// A scheme with secrets, ready to check requests. Not `Debug`: it holds what must not be shown.
pub(super) enum Check {
    Hmac(hmac::HmacCheck),
    Token(token::TokenCheck),
    Basic(basic::BasicCheck),
}

/// What [`Check::sign`] signs.
#[derive(Clone, Copy)]
pub(super) struct Unsigned<'a> {
    pub event_id: &'a str,
    /// The header in which the provider names the id, if it is a header.
    pub id_header: Option<&'a str>,
    pub body: &'a [u8],
    pub now: Timestamp,
}

impl Scheme {
    /// The scheme as `auth` settles it, with `secrets`.
    pub fn keyed(&self, auth: &AuthChoice, secrets: &[Secret]) -> Result<Check, Vec<AuthFault>> {
        let mut faults = self.choice_faults(auth);
        let check = match self {
            Scheme::Hmac(scheme) => scheme.keyed(secrets).map(Check::Hmac),
            Scheme::Token(scheme) => {
                scheme.keyed(auth.header.as_deref(), secrets).map(Check::Token)
            }
            Scheme::Basic(scheme) => {
                scheme.keyed(auth.username.as_deref(), secrets).map(Check::Basic)
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

    /// What `auth` chooses although this scheme leaves no choice there. It is refused rather than
    /// ignored: somebody believes that it protects.
    fn choice_faults(&self, auth: &AuthChoice) -> Vec<AuthFault> {
        let takes_header = matches!(self, Scheme::Token(scheme) if scheme.carrier.is_none());
        let takes_username = matches!(self, Scheme::Basic(_));
        let unwanted = |key, given: bool, taken: bool| {
            (given && !taken).then(|| AuthFault::Choice {
                key,
                message: format!("this way to authenticate has no `{key}` to choose"),
                hint: Some(format!("remove `{key}`, or choose another `method`")),
            })
        };
        [
            unwanted("header", auth.header.is_some(), takes_header),
            unwanted("username", auth.username.is_some(), takes_username),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Check {
    /// # Errors
    /// The code of the refusal.
    pub fn check(&self, request: &Request, now: Timestamp) -> Result<(), Code> {
        match self {
            Check::Hmac(check) => check.check(request, now),
            Check::Token(check) => check.check(request),
            Check::Basic(check) => check.check(request),
        }
    }

    /// The header fields of a request that this check accepts at `now`.
    pub fn sign(&self, unsigned: Unsigned<'_>) -> Vec<(String, String)> {
        match self {
            Check::Hmac(check) => check.sign(unsigned),
            Check::Token(check) => named_id(unsigned).chain(check.sign()).collect(),
            Check::Basic(check) => named_id(unsigned).chain([check.sign()]).collect(),
        }
    }

    /// What an authentic request may carry at [`credential`](Self::credential): one value a secret,
    /// as senders write it.
    pub fn credentials(&self) -> Vec<String> {
        match self {
            Check::Hmac(_) => Vec::new(),
            Check::Token(check) => check.credentials().collect(),
            Check::Basic(check) => check.credentials().collect(),
        }
    }

    /// The header that carries a signature: a proof of this request that opens no other door, so
    /// that it may be kept whatever the header is called.
    pub fn signature_header(&self) -> Option<&str> {
        match self {
            Check::Hmac(check) => Some(check.header()),
            Check::Token(_) | Check::Basic(_) => None,
        }
    }

    /// Where requests carry the secret itself; a signature is none.
    pub fn credential(&self) -> Option<&Carrier> {
        match self {
            Check::Hmac(_) => None,
            Check::Token(check) => Some(check.carrier()),
            Check::Basic(check) => Some(check.carrier()),
        }
    }
}

/// The id as a header field, where the provider puts it into a header.
fn named_id(unsigned: Unsigned<'_>) -> impl Iterator<Item = (String, String)> {
    let field = |header: &str| (header.to_owned(), unsigned.event_id.to_owned());
    unsigned.id_header.map(field).into_iter()
}
