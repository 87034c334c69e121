//! Rejections: looking at them, and admitting one.

mod shape;

use super::Admin;
use super::answer::Refusal;
use super::auth::Operator;
use crate::diagnostic::Code;
use crate::model::{RejectionId, SourceName};
use crate::store::RejectionQuery;
use actix_web::{HttpResponse, Scope, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::str::FromStr;

pub use shape::{cause_json, rejection_json, rejection_summary_json};

/// Of a list, if the call doesn't say.
const LIMIT: usize = 50;
const LIMIT_MAX: usize = 200;

pub(super) fn routes() -> Scope {
    web::scope("/rejections")
        .route("", web::get().to(list))
        .route("/{id}", web::get().to(show))
        .route("/{id}/admit", web::post().to(admit))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    source: Option<String>,
    limit: Option<usize>,
    after: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdmitCall {
    #[serde(default)]
    stale: bool,
}

/// The newest first; `next` is the `after` of the next page.
async fn list(
    _: Operator,
    admin: web::Data<Admin>,
    query: Result<web::Query<ListQuery>, actix_web::Error>,
) -> Result<HttpResponse, Refusal> {
    let ListQuery { source, limit, after } = query.map_err(Refusal::invalid)?.into_inner();
    let limit = limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX);
    let query = RejectionQuery {
        source: source.as_deref().map(parsed::<SourceName>).transpose()?,
        after: after.as_deref().map(parsed::<RejectionId>).transpose()?,
        limit: limit + 1,
    };
    let mut rejections = admin.store.rejections(query).await?;
    let is_more = rejections.len() > limit;
    rejections.truncate(limit);
    let next = rejections.last().filter(|_| is_more).map(|last| last.id.to_string());
    let rejections: Vec<Value> = rejections.iter().map(rejection_summary_json).collect();
    Ok(HttpResponse::Ok().json(json!({ "rejections": rejections, "next": next })))
}

async fn show(
    _: Operator,
    admin: web::Data<Admin>,
    id: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let id = parsed::<RejectionId>(&id)?;
    let stored = admin.store.rejection(id).await?;
    let stored = stored.ok_or_else(|| Refusal::of(Code::RejectionUnknown))?;
    Ok(HttpResponse::Ok().json(rejection_json(&stored)))
}

async fn admit(
    _: Operator,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, Refusal> {
    let id = parsed::<RejectionId>(&id)?;
    let body = body.map_err(Refusal::invalid)?;
    let call = match body.is_empty() {
        true => AdmitCall::default(),
        false => serde_json::from_slice(&body).map_err(Refusal::invalid)?,
    };
    let admitted = admin.ingest.admit(id, call.stale).await?;
    let events: Vec<String> = admitted.events.iter().map(ToString::to_string).collect();
    let answer = json!({ "id": id.to_string(), "events": events, "before": admitted.before });
    Ok(HttpResponse::Ok().json(answer))
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(Refusal::invalid)
}
