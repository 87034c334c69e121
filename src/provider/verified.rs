//! A request whose sender is known, and which no longer carries credentials.
//!
//! What is stored, shown and mapped must not let anybody else through the door, so credentials are
//! replaced here, once, by fingerprints that still show whether two of them are the same.

use super::scheme::{Carrier, Proven};
use crate::model::{Headers, QueryString, Request, SourceName, Timestamp};
use bytes::Bytes;
use serde_json::{Map, Value};
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

/// A request whose sender is known. Only [`Verifier::verify`](super::Verifier::verify) makes one.
#[derive(Clone, Debug)]
pub struct Verified {
    request: Request,
    claims: Option<Map<String, Value>>,
}

impl Verified {
    /// Takes the credentials out; `carrier` is where the scheme has its own.
    pub(super) fn new(mut request: Request, proven: Proven, carrier: Option<&Carrier>) -> Self {
        let header = |name: &str| {
            is_credential(name) || matches!(carrier, Some(Carrier::Header(own)) if own == name)
        };
        let query = |name: &str| {
            is_credential(name) || matches!(carrier, Some(Carrier::Query(own)) if own == name)
        };
        // Most requests carry none, and are left as they are.
        if request.headers.iter().any(|(name, _)| header(name)) {
            request.headers = Headers::new(masked(request.headers.iter(), header));
        }
        if request.query.iter().any(|(name, _)| query(name)) {
            request.query = QueryString::new(masked(request.query.iter(), query));
        }
        Self { request, claims: proven.claims }
    }

    /// A request taken for verified, for tests of what comes after verification.
    #[cfg(test)]
    pub(crate) fn for_tests(request: Request) -> Verified {
        Self::new(request, Proven::default(), None)
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

    /// What the token claims by which the request was verified, if it was by a token that claims.
    pub fn claims(&self) -> Option<&Map<String, Value>> {
        self.claims.as_ref()
    }

    pub fn body(&self) -> &Bytes {
        &self.request.body
    }

    pub fn received_at(&self) -> Timestamp {
        self.request.received_at
    }
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

fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    CREDENTIAL_PARTS.iter().any(|part| name.contains(part))
}

/// Enough to compare two credentials by eye, far too little to guess one of normal length.
fn fingerprint(credential: &str) -> String {
    let digest = Sha256::digest(credential.as_bytes());
    format!("sha256:{}", hex::encode(&digest[..4]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tests::request;

    #[track_caller]
    fn check(carrier: Option<Carrier>, name: &str, value: &str, shown: &str) {
        let verified =
            Verified::new(request(&[(name, value)], b""), Proven::default(), carrier.as_ref());
        assert_eq!(verified.headers().get(&name.to_ascii_lowercase()), Some(shown));
    }

    #[test]
    fn credentials_are_shown_as_fingerprints() {
        for name in [
            "Authorization",
            "proxy-authorization",
            "Cookie",
            "set-cookie",
            "X-Api-Key",
            "X-Auth-Token",
            "Cf-Access-Jwt-Assertion",
        ] {
            check(None, name, "abc", "sha256:ba7816bf");
        }
        check(Some(Carrier::Header("x-own".into())), "X-Own", "abc", "sha256:ba7816bf");
        check(None, "x-own", "abc", "abc");
        check(None, "svix-signature", "v1,abc", "v1,abc");
    }

    #[test]
    fn the_rest_of_the_request_stays_as_it_came() {
        let verified = Verified::for_tests(request(&[("X-A", "1"), ("x-a", "2")], b"body"));
        let fields: Vec<_> = verified.headers().iter().collect();
        assert_eq!(fields, [("x-a", "1"), ("x-a", "2")]);
        assert_eq!(verified.body().as_ref(), b"body");
        assert_eq!(verified.source().as_str(), "somebody");
        assert_eq!(verified.received_at(), crate::provider::tests::NOW);
    }

    #[test]
    fn a_credential_in_the_url_is_shown_as_a_fingerprint() {
        let mut request = request(&[], b"");
        let pairs = [("key", "abc"), ("access_Token", "abc"), ("dub_id", "abc")];
        request.query = QueryString::new(pairs.map(|(key, value)| (key.into(), value.into())));
        let verified =
            Verified::new(request, Proven::default(), Some(&Carrier::Query("key".into())));
        assert_eq!(verified.query().get("key"), Some("sha256:ba7816bf"));
        assert_eq!(verified.query().get("access_Token"), Some("sha256:ba7816bf"));
        assert_eq!(verified.query().get("dub_id"), Some("abc"));
    }
}
