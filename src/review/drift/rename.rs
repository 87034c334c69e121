//! Which new path may have taken the place of a vanished one: it began when the other ended, holds
//! the same kinds of values, and stands in the same place or is called nearly the same.

use super::{Appeared, Vanished};
use crate::model::Timestamp;
use crate::review::shape::{Kind, Node, Part, Path, Shape};
use std::collections::BTreeSet;

/// How many events may lie between the two, or have both, in hundredths of all events; and how
/// many at least, where there are few.
const BETWEEN_PERCENT_MAX: usize = 5;
const BETWEEN_MIN: usize = 20;
/// How much of what is below both must be of the same kinds, from 0 to 1.
const KINDS_ALIKE_MIN: f64 = 0.5;
/// How much the names must be alike where the places differ, from 0 to 1.
const NAMES_ALIKE_MIN: f64 = 0.8;
/// More would only make two big objects slower to compare.
const KINDS_MAX: usize = 64;

/// Where a path stands: its last step, and all before it.
pub(super) struct Place<'s> {
    pub(super) part: Part<'s>,
    pub(super) parent: Path,
}

pub(super) struct Lost<'s> {
    pub(super) vanished: Vanished,
    /// When the first event came without it.
    pub(super) turned_at: Timestamp,
    pub(super) node: &'s Node,
    pub(super) place: Place<'s>,
}

pub(super) struct Grown<'s> {
    pub(super) appeared: Appeared,
    pub(super) node: &'s Node,
    pub(super) place: Place<'s>,
}

/// The path that most probably took the place of `lost`.
pub(super) fn successor(lost: &Lost<'_>, grown: &[Grown<'_>], shape: &Shape) -> Option<String> {
    let candidates = grown.iter().filter_map(|grown| Some((likeness(lost, grown, shape)?, grown)));
    let best = candidates.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.map(|(_, grown)| grown.appeared.path.clone())
}

/// How much the one looks like the other; `None` where it can't be it.
fn likeness(lost: &Lost<'_>, grown: &Grown<'_>, shape: &Shape) -> Option<f64> {
    let received = &shape.received;
    let ended = received.partition_point(|time| *time <= lost.vanished.last_seen_at);
    let began = received.partition_point(|time| *time < grown.appeared.since);
    let between = ended.abs_diff(began);
    if between > BETWEEN_MIN.max(received.len() * BETWEEN_PERCENT_MAX / 100) {
        return None;
    }
    let kinds = alike(&kinds(lost.node), &kinds(grown.node));
    let names = strsim::jaro_winkler(&plain(lost.place.part), &plain(grown.place.part));
    let same_place = lost.place.parent == grown.place.parent;
    if kinds < KINDS_ALIKE_MIN || !(same_place || names >= NAMES_ALIKE_MIN) {
        return None;
    }
    Some(kinds + names + f64::from(u8::from(same_place)))
}

/// The name without what people change about names.
fn plain(part: Part<'_>) -> String {
    let name = match part {
        Part::Name(name) | Part::Entry { value: name, .. } => name,
        Part::Any => "",
    };
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What is at a path and below it.
fn kinds(node: &Node) -> BTreeSet<(String, Kind)> {
    fn collect(node: &Node, path: &Path, found: &mut BTreeSet<(String, Kind)>) {
        if found.len() >= KINDS_MAX {
            return;
        }
        let told = node.kinds.keys().filter(|kind| **kind != Kind::Empty);
        found.extend(told.map(|kind| (path.clone().into_text(), *kind)));
        for (part, below) in node.below() {
            collect(below, &path.then(part), found);
        }
    }
    let mut found = BTreeSet::new();
    collect(node, &Path::root(), &mut found);
    found
}

/// The share of both that they have in common.
fn alike(a: &BTreeSet<(String, Kind)>, b: &BTreeSet<(String, Kind)>) -> f64 {
    let both = a.intersection(b).count();
    let either = a.union(b).count();
    if either == 0 { 0.0 } else { both as f64 / either as f64 }
}
