//! `[limits]`, for editors.

use super::parts::{described, list, merged, table};
use crate::mapping::limits::{ALLOWED_MAX, BURST_MAX, KEYS, PER_SECOND_MAX, PER_SECOND_MIN};
use serde_json::{Value, json};

pub(super) fn limits() -> Value {
    let limits =
        merged(table(&KEYS, &[], key), json!({ "dependencies": { "burst": ["per_second"] } }));
    described("Who may call this source, and how often.", limits)
}

fn key(key: &str) -> Value {
    match key {
        "allow" => described(
            "The addresses that requests may come from; others are answered 403. Behind a proxy, \
             the setting `trusted_proxies` must name it. Without `allow`, any address.",
            list(1, ALLOWED_MAX, network()),
        ),
        "per_second" => described(
            "How many authentic requests a second are taken in the long run; beyond, they are \
             answered 503 with the time after which to come again. Without it, all.",
            json!({ "type": "number", "minimum": PER_SECOND_MIN, "maximum": PER_SECOND_MAX }),
        ),
        "burst" => described(
            "How many authentic requests may come at once after a quiet time. Without it, those \
             of one second.",
            json!({ "type": "integer", "minimum": 1, "maximum": BURST_MAX }),
        ),
        _ => json!({}),
    }
}

fn network() -> Value {
    json!({
        "type": "string",
        "pattern": r"^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$",
        "examples": ["203.0.113.7", "203.0.113.0/24", "2001:db8::/32"],
    })
}
