//! The only outbound HTTP of the service: one `POST /track/lead`, read into an [`AttemptResult`].
//!
//! Nothing is retried and no redirect is followed here: attempts are counted and durable, and a
//! redirected lead would carry the key to a stranger.

use crate::model::{AttemptResult, Failure, Refusal, Secret, Timestamp};
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::Value;
use std::time::Duration;

/// No answer of the API is near this; the rest of a longer one is not read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
const CODE_CHARS_MAX: usize = 64;
const MESSAGE_CHARS_MAX: usize = 300;

/// A destination as the client sees it.
#[derive(Clone, Debug)]
pub struct Address {
    /// Base URL, as in `https://api.dub.co`.
    pub url: String,
    pub key: Secret,
    pub connect_timeout: Duration,
    /// From the beginning of an attempt to the last byte of its answer. Must be well below the
    /// lease, so that an attempt ends inside it.
    pub total_timeout: Duration,
    /// Connections kept open between attempts.
    pub connections: usize,
}

/// Sends leads to one destination.
#[derive(Clone, Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    authorization: HeaderValue,
}

/// What one attempt gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) result: AttemptResult,
    pub(super) status: Option<u16>,
    /// `X-RateLimit-Limit`, requests a minute.
    pub(super) limit_per_minute: Option<u32>,
    /// Why there was no answer, for the log: refused, not resolved, a certificate.
    pub(super) cause: Option<String>,
}

impl Client {
    /// # Errors
    /// A sentence where the key can't stand in a header or the TLS roots can't be read.
    pub(super) fn new(address: &Address) -> Result<Self, String> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", address.key.expose()))
            .map_err(|_| "the key has characters that no HTTP header can hold".to_owned())?;
        authorization.set_sensitive(true);
        // Fails only where it is installed already, by an earlier client.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(address.connect_timeout)
            .timeout(address.total_timeout)
            .pool_max_idle_per_host(address.connections)
            .user_agent(concat!("leadhook/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| with_causes(&error))?;
        let url = format!("{}/track/lead", address.url.trim_end_matches('/'));
        Ok(Self { http, url, authorization })
    }

    /// Sends a lead once. `now` tells the time when the answer is there, for `Retry-After`.
    pub(super) async fn attempt(&self, body: Bytes, now: impl Fn() -> Timestamp) -> Answer {
        let sent = self
            .http
            .post(&self.url)
            .header(AUTHORIZATION, &self.authorization)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await;
        match sent {
            Ok(response) => read(response, now).await,
            // An error while connecting, TLS included: the lead was never sent.
            Err(error) if error.is_connect() => failed(Failure::Unreachable, error),
            Err(error) => failed(Failure::Lost, error),
        }
    }
}

/// The library's own sentence is only "builder error": what is wrong stands in its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn failed(failure: Failure, error: reqwest::Error) -> Answer {
    Answer {
        result: AttemptResult::Failed(failure),
        status: None,
        limit_per_minute: None,
        cause: Some(with_causes(&error.without_url())),
    }
}

async fn read(mut response: reqwest::Response, now: impl Fn() -> Timestamp) -> Answer {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => {
                body.extend_from_slice(&chunk);
            }
            // Too long for the API, or cut off: judged by its status and what is there.
            Ok(_) | Err(_) => break,
        }
    }
    let retry_at = header(&headers, RETRY_AFTER.as_str()).and_then(|text| retry_at(text, now()));
    Answer {
        result: interpret(status, &body, retry_at),
        status: Some(status),
        limit_per_minute: header(&headers, "x-ratelimit-limit").and_then(|text| text.parse().ok()),
        cause: None,
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// Reads an answer of `POST /track/lead` ("Dub API reference, Track a lead").
fn interpret(status: u16, body: &[u8], retry_at: Option<Timestamp>) -> AttemptResult {
    let json: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    if status == 200 {
        match json.get("link") {
            Some(Value::Object(_)) => return AttemptResult::Linked,
            Some(Value::Null) => return AttemptResult::Unlinked,
            _ => {}
        }
    }
    let text = |key: &str, chars_max: usize| {
        json.pointer(&format!("/error/{key}"))
            .and_then(Value::as_str)
            .map(|text| text.chars().take(chars_max).collect())
    };
    AttemptResult::Refused(Refusal {
        status,
        code: text("code", CODE_CHARS_MAX),
        message: text("message", MESSAGE_CHARS_MAX),
        retry_at,
    })
}

/// Reads `Retry-After`: an HTTP date, or a number that by its size is seconds from now, epoch
/// seconds or epoch milliseconds. The destination documents the first and sends the last.
fn retry_at(text: &str, now: Timestamp) -> Option<Timestamp> {
    const DELTA_SECONDS_BELOW: u64 = 10_000_000;
    const EPOCH_SECONDS_BELOW: u64 = 100_000_000_000;
    match text.parse::<u64>() {
        Ok(number) if number < DELTA_SECONDS_BELOW => Some(now.plus(Duration::from_secs(number))),
        Ok(number) if number < EPOCH_SECONDS_BELOW => {
            i64::try_from(number * 1_000).ok().map(Timestamp::from_millis)
        }
        Ok(number) => i64::try_from(number).ok().map(Timestamp::from_millis),
        Err(_) => jiff::fmt::rfc2822::parse(text)
            .ok()
            .map(|date| Timestamp::from_millis(date.timestamp().as_millisecond())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    #[test]
    fn retry_after_is_read_by_its_form_and_size() {
        for (text, at) in [
            ("0", Some(1_767_225_600_000)),
            ("9", Some(1_767_225_609_000)),
            ("9999999", Some(1_777_225_599_000)),
            ("1767225609", Some(1_767_225_609_000)),
            ("1767225609123", Some(1_767_225_609_123)),
            ("Thu, 01 Jan 2026 00:00:09 GMT", Some(1_767_225_609_000)),
            ("soon", None),
            ("-5", None),
            ("", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(retry_at(text, NOW).map(Timestamp::millis), at, "{text}");
        }
    }

    #[track_caller]
    fn check(status: u16, body: &str, expected: AttemptResult) {
        assert_eq!(interpret(status, body.as_bytes(), None), expected);
    }

    #[test]
    fn an_answer_is_what_the_api_says_and_nothing_else() {
        use AttemptResult::*;
        let refused = |status, code: Option<&str>, message: Option<&str>| {
            Refused(Refusal {
                status,
                code: code.map(Into::into),
                message: message.map(Into::into),
                retry_at: None,
            })
        };
        check(200, r#"{"click":{"id":"c"},"link":{"id":"l"},"customer":{}}"#, Linked);
        check(200, r#"{"click":{"id":"c"},"link":null,"customer":{}}"#, Unlinked);
        check(200, r#"{"ok":true}"#, refused(200, None, None));
        check(200, "<html>", refused(200, None, None));
        check(200, r#"{"link":"#, refused(200, None, None));
        check(204, "", refused(204, None, None));
        check(201, r#"{"link":{}}"#, refused(201, None, None));
        check(
            404,
            r#"{"error":{"code":"not_found","message":"Click event not found","doc_url":"x"}}"#,
            refused(404, Some("not_found"), Some("Click event not found")),
        );
        check(404, "<html>Not Found</html>", refused(404, None, None));
        check(500, r#"{"error":"x"}"#, refused(500, None, None));
    }
}
