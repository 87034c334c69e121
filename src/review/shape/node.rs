//! One path of a shape: what was seen there, and the paths below it.

use super::items::Items;
use super::path::is_private;
use super::{Look, Reader};
use crate::lead::trim;
use crate::model::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many names of one object are told apart; objects with more are tables keyed by ids, mostly.
const MEMBERS_MAX: usize = 100;
/// What the mapping names is told apart also beyond that.
const MEMBERS_NAMED_MAX: usize = 2 * MEMBERS_MAX;

/// In how many events something was seen, and when first and last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::review) struct Seen {
    pub(in crate::review) events: u64,
    span: Option<(Timestamp, Timestamp)>,
    /// The number of the event counted last, so that none is counted twice.
    last_event: u64,
}

/// What a value is, as far as it says something about the field that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::review) enum Kind {
    /// Null or a blank text: a mapping finds nothing here.
    Empty,
    Boolean,
    Number,
    Text,
    /// A text that looks like an e-mail address, a URL or a point in time.
    Email,
    Url,
    Time,
    List,
    Object,
}

#[derive(Debug, Default)]
pub(in crate::review) struct Node {
    /// Events that have something here that is not empty.
    pub(in crate::review) present: Seen,
    pub(in crate::review) kinds: BTreeMap<Kind, Seen>,
    pub(in crate::review) members: BTreeMap<Box<str>, Node>,
    /// Events with names beyond the limit, or names that look like a person's.
    pub(in crate::review) others: Seen,
    pub(in crate::review) items: Option<Box<Items>>,
    /// Fields that take their value from here.
    pub(in crate::review) readers: Vec<Reader>,
    /// Fields that only look here, to decide.
    pub(in crate::review) deciding: Vec<Reader>,
}

/// How many more paths may be told apart.
#[derive(Debug)]
pub(in crate::review) struct Budget {
    pub(super) nodes_left: usize,
}

/// One event on its way through the nodes.
pub(super) struct Walk<'w> {
    /// From 1.
    pub(super) event: u64,
    pub(super) at: Timestamp,
    pub(super) identifying: &'w [Vec<String>],
    pub(super) named: &'w BTreeSet<String>,
    /// Where fields of the mapping looked, by the address of the value.
    pub(super) looked_at: &'w HashMap<*const Value, Vec<&'w Look<'w>>>,
    pub(super) budget: &'w mut Budget,
    /// Entries within identified entries are not identified in turn.
    pub(super) within_entry: bool,
}

impl Seen {
    pub(in crate::review) fn note(&mut self, event: u64, at: Timestamp) {
        if self.last_event == event {
            return;
        }
        self.last_event = event;
        self.events += 1;
        let (first, last) = self.span.unwrap_or((at, at));
        self.span = Some((first.min(at), last.max(at)));
    }

    pub(in crate::review) fn first(&self) -> Option<Timestamp> {
        self.span.map(|(first, _)| first)
    }

    pub(in crate::review) fn last(&self) -> Option<Timestamp> {
        self.span.map(|(_, last)| last)
    }
}

impl Kind {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Kind::Empty,
            Value::Bool(_) => Kind::Boolean,
            Value::Number(_) => Kind::Number,
            Value::Array(_) => Kind::List,
            Value::Object(_) => Kind::Object,
            Value::String(text) => Kind::of_text(trim(text)),
        }
    }

    fn of_text(text: &str) -> Self {
        let is_email = |text: &str| {
            text.split_once('@').is_some_and(|(name, domain)| {
                !name.is_empty() && domain.contains('.') && !text.contains([' ', '/'])
            })
        };
        match text {
            "" => Kind::Empty,
            _ if text.starts_with("https://") || text.starts_with("http://") => Kind::Url,
            _ if is_email(text) => Kind::Email,
            _ if text.parse::<jiff::civil::Date>().is_ok()
                || text.parse::<jiff::Timestamp>().is_ok() =>
            {
                Kind::Time
            }
            _ => Kind::Text,
        }
    }

    /// The type as JSON names it.
    pub(in crate::review) fn json_type(self) -> &'static str {
        match self {
            Kind::Empty => "empty",
            Kind::Boolean => "boolean",
            Kind::Number => "number",
            Kind::Text | Kind::Email | Kind::Url | Kind::Time => "string",
            Kind::List => "array",
            Kind::Object => "object",
        }
    }
}

impl Node {
    /// Takes in what an event has here.
    pub(super) fn take_in(&mut self, value: &Value, walk: &mut Walk<'_>) {
        let kind = Kind::of(value);
        self.kinds.entry(kind).or_default().note(walk.event, walk.at);
        if kind != Kind::Empty {
            self.present.note(walk.event, walk.at);
        }
        for look in walk.looked_at.get(&std::ptr::from_ref(value)).into_iter().flatten() {
            self.mark(look, walk.within_entry);
        }
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match self.member(name, walk) {
                        Some(member) => member.take_in(value, walk),
                        None => self.others.note(walk.event, walk.at),
                    }
                }
            }
            Value::Array(entries) => {
                self.items.get_or_insert_default().take_in(entries, walk);
            }
            _ => {}
        }
    }

    /// The path of `name` below this one, unless there are too many or it must not be kept.
    fn member(&mut self, name: &str, walk: &mut Walk<'_>) -> Option<&mut Node> {
        if !self.members.contains_key(name) {
            let is_named = walk.named.contains(name);
            let members_max = if is_named { MEMBERS_NAMED_MAX } else { MEMBERS_MAX };
            let may_be_kept = is_named || !is_private(name);
            if self.members.len() >= members_max || !may_be_kept || !walk.budget.take() {
                return None;
            }
            self.members.insert(name.into(), Node::default());
        }
        self.members.get_mut(name)
    }

    fn mark(&mut self, look: &Look<'_>, within_entry: bool) {
        // A filter looks at every entry of a list, and is about none of them.
        if look.deciding && within_entry {
            return;
        }
        let readers = if look.deciding { &mut self.deciding } else { &mut self.readers };
        if let Err(at) = readers.binary_search(&look.reader) {
            readers.insert(at, look.reader);
        }
    }

    /// The paths right below, each with its node: names in order, then entries.
    pub(in crate::review) fn below(&self) -> Vec<(super::path::Part<'_>, &Node)> {
        use super::path::Part;
        let members = self.members.iter().map(|(name, node)| (Part::Name(name), node));
        let entries = self.items.iter().flat_map(|items| items.told_apart());
        members.chain(entries).collect()
    }

    /// Every field that takes its value from here or from below.
    pub(in crate::review) fn all_readers(&self) -> Vec<Reader> {
        let mut readers = self.readers.clone();
        readers.extend(self.below().into_iter().flat_map(|(_, node)| node.all_readers()));
        readers.sort_unstable();
        readers.dedup();
        readers
    }
}

impl Budget {
    /// Whether one more path may be kept.
    pub(super) fn take(&mut self) -> bool {
        let more = self.nodes_left.checked_sub(1);
        self.nodes_left = more.unwrap_or(0);
        more.is_some()
    }
}
