//! Every provider of the catalogue, from a sample that is signed as it signs to the lead that the
//! destination gets; and a forgery of each, which is refused.

use crate::support::{Builder, Http, KEY_SET, destination, key_page};
use leadhook::clock::{Clock, System};
use leadhook::config::Environment;
use leadhook::mapping::{Expected, parse};
use leadhook::model::SourceName;
use leadhook::provider::{KeySet, KeySets, PrivateKey, Provider, Surroundings};
use leadhook::sandbox::sending::{Outgoing, Sending, Tamper};
use leadhook::topology::{Folder, Secrets, Shipped, Source, load_files};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const PUBLIC_URL: &str = "https://hooks.example.com";
/// Of a form that every provider takes: base64 behind `whsec_`, and text like any other.
const SECRET: &str = "whsec_Y2F0YWxvZ3VlLXRlc3RzLXNlY3JldA==";

/// A value for every variable that some shipped mapping file names.
struct Variables {
    values: BTreeMap<String, String>,
    key_sets: KeySets,
}

impl Variables {
    fn new(keys_url: &str) -> Self {
        let mut values = BTreeMap::new();
        for file in Shipped.mapping_files().expect("they are in the program") {
            let text = file.text.expect("they are text");
            for reference in text.split("\"env:").skip(1) {
                let name = reference.split('"').next().unwrap_or_default();
                let value = if name.ends_with("JWKS_URL") { keys_url } else { SECRET };
                values.insert(name.to_owned(), value.to_owned());
            }
        }
        let key_sets = KeySets::default();
        key_sets.put(keys_url, KeySet::parse(KEY_SET.as_bytes()).expect("a key set"));
        Self { values, key_sets }
    }
}

impl Environment for Variables {
    fn get(&self, name: &str) -> Option<String> {
        self.values.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.values.keys().cloned().collect()
    }
}

impl Secrets for Variables {
    fn file(&self, _path: &str) -> Result<String, String> {
        Err("no shipped mapping file names a file".to_owned())
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings { public_url: Some(PUBLIC_URL.to_owned()), key_sets: self.key_sets.clone() }
    }
}

/// A sample of a source, and what its case says of it.
struct Sample {
    path: String,
    headers: Vec<(String, String)>,
    expected: Expected,
}

/// The first case of the mapping file that says what becomes of a sign-up.
fn sample(source: &Source) -> Sample {
    let text = Arc::new(leadhook::diagnostic::SourceText::new("", &source.mapping_text));
    let dub = "dub".parse().expect("a name");
    let (file, _) = parse(&text, &source.mapping_text, &[dub]);
    let cases = file.expect("it is shipped").cases;
    let wanted: [fn(&Expected) -> bool; 4] = [
        |it| matches!(it, Expected::Lead(_)),
        |it| matches!(it, Expected::Parked(_)),
        |it| matches!(it, Expected::Click(_)),
        |it| matches!(it, Expected::Skipped(_)),
    ];
    let case = wanted.iter().find_map(|is| cases.iter().find(|case| is(&case.expected)));
    let case = case.unwrap_or_else(|| panic!("{}: no case is about a sign-up", source.name));
    let headers = case.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Sample {
        path: case.event.value.clone(),
        headers: headers.collect(),
        expected: case.expected.clone(),
    }
}

/// The keys by which providers with a key set sign here.
fn private_keys() -> [PrivateKey; 3] {
    [
        ("rs256", include_str!("../keys/rs256.pem")),
        ("es256", include_str!("../keys/es256.pem")),
        ("ed25519", include_str!("../keys/ed25519.pem")),
    ]
    .map(|(id, pem)| PrivateKey::from_pem(pem, Some(id.to_owned())).expect("a key"))
}

/// The sample as the provider of `source` sends it.
fn request(source: &Source, sample: &Sample, id: &str, tamper: Option<Tamper>) -> Outgoing {
    let body = Shipped.sample(&sample.path).expect("it is shipped").into();
    let keys = private_keys();
    let sent = keys.iter().find_map(|key| {
        let sending = Sending {
            source: &source.name,
            provider: &source.provider,
            verifier: source.verifier.as_ref().ok()?,
            sample: &body,
            headers: &sample.headers,
            private_key: Some(key),
        };
        sending.request(id, System.now(), tamper).ok()
    });
    sent.unwrap_or_else(|| panic!("{}: {} can't be sent", source.name, sample.path))
}

fn post(http: &Http, request: &Outgoing) -> (u16, String) {
    let answer = http.post(&request.target, &request.headers, &request.body);
    (answer.status, answer.body)
}

#[test]
fn every_provider_from_a_signed_sample_to_its_lead() {
    let keys_url = key_page(200);
    let variables = Variables::new(&keys_url);
    let files = load_files(&Shipped, &variables, true).expect("they are in the program");
    let sources: Vec<_> = files
        .into_iter()
        .map(|file| file.source.unwrap_or_else(|| panic!("{:?}", file.diagnostics)))
        .collect();
    let names = sources.iter().map(|source| source.provider.name());
    // A sender of one's own is in no catalogue; tests/it/custom.rs is about it.
    let covered: BTreeSet<_> = names.filter(|name| *name != "custom").collect();
    assert_eq!(covered, Provider::names().collect(), "each provider has a mapping file");

    let destination = destination();
    let mut builder =
        Builder::new(&destination).all_shipped().with("LEADHOOK_PUBLIC_URL", PUBLIC_URL);
    for (name, value) in &variables.values {
        builder = builder.with(name, value);
    }
    let service = builder.start();
    let http = service.http();
    let mut wrong = Vec::new();
    let mut expected = BTreeMap::new();
    for source in &sources {
        let sample = sample(source);
        let forged = request(source, &sample, "forged", Some(Tamper::Signature));
        let (status, body) = post(&http, &forged);
        if status != 401 {
            wrong.push(format!("{}: a forgery was answered {status} {body}", source.name));
        }
        // A case that says under which id it is sent may have it in the lead.
        let id = sample.headers.iter().find(|(name, _)| name.ends_with("-id"));
        let id = id.map_or("genuine", |(_, id)| id).to_owned();
        let genuine = request(source, &sample, &id, None);
        let (status, body) = post(&http, &genuine);
        if status != source.provider.response_status() {
            wrong.push(format!("{}: {} was answered {status} {body}", source.name, sample.path));
        }
        expected.insert(source.name.clone(), sample.expected);
    }
    // Some samples are of one person, who counts once.
    let people: BTreeSet<_> = expected.values().filter_map(person).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (source, expected) in &expected {
        let states = states(&service.database(), source);
        if matches!(expected, Expected::Lead(_))
            && !states.iter().any(|it| it != "unmapped" && it != "skipped")
        {
            wrong.push(format!("{source}: no lead came of its sample: {states:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let sent = destination.expect_leads(people.len());
    for (source, expected) in &expected {
        wrong.extend(disagreement(&service.database(), source, expected, &sent));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(people.len() > 25, "most providers can carry a click id: {people:?}");
}

/// Whom a lead is about, as the destination counts.
fn person(expected: &Expected) -> Option<(String, String)> {
    match expected {
        Expected::Lead(lead) => key(&lead.value),
        _ => None,
    }
}

fn key(body: &Value) -> Option<(String, String)> {
    let text = |field: &str| body[field].as_str().map(str::to_lowercase);
    Some((text("customerExternalId")?, text("eventName")?))
}

/// Whether a body has all that is expected, whatever else it has.
fn has_all(body: &Value, expected: &Value) -> bool {
    let members = expected.as_object().expect("a lead is an object");
    members.iter().all(|(field, value)| body.get(field).unwrap_or(&json!(null)) == value)
}

fn states(database: &crate::support::Database, source: &SourceName) -> Vec<String> {
    database.column(&format!("SELECT state FROM deliveries WHERE source = '{source}'"))
}

/// What is wrong with what became of the sample of `source`.
fn disagreement(
    database: &crate::support::Database,
    source: &SourceName,
    expected: &Expected,
    sent: &[Value],
) -> Option<String> {
    let states = states(database, source);
    match expected {
        Expected::Lead(lead) => {
            let is_it = |body: &Value| match states.iter().any(|state| state == "recorded_before") {
                true => person(expected) == key(body),
                false => has_all(body, &lead.value),
            };
            (!sent.iter().any(is_it))
                .then(|| format!("{source}: no such lead was sent: {}; {states:?}", lead.value))
        }
        Expected::Parked(_) => (!states.contains(&"parked".to_owned()))
            .then(|| format!("{source}: it should wait for its click: {states:?}")),
        // A source that only tells the clicks of others.
        Expected::Click(_) => (database.count("SELECT count(*) FROM clicks") == 0)
            .then(|| format!("{source}: no click")),
        // One whose events can't lead to anything.
        Expected::Skipped(_) => (!states.contains(&"skipped".to_owned()))
            .then(|| format!("{source}: it should be skipped: {states:?}")),
        other => Some(format!("{source}: {other:?}")),
    }
}
