//! What an operator is told when something is not done: the code, what it means and what to do.

use crate::diagnostic::Code;
use crate::ingest::NotAdmitted;
use crate::store::StoreError;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde_json::json;
use std::fmt;

/// No call has a body near this.
pub(super) const BODY_BYTES_MAX: usize = 16 * 1024;

/// Why a call was refused.
#[derive(Debug)]
pub(super) struct Refusal {
    code: Code,
    message: String,
    hint: Option<String>,
}

impl Refusal {
    pub(super) fn of(code: Code) -> Self {
        Self { code, message: code.meaning().to_owned(), hint: None }
    }

    /// The form of the call is wrong.
    pub(super) fn invalid(message: impl fmt::Display) -> Self {
        Self { code: Code::CallInvalid, message: message.to_string(), hint: None }
    }

    fn status(&self) -> StatusCode {
        match self.code {
            Code::Unauthorized => StatusCode::UNAUTHORIZED,
            Code::CallInvalid => StatusCode::BAD_REQUEST,
            Code::RejectionUnknown | Code::RouteUnknown => StatusCode::NOT_FOUND,
            Code::StoreUnavailable | Code::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            // What is asked for can't be done with things as they are.
            _ => StatusCode::CONFLICT,
        }
    }
}

impl From<NotAdmitted> for Refusal {
    fn from(error: NotAdmitted) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self { code: error.code(), message: error.to_string(), hint }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self { code: Code::StoreUnavailable, message: error.to_string(), hint: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut error = json!({ "code": self.code.name(), "message": self.message });
        if let Some(hint) = &self.hint {
            error["hint"] = hint.as_str().into();
        }
        let mut response = HttpResponse::build(self.status());
        if self.code == Code::Unauthorized {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            // Who has proved nothing gets no next request on the connection.
            response.force_close();
        }
        response.json(json!({ "error": error }))
    }
}

pub(super) async fn route_unknown(_: HttpRequest) -> HttpResponse {
    Refusal::of(Code::RouteUnknown).error_response()
}
