//! What changed in the payloads over time: paths that vanished, that appeared, and that changed
//! their type.
//!
//! A path vanished where it was in at least [`HITS_MIN`] events of a type and is in none of the
//! last [`SILENT_MIN`] or more, if that had happened by chance in fewer than one of
//! 1 / [`CHANCE_MAX`] histories ([`chance_of_silence`]). New paths and types are judged by the same
//! rule with the time reversed. Of a branch that changed as a whole, only its top is told.

mod rename;
mod verdict;

use super::shape::{Kind, Node, Path, Reader, Seen, Shape};
use super::{HITS_MIN, Share, chance_of_silence};
use crate::model::Timestamp;
use rename::{Grown, Lost, Place};
use std::cmp::Reverse;

pub use verdict::Turn;
pub(super) use verdict::silence;

/// A silence that is more probable than this is no news.
const CHANCE_MAX: f64 = 1e-5;
/// A shorter silence is no news: events often come in bunches of the same kind.
const SILENT_MIN: u64 = 10;

/// The changes in the events of one type, those that the mapping reads first, then the most
/// frequent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    pub vanished: Vec<Vanished>,
    pub changed: Vec<Changed>,
    pub appeared: Vec<Appeared>,
}

/// A path that is there no more.
#[derive(Clone, Debug, PartialEq)]
pub struct Vanished {
    pub path: String,
    /// In how many events it was, of all until it was seen last.
    pub was: Share,
    pub last_seen_at: Timestamp,
    /// How many events have come since without it.
    pub silent: u64,
    /// Whether it is still there, but null or blank.
    pub is_emptied: bool,
    /// Fields that take their value from there, or that look there to decide.
    pub readers: Vec<Reader>,
    /// The new path that may have taken its place.
    pub renamed: Option<String>,
}

/// A path of which the values are of another type.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    pub path: String,
    /// JSON's names of the types before.
    pub from: Vec<&'static str>,
    pub to: &'static str,
    pub since: Timestamp,
    /// How many events have had the new type, of all with the path.
    pub is: Share,
    pub readers: Vec<Reader>,
}

/// A path that was not there before.
#[derive(Clone, Debug, PartialEq)]
pub struct Appeared {
    pub path: String,
    pub since: Timestamp,
    /// In how many events it has been, of all since.
    pub is: Share,
    pub readers: Vec<Reader>,
}

/// What changed in a shape, at any time or at `since` or later.
pub(super) fn find(shape: &Shape, since: Option<Timestamp>) -> Drift {
    let mut search = Search { shape, lost: Vec::new(), grown: Vec::new(), changed: Vec::new() };
    search.below(&shape.root, &Path::root(), &[]);
    let Search { mut lost, mut grown, mut changed, .. } = search;
    let is_asked_for = |at: Timestamp| since.is_none_or(|since| at >= since);
    lost.retain(|lost| is_asked_for(lost.turned_at));
    let renamed: Vec<_> = lost.iter().map(|lost| rename::successor(lost, &grown, shape)).collect();
    grown.retain(|grown| is_asked_for(grown.appeared.since));
    changed.retain(|changed| is_asked_for(changed.since));
    let named = lost.into_iter().zip(renamed);
    let mut vanished: Vec<_> =
        named.map(|(lost, renamed)| Vanished { renamed, ..lost.vanished }).collect();
    let mut appeared: Vec<_> = grown.into_iter().map(|grown| grown.appeared).collect();
    vanished.sort_by_key(|found| (found.readers.is_empty(), Reverse(found.was.hits)));
    changed.sort_by_key(|found| (found.readers.is_empty(), Reverse(found.is.of)));
    appeared.sort_by_key(|found| (found.readers.is_empty(), Reverse(found.is.hits)));
    Drift { vanished, changed, appeared }
}

struct Search<'s> {
    shape: &'s Shape,
    lost: Vec<Lost<'s>>,
    grown: Vec<Grown<'s>>,
    changed: Vec<Changed>,
}

impl<'s> Search<'s> {
    /// Looks at everything below `node`. `whole` are the fields that read a part of the way to it
    /// as a whole.
    fn below(&mut self, node: &'s Node, path: &Path, whole: &[Reader]) {
        let mut whole = whole.to_vec();
        whole.extend(&node.readers);
        let received = &self.shape.received;
        for (part, below) in node.below() {
            let place = Place { part, parent: path.clone() };
            let path = path.then(part);
            if let Some(silence) = silence(&below.present, received) {
                let vanished = vanished(below, &path, silence, &whole);
                let turned_at = silence.turned_at;
                self.lost.push(Lost { vanished, turned_at, node: below, place });
            } else if let Some(rise) = verdict::rise(&below.present, received) {
                let appeared = Appeared {
                    path: path.into_text(),
                    since: rise.at,
                    is: rise.share,
                    readers: readers(below, &whole),
                };
                self.grown.push(Grown { appeared, node: below, place });
            } else {
                self.changed.extend(changed(below, &path, &whole));
                self.below(below, &path, &whole);
            }
        }
    }
}

fn changed(node: &Node, path: &Path, whole: &[Reader]) -> Option<Changed> {
    let verdict::Change { from, to, since, is } = verdict::change(&node.kinds)?;
    let path = path.clone().into_text();
    Some(Changed { path, from, to, since, is, readers: readers(node, whole) })
}

fn vanished(node: &Node, path: &Path, silence: Turn, whole: &[Reader]) -> Vanished {
    let emptied = node.kinds.get(&Kind::Empty).and_then(Seen::last);
    Vanished {
        path: path.clone().into_text(),
        was: silence.share,
        last_seen_at: silence.at,
        silent: silence.silent,
        is_emptied: emptied.is_some_and(|last| last > silence.at),
        readers: readers(node, whole),
        renamed: None,
    }
}

/// The fields that would miss what `node` holds.
fn readers(node: &Node, whole: &[Reader]) -> Vec<Reader> {
    let mut readers = node.all_readers();
    readers.extend(whole);
    if readers.is_empty() {
        readers.extend(&node.deciding);
    }
    readers.sort_unstable();
    readers.dedup();
    readers
}

#[cfg(test)]
mod tests;
