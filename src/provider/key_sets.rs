//! The public keys by which providers sign, as they publish them (RFC 7517), by URL.
//!
//! Key sets are data here: somebody else fetches them and puts them in. A set that was put in once
//! stays until the next one, so that a provider's page that fails costs nothing.

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// More keys than anybody publishes.
const KEYS_MAX: usize = 100;

/// Every key set that is known. Cheap to clone; clones share it.
#[derive(Clone, Debug, Default)]
pub struct KeySets(Arc<RwLock<HashMap<String, Arc<KeySet>>>>);

/// The keys that a provider publishes at one URL.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySet(Vec<Jwk>);

impl KeySets {
    /// The set of `url`, if it was ever put in.
    pub fn get(&self, url: &str) -> Option<Arc<KeySet>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
    }

    /// Puts the set of `url` in the place of the one before.
    pub fn put(&self, url: &str, set: KeySet) {
        let mut sets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        sets.insert(url.to_owned(), Arc::new(set));
    }
}

impl KeySet {
    /// Reads a JSON Web Key Set. Keys that can't be used to verify are left out, as RFC 7517,
    /// section 5, asks for.
    ///
    /// # Errors
    /// A sentence.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        #[derive(serde::Deserialize)]
        struct Written {
            keys: Vec<serde_json::Value>,
        }
        let written: Written = serde_json::from_slice(text)
            .map_err(|error| format!("this is no JSON Web Key Set: {error}"))?;
        if written.keys.len() > KEYS_MAX {
            return Err(format!("the key set has more than {KEYS_MAX} keys"));
        }
        let keys = written.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        let keys: Vec<Jwk> = keys.filter(signs).collect();
        if keys.is_empty() {
            return Err("the key set has no key to verify signatures with".to_owned());
        }
        Ok(Self(keys))
    }

    /// The keys that may have signed a token which names `key_id`, or none.
    pub(super) fn candidates(&self, key_id: Option<&str>) -> Vec<&Jwk> {
        let named = |key: &&Jwk| match (key_id, &key.common.key_id) {
            (Some(wanted), Some(known)) => wanted == known,
            // A token that names no key may be of any, and a key without a name may be the one.
            (None, _) | (_, None) => true,
        };
        self.0.iter().filter(named).collect()
    }
}

fn signs(key: &Jwk) -> bool {
    let for_signatures = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    // A symmetric key in a public document is no secret.
    let is_public =
        !matches!(key.algorithm, AlgorithmParameters::OctetKey(_) | AlgorithmParameters::Other(_));
    for_signatures && is_public
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_verify_are_taken_and_others_left_out() {
        let text = r#"{"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            {"kty": "OKP", "crv": "Ed25519", "kid": "b", "use": "enc", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            {"kty": "oct", "kid": "c", "k": "AAAA"},
            {"kty": "some new kind", "kid": "d"},
            {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
        ]}"#;
        let set = KeySet::parse(text.as_bytes()).unwrap();
        assert_eq!(set.0.len(), 2);
        assert_eq!(set.candidates(Some("a")).len(), 2);
        assert_eq!(set.candidates(Some("c")).len(), 1);
        assert_eq!(set.candidates(None).len(), 2);
    }

    #[test]
    fn what_is_no_key_set_is_refused() {
        for bad in ["", "{}", "[]", "{\"keys\":[]}", "{\"keys\":[1,{}]}", "<html>"] {
            assert!(KeySet::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let many = format!("{{\"keys\":[{}1]}}", "1,".repeat(KEYS_MAX));
        assert!(KeySet::parse(many.as_bytes()).unwrap_err().contains("more than"));
    }

    #[test]
    fn clones_share_what_is_put_in() {
        let sets = KeySets::default();
        let clone = sets.clone();
        let text = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        sets.put("https://a.example/jwks", KeySet::parse(text.as_bytes()).unwrap());
        assert!(clone.get("https://a.example/jwks").is_some());
        assert!(clone.get("https://b.example/jwks").is_none());
    }
}
