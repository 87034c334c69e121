//! Delivery: what is due in the store goes to the destination, and what came of it goes back.
//!
//! Invariants:
//!
//! 1. An attempt is written as started before it is made, and it ends inside its lease.
//! 2. Whatever an attempt gives is stored, with the delivery's next state, in one transaction.
//! 3. The destination is asked no faster than the pace allows, and not at all while it is held, but
//!    for the one lead at a time that asks whether it takes the key again.
//! 4. Stopping lets attempts under way finish; what was not begun is given back.
//!
//! Absent here: how an event became a lead, and anything about HTTP servers.

mod attempt;
mod client;
mod dispatcher;
mod hold;
mod outlook;
mod pace;
mod policy;

pub use client::Address;
pub use dispatcher::{Delivery, Parts, Settings};
pub use pace::Rate;
pub use policy::Policy;
