//! Samples with other ids of their events, so that the same sample can be sent again and again.

use super::{EventForm, Locator, reading};
use bytes::Bytes;
use serde_json::Value;

impl EventForm {
    pub fn renumbered(&self, sample: &Bytes, number: u64) -> Bytes {
        let (Some(id), Ok(mut document)) = (&self.identity.id, reading::read(sample)) else {
            return sample.clone();
        };
        let is_changed = match self.elements_mut(&mut document) {
            Some(elements) => {
                let each = elements.iter_mut().zip(0_u64..);
                let changed = each.map(|(event, at)| renumber(id, event, number.wrapping_add(at)));
                changed.fold(false, std::ops::BitOr::bitor)
            }
            None => renumber(id, &mut document, number),
        };
        if is_changed { document.to_string().into() } else { sample.clone() }
    }

    /// The events of a batch; `None` where the document is one event.
    fn elements_mut<'a>(&self, document: &'a mut Value) -> Option<&'a mut Vec<Value>> {
        match &self.batch {
            Some(place) => place.only_mut(document)?.as_array_mut(),
            None => document.as_array_mut(),
        }
    }
}

/// Whether the event has an id that could be changed.
fn renumber(id: &Locator, event: &mut Value, number: u64) -> bool {
    match id {
        Locator::Query(selector) => {
            let Some(node) = selector.only_mut(event) else { return false };
            *node = match node {
                Value::Number(_) => number.into(),
                Value::String(_) => format!("trigger-{number:x}").into(),
                _ => return false,
            };
            true
        }
        Locator::First(members) | Locator::Join { members, .. } => {
            members.iter().any(|member| renumber(member, event, number))
        }
        Locator::Header(_) | Locator::Claim(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::provider::Provider;
    use bytes::Bytes;

    #[track_caller]
    fn check(provider: &str, sample: &'static str, expected: &str) {
        let provider = Provider::find(provider).unwrap();
        let renumbered = provider.renumbered(&Bytes::from_static(sample.as_bytes()), 255);
        assert_eq!(renumbered, expected);
    }

    #[test]
    fn ids_become_others_of_their_type_and_the_rest_stays() {
        check("typeform", r#"{"event_id":"a","x":1}"#, r#"{"event_id":"trigger-ff","x":1}"#);
        check(
            "auth0-logs",
            r#"[{"log_id":"a"},{"log_id":7}]"#,
            r#"[{"log_id":"trigger-ff"},{"log_id":256}]"#,
        );
        check("auth0-logs", r#"{"log_id":"a"}"#, r#"{"log_id":"trigger-ff"}"#);
        check("typeform", "{ \"no_id\": 1 }", "{ \"no_id\": 1 }");
        check("typeform", "no json", "no json");
        check("clerk", "{ \"id\": 1 }", "{ \"id\": 1 }");
    }
}
