//! The top level of a mapping file.

use super::click::{self, ClickRule};
use super::faults::Faults;
use super::rule::{self, Rule};
use super::table::{self, Node, Table};
use super::{
    Auth, Mapping, MappingFile, SecretReference, Setting, Spanned, case, limits, syntax, version,
};
use crate::diagnostic::{Code, Diagnostic, SourceText, SyntaxFault, nearest, syntax_faults};
use crate::model::{CUSTOM, DestinationName};
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

const FILE_BYTES_MAX: usize = 256 * 1024;
pub(super) const RULES_MAX: usize = 64;
pub(super) const SECRETS_MAX: usize = 8;
const FORMAT: &str = "1";

/// What declares a sender that the catalogue doesn't know, and stands in such files alone.
pub(super) const DECLARATION: [&str; 5] = ["title", "signature", "event", "handshake", "response"];
/// The tables that declare a sender at least, for what, and what may stand in them.
const SMALLEST: [(&str, &str, &str); 2] = [
    (
        "signature",
        "how a request proves who sent it",
        "[signature]\nkind = \"hmac\"\nalgorithm = \"sha256\"\nheader = \"x-signature\"\n\
         encoding = \"hex\"",
    ),
    ("event", "where the events of a request are", "[event]\nid = \"$.id\"\ntype = \"$.type\""),
];
pub(super) const KEYS: [&str; 13] = [
    "format",
    "provider",
    "title",
    "secrets",
    "auth",
    "limits",
    "lead",
    "case",
    "click",
    "signature",
    "event",
    "handshake",
    "response",
];
/// The keys of `[auth]`.
pub(super) const AUTH_KEYS: [&str; 8] =
    ["method", "header", "query", "username", "jwks_url", "issuer", "audience", "verify_token"];

/// Reads what can be read of a mapping file; see [`super::parse_leniently`].
pub(super) fn read(
    text: &Arc<SourceText>,
    raw: &str,
    destinations: &[DestinationName],
) -> (Option<MappingFile>, Vec<Diagnostic>) {
    let mut faults = Faults::new(text, raw);
    if raw.len() > FILE_BYTES_MAX {
        let message = format!("the file is larger than {FILE_BYTES_MAX} bytes");
        faults.error(Code::ValueInvalid, &(0..0), message);
        return (None, faults.into_sorted());
    }
    let (toml, errors) = DeTable::parse_recoverable(raw);
    if errors.is_empty() && toml.get_ref().is_empty() {
        let hint = "a mapping file names a `provider` and its `secrets`, and has a `[[lead]]`";
        faults.hinted(Code::KeyMissing, &(0..0), "the file says nothing", hint.to_owned());
        return (None, faults.into_sorted());
    }
    let mut file = top_level(toml.get_ref(), toml.span(), destinations, &mut faults);
    faults.drop_consequences();
    if !errors.is_empty() {
        let broken: Vec<_> = errors.iter().filter_map(toml::de::Error::span).collect();
        faults.keep_independent_of(&broken);
        for fault in syntax_faults(raw) {
            // What is quoted in a hint must not be a secret, so it is taken from the masked text.
            let SyntaxFault { span, message, hint } = syntax::explain(text.quotable(), fault);
            faults.hinted(Code::TomlSyntax, &span, message, hint);
        }
        // What else such a file seems to say may be a consequence of its faults.
        file = None;
    }
    (file, faults.into_sorted())
}

fn top_level(
    entries: &DeTable<'_>,
    span: Range<usize>,
    destinations: &[DestinationName],
    faults: &mut Faults<'_>,
) -> Option<MappingFile> {
    let table = Table::open(entries, span);
    unknown_keys(&table, faults);
    format(&table, faults);
    let provider = table.required_text("provider", "the file", faults);
    if let Some(provider) = &provider {
        declaration(&table, &provider.value, faults);
    }
    let secrets = secrets(&table, faults);
    let auth = auth(&table, faults);
    let limits = limits::read(&table, faults);
    let rules = rules(&table, destinations, faults);
    let clicks = clicks(&table, faults);
    let cases = case::read_all(&table, &rule_names(&table), faults);
    let provider = provider?;
    // That they are elsewhere has been told: nobody should hear that there are none.
    let secrets = secrets.or_else(|| faults.has_elsewhere("secrets", &table.span).then(Vec::new));
    // What is wrong with a literal has been told.
    let version = version::version(&provider.value, &table, &mut faults.scratch());
    let rule_versions = version::of_rules(&table, &mut faults.scratch());
    let mapping = Arc::new(Mapping { version, rule_versions, rules, clicks });
    Some(MappingFile { provider, secrets, auth, limits, mapping, cases })
}

fn unknown_keys(table: &Table<'_>, faults: &mut Faults<'_>) {
    let body = if table.has("body") { &["body"][..] } else { &[] };
    table.only_known(&[&KEYS, body].concat(), "a mapping file", faults);
    if table.has("body") {
        let hint = "write `[lead.body]`".to_owned();
        let message = "a `body` belongs to a rule";
        faults.hinted(Code::KeyUnknown, &table.key_span("body"), message, hint);
        faults.misplaced("body");
    }
}

/// Whether the tables that declare a sender are there where they belong, and nowhere else. What
/// they say is not looked at here.
fn declaration(table: &Table<'_>, provider: &str, faults: &mut Faults<'_>) {
    if provider == CUSTOM {
        for (key, what, smallest) in SMALLEST {
            if !table.has(key) {
                let message = format!("the file does not say {what}: it has no `[{key}]`");
                faults.absent(key, &(0..0), message, format!("add a table:\n{smallest}"));
            }
        }
        return;
    }
    // Of a misspelt provider, that is told.
    if nearest(provider, [CUSTOM]).is_some() {
        return;
    }
    for key in DECLARATION.into_iter().filter(|key| table.has(key)) {
        let message = format!("`{key}` declares a sender, and `{provider}` is known already");
        let hint = format!("remove it; or declare all of the sender: `provider = \"{CUSTOM}\"`");
        faults.hinted(Code::KeyUnknown, &table.key_span(key), message, hint);
    }
}

fn format(table: &Table<'_>, faults: &mut Faults<'_>) {
    let Some(node) = table.get("format") else { return };
    match node.get_ref() {
        DeValue::Integer(format) if format.as_str() == FORMAT => {}
        DeValue::Integer(_) => {
            let message = format!("this version reads format {FORMAT} only");
            faults.error(Code::NotSupported, &node.span(), message);
        }
        _ => table::wrong_type(node, "`format`", "the number 1", faults),
    }
}

fn secrets(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Vec<Spanned<SecretReference>>> {
    // Whether the provider needs any, the file alone can't tell.
    let node = table.get("secrets")?;
    let Some(items) = table::array(node, "`secrets`", faults) else { return Some(Vec::new()) };
    if !(1..=SECRETS_MAX).contains(&items.len()) {
        let message = format!("`secrets` names 1 to {SECRETS_MAX} secrets");
        let hint = "as in [\"env:CLERK_WEBHOOK_SECRET\"]".to_owned();
        faults.hinted(Code::ValueInvalid, &node.span(), message, hint);
    }
    Some(items.iter().filter_map(|item| secret(item, faults)).collect())
}

/// A fault here says nothing of what was written: it may be the secret itself.
fn secret(node: &Node<'_>, faults: &mut Faults<'_>) -> Option<Spanned<SecretReference>> {
    let text = match node.get_ref() {
        DeValue::String(text) => &**text,
        _ => "",
    };
    let variable = text.strip_prefix("env:").filter(|name| is_variable(name));
    let path = text.strip_prefix("file:").filter(|path| !path.trim().is_empty());
    let reference = variable
        .map(|name| SecretReference::Environment(name.to_owned()))
        .or_else(|| path.map(|path| SecretReference::File(path.to_owned())));
    let Some(value) = reference else {
        let (message, hint) = match text.trim_end() {
            "env:" => ("`env:` names no variable", "as in \"env:CLERK_WEBHOOK_SECRET\""),
            "file:" => ("`file:` names no file", "as in \"file:/run/secrets/clerk\""),
            _ => (
                "a secret is named here, never written down",
                "put it into an environment variable and write \"env:NAME\", or into a file and \
                 write \"file:PATH\"",
            ),
        };
        faults.hinted(Code::SecretReference, &node.span(), message, hint.to_owned());
        return None;
    };
    Some(Spanned { value, span: node.span() })
}

fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn auth(table: &Table<'_>, faults: &mut Faults<'_>) -> Auth {
    let Some(node) = table.get("auth") else { return Auth::default() };
    let Some((entries, span)) = table::table(node, "`auth`", faults) else {
        return Auth::default();
    };
    let auth = Table::of_known(entries, span, "`[auth]`", &AUTH_KEYS, faults);
    Auth {
        method: auth.text("method", faults),
        header: auth.text("header", faults),
        query: auth.text("query", faults),
        username: auth.text("username", faults),
        jwks_url: setting(&auth, "jwks_url", faults),
        issuer: setting(&auth, "issuer", faults),
        audience: setting(&auth, "audience", faults),
        verify_token: auth.get("verify_token").and_then(|node| secret(node, faults)),
    }
}

/// A text, or the variable that has it.
fn setting(table: &Table<'_>, key: &str, faults: &mut Faults<'_>) -> Option<Spanned<Setting>> {
    let Spanned { value, span } = table.text(key, faults)?;
    let value = match value.strip_prefix("env:") {
        Some(name) if is_variable(name) => Setting::Environment(name.to_owned()),
        Some(_) => {
            let hint = "as in \"env:KINDE_JWKS_URL\"".to_owned();
            faults.hinted(Code::ValueInvalid, &span, "`env:` names no variable", hint);
            return None;
        }
        None => Setting::Text(value),
    };
    Some(Spanned { value, span })
}

fn rules(
    table: &Table<'_>,
    destinations: &[DestinationName],
    faults: &mut Faults<'_>,
) -> Vec<Rule> {
    if !table.has("lead") && !table.has("click") {
        let message = "the file has no rule: nothing would ever become a lead";
        faults.hinted(Code::KeyMissing, &(0..0), message, "add a `[[lead]]`".to_owned());
    }
    let items = list_of_rules(table, "lead", faults);
    names_are_unique(items.iter().copied(), "rule", faults);
    items.into_iter().filter_map(|item| rule::read(item, destinations, faults)).collect()
}

fn clicks(table: &Table<'_>, faults: &mut Faults<'_>) -> Vec<ClickRule> {
    let items = list_of_rules(table, "click", faults);
    items.into_iter().filter_map(|item| click::read(item, faults)).collect()
}

/// The rules under `key`; none where there is no such key.
fn list_of_rules<'t>(table: &Table<'t>, key: &str, faults: &mut Faults<'_>) -> Vec<&'t Node<'t>> {
    let Some(node) = table.get(key) else { return Vec::new() };
    let DeValue::Array(items) = node.get_ref() else {
        let message = format!("`{key}` is a list of rules");
        let hint = format!("write `[[{key}]]`, with two brackets");
        faults.hinted(Code::ValueWrongType, &node.span(), message, hint);
        return Vec::new();
    };
    if !(1..=RULES_MAX).contains(&items.len()) {
        let message = format!("a file has 1 to {RULES_MAX} rules of a kind");
        faults.error(Code::ValueInvalid, &node.span(), message);
        return Vec::new();
    }
    items.iter().collect()
}

/// The names of all rules, also of those that can't be read.
fn rule_names<'t>(table: &Table<'t>) -> Vec<&'t str> {
    let Some(DeValue::Array(items)) = table.get("lead").map(|node| node.get_ref()) else {
        return Vec::new();
    };
    let name = |item: &'t Node<'t>| item.get_ref().get("name")?.get_ref().as_str();
    items.iter().filter_map(name).collect()
}

/// Reports every `name` that an earlier table of the list has.
pub(super) fn names_are_unique<'t>(
    items: impl Iterator<Item = &'t Node<'t>>,
    what: &str,
    faults: &mut Faults<'_>,
) {
    let mut taken = Vec::new();
    for item in items {
        let DeValue::Table(entries) = item.get_ref() else { continue };
        let Some(node) = entries.get("name") else { continue };
        let DeValue::String(name) = node.get_ref() else { continue };
        if taken.contains(&name) {
            let message = format!("another {what} has this name");
            faults.error(Code::NameTaken, &node.span(), message);
        }
        taken.push(name);
    }
}
