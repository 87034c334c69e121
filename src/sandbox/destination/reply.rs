//! Answers: the API's own, and those that a fault gives in its place.

use super::fault::{Fault, Manner};
use super::http;
use super::state::Pace;
use serde_json::{Value, json};

/// An answer, and how it goes over the wire.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub manner: Manner,
}

/// An error of the API.
#[derive(Debug)]
pub(super) struct ApiError {
    pub status: u16,
    pub message: String,
}

impl ApiError {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

impl Reply {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(super) fn error(error: &ApiError) -> Self {
        let code = code(error.status);
        let doc_url = format!("https://dub.co/docs/api-reference/errors#{code}");
        let error_body = json!({ "code": code, "message": error.message, "doc_url": doc_url });
        Self::json(error.status, &json!({ "error": error_body }))
    }

    /// The answer of a fault that comes before every rule; `None` for those that do not.
    pub(super) fn in_front(fault: &Fault) -> Option<Self> {
        let failure = |status| Self::error(&ApiError::new(status, "A failure on demand."));
        let mut reply = match fault {
            Fault::Status(status) => failure(*status),
            Fault::StatusWithHeaders(status, headers) => {
                let mut reply = failure(*status);
                headers.iter().for_each(|(name, value)| reply.set_header(name, value));
                reply
            }
            Fault::Redirect(status) => {
                let mut reply = failure(*status);
                reply.set_header("Location", "/redirected");
                reply
            }
            Fault::NotJson200 => {
                Self::new(200, "text/html", "<!doctype html><title>Sign in</title>".to_owned())
            }
            Fault::Hang | Fault::Reset | Fault::EndlessBody => Self::json(200, &json!({})),
            Fault::StatusAfterMark(_)
            | Fault::RecordThenHang
            | Fault::RecordThenReset
            | Fault::HalfAnswer
            | Fault::Held => return None,
        };
        reply.manner = fault.manner();
        Some(reply)
    }

    fn new(status: u16, content_type: &str, body: String) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into_bytes(), manner: Manner::Whole }
    }

    fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Adds the headers of the pace, but for those that a fault has set. They are on every answer,
    /// success too. The last two are documented as seconds; the real destination sends both as a
    /// point in time in epoch milliseconds, and so does this one.
    pub(super) fn add_pace(&mut self, pace: &Pace) {
        let reset_at_ms = pace.reset_at.millis().to_string();
        for (name, value) in [
            ("X-RateLimit-Limit", pace.limit.to_string()),
            ("X-RateLimit-Remaining", pace.remaining.to_string()),
            ("X-RateLimit-Reset", reset_at_ms.clone()),
            ("Retry-After", reset_at_ms),
        ] {
            if !self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                self.set_header(name, &value);
            }
        }
    }

    /// The whole answer.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = http::head(self.status, &self.headers).into_bytes();
        if http::has_body(self.status) {
            bytes.extend(format!("Content-Length: {}\r\n\r\n", self.body.len()).into_bytes());
            bytes.extend(&self.body);
        } else {
            bytes.extend(b"\r\n");
        }
        bytes
    }

    /// All but the second half of the body.
    pub(super) fn half_the_bytes(&self) -> Vec<u8> {
        let mut bytes = self.bytes();
        bytes.truncate(bytes.len() - self.body.len().div_ceil(2));
        bytes
    }
}

/// The `error.code` that goes with a status.
fn code(status: u16) -> &'static str {
    match status {
        400 => "bad_request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        409 => "conflict",
        410 => "invite_expired",
        422 => "unprocessable_entity",
        429 => "rate_limit_exceeded",
        _ => "internal_server_error",
    }
}
