//! A sample, as the provider of a source would send it.

use crate::model::{Reason, SourceName, Timestamp};
use crate::provider::{CannotSign, Draft, PrivateKey, Provider, Signed, Verifier};
use bytes::Bytes;
use std::time::Duration;

/// Longer ago than any provider's tolerance.
const LONG_AGO: Duration = Duration::from_secs(86_400);

/// What is sent, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    pub source: &'a SourceName,
    pub provider: &'a Provider,
    pub verifier: &'a Verifier,
    /// The event, or the batch, as samples have it.
    pub sample: &'a Bytes,
    /// Header fields beyond those of the signature: where some providers name the type.
    pub headers: &'a [(String, String)],
    /// For providers that sign with a key of which the source only knows the public half.
    pub private_key: Option<&'a PrivateKey>,
}

/// What to spoil, so that the request must be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tamper {
    /// Another body than the signed one.
    Body,
    /// Another signature or credential.
    Signature,
    /// Signed a day ago.
    Timestamp,
    /// Neither signature nor credential.
    Unsigned,
}

/// A request ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// Why a sample can't be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendFault {
    #[error("the sample can't be sent as this provider sends: {0:?}")]
    Sample(Reason),
    #[error(transparent)]
    Sign(#[from] CannotSign),
}

impl Sending<'_> {
    /// The request as it would be sent at `now`. The provider's id of the event is `event_id` where
    /// a header carries it; where the body does, the sample has it.
    ///
    /// # Errors
    /// Why it can't be.
    pub fn request(
        &self,
        event_id: &str,
        now: Timestamp,
        tamper: Option<Tamper>,
    ) -> Result<Outgoing, SendFault> {
        let encoded = self.provider.encode(self.sample).map_err(SendFault::Sample)?;
        let target = format!("/webhooks/{}", self.source);
        let now = if tamper == Some(Tamper::Timestamp) { now.minus(LONG_AGO) } else { now };
        let draft = Draft {
            method: "POST",
            target: &target,
            event_id,
            body: &encoded.body,
            now,
            private_key: self.private_key,
        };
        let mut signed = self.verifier.sign(draft)?;
        match tamper {
            Some(Tamper::Body) => spoil_body(&mut signed.body),
            Some(Tamper::Signature) => self.verifier.spoil(&mut signed),
            Some(Tamper::Unsigned) => {
                signed = Signed { body: encoded.body.to_vec(), ..Signed::default() };
            }
            Some(Tamper::Timestamp) | None => {}
        }
        let mut headers = signed.headers;
        for (name, value) in self.headers {
            add(&mut headers, name, value);
        }
        add(&mut headers, "content-type", &encoded.content_type);
        Ok(Outgoing {
            target: with_query(target, &signed.query),
            headers,
            body: signed.body.into(),
        })
    }
}

/// What is there already counts.
fn add(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    if headers.iter().all(|(known, _)| !known.eq_ignore_ascii_case(name)) {
        headers.push((name.to_owned(), value.to_owned()));
    }
}

fn with_query(target: String, query: &[(String, String)]) -> String {
    if query.is_empty() {
        return target;
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{target}?{query}")
}

/// A letter becomes another one, so that the body stays of its form.
fn spoil_body(body: &mut [u8]) {
    if let Some(at) = body.iter().rposition(u8::is_ascii_alphanumeric) {
        body[at] = if body[at] == b'0' { b'1' } else { b'0' };
    }
}
