//! The judgement for people: first what it comes to, then rule by rule.

use super::{Judgement, Readable};
use crate::cli::count;
use crate::cli::print::printable;
use crate::review::{Cause, ClickSummary, Counted, Example, Fate, RuleSummary, Summary, Tally};
use serde_json::Value;

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
    let show = Show { hide_values: *hide_values };
    for (name, rule) in &summary.rules {
        out!("\n{}", printable(name.as_str()));
        out!("  the same: {}, {} without a lead", count(rule.same, "lead"), rule.same_without);
        show.rule(rule);
    }
    show.clicks(&summary.clicks);
}

fn events(summary: &Summary) -> String {
    let Some((first, last)) = summary.received else { return "no events".to_owned() };
    let mut text = count(summary.events, "event");
    text.push_str(&format!(", received {first} to {last}"));
    if summary.ignored > 0 {
        text.push_str(&format!("; {} match no rule, before and after", summary.ignored));
    }
    if summary.unreadable > 0 {
        text.push_str(&format!("; {} can't be read, whatever the rules say", summary.unreadable));
    }
    text
}

fn side(side: &Readable) -> String {
    let version = side.rules.mapping.version();
    format!("{} (version {})", side.path.display(), version.get(..12).unwrap_or(version))
}

struct Show {
    hide_values: bool,
}

impl Show {
    fn rule(&self, rule: &RuleSummary) {
        let way = |(from, to): &(Fate, Fate)| format!("{from} -> {to}");
        let field = |field: &String| field_name(field, self.hide_values);
        self.section("gained", rule.gained.total(), &rule.gained, way, whole);
        self.section("lost", rule.lost.total(), &rule.lost, way, whole);
        self.section("changed", rule.changed, &rule.fields, field, values);
        let without = "no lead, for another reason";
        self.section(without, rule.reasons.total(), &rule.reasons, way, nothing);
        let repair = Cause::to_string;
        self.section("new repairs", rule.repairs.total(), &rule.repairs, repair, nothing);
        ledger(rule);
    }

    fn clicks(&self, clicks: &ClickSummary) {
        let ClickSummary { same, gained, lost } = clicks;
        if same + gained.count + lost.count == 0 {
            return;
        }
        out!("\nclicks learnt");
        out!("  the same: {same}");
        for (title, Counted { count, examples }) in [("gained", gained), ("lost", lost)] {
            if *count > 0 {
                out!("  {title}: {count}");
                self.examples(examples, whole);
            }
        }
    }

    /// One kind of difference: its keys, the most frequent first, each with its examples.
    fn section<K: Ord>(
        &self,
        title: &str,
        count: u64,
        tally: &Tally<K>,
        key: impl Fn(&K) -> String,
        detail: fn(&Example) -> String,
    ) {
        if count == 0 {
            return;
        }
        out!("  {title}: {count}");
        for (of, Counted { count, examples }) in tally.by_count() {
            out!("  {count:>7}  {}", printable(&key(of)));
            self.examples(examples, detail);
        }
        if tally.others() > 0 {
            out!("  {:>7}  others", tally.others());
        }
    }

    fn examples(&self, examples: &[Example], detail: fn(&Example) -> String) {
        for example in examples {
            let Example { event, received_at, .. } = example;
            let detail = if self.hide_values { String::new() } else { detail(example) };
            out!("           {}", format!("{event}  {received_at}  {detail}").trim_end());
        }
    }
}

/// What was gained or lost.
fn whole(example: &Example) -> String {
    shown(example.after.as_ref().or(example.before.as_ref()))
}

fn values(example: &Example) -> String {
    format!("{} -> {}", shown(example.before.as_ref()), shown(example.after.as_ref()))
}

fn nothing(_: &Example) -> String {
    String::new()
}

/// What the ledger, which keeps leads from being sent twice, would not know again.
fn ledger(rule: &RuleSummary) {
    if rule.renamed > 0 {
        out!(
            "  note: {} would be recorded under another event name. The ledger keeps names apart:\n  \
             who was recorded under the old one can be recorded again under the new one.",
            count(rule.renamed, "lead")
        );
    }
    if rule.of_other_customer > 0 {
        out!(
            "  note: {} would be recorded as another customer's. The ledger keeps customers apart:\n  \
             who was recorded by the old id can be recorded again by the new one.",
            count(rule.of_other_customer, "lead")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: Option<Value>, expected: &str) {
        assert_eq!(shown(value.as_ref()), expected);
    }

    #[test]
    fn values_are_cut_and_no_terminal_obeys_them() {
        check(None, "nothing");
        check(Some("a \"b\" ü".into()), r#""a \"b\" ü""#);
        check(Some("\u{1b}[31m\u{202e}\u{9b}".into()), r#""\u001b[31m\u{202e}\u{9b}""#);
        let long = Value::from("ü".repeat(200));
        check(Some(long), &format!("\"{}…", "ü".repeat(VALUE_CHARS_MAX - 1)));
    }

    #[test]
    fn keys_that_may_be_of_a_person_are_hidden_with_values() {
        let hidden = |field| field_name(field, true);
        assert_eq!(hidden("customerName"), "customerName");
        assert_eq!(hidden("metadata.plan_id-2"), "metadata.plan_id-2");
        assert_eq!(hidden("metadata.ada@example.com"), "metadata.…");
        assert_eq!(field_name("metadata.ada@example.com", false), "metadata.ada@example.com");
    }
}
