//! The schema and the parser agree: it takes what the parser takes, and refuses whatever is wrong
//! with the shape of a file.

use super::properties::changed_file;
use super::{read, shipped, with_body, with_field};
use crate::diagnostic::{Code, Diagnostic, SourceText};
use crate::mapping::{ProviderWords, schema};
use crate::model::CUSTOM;
use crate::provider::Provider;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use toml::de::{DeTable, DeValue};

fn built() -> Value {
    let provider = |name, auth_methods| ProviderWords { name, title: name, auth_methods };
    let plain = ["a", "auth0-action", "auth0-logs", "clerk", "standard-webhooks", "typeform"];
    let mut providers = plain.map(|name| provider(name, Vec::new())).to_vec();
    providers.push(provider("auth0", vec!["bearer", "basic", "header"]));
    schema(&providers)
}

static SCHEMA: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft7::new(&built()).expect("the schema is valid"));

/// A file as editors hand it to the schema; `None` where it is no TOML.
fn as_json(raw: &str) -> Option<Value> {
    fn value(node: &DeValue<'_>) -> Value {
        match node {
            DeValue::String(text) => json!(text),
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .map_or(json!(1e30), Value::from),
            DeValue::Float(float) => float.as_str().parse::<f64>().map_or(Value::Null, Value::from),
            DeValue::Boolean(boolean) => json!(boolean),
            DeValue::Datetime(date) => json!({ "a date": date.to_string() }),
            DeValue::Array(items) => items.iter().map(|item| value(item.get_ref())).collect(),
            DeValue::Table(entries) => table(entries),
        }
    }
    fn table(entries: &DeTable<'_>) -> Value {
        let members =
            entries.iter().map(|(key, node)| (key.get_ref().to_string(), value(node.get_ref())));
        Value::Object(members.collect::<Map<_, _>>())
    }
    DeTable::parse(raw).ok().map(|file| table(file.get_ref()))
}

fn complaints(raw: &str) -> Vec<String> {
    let file = as_json(raw).expect("it is TOML");
    SCHEMA.iter_errors(&file).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Checks that the schema refuses a faulty file, if its fault is one of shape, and takes it where
/// the fault is but a warning.
#[track_caller]
pub(super) fn agrees_on(raw: &str, fault: &Diagnostic) {
    let complaints = complaints(raw);
    if fault.is_error() {
        assert!(!complaints.is_empty() || is_beyond(raw, fault), "the schema takes\n{raw}");
    } else {
        assert!(complaints.is_empty(), "{complaints:#?}\n{raw}");
    }
}

/// What a schema can't tell, or would tell too dearly.
fn is_beyond(raw: &str, fault: &Diagnostic) -> bool {
    let is_of_code = matches!(
        fault.code,
        // Another language, inside a text.
        Code::QuerySyntax | Code::QueryUnbounded
        // Two places at once.
        | Code::NameTaken
    );
    let named = ["rule = \"sign-upp\""];
    // What a query selects.
    let queries = ["key = \"@.a[*]\""];
    // Other literals than those that stand in the field itself; and what is configured elsewhere.
    let literals = ["first = [\"$.e\", \"no\"]", "map = { a = \"wait\", b = \"x\" }"];
    let configured = ["destination = \"dup\""];
    // What an address is.
    let networks = ["10/8", "10.0.0.0/33", "10.0.0.1/8"];
    let parts = [&named[..], &queries, &literals, &configured, &networks].concat();
    is_of_code || parts.iter().any(|part| raw.contains(part))
}

#[test]
fn the_schema_is_itself_valid_and_refers_to_nothing_remote() {
    let schema = built();
    assert!(jsonschema::meta::validate(&schema).is_ok());
    let text = schema.to_string();
    for (at, _) in text.match_indices("\"$ref\":") {
        assert!(text[at..].starts_with("\"$ref\":\"#/definitions/"), "{:.80}", &text[at..]);
    }
}

/// A key that the parser learns has to be described here too.
#[test]
fn every_key_has_a_description() {
    fn check(path: &str, schema: &Value, definitions: &Value) {
        let referred = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/definitions/"));
        let target = referred.map_or(schema, |name| &definitions[name]);
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            let referred = property["$ref"].as_str().and_then(|path| path.rsplit('/').next());
            let described = referred.map_or(property, |name| &definitions[name]);
            let exempt = path.ends_with("properties.then");
            assert!(exempt || described["description"].is_string(), "{path}: {described}");
            check(&path, property, definitions);
        }
        let parts = ["items", "anyOf", "oneOf", "additionalProperties"].map(|key| &target[key]);
        for part in parts.into_iter().filter(|_| referred.is_none()) {
            let list = part.as_array().map_or_else(|| vec![part], |parts| parts.iter().collect());
            list.into_iter()
                .filter(|it| it.is_object())
                .for_each(|it| check(path, it, definitions));
        }
    }
    let schema = built();
    check("", &schema, &schema["definitions"]);
    for (name, definition) in schema["definitions"].as_object().expect("there are some") {
        check(name, definition, &schema["definitions"]);
    }
}

#[test]
fn it_takes_every_shipped_file_and_every_example() {
    for (provider, raw) in shipped::FILES {
        assert_eq!(complaints(raw), [""; 0], "{provider}");
    }
    let pages = [
        include_str!("../../../docs/mapping-files.md"),
        include_str!("../../../docs/custom-providers.md"),
    ];
    let examples: Vec<_> = pages
        .iter()
        .flat_map(|page| page.split("```toml\n").skip(1))
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .filter(|example| !example.starts_with("[response]"))
        .collect();
    assert!(examples.len() > 25);
    for example in examples {
        let field = example.lines().last().unwrap_or_default();
        let raw =
            if example.starts_with("provider") { example.to_owned() } else { with_field(field) };
        assert_eq!(complaints(&raw), [""; 0], "{raw}");
    }
}

#[test]
fn forms_nest_as_deeply_as_the_parser_reads_them() {
    let deep = |levels: usize| {
        with_field(&format!(
            "customerName = {}\"$.a\"{}",
            "{ first = [".repeat(levels),
            "] }".repeat(levels)
        ))
    };
    for levels in [1, 2, 15, 16, 17, 18] {
        let raw = deep(levels);
        assert_eq!(complaints(&raw).is_empty(), read(&raw).0.is_some(), "{levels} levels");
    }
}

#[test]
fn what_is_taken_is_taken_in_every_spelling() {
    let case = |expected: &str| {
        let raw = with_field("customerName = \"$.n\"");
        format!("{raw}[[case]]\nname = \"c\"\nevent = \"a.json\"\n{expected}\n")
    };
    let event = |path: &str| case("ignored = true").replace("a.json", path);
    let head = |head: &str| {
        with_field("mode = \"wait\"").replace("[lead.body]", &format!("{head}\n[lead.body]"))
    };
    for raw in [
        case("skipped = \"no click id\""),
        case("skipped = \"no_click_id\""),
        case("skipped = \"no_click id\""),
        event("samples/..a/b..c/...json"),
        event("./a//b/"),
        head("once = \"007d\""),
        head("when = \"true == true\""),
        with_body("eventName = \"  a  \"\ncustomerExternalId = \"$.id\""),
        with_field("eventQuantity = 2.0"),
        with_field("metadata = { default = {}, from = \"$.m\" }"),
        with_field("customerName = { all = \"$.a[*]\", then = [\"json\"] }"),
        with_field("customerName = { from = { all = \"$.a[*]\" }, map = { a = \"b\" } }"),
        with_field("customerName = { query = \" $\" }"),
    ] {
        assert!(read(&raw).0.is_some(), "{raw}");
        assert_eq!(complaints(&raw), [""; 0], "{raw}");
    }
}

/// Whether the file declares a sender without a fault.
fn declares(raw: &str) -> bool {
    Provider::custom(&Arc::new(SourceText::new("test.toml", raw)), raw).is_ok()
}

/// A good file with a sender of its own.
fn declaring(tables: &str) -> String {
    let rules = with_field("customerName = \"$.n\"").replace("\"clerk\"", "\"custom\"");
    format!("{rules}{tables}")
}

#[test]
fn it_takes_every_sender_of_the_catalogue() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/provider/catalogue");
    let mut ways = 0;
    for entry in std::fs::read_dir(folder).expect("the catalogue") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("entries are text");
        let mut file = as_json(&text).expect("it is TOML");
        let rules = as_json(&with_field("customerName = \"$.n\"")).expect("it is TOML");
        file["lead"] = rules["lead"].clone();
        file["provider"] = json!(CUSTOM);
        let entries = file.as_object_mut().expect("a file is a table");
        for key in ["name", "secret_hint"] {
            entries.remove(key);
        }
        let signatures: Vec<_> = match entries.remove("auth") {
            Some(Value::Object(ways)) => ways.into_iter().map(|(_, way)| way).collect(),
            _ => vec![entries["signature"].clone()],
        };
        for signature in signatures.into_iter().filter(Value::is_object) {
            file["signature"] = signature;
            let errors = SCHEMA.iter_errors(&file).map(|error| error.to_string());
            assert_eq!(errors.collect::<Vec<_>>(), [""; 0], "{}: {file}", path.display());
            ways += 1;
        }
    }
    assert!(ways >= 8, "{ways}");
}

#[test]
fn it_refuses_what_declares_no_sender() {
    const HMAC: &str = "[signature]\nkind = \"hmac\"\nalgorithm = \"sha256\"\nheader = \"x-a\"\n\
                        encoding = \"hex\"\n";
    const EVENT: &str = "[event]\nid = \"$.id\"\n";
    let good = format!("{HMAC}{EVENT}");
    assert!(declares(&declaring(&good)));
    assert_eq!(complaints(&declaring(&good)), [""; 0]);
    let vector = |lines: &str| format!("{HMAC}[[signature.vector]]\n{lines}\n{EVENT}");
    let kind = |lines: &str| format!("[signature]\n{lines}\n{EVENT}");
    for bad in [
        good.replace("encoding", "encodng"),
        good.replace("sha256", "md5"),
        good.replace("hmac", "hash"),
        good.replace("hmac", "ed25519"),
        good.replace("hmac", "token"),
        good.replace("encoding = \"hex\"", ""),
        good.replace("encoding = \"hex\"", "encoding = \"hex\"\ntolerance = 43_201"),
        good.replace("encoding = \"hex\"", "encoding = \"hex\"\ntimestamp = \"{body}\""),
        good.replace("encoding = \"hex\"", "encoding = \"hex\"\nsecret_prefix = [1]"),
        kind("kind = \"basic\"\nquery = \"a\""),
        kind("kind = \"jwt\"\nheader = \"a\"\nkeys = \"secret\""),
        kind("kind = \"jwt\"\nheader = \"a\"\nkeys = \"secret\"\nalgorithms = [\"none\"]"),
        good.replace("\"$.id\"", "{ headers = \"x\" }"),
        good.replace("\"$.id\"", "{ first = [] }"),
        good.replace("\"$.id\"", "{ join = [\"$.a\"] }"),
        format!("{good}format = \"xml\"\n"),
        format!("{good}[response]\nstatus = 404\n"),
        format!("{good}[handshake]\nmethod = \"PUT\"\n"),
        format!("{good}[handshake]\nmethod = \"POST\"\n"),
        format!(
            "{good}[[handshake]]\nmethod = \"GET\"\nrespond_text = \"a\"\nrespond_json = {{}}\n"
        ),
        vector("name = \"a\""),
        vector("expected = \"vaild\""),
        vector("expected = \"valid\"\nbody = \"\"\nbody_base64 = \"\""),
        vector("expected = \"valid\"\nurl = \"a\""),
        vector("expected = \"valid\"\nheaders = { a = 1 }"),
        vector("expected = \"valid\"\nat = 2026-01-01T00:00:00Z"),
    ] {
        let raw = declaring(&bad);
        assert!(!declares(&raw), "the parser takes\n{raw}");
        assert!(!complaints(&raw).is_empty(), "the schema takes\n{raw}");
    }
}

/// A piece of TOML that may be a form.
fn form() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("\"$.a\"".to_owned()),
        Just("\"$.a[?@.b == 'c'].d\"".to_owned()),
        Just("\"n/a\"".to_owned()),
        Just("3".to_owned()),
        Just("true".to_owned()),
        Just("{ event = \"id\" }".to_owned()),
        Just("{ header = \"x-a\" }".to_owned()),
        Just("{ query = \"a\" }".to_owned()),
        Just("{ value = [1, { a = 2.5 }] }".to_owned()),
        Just("{ all = \"$.a[*]\" }".to_owned()),
    ];
    let step = prop::sample::select(vec![
        "",
        ", ignore = [\"n/a\", 0]",
        ", default = \"d\"",
        ", then = [\"trim\", { truncate = 9 }]",
        ", then = [\"json\"]",
        ", map = { a = \"b\" }, else = \"c\"",
        ", lookup = { in = \"$.l\", key = \"id\", take = \"n\" }",
        ", with = \" \"",
        ", missing = \"skip\"",
        ", missing = \"omit\"",
    ]);
    let word = prop::sample::select(vec!["first", "join", "all"]);
    leaf.prop_recursive(4, 16, 3, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..3).prop_map(|list| list.join(", "));
        prop_oneof![
            (word.clone(), list, step.clone())
                .prop_map(|(word, list, step)| format!("{{ {word} = [{list}]{step} }}")),
            (inner.clone(), step.clone())
                .prop_map(|(form, step)| format!("{{ from = {form}{step} }}")),
            (inner.clone(), inner)
                .prop_map(|(a, b)| format!("{{ x = {a}, y-z = {{ object = {{ from = {b} }} }} }}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_the_parser_takes_the_schema_takes(
        name in prop::sample::select(vec!["clickId", "customerName", "customerEmail", "mode", "eventQuantity", "metadata"]),
        form in form(),
    ) {
        let raw = with_field(&format!("{name} = {form}"));
        if read(&raw).0.is_some() {
            prop_assert_eq!(complaints(&raw), [""; 0], "{}", raw);
        }
    }

    #[test]
    fn what_the_parser_takes_of_a_changed_file_the_schema_takes(raw in changed_file()) {
        // The parser leaves unknown providers to others.
        if let (Some(file), _) = read(&raw)
            && shipped::FILES.iter().any(|(provider, _)| *provider == file.provider.value)
            // And what custom ones say of themselves.
            && (file.provider.value != CUSTOM || declares(&raw))
        {
            prop_assert_eq!(complaints(&raw), [""; 0], "{}", raw);
        }
    }
}
