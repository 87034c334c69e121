//! One HTTP call to a source, as it came.

use super::{SourceName, Timestamp};
use crate::diagnostic::Code;
use bytes::Bytes;
use std::net::IpAddr;

/// By what a request is refused that does not prove its sender.
pub const UNPROVED: [Code; 9] = [
    Code::SignatureMissing,
    Code::SignatureMalformed,
    Code::SignatureMismatch,
    Code::SignatureKeyUnknown,
    Code::TokenClaims,
    Code::TimestampMissing,
    Code::TimestampMalformed,
    Code::TimestampTooOld,
    Code::TimestampTooNew,
];

/// One HTTP call to a source. Nothing in it is trusted until the provider's scheme has verified it.
#[derive(Clone, Debug)]
pub struct Request {
    pub source: SourceName,
    /// Upper case, as in `POST`.
    pub method: String,
    /// Path and query as they came on the wire, before anything was normalized or decoded.
    pub target: String,
    pub headers: Headers,
    pub query: QueryString,
    /// The bytes of the body, exactly as they came.
    pub body: Bytes,
    pub peer: Option<IpAddr>,
    pub received_at: Timestamp,
}

/// Header fields in the order in which they came; names are lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    pub fn new(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
        Self(fields.into_iter().map(lower).collect())
    }

    /// The first value under `name`, which must be lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(field, value)| (field == name).then_some(value))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The parameters of the URL, percent-decoded, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryString(Vec<(String, String)>);

impl QueryString {
    pub fn new(parameters: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(parameters.into_iter().collect())
    }

    /// The parameters of a [target](Request::target).
    pub fn of_target(target: &str) -> Self {
        let query = target.split_once('?').map(|(_, query)| query).unwrap_or_default();
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The first value under `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(parameter, value)| (parameter == name).then_some(value))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
