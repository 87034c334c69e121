//! The stand-in destination, for tests that wait without an async runtime of their own.

use super::{KEY, PATIENCE};
use leadhook::sandbox::destination::{Destination, Options, State};
use serde_json::Value;
use std::ops::Deref;

pub struct StandIn(Destination);

/// A stand-in destination that takes [`KEY`] and knows every click.
pub fn destination() -> StandIn {
    destination_at(0)
}

/// The same, on a port of the test's choice.
pub fn destination_at(port: u16) -> StandIn {
    let options = Options {
        api_key: KEY.to_owned(),
        rate_per_minute: 10_000_000,
        port,
        ..Options::default()
    };
    StandIn(Destination::start(options).expect("a stand-in destination starts"))
}

impl Deref for StandIn {
    type Target = Destination;

    fn deref(&self) -> &Destination {
        &self.0
    }
}

impl StandIn {
    /// Waits until `condition` holds; fails where it never does.
    #[track_caller]
    pub fn expect(&self, condition: impl FnMut(&State) -> bool) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime can be made");
        let waited = runtime
            .block_on(async { tokio::time::timeout(PATIENCE, self.0.wait_for(condition)).await });
        let seen: Vec<_> = self.requests().iter().map(|request| request.status).collect();
        assert!(waited.is_ok(), "it never came to that; the answers were {seen:?}");
    }

    /// Waits until `count` leads are recorded; answers their bodies.
    #[track_caller]
    pub fn expect_leads(&self, count: usize) -> Vec<Value> {
        self.expect(|state| state.leads.len() >= count);
        self.leads().into_iter().map(|lead| lead.body).collect()
    }
}
