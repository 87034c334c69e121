//! Providers: verification by declared scheme, and splitting of requests into events.

use crate::diagnostic::Code;
use crate::model::{Headers, ProviderEvent, QueryString, Request, Secret, SourceName, Timestamp};
use bytes::Bytes;
use std::sync::Arc;

/// How a source chooses among the ways to authenticate that a provider offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthChoice {
    pub method: Option<String>,
    pub header: Option<String>,
    pub username: Option<String>,
}

/// A kind of sender, as its catalogue file declares it.
#[derive(Debug)]
pub struct Provider {}

/// The scheme of a provider with the secrets of one source.
#[derive(Clone, Debug)]
pub struct Verifier {}

/// A request whose sender is known. Only [`Verifier::verify`] makes one.
#[derive(Clone, Debug)]
pub struct Verified {
    request: Request,
}

/// What is wrong with a source's `[auth]` table or secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthFault {
    /// `key` of `[auth]` has a value that the provider doesn't know.
    Choice { key: &'static str, message: String, hint: Option<String> },
    /// The secret at `index` does not have the provider's form. Never quotes it.
    Secret { index: usize, message: String, hint: Option<String> },
}

impl Provider {
    /// The provider of this name in the built-in catalogue.
    pub fn find(_name: &str) -> Option<Arc<Provider>> {
        None
    }

    /// The names of all built-in providers.
    pub fn names() -> impl Iterator<Item = &'static str> {
        [].into_iter()
    }

    pub fn verifier(
        &self,
        _auth: &AuthChoice,
        _secrets: &[Secret],
    ) -> Result<Verifier, Vec<AuthFault>> {
        Ok(Verifier {})
    }

    /// Cuts a body into events. Never fails: what can't be read becomes one event that says so.
    pub fn split(
        &self,
        _headers: &Headers,
        _query: &QueryString,
        _body: &Bytes,
        _events_max: usize,
    ) -> Vec<ProviderEvent> {
        Vec::new()
    }
}

impl Verifier {
    /// # Errors
    /// The code of the refusal, and nothing more: the caller must not learn how near it came.
    pub fn verify(&self, request: Request, _now: Timestamp) -> Result<Verified, Code> {
        Ok(Verified { request })
    }

    /// The header fields with which the provider would sign `body` now: for sample traffic.
    /// `event_id` goes where the provider puts the id into a header.
    pub fn sign(&self, _event_id: &str, _body: &[u8], _now: Timestamp) -> Vec<(String, String)> {
        Vec::new()
    }
}

impl Verified {
    /// Lets tests of other modules have one without signing anything.
    #[cfg(test)]
    pub(crate) fn for_tests(request: Request) -> Self {
        Self { request }
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

    pub fn received_at(&self) -> Timestamp {
        self.request.received_at
    }
}
