//! What must hold for any input, one function a target.
//!
//! They use what the crate offers to everybody, so that `cargo fuzz` and the tests can run them alike.
//! Absent here: where input comes from.

mod declaration;
mod signature_header;
mod split;

pub use declaration::declaration;
pub use signature_header::signature_header;
pub use split::split;
