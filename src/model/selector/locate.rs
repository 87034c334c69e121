//! Where in the event a query finds its values: for reviews, not on the way of an event.

use super::Selector;
use serde_json::Value;
use serde_json_path::PathElement;

/// A selected value and the way to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Located<'a> {
    pub way: Vec<PathStep<'a>>,
    pub value: &'a Value,
}

/// One step down: into an object or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathStep<'a> {
    Name(&'a str),
    Index(usize),
}

impl Selector {
    /// Every selected value with the way to it, in the order of RFC 9535.
    pub fn locate<'a>(&self, root: &'a Value) -> Vec<Located<'a>> {
        let nodes = self.path.query_located(root).all();
        nodes
            .into_iter()
            .map(|node| {
                let value = node.node();
                Located { way: node.to_location().iter().map(step).collect(), value }
            })
            .collect()
    }
}

fn step<'a>(element: &PathElement<'a>) -> PathStep<'a> {
    match element {
        PathElement::Name(name) => PathStep::Name(name),
        PathElement::Index(index) => PathStep::Index(*index),
    }
}

#[cfg(test)]
mod tests {
    use super::{Selector, PathStep};
    use serde_json::json;

    #[test]
    fn values_are_found_with_their_ways() {
        let root = json!({ "list": [{ "id": 1 }, { "id": 2, "a b": "x" }] });
        let selector = Selector::parse("$.list[?@.id == 2]['a b']").expect("it is valid");
        let located = selector.locate(&root);
        let way = vec![PathStep::Name("list"), PathStep::Index(1), PathStep::Name("a b")];
        assert_eq!(located.len(), 1);
        assert_eq!((located[0].way.clone(), located[0].value), (way, &json!("x")));
    }
}
