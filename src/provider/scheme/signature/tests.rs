//! The parts of an HMAC scheme, one at a time; whole requests are in the vectors.

use super::*;
use crate::provider::scheme::Hash;
use crate::provider::tests::{NOW, draft, request, secrets};
use Code::{
    SignatureMalformed, SignatureMismatch, SignatureMissing, TimestampMalformed, TimestampMissing,
    TimestampTooNew, TimestampTooOld,
};

const BODY: &[u8] = b"{\"a\":1}";

fn scheme(separator: Option<&str>, prefix: &str, encoding: Encoding) -> SignatureScheme {
    SignatureScheme {
        proof: Proof::Hmac(Hash::Sha256),
        header: "x-signature".into(),
        separator: separator.map(str::to_owned),
        prefix: prefix.into(),
        encoding,
        signed: Template::parse("{body}").unwrap(),
        freshness: None,
        secret_prefixes: Vec::new(),
        secret_encoding: KeyEncoding::Utf8,
    }
}

/// The signature of [`BODY`] under the key `key`, computed with another program (OpenSSL).
const HEX: &str = "88a67f24bbcdaed0e6c997404bb79a743baf44c6bab2f4c27328e3009d22e342";
const BASE64: &str = "iKZ/JLvNrtDmyZdAS7eadDuvRMa6svTCcyjjAJ0i40I=";

#[track_caller]
fn check(scheme: &SignatureScheme, values: &[&str], expected: Result<(), Code>) {
    let check = scheme.keyed(None, &secrets(&["another", "key"])).unwrap();
    let fields: Vec<_> = values.iter().map(|value| ("X-Signature", *value)).collect();
    assert_eq!(check.check(&request(&fields, BODY), NOW), expected, "{values:?}");
}

#[test]
fn hex_is_of_either_case() {
    let scheme = scheme(None, "", Encoding::Hex);
    check(&scheme, &[HEX], Ok(()));
    check(&scheme, &[&format!(" {}\t", HEX.to_uppercase())], Ok(()));
    check(&scheme, &[&HEX[1..]], Err(SignatureMalformed));
    check(&scheme, &[&HEX[2..]], Err(SignatureMismatch));
    check(&scheme, &[&format!("{HEX}00")], Err(SignatureMismatch));
    check(&scheme, &["00"], Err(SignatureMismatch));
    check(&scheme, &[BASE64], Err(SignatureMalformed));
}

#[test]
fn without_a_separator_there_is_one_signature() {
    let scheme = scheme(None, "sha256=", Encoding::Base64);
    let value = format!("sha256={BASE64}");
    check(&scheme, &[&value], Ok(()));
    check(&scheme, &[], Err(SignatureMissing));
    check(&scheme, &[" "], Err(SignatureMissing));
    check(&scheme, &[&value, &value], Err(SignatureMalformed));
    check(&scheme, &[&format!("{value} {value}")], Err(SignatureMalformed));
    check(&scheme, &[BASE64], Err(SignatureMalformed));
    check(&scheme, &[&format!("SHA256={BASE64}")], Err(SignatureMalformed));
    check(&scheme, &["sha256="], Err(SignatureMismatch));
}

#[test]
fn any_item_of_a_list_may_match_and_only_those_with_the_prefix() {
    let scheme = scheme(Some(" "), "v1,", Encoding::Base64);
    let (right, wrong) = (format!("v1,{BASE64}"), "v1,AAAA".to_owned());
    check(&scheme, &[&format!("{wrong}  {right}")], Ok(()));
    check(&scheme, &[&format!("{right}, {wrong}")], Ok(()));
    check(&scheme, &[&wrong, &right], Ok(()));
    check(&scheme, &[&wrong], Err(SignatureMismatch));
    check(&scheme, &[&format!("v1a,{BASE64} v2,{BASE64}")], Err(SignatureMalformed));
    check(&scheme, &[&format!("v1,* {right}")], Ok(()));
    check(&scheme, &[", ,"], Err(SignatureMalformed));
}

#[test]
fn the_number_of_items_is_bounded() {
    let scheme = scheme(Some(" "), "v1,", Encoding::Base64);
    let right = format!("v1,{BASE64}");
    let list = |wrong: usize| format!("{}{right}", "v0,AAAA ".repeat(wrong));
    check(&scheme, &[&list(31)], Ok(()));
    check(&scheme, &[&list(32)], Err(SignatureMalformed));
    check(&scheme, &vec![right.as_str(); 33], Err(SignatureMalformed));
}

#[test]
fn a_signed_timestamp_is_judged_before_the_signature() {
    let at = Part::Item("t".into());
    let unit = super::super::Unit::Seconds;
    let scheme = SignatureScheme {
        signed: Template::parse("{sig:t}.{body}").unwrap(),
        freshness: Some(Freshness { at, unit, tolerance_seconds: 300 }),
        ..scheme(Some(","), "v1=", Encoding::Hex)
    };
    let key = scheme.keyed(None, &secrets(&["key"])).unwrap();
    let genuine = key.sign(draft("e", BODY)).unwrap().headers.remove(0).1;
    assert!(genuine.starts_with("t=1767225600,v1="), "{genuine}");
    check(&scheme, &[&genuine], Ok(()));
    check(&scheme, &[&genuine.replace(",v1", ", v1")], Ok(()));
    check(&scheme, &[&genuine.replace("00,v1", "01,v1")], Err(SignatureMismatch));
    check(&scheme, &[&genuine.replace("t=1767225600,", "")], Err(TimestampMissing));
    check(&scheme, &[&format!("t=1767225600,{genuine}")], Err(TimestampMalformed));
    check(&scheme, &["t=x,v1=*"], Err(TimestampMalformed));
    check(&scheme, &["t=1767225299,v1=*"], Err(TimestampTooOld));
    check(&scheme, &["t=1767225901,v1=*"], Err(TimestampTooNew));
    check(&scheme, &["t=1767225600,v1=*"], Err(SignatureMalformed));
}

#[test]
fn what_the_signature_covers_must_be_there_once() {
    let signed = Template::parse("{header:x-id}.{body}").unwrap();
    let scheme = SignatureScheme { signed, ..scheme(None, "", Encoding::Hex) };
    let check = scheme.keyed(None, &secrets(&["key"])).unwrap();
    let fields = check.sign(draft("7", BODY)).unwrap().headers;
    let [(_, _), (_, signature)] = fields.as_slice() else { panic!("{fields:?}") };
    let asked = |ids: &[&str]| {
        let mut fields: Vec<_> = ids.iter().map(|id| ("X-Id", *id)).collect();
        fields.push(("X-Signature", signature));
        check.check(&request(&fields, BODY), NOW)
    };
    assert_eq!(asked(&["7"]), Ok(()));
    assert_eq!(asked(&["8"]), Err(SignatureMismatch));
    assert_eq!(asked(&[]), Err(SignatureMissing));
    assert_eq!(asked(&[" "]), Err(SignatureMissing));
    assert_eq!(asked(&["7", "7"]), Err(SignatureMalformed));
}

#[test]
fn what_only_the_settings_know_is_signed_too() {
    let signed = Template::parse("{method}{url}{body}{query:at}").unwrap();
    let scheme = SignatureScheme { signed, ..scheme(None, "", Encoding::Hex) };
    assert!(scheme.covers_url());
    let check = scheme.keyed(Some("https://hooks.example"), &secrets(&["key"])).unwrap();
    let target = "/webhooks/somebody?at=7";
    let signed = check.sign(Draft { target, ..draft("7", BODY) }).unwrap();
    assert_eq!(signed.query, [("at".to_owned(), "7".to_owned())]);
    let asked = |target: &str| {
        let mut request = request(&[("x-signature", &signed.headers[0].1)], BODY);
        request.query = crate::model::QueryString::of_target(target);
        request.target = target.to_owned();
        check.check(&request, NOW)
    };
    assert_eq!(asked(target), Ok(()));
    assert_eq!(asked("/webhooks/somebody/?at=7"), Err(SignatureMismatch));
    assert_eq!(asked("/webhooks/somebody"), Err(SignatureMissing));
}
