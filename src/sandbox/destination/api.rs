//! `POST /track/lead` as the destination does it, step by step.

use super::Click;
use super::fault::Fault;
use super::http::Request;
use super::reply::{ApiError, Reply};
use super::schema::{self, Fields};
use super::state::{Customer, RecordedLead, SeenRequest, State};
use crate::model::Timestamp;
use serde_json::{Value, json};

/// Answers a request, and notes it with its answer.
pub(super) fn reply(state: &mut State, request: &Request, now: Timestamp) -> Reply {
    let body: Option<Value> = serde_json::from_slice(&request.body).ok();
    let authorized = state.is_authorized(request.authorization.as_deref());
    let mut reply = if request.method == "POST" && request.path == "/track/lead" {
        lead_reply(state, authorized, body.clone(), now)
    } else {
        Reply::error(&ApiError::new(404, "There is no such route."))
    };
    reply.add_pace(&state.pace(now));
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

/// The answer to a lead, with the fault that is due.
fn lead_reply(state: &mut State, authorized: bool, body: Option<Value>, now: Timestamp) -> Reply {
    let fault = state.next_fault();
    if let Some(reply) = fault.as_ref().and_then(Reply::in_front) {
        return reply;
    }
    let after_mark = match fault {
        Some(Fault::StatusAfterMark(status)) => Some(status),
        _ => None,
    };
    let mut reply = match track_lead(state, authorized, body, after_mark, now) {
        Ok(body) => Reply::json(200, &body),
        Err(error) => Reply::error(&error),
    };
    if let Some(fault) = fault {
        reply.manner = fault.manner();
    }
    reply
}

/// The steps, in the order that makes the trap: key, pace, schema, mark, click. With `after_mark`
/// it fails with that status behind the mark.
fn track_lead(
    state: &mut State,
    authorized: bool,
    body: Option<Value>,
    after_mark: Option<u16>,
    now: Timestamp,
) -> Result<Value, ApiError> {
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
    if let Some(status) = after_mark {
        return Err(ApiError::new(status, "A failure on demand, behind the mark."));
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
