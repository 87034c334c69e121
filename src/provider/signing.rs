//! What a provider would send, for sample traffic.
//!
//! Absent: whether it is accepted. Samples go through the same door as everything else.

use crate::model::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use std::fmt;

/// A request before it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// Upper case, as in `POST`.
    pub method: &'a str,
    /// Path and query, for providers that sign the URL.
    pub target: &'a str,
    pub event_id: &'a str,
    /// The bytes of the body; the claims as JSON where the body is to be a token.
    pub body: &'a [u8],
    pub now: Timestamp,
    /// For providers that sign with a key of which we only know the public half.
    pub private_key: Option<&'a PrivateKey>,
}

/// What signing adds to a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    pub headers: Vec<(String, String)>,
    /// Parameters to be added to the URL.
    pub query: Vec<(String, String)>,
    /// The body to send, which is another one than the draft's where it is a token.
    pub body: Vec<u8>,
}

/// Only the provider can sign: its private key is needed, and none was given that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this provider signs with a private key, and none was given that fits")]
pub struct CannotSign;

/// The private half of a provider's key. Not readable once made.
pub struct PrivateKey {
    key: EncodingKey,
    algorithm: Algorithm,
    /// What the key set calls it.
    key_id: Option<String>,
}

impl PrivateKey {
    /// A key in PEM (PKCS#8): RSA signs by RS256, P-256 by ES256, Ed25519 by EdDSA.
    ///
    /// # Errors
    /// A sentence that does not quote the key.
    pub fn from_pem(pem: &str, key_id: Option<String>) -> Result<Self, String> {
        let bytes = pem.as_bytes();
        let read = [
            (EncodingKey::from_rsa_pem(bytes), Algorithm::RS256),
            (EncodingKey::from_ec_pem(bytes), Algorithm::ES256),
            (EncodingKey::from_ed_pem(bytes), Algorithm::EdDSA),
        ];
        let key = read.into_iter().find_map(|(key, algorithm)| Some((key.ok()?, algorithm)));
        let (key, algorithm) =
            key.ok_or("this is no private key of RSA, P-256 or Ed25519 in PEM (PKCS#8)")?;
        Ok(Self { key, algorithm, key_id })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn key(&self) -> &EncodingKey {
        &self.key
    }

    pub(super) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    pub(super) fn sign_ed25519(&self, text: &[u8]) -> Option<Vec<u8>> {
        use base64::Engine as _;
        let written = (self.algorithm == Algorithm::EdDSA)
            .then(|| jsonwebtoken::crypto::sign(text, &self.key, Algorithm::EdDSA).ok())??;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(written).ok()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}
