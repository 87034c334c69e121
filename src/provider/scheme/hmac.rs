//! HMAC over the request (RFC 2104): one of several signatures must match one of several keys.
//!
//! The keyed state is prepared once and cloned for each request, which saves two compressions.

use super::encoding::{Encoding, KeyEncoding};
use super::field::Absent;
use super::template::{Context, Part, Template};
use super::timestamp::Freshness;
use super::{Unsigned, secret};
use crate::diagnostic::Code;
use crate::model::{Headers, Request, Secret};
use crate::provider::AuthFault;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq};

/// More items than any sender writes while it rotates keys; work stays bounded.
const ITEMS_MAX: usize = 32;

/// The declared scheme.
#[derive(Clone, Debug)]
pub(in crate::provider) struct HmacScheme {
    pub algorithm: Algorithm,
    /// The header that carries the signatures; lower case.
    pub header: String,
    /// What separates the items of the header; without it the header is one item.
    pub separator: Option<String>,
    /// What an item must begin with to be a signature. Matched exactly: another version of the
    /// scheme is another prefix, and must not be accepted as this one.
    pub prefix: String,
    pub encoding: Encoding,
    pub signed: Template,
    pub freshness: Option<Freshness>,
    /// Of the secret; the first that fits is taken off.
    pub secret_prefixes: Vec<String>,
    pub secret_encoding: KeyEncoding,
}

/// The hash below the HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Algorithm {
    Sha256,
    Sha512,
}

/// The scheme with its keys.
pub(in crate::provider) struct HmacCheck {
    scheme: HmacScheme,
    keys: Vec<Key>,
}

/// HMAC state after the key, before the text.
enum Key {
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

impl HmacScheme {
    pub(super) fn keyed(&self, secrets: &[Secret]) -> Result<HmacCheck, Vec<AuthFault>> {
        let keys = secret::each(secrets, |text| {
            let key = secret::key(text, &self.secret_prefixes, self.secret_encoding)?;
            Ok(Key::new(self.algorithm, &key))
        })?;
        Ok(HmacCheck { scheme: self.clone(), keys })
    }

    /// The items of the signature header.
    fn items<'a>(&self, headers: &'a Headers) -> Result<Vec<&'a str>, Code> {
        let fields = headers.iter().filter(|(name, _)| *name == self.header);
        let values: Vec<&str> =
            fields.map(|(_, value)| value.trim_ascii()).take(ITEMS_MAX + 1).collect();
        if values.iter().all(|value| value.is_empty()) {
            return Err(Code::SignatureMissing);
        }
        let Some(separator) = &self.separator else {
            return if values.len() == 1 { Ok(values) } else { Err(Code::SignatureMalformed) };
        };
        // Some senders join with a comma and a blank where the specification has a blank only.
        let split = values.into_iter().flat_map(|value| value.split(separator.as_str()));
        let trimmed = split.map(|item| item.trim_matches([' ', '\t', ',']));
        let items: Vec<&str> =
            trimmed.filter(|item| !item.is_empty()).take(ITEMS_MAX + 1).collect();
        if items.len() > ITEMS_MAX { Err(Code::SignatureMalformed) } else { Ok(items) }
    }

    /// The signatures among the items, decoded. At least one.
    fn candidates(&self, items: &[&str]) -> Result<Vec<Vec<u8>>, Code> {
        let written = items.iter().filter_map(|item| item.strip_prefix(self.prefix.as_str()));
        let decoded: Vec<_> = written.filter_map(|text| self.encoding.decode(text)).collect();
        if decoded.is_empty() { Err(Code::SignatureMalformed) } else { Ok(decoded) }
    }
}

impl HmacCheck {
    pub(super) fn check(
        &self,
        request: &Request,
        now: crate::model::Timestamp,
    ) -> Result<(), Code> {
        let items = self.scheme.items(&request.headers)?;
        let context = Context { headers: &request.headers, body: &request.body, items: &items };
        if let Some(freshness) = &self.scheme.freshness {
            freshness.check(context, now)?;
        }
        let signed = self.scheme.signed.resolve(context).map_err(|absent| match absent {
            Absent::Missing => Code::SignatureMissing,
            Absent::Repeated => Code::SignatureMalformed,
        })?;
        let candidates = self.scheme.candidates(&items)?;
        let mut matched = Choice::from(0);
        for key in &self.keys {
            let tag = key.tag(&signed);
            for candidate in &candidates {
                matched |= tag.as_slice().ct_eq(candidate);
            }
        }
        if matched.into() { Ok(()) } else { Err(Code::SignatureMismatch) }
    }

    pub(super) fn header(&self) -> &str {
        &self.scheme.header
    }

    /// Signs with the first key, as the provider would.
    pub(super) fn sign(&self, unsigned: Unsigned<'_>) -> Vec<(String, String)> {
        let signed_at = self.scheme.freshness.as_ref().map(|freshness| {
            let number = freshness.unit.of(unsigned.now).to_string();
            (&freshness.at, number)
        });
        let value_of = |part: &Part| match &signed_at {
            Some((at, number)) if *at == part => number.clone(),
            _ => unsigned.event_id.to_owned(),
        };
        let (mut fields, mut items) = (Vec::new(), Vec::new());
        let mut text = Vec::new();
        for part in self.scheme.signed.parts() {
            match part {
                Part::Literal(literal) => text.extend_from_slice(literal.as_bytes()),
                Part::Body => text.extend_from_slice(unsigned.body),
                Part::Header(name) => {
                    let value = value_of(part);
                    text.extend_from_slice(value.as_bytes());
                    fields.push((name.clone(), value));
                }
                Part::Item(key) => {
                    let value = value_of(part);
                    text.extend_from_slice(value.as_bytes());
                    items.push(format!("{key}={value}"));
                }
            }
        }
        if let Some(header) = unsigned.id_header
            && fields.iter().all(|(name, _)| name != header)
        {
            fields.push((header.to_owned(), unsigned.event_id.to_owned()));
        }
        let tag = self.keys.first().map(|key| key.tag(&[&text])).unwrap_or_default();
        items.push(format!("{}{}", self.scheme.prefix, self.scheme.encoding.encode(&tag)));
        let separator = self.scheme.separator.as_deref().unwrap_or_default();
        fields.push((self.scheme.header.clone(), items.join(separator)));
        fields
    }
}

impl Key {
    fn new(algorithm: Algorithm, key: &[u8]) -> Self {
        let any_length = "HMAC takes keys of any length";
        match algorithm {
            Algorithm::Sha256 => Key::Sha256(Hmac::new_from_slice(key).expect(any_length)),
            Algorithm::Sha512 => Key::Sha512(Hmac::new_from_slice(key).expect(any_length)),
        }
    }

    /// The HMAC of the pieces, one after the other.
    fn tag(&self, pieces: &[&[u8]]) -> Vec<u8> {
        fn finish<M: Mac>(mut mac: M, pieces: &[&[u8]]) -> Vec<u8> {
            pieces.iter().for_each(|piece| mac.update(piece));
            mac.finalize().into_bytes().to_vec()
        }
        match self {
            Key::Sha256(mac) => finish(mac.clone(), pieces),
            Key::Sha512(mac) => finish(mac.clone(), pieces),
        }
    }
}

#[cfg(test)]
mod tests;
