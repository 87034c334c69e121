//! Header fields as strangers write them, before every scheme of the catalogue.

use bytes::Bytes;
use leadhook::model::{Headers, QueryString, Request, Secret, Timestamp};
use leadhook::provider::{
    AuthChoice, Draft, KeySet, KeySets, PrivateKey, Provider, Surroundings, Verifier, causes,
};
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// Secrets of every form that providers have; each takes at least one of them.
const SECRETS: [&str; 3] = [
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "joe:MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw.",
];
const KEYS_URL: &str = "https://keys.example/jwks";
const TARGET: &str = "/webhooks/somebody";
const BODY: &[u8] = b"{}";

/// One way of a provider to authenticate, and the fields of a request that it accepts.
struct Way {
    name: String,
    verifier: Verifier,
    genuine: Vec<(String, String)>,
}

static WAYS: LazyLock<Vec<Way>> = LazyLock::new(|| Provider::all().flat_map(ways_of).collect());

/// Nobody passes by fields of their own, and what is refused can be explained. `at` chooses the way;
/// an empty value leaves the genuine one in its place.
pub fn signature_header(at: usize, values: &[String], query: &str, body: &[u8], millis: i64) {
    let way = &WAYS[at % WAYS.len()];
    let mut fields = way.genuine.clone();
    fields.push(("x-other".to_owned(), String::new()));
    for (field, value) in fields.iter_mut().zip(values).filter(|(_, value)| !value.is_empty()) {
        field.1.clone_from(value);
    }
    let has_genuine = way.genuine.iter().any(|field| fields.contains(field));
    let target = format!("{TARGET}?{query}");
    let request = Request {
        source: "somebody".parse().expect("it is a name"),
        method: "POST".to_owned(),
        query: QueryString::of_target(&target),
        target,
        headers: Headers::new(fields),
        body: Bytes::copy_from_slice(body),
        peer: None,
        received_at: NOW,
    };
    for now in [NOW, Timestamp::from_millis(millis)] {
        let _ = way.verifier.handshake(&request, now);
        let Err(unproved) = way.verifier.prove(request.clone(), now) else {
            assert!(has_genuine, "{} is open", way.name);
            continue;
        };
        let _ = causes(&unproved.request, now, &way.verifier, &[]);
        let kept = way.verifier.masked(unproved.request);
        assert!(has_genuine || way.verifier.admit(kept, true).is_err(), "{} is open", way.name);
    }
}

fn ways_of(provider: &'static Provider) -> Vec<Way> {
    let named: Vec<_> = provider.auth_methods().map(|method| Some(method.to_owned())).collect();
    let methods = if named.is_empty() { vec![None] } else { named };
    methods.into_iter().map(|method| way(provider, method)).collect()
}

fn way(provider: &Provider, method: Option<String>) -> Way {
    let key_sets = KeySets::default();
    let published = KeySet::parse(include_bytes!("../../tests/keys/jwks.json"));
    key_sets.put(KEYS_URL, published.expect("the key set is ours"));
    let public_url = Some("https://hooks.example".to_owned());
    let surroundings = Surroundings { public_url, key_sets };
    let plain = AuthChoice { method, ..AuthChoice::default() };
    let choices = [
        plain.clone(),
        AuthChoice { header: Some("x-key".to_owned()), ..plain.clone() },
        AuthChoice { jwks_url: Some(KEYS_URL.to_owned()), ..plain },
    ];
    let tried = choices.iter().flat_map(|auth| {
        SECRETS.iter().map(|secret| provider.verifier(auth, &[Secret::new(*secret)], &surroundings))
    });
    let name = provider.name().to_owned();
    let verifiers = tried.filter_map(Result::ok);
    let mut signed = verifiers.filter_map(|verifier| Some((signed(&verifier)?, verifier)));
    let (genuine, verifier) = signed.next().unwrap_or_else(|| panic!("{name} has no way"));
    Way { name, verifier, genuine }
}

fn signed(verifier: &Verifier) -> Option<Vec<(String, String)>> {
    let keys = [
        ("rs256", include_str!("../../tests/keys/rs256.pem")),
        ("es256", include_str!("../../tests/keys/es256.pem")),
        ("ed25519", include_str!("../../tests/keys/ed25519.pem")),
    ];
    keys.into_iter().find_map(|(id, pem)| {
        let key = PrivateKey::from_pem(pem, Some(id.to_owned())).expect("the key is ours");
        let (target, event_id) = (TARGET, "evt_1");
        let private_key = Some(&key);
        let draft = Draft { method: "POST", target, event_id, body: BODY, now: NOW, private_key };
        Some(verifier.sign(draft).ok()?.headers)
    })
}
