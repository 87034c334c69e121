//! The judgement for programs.

use super::{Judgement, Readable};
use crate::review::{Cause, Counted, Example, Fate, RuleSummary, Summary, Tally};
use serde_json::{Map, Value, json};

pub(super) fn judgement(judgement: &Judgement<'_>) -> Value {
    let Summary { events, unreadable, ignored, received, clicks, .. } = &judgement.summary;
    let total = |number: fn(&RuleSummary) -> u64| judgement.summary.total(number);
    let shape = Shape { hide_values: judgement.hide_values };
    let rules = judgement.summary.rules.iter();
    let failed_on = judgement.failed_on.iter().map(|condition| condition.name());
    json!({
        "source": judgement.source.as_str(),
        "today": side(judgement.today),
        "against": side(judgement.new),
        "events": {
            "count": events,
            "unreadable": unreadable,
            "ignored": ignored,
            "first_received_at": received.map(|(first, _)| first.to_string()),
            "last_received_at": received.map(|(_, last)| last.to_string()),
        },
        "leads": {
            "same": total(|rule| rule.same),
            "gained": total(|rule| rule.gained.total()),
            "lost": total(|rule| rule.lost.total()),
            "changed": total(|rule| rule.changed),
        },
        "clicks": {
            "same": clicks.same,
            "gained": { "count": clicks.gained.count, "examples": shape.examples(&clicks.gained) },
            "lost": { "count": clicks.lost.count, "examples": shape.examples(&clicks.lost) },
        },
        "newly_unmapped": total(|rule| rule.newly_unmapped),
        "rules": rules.map(|(name, rule)| shape.rule(name.as_str(), rule)).collect::<Vec<_>>(),
        "failed_on": failed_on.collect::<Vec<_>>(),
    })
}

fn side(side: &Readable) -> Value {
    json!({
        "file": side.path.display().to_string(),
        "provider": side.rules.provider.name(),
        "version": side.rules.mapping.version(),
    })
}

struct Shape {
    hide_values: bool,
}

impl Shape {
    fn rule(&self, name: &str, rule: &RuleSummary) -> Value {
        json!({
            "rule": name,
            "same": rule.same,
            "same_without_lead": rule.same_without,
            "gained": self.tally(&rule.gained, way),
            "lost": self.tally(&rule.lost, way),
            "changed": rule.changed,
            "changed_fields": self.tally(&rule.fields, |field| {
                json!({ "field": super::show::field_name(field, self.hide_values) })
            }),
            "reasons": self.tally(&rule.reasons, way),
            "new_repairs": self.tally(&rule.repairs, cause),
            "newly_unmapped": rule.newly_unmapped,
            "under_another_event_name": rule.renamed,
            "of_another_customer": rule.of_other_customer,
        })
    }

    /// `others` counts what found no room of its own.
    fn tally<K: Ord>(&self, tally: &Tally<K>, key: impl Fn(&K) -> Value) -> Value {
        let entry = |(of, counted): (&K, &Counted)| {
            let mut entry = key(of);
            entry["count"] = counted.count.into();
            entry["examples"] = self.examples(counted);
            entry
        };
        let entries: Vec<Value> = tally.by_count().into_iter().map(entry).collect();
        json!({ "count": tally.total(), "entries": entries, "others": tally.others() })
    }

    fn examples(&self, counted: &Counted) -> Value {
        counted.examples.iter().map(|example| self.example(example)).collect()
    }

    fn example(&self, example: &Example) -> Value {
        let mut shape = Map::new();
        shape.insert("event".to_owned(), example.event.to_string().into());
        shape.insert("received_at".to_owned(), example.received_at.to_string().into());
        for (name, value) in [("before", &example.before), ("after", &example.after)] {
            if let Some(value) = value.as_ref().filter(|_| !self.hide_values) {
                shape.insert(name.to_owned(), value.clone());
            }
        }
        Value::Object(shape)
    }
}

fn way((from, to): &(Fate, Fate)) -> Value {
    json!({ "from": fate(from), "to": fate(to) })
}

fn fate(fate: &Fate) -> Value {
    json!({ "became": fate.name(), "reasons": fate.causes().iter().map(cause).collect::<Vec<_>>() })
}

fn cause(cause: &Cause) -> Value {
    json!({ "code": cause.code.name(), "field": cause.field })
}
