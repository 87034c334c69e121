//! One key of a signature scheme: what it makes of a text, and whether a signature is that.
//!
//! Keyed HMAC states are prepared once and cloned for each request, which saves two compressions.

use super::secret::SecretFault;
use crate::provider::signing::PrivateKey;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::DecodingKey;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq};

/// How a signature is made of a text and a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Proof {
    /// RFC 2104.
    Hmac(Hash),
    /// A hash of a text that holds the secret, as some senders had it before they knew better.
    Hash(Hash),
    /// RFC 8032; the secret is the sender's public key.
    Ed25519,
}

/// The hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Hash {
    /// Too weak where a hash alone is signed; below HMAC nobody has broken it.
    Sha1,
    Sha256,
    Sha512,
}

/// Bytes of an Ed25519 public key (RFC 8032, 5.1.5).
const ED25519_KEY_BYTES: usize = 32;

/// A key, ready to be used.
pub(super) struct Key {
    bytes: Vec<u8>,
    ready: Ready,
}

enum Ready {
    HmacSha1(Hmac<Sha1>),
    HmacSha256(Hmac<Sha256>),
    HmacSha512(Hmac<Sha512>),
    Hash(Hash),
    Ed25519(DecodingKey),
}

impl Key {
    pub(super) fn new(proof: Proof, bytes: Vec<u8>) -> Result<Self, SecretFault> {
        let any_length = "HMAC takes keys of any length";
        let ready = match proof {
            Proof::Hmac(Hash::Sha1) => {
                Ready::HmacSha1(Hmac::new_from_slice(&bytes).expect(any_length))
            }
            Proof::Hmac(Hash::Sha256) => {
                Ready::HmacSha256(Hmac::new_from_slice(&bytes).expect(any_length))
            }
            Proof::Hmac(Hash::Sha512) => {
                Ready::HmacSha512(Hmac::new_from_slice(&bytes).expect(any_length))
            }
            Proof::Hash(hash) => Ready::Hash(hash),
            Proof::Ed25519 if bytes.len() == ED25519_KEY_BYTES => {
                Ready::Ed25519(DecodingKey::from_ed_der(&bytes))
            }
            Proof::Ed25519 => {
                let message = format!("a public key of Ed25519 has {ED25519_KEY_BYTES} bytes");
                return Err(SecretFault::new(message).hint("copy the sender's public key"));
            }
        };
        Ok(Self { bytes, ready })
    }

    /// The key's own bytes, for texts that hold it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether any of `candidates` is the signature of the pieces, one after the other. Always
    /// looks at all of them.
    pub(super) fn matches(&self, pieces: &[&[u8]], candidates: &[Vec<u8>]) -> Choice {
        if let Ready::Ed25519(key) = &self.ready {
            let text = pieces.concat();
            let valid = |signature: &Vec<u8>| ed25519_verifies(key, &text, signature);
            return Choice::from(u8::from(candidates.iter().filter(|it| valid(it)).count() > 0));
        }
        let tag = self.tag(pieces).unwrap_or_default();
        let fold = |matched, candidate: &Vec<u8>| matched | tag.as_slice().ct_eq(candidate);
        candidates.iter().fold(Choice::from(0), fold)
    }

    /// The signature of the pieces; `None` where that takes a key that only the sender has.
    pub(super) fn tag(&self, pieces: &[&[u8]]) -> Option<Vec<u8>> {
        fn keyed<M: Mac>(mut mac: M, pieces: &[&[u8]]) -> Vec<u8> {
            pieces.iter().for_each(|piece| mac.update(piece));
            mac.finalize().into_bytes().to_vec()
        }
        fn plain<D: Digest>(pieces: &[&[u8]]) -> Vec<u8> {
            let mut digest = D::new();
            pieces.iter().for_each(|piece| digest.update(piece));
            digest.finalize().to_vec()
        }
        Some(match &self.ready {
            Ready::HmacSha1(mac) => keyed(mac.clone(), pieces),
            Ready::HmacSha256(mac) => keyed(mac.clone(), pieces),
            Ready::HmacSha512(mac) => keyed(mac.clone(), pieces),
            Ready::Hash(Hash::Sha1) => plain::<Sha1>(pieces),
            Ready::Hash(Hash::Sha256) => plain::<Sha256>(pieces),
            Ready::Hash(Hash::Sha512) => plain::<Sha512>(pieces),
            Ready::Ed25519(_) => return None,
        })
    }

    /// The same, with the private half of the key where it takes one.
    pub(super) fn sign(&self, pieces: &[&[u8]], private: Option<&PrivateKey>) -> Option<Vec<u8>> {
        match &self.ready {
            Ready::Ed25519(_) => private?.sign_ed25519(&pieces.concat()),
            _ => self.tag(pieces),
        }
    }
}

/// The library takes signatures as JWTs have them.
fn ed25519_verifies(key: &DecodingKey, text: &[u8], signature: &[u8]) -> bool {
    use base64::Engine as _;
    let written = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(signature);
    let algorithm = jsonwebtoken::Algorithm::EdDSA;
    jsonwebtoken::crypto::verify(&written, text, key, algorithm).unwrap_or(false)
}
