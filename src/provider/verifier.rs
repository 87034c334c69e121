//! The door: what comes through is authentic.

use super::scheme::{Check, Unsigned};
use super::verified::Verified;
use crate::diagnostic::Code;
use crate::model::{Request, Timestamp};
use std::fmt;
use std::sync::Arc;

/// The scheme of a provider with the secrets of one source. Cheap to clone.
#[derive(Clone)]
pub struct Verifier {
    check: Arc<Check>,
    id_header: Option<String>,
}

impl Verifier {
    pub(super) fn new(check: Check, id_header: Option<String>) -> Self {
        Self { check: Arc::new(check), id_header }
    }

    /// Proves who sent `request`, from its bytes as they came.
    ///
    /// # Errors
    /// The code of the refusal, and nothing more: the caller must not learn how near it came.
    pub fn verify(&self, request: Request, now: Timestamp) -> Result<Verified, Code> {
        self.check.check(&request, now)?;
        Ok(Verified::new(request, self.check.credential()))
    }

    /// The header fields with which the provider would sign `body` now: for sample traffic.
    /// `event_id` goes where the provider puts the id into a header. Signed with the first secret.
    pub fn sign(&self, event_id: &str, body: &[u8], now: Timestamp) -> Vec<(String, String)> {
        // A header can't carry blanks at its ends, and what is signed must be what arrives.
        let event_id = match event_id.trim_ascii() {
            "" => "sample",
            id => id,
        };
        let id_header = self.id_header.as_deref();
        self.check.sign(Unsigned { event_id, id_header, body, now })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(***)")
    }
}
