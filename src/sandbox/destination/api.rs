//! `POST /track/lead` as the destination does it, step by step, and the errors of its API.

use super::Click;
use super::fault::{Fault, Manner};
use super::http::{self, Request};
use super::schema::{self, Fields};
use super::state::{Customer, RecordedLead, SeenRequest, State};
use crate::model::Timestamp;
use serde_json::{Value, json};

/// An answer, and how it goes over the wire.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub manner: Manner,
}

impl Reply {
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

    fn body(&self) -> Value {
        let code = code(self.status);
        let doc_url = format!("https://dub.co/docs/api-reference/errors#{code}");
        json!({ "error": { "code": code, "message": self.message, "doc_url": doc_url } })
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

/// Answers a request, and notes it with its answer.
pub(super) fn reply(state: &mut State, request: &Request, now: Timestamp) -> Reply {
    let body: Option<Value> = serde_json::from_slice(&request.body).ok();
    let authorized = state.is_authorized(request.authorization.as_deref());
    let (answer, fault) = if request.method == "POST" && request.path == "/track/lead" {
        let fault = state.next_fault();
        (track_lead(state, authorized, body.clone(), fault.as_ref(), now), fault)
    } else {
        (Err(ApiError::new(404, "There is no such route.")), None)
    };
    let reply = dress(state, answer, fault, now);
    state.note_request(SeenRequest {
        at: now,
        method: request.method.clone(),
        path: request.path.clone(),
        authorized,
        body,
        status: reply.manner.is_answer().then_some(reply.status),
    });
    reply
}

/// The steps, in the order that makes the trap: key, pace, schema, mark, click.
fn track_lead(
    state: &mut State,
    authorized: bool,
    body: Option<Value>,
    fault: Option<&Fault>,
    now: Timestamp,
) -> Result<Value, ApiError> {
    if fault.is_some_and(Fault::comes_first) {
        return Err(ApiError::new(500, "A failure on demand."));
    }
    if !authorized {
        return Err(ApiError::new(401, "Unauthorized: Invalid API key."));
    }
    if !state.pass(now) {
        return Err(ApiError::new(429, "Too many requests."));
    }
    let body = body.ok_or_else(|| {
        ApiError::new(400, "Invalid JSON format in request body. Please ensure it is valid JSON.")
    })?;
    let fields = schema::parse(&body)?;
    let click_id = click_of(state, &fields)?;
    if !fields.deferred && !state.mark(&fields.customer, &slug(&fields.event_name), now) {
        return Ok(accepted(&click_id, Value::Null, &customer(&fields, &click_id)));
    }
    if let Some(Fault::StatusAfterMark(status)) = fault {
        return Err(ApiError::new(*status, "A failure on demand, behind the mark."));
    }
    check_click(state, &click_id)?;
    let made = customer(&fields, &click_id);
    let customer = state.customers.entry(fields.customer.clone()).or_insert(made).clone();
    if !fields.deferred {
        state.record(RecordedLead {
            at: now,
            customer: fields.customer,
            event_name: fields.event_name,
            click_id: click_id.clone(),
            quantity: fields.quantity,
            body,
        });
    }
    Ok(accepted(&click_id, link(&click_id), &customer))
}

/// The lead's own click, or else that of the customer's earlier lead.
fn click_of(state: &State, fields: &Fields) -> Result<String, ApiError> {
    if !fields.click_id.is_empty() {
        return Ok(fields.click_id.clone());
    }
    let earlier = state.customers.get(&fields.customer);
    earlier.map(|customer| customer.click_id.clone()).ok_or_else(|| {
        let message = "The `clickId` property was not provided in the request, and no existing \
                       customer with the provided `customerExternalId` was found.";
        ApiError::new(400, message)
    })
}

fn check_click(state: &State, id: &str) -> Result<(), ApiError> {
    let message = match state.click(id) {
        Some(Click::Good) => return Ok(()),
        Some(Click::Disabled) => "Link for this click is disabled.".to_owned(),
        Some(Click::OfAnotherWorkspace) => "Link for this click not found.".to_owned(),
        None => format!("Click event not found for clickId: {id}"),
    };
    Err(ApiError::new(404, message))
}

/// How event names are compared.
fn slug(event_name: &str) -> String {
    event_name.to_lowercase().split(' ').collect::<Vec<_>>().join("-")
}

fn customer(fields: &Fields, click_id: &str) -> Customer {
    Customer {
        external_id: fields.customer.clone(),
        name: fields.name.clone(),
        email: fields.email.clone(),
        avatar: fields.avatar.clone(),
        click_id: click_id.to_owned(),
    }
}

fn link(click_id: &str) -> Value {
    json!({
        "id": format!("link_of_{click_id}"),
        "domain": "sandbox.invalid",
        "key": click_id,
        "shortLink": format!("https://sandbox.invalid/{click_id}"),
        "url": "https://sandbox.invalid/",
        "partnerId": null,
        "programId": null,
        "tenantId": null,
        "externalId": null,
    })
}

fn accepted(click_id: &str, link: Value, customer: &Customer) -> Value {
    json!({
        "click": { "id": click_id },
        "link": link,
        "customer": {
            "name": customer.name,
            "email": customer.email,
            "avatar": customer.avatar,
            "externalId": customer.external_id,
        },
    })
}

/// Puts the answer into its final form: status, headers, and what the fault makes of them.
fn dress(
    state: &mut State,
    answer: Result<Value, ApiError>,
    fault: Option<Fault>,
    now: Timestamp,
) -> Reply {
    let (mut status, mut body) = match &answer {
        Ok(body) => (200, body.to_string()),
        Err(error) => (error.status, error.body().to_string()),
    };
    let mut headers = pace_headers(state, now);
    let manner = match &fault {
        // A refusal goes out whole: the fault was for a lead that passes the rules.
        Some(fault) if answer.is_ok() || fault.comes_first() => fault.manner(),
        _ => Manner::Whole,
    };
    let mut content_type = "application/json";
    match fault {
        Some(Fault::Status(demanded)) => status = demanded,
        Some(Fault::StatusWithHeaders(demanded, ours)) => {
            status = demanded;
            headers.retain(|(usual, _)| !ours.iter().any(|(it, _)| it.eq_ignore_ascii_case(usual)));
            headers.extend(ours);
        }
        Some(Fault::NotJson200) => {
            (status, content_type) = (200, "text/html");
            body = "<!doctype html><title>Sign in to the network</title>".to_owned();
        }
        Some(Fault::Redirect(demanded)) => {
            status = demanded;
            headers.push(("Location".to_owned(), "/redirected".to_owned()));
        }
        Some(Fault::EndlessBody) => status = 200,
        _ => {}
    }
    if matches!(status, 400..) && body.contains("A failure on demand.") {
        body = ApiError::new(status, "A failure on demand.").body().to_string();
    }
    headers.push(("Content-Type".to_owned(), content_type.to_owned()));
    Reply { status, headers, body: body.into_bytes(), manner }
}

/// On every answer, success too. The last two are documented as seconds; the real destination
/// sends both as a point in time in epoch milliseconds, and so does this one.
fn pace_headers(state: &mut State, now: Timestamp) -> Vec<(String, String)> {
    let pace = state.pace(now);
    let reset_at_ms = pace.reset_at.millis().to_string();
    vec![
        ("X-RateLimit-Limit".to_owned(), pace.limit.to_string()),
        ("X-RateLimit-Remaining".to_owned(), pace.remaining.to_string()),
        ("X-RateLimit-Reset".to_owned(), reset_at_ms.clone()),
        ("Retry-After".to_owned(), reset_at_ms),
    ]
}
