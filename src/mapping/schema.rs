//! The JSON Schema of mapping files: what lets an editor complete their keys and words, and mark
//! what their shape forbids while they are typed.
//!
//! It is made of the tables that the parser reads by, so that the two can't part; a test gives
//! every faulty file to both. It is draft 7, which is what editors of TOML have in common, and
//! refers to no other document.
//!
//! Forms nest, and a definition that refers to itself would be the natural way to say so. But not
//! every editor follows a definition into itself, and one that doesn't refuses good files. So each
//! depth has its own definitions, down to the deepest that the parser reads.
//!
//! Absent here: what only the parser can tell, such as the syntax of queries and names that are
//! used twice. The schema is never stricter than the parser.

mod declaration;
mod fields;
mod form;
mod limits;
mod parts;
mod rules;

use super::file;
use crate::model::CUSTOM;
use parts::{described, list, merged, nonblank, table};
use serde_json::{Value, json};

/// What the schema says of a provider.
#[derive(Clone, Debug)]
pub struct ProviderWords<'a> {
    pub name: &'a str,
    pub title: &'a str,
    /// The ways to authenticate that `[auth]` can choose from.
    pub auth_methods: Vec<&'a str>,
}

/// The schema, for mapping files of these providers.
pub fn schema(providers: &[ProviderWords<'_>]) -> Value {
    let file = table(&file::KEYS, &["provider"], |key| key_of_file(key, providers));
    // Learning clicks for the leads of another source is enough to do.
    let some_rule = json!({ "anyOf": [{ "required": ["lead"] }, { "required": ["click"] }] });
    let file = described(
        "One source: `NAME.toml` serves `POST /webhooks/NAME`. It says who sends, how the sender \
         is known, and what becomes of an event.",
        file,
    );
    let head = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "leadhook mapping file",
    });
    let declared = declaration::where_they_belong();
    [file, some_rule, declared, json!({ "definitions": form::definitions() })]
        .into_iter()
        .fold(head, merged)
}

fn key_of_file(key: &str, providers: &[ProviderWords<'_>]) -> Value {
    match key {
        "format" => described(
            "The version of the format; without it, this one.",
            json!({ "type": "integer", "enum": [1] }),
        ),
        "provider" => provider(providers),
        "secrets" => secrets(),
        "auth" => auth(providers),
        "limits" => limits::limits(),
        "lead" => rules::leads(),
        "click" => rules::clicks(),
        "case" => rules::cases(),
        _ => declaration::key(key),
    }
}

fn provider(providers: &[ProviderWords<'_>]) -> Value {
    let known = providers.iter().map(|provider| (provider.name, provider.title));
    let (names, titles): (Vec<_>, Vec<_>) =
        known.chain([(CUSTOM, "any other, which this file declares")]).unzip();
    let listed: Vec<_> =
        names.iter().zip(&titles).map(|(name, title)| format!("`{name}`: {title}")).collect();
    described(
        &format!("Who sends, and so how requests are verified. {}.", listed.join(", ")),
        json!({
            "type": "string",
            "enum": names,
            "x-taplo": { "docs": { "enumValues": titles } },
        }),
    )
}

fn secrets() -> Value {
    let secret = json!({
        "type": "string",
        "pattern": r"^(env:[A-Za-z_][A-Za-z0-9_]*$|file:[\s\S]*\S)",
        "examples": ["env:CLERK_WEBHOOK_SECRET", "file:/run/secrets/clerk"],
    });
    described(
        "Where the secrets are that requests are verified with: `env:NAME` is an environment \
         variable, `file:PATH` a file. Any one of them may match, so that a secret can be \
         rotated. A secret itself never stands here.",
        list(1, file::SECRETS_MAX, secret),
    )
}

fn auth(providers: &[ProviderWords<'_>]) -> Value {
    let mut methods: Vec<_> =
        providers.iter().flat_map(|provider| provider.auth_methods.iter().copied()).collect();
    methods.sort_unstable();
    methods.dedup();
    let auth = table(&file::AUTH_KEYS, &[], |key| match key {
        "method" => described(
            "The way to authenticate. Without it, the provider's first.",
            json!({ "type": "string", "enum": methods }),
        ),
        "header" => described(
            "The header that carries the credential, where the provider lets you choose one.",
            nonblank(),
        ),
        "query" => {
            described("The parameter of the URL that carries the credential, likewise.", nonblank())
        }
        "jwks_url" => described(
            "Where the provider publishes the keys that it signs with: a URL, or `env:NAME`.",
            nonblank(),
        ),
        "issuer" => {
            described("What tokens must claim as `iss`: a text, or `env:NAME`.", nonblank())
        }
        "audience" => {
            described("What tokens must claim as `aud`: a text, or `env:NAME`.", nonblank())
        }
        "verify_token" => described(
            "The token of your choice that the provider shows in its handshake: `env:NAME` or \
             `file:PATH`.",
            nonblank(),
        ),
        "username" => described(
            "The user name of Basic authentication; the secret is then the password alone. \
             Without it, the secret is `user:password`.",
            json!({ "type": "string" }),
        ),
        _ => json!({}),
    });
    described("How requests prove their sender, where the provider offers several ways.", auth)
}
