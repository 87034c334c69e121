//! A signature over the request, by HMAC, by a hash or by Ed25519: one of several signatures must
//! match one of several keys.

use super::encoding::{Encoding, KeyEncoding};
use super::field::Absent;
use super::key::{Key, Proof};
use super::secret;
use super::template::{Context, Part, Template};
use super::timestamp::Freshness;
use crate::diagnostic::Code;
use crate::model::{Headers, Request, Secret, Timestamp};
use crate::provider::AuthFault;
use crate::provider::signing::{CannotSign, Draft, Signed};
use subtle::Choice;

/// More items than any sender writes while it rotates keys; work stays bounded.
const ITEMS_MAX: usize = 32;

/// The declared scheme.
#[derive(Clone, Debug)]
pub(in crate::provider) struct SignatureScheme {
    pub proof: Proof,
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

/// The scheme with its keys.
pub(in crate::provider) struct SignatureCheck {
    scheme: SignatureScheme,
    public_url: Option<String>,
    keys: Vec<Key>,
}

impl SignatureScheme {
    pub(super) fn keyed(
        &self,
        public_url: Option<&str>,
        secrets: &[Secret],
    ) -> Result<SignatureCheck, Vec<AuthFault>> {
        let keys = secret::each(secrets, |text| {
            let key = secret::key(text, &self.secret_prefixes, self.secret_encoding)?;
            Key::new(self.proof, key)
        })?;
        let public_url = public_url.filter(|_| self.covers_url()).map(str::to_owned);
        Ok(SignatureCheck { scheme: self.clone(), public_url, keys })
    }

    /// The bytes of the key that a secret stands for.
    pub(in crate::provider) fn key_bytes(&self, secret: &str) -> Option<Vec<u8>> {
        let text = secret.trim_end_matches(['\r', '\n']);
        secret::key(text, &self.secret_prefixes, self.secret_encoding).ok()
    }

    /// Whether the request is signed with `key`, whatever its age is.
    pub(in crate::provider) fn is_signed_with(
        &self,
        request: &Request,
        url: Option<&str>,
        key: &[u8],
    ) -> bool {
        let Ok(key) = Key::new(self.proof, key.to_vec()) else { return false };
        let Ok(items) = self.items(&request.headers) else { return false };
        let context = Context { request, items: &items, url, secret: key.bytes() };
        let (Ok(signed), Ok(candidates)) = (self.signed.resolve(context), self.candidates(&items))
        else {
            return false;
        };
        key.matches(&signed, &candidates).into()
    }

    /// The number that the signed timestamp is.
    pub(in crate::provider) fn signed_at(&self, request: &Request) -> Option<i64> {
        let items = self.items(&request.headers).unwrap_or_default();
        let context = Context { request, items: &items, url: None, secret: &[] };
        self.freshness.as_ref()?.number(context).ok()
    }

    /// How many signatures of the declared form the request has.
    pub(in crate::provider) fn signatures_of(&self, request: &Request) -> usize {
        let items = self.items(&request.headers).unwrap_or_default();
        self.candidates(&items).map_or(0, |candidates| candidates.len())
    }

    /// # Errors
    /// What the signature covers and the request lacks, as in "the header `x`".
    pub(in crate::provider) fn covered(&self, request: &Request) -> Result<(), String> {
        let items = self.items(&request.headers).unwrap_or_default();
        let context = Context { request, items: &items, url: Some(""), secret: &[] };
        let absent = self.signed.parts().iter().find(|part| part.resolve(context).is_err());
        match absent {
            None => Ok(()),
            Some(Part::Header(name)) => Err(format!("the header `{name}`, once")),
            Some(Part::Query(name)) => Err(format!("the parameter `{name}` of the URL, once")),
            Some(Part::Item(key)) => Err(format!("`{key}=` in its header `{}`", self.header)),
            Some(_) => Err("a part".to_owned()),
        }
    }

    /// Whether the signature covers the URL, which only the settings know.
    pub(in crate::provider) fn covers_url(&self) -> bool {
        self.signed.has(&Part::Url)
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

impl SignatureCheck {
    pub(super) fn check(&self, request: &Request, now: Timestamp) -> Result<(), Code> {
        let items = self.scheme.items(&request.headers)?;
        let url = self.public_url.as_ref().map(|base| format!("{base}{}", request.target));
        let context = Context { request, items: &items, url: url.as_deref(), secret: &[] };
        if let Some(freshness) = &self.scheme.freshness {
            freshness.check(context, now)?;
        }
        let candidates = self.scheme.candidates(&items)?;
        let mut matched = Choice::from(0);
        for key in &self.keys {
            let context = Context { secret: key.bytes(), ..context };
            let signed = self.scheme.signed.resolve(context).map_err(|absent| match absent {
                Absent::Missing => Code::SignatureMissing,
                Absent::Repeated => Code::SignatureMalformed,
            })?;
            matched |= key.matches(&signed, &candidates);
        }
        if matched.into() { Ok(()) } else { Err(Code::SignatureMismatch) }
    }

    pub(super) fn header(&self) -> &str {
        &self.scheme.header
    }

    /// Signs with the first key, as the provider would.
    pub(super) fn sign(&self, draft: Draft<'_>) -> Result<Signed, CannotSign> {
        let key = self.keys.first().ok_or(CannotSign)?;
        let signed_at = self.scheme.freshness.as_ref().map(|freshness| {
            let number = freshness.unit.of(draft.now).to_string();
            (&freshness.at, number)
        });
        let value_of = |part: &Part| match &signed_at {
            Some((at, number)) if *at == part => number.clone(),
            _ => draft.event_id.to_owned(),
        };
        let (mut headers, mut query, mut items) = (Vec::new(), Vec::new(), Vec::new());
        let mut text = Vec::new();
        for part in self.scheme.signed.parts() {
            match part {
                Part::Literal(literal) => text.extend_from_slice(literal.as_bytes()),
                Part::Body => text.extend_from_slice(draft.body),
                Part::Method => text.extend_from_slice(draft.method.as_bytes()),
                Part::Secret => text.extend_from_slice(key.bytes()),
                Part::Url => {
                    let base = self.public_url.as_deref().unwrap_or_default();
                    text.extend_from_slice(format!("{base}{}", draft.target).as_bytes());
                }
                Part::Header(name) | Part::Query(name) | Part::Item(name) => {
                    let value = value_of(part);
                    text.extend_from_slice(value.as_bytes());
                    match part {
                        Part::Header(_) => headers.push((name.clone(), value)),
                        Part::Query(_) => query.push((name.clone(), value)),
                        _ => items.push(format!("{name}={value}")),
                    }
                }
            }
        }
        let signature = key.sign(&[&text], draft.private_key).ok_or(CannotSign)?;
        items.push(format!("{}{}", self.scheme.prefix, self.scheme.encoding.encode(&signature)));
        let separator = self.scheme.separator.as_deref().unwrap_or_default();
        headers.push((self.scheme.header.clone(), items.join(separator)));
        Ok(Signed { headers, query, body: draft.body.to_vec() })
    }
}

#[cfg(test)]
mod tests;
