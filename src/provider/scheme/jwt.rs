//! A JSON Web Token (RFC 7519) as proof: in a header, over a hash of the body or alone, or as the
//! body itself.
//!
//! Which algorithms count is declared and never taken from the token, and they are all of one
//! family: a public key can't be mistaken for a shared secret, and `none` is no algorithm.

use super::Proven;
use super::encoding::{Encoding, KeyEncoding};
use super::field::only;
use super::secret;
use super::token::{Carrier, refusal, strip_any_case};
use crate::diagnostic::Code;
use crate::model::{Request, Secret, Timestamp};
use crate::provider::key_sets::KeySets;
use crate::provider::signing::{CannotSign, Draft, Signed};
use crate::provider::token_text::InBody;
use crate::provider::{AuthChoice, AuthFault};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Longer tokens are not looked at, but for those that are the body.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// How long a sample token is good for.
const SAMPLE_SECONDS: i64 = 300;

/// The declared scheme.
#[derive(Clone, Debug)]
pub(in crate::provider) struct JwtScheme {
    pub place: TokenPlace,
    pub algorithms: Vec<Algorithm>,
    pub keys: KeysFrom,
    pub issuer: Option<String>,
    pub audience: Option<String>,
    pub body_hash: Option<BodyHash>,
    pub required_claims: Vec<String>,
    /// How far `exp` and `nbf` may be off, in seconds.
    pub leeway_seconds: i64,
    pub secret_prefixes: Vec<String>,
    pub secret_encoding: KeyEncoding,
}

/// Where the token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) enum TokenPlace {
    /// In a header (lower case), after a prefix whose letters may be of either case.
    Header {
        name: String,
        prefix: String,
    },
    Body(InBody),
}

/// Where the keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) enum KeysFrom {
    /// The secrets of the source.
    Secrets,
    /// A key set; without a URL the source's `[auth]` gives it.
    Set(Option<String>),
}

/// The claim that binds the token to the body: its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) struct BodyHash {
    pub claim: String,
    pub encoding: Encoding,
}

/// The scheme with its keys.
pub(in crate::provider) struct JwtCheck {
    scheme: JwtScheme,
    keys: Keys,
    /// What a token without a hash of the body is: whoever has it can send anything.
    credential: Option<Carrier>,
}

enum Keys {
    Secrets(Vec<Vec<u8>>),
    Set { url: String, sets: KeySets },
}

impl JwtScheme {
    /// With what the source says of whose tokens it takes.
    pub(super) fn settled(&self, auth: &AuthChoice) -> Self {
        let mut scheme = self.clone();
        scheme.issuer = auth.issuer.clone().or(scheme.issuer);
        scheme.audience = auth.audience.clone().or(scheme.audience);
        scheme
    }

    pub(super) fn keyed(
        &self,
        auth: &AuthChoice,
        sets: &KeySets,
        secrets: &[Secret],
    ) -> Result<JwtCheck, Vec<AuthFault>> {
        let keys = match &self.keys {
            KeysFrom::Secrets => Keys::Secrets(secret::each(secrets, |text| {
                secret::key(text, &self.secret_prefixes, self.secret_encoding)
            })?),
            KeysFrom::Set(declared) => {
                let url = auth.jwks_url.as_ref().or(declared.as_ref());
                let url = url.ok_or_else(|| vec![no_key_set()])?.clone();
                if !is_safe(&url) {
                    return Err(vec![unsafe_key_set()]);
                }
                Keys::Set { url, sets: sets.clone() }
            }
        };
        let credential = match &self.place {
            TokenPlace::Header { name, .. } if self.body_hash.is_none() => {
                Some(Carrier::Header(name.clone()))
            }
            _ => None,
        };
        Ok(JwtCheck { scheme: self.clone(), keys, credential })
    }

    /// The token of a request.
    pub(in crate::provider) fn token(&self, request: &Request) -> Result<String, Code> {
        match &self.place {
            TokenPlace::Header { name, prefix } => {
                let value = only(request.headers.iter(), name).map_err(refusal)?;
                let token = strip_any_case(value, prefix).ok_or(Code::SignatureMalformed)?;
                let token = token.trim_ascii();
                if token.len() > TOKEN_BYTES_MAX {
                    return Err(Code::SignatureMalformed);
                }
                Ok(token.to_owned())
            }
            TokenPlace::Body(place) => place.find(&request.body).ok_or(Code::SignatureMissing),
        }
    }

    /// Whether tokens are signed with a shared secret.
    pub(in crate::provider) fn is_symmetric(&self) -> bool {
        self.keys == KeysFrom::Secrets
    }
}

impl JwtCheck {
    pub(super) fn check(&self, request: &Request, now: Timestamp) -> Result<Proven, Code> {
        let token = self.scheme.token(request)?;
        let header = jsonwebtoken::decode_header(&token).map_err(|_| Code::SignatureMalformed)?;
        if !self.scheme.algorithms.contains(&header.alg) {
            return Err(Code::SignatureMalformed);
        }
        let keys = self.decoding_keys(header.kid.as_deref(), header.alg)?;
        let claims = self.verified_claims(&token, header.alg, &keys)?;
        self.judge(&claims, request, now)?;
        Ok(Proven { claims: Some(claims) })
    }

    /// The URL of the key set without which this request can't be verified.
    pub(super) fn key_set_wanted(&self, request: &Request) -> Option<&str> {
        let Keys::Set { url, sets } = &self.keys else { return None };
        let Some(set) = sets.get(url) else { return Some(url) };
        let header = jsonwebtoken::decode_header(self.scheme.token(request).ok()?).ok()?;
        let is_known = !set.candidates(header.kid.as_deref()).is_empty();
        (!is_known && self.scheme.algorithms.contains(&header.alg)).then_some(url)
    }

    pub(super) fn key_set_url(&self) -> Option<&str> {
        match &self.keys {
            Keys::Secrets(_) => None,
            Keys::Set { url, .. } => Some(url),
        }
    }

    pub(super) fn credential(&self) -> Option<&Carrier> {
        self.credential.as_ref()
    }

    /// The header of a token that is good for one body only.
    pub(super) fn signature_header(&self) -> Option<&str> {
        match &self.scheme.place {
            TokenPlace::Header { name, .. } if self.credential.is_none() => Some(name),
            _ => None,
        }
    }

    fn decoding_keys(
        &self,
        key_id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Vec<DecodingKey>, Code> {
        match &self.keys {
            Keys::Secrets(secrets) => {
                Ok(secrets.iter().map(|secret| DecodingKey::from_secret(secret)).collect())
            }
            Keys::Set { url, sets } => {
                let set = sets.get(url).ok_or(Code::KeysUnavailable)?;
                let candidates = set.candidates(key_id);
                let usable = candidates.into_iter().filter(|key| {
                    let declared = key.common.key_algorithm.map(|it| it.to_string().parse());
                    declared
                        .is_none_or(|declared| declared.is_ok_and(|it: Algorithm| it == algorithm))
                });
                let keys: Vec<_> =
                    usable.filter_map(|key| DecodingKey::from_jwk(key).ok()).collect();
                if keys.is_empty() { Err(Code::SignatureKeyUnknown) } else { Ok(keys) }
            }
        }
    }

    /// The claims, if one of the keys has signed them.
    fn verified_claims(
        &self,
        token: &str,
        algorithm: Algorithm,
        keys: &[DecodingKey],
    ) -> Result<Map<String, Value>, Code> {
        let mut validation = Validation::new(algorithm);
        // Claims are judged below, by our clock.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let mut refused = Code::SignatureMismatch;
        for key in keys {
            match jsonwebtoken::decode(token, key, &validation) {
                Ok(decoded) => return Ok(decoded.claims),
                Err(error) if matches!(error.kind(), ErrorKind::Json(_) | ErrorKind::Base64(_)) => {
                    refused = Code::SignatureMalformed;
                }
                Err(_) => {}
            }
        }
        Err(refused)
    }

    fn judge(
        &self,
        claims: &Map<String, Value>,
        request: &Request,
        now: Timestamp,
    ) -> Result<(), Code> {
        let scheme = &self.scheme;
        let is_absent = |claim: &String| claims.get(claim).is_none_or(Value::is_null);
        if scheme.required_claims.iter().any(is_absent) {
            return Err(Code::TokenClaims);
        }
        let now = now.millis().div_euclid(1_000);
        if let Some(expires) = moment(claims, "exp")?
            && now > expires.saturating_add(scheme.leeway_seconds)
        {
            return Err(Code::TimestampTooOld);
        }
        if let Some(begins) = moment(claims, "nbf")?
            && now < begins.saturating_sub(scheme.leeway_seconds)
        {
            return Err(Code::TimestampTooNew);
        }
        let named = |claim: &str, wanted: &Option<String>| match (wanted, claims.get(claim)) {
            (None, _) => true,
            (Some(wanted), Some(Value::String(found))) => wanted == found,
            (Some(wanted), Some(Value::Array(found))) => found.iter().any(|it| it == wanted),
            (Some(_), _) => false,
        };
        if !named("iss", &scheme.issuer) || !named("aud", &scheme.audience) {
            return Err(Code::TokenClaims);
        }
        let Some(hash) = &scheme.body_hash else { return Ok(()) };
        let written = claims.get(&hash.claim).and_then(Value::as_str).ok_or(Code::TokenClaims)?;
        let claimed = hash.encoding.decode(written).ok_or(Code::SignatureMalformed)?;
        let is_same: bool = Sha256::digest(&request.body).as_slice().ct_eq(&claimed).into();
        if is_same { Ok(()) } else { Err(Code::SignatureMismatch) }
    }

    pub(super) fn sign(&self, draft: Draft<'_>) -> Result<Signed, CannotSign> {
        let (header, key) = self.signer(draft)?;
        let now = draft.now.millis().div_euclid(1_000);
        let mut claims = match &self.scheme.place {
            TokenPlace::Header { .. } => Map::new(),
            TokenPlace::Body(_) => serde_json::from_slice(draft.body).map_err(|_| CannotSign)?,
        };
        // What a sample says of its own time was true when it was taken.
        claims.insert("iat".to_owned(), json!(now));
        claims.insert("exp".to_owned(), json!(now + SAMPLE_SECONDS));
        let mut add = |claim: &str, value: Value| {
            claims.entry(claim).or_insert(value);
        };
        add("jti", json!(draft.event_id));
        for (claim, value) in [("iss", &self.scheme.issuer), ("aud", &self.scheme.audience)] {
            if let Some(value) = value {
                add(claim, json!(value));
            }
        }
        if let Some(hash) = &self.scheme.body_hash {
            add(&hash.claim, json!(hash.encoding.encode(&Sha256::digest(draft.body))));
        }
        let token = jsonwebtoken::encode(&header, &claims, key.as_ref()).map_err(|_| CannotSign)?;
        let signed = Signed { body: draft.body.to_vec(), ..Signed::default() };
        Ok(match &self.scheme.place {
            TokenPlace::Header { name, prefix } => {
                Signed { headers: vec![(name.clone(), format!("{prefix}{token}"))], ..signed }
            }
            TokenPlace::Body(InBody::Whole) => Signed { body: token.into_bytes(), ..signed },
            TokenPlace::Body(InBody::Field(name)) => {
                Signed { body: json!({ name.as_str(): token }).to_string().into_bytes(), ..signed }
            }
        })
    }

    fn signer<'a>(&self, draft: Draft<'a>) -> Result<(Header, SigningKey<'a>), CannotSign> {
        match &self.keys {
            Keys::Secrets(secrets) => {
                let algorithm = self.scheme.algorithms.first().ok_or(CannotSign)?;
                let secret = secrets.first().ok_or(CannotSign)?;
                let key = SigningKey::Own(EncodingKey::from_secret(secret));
                Ok((Header::new(*algorithm), key))
            }
            Keys::Set { .. } => {
                let private = draft.private_key.ok_or(CannotSign)?;
                if !self.scheme.algorithms.contains(&private.algorithm()) {
                    return Err(CannotSign);
                }
                let mut header = Header::new(private.algorithm());
                header.kid = private.key_id().map(str::to_owned);
                Ok((header, SigningKey::Lent(private.key())))
            }
        }
    }
}

enum SigningKey<'a> {
    Own(EncodingKey),
    Lent(&'a EncodingKey),
}

impl AsRef<EncodingKey> for SigningKey<'_> {
    fn as_ref(&self) -> &EncodingKey {
        match self {
            SigningKey::Own(key) => key,
            SigningKey::Lent(key) => key,
        }
    }
}

/// The `NumericDate` (RFC 7519, 2) under `claim`, in whole seconds.
fn moment(claims: &Map<String, Value>, claim: &str) -> Result<Option<i64>, Code> {
    match claims.get(claim) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => {
            #[expect(clippy::cast_possible_truncation, reason = "saturates, and is only compared")]
            let seconds = number.as_i64().or_else(|| number.as_f64().map(|it| it as i64));
            seconds.map(Some).ok_or(Code::TimestampMalformed)
        }
        Some(_) => Err(Code::TimestampMalformed),
    }
}

/// Keys decide who is believed: they must come unchanged.
fn is_safe(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

fn no_key_set() -> AuthFault {
    let message = "the URL of the key set, by which tokens are verified, is not named".to_owned();
    let hint = "add `jwks_url = \"https://...\"`, or `\"env:NAME\"`, to `[auth]`".to_owned();
    AuthFault::Choice { key: "jwks_url", message, hint: Some(hint) }
}

fn unsafe_key_set() -> AuthFault {
    let message = "a key set must be https, unless it is on this machine".to_owned();
    AuthFault::Choice { key: "jwks_url", message, hint: None }
}
