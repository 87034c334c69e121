//! Tokens and Basic credentials that did not match.

use super::{Patient, cause};
use crate::model::{Cause, Headers, Request};
use crate::provider::scheme::{Carrier, Scheme};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) fn causes(patient: &Patient<'_>) -> Vec<Cause> {
    let Some(carrier) = patient.own.carrier() else { return Vec::new() };
    let place = match carrier {
        Carrier::Header(name) => format!("the header `{name}`"),
        Carrier::Query(name) => format!("the parameter `{name}` of the URL"),
    };
    let given = value(patient.request, carrier);
    let found = elsewhere(patient, carrier)
        .or_else(|| given.and_then(|given| another_form(patient, carrier, given)))
        .or_else(|| another_source(patient));
    if let Some(cause) = found {
        return vec![cause];
    }
    vec![match given {
        None => {
            let message = format!("the request has no credential: {place} is absent");
            cause("credential_missing", message)
                .with_hint("enter it at the sender, exactly as it is set here")
        }
        Some(_) => {
            let message = format!("{place} carries another credential than any that is set here");
            cause("credential_wrong", message).with_hint(
                "copy it anew on one of both sides; when it was changed, name both for a while",
            )
        }
    }]
}

fn value<'a>(request: &'a Request, carrier: &Carrier) -> Option<&'a str> {
    let value = match carrier {
        Carrier::Header(name) => request.headers.get(name),
        Carrier::Query(name) => request.query.get(name),
    };
    value.map(str::trim).filter(|value| !value.is_empty())
}

/// The right credential in another place of the request.
fn elsewhere(patient: &Patient<'_>, carrier: &Carrier) -> Option<Cause> {
    let known = patient.own.credentials();
    let is_known = |value: &str| known.iter().any(|known| known == value.trim());
    let is_other = |place: &Carrier| place != carrier;
    let request = patient.request;
    let header = request
        .headers
        .iter()
        .find(|(name, value)| is_other(&Carrier::Header((*name).to_owned())) && is_known(value));
    if let Some((name, _)) = header {
        let message = format!("the right credential is in the header `{name}` instead");
        return Some(
            cause("header_under_another_name", message)
                .with_hint("change the name of the header at the sender, or `header` in `[auth]`"),
        );
    }
    let parameter = request
        .query
        .iter()
        .find(|(name, value)| is_other(&Carrier::Query((*name).to_owned())) && is_known(value));
    parameter.map(|(name, _)| {
        let message =
            format!("the right credential is in the parameter `{name}` of the URL instead");
        cause("header_under_another_name", message)
            .with_hint("let the sender put it where this source looks for it")
    })
}

/// The right credential, written in another form.
fn another_form(patient: &Patient<'_>, carrier: &Carrier, given: &str) -> Option<Cause> {
    let accepts = |value: String| {
        let Carrier::Header(name) = carrier else { return false };
        let others = patient.request.headers.iter().filter(|(field, _)| field != name);
        let fields = others.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers = Headers::new(fields.chain([(name.clone(), value)]));
        patient.own.accepts(&Request { headers, ..patient.request.clone() }, patient.now)
    };
    let bare = given.split_once(' ').map(|(_, rest)| rest.trim());
    if let Some(bare) = bare
        && accepts(bare.to_owned())
    {
        let word = given.split(' ').next().unwrap_or_default();
        let message = format!("`{word}` stands before the right credential, and is not expected");
        return Some(
            cause("credential_prefix", message)
                .with_hint(format!("take `{word}` off at the sender")),
        );
    }
    for (word, token) in ["Bearer", "Basic"]
        .into_iter()
        .flat_map(|word| [(word, given), (word, bare.unwrap_or(given))])
    {
        let encoded = STANDARD.encode(token);
        for (value, what) in
            [(token, "is missing before"), (encoded.as_str(), "in base64 is missing before")]
        {
            if accepts(format!("{word} {value}")) {
                let message = format!("`{word}` {what} the right credential");
                return Some(
                    cause("credential_prefix", message)
                        .with_hint(format!("write `{word} ` before it at the sender")),
                );
            }
        }
    }
    let unquoted = given.trim_matches(['"', '\'']);
    if unquoted != given && accepts(unquoted.to_owned()) {
        let message = "quotes stand around the right credential";
        return Some(cause("credential_prefix", message).with_hint("take them off at the sender"));
    }
    user_or_password(patient, given)
}

/// Which half of a Basic credential is wrong.
fn user_or_password(patient: &Patient<'_>, given: &str) -> Option<Cause> {
    let Scheme::Basic(_) = patient.own.scheme() else { return None };
    let given = decoded(given)?;
    let (user, password) = given.split_once(':')?;
    let known: Vec<String> =
        patient.own.credentials().iter().filter_map(|it| decoded(it)).collect();
    let mut pairs = known.iter().filter_map(|known| known.split_once(':'));
    let (message, hint) = pairs.find_map(|(known_user, known_password)| {
        match (user == known_user, password == known_password) {
            (true, false) => {
                Some(("the user name is right and the password is not", "enter it anew"))
            }
            (false, true) => Some((
                "the password is right and the user name is not",
                "compare it with `username` in `[auth]`",
            )),
            _ => None,
        }
    })?;
    Some(cause("credential_wrong", message).with_hint(hint))
}

fn decoded(credential: &str) -> Option<String> {
    let encoded = credential.split_once(' ').map_or(credential, |(_, rest)| rest.trim());
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
}

/// The credential of another source, in the place of this one's.
fn another_source(patient: &Patient<'_>) -> Option<Cause> {
    let given = value(patient.request, patient.own.carrier()?)?;
    let (name, _) = patient
        .others
        .iter()
        .find(|(_, other)| other.credentials().iter().any(|known| known == given))?;
    let message = format!("the credential is that of the source `{name}`");
    Some(
        Cause { source: Some(name.clone()), ..cause("secret_of_another_source", message) }
            .with_hint("the two are mixed up at the sender or here"),
    )
}
