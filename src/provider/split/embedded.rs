//! Texts that hold JSON, as some senders put a document into a field of another.
//!
//! They are opened in place before anything else looks at the document, and closed again when a
//! sample is sent. What holds no JSON object or list is left alone: such a field may be empty, or
//! say something else once.

use super::{reading, structure};
use crate::model::Selector;
use serde_json::Value;

/// Replaces the text at each of `places`, one after the other, by what it holds.
pub(super) fn open(places: &[Selector], document: &mut Value) {
    for place in places {
        let Some(node) = place.only_mut(document) else { continue };
        let Value::String(text) = node else { continue };
        // A document that is nested deeper than one that is read at once could not be read again.
        if place.way().steps.len() + structure::depth(text) > reading::DEPTH_MAX {
            continue;
        }
        if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = reading::read(text.as_bytes()) {
            *node = inner;
        }
    }
}

/// Replaces what is at `places` by texts that hold it; `false` where there was nothing to replace.
pub(super) fn close(places: &[Selector], document: &mut Value) -> bool {
    let mut changed = false;
    // The last was the innermost.
    for place in places.iter().rev() {
        if let Some(node @ (Value::Object(_) | Value::Array(_))) = place.only_mut(document) {
            *node = Value::String(node.to_string());
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn places() -> Vec<Selector> {
        let parse = |query| Selector::parse(query).unwrap();
        ["$.a", "$.a.b", "$.l[-1]"].map(parse).into()
    }

    #[track_caller]
    fn check(closed: Value, open_: Value) {
        let mut document = closed.clone();
        open(&places(), &mut document);
        assert_eq!(document, open_);
        close(&places(), &mut document);
        assert_eq!(document, closed);
    }

    #[test]
    fn texts_are_opened_one_within_the_other() {
        check(json!({"a": "{\"c\":1}"}), json!({"a": {"c": 1}}));
        check(json!({"a": "{\"b\":\"[1]\"}"}), json!({"a": {"b": [1]}}));
        check(json!({"l": ["[]", "[]"]}), json!({"l": ["[]", []]}));
    }

    #[test]
    fn what_holds_no_document_is_left_alone() {
        for text in ["", "x", "{", "1", "true", "null", "\"{}\""] {
            check(json!({ "a": text }), json!({ "a": text }));
        }
        check(json!({"l": []}), json!({"l": []}));
        check(json!([1]), json!([1]));
    }

    #[test]
    fn nothing_is_opened_that_could_not_be_read_again() {
        let nested = |depth: usize| json!({ "a": "[".repeat(depth) + &"]".repeat(depth) });
        let opened = |mut document: Value| {
            open(&places(), &mut document);
            assert!(serde_json::from_str::<Value>(&document.to_string()).is_ok());
            document["a"].is_array()
        };
        assert!(opened(nested(126)));
        assert!(!opened(nested(127)));
    }
}
