//! Every provider of the catalogue, from the outside: round trips, refusals, choices.

use super::*;
use crate::diagnostic::Code;
use crate::model::{QueryString, Request, Timestamp};
use proptest::prelude::*;
use std::sync::LazyLock;

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A request as ingest would hand it in.
pub(super) fn request(headers: &[(&str, &str)], body: &[u8]) -> Request {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Request {
        source: "somebody".parse().unwrap(),
        method: "POST".to_owned(),
        target: "/webhooks/somebody".to_owned(),
        headers: Headers::new(headers),
        query: QueryString::default(),
        body: Bytes::copy_from_slice(body),
        peer: None,
        received_at: NOW,
    }
}

pub(super) fn secrets(texts: &[&str]) -> Vec<Secret> {
    texts.iter().copied().map(Secret::new).collect()
}

pub(super) fn auth_by(method: Option<&str>) -> AuthChoice {
    AuthChoice { method: method.map(str::to_owned), ..AuthChoice::default() }
}

/// What a provider would sign now.
pub(super) fn draft<'a>(event_id: &'a str, body: &'a [u8]) -> Draft<'a> {
    let target = "/webhooks/somebody";
    Draft { method: "POST", target, event_id, body, now: NOW, private_key: None }
}

/// The public halves of the keys in `tests/keys`, as if they were published at `url`.
pub(super) fn published_keys(url: &str) -> KeySets {
    let sets = KeySets::default();
    sets.put(url, KeySet::parse(include_bytes!("../../tests/keys/jwks.json")).unwrap());
    sets
}

/// The private keys that providers with a key set sign with, one of each kind.
static PRIVATE_KEYS: LazyLock<[PrivateKey; 3]> = LazyLock::new(|| {
    let keys = [
        ("rs256", include_str!("../../tests/keys/rs256.pem")),
        ("es256", include_str!("../../tests/keys/es256.pem")),
        ("ed25519", include_str!("../../tests/keys/ed25519.pem")),
    ];
    keys.map(|(id, pem)| PrivateKey::from_pem(pem, Some(id.to_owned())).unwrap())
});

/// Secrets of every form that providers have; each takes at least one of them.
const SECRETS: [&str; 3] = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "joe:secret", "a secret"];
const KEYS_URL: &str = "https://keys.example/jwks";

/// One way of a provider to authenticate, with a verifier for it.
struct Way {
    provider: Arc<Provider>,
    verifier: Verifier,
}

impl Way {
    fn new(provider: Arc<Provider>, method: Option<&str>) -> Self {
        let mut auth = auth_by(method);
        match provider.chosen(&auth).unwrap() {
            Scheme::Token(scheme) if scheme.carrier.is_none() => auth.header = Some("X-Key".into()),
            Scheme::Jwt(_) if !provider.needs_secrets(&auth) => {
                auth.jwks_url = Some(KEYS_URL.to_owned());
            }
            _ => {}
        }
        let surroundings = Surroundings {
            public_url: Some("https://hooks.example".to_owned()),
            key_sets: published_keys(KEYS_URL),
        };
        let mut tried =
            SECRETS.iter().map(|one| provider.verifier(&auth, &secrets(&[one]), &surroundings));
        let verifier = tried.find_map(Result::ok);
        let verifier = verifier.unwrap_or_else(|| panic!("{} {method:?}", provider.name()));
        Self { provider, verifier }
    }

    /// A request with `body`, or with claims where the body can't be of the provider's choice.
    fn signed(&self, event_id: &str, body: &[u8]) -> Request {
        let by_any_key = |body| {
            PRIVATE_KEYS.iter().find_map(|key| {
                let draft = Draft { private_key: Some(key), ..draft(event_id, body) };
                self.verifier.sign(draft).ok()
            })
        };
        let signed = by_any_key(body).or_else(|| by_any_key(b"{}")).unwrap();
        let mut request = request(&[], &signed.body);
        request.headers = Headers::new(signed.headers);
        request.query = QueryString::new(signed.query);
        request
    }

    /// Whether the proof covers the body.
    fn covers_body(&self) -> bool {
        let mut request = self.signed("evt_1", b"{}");
        request.body = Bytes::from_static(b"{} ");
        self.verifier.verify(request, NOW).is_err()
    }
}

/// Every way of every provider.
fn every_way() -> Vec<Way> {
    let mut ways = Vec::new();
    for provider in Provider::names().filter_map(Provider::find) {
        let named: Vec<_> = provider.auth_methods().map(|name| Some(name.to_owned())).collect();
        for method in if named.is_empty() { vec![None] } else { named } {
            ways.push(Way::new(provider.clone(), method.as_deref()));
        }
    }
    ways
}

#[test]
fn providers_are_found_by_name() {
    let names: Vec<_> = Provider::names().collect();
    assert!(names.is_sorted() && names.contains(&"clerk"), "{names:?}");
    assert!(Provider::find("Clerk").is_none());
    let auth0 = Provider::find("auth0").unwrap();
    assert_eq!(auth0.title(), "Auth0 Event Streams");
    assert_eq!(auth0.response_status(), 200);
    assert_eq!(auth0.auth_methods().collect::<Vec<_>>(), ["bearer", "basic", "header"]);
}

#[test]
fn a_way_that_is_not_there_is_a_fault_of_the_choice() {
    #[track_caller]
    fn check(provider: &str, auth: AuthChoice, expected: &[&str]) {
        let provider = Provider::find(provider).unwrap();
        let faults =
            provider.verifier(&auth, &secrets(&["AAAA"]), &Surroundings::default()).unwrap_err();
        let keys = faults.iter().map(|fault| match fault {
            AuthFault::Choice { key, .. } => *key,
            AuthFault::Secret { .. } => "secret",
        });
        assert_eq!(keys.collect::<Vec<_>>(), expected);
    }
    let with = |method: &str, header: Option<&str>, username: Option<&str>| AuthChoice {
        method: (!method.is_empty()).then(|| method.to_owned()),
        header: header.map(str::to_owned),
        username: username.map(str::to_owned),
        ..AuthChoice::default()
    };
    let clerk_by = |auth: AuthChoice, key| check("clerk", auth, &[key]);
    let some = |text: &str| Some(text.to_owned());
    clerk_by(AuthChoice { query: some("key"), ..AuthChoice::default() }, "query");
    clerk_by(AuthChoice { jwks_url: some(KEYS_URL), ..AuthChoice::default() }, "jwks_url");
    clerk_by(AuthChoice { issuer: some("me"), ..AuthChoice::default() }, "issuer");
    clerk_by(AuthChoice { audience: some("me"), ..AuthChoice::default() }, "audience");
    let verify_token = Some(Secret::new("me"));
    clerk_by(AuthChoice { verify_token, ..AuthChoice::default() }, "verify_token");
    check("clerk", with("bearer", None, None), &["method"]);
    check("clerk", with("", Some("x-key"), Some("joe")), &["header", "username"]);
    check("auth0", with("Bearer", None, None), &["method"]);
    check("auth0", with("", Some("x-key"), None), &["header"]);
    check("auth0", with("header", None, None), &["header"]);
    check("auth0", with("header", Some("x key"), None), &["header"]);
    check("auth0", with("header", Some("x-key"), Some("joe")), &["username"]);
    check("auth0", with("basic", None, None), &["secret"]);
    check("auth0", with("basic", Some("x-key"), None), &["header", "secret"]);
}

#[test]
fn a_bad_secret_is_explained_by_where_to_find_it() {
    let clerk = Provider::find("clerk").unwrap();
    let faults = clerk
        .verifier(&AuthChoice::default(), &secrets(&["sk_test_abc"]), &Surroundings::default())
        .unwrap_err();
    let [AuthFault::Secret { index: 0, message, hint: Some(hint) }] = faults.as_slice() else {
        panic!("{faults:?}");
    };
    assert!(message.contains("does not begin with `whsec_`"), "{message}");
    assert!(hint.contains("Signing Secret"), "{hint}");
    assert!(!format!("{faults:?}").contains("sk_test_abc"));
}

#[test]
fn a_verifier_shows_no_secret() {
    for way in every_way() {
        assert_eq!(format!("{:?}", way.verifier), "Verifier(***)");
    }
}

#[test]
fn what_a_provider_signs_its_own_check_accepts_and_masks() {
    for way in every_way() {
        let name = way.provider.name();
        let verified = way.verifier.verify(way.signed("evt_1", b"{}"), NOW).unwrap();
        let fields = verified.headers().iter().chain(verified.query().iter());
        let shown: String = fields.map(|(_, value)| value).collect();
        let secrets = ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "joe:secret", "a secret"];
        assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{name}");
        let events = way.provider.split(verified.content(), 10);
        assert_eq!(events.len(), 1, "{name}");
        if !way.provider.events.id_headers().is_empty() {
            assert_eq!(events[0].provider_event_id.as_deref(), Some("evt_1"), "{name}");
        }
    }
}

#[test]
fn an_id_that_is_used_as_the_key_of_an_event_is_signed() {
    for provider in Provider::names().filter_map(Provider::find) {
        let Methods::Only(Scheme::Signature(scheme)) = &provider.methods else { continue };
        for header in provider.events.id_headers() {
            let part = scheme::Part::Header(header.to_owned());
            assert!(scheme.signed.parts().contains(&part), "{}", provider.name());
        }
    }
}

#[test]
fn an_event_is_read_again_as_it_was_split() {
    let provider = Provider::find("auth0-logs").unwrap();
    let body = Bytes::from_static(b"\xef\xbb\xbf{\"a\":\"\\ud83d\"}\n{\"b\":\n");
    let headers = Headers::default();
    for event in provider.split(Content::new(&headers, &body), 9) {
        assert_eq!(provider.read(&headers, &event.bytes), event.json);
    }
}

/// Auth0 has no place for code that two Actions share, so both carry it.
#[test]
fn the_two_actions_for_auth0_report_alike() {
    let shared = |script: &'static str| script.split_once("both scripts are the same").unwrap().1;
    let login = include_str!("../../docs/providers/auth0-action/post-login.js");
    let sign_up = include_str!("../../docs/providers/auth0-action/post-user-registration.js");
    assert_eq!(shared(login), shared(sign_up));
}

#[test]
fn an_unsigned_request_is_refused_by_everyone() {
    for way in every_way() {
        let refused = way.verifier.verify(request(&[], b"{}"), NOW).unwrap_err();
        assert!(
            matches!(refused, Code::SignatureMissing | Code::SignatureMalformed),
            "{}: {refused}",
            way.provider.name()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn sign_then_verify(body in prop::collection::vec(any::<u8>(), 0..200), id in "[ -~]{0,40}") {
        for way in every_way() {
            prop_assert!(way.verifier.verify(way.signed(&id, &body), NOW).is_ok());
        }
    }

    #[test]
    fn one_changed_bit_of_the_body_is_refused(
        body in prop::collection::vec(any::<u8>(), 1..100),
        bit in any::<prop::sample::Index>(),
    ) {
        for way in every_way().iter().filter(|way| way.covers_body()) {
            let mut request = way.signed("evt_1", &body);
            let mut changed = request.body.to_vec();
            let bit = bit.index(changed.len() * 8);
            changed[bit / 8] ^= 1 << (bit % 8);
            request.body = changed.into();
            prop_assert!(way.verifier.verify(request, NOW).is_err());
        }
    }

    #[test]
    fn no_request_panics_or_passes(
        values in prop::collection::vec("(v1,|sha256=|Bearer |Basic |t=)?[ -~é]{0,60}", 0..6),
        body in prop::collection::vec(any::<u8>(), 0..60),
        millis in any::<i64>(),
    ) {
        for way in every_way() {
            let genuine = way.signed("evt_1", &body);
            let names: Vec<String> =
                genuine.headers.iter().map(|(name, _)| name.to_owned()).chain(["x".into()]).collect();
            let fields = values.iter().enumerate();
            let fields = fields.map(|(at, value)| (names[at % names.len()].clone(), value.clone()));
            let mut forged = request(&[], &body);
            forged.headers = Headers::new(fields);
            let split = way.provider.split(Content::new(&forged.headers, &forged.body), 3);
            prop_assert!(split.len() <= 3);
            prop_assert!(way.verifier.verify(forged, Timestamp::from_millis(millis)).is_err());
        }
    }

    #[test]
    fn any_body_is_split(body in "[\\[\\]{},:\"a1\\\\ \\n]{0,40}", events_max in 0..4_usize) {
        for provider in Provider::names().filter_map(Provider::find) {
            let body = Bytes::from(body.clone());
            let events = provider.split(Content::new(&Headers::default(), &body), events_max);
            prop_assert!(events.len() <= events_max.max(1));
        }
    }
}
