//! Whether what was seen of one path, and when, is a change.

use super::{CHANCE_MAX, HITS_MIN, SILENT_MIN, Share, chance_of_silence};
use crate::model::Timestamp;
use crate::review::shape::{Kind, Seen};
use std::collections::BTreeMap;

/// That something ended or began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// In how many events it was, of all on its side of the turn.
    pub share: Share,
    /// When it was seen last, or first.
    pub at: Timestamp,
    /// When the first event came after the turn: the first without it, or with it.
    pub turned_at: Timestamp,
    /// How many events are on the other side.
    pub silent: u64,
}

/// That the values of a path are of another type.
pub(super) struct Change {
    pub(super) from: Vec<&'static str>,
    pub(super) to: &'static str,
    pub(super) since: Timestamp,
    pub(super) is: Share,
}

/// The turn where something that was `seen` among all events, whose times are `received` in order,
/// ended.
pub(in crate::review) fn silence(seen: &Seen, received: &[Timestamp]) -> Option<Turn> {
    let at = seen.last()?;
    let side = received.partition_point(|time| *time <= at);
    let turned_at = received.get(side).copied()?;
    Some(Turn { at, turned_at, ..turn(seen, received.len(), side)? })
}

/// The turn where it began.
pub(super) fn rise(seen: &Seen, received: &[Timestamp]) -> Option<Turn> {
    let at = seen.first()?;
    let before = received.partition_point(|time| *time < at);
    Some(Turn { at, turned_at: at, ..turn(seen, received.len(), received.len() - before)? })
}

/// The turn that leaves `side` of `all` events on the side where something was seen, if it is one.
fn turn(seen: &Seen, all: usize, side: usize) -> Option<Turn> {
    let count = |events: usize| u64::try_from(events).unwrap_or(u64::MAX);
    let silent = count(all - side);
    let whole = Share { hits: seen.events, of: count(all) };
    let share = Share { of: count(side), ..whole };
    let at = seen.last()?;
    is_news(whole, silent).then_some(Turn { share, at, turned_at: at, silent })
}

fn is_news(share: Share, silent: u64) -> bool {
    share.hits >= HITS_MIN && silent >= SILENT_MIN && chance_of_silence(share, silent) < CHANCE_MAX
}

/// The change from all other types to the one that came last, if they end where it begins.
pub(super) fn change(kinds: &BTreeMap<Kind, Seen>) -> Option<Change> {
    let mut types: Vec<(&'static str, Vec<&Seen>)> = Vec::new();
    for (kind, seen) in kinds.iter().filter(|(kind, _)| **kind != Kind::Empty) {
        match types.iter_mut().find(|(name, _)| *name == kind.json_type()) {
            Some((_, all)) => all.push(seen),
            None => types.push((kind.json_type(), vec![seen])),
        }
    }
    types.sort_by_key(|(_, seen)| seen.iter().filter_map(|seen| seen.first()).min());
    let (to, new) = types.pop()?;
    let since = new.iter().filter_map(|seen| seen.first()).min()?;
    let old = || types.iter().flat_map(|(_, seen)| seen);
    let last = old().filter_map(|seen| seen.last()).max()?;
    let events = |seen: &mut dyn Iterator<Item = &&Seen>| seen.map(|seen| seen.events).sum::<u64>();
    let (before, after) = (events(&mut old()), events(&mut new.iter()));
    let whole = Share { hits: before, of: before + after };
    (last < since && is_news(whole, after)).then(|| Change {
        from: types.iter().map(|(name, _)| *name).collect(),
        to,
        since,
        is: Share { hits: after, ..whole },
    })
}
