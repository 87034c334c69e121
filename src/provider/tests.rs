//! Every provider of the catalogue, from the outside: round trips, refusals, choices.

use super::*;
use crate::diagnostic::Code;
use crate::model::{QueryString, Request, Timestamp};
use proptest::prelude::*;

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A request as ingest would hand it in.
pub(super) fn request(headers: &[(&str, &str)], body: &[u8]) -> Request {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Request {
        source: "somebody".parse().unwrap(),
        method: "POST".to_owned(),
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

/// A secret that every provider takes: base64 after `whsec_`, and `user:password`.
fn secret_for(provider: &Provider, method: Option<&str>) -> &'static str {
    match (provider.name(), method) {
        ("auth0", Some("basic")) => "joe:secret",
        _ => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    }
}

/// Every way of every provider, with a verifier for it.
fn every_way() -> Vec<(Arc<Provider>, Verifier)> {
    let mut ways = Vec::new();
    for provider in Provider::names().filter_map(Provider::find) {
        let named: Vec<_> = provider.auth_methods().map(|name| Some(name.to_owned())).collect();
        for method in if named.is_empty() { vec![None] } else { named } {
            let mut auth = auth_by(method.as_deref());
            auth.header = (method.as_deref() == Some("header")).then(|| "X-Key".to_owned());
            let secret = secret_for(&provider, method.as_deref());
            let verifier = provider.verifier(&auth, &secrets(&[secret])).unwrap();
            ways.push((provider.clone(), verifier));
        }
    }
    ways
}

fn signed(verifier: &Verifier, body: &[u8]) -> Request {
    let mut request = request(&[], body);
    request.headers = Headers::new(verifier.sign("evt_1", body, NOW));
    request
}

#[test]
fn providers_are_found_by_name() {
    let names: Vec<_> = Provider::names().collect();
    let known = ["auth0", "auth0-action", "auth0-logs", "clerk", "standard-webhooks", "typeform"];
    assert_eq!(names, known);
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
        let faults = provider.verifier(&auth, &secrets(&["AAAA"])).unwrap_err();
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
    };
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
    let faults = clerk.verifier(&AuthChoice::default(), &secrets(&["sk_test_abc"])).unwrap_err();
    let [AuthFault::Secret { index: 0, message, hint: Some(hint) }] = faults.as_slice() else {
        panic!("{faults:?}");
    };
    assert!(message.contains("does not begin with `whsec_`"), "{message}");
    assert!(hint.contains("Signing Secret"), "{hint}");
    assert!(!format!("{faults:?}").contains("sk_test_abc"));
}

#[test]
fn a_verifier_shows_no_secret() {
    for (_, verifier) in every_way() {
        assert_eq!(format!("{verifier:?}"), "Verifier(***)");
    }
}

#[test]
fn what_a_provider_signs_its_own_check_accepts_and_masks() {
    for (provider, verifier) in every_way() {
        let verified = verifier.verify(signed(&verifier, b"{}"), NOW).unwrap();
        let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert!(verified.headers().iter().all(|(_, value)| !value.contains(secret)));
        let events = provider.split(verified.content(), 10);
        assert_eq!(events.len(), 1);
        let by_header = matches!(provider.name(), "clerk" | "standard-webhooks" | "auth0-action");
        let id = by_header.then_some("evt_1");
        assert_eq!(events[0].provider_event_id.as_deref(), id, "{}", provider.name());
    }
}

#[test]
fn an_id_that_is_used_as_the_key_of_an_event_is_signed() {
    for provider in Provider::names().filter_map(Provider::find) {
        let Methods::Only(Scheme::Hmac(scheme)) = &provider.methods else { continue };
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
    for (provider, verifier) in every_way() {
        let refused = verifier.verify(request(&[], b"{}"), NOW).unwrap_err();
        assert_eq!(refused, Code::SignatureMissing, "{}", provider.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sign_then_verify(body in prop::collection::vec(any::<u8>(), 0..200), id in "[ -~]{0,40}") {
        for (_, verifier) in every_way() {
            let mut request = request(&[], &body);
            request.headers = Headers::new(verifier.sign(&id, &body, NOW));
            prop_assert!(verifier.verify(request, NOW).is_ok());
        }
    }

    #[test]
    fn one_changed_bit_of_the_body_is_refused(
        body in prop::collection::vec(any::<u8>(), 1..100),
        bit in any::<prop::sample::Index>(),
    ) {
        for (_, verifier) in every_way() {
            let is_token = !signed(&verifier, &body).headers.iter().any(|(name, _)| name.ends_with("-signature"));
            if is_token {
                continue;
            }
            let mut request = signed(&verifier, &body);
            let mut changed = body.clone();
            let bit = bit.index(body.len() * 8);
            changed[bit / 8] ^= 1 << (bit % 8);
            request.body = changed.into();
            prop_assert_eq!(verifier.verify(request, NOW).unwrap_err(), Code::SignatureMismatch);
        }
    }

    #[test]
    fn no_request_panics_or_passes(
        values in prop::collection::vec("(v1,|sha256=|Bearer |Basic |t=)?[ -~é]{0,60}", 0..6),
        body in prop::collection::vec(any::<u8>(), 0..60),
        millis in any::<i64>(),
    ) {
        for (provider, verifier) in every_way() {
            let genuine = signed(&verifier, &body);
            let names: Vec<String> = genuine.headers.iter().map(|(name, _)| name.to_owned()).collect();
            let fields = values.iter().enumerate();
            let fields = fields.map(|(at, value)| (names[at % names.len()].clone(), value.clone()));
            let mut forged = request(&[], &body);
            forged.headers = Headers::new(fields);
            let split = provider.split(Content::new(&forged.headers, &forged.body), 3);
            prop_assert!(split.len() <= 3);
            prop_assert!(verifier.verify(forged, Timestamp::from_millis(millis)).is_err());
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
