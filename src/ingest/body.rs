//! Reads a body: counted while it is read, within a time limit, kept byte for byte.
//!
//! Whoever sends a body has proved nothing yet, so that all bodies under way together have a limit
//! too: thousands of slow large ones must not use up the memory.

use crate::diagnostic::Code;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Nothing is counted up to here, so that a flood of large bodies keeps out large ones only:
/// nearly all webhooks are smaller.
const SMALL_BYTES: usize = 16 * 1024;
/// More than the largest body that can be configured.
const LARGE_BYTES_AT_ONCE: usize = 128 * 1024 * 1024;

/// How many bytes of large bodies may still come.
#[derive(Debug)]
pub struct Bodies(Semaphore);

impl Default for Bodies {
    fn default() -> Self {
        Self(Semaphore::new(LARGE_BYTES_AT_ONCE))
    }
}

/// # Errors
/// `body_too_large` as soon as it is known, `body_too_slow` when the time is up, `body_incomplete`
/// where the connection ends early or the transfer coding is broken, `overloaded` where too many
/// large bodies are under way.
pub(super) async fn read(
    payload: web::Payload,
    headers: &HeaderMap,
    bytes_max: usize,
    timeout: Duration,
    bodies: &Bodies,
) -> Result<Bytes, Code> {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > bytes_max) {
        return Err(Code::BodyTooLarge);
    }
    tokio::time::timeout(timeout, collect(payload, bytes_max, announced.unwrap_or(0), bodies))
        .await
        .unwrap_or(Err(Code::BodyTooSlow))
}

async fn collect<E>(
    mut payload: impl Stream<Item = Result<Bytes, E>> + Unpin,
    bytes_max: usize,
    announced: usize,
    Bodies(free): &Bodies,
) -> Result<Bytes, Code> {
    // An announcement reserves little: whoever announces much must also send it.
    let mut body = BytesMut::with_capacity(announced.min(SMALL_BYTES));
    // Given back when the body is complete: what follows, verification, waits for nobody.
    let mut held = free.try_acquire_many(0).map_err(|_| Code::Overloaded)?;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Code::BodyIncomplete)?;
        if body.len() + chunk.len() > bytes_max {
            return Err(Code::BodyTooLarge);
        }
        let large = (body.len() + chunk.len()).saturating_sub(SMALL_BYTES.max(body.len()));
        let large = u32::try_from(large).map_err(|_| Code::BodyTooLarge)?;
        held.merge(free.try_acquire_many(large).map_err(|_| Code::Overloaded)?);
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream::{iter, pending};
    use std::convert::Infallible;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn chunks(lengths: &[usize]) -> Vec<Result<Bytes, Infallible>> {
        lengths.iter().map(|length| Ok(Bytes::from(vec![b'a'; *length]))).collect()
    }

    #[tokio::test]
    async fn large_bodies_under_way_keep_out_large_ones_only() {
        let bodies = Bodies(Semaphore::new(1_000));
        let small = || collect(iter(chunks(&[1, SMALL_BYTES - 1])), usize::MAX, 0, &bodies);
        let large = || collect(iter(chunks(&[SMALL_BYTES - 1, 2])), usize::MAX, 0, &bodies);
        {
            let slow = iter(chunks(&[SMALL_BYTES, 600, 400])).chain(pending());
            let mut slow = pin!(collect(slow, usize::MAX, 0, &bodies));
            assert_eq!(slow.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
            assert_eq!(large().await, Err(Code::Overloaded));
            assert_eq!(small().await.map(|body| body.len()), Ok(SMALL_BYTES));
        }
        assert_eq!(large().await.map(|body| body.len()), Ok(SMALL_BYTES + 1));
        assert_eq!(bodies.0.available_permits(), 1_000);
    }
}
