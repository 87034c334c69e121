//! Requests by which a provider makes sure that the address answers for us, before it sends events.
//!
//! Kept here: what computes with the secret verifies first, and only works on texts that can't be
//! part of a signed request, so that nobody gets a signature out of it. What is echoed is short
//! and printable.

use super::scheme::{Context, Part, Template};
use crate::diagnostic::Code;
use crate::model::{Document, Filter, Request, Secret, Selector};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Longer values are no challenge of anybody.
const ECHO_CHARS_MAX: usize = 1_024;
/// What is signed on request is shorter than any signed request.
const SIGNED_CHARS_MAX: usize = 128;

/// How to recognise and answer one kind of handshake.
#[derive(Clone, Debug)]
pub(super) struct Handshake {
    pub method: Method,
    /// What must be there, as `{query:hub.challenge}`.
    pub present: Option<Part>,
    /// What the JSON of the body must fulfil.
    pub when: Option<Filter>,
    /// Whether the request must verify first.
    pub verify: bool,
    /// Where the token is that the operator chose for the handshake.
    pub token: Option<Part>,
    pub response: Response,
}

/// The method of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Head,
    Post,
}

/// What to answer.
#[derive(Clone, Debug)]
pub(super) enum Response {
    Empty,
    Text(Vec<Piece>),
    Json(Vec<(String, Vec<Piece>)>),
}

/// A piece of an answer.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// A literal, or what the request has somewhere.
    Of(Part),
    /// `{json:QUERY}`: what the query selects in the body.
    Json(Selector),
    /// `{hmac-sha256:QUERY}`: its HMAC with the first secret, in hex.
    Hmac(Selector),
}

/// The answer to a handshake, always with the status 200.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Empty,
    Text(String),
    Json(Value),
}

/// What a handshake may ask its source.
pub(super) struct Door<'a> {
    /// Verifies the request, as if it brought events.
    pub is_authentic: &'a dyn Fn() -> Result<(), Code>,
    pub verify_token: Option<&'a Secret>,
    pub secret: Option<&'a Secret>,
}

impl Handshake {
    /// Whether `request` is this handshake. Anybody can send one that looks like it.
    pub fn is_meant(&self, request: &Request) -> bool {
        if request.method != self.method.name() {
            return false;
        }
        let is_present = self.present.as_ref().is_none_or(|part| value(part, request).is_some());
        is_present
            && self.when.as_ref().is_none_or(|condition| {
                json(request).is_some_and(|json| condition.matches(&Document::new(json)))
            })
    }

    pub fn answer(&self, request: &Request, door: &Door<'_>) -> Result<Answer, Code> {
        if self.verify {
            (door.is_authentic)()?;
        }
        if let Some(part) = &self.token {
            let given = value(part, request).ok_or(Code::SignatureMissing)?;
            let expected = door.verify_token.ok_or(Code::SourceNotConfigured)?;
            let digest = |text: &str| Sha256::digest(text.as_bytes());
            if !bool::from(digest(given).ct_eq(&digest(expected.expose().trim()))) {
                return Err(Code::SignatureMismatch);
            }
        }
        let body = json(request);
        let written = |pieces: &[Piece]| -> Result<String, Code> {
            let pieces = pieces.iter().map(|piece| piece.written(request, body.as_ref(), door));
            pieces.collect::<Option<String>>().ok_or(Code::HandshakeMalformed)
        };
        Ok(match &self.response {
            Response::Empty => Answer::Empty,
            Response::Text(pieces) => Answer::Text(written(pieces)?),
            Response::Json(members) => {
                let mut object = Map::new();
                for (name, pieces) in members {
                    object.insert(name.clone(), Value::String(written(pieces)?));
                }
                Answer::Json(Value::Object(object))
            }
        })
    }

    /// Whether it needs the token that the operator chose.
    pub fn needs_token(&self) -> bool {
        self.token.is_some()
    }
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
        }
    }
}

impl Response {
    /// Whether the answer is computed with the secret.
    pub fn uses_secret(&self) -> bool {
        let is_signed = |pieces: &[Piece]| pieces.iter().any(|it| matches!(it, Piece::Hmac(_)));
        match self {
            Response::Empty => false,
            Response::Text(pieces) => is_signed(pieces),
            Response::Json(members) => members.iter().any(|(_, pieces)| is_signed(pieces)),
        }
    }
}

impl Piece {
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        // Queries may hold braces only in quotes, and no challenge is at such a place.
        while let Some(at) = rest.find('{') {
            let (before, tail) = rest.split_at(at);
            let end =
                tail.find('}').ok_or_else(|| format!("the braces of {text:?} do not pair"))?;
            pieces.extend(literal(before)?);
            pieces.push(Self::parse(&tail[..=end])?);
            rest = &tail[end + 1..];
        }
        pieces.extend(literal(rest)?);
        Ok(pieces)
    }

    fn parse(braced: &str) -> Result<Self, String> {
        let inner = &braced[1..braced.len() - 1];
        let query = |text: &str| {
            let selector = Selector::parse(text).map_err(|error| error.message)?;
            if selector.is_singular() {
                Ok(selector)
            } else {
                Err(format!("`{text}` can select several values"))
            }
        };
        match inner.split_once(':') {
            Some(("json", text)) => query(text).map(Piece::Json),
            Some(("hmac-sha256", text)) => query(text).map(Piece::Hmac),
            Some(("header" | "query", _)) => Ok(Piece::Of(place(braced)?)),
            _ => Err(format!(
                "`{braced}` is no placeholder of an answer; there are {{header:NAME}}, \
                 {{query:NAME}}, {{json:QUERY}} and {{hmac-sha256:QUERY}}"
            )),
        }
    }

    fn written(&self, request: &Request, body: Option<&Value>, door: &Door<'_>) -> Option<String> {
        let found = |selector: &Selector| {
            selector.select(body?).first().and_then(|value| value.as_str().map(str::to_owned))
        };
        match self {
            Piece::Of(Part::Literal(text)) => Some(text.clone()),
            Piece::Of(part) => echo(value(part, request)?.to_owned()),
            Piece::Json(selector) => echo(found(selector)?),
            Piece::Hmac(selector) => {
                let text = found(selector).filter(|text| is_harmless(text))?;
                let mut mac = Hmac::<Sha256>::new_from_slice(door.secret?.expose().as_bytes())
                    .expect("HMAC takes keys of any length");
                mac.update(text.as_bytes());
                Some(hex::encode(mac.finalize().into_bytes()))
            }
        }
    }
}

/// One placeholder for a header or a parameter of the URL.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn place(text: &str) -> Result<Part, String> {
    match Template::parse(text)?.parts() {
        [part @ (Part::Header(_) | Part::Query(_))] => Ok(part.clone()),
        _ => Err("this is one placeholder, {header:NAME} or {query:NAME}".to_owned()),
    }
}

fn literal(text: &str) -> Result<Option<Piece>, String> {
    if text.contains('}') {
        return Err(format!("the braces of {text:?} do not pair"));
    }
    Ok((!text.is_empty()).then(|| Piece::Of(Part::Literal(text.to_owned()))))
}

fn value<'a>(part: &'a Part, request: &'a Request) -> Option<&'a str> {
    let context = Context { request, items: &[], url: None, secret: &[] };
    part.resolve(context).ok().and_then(|bytes| std::str::from_utf8(bytes).ok())
}

fn json(request: &Request) -> Option<Value> {
    serde_json::from_slice(&request.body).ok()
}

fn echo(text: String) -> Option<String> {
    let is_printable = |text: &String| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    Some(text).filter(|text| text.len() <= ECHO_CHARS_MAX && is_printable(text))
}

/// Whether a signature of `text` is of no use for a request: those hold dots, colons or braces.
fn is_harmless(text: &str) -> bool {
    (1..=SIGNED_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests;
