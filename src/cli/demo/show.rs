//! What the demo prints.

use crate::cli::print::printable;
use crate::diagnostic::Code;
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
    table.load_style(presets::NOTHING).set_header(["webhook", "verified", "event", "lead (click)"]);
    for row in rows {
        let verified = if row.status == 200 { "yes" } else { "no" };
        let found = |id| events.iter().find(|event| event.id == id);
        let mut rest = row.events.iter().filter_map(|id| found(*id));
        let (event, lead) = match rest.next() {
            Some(event) => (kind(event), became(event)),
            None if row.status == 200 => ("known already".to_owned(), "no second one".to_owned()),
            None => ("-".to_owned(), format!("{} {}", row.status, code(&row.answer))),
        };
        table.add_row([row.title, verified, &event, &lead]);
        for event in rest {
            table.add_row(["  in the same request", "", &kind(event), &became(event)]);
        }
    }
    out!("{}\n", table.trim_fmt());
}

/// What became of an event that the user sent.
pub(super) fn line(event: &StoredEvent) {
    let (at, source) = (event.received_at.to_string(), event.source.to_string());
    // The date is today's, and nobody waits for milliseconds.
    let time = at.get(11..19).unwrap_or(&at);
    out!("{time}  {source:<12}  {:<13}  {}", kind(event), became(event));
}

pub(super) fn how_to_send(address: SocketAddr) {
    out!(
        "Send your own. What becomes of an event is shown here; refusals and repeats show
in curl's answer only. Ctrl-C ends the demo.

  curl -w '\\n' http://{address}/webhooks/auth0 -H 'authorization: Bearer demo-auth0-token' \\
    -d '{{\"id\":\"mine-1\",\"type\":\"user.created\",\"data\":{{\"object\":{{\"user_id\":\"auth0|1\",\"email\":\"me@example.com\",\"user_metadata\":{{\"dub_id\":\"my-click\"}}}}}}}}'

  BODY='{{\"event_id\":\"mine-2\",\"event_type\":\"form_response\",\"form_response\":{{\"token\":\"t1\",\"hidden\":{{\"dub_id\":\"my-click\"}},\"answers\":[]}}}}'
  curl -w '\\n' http://{address}/webhooks/typeform -d \"$BODY\" \\
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
        return "none: no rule matches".to_owned();
    }
    let texts: Vec<_> = event.deliveries.iter().map(delivery).collect();
    texts.join("\n")
}

/// In few words: the table fits a terminal of 80 columns.
fn delivery(delivery: &StoredDelivery) -> String {
    let is = |code| delivery.reasons.first().is_some_and(|reason| reason.code == code);
    match delivery.state {
        DeliveryState::Tracked => format!("tracked{}", click(delivery)),
        DeliveryState::Skipped if is(Code::NoClickId) => "none: nobody referred them".to_owned(),
        DeliveryState::Skipped => format!("none: {}", meaning(delivery)),
        DeliveryState::Parked => "parked: waits for a click id".to_owned(),
        DeliveryState::RecordedBefore => "none: recorded before".to_owned(),
        state => format!("{state}: {}", meaning(delivery)),
    }
}

/// The first reason in a few words, with the field that it is about.
fn meaning(delivery: &StoredDelivery) -> String {
    let Some(reason) = delivery.reasons.first() else { return String::new() };
    let meaning = reason.code.meaning();
    let short = meaning.split(':').next().unwrap_or(meaning);
    let short = short.trim_end_matches('.').to_lowercase();
    match &reason.field {
        Some(field) => format!("{short} ({field})"),
        None => short,
    }
}

fn click(delivery: &StoredDelivery) -> String {
    let body = delivery.body.as_deref().unwrap_or_default();
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    json["clickId"].as_str().map_or_else(String::new, |click| format!(" ({})", printable(click)))
}
