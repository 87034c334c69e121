//! Rejections as JSON: a promise to programs, of the API and of `leadhook rejections --json`.

use crate::model::Cause;
use crate::store::{Admission, StoredRejection};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// A rejection in a list.
pub fn rejection_summary_json(stored: &StoredRejection) -> Value {
    let (rejection, request) = (&stored.rejection, stored.rejection.request.request());
    json!({
        "id": stored.id.to_string(),
        "source": request.source.as_str(),
        "received_at": request.received_at.to_string(),
        "code": rejection.code.name(),
        "causes": rejection.causes.iter().map(cause_json).collect::<Vec<_>>(),
        "peer": request.peer.map(|peer| peer.to_string()),
        "method": request.method,
        "target": request.target,
        "body_kept": rejection.body_kept,
        "bytes": stored.bytes,
        "admitted": stored.admitted.as_ref().map(admission),
    })
}

/// A rejection with its header fields, in order, and its body: `body` where it is text, else
/// `body_base64`.
pub fn rejection_json(stored: &StoredRejection) -> Value {
    let mut shape = rejection_summary_json(stored);
    let request = stored.rejection.request.request();
    let fields = request.headers.iter().map(|(name, value)| json!([name, value]));
    shape["headers"] = fields.collect();
    if stored.rejection.body_kept {
        match std::str::from_utf8(&request.body) {
            Ok(text) => shape["body"] = text.into(),
            Err(_) => shape["body_base64"] = STANDARD.encode(&request.body).into(),
        }
    }
    shape
}

/// A probable cause of a refusal.
pub fn cause_json(cause: &Cause) -> Value {
    let mut shape = Map::new();
    shape.insert("code".to_owned(), cause.code.as_ref().into());
    shape.insert("message".to_owned(), cause.message.as_str().into());
    if let Some(hint) = &cause.hint {
        shape.insert("hint".to_owned(), hint.as_str().into());
    }
    if let Some(source) = &cause.source {
        shape.insert("source".to_owned(), source.as_str().into());
    }
    shape.into()
}

fn admission(admission: &Admission) -> Value {
    let events: Vec<String> = admission.events.iter().map(ToString::to_string).collect();
    json!({ "at": admission.at.to_string(), "events": events })
}
