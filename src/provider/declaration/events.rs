//! The `[event]` table: where the events of a body are, and what names them.

use super::lower;
use super::section::{Faults, Found, Section};
use crate::diagnostic::Code;
use crate::model::Selector;
use crate::provider::split::{EventForm, Format, Identity, Locator};

pub(super) fn read(mut table: Section<'_>, faults: &mut Faults) -> Option<EventForm> {
    let formats = [("json", Format::Json), ("json-lines-or-json", Format::JsonLinesOrJson)];
    let format = table.choice("format", &formats, faults).unwrap_or(Format::Json);
    let batch = table.string("batch", faults).and_then(|found| selector(&found, faults));
    let id = locator(&mut table, "id", faults);
    let event_type = locator(&mut table, "type", faults);
    let types = table.strings("types", faults);
    let open = table.found_strings("open", faults);
    let open = open.iter().filter_map(|found| selector(found, faults)).collect();
    table.close(faults);
    Some(EventForm { format, batch, identity: Identity { id, event_type }, types, open })
}

/// Either a query, or `{ header = "NAME" }`.
fn locator(table: &mut Section<'_>, key: &str, faults: &mut Faults) -> Option<Locator> {
    if !table.is_table(key) {
        let found = table.string(key, faults)?;
        return selector(&found, faults).map(Locator::Query);
    }
    let mut place = table.table(key, faults)?;
    let header = lower(place.required_string("header", faults));
    place.close(faults);
    header.map(Locator::Header)
}

fn selector(found: &Found<String>, faults: &mut Faults) -> Option<Selector> {
    match Selector::parse(&found.value) {
        Ok(selector) => Some(selector),
        Err(error) => faults.add(Code::QuerySyntax, found.span.clone(), error.message),
    }
}
