//! What stored events say about a mapping: pure reviews, value in and value out.
//!
//! - `shape`: which paths the payloads have, how often, since when and until when.
//! - `drift`: what of that vanished, appeared or changed its type; `rename`: what took its place.
//! - `coverage`: how often each rule and field found something.
//! - `monitor`: the same watch over one field at a time, for the running service.
//! - `chance`: the one statistical rule that all of them share.
//!
//! Absent here: reading stores and files, printing, logging and metrics.

mod chance;
mod shape;

pub use chance::{HITS_MIN, Share, chance_of_silence};
pub use shape::{Look, Reader, Shapes, printable};
