//! The API of operators, below `/api/v1`: who may call it, and what it answers.
//!
//! Invariants:
//!
//! 1. Every route takes an [`Operator`](auth::Operator), which only the right token makes: a handler
//!    that asked for none would stand out by its signature.
//! 2. A stranger learns that a token is needed, and nothing more: not whether one is set.
//! 3. What is shown is what the store holds: credentials are fingerprints there already.
//!
//! Absent here: the acts themselves, which are verbs of `ingest` and `store`.

mod answer;
mod auth;
mod rejections;

use crate::ingest::Ingest;
use crate::model::Secret;
use crate::store::Store;
use actix_web::web;
use auth::Token;
use std::sync::Arc;

pub use rejections::{cause_json, rejection_json, rejection_summary_json};

/// What the API is built from.
pub struct Parts {
    /// Without one, nobody is let in.
    pub token: Option<Secret>,
    pub store: Arc<dyn Store>,
    pub ingest: Arc<Ingest>,
}

/// What the API works with; shared by all connections.
pub struct Admin {
    token: Option<Token>,
    store: Arc<dyn Store>,
    ingest: Arc<Ingest>,
}

impl Admin {
    pub fn new(parts: Parts) -> Self {
        let Parts { token, store, ingest } = parts;
        Self { token: token.as_ref().map(Token::new), store, ingest }
    }
}

/// Adds the routes of the API.
pub fn routes(admin: Arc<Admin>) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    move |config| {
        let scope = web::scope("/api/v1")
            .app_data(web::Data::from(admin))
            .app_data(web::PayloadConfig::new(answer::BODY_BYTES_MAX))
            .service(rejections::routes())
            .default_service(web::to(answer::route_unknown));
        config.service(scope);
    }
}
