//! Where the events of a document are that carries several.

use crate::diagnostic::Code;
use crate::model::{Reason, Selector, StepKind};
use serde_json::{Value, json};

/// The elements of the one list that `place` selects; otherwise every node that it selects.
///
/// # Errors
/// There is nothing that could be an event, or there are more than `events_max`.
pub(super) fn cut(
    place: &Selector,
    document: &Value,
    events_max: usize,
) -> Result<Vec<Value>, Reason> {
    let events = match place.select(document).as_slice() {
        [Value::Array(elements)] => elements.iter().collect(),
        [] => return Err(not_found(place)),
        [node] if !node.is_object() => return Err(not_found(place)),
        nodes => nodes.to_vec(),
    };
    if events.len() > events_max {
        return Err(too_large(events_max));
    }
    Ok(events.into_iter().cloned().collect())
}

/// The document from which `place` cuts nothing but `event`.
pub(super) fn around(place: &Selector, event: Value) -> Value {
    let steps = place.way().steps;
    let is_open = steps.last().is_some_and(|step| !matches!(step.kind, StepKind::Name(_)));
    let inner = if is_open { event } else { json!([event]) };
    steps.iter().rev().fold(inner, |inner, step| match &step.kind {
        StepKind::Name(name) => json!({ name.as_str(): inner }),
        StepKind::Index | StepKind::Several | StepKind::Filter(_) => json!([inner]),
    })
}

pub(super) fn too_large(events_max: usize) -> Reason {
    Reason::new(Code::BatchTooLarge).detail(format!("the limit is {events_max} events"))
}

fn not_found(place: &Selector) -> Reason {
    Reason::new(Code::BatchNotFound).detail(format!("no events at {}", place.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(place: &str, document: Value, expected: Result<Vec<Value>, Code>) {
        let place = Selector::parse(place).unwrap();
        let cut = cut(&place, &document, 3);
        assert_eq!(cut.map_err(|reason| reason.code), expected);
    }

    #[test]
    fn one_list_is_taken_apart_and_other_nodes_are_events() {
        check("$", json!([1, [2]]), Ok(vec![json!(1), json!([2])]));
        check("$", json!([]), Ok(vec![]));
        check("$.a", json!({"a": {"b": 1}}), Ok(vec![json!({"b": 1})]));
        let entries = json!({"e": [{"c": [1, 2]}, {}, {"c": [3]}]});
        check("$.e[*].c[*]", entries.clone(), Ok(vec![json!(1), json!(2), json!(3)]));
        check("$.e[*].c", entries, Ok(vec![json!([1, 2]), json!([3])]));
        check("$.e[*].c", json!({"e": [{"c": [1, 2]}]}), Ok(vec![json!(1), json!(2)]));
    }

    #[test]
    fn nothing_and_too_much_are_told_apart() {
        check("$.a", json!({}), Err(Code::BatchNotFound));
        check("$.a", json!({"a": null}), Err(Code::BatchNotFound));
        check("$.e[*].c[*]", json!({"e": []}), Err(Code::BatchNotFound));
        check("$", json!([1, 2, 3, 4]), Err(Code::BatchTooLarge));
        check("$[*]", json!([1, 2, 3, 4]), Err(Code::BatchTooLarge));
    }

    #[test]
    fn an_event_is_put_back_to_where_it_is_cut_from() {
        for place in ["$", "$.a", "$.a['b c']", "$[*]", "$.e[*].c[*]", "$.e[*].c", "$.a[0]"] {
            let event = json!({"id": 1});
            let place = Selector::parse(place).unwrap();
            let document = around(&place, event.clone());
            assert_eq!(cut(&place, &document, 3), Ok(vec![event]), "{document}");
        }
    }
}
