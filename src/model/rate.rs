//! How many requests may come.

use std::num::NonZeroU32;
use std::time::Duration;

/// One in every so long in the long run, and several at once after a quiet time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub every: Duration,
    pub burst: NonZeroU32,
}
