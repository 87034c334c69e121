//! `title`, `[signature]`, `[event]`, `[handshake]` and `[response]`, for editors: how a file
//! declares a sender of its own.
//!
//! What they mean, only `provider` knows, which this module does not use; a test gives declarations
//! of every kind to both.

use super::super::file::DECLARATION;
use super::parts::{described, merged, nonblank, table};
use crate::diagnostic::Code;
use crate::model::{CUSTOM, UNPROVED};
use serde_json::{Value, json};

/// One of the tables that declare a sender.
pub(super) fn key(key: &str) -> Value {
    match key {
        "title" => described("What messages call the sender.", json!({ "type": "string" })),
        "signature" => signature(),
        "event" => event(),
        "handshake" => described(
            "What the sender asks before it sends events, and the answer. Several: \
             `[[handshake]]`.",
            one_or_several(&handshake()),
        ),
        "response" => described(
            "What the sender gets for events that were stored.",
            table(&["status"], &[], |_| {
                described(
                    "The status, 200 unless said.",
                    json!({ "type": "integer", "minimum": 200, "maximum": 299 }),
                )
            }),
        ),
        _ => json!({}),
    }
}

/// Custom files have the tables, and no other file has.
pub(super) fn where_they_belong() -> Value {
    let nowhere: serde_json::Map<_, _> =
        DECLARATION.iter().map(|key| ((*key).to_owned(), json!(false))).collect();
    json!({ "allOf": [{
        "if": { "properties": { "provider": { "const": CUSTOM } } },
        "then": { "required": ["signature", "event"] },
        "else": { "properties": nowhere },
    }] })
}

/// A kind of proof: what must be said of it, and what else can.
struct Kind {
    name: &'static str,
    required: &'static [&'static str],
    others: &'static [&'static str],
}

const KINDS: [Kind; 6] = [
    Kind { name: "hmac", required: &["algorithm", "header", "encoding"], others: &SIGNED },
    Kind {
        name: "hash",
        required: &["algorithm", "header", "encoding", "signed"],
        others: &SIGNED,
    },
    Kind { name: "ed25519", required: &["header", "encoding"], others: &SIGNED },
    Kind { name: "token", required: &[], others: &["header", "query", "prefix"] },
    Kind { name: "basic", required: &[], others: &["header"] },
    Kind { name: "jwt", required: &["algorithms", "keys"], others: &TOKEN },
];
const SIGNED: [&str; 8] = [
    "separator",
    "prefix",
    "signed",
    "timestamp",
    "timestamp_unit",
    "tolerance",
    "secret_prefix",
    "secret_encoding",
];
const TOKEN: [&str; 12] = [
    "header",
    "prefix",
    "source",
    "jwks_url",
    "issuer",
    "audience",
    "body_hash_claim",
    "body_hash_encoding",
    "required_claims",
    "tolerance",
    "secret_prefix",
    "secret_encoding",
];

fn signature() -> Value {
    let mut keys = vec!["kind", "vector"];
    keys.extend(KINDS.iter().flat_map(|kind| kind.required.iter().chain(kind.others)));
    keys.sort_unstable();
    keys.dedup();
    let of_kind = |kind: &Kind| {
        let allowed = [&["kind", "vector"], kind.required, kind.others].concat();
        json!({
            "if": { "properties": { "kind": { "const": kind.name } }, "required": ["kind"] },
            "then": { "required": kind.required, "propertyNames": { "enum": allowed } },
        })
    };
    let kinds: Vec<_> = KINDS.iter().map(of_kind).collect();
    described(
        "How a request proves who sent it.",
        merged(table(&keys, &["kind"], key_of_signature), json!({ "allOf": kinds })),
    )
}

fn key_of_signature(key: &str) -> Value {
    let (text, schema) = match key {
        "kind" => (
            "The kind of proof: a keyed hash, a hash with the secret in it, a signature by a \
             private key, a text that the sender shows, user name and password, or a token.",
            json!({ "enum": KINDS.map(|kind| kind.name) }),
        ),
        "algorithm" => ("The hash.", json!({ "enum": ["sha1", "sha256", "sha512"] })),
        "header" => ("The header that carries the proof.", anything()),
        "separator" => ("What separates the items of the header, if it is a list.", anything()),
        "prefix" => ("What stands before the signature or token.", anything()),
        "encoding" => ("How the signature is written.", json!({ "enum": ["hex", "base64"] })),
        "signed" => (
            "What is signed: `{body}` unless said. Others are `{header:NAME}`, `{sig:KEY}`, \
             `{query:NAME}`, `{method}`, `{url}` and, in a hash, `{secret}`.",
            anything(),
        ),
        "timestamp" => (
            "Where the time of signing is: one of the placeholders in `signed`.",
            json!({ "type": "string", "pattern": r"^\{(header|query|sig):[\s\S]+\}$" }),
        ),
        "timestamp_unit" => {
            ("Seconds, unless said, or milliseconds.", json!({ "enum": ["s", "ms"] }))
        }
        "tolerance" => (
            "How many seconds the time may be off.",
            json!({ "type": "integer", "minimum": 1, "maximum": 43_200 }),
        ),
        "secret_prefix" => ("What is cut off the secret, if it begins so.", texts()),
        "secret_encoding" => {
            ("How the secret is written.", json!({ "enum": ["utf8", "hex", "base64"] }))
        }
        "query" => ("The parameter of the URL that carries the token.", anything()),
        "source" => (
            "Where in the body the token is: `body`, or a query for a field.",
            json!({ "type": "string", "examples": ["body", "$.token"] }),
        ),
        "algorithms" => (
            "The algorithms that are believed, all for one kind of key.",
            texts_of(json!({ "enum": [
                "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                "ES256", "ES384", "EdDSA",
            ] })),
        ),
        "keys" => (
            "Where keys come from: the `secrets`, or a published set.",
            json!({ "enum": ["secret", "jwks"] }),
        ),
        "jwks_url" => ("Where the set of keys is published.", anything()),
        "issuer" => ("What tokens must claim as `iss`.", anything()),
        "audience" => ("What tokens must claim as `aud`, or among others.", anything()),
        "body_hash_claim" => ("The claim that holds the SHA-256 of the body.", anything()),
        "body_hash_encoding" => ("How that is written.", json!({ "enum": ["hex", "base64"] })),
        "required_claims" => ("The claims that a token must have.", texts()),
        "vector" => (
            "Requests whose verdict is known. They are checked at every check and start.",
            one_or_several(&vector()),
        ),
        _ => return json!({}),
    };
    described(text, schema)
}

fn vector() -> Value {
    const KEYS: [&str; 9] =
        ["name", "secret", "at", "method", "url", "headers", "body", "body_base64", "expected"];
    let verdicts: Vec<_> = ["valid"].into_iter().chain(UNPROVED.map(Code::name)).collect();
    let vector = table(&KEYS, &["expected"], |key| {
        let (text, schema) = match key {
            "name" => ("What messages call it.", anything()),
            "secret" => (
                "A secret of no worth, for this vector alone. Never a real one. Without it, those \
                 of the source are taken.",
                anything(),
            ),
            "at" => (
                "When the request comes, as in `2026-01-01T00:00:00Z`.",
                json!({ "type": "string", "pattern": r"^[0-9+-]" }),
            ),
            "method" => ("The method, `POST` unless said.", anything()),
            "url" => (
                "What is called: an address, or its path and query.",
                json!({ "type": "string", "pattern": "^(/|https?://)" }),
            ),
            "headers" => (
                "The headers.",
                json!({ "type": "object", "additionalProperties": { "type": "string" } }),
            ),
            "body" => ("The body, byte for byte.", anything()),
            "body_base64" => (
                "The body in base64.",
                json!({ "type": "string", "pattern": "^[A-Za-z0-9+/]*={0,2}$" }),
            ),
            "expected" => ("`valid`, or why it is refused.", json!({ "enum": verdicts })),
            _ => return json!({}),
        };
        described(text, schema)
    });
    merged(vector, json!({ "not": { "required": ["body", "body_base64"] } }))
}

fn event() -> Value {
    const KEYS: [&str; 7] = ["format", "json_fields", "batch", "id", "type", "types", "open"];
    let event = table(&KEYS, &[], |key| {
        let (text, schema) = match key {
            "format" => (
                "How bodies are written, `json` unless said. Of several, the content type chooses.",
                texts_of(
                    json!({ "enum": ["json", "json-lines", "urlencoded", "multipart", "jwt"] }),
                ),
            ),
            "json_fields" => ("Queries for texts that hold JSON, which is put in place.", texts()),
            "batch" => (
                "A query for the events of a body; without it, the body is one.",
                json!({ "type": "string", "examples": ["$.events"] }),
            ),
            "id" => ("What names an event, so that it is known again.", named_by()),
            "type" => ("What `on` compares.", named_by()),
            "types" => ("The types that there are, if all are known.", texts()),
            "open" => ("Queries for objects whose members are the users' own.", texts()),
            _ => return json!({}),
        };
        described(text, schema)
    });
    described("Where the events of a request are, and what names them.", event)
}

/// A place, the first of several, or several that are joined.
fn named_by() -> Value {
    let header = |_: &str| described("The header that has it.", text());
    let claim = |_: &str| described("The claim of the token that has it.", text());
    let place = json!({ "anyOf": [
        nonblank(),
        table(&["header"], &["header"], header),
        table(&["claim"], &["claim"], claim),
    ] });
    let places = || json!({ "type": "array", "minItems": 1, "items": place });
    let first = |_: &str| described("The first of these that is there.", places());
    let join = |key: &str| match key {
        "join" => described("All of these, which must be there.", places()),
        _ => described("What stands between them.", text()),
    };
    json!({ "anyOf": [
        place,
        table(&["first"], &["first"], first),
        table(&["join", "with"], &["join", "with"], join),
    ] })
}

fn handshake() -> Value {
    const KEYS: [&str; 7] =
        ["method", "present", "when", "verify", "token", "respond_text", "respond_json"];
    let handshake = table(&KEYS, &["method"], |key| {
        let (text, schema) = match key {
            "method" => ("The method of the request.", json!({ "enum": ["GET", "HEAD", "POST"] })),
            "present" => (
                "What tells it from events, as `{query:hub.challenge}`: it must be there.",
                anything(),
            ),
            "when" => ("A condition on the JSON of the body.", nonblank()),
            "verify" => (
                "Whether it must prove itself like any request. By POST it must, unless said.",
                json!({ "type": "boolean" }),
            ),
            "token" => {
                ("Where it repeats the text that `verify_token` of `[auth]` names.", anything())
            }
            "respond_text" => (
                "The answer: `{query:NAME}`, `{header:NAME}`, `{json:QUERY}` and \
                 `{hmac-sha256:QUERY}` are what the request has there.",
                anything(),
            ),
            "respond_json" => (
                "The answer as an object of such texts.",
                json!({ "type": "object", "additionalProperties": { "type": "string" } }),
            ),
            _ => return json!({}),
        };
        described(text, schema)
    });
    let answer = json!({ "not": { "required": ["respond_text", "respond_json"] } });
    let told = json!({
        "if": { "properties": { "method": { "const": "POST" } } },
        "then": { "anyOf": [{ "required": ["present"] }, { "required": ["when"] }] },
    });
    [answer, told].into_iter().fold(handshake, merged)
}

/// A text that is not empty.
fn text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn anything() -> Value {
    json!({ "type": "string" })
}

/// One text or several.
fn texts() -> Value {
    texts_of(anything())
}

fn texts_of(one: Value) -> Value {
    json!({ "anyOf": [one, { "type": "array", "items": one }] })
}

/// A table, or a list of such.
fn one_or_several(table: &Value) -> Value {
    json!({ "anyOf": [table, { "type": "array", "items": table }] })
}
