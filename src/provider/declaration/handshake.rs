//! The `[handshake]` table, or several of them: see [`crate::provider::handshake`].

use super::section::{Faults, Found, Section};
use crate::diagnostic::Code;
use crate::model::Filter;
use crate::provider::handshake::{Handshake, Method, Piece, Response, place};
use crate::provider::scheme::Part;

/// The handshakes of a provider's file.
pub(super) fn read_all(file: &mut Section<'_>, faults: &mut Faults) -> Vec<Handshake> {
    let tables = file.tables("handshake", faults);
    tables.into_iter().filter_map(|table| read(table, faults)).collect()
}

fn read(mut table: Section<'_>, faults: &mut Faults) -> Option<Handshake> {
    let methods = [("GET", Method::Get), ("HEAD", Method::Head), ("POST", Method::Post)];
    let method = table.required_choice("method", &methods, faults);
    let present = placeholder(&mut table, "present", faults);
    let when = table.string("when", faults).and_then(|found| condition(&found, faults));
    let verify = table.boolean("verify", faults);
    let token = placeholder(&mut table, "token", faults);
    let response = response(&mut table, faults);
    let span = table.span();
    table.close(faults);
    let (method, response) = (method?, response?);
    let verify = verify.unwrap_or(method == Method::Post);
    if method == Method::Post && when.is_none() && present.is_none() {
        let message = "a handshake by POST says by `when` or `present` what tells it from events";
        return faults.add(Code::KeyMissing, span, message);
    }
    if response.uses_secret() && !verify {
        let message = "what computes with the secret must verify first: `verify = true`";
        return faults.add(Code::ValueInvalid, span, message);
    }
    Some(Handshake { method, present, when, verify, token, response })
}

fn placeholder(table: &mut Section<'_>, key: &str, faults: &mut Faults) -> Option<Part> {
    let found = table.string(key, faults)?;
    match place(&found.value) {
        Ok(part) => Some(part),
        Err(message) => faults.add(Code::ValueInvalid, found.span, message),
    }
}

fn condition(found: &Found<String>, faults: &mut Faults) -> Option<Filter> {
    match Filter::parse(&found.value) {
        Ok(condition) => Some(condition),
        Err(error) => {
            let span = found.span.clone();
            faults.add_with_hint(Code::QuerySyntax, span, error.message, error.hint)
        }
    }
}

fn response(table: &mut Section<'_>, faults: &mut Faults) -> Option<Response> {
    let text = table.string("respond_text", faults);
    let json = table.table("respond_json", faults);
    match (text, json) {
        (Some(found), None) => pieces(&found, faults).map(Response::Text),
        (None, Some(mut json)) => {
            let mut members = Vec::new();
            for name in json.names() {
                let found = json.string(&name, faults);
                members.extend(found.and_then(|found| Some((name, pieces(&found, faults)?))));
            }
            Some(Response::Json(members))
        }
        (None, None) => Some(Response::Empty),
        (Some(found), Some(_)) => {
            let message = "an answer is either `respond_text` or `respond_json`";
            faults.add(Code::ValueInvalid, found.span, message)
        }
    }
}

fn pieces(found: &Found<String>, faults: &mut Faults) -> Option<Vec<Piece>> {
    match Piece::parse_all(&found.value) {
        Ok(pieces) => Some(pieces),
        Err(message) => faults.add(Code::ValueInvalid, found.span.clone(), message),
    }
}
