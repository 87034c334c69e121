use super::*;
use crate::provider::tests::request;

const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223";

#[track_caller]
fn check(own: Own<'_>, name: &str, value: &str, shown: &str) {
    let masked = MaskedRequest::new(request(&[(name, value)], b""), own);
    assert_eq!(masked.request().headers.get(&name.to_ascii_lowercase()), Some(shown));
}

fn at_target(target: &str, credential: Option<&Carrier>) -> MaskedRequest {
    let mut request = request(&[], b"");
    request.target = target.to_owned();
    request.query = QueryString::of_target(target);
    MaskedRequest::new(request, Own { credential, signature: None })
}

#[test]
fn credentials_are_shown_as_fingerprints() {
    for name in [
        "Authorization",
        "proxy-authorization",
        "Cookie",
        "set-cookie",
        "X-Api-Key",
        "X-Auth-Token",
        "Cf-Access-Jwt-Assertion",
    ] {
        check(Own::default(), name, "abc", ABC);
    }
    let carrier = Carrier::Header("x-own".into());
    check(Own { credential: Some(&carrier), signature: None }, "X-Own", "abc", ABC);
    check(Own::default(), "x-own", "abc", "abc");
}

#[test]
fn a_signature_stays_whatever_its_header_is_called() {
    let own = Own { credential: None, signature: Some("x-token-signature") };
    check(own, "X-Token-Signature", "v1,abc", "v1,abc");
    check(own, "X-Token", "abc", ABC);
    check(Own::default(), "svix-signature", "v1,abc", "v1,abc");
}

#[test]
fn the_name_of_the_way_to_authenticate_has_no_case() {
    assert_eq!(fingerprint("Bearer abc"), fingerprint(" bEARER   abc\t"));
    assert_ne!(fingerprint("Bearer abc"), fingerprint("Bearer ABC"));
    assert_ne!(fingerprint("Bearer abc"), fingerprint("abc"));
}

#[test]
fn a_credential_in_the_url_is_shown_as_a_fingerprint_and_the_rest_as_it_came() {
    let key = Carrier::Query("key".into());
    let masked =
        at_target("/webhooks/x/?k%65y=a%62c&access_Token=abc&&dub_id=a%20b+c&x", Some(&key));
    let request = masked.request();
    assert_eq!(
        request.target,
        format!("/webhooks/x/?k%65y={ABC}&access_Token={ABC}&&dub_id=a%20b+c&x")
    );
    assert_eq!(request.query, QueryString::of_target(&request.target));
    assert_eq!(request.query.get("key"), Some(ABC));
    assert_eq!(request.query.get("dub_id"), Some("a b c"));
}

#[test]
fn what_a_sender_wrote_is_no_fingerprint() {
    let (own, other) = (Carrier::Header("x-own".into()), Carrier::Header("x-other".into()));
    let masked = MaskedRequest::new(
        request(&[("x-other", ABC)], b""),
        Own { credential: Some(&own), signature: None },
    );
    assert!(masked.hides(&own) && !masked.hides(&other));
    assert!(masked.hides(&Carrier::Header("authorization".into())));
    assert_eq!(masked.fingerprint_at(&own), Err(Code::SignatureMissing));
}
