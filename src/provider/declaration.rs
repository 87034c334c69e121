//! A provider's file, read into a [`Provider`] that can't be wrong, or all its faults at once.
//!
//! The keys are those of `catalogue/*.toml`. Every fault has a place in the text, because people
//! write such tables too. Absent here: which files there are.

mod events;
mod handshake;
mod section;
mod signature;

use super::scheme::Scheme;
use super::{Methods, Provider};
use crate::diagnostic::{Code, Diagnostic, Place, SourceText};
use section::{Faults, Found, Section};
use std::sync::Arc;
use toml::de::DeTable;

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
    let tokens = methods.iter().flat_map(Methods::schemes).filter_map(Scheme::token_in_body);
    let tokens: Vec<_> = tokens.collect();
    let events =
        file.required_table("event", faults).and_then(|event| events::read(event, &tokens, faults));
    let handshakes = handshake::read_all(&mut file, faults);
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
        handshakes,
        response_status: response_status?,
    })
}

fn methods(file: &mut Section<'_>, faults: &mut Faults) -> Option<Methods> {
    match (file.table("signature", faults), file.table("auth", faults)) {
        (Some(signature), None) => signature::read(signature, faults).map(Methods::Only),
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
        named.extend(
            table.and_then(|table| signature::read(table, faults)).map(|scheme| (name, scheme)),
        );
    }
    auth.close(faults);
    let default = default?;
    if named.iter().all(|(name, _)| *name != default.value) {
        return faults.add(Code::ValueInvalid, default.span, "there is no table of this name");
    }
    Some(Methods::Several { default: default.value, named })
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
