//! The shape of payloads: which paths the events of each type have, how often, since when and
//! until when, of what kind their values are, and which fields of the mapping read them.
//!
//! Indices are not told apart: entries of a list are `[*]`, or `[?@.field.ref == 'email']` where
//! some name identifies them over the whole history, as the questions of a form. No value is kept
//! but those identifying ones. Everything is a count or a point in time, so that events of the same
//! moment may come in any order; and everything has a limit, so that names that strangers choose
//! can't fill the memory: beyond it they are counted together.

mod items;
mod node;
mod path;

use crate::model::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use node::{Budget, Walk};

pub(super) use node::{Kind, Node, Seen};
pub(super) use path::{Part, Path, is_private};

/// How many types of events are looked at.
const TYPES_MAX: usize = 256;
/// How many paths all types have together.
const NODES_MAX: usize = 20_000;
/// Names that commonly identify the entries of a list, the likeliest first.
const IDENTIFYING: [&[&str]; 7] =
    [&["field", "ref"], &["ref"], &["key"], &["slug"], &["label"], &["name"], &["id"]];

/// A field of a rule that reads a path: its number, which the caller gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reader(pub usize);

/// Where a field looked in one event.
#[derive(Clone, Debug)]
pub(super) struct Look<'a> {
    pub(super) reader: Reader,
    /// A value of the payload itself, not a copy: it is known again by its address.
    pub(super) at: &'a Value,
    /// Whether it was only to decide what to read elsewhere: in a filter or a condition.
    pub(super) deciding: bool,
}

/// The shapes of all events of a source.
#[derive(Debug)]
pub(super) struct Shapes {
    types: BTreeMap<Option<String>, Shape>,
    identifying: Vec<Vec<String>>,
    named: BTreeSet<String>,
    budget: Budget,
    events: u64,
    /// Whether some types are not looked at.
    has_more_types: bool,
}

/// The shape of the events of one type.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// When each event was received, in order.
    pub(super) received: Vec<Timestamp>,
    pub(super) root: Node,
}

impl Shapes {
    /// `identifying` are more ways to names that may tell entries of lists apart, as `field`, `ref`:
    /// those that the mapping itself compares. `named` are all names in it, which are always told
    /// apart.
    pub(super) fn new(
        identifying: impl IntoIterator<Item = Vec<String>>,
        named: BTreeSet<String>,
    ) -> Self {
        let common = IDENTIFYING.iter().map(|names| names.iter().map(|&n| n.to_owned()).collect());
        let mut all: Vec<Vec<String>> = Vec::new();
        for names in common.chain(identifying) {
            if !all.contains(&names) {
                all.push(names);
            }
        }
        let budget = Budget { nodes_left: NODES_MAX };
        let types = BTreeMap::new();
        Self { types, identifying: all, named, budget, events: 0, has_more_types: false }
    }

    /// Takes in one event, and where the fields of the mapping looked in it.
    pub(super) fn observe(
        &mut self,
        event_type: Option<&str>,
        received_at: Timestamp,
        payload: &Value,
        looks: &[Look<'_>],
    ) {
        let key = event_type.map(str::to_owned);
        if !self.types.contains_key(&key) && self.types.len() >= TYPES_MAX {
            self.has_more_types = true;
            return;
        }
        self.events += 1;
        let shape = self.types.entry(key).or_default();
        shape.received.push(received_at);
        let mut looked_at: HashMap<*const Value, Vec<&Look<'_>>> = HashMap::new();
        for look in looks {
            looked_at.entry(std::ptr::from_ref(look.at)).or_default().push(look);
        }
        let mut walk = Walk {
            event: self.events,
            at: received_at,
            identifying: &self.identifying,
            named: &self.named,
            looked_at: &looked_at,
            budget: &mut self.budget,
            within_entry: false,
        };
        shape.root.take_in(payload, &mut walk);
    }

    /// Every type with its shape.
    pub(super) fn into_types(self) -> impl Iterator<Item = (Option<String>, Shape)> {
        self.types.into_iter().map(|(event_type, mut shape)| {
            shape.received.sort_unstable();
            (event_type, shape)
        })
    }

    /// Whether some paths or types are left out because there are too many.
    pub(super) fn is_incomplete(&self) -> bool {
        self.has_more_types || self.budget.nodes_left == 0
    }
}

#[cfg(test)]
mod tests;
