//! The only `now` by which anything is decided or stored, and the waiting until a point in time.
//! Only the time in front of a log line is the logger's own.

use crate::model::Timestamp;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Tells the time of day. Tests hand in a [`Manual`] one and move it themselves.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// Waits until `at` has come.
    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(at.since(self.now())))
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct Manual(watch::Sender<Timestamp>);

impl Manual {
    pub fn at(now: Timestamp) -> Self {
        Self(watch::Sender::new(now))
    }

    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now = now.plus(by));
    }
}

impl Clock for Manual {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let mut moved = self.0.subscribe();
            // The sender lives in `self`, so waiting can't end because it is gone.
            let _ = moved.wait_for(|now| *now >= at).await;
        })
    }
}
