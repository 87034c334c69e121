//! Paths of payloads that no field of the mapping reads.

use super::Share;
use super::shape::{Kind, Node, Part, Path, Seen, Shape};

/// What an object's members must be in, in percent of the events, to be listed one by one where
/// there are too many to tell all apart.
const LISTED_PERCENT_MIN: f64 = 5.0;

/// A path that nothing reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    /// A query; or, ending in `.*`, names that are not told apart.
    pub path: String,
    /// The events that have something there.
    pub share: Share,
    /// JSON's names of the types, `empty` for null and blank texts, the most frequent first.
    pub types: Vec<&'static str>,
}

/// What nothing reads, the most frequent first. Of an identified entry of a list, such as an answer
/// of a form, the parts are not listed: something of it is read, or nothing.
pub(super) fn find(shape: &Shape) -> Vec<Unread> {
    let mut found = Vec::new();
    let of = shape.received.len() as u64;
    below(&shape.root, &Path::root(), of, &mut found);
    found.sort_by_key(|unread| std::cmp::Reverse(unread.share.hits));
    found
}

fn below(node: &Node, path: &Path, of: u64, found: &mut Vec<Unread>) {
    if !node.readers.is_empty() {
        // What is read as a whole is read with all its parts.
        return;
    }
    let has_others = node.others.events > 0;
    for (part, below_it) in node.below() {
        let path = path.then(part);
        let share = Share { hits: below_it.present.events, of };
        let is_read = !below_it.all_readers().is_empty();
        if has_others && !is_read && share.percent() < LISTED_PERCENT_MIN {
            continue;
        }
        let is_entry = matches!(part, Part::Entry { .. });
        let is_scalar =
            below_it.kinds.keys().any(|kind| !matches!(kind, Kind::List | Kind::Object));
        let is_looked_at = is_read || !below_it.deciding.is_empty();
        if !is_looked_at && (is_entry || is_scalar) {
            found.push(Unread { path: path.clone().into_text(), share, types: types(below_it) });
        }
        if !is_entry {
            below(below_it, &path, of, found);
        }
    }
    if has_others {
        let share = Share { hits: node.others.events, of };
        found.push(Unread { path: path.others(), share, types: Vec::new() });
    }
}

fn types(node: &Node) -> Vec<&'static str> {
    let mut types: Vec<(&'static str, u64)> = Vec::new();
    for (kind, Seen { events, .. }) in &node.kinds {
        match types.iter_mut().find(|(name, _)| *name == kind.json_type()) {
            Some((_, sum)) => *sum += events,
            None => types.push((kind.json_type(), *events)),
        }
    }
    types.sort_by_key(|(_, events)| std::cmp::Reverse(*events));
    types.into_iter().map(|(name, _)| name).collect()
}
