//! A lead that the destination can take: made by the `lead` module only from checked parts.

use super::Reason;
use bytes::Bytes;

/// One body for the destination, with what the ledger needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// The JSON that is sent, byte for byte the same in every attempt.
    pub body: Bytes,
    /// `customerExternalId`, trimmed as the destination trims.
    pub customer: String,
    /// The event name as the destination compares it; see [`event_slug`].
    pub event_slug: String,
    /// Whether the lead carries a click id of its own.
    pub has_click: bool,
    pub mode: Mode,
    /// What was repaired or left out so that the lead could go.
    pub warnings: Vec<Warning>,
}

impl Lead {
    /// The same lead with a click id of its own; it must have had none.
    pub fn with_click(self, click_id: &str) -> Self {
        Self { body: body_with_click(&self.body, click_id), has_click: true, ..self }
    }
}

/// A body that was built without a click id, as it would have been with this one. The click id
/// comes first in the order of the bytes.
pub fn body_with_click(body: &[u8], click_id: &str) -> Bytes {
    let id = serde_json::Value::from(click_id);
    let rest = body.get(1..).unwrap_or_default();
    [format!("{{\"clickId\":{id},").as_bytes(), rest].concat().into()
}

/// The click that brought a customer: made by the `lead` module only, from checked parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Click {
    /// `customerExternalId`, trimmed as the destination trims.
    pub customer: String,
    /// Trimmed, and never empty.
    pub click_id: String,
}

/// When the destination answers and what it records ("Dub API reference, Track a lead").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Answers before the lead is recorded.
    #[default]
    Async,
    /// Answers after the lead is recorded.
    Wait,
    /// Creates the customer now and the lead at a later request.
    Deferred,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Async, Mode::Wait, Mode::Deferred];

    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Async => "async",
            Mode::Wait => "wait",
            Mode::Deferred => "deferred",
        }
    }
}

/// An optional field that was changed or left out, and why.
pub type Warning = Reason;

/// An event name as the destination compares it: lower-cased, spaces as `-`, so that `Sign up`
/// equals `sign-up`.
pub fn event_slug(event_name: &str) -> String {
    event_name.to_lowercase().replace(' ', "-")
}
