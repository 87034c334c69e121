//! Counting by key in bounded memory, with the first few examples of each.

use crate::model::{EventId, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// More keys than people look at. Fields can be as many as events have ways to name them, where a
/// mapping takes an object whole.
const KEYS_MAX: usize = 100;

/// How often each key came.
#[derive(Clone, Debug)]
pub struct Tally<K> {
    entries: BTreeMap<K, Counted>,
    /// How often keys came that found no room any more.
    others: u64,
}

/// How often something came, and when it did first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    pub count: u64,
    pub examples: Vec<Example>,
}

/// One event for which something is another; values are those of people.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    pub event: EventId,
    pub received_at: Timestamp,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl Counted {
    /// One more; `example` is kept where there are fewer than `examples_max`.
    pub(super) fn add(&mut self, examples_max: usize, example: impl FnOnce() -> Example) {
        self.count += 1;
        if self.examples.len() < examples_max {
            self.examples.push(example());
        }
    }
}

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), others: 0 }
    }
}

impl<K: Ord> Tally<K> {
    /// Counts a key; `example` is kept where there are fewer than `examples_max`.
    pub(super) fn add(&mut self, key: K, examples_max: usize, example: impl FnOnce() -> Example) {
        if self.entries.len() >= KEYS_MAX && !self.entries.contains_key(&key) {
            self.others += 1;
            return;
        }
        self.entries.entry(key).or_default().add(examples_max, example);
    }

    /// The most frequent first.
    pub fn by_count(&self) -> Vec<(&K, &Counted)> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(_, counted)| std::cmp::Reverse(counted.count));
        entries
    }

    /// How often keys came beyond those that are kept apart.
    pub fn others(&self) -> u64 {
        self.others
    }

    /// All keys together.
    pub fn total(&self) -> u64 {
        self.others + self.entries.values().map(|counted| counted.count).sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_examples_are_bounded_and_nothing_goes_uncounted() {
        let now = Timestamp::from_millis(1_000);
        let event = EventId::new(now);
        let example = || Example { event, received_at: now, before: None, after: None };
        let mut tally = Tally::default();
        for number in 0..KEYS_MAX + 7 {
            tally.add(number, 2, example);
        }
        for _ in 0..5 {
            tally.add(3, 2, example);
        }
        let entries = tally.by_count();
        assert_eq!((entries.len(), tally.others(), tally.total()), (KEYS_MAX, 7, 112));
        let (key, counted) = entries[0];
        assert_eq!((*key, counted.count, counted.examples.len()), (3, 6, 2));
    }
}
