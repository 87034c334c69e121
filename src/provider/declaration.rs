//! A provider as TOML declares it, read into a [`Provider`] that can't be wrong, or all faults at
//! once.
//!
//! The catalogue has a file for each; a mapping file declares its own by the same tables, beside
//! all else that it says. Every fault has a place in the text, because people write such tables.
//! Absent here: which files there are, and what else stands in a mapping file.

mod events;
mod handshake;
mod section;
mod signature;
mod vector;

use super::scheme::Scheme;
use super::vector::Vector;
use super::{Methods, Provider};
use crate::diagnostic::{Code, Diagnostic, Place, SourceText};
use crate::model::CUSTOM;
use section::{Faults, Found, Section};
use std::sync::Arc;
use toml::de::DeTable;

/// Reads the text of `file`, an entry of the catalogue.
pub(super) fn read(file: &str, text: &str) -> Result<Provider, Vec<Diagnostic>> {
    read_by(&Arc::new(SourceText::new(file, text)), text, entry)
}

/// Reads the tables by which a mapping file declares its own provider; `raw` is what `text` was
/// made of. A table that is absent makes no provider and no fault: whoever reads the whole file
/// knows whether it is only misspelt.
pub(super) fn read_custom(text: &Arc<SourceText>, raw: &str) -> Result<Provider, Vec<Diagnostic>> {
    read_by(text, raw, custom)
}

fn read_by(
    source: &Arc<SourceText>,
    raw: &str,
    provider: impl FnOnce(Section<'_>, &mut Faults) -> Option<Provider>,
) -> Result<Provider, Vec<Diagnostic>> {
    let table = DeTable::parse(raw).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let place = Place::Text { text: source.clone(), span };
        vec![Diagnostic::error(Code::TomlSyntax, place, error.message())]
    })?;
    let mut faults = Faults::new(source.clone());
    let provider = provider(Section::new(table.get_ref(), table.span()), &mut faults);
    match provider {
        Some(provider) if faults.is_empty() => Ok(provider),
        _ => Err(faults.into_list().into_iter().map(|fault| fault.masked(raw)).collect()),
    }
}

/// `None` only where a fault was noted.
fn entry(mut file: Section<'_>, faults: &mut Faults) -> Option<Provider> {
    let name = file.required_string("name", faults);
    let title = file.required_string("title", faults);
    let secret_hint = file.string("secret_hint", faults);
    let methods = methods(&mut file, faults);
    let tokens = methods.iter().flat_map(Methods::schemes).filter_map(Scheme::token_in_body);
    let tokens: Vec<_> = tokens.collect();
    let events =
        file.required_table("event", faults).and_then(|event| events::read(event, &tokens, faults));
    let handshakes = handshake::read_all(&mut file, faults);
    let response_status = response_status(&mut file, faults);
    file.close(faults);
    Some(Provider {
        name: name?.value,
        title: title?.value,
        secret_hint: secret_hint.map(|hint| hint.value),
        methods: methods?,
        events: events?,
        handshakes,
        response_status: response_status?,
        vectors: Vec::new(),
    })
}

/// `None` where a fault was noted or a table is absent.
fn custom(mut file: Section<'_>, faults: &mut Faults) -> Option<Provider> {
    let title = file.string("title", faults).map(|found| found.value);
    let title = title.filter(|title| !title.trim().is_empty());
    let proof = file.table("signature", faults).and_then(|signature| proof(signature, faults));
    let token = proof.as_ref().and_then(|(scheme, _)| scheme.token_in_body());
    let tokens: Vec<_> = token.into_iter().collect();
    let events = file.table("event", faults).and_then(|event| events::read(event, &tokens, faults));
    let handshakes = handshake::read_all(&mut file, faults);
    let response_status = response_status(&mut file, faults);
    let (scheme, vectors) = proof?;
    Some(Provider {
        name: CUSTOM.to_owned(),
        title: title.unwrap_or_else(|| "the sender".to_owned()),
        secret_hint: None,
        methods: Methods::Only(scheme),
        events: events?,
        handshakes,
        response_status: response_status?,
        vectors,
    })
}

/// A `[signature]` with its vectors.
fn proof(mut signature: Section<'_>, faults: &mut Faults) -> Option<(Scheme, Vec<Vector>)> {
    let vectors = vector::tables(&mut signature, faults);
    let scheme = signature::read(signature, faults);
    let vectors = vector::read_all(vectors, scheme.as_ref(), faults);
    Some((scheme?, vectors))
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

fn response_status(file: &mut Section<'_>, faults: &mut Faults) -> Option<u16> {
    let Some(mut response) = file.table("response", faults) else { return Some(200) };
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
