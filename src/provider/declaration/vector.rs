//! The `[[signature.vector]]` tables: see [`crate::provider::vector`].

use super::section::{Faults, Found, Section};
use crate::diagnostic::{Code, did_you_mean};
use crate::model::{Headers, QueryString, Request, Secret, Timestamp, UNPROVED};
use crate::provider::scheme::Scheme;
use crate::provider::vector::{Vector, Verdict};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// Checking each takes a moment, at every start and reload.
pub(super) const VECTORS_MAX: usize = 64;
/// When a vector is checked whose scheme knows no time: at the beginning of 2026.
const AT: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The tables of a `[signature]`, not yet read.
pub(super) fn tables<'d>(signature: &mut Section<'d>, faults: &mut Faults) -> Vec<Section<'d>> {
    let mut tables = signature.tables("vector", faults);
    if let Some(first) = tables.get(VECTORS_MAX) {
        let message = format!("there are more than {VECTORS_MAX} vectors");
        faults.add::<()>(Code::ValueInvalid, first.span(), message);
        tables.truncate(VECTORS_MAX);
    }
    tables
}

/// `scheme` tells what a vector must say; it is absent where its own faults were noted.
pub(super) fn read_all(
    tables: Vec<Section<'_>>,
    scheme: Option<&Scheme>,
    faults: &mut Faults,
) -> Vec<Vector> {
    tables.into_iter().filter_map(|table| read(table, scheme, faults)).collect()
}

fn read(mut table: Section<'_>, scheme: Option<&Scheme>, faults: &mut Faults) -> Option<Vector> {
    let name = table.string("name", faults).map(|found| found.value);
    let secret = table.string("secret", faults);
    let at = at(&mut table, scheme, faults);
    let method = table.string("method", faults);
    let address = address(&mut table, scheme, faults);
    let headers = headers(&mut table, faults);
    let body = body(&mut table, faults);
    let expected = table.required_string("expected", faults);
    let verdict = expected.as_ref().and_then(|found| verdict(found, faults));
    table.close(faults);
    let Address { public_url, target } = address?;
    Some(Vector {
        name,
        secret: secret.map(|found| (Secret::new(found.value), found.span)),
        request: Request {
            source: "custom".parse().expect("it is a literal and a slug"),
            method: method.map_or_else(|| "POST".to_owned(), |it| it.value.to_ascii_uppercase()),
            query: QueryString::of_target(&target),
            target,
            headers,
            body: body?,
            peer: None,
            received_at: at?,
        },
        public_url,
        expected: verdict?,
        expected_span: expected?.span,
    })
}

fn at(table: &mut Section<'_>, scheme: Option<&Scheme>, faults: &mut Faults) -> Option<Timestamp> {
    let Some(found) = table.string("at", faults) else {
        return match scheme {
            Some(scheme) if scheme.knows_time() => {
                let message = "the scheme looks at the time: `at` says when the request comes";
                let hint = "as in `at = \"2026-01-01T00:00:00Z\"`";
                let hint = Some(hint.to_owned());
                faults.add_with_hint(Code::KeyMissing, table.span(), message, hint)
            }
            _ => Some(AT),
        };
    };
    match found.value.parse::<Timestamp>() {
        Ok(at) => Some(at),
        Err(error) => faults.add(Code::ValueInvalid, found.span, error.to_string()),
    }
}

/// What a request calls.
struct Address {
    /// What the service is called in public, where that was written.
    public_url: Option<String>,
    target: String,
}

fn address(
    table: &mut Section<'_>,
    scheme: Option<&Scheme>,
    faults: &mut Faults,
) -> Option<Address> {
    let Some(found) = table.string("url", faults) else {
        if scheme.is_some_and(Scheme::needs_public_url) {
            let message = "the address is signed: `url` says what is called";
            return faults.add(Code::KeyMissing, table.span(), message);
        }
        return Some(Address { public_url: None, target: "/".to_owned() });
    };
    let url = found.value;
    if url.starts_with('/') {
        return Some(Address { public_url: None, target: url });
    }
    let scheme_end = ["https://", "http://"].iter().find(|it| url.starts_with(**it));
    let Some(scheme) = scheme_end else {
        let message = "it has to be an address, or its path and query: \
                       \"https://hooks.example.com/webhooks/acme?key=1\"";
        return faults.add(Code::ValueInvalid, found.span, message);
    };
    let host_end = url[scheme.len()..].find(['/', '?']).map(|at| scheme.len() + at);
    let (public_url, target) = url.split_at(host_end.unwrap_or(url.len()));
    let slash = if target.starts_with('/') { "" } else { "/" };
    Some(Address { public_url: Some(public_url.to_owned()), target: format!("{slash}{target}") })
}

fn headers(table: &mut Section<'_>, faults: &mut Faults) -> Headers {
    let Some(mut fields) = table.table("headers", faults) else { return Headers::default() };
    let names = fields.names();
    let field = |name: String| Some((name.clone(), fields.string(&name, faults)?.value));
    Headers::new(names.into_iter().filter_map(field).collect::<Vec<_>>())
}

fn body(table: &mut Section<'_>, faults: &mut Faults) -> Option<Bytes> {
    let text = table.string("body", faults);
    let base64 = table.string("body_base64", faults);
    match (text, base64) {
        (None, None) => Some(Bytes::new()),
        (Some(text), None) => Some(Bytes::from(text.value)),
        (None, Some(found)) => match STANDARD.decode(&found.value) {
            Ok(bytes) => Some(Bytes::from(bytes)),
            Err(_) => faults.add(Code::ValueInvalid, found.span, "this is no base64"),
        },
        (Some(_), Some(found)) => {
            let message = "a body is written either as `body` or as `body_base64`";
            faults.add(Code::ValueInvalid, found.span, message)
        }
    }
}

fn verdict(found: &Found<String>, faults: &mut Faults) -> Option<Verdict> {
    let named = UNPROVED.into_iter().find(|code| code.name() == found.value);
    match named {
        Some(code) => Some(Err(code)),
        None if found.value == "valid" => Some(Ok(())),
        None => {
            let words = || ["valid"].into_iter().chain(UNPROVED.map(Code::name));
            let hint = did_you_mean(&found.value, words()).unwrap_or_else(|| {
                format!("it is one of: {}", words().collect::<Vec<_>>().join(", "))
            });
            let message = "a request is \"valid\", or refused by a code";
            faults.add_with_hint(Code::ValueInvalid, found.span.clone(), message, Some(hint))
        }
    }
}
