//! Reads a body: counted while it is read, within a time limit, kept byte for byte.

use crate::diagnostic::Code;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use std::time::Duration;

/// # Errors
/// `body_too_large` as soon as it is known, `body_too_slow` when the time is up, `body_incomplete`
/// where the connection ends early or the transfer coding is broken.
pub(super) async fn read(
    payload: web::Payload,
    headers: &HeaderMap,
    bytes_max: usize,
    timeout: Duration,
) -> Result<Bytes, Code> {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > bytes_max) {
        return Err(Code::BodyTooLarge);
    }
    tokio::time::timeout(timeout, collect(payload, bytes_max, announced.unwrap_or(0)))
        .await
        .unwrap_or(Err(Code::BodyTooSlow))
}

async fn collect(
    mut payload: web::Payload,
    bytes_max: usize,
    announced: usize,
) -> Result<Bytes, Code> {
    // An announcement reserves little: whoever announces much must also send it.
    let mut body = BytesMut::with_capacity(announced.min(16 * 1024));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Code::BodyIncomplete)?;
        if body.len() + chunk.len() > bytes_max {
            return Err(Code::BodyTooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
