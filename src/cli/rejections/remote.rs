//! A running service, asked over its API to admit a rejection.

use crate::model::{EventId, RejectionId, Secret};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) struct Remote {
    http: reqwest::Client,
    url: String,
    token: Secret,
}

/// Why a service didn't do what it was asked.
pub(super) enum Unanswered {
    /// Its answer: what it says is wrong, and what to do.
    Refused { message: String, hint: Option<String> },
    /// There was no answer that makes sense.
    Failed(String),
}

impl Remote {
    pub(super) fn new(url: &str, token: Secret) -> Result<Self, String> {
        // Fails only where it is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            // The token must not travel on to wherever an answer points.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned(), token })
    }

    /// The events that the rejection became, and whether it had become them before.
    pub(super) async fn admit(
        &self,
        id: RejectionId,
        stale: bool,
    ) -> Result<(Vec<EventId>, bool), Unanswered> {
        let failed = |error: reqwest::Error| Unanswered::Failed(error.without_url().to_string());
        let answer = self
            .http
            .post(format!("{}/api/v1/rejections/{id}/admit", self.url))
            .bearer_auth(self.token.expose())
            .header("content-type", "application/json")
            .body(json!({ "stale": stale }).to_string())
            .send()
            .await
            .map_err(failed)?;
        let status = answer.status();
        let body = answer.text().await.map_err(failed)?;
        read(status, &body)
    }
}

fn read(status: StatusCode, body: &str) -> Result<(Vec<EventId>, bool), Unanswered> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if status.is_success()
        && let Some(events) = body["events"].as_array()
    {
        let events = events.iter().filter_map(|event| event.as_str()?.parse().ok()).collect();
        return Ok((events, body["before"] == true));
    }
    match text(&body["error"]["message"]) {
        Some(message) if status.is_client_error() => {
            Err(Unanswered::Refused { message, hint: text(&body["error"]["hint"]) })
        }
        Some(message) => Err(Unanswered::Failed(message)),
        None => Err(Unanswered::Failed(format!("it answers {status}, as no leadhook does"))),
    }
}
