//! Watching the fields of one source while events come: whether one that used to be found stops.
//!
//! Kept is one [`Run`] a field: how often it was found until it was last, and how many events have
//! come without it since. A field has *stopped* where it was found at least [`HITS_MIN`] times, is
//! missing in the last [`SILENT_MIN`] or more events of its rule, and that would come by chance after
//! fewer than one in 1 / [`CHANCE_MAX`] of the events that had it ([`chance_of_silence`]). A field
//! that is often missing takes long to be missed: that of one event in five about 60 events, that
//! of all events 20. It is found again with the first event that has it.
//!
//! Absent here: logs and metrics, which tell what [`Monitor::observe`] answers.

use super::{HITS_MIN, Share, chance_of_silence};
use crate::mapping::{FieldSet, Mapping, WatchedRule};
use crate::model::{RuleName, Timestamp};

/// A silence that is more probable than this is no alarm.
const CHANCE_MAX: f64 = 1e-6;
/// A shorter silence is no alarm: events often come in bunches of the same kind.
const SILENT_MIN: u64 = 20;
/// How many events are remembered, roughly; older ones count for less and less.
const REMEMBERED: u64 = 10_000;

/// The fields of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    rules: Vec<RuleMonitor>,
}

#[derive(Clone, Debug, PartialEq)]
struct RuleMonitor {
    watched: WatchedRule,
    /// In the order of `watched.fields`.
    runs: Vec<Run>,
    /// Whether what came before the first event that was observed is known.
    has_past: bool,
}

/// What is remembered of one field.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Run {
    /// Until it was found last.
    share: Share,
    found_at: Option<Timestamp>,
    /// Events since then.
    silent: u64,
    has_stopped: bool,
}

/// That a field stopped, or is watched as one that has not.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    pub rule: RuleName,
    /// As in `customerEmail` or `metadata.plan`.
    pub field: String,
    pub what: Turned,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turned {
    /// It was found in `was` of the events until `found_at`, and in none of the `silent` ones since.
    Stopped { was: Share, found_at: Timestamp, silent: u64 },
    /// It was found again.
    Resumed,
    /// The rule is another one now, or gone.
    Replaced,
}

impl Monitor {
    pub fn new(mapping: &Mapping) -> Self {
        Self { rules: mapping.watched().into_iter().map(RuleMonitor::new).collect() }
    }

    /// Takes in what the rule of this number found in an event.
    pub fn observe(&mut self, rule: usize, found: FieldSet, at: Timestamp) -> Vec<News> {
        let Some(rule) = self.rules.get_mut(rule) else { return Vec::new() };
        let mut news = Vec::new();
        for (number, run) in rule.runs.iter_mut().enumerate() {
            let turned = if found.has(number) { run.found(at) } else { run.missed() };
            news.extend(turned.map(|what| said(&rule.watched, number, what)));
        }
        news
    }

    /// Goes on with another version of the mapping: rules that are as they were keep what is
    /// remembered of them.
    pub fn replace(&mut self, mapping: &Mapping) -> Vec<News> {
        let mut old = std::mem::replace(self, Self::new(mapping)).rules;
        for rule in &mut self.rules {
            if let Some(same) = old.iter().position(|old| old.watched == rule.watched) {
                *rule = old.swap_remove(same);
            }
        }
        old.iter().flat_map(RuleMonitor::ended).collect()
    }

    /// Watches no longer.
    pub fn end(&self) -> Vec<News> {
        self.rules.iter().flat_map(RuleMonitor::ended).collect()
    }

    /// Puts what is remembered here in front of what `later` has observed: of each rule that has no
    /// past yet.
    pub fn precede(self, later: &mut Self) -> Vec<News> {
        let mut news = Vec::new();
        for rule in later.rules.iter_mut().filter(|rule| !rule.has_past) {
            let Some(before) = self.rules.iter().find(|old| old.watched == rule.watched) else {
                continue;
            };
            rule.has_past = true;
            for (number, run) in rule.runs.iter_mut().enumerate() {
                let turned = run.preceded_by(before.runs[number]);
                news.extend(turned.map(|what| said(&rule.watched, number, what)));
            }
        }
        news
    }
}

impl RuleMonitor {
    fn new(watched: WatchedRule) -> Self {
        let runs = vec![Run::default(); watched.fields.len()];
        Self { watched, runs, has_past: false }
    }

    fn ended(&self) -> Vec<News> {
        let stopped = self.runs.iter().enumerate().filter(|(_, run)| run.has_stopped);
        stopped.map(|(number, _)| said(&self.watched, number, Turned::Replaced)).collect()
    }
}

fn said(rule: &WatchedRule, field: usize, what: Turned) -> News {
    News { rule: rule.rule.clone(), field: rule.fields[field].clone(), what }
}

impl Run {
    /// The field was found.
    fn found(&mut self, at: Timestamp) -> Option<Turned> {
        let Share { mut hits, mut of } = self.share;
        hits += 1;
        of += self.silent + 1;
        while of > REMEMBERED {
            (hits, of) = (hits.div_ceil(2), of.div_ceil(2));
        }
        let has_stopped = self.has_stopped;
        let found_at = self.found_at.map_or(at, |before| before.max(at));
        *self = Self {
            share: Share { hits, of },
            found_at: Some(found_at),
            silent: 0,
            has_stopped: false,
        };
        has_stopped.then_some(Turned::Resumed)
    }

    /// The field was missing.
    fn missed(&mut self) -> Option<Turned> {
        self.silent += 1;
        self.judged()
    }

    /// Whether it has stopped just now.
    fn judged(&mut self) -> Option<Turned> {
        let Self { share: was, silent, has_stopped, .. } = *self;
        let found_at = self.found_at?;
        let enough = !has_stopped && was.hits >= HITS_MIN && silent >= SILENT_MIN;
        let whole = Share { of: was.of + silent, ..was };
        if !enough || chance_of_silence(whole, silent) >= CHANCE_MAX {
            return None;
        }
        self.has_stopped = true;
        Some(Turned::Stopped { was, found_at, silent })
    }

    /// Puts the events of `before` in front of these.
    fn preceded_by(&mut self, before: Self) -> Option<Turned> {
        if self.found_at.is_some() {
            self.share.hits += before.share.hits;
            self.share.of += before.share.of + before.silent;
        } else {
            let silent = before.silent + self.silent;
            *self = Self { silent, has_stopped: self.has_stopped, ..before };
        }
        self.judged()
    }
}

#[cfg(test)]
mod tests;
