//! Keys: what the database remembers of events and people for good, without being readable.
//!
//! Every key is HMAC-SHA256 with the secret of the installation, cut to 16 bytes. Erasing an event
//! leaves nothing of it in a key, and without the secret nobody can try out names. The parts of a
//! key carry their length, so that no two lists of parts give the same bytes.

use crate::model::{EventId, ProviderEvent, RuleName, SourceName};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A keyed hash.
pub(super) type Key = [u8; 16];

/// The secret that every key of this installation is made with.
pub(super) type Secret = [u8; 32];

/// Makes keys.
pub(super) struct Keys(Hmac<Sha256>);

/// What a key is of; keys of different kinds never meet.
#[derive(Clone, Copy)]
enum Kind {
    EventById = 1,
    EventByBytes = 2,
    Customer = 3,
    Pair = 4,
    Rule = 5,
}

impl Keys {
    pub(super) fn new(secret: &Secret) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"))
    }

    /// The key by which an event is known, and whether it is the provider's id that makes it: if
    /// not, the bytes do, and the key should not hold for good.
    pub(super) fn event(&self, source: &SourceName, event: &ProviderEvent) -> (Key, bool) {
        let (kind, identity) = match &event.provider_event_id {
            Some(id) => (Kind::EventById, id.as_bytes()),
            None => (Kind::EventByBytes, &event.bytes[..]),
        };
        // One part less where there is no type: not the same as an empty type.
        let event_type = event.event_type.as_deref().map(str::as_bytes);
        let parts = [Some(source.as_str().as_bytes()), Some(identity), event_type];
        (self.key(kind, parts.into_iter().flatten()), matches!(kind, Kind::EventById))
    }

    pub(super) fn customer(&self, customer: &str) -> Key {
        self.key(Kind::Customer, [customer.as_bytes()])
    }

    /// Customer and event name: what a destination compares.
    pub(super) fn pair(&self, customer: &str, event_slug: &str) -> Key {
        self.key(Kind::Pair, [customer.as_bytes(), event_slug.as_bytes()])
    }

    pub(super) fn rule(&self, event: EventId, rule: &RuleName) -> Key {
        self.key(Kind::Rule, [&event.as_bytes()[..], rule.as_str().as_bytes()])
    }

    fn key<'a>(&self, kind: Kind, parts: impl IntoIterator<Item = &'a [u8]>) -> Key {
        let mut mac = self.0.clone();
        mac.update(&[kind as u8]);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        *whole.first_chunk().expect("16 is less than 32")
    }
}

/// A new secret, from the randomness of the operating system.
pub(super) fn new_secret() -> Secret {
    // 122 random bits each.
    let mut hash = Sha256::new();
    for _ in 0..3 {
        hash.update(Uuid::new_v4().as_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::model::Reason;
    use bytes::Bytes;

    fn event(event_type: Option<&str>, id: Option<&str>, bytes: &'static str) -> ProviderEvent {
        ProviderEvent {
            provider_event_id: id.map(str::to_owned),
            event_type: event_type.map(str::to_owned),
            bytes: Bytes::from_static(bytes.as_bytes()),
            json: Err(Reason::new(Code::BodyNotJson)),
        }
    }

    fn check(a: (&str, &ProviderEvent), b: (&str, &ProviderEvent), same: bool) {
        let keys = Keys::new(&[7; 32]);
        let key = |(source, event): (&str, &ProviderEvent)| {
            keys.event(&source.parse().expect("a name"), event).0
        };
        assert_eq!(key(a) == key(b), same, "{a:?} {b:?}");
    }

    #[test]
    fn an_event_is_its_source_type_and_id_or_else_its_bytes() {
        let known = event(Some("user.created"), Some("msg_1"), "{}");
        check(
            ("clerk", &known),
            ("clerk", &event(Some("user.created"), Some("msg_1"), "[]")),
            true,
        );
        check(("clerk", &known), ("other", &known), false);
        check(
            ("clerk", &known),
            ("clerk", &event(Some("user.deleted"), Some("msg_1"), "{}")),
            false,
        );
        check(("clerk", &known), ("clerk", &event(None, Some("msg_1"), "{}")), false);
        check(("clerk", &known), ("clerk", &event(Some("user.created"), None, "msg_1")), false);
        check(("a", &event(None, None, "{}")), ("a", &event(None, None, "{}")), true);
        check(("a", &event(None, None, "{}")), ("a", &event(None, None, "{} ")), false);
        check(("a", &event(None, None, "{}")), ("a", &event(Some(""), None, "{}")), false);
    }

    #[test]
    fn parts_do_not_flow_into_each_other() {
        let keys = Keys::new(&[7; 32]);
        assert_ne!(keys.pair("ab", "c"), keys.pair("a", "bc"));
        assert_ne!(keys.customer("a"), Keys::new(&[8; 32]).customer("a"));
        assert_ne!(new_secret(), new_secret());
    }
}
