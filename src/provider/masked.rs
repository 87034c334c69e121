//! Requests without the credentials that they came with.
//!
//! What is stored, shown and mapped must not let anybody else through the door, so credentials are
//! replaced here by fingerprints that still show whether two of them are the same. Signatures stay:
//! one proves the request that it is of, and no other.

use super::scheme::{Carrier, Check};
use crate::diagnostic::Code;
use crate::model::{Headers, QueryString, Request};
use sha2::{Digest, Sha256};

/// Parts of the names of fields that carry credentials whatever the scheme is: proxies and senders
/// add them, as `x-amzn-oidc-data`, `cf-access-jwt-assertion` or `?token=`.
const CREDENTIAL_PARTS: [&str; 10] = [
    "authorization",
    "cookie",
    "token",
    "secret",
    "password",
    "api-key",
    "api_key",
    "apikey",
    "jwt",
    "oidc",
];

/// A request that was not proved, as it may be kept: its credentials are fingerprints.
#[derive(Clone, Debug)]
pub struct MaskedRequest {
    request: Request,
    /// Where the scheme of its source carried a credential at that time, as [`place`] writes it.
    carrier: Option<String>,
}

/// The fields that a scheme has its own use for.
#[derive(Clone, Copy, Default)]
pub(super) struct Own<'a> {
    /// Carries a credential, whatever it is called.
    pub credential: Option<&'a Carrier>,
    /// The header that carries a signature, and is kept whatever it is called.
    pub signature: Option<&'a str>,
}

impl<'a> Own<'a> {
    pub(super) fn of(check: &'a Check) -> Self {
        Self { credential: check.credential(), signature: check.signature_header() }
    }
}

impl MaskedRequest {
    pub(super) fn new(request: Request, own: Own<'_>) -> Self {
        Self { request: mask(request, own), carrier: own.credential.map(place) }
    }

    /// One that comes back from the store: what [`request`](Self::request) and
    /// [`carrier`](Self::carrier) said.
    pub fn stored(request: Request, carrier: Option<String>) -> Self {
        Self { request, carrier }
    }

    /// One that comes back as a file: with a fingerprint at `carrier`, where it was kept.
    pub(super) fn written_down(request: &Request, carrier: &Carrier) -> Option<Self> {
        let kept = Self { request: request.clone(), carrier: Some(place(carrier)) };
        kept.fingerprint_at(carrier).is_ok_and(is_fingerprint).then_some(kept)
    }

    /// The request, with fingerprints in the places of credentials.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The place of the credential of its source's scheme, to be stored with it.
    pub fn carrier(&self) -> Option<&str> {
        self.carrier.as_deref()
    }

    /// Lets go of the body.
    pub fn without_body(mut self) -> Self {
        self.request.body.clear();
        self
    }

    pub(super) fn into_request(self) -> Request {
        self.request
    }

    /// Whether a fingerprint stands at `carrier`, and not what a sender wrote there: whoever knows
    /// a fingerprint can write it.
    pub(super) fn hides(&self, carrier: &Carrier) -> bool {
        is_credential(name(carrier)) || self.carrier.as_deref() == Some(&place(carrier))
    }

    /// The fingerprint at `carrier`, which hides it.
    pub(super) fn fingerprint_at(&self, carrier: &Carrier) -> Result<&str, Code> {
        let found: Vec<&str> = match carrier {
            Carrier::Header(name) => values(self.request.headers.iter(), name),
            Carrier::Query(name) => values(self.request.query.iter(), name),
        };
        match found[..] {
            [] => Err(Code::SignatureMissing),
            [one] => Ok(one),
            _ => Err(Code::SignatureMalformed),
        }
    }
}

fn values<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>, name: &str) -> Vec<&'a str> {
    fields.filter(|(field, _)| *field == name).map(|(_, value)| value).collect()
}

/// Takes the credentials out: that of the scheme, and whatever is called like one.
pub(super) fn mask(request: Request, own: Own<'_>) -> Request {
    let header = |name: &str| {
        matches!(own.credential, Some(Carrier::Header(own)) if own == name)
            || is_credential(name) && own.signature != Some(name)
    };
    let parameter = |name: &str| {
        matches!(own.credential, Some(Carrier::Query(own)) if own == name) || is_credential(name)
    };
    mask_fields(request, header, parameter)
}

/// Takes out what is at `carrier`, and nothing else.
pub(super) fn mask_carrier(request: Request, carrier: &Carrier) -> Request {
    match carrier {
        Carrier::Header(own) => mask_fields(request, |name| name == own, |_| false),
        Carrier::Query(own) => mask_fields(request, |_| false, |name| name == own),
    }
}

/// Most requests carry no credential, and are left as they are.
fn mask_fields(
    mut request: Request,
    header: impl Fn(&str) -> bool,
    parameter: impl Fn(&str) -> bool,
) -> Request {
    if request.headers.iter().any(|(name, _)| header(name)) {
        request.headers = Headers::new(masked(request.headers.iter(), header));
    }
    if request.query.iter().any(|(name, _)| parameter(name)) {
        request.target = masked_target(&request.target, &parameter);
        request.query = QueryString::new(masked(request.query.iter(), parameter));
    }
    request
}

fn masked<'a>(
    fields: impl Iterator<Item = (&'a str, &'a str)>,
    is_secret: impl Fn(&str) -> bool,
) -> Vec<(String, String)> {
    let mask = |(name, value): (&str, &str)| {
        let shown = if is_secret(name) { fingerprint(value) } else { value.to_owned() };
        (name.to_owned(), shown)
    };
    fields.map(mask).collect()
}

/// The target with all else as it came, byte for byte: it may be signed.
fn masked_target(target: &str, is_secret: impl Fn(&str) -> bool) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let mask = |pair: &str| match url::form_urlencoded::parse(pair.as_bytes()).next() {
        Some((name, value)) if is_secret(&name) => {
            let name = pair.split('=').next().unwrap_or_default();
            format!("{name}={}", fingerprint(&value))
        }
        _ => pair.to_owned(),
    };
    let query: Vec<String> = query.split('&').map(mask).collect();
    format!("{path}?{}", query.join("&"))
}

fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    CREDENTIAL_PARTS.iter().any(|part| name.contains(part))
}

fn name(carrier: &Carrier) -> &str {
    match carrier {
        Carrier::Header(name) | Carrier::Query(name) => name,
    }
}

fn place(carrier: &Carrier) -> String {
    match carrier {
        Carrier::Header(name) => format!("header {name}"),
        Carrier::Query(name) => format!("query {name}"),
    }
}

/// Enough of the hash that nobody can make another credential with the same fingerprint: a
/// rejection is admitted by it. Of credentials that were made at random it tells nothing; one that
/// can be guessed is no safer behind a shorter one.
///
/// The name of an authentication scheme, as in `Bearer abc`, is the same in any case and with any
/// number of blanks behind it (RFC 9110, 11.1).
pub(super) fn fingerprint(credential: &str) -> String {
    let digest = match credential.trim_ascii().split_once(' ') {
        Some((scheme, rest)) => {
            let scheme = scheme.to_ascii_lowercase();
            Sha256::digest(format!("{scheme} {}", rest.trim_ascii_start()).as_bytes())
        }
        None => Sha256::digest(credential.trim_ascii().as_bytes()),
    };
    format!("sha256:{}", hex::encode(&digest[..16]))
}

/// Whether `text` is written as a fingerprint is.
pub(super) fn is_fingerprint(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests;
