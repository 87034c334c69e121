//! What the demo prints.

use crate::model::{DeliveryState, EventId};
use crate::store::{StoredDelivery, StoredEvent};
use comfy_table::{Table, presets};
use std::net::SocketAddr;

/// One request that the demo sent.
pub(super) struct Row {
    pub(super) title: &'static str,
    pub(super) status: u16,
    pub(super) answer: String,
    /// The new events that it brought.
    pub(super) events: Vec<EventId>,
}

pub(super) fn started(address: SocketAddr, destination: &str) {
    out!("leadhook {}", env!("CARGO_PKG_VERSION"));
    out!("serving      http://{address}");
    out!("destination  {destination} (a stand-in for Dub, in this process)\n");
}

pub(super) fn table(rows: &[Row], events: &[StoredEvent]) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["webhook", "verified", "event", "lead"]);
    for row in rows {
        let verified = match row.status {
            200 => "yes".to_owned(),
            status => format!("no: {status} {}", code(&row.answer)),
        };
        let found = |id| events.iter().find(|event| event.id == id);
        let mut rest = row.events.iter().filter_map(|id| found(*id));
        let (event, lead) = match rest.next() {
            Some(event) => (kind(event), became(event)),
            None if row.status == 200 => ("known already".to_owned(), "no second one".to_owned()),
            None => ("-".to_owned(), "-".to_owned()),
        };
        table.add_row([row.title.to_owned(), verified, event, lead]);
        for event in rest {
            table.add_row([String::new(), String::new(), kind(event), became(event)]);
        }
    }
    out!("{table}\n");
}

/// What became of an event that the user sent.
pub(super) fn line(event: &StoredEvent) {
    out!("{}  {:<14} {:<22} {}", event.received_at, event.source, kind(event), became(event));
}

pub(super) fn how_to_send(address: SocketAddr) {
    out!(
        "Send your own; what becomes of it is shown here. Ctrl-C ends the demo.

  curl http://{address}/webhooks/auth0 -H 'authorization: Bearer demo-auth0-token' \\
    -d '{{\"id\":\"mine-1\",\"type\":\"user.created\",\"data\":{{\"object\":{{\"user_id\":\"auth0|1\",\"email\":\"me@example.com\",\"user_metadata\":{{\"dub_id\":\"my-click\"}}}}}}}}'

  BODY='{{\"event_id\":\"mine-2\",\"event_type\":\"form_response\",\"form_response\":{{\"token\":\"t1\",\"hidden\":{{\"dub_id\":\"my-click\"}},\"answers\":[]}}}}'
  curl http://{address}/webhooks/typeform -d \"$BODY\" \\
    -H \"typeform-signature: sha256=$(printf %s \"$BODY\" | openssl dgst -sha256 -hmac demo-typeform-secret -binary | base64)\"
"
    );
}

fn code(answer: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(answer).unwrap_or_default();
    json["error"]["code"].as_str().unwrap_or_default().to_owned()
}

fn kind(event: &StoredEvent) -> String {
    event.event_type.as_deref().map_or_else(|| "(no type)".to_owned(), printable)
}

fn became(event: &StoredEvent) -> String {
    if let Some(fault) = &event.fault {
        return format!("unmapped: {fault}");
    }
    if event.deliveries.is_empty() {
        return "none: no rule for this event".to_owned();
    }
    let texts: Vec<_> = event.deliveries.iter().map(delivery).collect();
    texts.join("\n")
}

fn delivery(delivery: &StoredDelivery) -> String {
    match delivery.state {
        DeliveryState::Tracked => format!("sent, tracked{}", click(delivery)),
        DeliveryState::Skipped => format!("none: {}", meaning(delivery)),
        state => format!("{state}: {}", meaning(delivery)),
    }
}

/// The first reason in a few words.
fn meaning(delivery: &StoredDelivery) -> String {
    let Some(reason) = delivery.reasons.first() else { return String::new() };
    let meaning = reason.code.meaning();
    let short = meaning.split(':').next().unwrap_or(meaning);
    short.trim_end_matches('.').to_lowercase()
}

fn click(delivery: &StoredDelivery) -> String {
    let body = delivery.body.as_deref().unwrap_or_default();
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    json["clickId"]
        .as_str()
        .map_or_else(String::new, |click| format!(" (click {})", printable(click)))
}

/// Text from outside, with nothing in it that a terminal would obey.
fn printable(text: &str) -> String {
    text.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_terminal_is_never_told_what_to_do() {
        assert_eq!(printable("a\u{1b}[31m\u{202e}\u{9b}ü"), "a\\u{1b}[31m\\u{202e}\\u{9b}ü");
    }
}
