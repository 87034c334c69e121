//! A request whose sender is known, and which no longer carries credentials.

use super::content::Content;
use super::masked::{Own, mask};
use super::scheme::Proven;
use crate::model::{Headers, QueryString, Request, SourceName, Timestamp};
use bytes::Bytes;
use serde_json::{Map, Value};

/// A request whose sender is known. Only [`Verifier`](super::Verifier) makes one.
#[derive(Clone, Debug)]
pub struct Verified {
    request: Request,
    claims: Option<Map<String, Value>>,
}

impl Verified {
    /// Takes the credentials out.
    pub(super) fn new(request: Request, proven: Proven, own: Own<'_>) -> Self {
        Self { request: mask(request, own), claims: proven.claims }
    }

    /// Of a request whose credentials are fingerprints already.
    pub(super) fn of_masked(request: Request, proven: Proven) -> Self {
        Self { request, claims: proven.claims }
    }

    /// A request taken for verified, for tests of what comes after verification.
    #[cfg(test)]
    pub(crate) fn for_tests(request: Request) -> Verified {
        Self::new(request, Proven::default(), Own::default())
    }

    pub fn source(&self) -> &SourceName {
        &self.request.source
    }

    /// The headers, with credentials replaced by fingerprints.
    pub fn headers(&self) -> &Headers {
        &self.request.headers
    }

    /// The query parameters, with credentials replaced by fingerprints.
    pub fn query(&self) -> &QueryString {
        &self.request.query
    }

    pub fn body(&self) -> &Bytes {
        &self.request.body
    }

    /// What its events are cut from.
    pub fn content(&self) -> Content<'_> {
        Content { claims: self.claims.as_ref(), ..Content::new(self.headers(), self.body()) }
    }

    pub fn received_at(&self) -> Timestamp {
        self.request.received_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tests::request;

    #[test]
    fn what_is_no_credential_stays_as_it_came() {
        let verified = Verified::for_tests(request(&[("X-A", "1"), ("x-a", "2")], b"body"));
        let fields: Vec<_> = verified.headers().iter().collect();
        assert_eq!(fields, [("x-a", "1"), ("x-a", "2")]);
        assert_eq!(verified.body().as_ref(), b"body");
        assert_eq!(verified.source().as_str(), "somebody");
        assert_eq!(verified.received_at(), crate::provider::tests::NOW);
    }
}
