//! The door: what comes through is authentic.

use super::handshake::{self, Answer, Handshake};
use super::scheme::Check;
use super::signing::{CannotSign, Draft, Signed};
use super::verified::Verified;
use crate::diagnostic::Code;
use crate::model::{Request, Secret, Timestamp};
use std::fmt;
use std::sync::Arc;

/// The scheme of a provider with the secrets of one source. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(Arc<Parts>);

/// What a verifier is made of.
pub(super) struct Parts {
    pub check: Check,
    pub id_header: Option<String>,
    pub handshakes: Vec<Handshake>,
    /// What the provider shows in its handshake.
    pub verify_token: Option<Secret>,
    pub secrets: Vec<Secret>,
}

impl Verifier {
    pub(super) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Proves who sent `request`, from its bytes as they came.
    ///
    /// # Errors
    /// The code of the refusal, and nothing more: the caller must not learn how near it came.
    pub fn verify(&self, request: Request, now: Timestamp) -> Result<Verified, Code> {
        let proven = self.0.check.check(&request, now)?;
        Ok(Verified::new(request, proven, self.0.check.credential()))
    }

    /// The answer to `request`, if it is the provider's handshake and not an event. One that must
    /// be signed is verified first.
    ///
    /// # Errors
    /// The code of the refusal.
    pub fn handshake(&self, request: &Request, now: Timestamp) -> Option<Result<Answer, Code>> {
        let handshake = self.0.handshakes.iter().find(|one| one.is_meant(request))?;
        let door = handshake::Door {
            is_authentic: &|| self.0.check.check(request, now).map(|_| ()),
            verify_token: self.0.verify_token.as_ref(),
            secret: self.0.secrets.first(),
        };
        Some(handshake.answer(request, &door))
    }

    /// The URL of the key set that has to be fetched before `request` can be verified.
    pub fn key_set_wanted(&self, request: &Request) -> Option<&str> {
        self.0.check.key_set_wanted(request)
    }

    /// The URL of the key set that requests are verified with, where they are.
    pub fn key_set_url(&self) -> Option<&str> {
        self.0.check.key_set_url()
    }

    /// What the provider would add to `draft` now, signed with the first secret. The id of the
    /// event goes where the provider puts it into a header.
    ///
    /// # Errors
    /// Only the provider can sign.
    pub fn sign(&self, draft: Draft<'_>) -> Result<Signed, CannotSign> {
        // A header can't carry blanks at its ends, and what is signed must be what arrives.
        let event_id = match draft.event_id.trim_ascii() {
            "" => "sample",
            id => id,
        };
        let draft = Draft { event_id, ..draft };
        let mut signed = self.0.check.sign(draft)?;
        if let Some(name) = &self.0.id_header
            && signed.headers.iter().all(|(header, _)| header != name)
        {
            signed.headers.push((name.clone(), event_id.to_owned()));
        }
        Ok(signed)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(***)")
    }
}
