//! Requests signed as the providers do, re-stated here from their documentation: what the service
//! verifies must not be signed by its own code.

use super::service::{ACTION_SECRET, AUTH0_TOKEN, CLERK_SECRET, CUSTOM_SECRET, TYPEFORM_SECRET};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

pub type Fields = Vec<(String, String)>;

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// HMAC-SHA256 in hex, as many providers sign.
pub fn hex_hmac(secret: &str, text: &str) -> String {
    let bytes = hmac(secret.as_bytes(), &[text.as_bytes()]);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seconds since 1970.
pub fn now_s() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(now.as_secs()).expect("before the end of time")
}

/// Signed by the scheme that Svix and Standard Webhooks share, `offset_s` from now.
pub fn signed_at(prefix: &str, secret: &str, id: &str, body: &[u8], offset_s: i64) -> Fields {
    let key = STANDARD.decode(&secret["whsec_".len()..]).expect("secrets are base64");
    let at = (now_s() + offset_s).to_string();
    let signature = STANDARD.encode(hmac(&key, &[id.as_bytes(), b".", at.as_bytes(), b".", body]));
    vec![
        (format!("{prefix}-id"), id.to_owned()),
        (format!("{prefix}-timestamp"), at),
        (format!("{prefix}-signature"), format!("v1,{signature}")),
        ("content-type".to_owned(), "application/json".to_owned()),
    ]
}

pub fn clerk(id: &str, body: &[u8]) -> Fields {
    signed_at("svix", CLERK_SECRET, id, body, 0)
}

pub fn auth0_action(id: &str, body: &[u8]) -> Fields {
    signed_at("webhook", ACTION_SECRET, id, body, 0)
}

/// Event Streams with a bearer token.
pub fn auth0() -> Fields {
    vec![("authorization".to_owned(), format!("Bearer {AUTH0_TOKEN}"))]
}

pub fn typeform(body: &[u8]) -> Fields {
    let signature = STANDARD.encode(hmac(TYPEFORM_SECRET.as_bytes(), &[body]));
    vec![("typeform-signature".to_owned(), format!("sha256={signature}"))]
}

/// As the shipped `custom.toml` declares it, but for the name of the header.
pub fn custom(header: &str, body: &[u8]) -> Fields {
    let at = now_s().to_string();
    let text = format!("{at}.{}", String::from_utf8_lossy(body));
    let signature = hex_hmac(CUSTOM_SECRET, &text);
    vec![(header.to_owned(), format!("t={at},v1={signature}"))]
}

pub fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// A Clerk `user.created`, with a click id or without.
pub fn user_created(user: &str, click: Option<&str>) -> Vec<u8> {
    let metadata = click.map_or(serde_json::json!({}), |id| serde_json::json!({ "dub_id": id }));
    let event = serde_json::json!({
        "type": "user.created",
        "object": "event",
        "data": {
            "id": user,
            "first_name": "Test",
            "last_name": "Person",
            "image_url": "https://img.example.com/x.png",
            "primary_email_address_id": "idn_1",
            "email_addresses": [{ "id": "idn_1", "email_address": "person@example.com" }],
            "unsafe_metadata": metadata,
            "public_metadata": {},
        },
    });
    event.to_string().into_bytes()
}
