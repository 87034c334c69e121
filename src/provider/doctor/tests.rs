//! What goes wrong in practice, done to genuine requests: the doctor must name it, and quote no
//! secret.

use super::causes;
use crate::model::{Cause, Headers, QueryString, Request, Secret, SourceName, Timestamp};
use crate::provider::tests::{NOW, auth_by, draft, published_keys, request};
use crate::provider::{
    AuthChoice, Draft, PrivateKey, Provider, Surroundings, Verifier, declaration,
};
use bytes::Bytes;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_d3Jvbmctc2VjcmV0LW9mLXRlc3Rz";
const BODY: &[u8] = b"{\"a\":\"\\u00e9\",\"b\":[1,2]}";

fn surroundings() -> Surroundings {
    Surroundings {
        public_url: Some("https://hooks.example".to_owned()),
        key_sets: published_keys("https://keys.example/jwks"),
    }
}

fn by(provider: &Provider, auth: &AuthChoice, secret: &str) -> Verifier {
    provider.verifier(auth, &[Secret::new(secret)], &surroundings()).unwrap()
}

fn clerk(secret: &str) -> Verifier {
    by(&Provider::find("clerk").unwrap(), &AuthChoice::default(), secret)
}

fn declared(signature: &str) -> Provider {
    let text = format!("name='x'\ntitle='X'\n[signature]\n{signature}\n[event]");
    declaration::read("x.toml", &text).unwrap()
}

/// A genuine request by `sender`.
fn sent(sender: &Verifier, body: &[u8], now: Timestamp) -> Request {
    let signed = sender.sign(Draft { now, ..draft("msg_1", body) }).unwrap();
    let mut request = request(&[], &signed.body);
    request.headers = Headers::new(signed.headers);
    request.query = QueryString::new(signed.query);
    request
}

fn found(request: &Request, own: &Verifier) -> Vec<Cause> {
    let other: SourceName = "another".parse().unwrap();
    let causes = causes(request, NOW, own, &[(other, clerk(OTHER))]);
    let shown = format!("{causes:?}");
    for secret in [SECRET, OTHER, &SECRET[6..], &OTHER[6..]] {
        assert!(!shown.contains(secret), "{shown}");
    }
    causes
}

#[track_caller]
fn check(request: &Request, own: &Verifier, code: &str, part: &str) {
    let causes = found(request, own);
    let Some(first) = causes.first() else { panic!("no cause was found") };
    assert_eq!(first.code, code, "{causes:?}");
    assert!(first.message.contains(part), "{}", first.message);
}

fn altered(change: impl FnOnce(&mut Request)) -> Request {
    let mut request = sent(&clerk(SECRET), BODY, NOW);
    change(&mut request);
    request
}

#[test]
fn a_fingerprint_is_told_from_another_credential() {
    let okta = |secret: &str| by(&Provider::find("okta").unwrap(), &AuthChoice::default(), secret);
    let kept = |secret: &str| {
        let request = sent(&okta(secret), BODY, NOW);
        okta("elsewhere").masked(request).request().clone()
    };
    check(&kept("right"), &okta("right"), "credential_fingerprint", "stands in its place");
    check(&kept("right"), &okta("other"), "credential_wrong", "of no credential");
    let causes =
        causes(&kept("right"), NOW, &okta("other"), &[("another".parse().unwrap(), okta("right"))]);
    assert_eq!(causes[0].code, "secret_of_another_source");
}

#[test]
fn a_request_that_gets_in_has_no_cause() {
    assert_eq!(found(&sent(&clerk(SECRET), BODY, NOW), &clerk(SECRET)), []);
}

#[test]
fn another_secret_is_told_from_that_of_another_source() {
    let unknown = "whsec_c29tZWJvZHktZWxzZXMtc2VjcmV0";
    check(&sent(&clerk(unknown), BODY, NOW), &clerk(SECRET), "secret_wrong", "not set here");
    let mixed_up = sent(&clerk(OTHER), BODY, NOW);
    check(&mixed_up, &clerk(SECRET), "secret_of_another_source", "`another`");
    assert_eq!(found(&mixed_up, &clerk(SECRET))[0].source.as_ref().unwrap().as_str(), "another");
}

#[test]
fn a_secret_that_was_taken_otherwise_is_recognised() {
    let plain = declared(
        "kind='hmac'\nalgorithm='sha256'\nheader='svix-signature'\nseparator=' '\nprefix='v1,'\n\
         encoding='base64'\nsigned='{header:svix-id}.{header:svix-timestamp}.{body}'\n\
         timestamp='{header:svix-timestamp}'",
    );
    let plain = |secret| by(&plain, &AuthChoice::default(), secret);
    let own = clerk(SECRET);
    check(&sent(&plain(SECRET), BODY, NOW), &own, "secret_form", "plain text, `whsec_` included");
    check(&sent(&plain(&SECRET[6..]), BODY, NOW), &own, "secret_form", "plain text, without");
    check(&sent(&clerk(SECRET), BODY, NOW), &plain(SECRET), "secret_form", "base64, without");
    let hex = "6b6579206f6620746865206865782073656372657473";
    let own = plain(hex);
    let sender = plain("key of the hex secrets");
    check(&sent(&sender, BODY, NOW), &own, "secret_form", "hexadecimal");
}

#[test]
fn a_body_that_was_altered_is_recognised() {
    let own = clerk(SECRET);
    let with = |body: &'static [u8]| altered(|request| request.body = Bytes::from_static(body));
    check(&with(b"{\"a\":\"\\u00e9\",\"b\":[1,2]}\n"), &own, "body_altered", "added at its end");
    check(&with("{\"a\":\"é\",\"b\":[1,2]}".as_bytes()), &own, "body_altered", "escaped");
    check(&with(b"{\n  \"a\": \"\\u00e9\",\n  \"b\": [1, 2]\n}"), &own, "body_altered", "escaped");
    let pretty = sent(&own, b"{\n  \"a\": 1\n}", NOW);
    let compact = Request { body: Bytes::from_static(b"{\"a\":1}"), ..pretty };
    check(&compact, &own, "body_altered", "no longer indented");
    let spoilt = with(b"{\"a\":\"\\u00e9\",\"b\":[1,3]}");
    check(&spoilt, &own, "secret_wrong", "its body was altered");
}

#[test]
fn an_age_says_whose_clock_is_off_and_whether_all_else_is_right() {
    let own = clerk(SECRET);
    let late = Timestamp::from_millis(NOW.millis() - 12 * 60_000);
    check(&sent(&own, BODY, late), &own, "clock_off", "12 minutes before it came");
    check(&sent(&own, BODY, late), &own, "clock_off", "but for that, its signature is right");
    check(&sent(&clerk(OTHER), BODY, late), &own, "clock_off", "does not match either");
    let millis = altered(|request| {
        let headers = request.headers.iter().map(|(name, value)| {
            let value = if name == "svix-timestamp" { format!("{value}000") } else { value.into() };
            (name.to_owned(), value)
        });
        request.headers = Headers::new(headers.collect::<Vec<_>>());
    });
    check(&millis, &own, "timestamp_unit", "milliseconds");
}

fn renamed(request: &Request, from: &str, to: &str) -> Request {
    let fields = request.headers.iter();
    let fields = fields.map(|(name, value)| (name.replace(from, to), value.to_owned()));
    Request { headers: Headers::new(fields.collect::<Vec<_>>()), ..request.clone() }
}

#[test]
fn headers_under_other_names_are_found() {
    let own = clerk(SECRET);
    let genuine = sent(&own, BODY, NOW);
    let family = renamed(&genuine, "svix-", "webhook-");
    check(&family, &own, "header_under_another_name", "`webhook-...`");
    let one = renamed(&genuine, "svix-signature", "x-signature");
    check(&one, &own, "header_under_another_name", "`x-signature`");
    let other = request(&[("stripe-signature", "t=1,v1=00")], BODY);
    check(&other, &own, "another_sender", "`stripe-signature`");
    check(&request(&[], BODY), &own, "not_signed", "no header `svix-signature`");
    let lacking = renamed(&genuine, "svix-id", "x-id");
    check(&lacking, &own, "header_missing", "`svix-id`");
}

#[test]
fn a_signature_in_another_form_is_recognised() {
    let github = |algorithm: &str, encoding: &str, prefix: &str| {
        let signature = format!(
            "kind='hmac'\nalgorithm='{algorithm}'\nheader='x-sig'\nencoding='{encoding}'\nprefix='{prefix}'"
        );
        by(&declared(&signature), &AuthChoice::default(), "secret key")
    };
    let own = github("sha256", "hex", "sha256=");
    let check = |sender: &Verifier, code, part| check(&sent(sender, BODY, NOW), &own, code, part);
    check(&github("sha256", "base64", "sha256="), "signature_encoding", "base64");
    check(&github("sha256", "hex", ""), "signature_prefix", "`sha256=`");
    check(&github("sha512", "hex", "sha256="), "signature_algorithm", "SHA-512");
    check(&github("sha1", "hex", "sha1="), "another_sender", "expected form");
}

#[test]
fn another_text_and_another_url_are_recognised() {
    let scheme = |signed: &str| {
        let signature = format!(
            "kind='hmac'\nalgorithm='sha256'\nheader='x-sig'\nencoding='hex'\nsigned='{signed}'"
        );
        declared(&signature)
    };
    let own = by(&scheme("{method}{url}{body}"), &AuthChoice::default(), "secret key");
    let with_url = |url: &str| {
        let surroundings = Surroundings { public_url: Some(url.to_owned()), ..surroundings() };
        let secrets = [Secret::new("secret key")];
        let provider = scheme("{method}{url}{body}");
        provider.verifier(&AuthChoice::default(), &secrets, &surroundings).unwrap()
    };
    let http = sent(&with_url("http://hooks.example"), BODY, NOW);
    check(&http, &own, "url_differs", "http://hooks.example/webhooks/somebody, and here");
    let mut tunnel = sent(&with_url("https://abc.tunnel.example"), BODY, NOW);
    let fields = tunnel.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let host = ("Host".to_owned(), "abc.tunnel.example".to_owned());
    tunnel.headers = Headers::new(fields.chain([host]).collect::<Vec<_>>());
    check(&tunnel, &own, "url_differs", "https://abc.tunnel.example/webhooks/somebody");
    let bare = by(&scheme("{body}"), &AuthChoice::default(), "secret key");
    check(&sent(&bare, BODY, NOW), &own, "signed_text", "the body alone");
}

#[test]
fn credentials_are_told_apart() {
    let auth0 = Provider::find("auth0").unwrap();
    let bearer = by(&auth0, &auth_by(None), "the token");
    let with = |fields: &[(&str, &str)]| request(fields, BODY);
    check(&with(&[]), &bearer, "credential_missing", "`authorization` is absent");
    check(
        &with(&[("authorization", "Bearer x")]),
        &bearer,
        "credential_wrong",
        "another credential",
    );
    check(
        &with(&[("authorization", "the token")]),
        &bearer,
        "credential_prefix",
        "`Bearer` is missing",
    );
    let named = with(&[("x-token", "Bearer the token")]);
    check(&named, &bearer, "header_under_another_name", "`x-token`");
    let logs = by(&Provider::find("auth0-logs").unwrap(), &AuthChoice::default(), "thetoken");
    let prefixed = with(&[("authorization", "Bearer thetoken")]);
    check(&prefixed, &logs, "credential_prefix", "`Bearer` stands before");
    let basic = by(&auth0, &auth_by(Some("basic")), "joe:right");
    // `joe:wrong` and `sue:right`, in base64.
    let wrong = with(&[("authorization", "Basic am9lOndyb25n")]);
    check(&wrong, &basic, "credential_wrong", "the user name is right");
    let sue = with(&[("authorization", "Basic c3VlOnJpZ2h0")]);
    check(&sue, &basic, "credential_wrong", "the password is right");
    check(
        &with(&[("authorization", "joe:right")]),
        &basic,
        "credential_prefix",
        "base64 is missing",
    );
    let other: SourceName = "logs".parse().unwrap();
    let mixed = causes(&with(&[("authorization", "thetoken")]), NOW, &bearer, &[(other, logs)]);
    assert_eq!(mixed[0].code, "secret_of_another_source");
}

#[test]
fn tokens_are_explained() {
    let keys = "keys='jwks'\njwks_url='https://keys.example/jwks'";
    let rs = format!("kind='jwt'\nheader='x-jwt'\nalgorithms='RS256'\n{keys}\nbody_hash_claim='h'");
    let pem = include_str!("../../../tests/keys/rs256.pem");
    let signed = |provider: &Provider, key_id: &str, auth: &AuthChoice, now: Timestamp| {
        let key = PrivateKey::from_pem(pem, Some(key_id.to_owned())).unwrap();
        let verifier = by(provider, auth, "unused");
        let draft = Draft { private_key: Some(&key), now, ..draft("1", BODY) };
        let mut request = request(&[], BODY);
        request.headers = Headers::new(verifier.sign(draft).unwrap().headers);
        request
    };
    let provider = declared(&rs);
    let none = AuthChoice::default();
    let own = by(&provider, &none, "unused");
    check(&signed(&provider, "other", &none, NOW), &own, "token_key", "no key by which");
    let day_ago = Timestamp::from_millis(NOW.millis() - 86_400_000);
    check(&signed(&provider, "rs256", &none, day_ago), &own, "clock_off", "23 hours before");
    let theirs = AuthChoice { issuer: Some("https://them.example".into()), ..none.clone() };
    let ours = AuthChoice { issuer: Some("https://us.example".into()), ..none.clone() };
    let request = signed(&provider, "rs256", &theirs, NOW);
    check(&request, &by(&provider, &ours, "unused"), "token_claims", "https://them.example");
    let altered =
        Request { body: [BODY, b"\n"].concat().into(), ..signed(&provider, "rs256", &none, NOW) };
    check(&altered, &own, "body_altered", "added at its end");
    let moved = renamed(&signed(&provider, "rs256", &none, NOW), "x-jwt", "x-jwt-signature");
    check(&moved, &own, "header_under_another_name", "`x-jwt-signature`");
    check(&self::request(&[], BODY), &own, "not_signed", "no token in `x-jwt`");
    let hs = declared("kind='jwt'\nheader='x-jwt'\nalgorithms='HS256'\nkeys='secret'");
    let by_secret = |secret| by(&hs, &AuthChoice::default(), secret);
    let request = sent(&by_secret("one secret of some length"), BODY, NOW);
    check(&request, &own, "token_algorithm", "HS256, and RS256 is expected");
    check(&request, &by_secret("another one of some length"), "secret_wrong", "any secret");
}

#[test]
fn a_large_request_costs_no_more_than_its_budget() {
    let body = format!("{{\"a\":\"{}\"}}", "x".repeat(4 * 1024 * 1024));
    let request = sent(&clerk("whsec_c29tZWJvZHktZWxzZXMtc2VjcmV0"), body.as_bytes(), NOW);
    check(&request, &clerk(SECRET), "secret_wrong", "");
}

#[test]
fn a_handshake_with_another_token_is_no_lack_of_a_signature() {
    let meta = Provider::find("meta-lead-ads").unwrap();
    let verify_token = Some(Secret::new("chosen"));
    let own = by(&meta, &AuthChoice { verify_token, ..AuthChoice::default() }, "app secret");
    let mut asked = request(&[], b"");
    asked.method = "GET".to_owned();
    let target = "/?hub.mode=subscribe&hub.challenge=7&hub.verify_token=other";
    asked.query = QueryString::of_target(target);
    check(&asked, &own, "handshake_token", "another token");
}
