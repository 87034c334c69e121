//! What events are cut from.

use super::split::inflated_bytes_max;
use crate::model::Headers;
use bytes::Bytes;
use serde_json::{Map, Value};

/// A body and what came with it, as far as its events depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    pub headers: &'a Headers,
    /// The bytes as they came, compressed where the headers say so.
    pub body: &'a Bytes,
    /// What the token in the signature's header claims, where there is one.
    pub claims: Option<&'a Map<String, Value>>,
}

impl<'a> Content<'a> {
    /// Without claims: a sample, or a request whose signature carries none.
    pub fn new(headers: &'a Headers, body: &'a Bytes) -> Self {
        Self { headers, body, claims: None }
    }

    /// How many bytes the body may take once it is inflated, where it is compressed.
    pub fn inflated_bytes_max(self) -> Option<usize> {
        inflated_bytes_max(self.headers, self.body)
    }
}
