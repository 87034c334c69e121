//! A provider's file, read into a [`Provider`] that can't be wrong, or all its faults at once.
//!
//! The keys are those of `catalogue/*.toml`. Every fault has a place in the text, because people
//! write such tables too. Absent here: which files there are.

mod events;
mod section;

use super::scheme::{
    Algorithm, BasicScheme, Carrier, Encoding, Freshness, HmacScheme, KeyEncoding, Part, Scheme,
    Template, TokenScheme, Unit,
};
use super::{Methods, Provider};
use crate::diagnostic::{Code, Diagnostic, Place, SourceText};
use section::{Faults, Found, Section};
use std::sync::Arc;
use toml::de::DeTable;

/// Half a day: more would be no protection.
const TOLERANCE_SECONDS_MAX: i64 = 43_200;

/// Reads the text of `file`.
pub(super) fn read(file: &str, text: &str) -> Result<Provider, Vec<Diagnostic>> {
    let source = Arc::new(SourceText::new(file, text));
    let table = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let place = Place::Text { text: source.clone(), span };
        vec![Diagnostic::error(Code::TomlSyntax, place, error.message())]
    })?;
    let mut faults = Faults::new(source);
    let provider = provider(Section::new(table.get_ref(), table.span()), &mut faults);
    match provider {
        Some(provider) if faults.is_empty() => Ok(provider),
        _ => Err(faults.into_list()),
    }
}

/// `None` only where a fault was noted.
fn provider(mut file: Section<'_>, faults: &mut Faults) -> Option<Provider> {
    let name = file.required_string("name", faults);
    let title = file.required_string("title", faults);
    let secret_hint = file.string("secret_hint", faults);
    let methods = methods(&mut file, faults);
    let events = file.required_table("event", faults).and_then(|event| events::read(event, faults));
    let response_status = match file.table("response", faults) {
        Some(response) => response_status(response, faults),
        None => Some(200),
    };
    file.close(faults);
    Some(Provider {
        name: name?.value,
        title: title?.value,
        secret_hint: secret_hint.map(|hint| hint.value),
        methods: methods?,
        events: events?,
        response_status: response_status?,
    })
}

fn methods(file: &mut Section<'_>, faults: &mut Faults) -> Option<Methods> {
    match (file.table("signature", faults), file.table("auth", faults)) {
        (Some(signature), None) => scheme(signature, faults).map(Methods::Only),
        (None, Some(auth)) => several(auth, faults),
        (None, None) => faults.missing("signature", file.span()),
        (Some(_), Some(auth)) => {
            let message = "there is either `[signature]` or `[auth]`, not both";
            faults.add(Code::ValueInvalid, auth.span(), message)
        }
    }
}

fn several(mut auth: Section<'_>, faults: &mut Faults) -> Option<Methods> {
    let default = auth.required_string("default", faults);
    let names = auth.names_of_tables();
    let mut named = Vec::new();
    for name in names {
        let table = auth.table(&name, faults);
        named.extend(table.and_then(|table| scheme(table, faults)).map(|scheme| (name, scheme)));
    }
    auth.close(faults);
    let default = default?;
    if named.iter().all(|(name, _)| *name != default.value) {
        return faults.add(Code::ValueInvalid, default.span, "there is no table of this name");
    }
    Some(Methods::Several { default: default.value, named })
}

fn scheme(mut table: Section<'_>, faults: &mut Faults) -> Option<Scheme> {
    let kinds = [("hmac", Kind::Hmac), ("token", Kind::Token), ("basic", Kind::Basic)];
    let scheme = match table.required_choice("kind", &kinds, faults)? {
        Kind::Hmac => hmac(&mut table, faults).map(Scheme::Hmac),
        Kind::Token => token(&mut table, faults).map(Scheme::Token),
        Kind::Basic => Some(Scheme::Basic(BasicScheme {
            header: lower(table.string("header", faults))
                .unwrap_or_else(|| "authorization".to_owned()),
        })),
    };
    table.close(faults);
    scheme
}

/// The kinds of proof; each is a module below `scheme`.
#[derive(Clone, Copy)]
enum Kind {
    Hmac,
    Token,
    Basic,
}

fn hmac(table: &mut Section<'_>, faults: &mut Faults) -> Option<HmacScheme> {
    let algorithms = [("sha256", Algorithm::Sha256), ("sha512", Algorithm::Sha512)];
    let encodings = [("hex", Encoding::Hex), ("base64", Encoding::Base64)];
    let key_encodings =
        [("utf8", KeyEncoding::Utf8), ("hex", KeyEncoding::Hex), ("base64", KeyEncoding::Base64)];
    let algorithm = table.required_choice("algorithm", &algorithms, faults);
    let header = lower(table.required_string("header", faults));
    let separator = table.string("separator", faults);
    let prefix = table.string("prefix", faults);
    let encoding = table.required_choice("encoding", &encodings, faults);
    let signed = table.string("signed", faults);
    let signed = match &signed {
        Some(found) => template(found, faults),
        None => Template::parse("{body}").ok(),
    };
    let freshness = freshness(table, signed.as_ref(), faults);
    let secret_prefixes = table.strings("secret_prefix", faults);
    let secret_encoding = table.choice("secret_encoding", &key_encodings, faults);
    Some(HmacScheme {
        algorithm: algorithm?,
        header: header?,
        separator: separator.map(|found| found.value).filter(|text| !text.is_empty()),
        prefix: prefix.map(|found| found.value).unwrap_or_default(),
        encoding: encoding?,
        signed: signed?,
        freshness,
        secret_prefixes,
        secret_encoding: secret_encoding.unwrap_or(KeyEncoding::Utf8),
    })
}

/// The `timestamp` keys. A timestamp that isn't signed protects nothing, so it is a fault.
fn freshness(
    table: &mut Section<'_>,
    signed: Option<&Template>,
    faults: &mut Faults,
) -> Option<Freshness> {
    let units = [("s", Unit::Seconds), ("ms", Unit::Milliseconds)];
    let unit = table.choice("timestamp_unit", &units, faults).unwrap_or(Unit::Seconds);
    let tolerance = table.integer("tolerance", 1..=TOLERANCE_SECONDS_MAX, faults);
    let timestamp = table.string("timestamp", faults)?;
    let template = template(&timestamp, faults)?;
    let [at @ (Part::Header(_) | Part::Item(_))] = template.parts() else {
        let message = "a timestamp is one placeholder, {header:NAME} or {sig:KEY}";
        return faults.add(Code::ValueInvalid, timestamp.span, message);
    };
    if signed.is_some_and(|signed| !signed.parts().contains(at)) {
        let message = "the timestamp is not part of `signed`: anybody could renew it";
        return faults.add(Code::ValueInvalid, timestamp.span, message);
    }
    Some(Freshness { at: at.clone(), unit, tolerance_seconds: tolerance.unwrap_or(300) })
}

fn template(found: &Found<String>, faults: &mut Faults) -> Option<Template> {
    match Template::parse(&found.value) {
        Ok(template) => Some(template),
        Err(message) => faults.add(Code::ValueInvalid, found.span.clone(), message),
    }
}

fn token(table: &mut Section<'_>, faults: &mut Faults) -> Option<TokenScheme> {
    let prefix = table.string("prefix", faults).map(|found| found.value).unwrap_or_default();
    let header = lower(table.string("header", faults));
    let query = table.string("query", faults);
    let carrier = match (header, query) {
        (Some(_), Some(query)) => {
            let message = "the token is either in a header or in the URL";
            return faults.add(Code::ValueInvalid, query.span, message);
        }
        (Some(header), None) => Some(Carrier::Header(header)),
        (None, Some(query)) => Some(Carrier::Query(query.value)),
        (None, None) => None,
    };
    Some(TokenScheme { carrier, prefix })
}

fn response_status(mut response: Section<'_>, faults: &mut Faults) -> Option<u16> {
    let status = response.integer("status", 200..=299, faults).unwrap_or(200);
    response.close(faults);
    u16::try_from(status).ok()
}

/// Names of headers are compared in lower case.
fn lower(found: Option<Found<String>>) -> Option<String> {
    found.map(|found| found.value.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
