//! What every test needs: a running service, a way to talk to it, a destination, a look into the
//! service's database, and somebody to send requests to in the service's place.

mod database;
mod http;
mod key_page;
mod providers;
mod receiver;
mod service;
mod stand_in;

pub use database::Database;
pub use http::{Http, raw};
pub use key_page::{KEY_SET, key_page};
pub use providers::{
    Fields, auth0, auth0_action, base64, clerk, custom, hex_hmac, now_s, signed_at, typeform,
    user_created,
};
pub use receiver::Receiver;
pub use service::{
    ACTION_SECRET, AUTH0_TOKEN, Builder, CLERK_SECRET, CUSTOM_SECRET, KEY, SOME_SECRET,
    STANDARD_SECRET, Service, TYPEFORM_SECRET, hang_up, output, terminate,
};
pub use stand_in::{StandIn, destination, destination_at};

use std::time::Duration;

/// Longer than anything takes; only a hang reaches it.
pub const PATIENCE: Duration = Duration::from_secs(60);
