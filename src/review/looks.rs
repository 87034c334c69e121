//! Where the fields of a mapping look in an event: as values of the payload, for its shape.

use super::shape::{Look, Reader};
use crate::mapping::{Explanation, Mapping, Reach, Read};
use crate::model::{InnerQuery, RuleName, Selector};
use serde_json::Value;

/// What looks at the events of a source.
#[derive(Debug)]
pub(super) struct Looks {
    /// In the order of the mapping's rules.
    rules: Vec<RuleLooks>,
    clicks: Vec<RuleLooks>,
    readers: Vec<Field>,
}

/// A field of a rule, as people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// `None` of a `[[click]]` rule.
    pub rule: Option<RuleName>,
    /// As in `customerEmail` or `metadata.plan`; `when` is the rule's condition.
    pub path: String,
}

#[derive(Debug, Default)]
struct RuleLooks {
    condition: Vec<Glance>,
    fields: Vec<Glance>,
}

/// One query of a field.
#[derive(Debug)]
struct Glance {
    reader: Reader,
    selector: Selector,
    deciding: bool,
    /// What a lookup compares and takes of each of the entries that the query selects.
    lookup: Option<(Selector, Selector)>,
}

impl Looks {
    pub(super) fn of(mapping: &Mapping) -> Self {
        let mut looks = Self { rules: Vec::new(), clicks: Vec::new(), readers: Vec::new() };
        looks.rules = mapping.reach().map(|reach| looks.of_rule(&reach)).collect();
        looks.clicks = mapping.click_reach().map(|reach| looks.of_rule(&reach)).collect();
        looks
    }

    fn of_rule(&mut self, reach: &Reach<'_>) -> RuleLooks {
        let mut rule = RuleLooks::default();
        let when = self.reader(reach.rule, "when");
        let condition = reach.reads.iter().filter(|read| matches!(read, Read::Condition(_)));
        condition.for_each(|read| rule.condition.extend(glances(when, read)));
        for field in &reach.fields {
            let reader = self.reader(reach.rule, &field.path);
            field.reads.iter().for_each(|read| rule.fields.extend(glances(reader, read)));
        }
        rule
    }

    fn reader(&mut self, rule: Option<&RuleName>, path: &str) -> Reader {
        self.readers.push(Field { rule: rule.cloned(), path: path.to_owned() });
        Reader(self.readers.len() - 1)
    }

    /// The fields by the numbers of their readers.
    pub(super) fn into_fields(self) -> Vec<Field> {
        self.readers
    }

    /// The names by which filters tell the entries of lists apart.
    pub(super) fn identifying(mapping: &Mapping) -> Vec<Vec<String>> {
        let inner = reads(mapping).flat_map(|read| match read {
            Read::Query(query) => query.value.inner(),
            Read::Lookup { within, .. } => within.value.inner(),
            Read::Condition(_) | Read::Text { .. } => Vec::new(),
        });
        inner.map(|inner| inner.below_entry).filter(|names| !names.is_empty()).collect()
    }

    /// Where the rules that are for the event look in it.
    pub(super) fn at<'e>(&self, explanation: &Explanation, payload: &'e Value) -> Vec<Look<'e>> {
        let mut looks = Vec::new();
        for (rule, trace) in self.rules.iter().zip(&explanation.rules) {
            if trace.on.matches {
                rule.condition.iter().for_each(|glance| glance.add(payload, &mut looks));
            }
            if trace.outcome.is_some() {
                rule.fields.iter().for_each(|glance| glance.add(payload, &mut looks));
            }
        }
        for (rule, trace) in self.clicks.iter().zip(&explanation.clicks) {
            if trace.on.matches {
                rule.condition.iter().for_each(|glance| glance.add(payload, &mut looks));
            }
            if !trace.fields.is_empty() {
                rule.fields.iter().for_each(|glance| glance.add(payload, &mut looks));
            }
        }
        looks
    }
}

fn reads(mapping: &Mapping) -> impl Iterator<Item = Read<'_>> {
    mapping.reach().chain(mapping.click_reach()).flat_map(|reach| reach.reads)
}

fn glances(reader: Reader, read: &Read<'_>) -> Vec<Glance> {
    let plain = |selector: Selector, deciding| Glance { reader, selector, deciding, lookup: None };
    let deciding = |inner: Vec<InnerQuery>| {
        inner.into_iter().map(|inner| plain(inner.selector, true)).collect::<Vec<_>>()
    };
    match read {
        Read::Query(query) => {
            let mut glances = deciding(query.value.inner());
            glances.push(plain(query.value.clone(), false));
            glances
        }
        Read::Condition(condition) => deciding(condition.value.inner()),
        Read::Lookup { within, key, take } => {
            let mut glances = deciding(within.value.inner());
            let lookup = Some((key.value.clone(), take.value.clone()));
            glances.push(Glance { lookup, ..plain(within.value.clone(), true) });
            glances
        }
        Read::Text { .. } => Vec::new(),
    }
}

impl Glance {
    fn add<'e>(&self, payload: &'e Value, looks: &mut Vec<Look<'e>>) {
        let mut look = |at, deciding| looks.push(Look { reader: self.reader, at, deciding });
        let selected = self.selector.select(payload);
        let Some((key, take)) = &self.lookup else {
            selected.into_iter().for_each(|at| look(at, self.deciding));
            return;
        };
        // One list, or what a wildcard made of it, as the evaluation has it.
        let entries: Vec<&Value> = match selected.as_slice() {
            [Value::Array(entries)] => entries.iter().collect(),
            _ => selected,
        };
        for entry in entries {
            key.select(entry).into_iter().for_each(|at| look(at, true));
            take.select(entry).into_iter().for_each(|at| look(at, false));
        }
    }
}
