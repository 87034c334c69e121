//! One Clerk sign-up to one lead, as somebody would write it who needs nothing else.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lead<'a> {
    click_id: &'a str,
    event_name: &'a str,
    customer_external_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_avatar: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
}

/// # Panics
/// Where the event is not the one of the comparison.
pub fn translate(body: &[u8]) -> Bytes {
    let event: Value = serde_json::from_slice(body).expect("it is JSON");
    let data = &event["data"];
    assert!(event["type"] == "user.created" && data["banned"] != true, "it is a sign-up");
    let click_id = click_id(&data["unsafe_metadata"]["dub_id"])
        .or_else(|| click_id(&data["public_metadata"]["dub_id"]))
        .expect("somebody came by a link");
    let customer = text(&data["id"]).filter(|id| units(id) <= 100).expect("everybody has an id");
    let lead = Lead {
        click_id,
        event_name: "Sign up",
        customer_external_id: customer,
        customer_name: name(data),
        customer_email: email(data),
        customer_avatar: text(&data["image_url"]).filter(|url| is_avatar(url)),
        metadata: metadata(data),
    };
    Bytes::from(serde_json::to_vec(&lead).expect("it has a JSON form"))
}

/// A text that is not blank, as the destination trims it.
fn text(value: &Value) -> Option<&str> {
    let white = |c: char| c.is_whitespace() && c != '\u{85}' || c == '\u{feff}';
    value.as_str().map(|text| text.trim_matches(white)).filter(|text| !text.is_empty())
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

fn click_id(value: &Value) -> Option<&str> {
    text(value).filter(|id| !["n/a", "xxxxx"].contains(id))
}

fn name(data: &Value) -> Option<String> {
    let full = match (text(&data["first_name"]), text(&data["last_name"])) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (one, other) => one.or(other).map(str::to_owned),
    };
    let mut name = full.or_else(|| text(&data["username"]).map(str::to_owned))?;
    let mut left = 100;
    if let Some((end, _)) = name.char_indices().find(|(_, c)| {
        let fits = left >= c.len_utf16();
        left = left.saturating_sub(c.len_utf16());
        !fits
    }) {
        name.truncate(end);
    }
    Some(name)
}

fn email(data: &Value) -> Option<String> {
    let primary = &data["primary_email_address_id"];
    let mut addresses = data["email_addresses"].as_array()?.iter();
    let address = addresses.find(|address| address["id"] == *primary)?;
    let email = text(&address["email_address"])?.to_lowercase();
    (is_email(&email) && units(&email) <= 100).then_some(email)
}

fn is_email(email: &str) -> bool {
    let Some((local, domain)) = email.split_once('@') else { return false };
    let Some((labels, last)) = domain.rsplit_once('.') else { return false };
    let in_local = |b: u8| b.is_ascii_alphanumeric() || b"_'+-.".contains(&b);
    let at_end = |b: &u8| b.is_ascii_alphanumeric() || b"_+-".contains(b);
    let is_label = |label: &str| {
        label.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    local.bytes().all(in_local)
        && local.as_bytes().last().is_some_and(at_end)
        && !local.starts_with('.')
        && !local.contains("..")
        && labels.split('.').all(is_label)
        && last.len() >= 2
        && last.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_avatar(url: &str) -> bool {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let doubtful = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    is_web && units(url) <= 2_048 && !url.contains(doubtful) && Url::parse(url).is_ok()
}

fn metadata(data: &Value) -> Option<Map<String, Value>> {
    let mut metadata = Map::new();
    let mut insert = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            metadata.insert(name.to_owned(), value.into());
        }
    };
    let signed_up_at = data["created_at"].as_i64().and_then(|millis| {
        let time = jiff::Timestamp::from_millisecond(millis).ok()?;
        Some(format!("{time:.3}"))
    });
    insert("locale", text(&data["unsafe_metadata"]["locale"]));
    insert("plan", text(&data["public_metadata"]["plan"]));
    insert("signed_up_at", signed_up_at.as_deref());
    insert("source", Some("clerk"));
    let json = serde_json::to_string(&metadata).expect("it has a JSON form");
    (units(&json) <= 10_000).then_some(metadata)
}
