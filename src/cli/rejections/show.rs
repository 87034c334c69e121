//! `leadhook rejections show`: one refused request, and why.

use crate::admin::rejection_json;
use crate::cli::print::{columns, hanging, json_text, printable};
use crate::cli::{Ended, Settings, archive, settings};
use crate::model::{Cause, RejectionId};
use crate::store::StoredRejection;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The rejection, as in rej_0190a6f2...
    id: RejectionId,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print the request alone, as `leadhook verify --request` reads it
    #[arg(long, conflicts_with = "json")]
    request: bool,
}

impl Show {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let settings = settings(config);
        let found = archive::open(&settings).map(|archive| archive.rejection(self.id));
        let stored = match found {
            Err(ended) => return ended,
            Ok(Err(error)) => {
                say!("error: {error}");
                return Ended::Machine;
            }
            Ok(Ok(None)) => {
                say!("error: there is no rejection {} in the store, or none any more", self.id);
                return Ended::Input;
            }
            Ok(Ok(Some(stored))) => stored,
        };
        if self.request {
            out!("{}", json_text(&request(&stored, &settings)));
        } else if self.json {
            out!("{}", json_text(&rejection_json(&stored)));
        } else {
            show(&stored);
        }
        Ended::Done
    }
}

/// The form of a captured request. Fields of one name are joined, as HTTP allows; the URL is the one
/// that the sender called, as far as it is known.
fn request(stored: &StoredRejection, settings: &Settings) -> Value {
    let request = stored.rejection.request.request();
    let public_url = settings.config.as_ref().and_then(|config| config.public_url.as_deref());
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in request.headers.iter() {
        let earlier = headers.get(name).and_then(Value::as_str);
        let joined = earlier.map(|earlier| format!("{earlier}, {value}"));
        headers.insert(name.to_owned(), joined.unwrap_or_else(|| value.to_owned()).into());
    }
    let mut shape = json!({
        "method": request.method,
        "url": format!("{}{}", public_url.unwrap_or_default(), request.target),
        "headers": headers,
    });
    match std::str::from_utf8(&request.body) {
        Ok(text) => shape["body"] = text.into(),
        Err(_) => shape["body_base64"] = STANDARD.encode(&request.body).into(),
    }
    shape
}

fn show(stored: &StoredRejection) {
    let (rejection, request) = (&stored.rejection, stored.rejection.request.request());
    let columns = columns();
    let line = |name: &str, text: &str| {
        out!("{}", hanging(&format!("{name:<10}"), &printable(text), columns));
    };
    line("rejection", &stored.id.to_string());
    line("received", &request.received_at.to_string());
    line("source", request.source.as_str());
    if let Some(peer) = request.peer {
        line("from", &peer.to_string());
    }
    line("refused", &format!("{}: {}", rejection.code, rejection.code.meaning()));
    rejection.causes.iter().for_each(|cause| line("probably", &sentence(cause)));
    if let Some(admission) = &stored.admitted {
        let events: Vec<_> = admission.events.iter().map(ToString::to_string).collect();
        line("admitted", &format!("{}, became {}", admission.at, events.join(" ")));
    }
    out!("\n{} {}", printable(&request.method), printable(&request.target));
    for (name, value) in request.headers.iter() {
        out!("{}: {}", printable(name), printable(value));
    }
    out!();
    if !rejection.body_kept {
        out!("(its body was not kept)");
        return;
    }
    for line in String::from_utf8_lossy(&request.body).lines() {
        out!("{}", printable(line));
    }
}

fn sentence(cause: &Cause) -> String {
    match &cause.hint {
        Some(hint) => format!("{} ({hint})", cause.message),
        None => cause.message.clone(),
    }
}
