//! What the caller is told: as little as it needs.

use super::accept::Refused;
use crate::diagnostic::Code;
use crate::provider::Answer;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// Seconds after which a provider may try again, where the trouble is ours.
const RETRY_AFTER_S: &str = "5";

/// The status that goes with a refusal.
fn status(code: Code) -> StatusCode {
    match code {
        Code::SignatureMissing
        | Code::SignatureMalformed
        | Code::SignatureMismatch
        | Code::SignatureKeyUnknown
        | Code::TokenClaims
        | Code::TimestampMissing
        | Code::TimestampMalformed
        | Code::TimestampTooOld
        | Code::TimestampTooNew => StatusCode::UNAUTHORIZED,
        Code::SourceUnknown | Code::RouteUnknown => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::PeerNotAllowed => StatusCode::FORBIDDEN,
        Code::UrlTooLong => StatusCode::URI_TOO_LONG,
        Code::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        Code::TooManyRefusals => StatusCode::TOO_MANY_REQUESTS,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
        Code::BodyIncomplete | Code::RequestMalformed | Code::HandshakeMalformed => {
            StatusCode::BAD_REQUEST
        }
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Whether the caller could not prove who it is.
pub(super) fn is_unauthenticated(code: Code) -> bool {
    status(code) == StatusCode::UNAUTHORIZED
}

/// A refusal: its code and nothing more.
pub(super) fn refusal(code: Code) -> HttpResponse {
    let status = status(code);
    let mut response = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, RETRY_AFTER_S));
    }
    // The rest of a body may still be on its way, and nobody wants to read it. And the server
    // limits how long the first head on a connection may take, but not the next: who has proved
    // nothing gets no next.
    response.force_close();
    response.json(json!({ "error": { "code": code.name() } }))
}

/// The same, with when to come again where that is known: in whole seconds, so that nobody comes
/// too early.
pub(super) fn refused(refused: &Refused) -> HttpResponse {
    let mut response = refusal(refused.code);
    if let Some(wait) = refused.retry_after {
        let seconds = u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1);
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// The acknowledgement, in the form that the provider's catalogue entry demands.
pub(super) fn accepted(status: u16, accepted: usize, duplicates: usize) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    if status == StatusCode::NO_CONTENT {
        return response.finish();
    }
    response.json(json!({ "accepted": accepted, "duplicates": duplicates }))
}

/// The answer to a handshake. What it echoes is text to whoever looks at it.
pub(super) fn handshake(answer: Answer) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    match answer {
        Answer::Empty => response.finish(),
        Answer::Text(text) => response.content_type("text/plain; charset=utf-8").body(text),
        Answer::Json(json) => response.json(json),
    }
}

pub(super) async fn method_not_allowed(_: HttpRequest) -> HttpResponse {
    let mut response = refusal(Code::MethodNotAllowed);
    response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
    response
}

pub(super) async fn route_unknown(_: HttpRequest) -> HttpResponse {
    refusal(Code::RouteUnknown)
}
