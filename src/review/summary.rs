//! What another mapping would make of many events: counted, with a few examples.
//!
//! Kept: memory doesn't grow with the number of events.

use super::difference::{Cause, ClickDifference, Difference, Fate, Kind, RuleDifference};
use super::tally::{Counted, Example, Tally};
use crate::model::{Click, EventId, RuleName, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Which event a difference is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub event: EventId,
    pub received_at: Timestamp,
}

/// The differences of all events that were looked at.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    examples_max: usize,
    /// Events looked at, those that can't be read among them.
    pub events: u64,
    /// Events that no mapping can read.
    pub unreadable: u64,
    /// Events for which no rule was or is.
    pub ignored: u64,
    /// When the first and the last of them were received.
    pub received: Option<(Timestamp, Timestamp)>,
    pub rules: BTreeMap<RuleName, RuleSummary>,
    pub clicks: ClickSummary,
}

/// The differences in what is learnt of clicks.
#[derive(Clone, Debug, Default)]
pub struct ClickSummary {
    pub same: u64,
    pub gained: Counted,
    pub lost: Counted,
}

/// The differences of one rule.
#[derive(Clone, Debug, Default)]
pub struct RuleSummary {
    /// The same leads, those that wait among them.
    pub same: u64,
    /// Without a lead for the same reason.
    pub same_without: u64,
    pub changed: u64,
    /// From what to what; so are the following two.
    pub gained: Tally<(Fate, Fate)>,
    pub lost: Tally<(Fate, Fate)>,
    /// Without a lead before and after.
    pub reasons: Tally<(Fate, Fate)>,
    /// Fields of changed leads.
    pub fields: Tally<String>,
    /// Repairs that are new.
    pub repairs: Tally<Cause>,
    /// How often the rule fails now and didn't before.
    pub newly_unmapped: u64,
    /// Leads that the ledger would know under another event name.
    pub renamed: u64,
    /// Leads that the ledger would know as another customer's.
    pub of_other_customer: u64,
}

impl Summary {
    /// Keeps at most `examples_max` examples of each difference.
    pub fn new(examples_max: usize) -> Self {
        Self { examples_max, ..Self::default() }
    }

    /// Counts an event and what is another for it.
    pub fn add(&mut self, subject: Subject, difference: Difference) {
        self.count(subject);
        if difference == Difference::default() {
            self.ignored += 1;
        }
        self.clicks.add(subject, difference.clicks, self.examples_max);
        for rule in difference.rules {
            let summary = self.rules.entry(rule.rule.clone()).or_default();
            summary.add(subject, rule, self.examples_max);
        }
    }

    /// Counts an event whose bytes can't be read, whatever the mapping is.
    pub fn add_unreadable(&mut self, subject: Subject) {
        self.count(subject);
        self.unreadable += 1;
    }

    /// The sum of a number over all rules.
    pub fn total(&self, number: impl Fn(&RuleSummary) -> u64) -> u64 {
        self.rules.values().map(number).sum()
    }

    fn count(&mut self, subject: Subject) {
        self.events += 1;
        let at = subject.received_at;
        let (first, last) = self.received.unwrap_or((at, at));
        self.received = Some((first.min(at), last.max(at)));
    }
}

impl ClickSummary {
    fn add(&mut self, subject: Subject, difference: ClickDifference, examples_max: usize) {
        let value = |click: &Click| {
            Some(json!({ "clickId": click.click_id, "customerExternalId": click.customer }))
        };
        self.same += difference.same.len() as u64;
        for click in &difference.gained {
            self.gained.add(examples_max, || subject.example(None, value(click)));
        }
        for click in &difference.lost {
            self.lost.add(examples_max, || subject.example(value(click), None));
        }
    }
}

impl Subject {
    fn example(self, before: Option<Value>, after: Option<Value>) -> Example {
        Example { event: self.event, received_at: self.received_at, before, after }
    }
}

impl RuleSummary {
    fn add(&mut self, subject: Subject, rule: RuleDifference, examples_max: usize) {
        let example = |before, after| subject.example(before, after);
        self.newly_unmapped += u64::from(rule.is_newly_unmapped());
        self.renamed += u64::from(rule.is_renamed);
        self.of_other_customer += u64::from(rule.is_of_other_customer);
        for cause in &rule.repairs {
            self.repairs.add(cause.clone(), examples_max, || example(None, None));
        }
        let kind = rule.kind();
        let fates = (rule.before, rule.after);
        match kind {
            Kind::Same if fates.1.has_lead() => self.same += 1,
            Kind::Same => self.same_without += 1,
            Kind::Gained => self.gained.add(fates, examples_max, || example(None, rule.lead)),
            Kind::Lost => self.lost.add(fates, examples_max, || example(rule.lead, None)),
            Kind::Reason => self.reasons.add(fates, examples_max, || example(None, None)),
            Kind::Changed => {
                self.changed += 1;
                for field in rule.fields {
                    let example = || example(field.before, field.after);
                    self.fields.add(field.field, examples_max, example);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::review::FieldDifference;

    const AT: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn subject(seconds: i64) -> Subject {
        let received_at = Timestamp::from_millis(AT.millis() + seconds * 1_000);
        Subject { event: EventId::new(received_at), received_at }
    }

    fn rule(before: Fate, after: Fate) -> RuleDifference {
        RuleDifference {
            rule: "sign-up".parse().expect("a name"),
            before,
            after,
            fields: Vec::new(),
            lead: None,
            is_renamed: false,
            is_of_other_customer: false,
            repairs: Vec::new(),
        }
    }

    fn of(rule: RuleDifference) -> Difference {
        Difference { rules: vec![rule], clicks: ClickDifference::default() }
    }

    #[test]
    fn clicks_are_counted_with_examples() {
        let click = |id: &str| Click { customer: "user_1".to_owned(), click_id: id.to_owned() };
        let clicks = ClickDifference {
            same: vec![click("a")],
            gained: vec![click("b"), click("c")],
            lost: vec![click("d")],
        };
        let mut summary = Summary::new(1);
        summary.add(subject(0), Difference { rules: Vec::new(), clicks });
        let ClickSummary { same, gained, lost } = &summary.clicks;
        assert_eq!((summary.ignored, *same, gained.count, lost.count), (0, 1, 2, 1));
        assert_eq!(gained.examples.len(), 1);
        let before = lost.examples[0].before.as_ref().expect("it was learnt");
        assert_eq!(before["clickId"], "d");
    }

    #[test]
    fn every_event_is_counted_once_in_each_rule() {
        let no_click = Fate::Skipped(Cause { code: Code::NoClickId, field: None });
        let failed = Fate::Unmapped(vec![Cause { code: Code::FieldMissing, field: None }]);
        let name = |before: &str| FieldDifference {
            field: "customerName".to_owned(),
            before: Some(before.into()),
            after: None,
        };
        let repaired = Cause { code: Code::FieldTruncated, field: Some("customerName".to_owned()) };
        let mut summary = Summary::new(1);
        summary.add(subject(5), Difference::default());
        summary.add_unreadable(subject(0));
        summary.add(subject(1), of(rule(Fate::Lead, Fate::Lead)));
        summary.add(subject(1), of(rule(no_click.clone(), no_click.clone())));
        summary.add(subject(1), of(rule(no_click.clone(), failed.clone())));
        summary.add(subject(1), of(rule(Fate::Lead, failed.clone())));
        summary.add(subject(1), of(rule(failed.clone(), failed.clone())));
        summary.add(subject(1), of(rule(Fate::Ignored, Fate::Lead)));
        for before in ["Ada", "Grace"] {
            let fields = vec![name(before)];
            let repairs = vec![repaired.clone()];
            let is_renamed = before == "Ada";
            let changed = rule(Fate::Lead, Fate::Lead);
            let changed = RuleDifference { fields, repairs, is_renamed, ..changed };
            summary.add(subject(9), of(changed));
        }
        assert_eq!((summary.events, summary.unreadable, summary.ignored), (10, 1, 1));
        let received = summary.received.expect("there were events");
        assert_eq!(received, (subject(0).received_at, subject(9).received_at));
        let rule = summary.rules.values().next().expect("there is one");
        assert_eq!((rule.same, rule.same_without, rule.changed), (1, 2, 2));
        assert_eq!((rule.renamed, rule.newly_unmapped), (1, 2));
        assert_eq!((rule.gained.total(), rule.lost.total()), (1, 1));
        assert_eq!(rule.reasons.by_count()[0].0, &(no_click, failed));
        let (field, counted) = rule.fields.by_count()[0];
        assert_eq!((field.as_str(), counted.count), ("customerName", 2));
        assert_eq!(counted.examples.len(), 1);
        assert_eq!(counted.examples[0].before, Some("Ada".into()));
        assert_eq!(rule.repairs.by_count()[0].1.count, 2);
    }
}
