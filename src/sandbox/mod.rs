//! A stand-in destination and signed sample traffic, for `demo` and the tests.
//!
//! Nothing here may be reachable from `serve`: a stand-in that answers 200 in production would
//! lose leads with a smile. Only `app`'s throw-away mode, the commands that send samples and the
//! tests use it.

pub mod destination;
pub mod sending;
pub mod traffic;
