//! `GET` and `HEAD` of a source: the handshakes of some providers, and otherwise what a person types
//! into a browser.

use super::accept::{Refused, headers, query, refuse, source};
use super::rejections::Refusal;
use super::{Ingest, answer, target};
use crate::model::Request;
use crate::provider::{Answer, Unproved};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use std::net::IpAddr;

pub(super) async fn visit(http: HttpRequest, ingest: web::Data<Ingest>) -> HttpResponse {
    let name = http.match_info().get("source").unwrap_or_default().to_owned();
    let peer = ingest.access.peer(&http);
    match handshake(&name, &http, peer, &ingest) {
        Some(Ok(answer)) => answer::handshake(answer),
        Some(Err(refused)) => {
            let now = ingest.clock.now();
            let refused = ingest.access.count(refused, &name, peer, now);
            ingest.metrics.request_refused(Some(&name), refused.code);
            ingest.refusals.note(Some(&name), &refused, peer, now);
            answer::refused(&refused)
        }
        None => answer::method_not_allowed(http).await,
    }
}

/// `None` where the source's provider has no such handshake.
fn handshake(
    name: &str,
    http: &HttpRequest,
    peer: Option<IpAddr>,
    ingest: &Ingest,
) -> Option<Result<Answer, Refused>> {
    let (source, verifier) = source(name, ingest).ok()?;
    let now = ingest.clock.now();
    let request = Request {
        source: source.name.clone(),
        method: http.method().as_str().to_owned(),
        target: target::of(http),
        headers: headers(http),
        query: query(http),
        body: Bytes::new(),
        peer,
        received_at: now,
    };
    let answer = verifier.handshake(&request, now)?;
    if let Err(code) = ingest.access.enter(http, &source, peer) {
        return Some(Err(Refused::from(code)));
    }
    Some(answer.map_err(|code| {
        let unproved = Unproved { code, request };
        refuse(ingest, Refusal { unproved, body_kept: true, verifier })
    }))
}
