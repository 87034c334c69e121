//! The judgement for people: first what it comes to, then rule by rule.

use super::{Judgement, Side};
use crate::review::{Counted, Example, Fate, RuleSummary, Summary, Tally};
use serde_json::Value;
use std::fmt::Display;

/// Longer values are cut: what differs mostly shows at the beginning.
const VALUE_CHARS_MAX: usize = 80;

pub(super) fn judgement(judgement: &Judgement<'_>) {
    let Judgement { source, today, new, summary, hide_values, .. } = judgement;
    out!("{source}: {}", events(summary));
    out!("{:<9}{}", "today", side(today));
    out!("{:<9}{}", "against", side(new));
    if today.rules.mapping.version() == new.rules.mapping.version() {
        out!("The rules of both files are the same.");
    }
    let total = |number: fn(&RuleSummary) -> u64| summary.total(number);
    out!(
        "{:<9}{} the same, {} gained, {} lost, {} changed",
        "leads",
        total(|rule| rule.same),
        total(|rule| rule.gained.total()),
        total(|rule| rule.lost.total()),
        total(|rule| rule.changed),
    );
    for (name, rule) in &summary.rules {
        out!("\n{}", printable(name.as_str()));
        out!("  the same: {}, {} without", leads(rule.same), rule.same_without);
        Show { hide_values: *hide_values }.rule(rule);
    }
}

fn events(summary: &Summary) -> String {
    let Some((first, last)) = summary.received else { return "no events".to_owned() };
    let mut text = counted(summary.events, "event");
    text.push_str(&format!(", received {first} to {last}"));
    if summary.ignored > 0 {
        text.push_str(&format!("; {} match no rule, before and after", summary.ignored));
    }
    if summary.unreadable > 0 {
        text.push_str(&format!("; {} can't be read, whatever the rules say", summary.unreadable));
    }
    text
}

fn side(side: &Side) -> String {
    let version = side.rules.mapping.version();
    format!("{} (version {})", side.path.display(), version.get(..12).unwrap_or(version))
}

struct Show {
    hide_values: bool,
}

impl Show {
    fn rule(&self, rule: &RuleSummary) {
        let from = |from: &Fate| format!("{from} -> lead");
        self.section("gained", rule.gained.total(), &rule.gained, from, |example| {
            self.lead(example.after.as_ref())
        });
        let to = |to: &Fate| format!("lead -> {to}");
        self.section("lost", rule.lost.total(), &rule.lost, to, |example| {
            self.lead(example.before.as_ref())
        });
        let name = |field: &String| field_name(field, self.hide_values);
        self.section("changed", rule.changed, &rule.fields, name, |example| self.values(example));
        let both = |(from, to): &(Fate, Fate)| format!("{from} -> {to}");
        let nothing = |_: &Example| String::new();
        self.section(
            "no lead, for another reason",
            rule.reasons.total(),
            &rule.reasons,
            both,
            nothing,
        );
        let repaired = |cause: &_| format!("{cause}");
        self.section("new repairs", rule.repairs.total(), &rule.repairs, repaired, nothing);
        ledger(rule);
    }

    fn section<K: Ord>(
        &self,
        title: &str,
        count: u64,
        tally: &Tally<K>,
        key: impl Fn(&K) -> String,
        detail: impl Fn(&Example) -> String,
    ) {
        if count == 0 {
            return;
        }
        out!("  {title}: {count}");
        for (of, Counted { count, examples }) in tally.by_count() {
            out!("  {count:>7}  {}", printable(&key(of)));
            for example in examples {
                let Example { event, received_at, .. } = example;
                let line = format!("{event}  {received_at}  {}", detail(example));
                out!("           {}", line.trim_end());
            }
        }
        if tally.others() > 0 {
            out!("  {:>7}  others", tally.others());
        }
    }

    fn lead(&self, lead: Option<&Value>) -> String {
        if self.hide_values { String::new() } else { shown(lead) }
    }

    fn values(&self, example: &Example) -> String {
        if self.hide_values {
            return String::new();
        }
        format!("{} -> {}", shown(example.before.as_ref()), shown(example.after.as_ref()))
    }
}

/// What the ledger, which keeps leads from being sent twice, would not know again.
fn ledger(rule: &RuleSummary) {
    if rule.renamed > 0 {
        out!(
            "  note: {} would be recorded under another event name. The ledger keeps names apart: \
             who was recorded under the old one can be recorded again under the new one, by a later event.",
            leads(rule.renamed)
        );
    }
    if rule.of_other_customer > 0 {
        out!(
            "  note: {} would be another customer's. The ledger keeps customers apart: who was \
             recorded by the old id can be recorded again by the new one.",
            leads(rule.of_other_customer)
        );
    }
}

/// The name of a field. Where values are hidden, so are keys of metadata that don't look like a
/// word of a program: an object that was taken whole has keys of the event.
pub(super) fn field_name(field: &str, hide_values: bool) -> String {
    let is_plain = |key: &str| {
        key.len() <= 40 && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    };
    match field.split_once('.') {
        Some((object, key)) if hide_values && !is_plain(key) => format!("{object}.…"),
        _ => field.to_owned(),
    }
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", printable(&text[..end])),
        None => printable(&text),
    }
}

/// Text from outside, with nothing in it that a terminal would obey.
fn printable(text: &str) -> String {
    let harmless = |c: char| matches!(c, '"' | '\'' | '\\');
    let mut shown = String::new();
    for c in text.chars() {
        if harmless(c) { shown.push(c) } else { shown.extend(c.escape_debug()) }
    }
    shown
}

fn leads(count: u64) -> String {
    counted(count, "lead")
}

fn counted(count: u64, noun: impl Display) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
