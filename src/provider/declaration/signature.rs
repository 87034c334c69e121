//! The `[signature]` table: how requests prove their sender.

use super::lower;
use super::section::{Faults, Found, Section};
use crate::diagnostic::Code;
use crate::provider::scheme::{
    BasicScheme, BodyHash, Carrier, Encoding, Freshness, Hash, JwtScheme, KeyEncoding, KeysFrom,
    Part, Proof, Scheme, SignatureScheme, Template, TokenPlace, TokenScheme, Unit,
};
use crate::provider::token_text::InBody;
use jsonwebtoken::{Algorithm, AlgorithmFamily};

/// Half a day: more would be no protection.
const TOLERANCE_SECONDS_MAX: i64 = 43_200;
const TOLERANCE_SECONDS: i64 = 300;
/// How far the clocks of those who make tokens are off.
const LEEWAY_SECONDS: i64 = 60;

const ENCODINGS: [(&str, Encoding); 2] = [("hex", Encoding::Hex), ("base64", Encoding::Base64)];

/// The kinds of proof; each is a module below `scheme`.
#[derive(Clone, Copy)]
enum Kind {
    Hmac,
    Hash,
    Ed25519,
    Token,
    Basic,
    Jwt,
}

/// `None` only where a fault was noted.
pub(super) fn read(mut table: Section<'_>, faults: &mut Faults) -> Option<Scheme> {
    let kinds = [
        ("hmac", Kind::Hmac),
        ("hash", Kind::Hash),
        ("ed25519", Kind::Ed25519),
        ("token", Kind::Token),
        ("basic", Kind::Basic),
        ("jwt", Kind::Jwt),
    ];
    let scheme = match table.required_choice("kind", &kinds, faults)? {
        kind @ (Kind::Hmac | Kind::Hash | Kind::Ed25519) => {
            signature(&mut table, kind, faults).map(Scheme::Signature)
        }
        Kind::Token => token(&mut table, faults).map(Scheme::Token),
        Kind::Basic => Some(Scheme::Basic(BasicScheme {
            header: lower(table.string("header", faults))
                .unwrap_or_else(|| "authorization".to_owned()),
        })),
        Kind::Jwt => jwt(&mut table, faults).map(Scheme::Jwt),
    };
    table.close(faults);
    scheme
}

fn signature(table: &mut Section<'_>, kind: Kind, faults: &mut Faults) -> Option<SignatureScheme> {
    let hashes = [("sha1", Hash::Sha1), ("sha256", Hash::Sha256), ("sha512", Hash::Sha512)];
    let proof = match kind {
        Kind::Ed25519 => Some(Proof::Ed25519),
        Kind::Hash => table.required_choice("algorithm", &hashes, faults).map(Proof::Hash),
        _ => table.required_choice("algorithm", &hashes, faults).map(Proof::Hmac),
    };
    let header = lower(table.required_string("header", faults));
    let separator = table.string("separator", faults);
    let prefix = table.string("prefix", faults);
    let encoding = table.required_choice("encoding", &ENCODINGS, faults);
    let signed = signed(table, kind, faults);
    let freshness = freshness(table, signed.as_ref(), faults);
    let secret_prefixes = table.strings("secret_prefix", faults);
    let secret_encoding = secret_encoding(table, faults).unwrap_or(match kind {
        Kind::Ed25519 => KeyEncoding::Base64,
        _ => KeyEncoding::Utf8,
    });
    Some(SignatureScheme {
        proof: proof?,
        header: header?,
        separator: separator.map(|found| found.value).filter(|text| !text.is_empty()),
        prefix: prefix.map(|found| found.value).unwrap_or_default(),
        encoding: encoding?,
        signed: signed?,
        freshness,
        secret_prefixes,
        secret_encoding,
    })
}

/// The text that is signed. A plain hash proves nothing unless the secret is in it, and nowhere
/// else has the secret any business.
fn signed(table: &mut Section<'_>, kind: Kind, faults: &mut Faults) -> Option<Template> {
    let Some(found) = table.string("signed", faults) else {
        return match kind {
            Kind::Hash => faults.missing("signed", table.span()),
            _ => Template::parse("{body}").ok(),
        };
    };
    let signed = template(&found, faults)?;
    match (kind, signed.has(&Part::Secret)) {
        (Kind::Hash, false) => {
            let message = "a hash without {secret} could be made by anybody";
            faults.add(Code::ValueInvalid, found.span, message)
        }
        (Kind::Hmac | Kind::Ed25519, true) => {
            let message = "{secret} is the key here, not a part of what is signed";
            faults.add(Code::ValueInvalid, found.span, message)
        }
        _ => Some(signed),
    }
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
    let [at @ (Part::Header(_) | Part::Item(_) | Part::Query(_))] = template.parts() else {
        let message = "a timestamp is one placeholder, {header:NAME}, {query:NAME} or {sig:KEY}";
        return faults.add(Code::ValueInvalid, timestamp.span, message);
    };
    if signed.is_some_and(|signed| !signed.has(at)) {
        let message = "the timestamp is not part of `signed`: anybody could renew it";
        return faults.add(Code::ValueInvalid, timestamp.span, message);
    }
    let tolerance_seconds = tolerance.unwrap_or(TOLERANCE_SECONDS);
    Some(Freshness { at: at.clone(), unit, tolerance_seconds })
}

fn template(found: &Found<String>, faults: &mut Faults) -> Option<Template> {
    match Template::parse(&found.value) {
        Ok(template) => Some(template),
        Err(message) => faults.add(Code::ValueInvalid, found.span.clone(), message),
    }
}

fn secret_encoding(table: &mut Section<'_>, faults: &mut Faults) -> Option<KeyEncoding> {
    let encodings =
        [("utf8", KeyEncoding::Utf8), ("hex", KeyEncoding::Hex), ("base64", KeyEncoding::Base64)];
    table.choice("secret_encoding", &encodings, faults)
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

fn jwt(table: &mut Section<'_>, faults: &mut Faults) -> Option<JwtScheme> {
    let place = token_place(table, faults);
    let algorithms = algorithms(table, faults);
    let keys = keys(table, algorithms.as_deref(), faults);
    let issuer = table.string("issuer", faults);
    let audience = table.string("audience", faults);
    let body_hash = body_hash(table, faults);
    let required_claims = table.strings("required_claims", faults);
    let leeway = table.integer("tolerance", 1..=TOLERANCE_SECONDS_MAX, faults);
    let secret_prefixes = table.strings("secret_prefix", faults);
    let secret_encoding = secret_encoding(table, faults).unwrap_or(KeyEncoding::Utf8);
    let place = place?;
    if let (TokenPlace::Body(_), Some(_)) = (&place, &body_hash) {
        let message = "a token that is the body can't hold a hash of the body";
        return faults.add(Code::ValueInvalid, table.span(), message);
    }
    Some(JwtScheme {
        place,
        algorithms: algorithms?,
        keys: keys?,
        issuer: issuer.map(|found| found.value),
        audience: audience.map(|found| found.value),
        body_hash,
        required_claims,
        leeway_seconds: leeway.unwrap_or(LEEWAY_SECONDS),
        secret_prefixes,
        secret_encoding,
    })
}

fn token_place(table: &mut Section<'_>, faults: &mut Faults) -> Option<TokenPlace> {
    let header = table.string("header", faults);
    let prefix = table.string("prefix", faults).map(|found| found.value).unwrap_or_default();
    let source = table.string("source", faults);
    match (header, source) {
        (Some(header), None) => {
            Some(TokenPlace::Header { name: header.value.to_ascii_lowercase(), prefix })
        }
        (None, Some(source)) => match InBody::parse(&source.value) {
            Ok(place) => Some(TokenPlace::Body(place)),
            Err(message) => faults.add(Code::ValueInvalid, source.span, message),
        },
        (None, None) => {
            let message = "`header` or `source` says where the token is";
            faults.add(Code::KeyMissing, table.span(), message)
        }
        (Some(_), Some(source)) => {
            let message = "the token is either in a header or in the body";
            faults.add(Code::ValueInvalid, source.span, message)
        }
    }
}

/// All of one family, so that no key is ever used for another kind of algorithm than its own.
fn algorithms(table: &mut Section<'_>, faults: &mut Faults) -> Option<Vec<Algorithm>> {
    let found = table.found_strings("algorithms", faults);
    if found.is_empty() {
        return faults.missing("algorithms", table.span());
    }
    let mut algorithms: Vec<Algorithm> = Vec::new();
    for name in found {
        let Ok(algorithm) = name.value.parse::<Algorithm>() else {
            let message = "algorithms are HS256, RS256, PS256, ES256, EdDSA and the like";
            return faults.add(Code::ValueInvalid, name.span, message);
        };
        if algorithms.iter().any(|other| other.family() != algorithm.family()) {
            let message = "algorithms of different kinds of keys can't be mixed";
            return faults.add(Code::ValueInvalid, name.span, message);
        }
        algorithms.push(algorithm);
    }
    Some(algorithms)
}

fn keys(
    table: &mut Section<'_>,
    algorithms: Option<&[Algorithm]>,
    faults: &mut Faults,
) -> Option<KeysFrom> {
    let choices = [("secret", false), ("jwks", true)];
    let from_set = table.required_choice("keys", &choices, faults);
    let url = table.string("jwks_url", faults).map(|found| found.value);
    let from_set = from_set?;
    let symmetric = algorithms?.iter().all(|it| it.family() == AlgorithmFamily::Hmac);
    if from_set == symmetric {
        let message = if symmetric {
            "HS algorithms take a shared secret: `keys = \"secret\"`"
        } else {
            "public keys come from a key set: `keys = \"jwks\"`"
        };
        return faults.add(Code::ValueInvalid, table.span(), message);
    }
    Some(if from_set { KeysFrom::Set(url) } else { KeysFrom::Secrets })
}

fn body_hash(table: &mut Section<'_>, faults: &mut Faults) -> Option<BodyHash> {
    let claim = table.string("body_hash_claim", faults);
    let encoding = table.choice("body_hash_encoding", &ENCODINGS, faults);
    Some(BodyHash { claim: claim?.value, encoding: encoding.unwrap_or(Encoding::Hex) })
}
