//! Reads a body: counted while it is read, within a time limit, kept byte for byte.
//!
//! Anybody can send bodies, before anything is verified. One is bounded by its limit, and all of
//! them together by a budget, so that many slow senders can't take the machine's memory.

use crate::diagnostic::Code;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Nothing is counted up to here, so that a flood of large bodies keeps out large ones only:
/// nearly all webhooks are smaller.
const SMALL_BYTES: usize = 16 * 1024;
/// What one permit of the budget stands for.
const PERMIT_BYTES: usize = 1024;

/// The memory that all large bodies may take together, those that wait to be stored included.
#[derive(Clone, Debug)]
pub(super) struct Budget(Arc<Semaphore>);

impl Budget {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self(Arc::new(Semaphore::new((bytes_max / PERMIT_BYTES).max(1))))
    }
}

/// A body, with its share of the budget for as long as it is held.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    pub(super) share: Share,
}

/// A share of the budget; given back when dropped.
#[derive(Debug)]
pub(super) struct Share(OwnedSemaphorePermit);

impl Share {
    pub(super) fn new(budget: &Budget) -> Result<Self, Code> {
        let permit = Arc::clone(&budget.0).try_acquire_many_owned(0);
        permit.map(Self).map_err(|_| Code::Overloaded)
    }

    /// Makes it large enough for a body of `bytes` in all.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Code> {
        let missing = permits(bytes).saturating_sub(self.0.num_permits());
        let missing = u32::try_from(missing).map_err(|_| Code::Overloaded)?;
        let more = Arc::clone(self.0.semaphore()).try_acquire_many_owned(missing);
        self.0.merge(more.map_err(|_| Code::Overloaded)?);
        Ok(())
    }

    /// Gives back what is not needed for `bytes` in all.
    pub(super) fn shrink(&mut self, bytes: usize) {
        let spare = self.0.num_permits().saturating_sub(permits(bytes));
        drop(self.0.split(spare));
    }
}

/// How many a body of `bytes` takes.
fn permits(bytes: usize) -> usize {
    bytes.saturating_sub(SMALL_BYTES).div_ceil(PERMIT_BYTES)
}

/// # Errors
/// `body_too_large` as soon as it is known, `body_too_slow` when the time is up, `body_incomplete`
/// where the connection ends early or the transfer coding is broken, `overloaded` where the budget
/// is used up.
pub(super) async fn read(
    payload: web::Payload,
    headers: &HeaderMap,
    bytes_max: usize,
    timeout: Duration,
    budget: &Budget,
) -> Result<Body, Code> {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > bytes_max) {
        return Err(Code::BodyTooLarge);
    }
    let share = Share::new(budget)?;
    tokio::time::timeout(timeout, collect(payload, bytes_max, announced.unwrap_or(0), share))
        .await
        .unwrap_or(Err(Code::BodyTooSlow))
}

async fn collect(
    mut payload: web::Payload,
    bytes_max: usize,
    announced: usize,
    mut share: Share,
) -> Result<Body, Code> {
    // An announcement reserves little: whoever announces much must also send it.
    let mut body = BytesMut::with_capacity(announced.min(SMALL_BYTES));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Code::BodyIncomplete)?;
        let length = body.len() + chunk.len();
        if length > bytes_max {
            return Err(Code::BodyTooLarge);
        }
        share.grow(length)?;
        body.extend_from_slice(&chunk);
    }
    Ok(Body { bytes: body.freeze(), share })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_bodies_share_one_budget_and_keep_out_large_ones_only() {
        let budget = Budget::new(4 * PERMIT_BYTES);
        let mut first = Share::new(&budget).expect("there is room");
        assert_eq!(first.grow(SMALL_BYTES + 3 * PERMIT_BYTES), Ok(()));
        assert_eq!(first.grow(SMALL_BYTES + 2 * PERMIT_BYTES), Ok(()));
        let mut second = Share::new(&budget).expect("there is room");
        assert_eq!(second.grow(SMALL_BYTES + PERMIT_BYTES + 1), Err(Code::Overloaded));
        assert_eq!(second.grow(SMALL_BYTES + 1), Ok(()));
        let mut small = Share::new(&budget).expect("a small one needs none");
        assert_eq!(small.grow(SMALL_BYTES), Ok(()));
        first.shrink(SMALL_BYTES + 2 * PERMIT_BYTES);
        assert_eq!(second.grow(SMALL_BYTES + 2 * PERMIT_BYTES), Ok(()));
        drop(first);
        assert_eq!(second.grow(SMALL_BYTES + 4 * PERMIT_BYTES), Ok(()));
    }
}
