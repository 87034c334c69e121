//! The entries of a list: all together, and told apart where a name identifies them, as `ref` does
//! the questions of a form.

use super::node::{Node, Walk};
use super::path::{Part, is_private_value};
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

/// How many entries are told apart by a name; one with more identifying values holds ids of
/// people or things, not of questions.
const VALUES_MAX: usize = 64;
/// How often an identifying value must have come, on average.
const REPEATS_MIN: u64 = 4;

#[derive(Debug, Default)]
pub(in crate::review) struct Items {
    /// Every entry.
    entries: Node,
    /// Ways to tell entries apart that have worked so far; decided by the first list that is not
    /// empty. `None` until then.
    identified: Option<Vec<Identified>>,
}

/// Entries told apart by the text at `by`.
#[derive(Debug)]
struct Identified {
    by: Vec<String>,
    values: BTreeMap<Box<str>, Node>,
    count: u64,
}

impl Items {
    pub(super) fn take_in(&mut self, entries: &[Value], walk: &mut Walk<'_>) {
        for entry in entries {
            self.entries.take_in(entry, walk);
        }
        if entries.is_empty() || walk.within_entry {
            return;
        }
        let begin = || walk.identifying.iter().cloned().map(Identified::new).collect();
        let identified = self.identified.get_or_insert_with(begin);
        walk.within_entry = true;
        identified.retain_mut(|identified| identified.take_in(entries, walk));
        walk.within_entry = false;
    }

    /// The entries as they are best told apart.
    pub(super) fn told_apart(&self) -> Vec<(Part<'_>, &Node)> {
        let works = |identified: &&Identified| {
            let values = u64::try_from(identified.values.len()).unwrap_or(u64::MAX);
            values > 0 && identified.count >= values.saturating_mul(REPEATS_MIN)
        };
        // The more it tells apart, the better; a name that mappings compare may be a mere kind.
        let most = |identified: &&Identified| Reverse(identified.values.len());
        match self.identified.iter().flatten().filter(works).min_by_key(most) {
            Some(Identified { by, values, .. }) => {
                values.iter().map(|(value, node)| (Part::Entry { by, value }, node)).collect()
            }
            None => vec![(Part::Any, &self.entries)],
        }
    }
}

impl Identified {
    fn new(by: Vec<String>) -> Self {
        Self { by, values: BTreeMap::new(), count: 0 }
    }

    /// Whether these entries, too, are told apart by their values.
    fn take_in(&mut self, entries: &[Value], walk: &mut Walk<'_>) -> bool {
        let mut values = HashSet::new();
        for entry in entries {
            match text_at(entry, &self.by) {
                Some(value) if !is_private_value(value) && values.insert(value) => {}
                _ => return false,
            }
        }
        for entry in entries {
            let Some(value) = text_at(entry, &self.by) else { return false };
            if !self.values.contains_key(value) {
                if self.values.len() >= VALUES_MAX || !walk.budget.take() {
                    return false;
                }
                self.values.insert(value.into(), Node::default());
            }
            let node = self.values.get_mut(value).expect("it is there or was just put");
            node.take_in(entry, walk);
            self.count += 1;
        }
        true
    }
}

fn text_at<'v>(entry: &'v Value, names: &[String]) -> Option<&'v str> {
    names.iter().try_fold(entry, |value, name| value.get(name))?.as_str()
}
