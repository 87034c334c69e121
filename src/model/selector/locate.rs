//! Where in a document a selected node is, for people who ask.
//!
//! Queries don't keep track of where they are: it would cost every event what only an explanation
//! needs. A node is found again by its address.

use super::Selector;
use crate::model::Budget;
use serde_json::Value;
use std::fmt::Write;

impl Selector {
    /// The place of `node` in `root`, as the shortest query; `None` where it is not found within
    /// the budget.
    pub fn place_of(root: &Value, node: &Value, budget: &mut Budget) -> Option<String> {
        let mut path = Vec::new();
        find(root, node, &mut path, budget).then(|| shown(&path))
    }
}

enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

fn find<'a>(value: &'a Value, node: &Value, path: &mut Vec<Step<'a>>, budget: &mut Budget) -> bool {
    if !budget.visit(1) {
        return false;
    }
    if std::ptr::eq(value, node) {
        return true;
    }
    let mut below = |step, child| {
        path.push(step);
        let found = find(child, node, path, budget);
        if !found {
            path.pop();
        }
        found
    };
    match value {
        Value::Array(items) => {
            items.iter().enumerate().any(|(index, child)| below(Step::Index(index), child))
        }
        Value::Object(members) => {
            members.iter().any(|(name, child)| below(Step::Name(name), child))
        }
        _ => false,
    }
}

fn shown(path: &[Step<'_>]) -> String {
    let mut text = "$".to_owned();
    for step in path {
        // Writing to a text can't fail.
        let _ = match step {
            Step::Index(index) => write!(text, "[{index}]"),
            Step::Name(name) if is_plain(name) => write!(text, ".{name}"),
            Step::Name(name) => write!(text, "['{}']", escaped(name)),
        };
    }
    text
}

fn is_plain(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(allowed) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// The name as RFC 9535 writes it in single quotes.
fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '\'' | '\\' => text.extend(['\\', c]),
            c if c.is_control() && c.is_ascii() => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::model::{Budget, Selector};
    use serde_json::json;

    #[test]
    fn the_place_of_a_node_is_a_query_for_it() {
        let root = json!({"a": [{"b c": 1}, {"it's\n": [2, "x"]}], "": {"_é": 3}});
        for (query, place) in [
            ("$", "$"),
            ("$.a[1]", "$.a[1]"),
            ("$.a[*]['b c']", "$.a[0]['b c']"),
            ("$.a[*].*[?@ == 'x']", r"$.a[1]['it\'s\u000a'][1]"),
            ("$['']['_é']", "$['']['_é']"),
        ] {
            let node = Selector::parse(query).expect(query).select(&root)[0];
            let found = Selector::place_of(&root, node, &mut Budget::new(100)).unwrap();
            assert_eq!(found, place);
            assert!(std::ptr::eq(Selector::parse(&found).unwrap().select(&root)[0], node));
        }
        assert_eq!(Selector::place_of(&root, &root["a"][1], &mut Budget::new(2)), None);
        assert_eq!(Selector::place_of(&root, &json!(1), &mut Budget::new(100)), None);
    }
}
