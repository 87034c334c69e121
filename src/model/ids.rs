//! Identifiers: UUIDv7, so that they sort by time, shown with a prefix that says of what.

use super::Timestamp;
use std::fmt;
use std::str::FromStr;
use uuid::{NoContext, Uuid};

/// A text that is no identifier of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id of this kind looks like {0}_0190a6f2…")]
pub struct IdError(&'static str);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one, made at `now`.
            pub fn new(now: Timestamp) -> Self {
                let millis = u64::try_from(now.millis()).unwrap_or(0);
                let (seconds, rest) = (millis / 1_000, (millis % 1_000) as u32);
                Self(Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, rest * 1_000_000)))
            }

            /// As it is stored.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// As it was stored.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(IdError($prefix))
            }
        }
    };
}

id!(
    /// One HTTP call to a source.
    RequestId, "req"
);
id!(
    /// One thing that happened at the provider.
    EventId, "evt"
);
id!(
    /// What one rule made of one event.
    DeliveryId, "dlv"
);
id!(
    /// One HTTP try of a delivery.
    AttemptId, "att"
);
id!(
    /// A request refused before it became an event.
    RejectionId, "rej"
);

/// Proof of holding the lease of a delivery: the id of the attempt that the lease was given for.
/// A conclusion that carries another one comes too late.
pub type LeaseToken = AttemptId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_what_they_show_and_sort_by_time() {
        let early = EventId::new(Timestamp::from_millis(1_000));
        let late = EventId::new(Timestamp::from_millis(2_000));
        assert!(early < late);
        assert!(early.to_string().starts_with("evt_"));
        assert_eq!(early.to_string().parse(), Ok(early));
        assert!(early.to_string().parse::<DeliveryId>().is_err());
    }
}
