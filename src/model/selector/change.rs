//! Reaching the node of a singular query in order to change it.

use super::Selector;
use super::program::Pick;
use serde_json::Value;

impl Selector {
    /// The node that a singular query selects; `None` where there is none, or the query could
    /// select several.
    pub fn only_mut<'a>(&self, root: &'a mut Value) -> Option<&'a mut Value> {
        self.segments.iter().try_fold(root, |node, segment| match &segment.pick {
            Pick::Name(name) => node.as_object_mut()?.get_mut(name),
            Pick::Index(index) => {
                let items = node.as_array_mut()?;
                let from_end =
                    || items.len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?);
                let at = usize::try_from(*index).ok().or_else(from_end)?;
                items.get_mut(at)
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Selector;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(query: &str, expected: Option<Value>) {
        let mut root = json!({"a": [{"b": 1}, {"b": 2}], "": 3});
        let selector = Selector::parse(query).unwrap();
        let selected = selector.select(&root).first().map(|node| (*node).clone());
        assert_eq!(selected.filter(|_| selector.is_singular()), expected);
        assert_eq!(selector.only_mut(&mut root).cloned(), expected);
    }

    #[test]
    fn it_is_the_node_that_the_query_selects() {
        check("$", Some(json!({"a": [{"b": 1}, {"b": 2}], "": 3})));
        check("$.a[0].b", Some(json!(1)));
        check("$.a[-1].b", Some(json!(2)));
        check("$['']", Some(json!(3)));
        for none in ["$.a[2]", "$.a[-3]", "$.a.b", "$.b", "$[0]", "$.a[*]", "$.a[0,1]"] {
            check(none, None);
        }
    }
}
