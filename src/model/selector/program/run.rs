//! Running a query: every node it selects, in the order of RFC 9535, each visit counted.

use super::{Pick, Segment, Singular};
use crate::model::Budget;
use serde_json::Value;

/// Hands every node that `segments` select below `node` to `found`. `root` is what `$` stands for.
/// Where the budget doesn't suffice, it ends early.
pub(in crate::model::selector) fn each<'a>(
    mut segments: &[Segment],
    mut node: &'a Value,
    root: &'a Value,
    budget: &mut Budget,
    found: &mut dyn FnMut(&'a Value),
) {
    // Most segments select one node: those are walked without a call each.
    while let Some((segment, rest)) = segments.split_first() {
        if !segment.is_singular() {
            let mut visit = |child: &'a Value, budget: &mut Budget| {
                each(rest, child, root, budget, found);
            };
            return children(&segment.pick, node, root, budget, &mut visit);
        }
        match only(&segment.pick, node) {
            Some(next) if budget.visit(1) => (segments, node) = (rest, next),
            _ => return,
        }
    }
    found(node);
}

/// The node of a singular query, if there is one. `current` is what `@` stands for.
pub(in crate::model::selector) fn singular<'a>(
    query: &Singular,
    current: &'a Value,
    root: &'a Value,
    budget: &mut Budget,
) -> Option<&'a Value> {
    let start = if query.from_root { root } else { current };
    query
        .segments
        .iter()
        .try_fold(start, |node, segment| only(&segment.pick, node).filter(|_| budget.visit(1)))
}

/// The child that a name or an index selects.
fn only<'a>(pick: &Pick, node: &'a Value) -> Option<&'a Value> {
    match pick {
        Pick::Name(name) => node.as_object()?.get(name),
        Pick::Index(index) => element(node, *index),
        _ => None,
    }
}

/// Hands the children of `node` that `pick` selects to `visit`.
fn children<'a>(
    pick: &Pick,
    node: &'a Value,
    root: &'a Value,
    budget: &mut Budget,
    visit: &mut dyn FnMut(&'a Value, &mut Budget),
) {
    let mut all = |wanted: &dyn Fn(&'a Value, &mut Budget) -> bool| match node {
        Value::Array(items) => among(items.iter(), budget, wanted, visit),
        Value::Object(members) => among(members.values(), budget, wanted, visit),
        _ => {}
    };
    match pick {
        Pick::Every => all(&|_, _| true),
        Pick::Filter(condition) => {
            all(&|child, budget| condition.holds(child, root, budget));
        }
        Pick::Name(_) | Pick::Index(_) => {
            among(only(pick, node).into_iter(), budget, &|_, _| true, visit);
        }
        Pick::Union(picks) => {
            picks.iter().for_each(|pick| children(pick, node, root, budget, visit));
        }
        Pick::Slice { start, end, step } => {
            let Value::Array(items) = node else { return };
            let indices = slice(*start, *end, *step, items.len());
            among(indices.filter_map(|index| items.get(index)), budget, &|_, _| true, visit);
        }
    }
}

fn among<'a>(
    nodes: impl Iterator<Item = &'a Value>,
    budget: &mut Budget,
    wanted: &dyn Fn(&'a Value, &mut Budget) -> bool,
    visit: &mut dyn FnMut(&'a Value, &mut Budget),
) {
    for node in nodes {
        if !budget.visit(1) {
            return;
        }
        if wanted(node, budget) {
            visit(node, budget);
        }
    }
}

fn element(node: &Value, index: i64) -> Option<&Value> {
    let items = node.as_array()?;
    let at = usize::try_from(index.unsigned_abs()).ok()?;
    items.get(if index < 0 { items.len().checked_sub(at)? } else { at })
}

/// The indices that a slice selects of `length` elements (RFC 9535, section 2.3.4.2.2).
fn slice(
    start: Option<i64>,
    end: Option<i64>,
    step: i64,
    length: usize,
) -> impl Iterator<Item = usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let from_front = |index: i64| if index < 0 { length.saturating_add(index) } else { index };
    let forward = step > 0;
    let (low, high) = if forward { (0, length) } else { (-1, length - 1) };
    let bound = |index: Option<i64>, absent: i64| {
        index.map_or(absent, |index| from_front(index).clamp(low, high))
    };
    let (first, last) = if forward { (low, high) } else { (high, low) };
    let (start, end) = (bound(start, first), bound(end, last));
    let inside = move |at: &i64| step != 0 && if forward { *at < end } else { *at > end };
    std::iter::successors(Some(start).filter(inside), move |at| at.checked_add(step).filter(inside))
        .filter_map(|at| usize::try_from(at).ok())
}
