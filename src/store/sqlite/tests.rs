//! What only this store promises, and the conformance suite on it.

mod archive;
mod bench;
mod files;
mod reopened;
mod writes;

use bench::SqliteBench;

crate::store::conformance::conformance!(SqliteBench);
