//! What changed in the payloads over time: paths that vanished, that appeared, and that changed
//! their type.
//!
//! A path vanished where it was in at least [`HITS_MIN`] events of a type and is in none of the
//! last [`SILENT_MIN`] or more, if that had happened by chance in fewer than one of
//! 1 / [`CHANCE_MAX`] histories ([`chance_of_silence`]). New paths and types are judged by the same
//! rule with the time reversed. Of a branch that changed as a whole, only its top is told.

mod rename;
mod verdict;

use super::shape::{Node, Path, Reader, Seen, Shape};
use super::{HITS_MIN, Share, chance_of_silence};
use crate::model::Timestamp;
use rename::{Grown, Lost};

pub(super) use verdict::silence;

/// A silence that is more probable than this is no news.
pub const CHANCE_MAX: f64 = 1e-5;
/// A shorter silence is no news: events often come in bunches of the same kind.
pub const SILENT_MIN: u64 = 10;

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
    /// In how many events it was, of all until it was seen last or until the split.
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

/// What changed in a shape; with `split`, only what changed at that time: was there before it and
/// never after, or the other way round.
pub(super) fn find(shape: &Shape, split: Option<Timestamp>) -> Drift {
    let mut search = Search { shape, split, lost: Vec::new(), grown: Vec::new(), changed: vec![] };
    search.below(&shape.root, &Path::root(), &[]);
    let Search { lost, grown, mut changed, .. } = search;
    let renamed: Vec<_> = lost.iter().map(|lost| rename::successor(lost, &grown, shape)).collect();
    let mut vanished: Vec<_> = lost.into_iter().map(|lost| lost.vanished).collect();
    for (vanished, renamed) in vanished.iter_mut().zip(renamed) {
        vanished.renamed = renamed;
    }
    let mut appeared: Vec<_> = grown.into_iter().map(|grown| grown.appeared).collect();
    vanished.sort_by_key(|found| (found.readers.is_empty(), u64::MAX - found.was.hits));
    changed.sort_by_key(|found| (found.readers.is_empty(), u64::MAX - found.is.of));
    appeared.sort_by_key(|found| (found.readers.is_empty(), u64::MAX - found.is.hits));
    Drift { vanished, changed, appeared }
}

struct Search<'s> {
    shape: &'s Shape,
    split: Option<Timestamp>,
    lost: Vec<Lost<'s>>,
    grown: Vec<Grown<'s>>,
    changed: Vec<Changed>,
}

impl<'s> Search<'s> {
    /// Looks at everything below `node`. `whole` are the fields that read it or a part of the way
    /// to it as a whole.
    fn below(&mut self, node: &'s Node, path: &Path, whole: &[Reader]) {
        let mut whole = whole.to_vec();
        whole.extend(&node.readers);
        for (part, below) in node.below() {
            let place = rename::Place { part, parent: path.clone() };
            let path = path.then(part);
            if let Some(silence) = silence(&below.present, &self.shape.received, self.split) {
                let vanished = vanished(below, &path, silence, &whole);
                self.lost.push(Lost { vanished, node: below, place });
            } else if let Some(rise) =
                verdict::rise(&below.present, &self.shape.received, self.split)
            {
                let appeared = Appeared {
                    path: path.into_text(),
                    since: rise.at,
                    is: rise.share,
                    readers: readers(below, &whole),
                };
                self.grown.push(Grown { appeared, node: below, place });
            } else {
                self.changed.extend(self.change(below, &path, &whole));
                self.below(below, &path, &whole);
            }
        }
    }

    fn change(&self, node: &Node, path: &Path, whole: &[Reader]) -> Option<Changed> {
        let change = verdict::change(&node.kinds, self.split)?;
        Some(Changed {
            path: path.clone().into_text(),
            from: change.from,
            to: change.to,
            since: change.since,
            is: change.is,
            readers: readers(node, whole),
        })
    }
}

fn vanished(node: &Node, path: &Path, silence: verdict::Turn, whole: &[Reader]) -> Vanished {
    let emptied = node.kinds.get(&super::shape::Kind::Empty).and_then(Seen::last);
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
