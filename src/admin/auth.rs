//! Who may call: whoever shows the token.

use super::Admin;
use super::answer::Refusal;
use crate::diagnostic::Code;
use crate::model::Secret;
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};
use subtle::ConstantTimeEq;

const SCHEME: &str = "Bearer ";

/// The digest of the token, so that neither its text nor its length shows in the time that a
/// comparison takes.
pub(super) struct Token([u8; 32]);

impl Token {
    pub(super) fn new(token: &Secret) -> Self {
        Self(Sha256::digest(token.expose()).into())
    }

    fn is(&self, shown: &str) -> bool {
        let shown: [u8; 32] = Sha256::digest(shown).into();
        self.0.ct_eq(&shown).into()
    }
}

/// The right to call the API. A handler that takes one can't be reached without the token.
pub(super) struct Operator(());

impl FromRequest for Operator {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = request.app_data::<web::Data<Admin>>().and_then(|admin| admin.token.as_ref());
        let is_let_in = token.zip(bearer(request)).is_some_and(|(token, shown)| token.is(shown));
        ready(if is_let_in { Ok(Self(())) } else { Err(Refusal::of(Code::Unauthorized)) })
    }
}

/// The credential of a `Bearer` header (RFC 6750, 2.1).
fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(token.trim_ascii())
}
