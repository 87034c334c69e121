//! The `[event]` table: where the events of a body are, and what names them.

use super::lower;
use super::section::{Faults, Found, Section, wrong_type};
use crate::diagnostic::Code;
use crate::model::Selector;
use crate::provider::split::{EventForm, Format, Formats, Identity, Locator};
use crate::provider::token_text::InBody;
use std::ops::Range;
use toml::de::DeValue;

const FORMATS: [(&str, Format); 5] = [
    ("json", Format::Json),
    ("json-lines", Format::JsonLines),
    ("urlencoded", Format::Urlencoded),
    ("multipart", Format::Multipart),
    ("jwt", Format::Jwt),
];

/// `tokens` are the places in the body at which a token may prove the sender.
pub(super) fn read(
    mut table: Section<'_>,
    tokens: &[&InBody],
    faults: &mut Faults,
) -> Option<EventForm> {
    let token = token(&table, tokens, faults);
    let formats = formats(&mut table, faults);
    let json_fields = table.found_strings("json_fields", faults);
    let json_fields = json_fields.iter().filter_map(|found| json_field(found, faults)).collect();
    let batch = batch(&mut table, &formats, faults);
    let id = named_by(&mut table, "id", faults);
    let event_type = named_by(&mut table, "type", faults);
    let types = table.strings("types", faults);
    let open = table.found_strings("open", faults);
    let open = open.iter().filter_map(|found| selector(found, faults)).collect();
    if !tokens.is_empty() && !formats.contains(Format::Jwt) {
        let message = "the token is all of the body that is signed: the format is `jwt`";
        faults.add::<()>(Code::ValueInvalid, table.span(), message);
    }
    table.close(faults);
    let identity = Identity { id, event_type };
    Some(EventForm { formats, token, json_fields, batch, identity, types, open })
}

/// Where the token is; elsewhere than in one place, nobody could say which one is proven.
fn token(table: &Section<'_>, places: &[&InBody], faults: &mut Faults) -> InBody {
    let Some((first, others)) = places.split_first() else { return InBody::Whole };
    if others.iter().any(|other| other != first) {
        let message = "all ways to authenticate must have the token at the same place of the body";
        faults.add::<()>(Code::ValueInvalid, table.span(), message);
    }
    (*first).clone()
}

/// One format or several, the first of which is for what no content type decides.
fn formats(table: &mut Section<'_>, faults: &mut Faults) -> Formats {
    let mut formats = table.choices("format", &FORMATS, faults).into_iter();
    let first = formats.next().unwrap_or(Format::Json);
    Formats::new(first, formats.collect())
}

/// Lines are a batch by themselves: what a query would select in which of them, nobody could say.
fn batch(table: &mut Section<'_>, formats: &Formats, faults: &mut Faults) -> Option<Selector> {
    let found = table.string("batch", faults)?;
    if formats.contains(Format::JsonLines) {
        let message = "bodies of `json-lines` are cut into lines, and by no query";
        return faults.add(Code::ValueInvalid, found.span, message);
    }
    selector(&found, faults)
}

/// A text that holds JSON is at one place, and is not the whole.
fn json_field(found: &Found<String>, faults: &mut Faults) -> Option<Selector> {
    let selector = selector(found, faults)?;
    if !selector.is_singular() || selector.way().steps.is_empty() {
        let message = "this is a query for one field, made of names and numbers";
        return faults.add(Code::ValueInvalid, found.span.clone(), message);
    }
    Some(selector)
}

/// What names an event: a place, the first of several, or several that are joined.
fn named_by(table: &mut Section<'_>, key: &str, faults: &mut Faults) -> Option<Locator> {
    let (value, span) = table.value(key)?;
    let DeValue::Table(inner) = value else { return place(value, span, faults) };
    let mut section = Section::new(inner, span);
    if section.has("first") {
        let members = places(&mut section, "first", faults);
        section.close(faults);
        return members.map(Locator::First);
    }
    if section.has("join") {
        let members = places(&mut section, "join", faults);
        let with = section.required_string("with", faults);
        section.close(faults);
        return Some(Locator::Join { members: members?, with: with?.value });
    }
    place(value, section.span(), faults)
}

fn places(section: &mut Section<'_>, key: &str, faults: &mut Faults) -> Option<Vec<Locator>> {
    let (value, span) = section.value(key)?;
    match value {
        DeValue::Array(elements) if !elements.is_empty() => {
            // All of them are read, so that all their faults are told.
            let places: Vec<_> = elements
                .iter()
                .map(|element| place(element.get_ref(), element.span(), faults))
                .collect();
            places.into_iter().collect()
        }
        _ => wrong_type(faults, span, "a list of queries, headers and claims"),
    }
}

/// A query, `{ header = "NAME" }` or `{ claim = "NAME" }`.
fn place(value: &DeValue<'_>, span: Range<usize>, faults: &mut Faults) -> Option<Locator> {
    match value {
        DeValue::String(text) => {
            selector(&Found { value: text.to_string(), span }, faults).map(Locator::Query)
        }
        DeValue::Table(table) => {
            let mut place = Section::new(table, span);
            let is_claim = place.has("claim");
            let locator = if is_claim {
                place.required_string("claim", faults).map(|found| Locator::Claim(found.value))
            } else {
                lower(place.required_string("header", faults)).map(Locator::Header)
            };
            place.close(faults);
            locator
        }
        _ => wrong_type(faults, span, "a query, a header or a claim"),
    }
}

fn selector(found: &Found<String>, faults: &mut Faults) -> Option<Selector> {
    match Selector::parse(&found.value) {
        Ok(selector) => Some(selector),
        Err(error) => {
            let span = found.span.clone();
            faults.add_with_hint(Code::QuerySyntax, span, error.message, error.hint)
        }
    }
}
