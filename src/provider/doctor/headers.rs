//! Headers that look as if they carried what is missing elsewhere.

use crate::model::{Headers, Request};

/// Parts of the names of headers that carry signatures.
const SIGNATURE_PARTS: [&str; 3] = ["signature", "hmac", "-sign"];

/// The families of headers of which senders of one kind of software use one or the other.
const FAMILIES: [(&str, &str); 2] = [("webhook-", "svix-"), ("svix-", "webhook-")];

/// The names of the headers that seem to carry a signature, but for `expected`.
pub(super) fn signature_like<'a>(request: &'a Request, expected: &str) -> Vec<&'a str> {
    let is_like =
        |name: &&str| *name != expected && SIGNATURE_PARTS.iter().any(|part| name.contains(part));
    let mut names: Vec<&str> =
        request.headers.iter().map(|(name, _)| name).filter(is_like).collect();
    names.dedup();
    names
}

/// The request with what `name` carries under `expected` instead.
pub(super) fn renamed(request: &Request, name: &str, expected: &str) -> Request {
    let rename = |(field, value): (&str, &str)| {
        let field = if field == name { expected } else { field };
        (field.to_owned(), value.to_owned())
    };
    let others = request.headers.iter().filter(|(field, _)| *field != expected);
    Request { headers: Headers::new(others.map(rename)), ..request.clone() }
}

/// The request with the headers of one family called as those of the other, for each.
pub(super) fn of_other_families(
    request: &Request,
) -> impl Iterator<Item = (&'static str, Request)> {
    let has = |family: &str| request.headers.iter().any(|(name, _)| name.starts_with(family));
    FAMILIES.into_iter().filter(move |(from, _)| has(from)).map(|(from, to)| {
        let others = request.headers.iter().filter(|(name, _)| !name.starts_with(to));
        let rename = |(name, value): (&str, &str)| {
            let name = match name.strip_prefix(from) {
                Some(rest) => format!("{to}{rest}"),
                None => name.to_owned(),
            };
            (name, value.to_owned())
        };
        (from, Request { headers: Headers::new(others.map(rename)), ..request.clone() })
    })
}
