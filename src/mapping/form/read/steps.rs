//! The steps of a form: what is done with what its source finds.

use super::Reader;
use crate::diagnostic::{Code, did_you_mean};
use crate::mapping::Spanned;
use crate::mapping::form::measure::Ignored;
use crate::mapping::form::step::Step;
use crate::mapping::form::{Lookup, Translations};
use crate::mapping::table::{self, Node, Table};
use crate::model::Selector;
use serde_json::Value;
use toml::de::DeValue;

/// How many steps `then` has.
pub(in crate::mapping) const STEPS_MAX: usize = 8;
/// What the destination takes for all of `metadata`, which is the longest of its fields.
pub(in crate::mapping) const TRUNCATE_MAX: usize = 10_000;
/// The keys of `lookup`, all of them required.
pub(in crate::mapping) const LOOKUP_KEYS: [&str; 3] = ["in", "key", "take"];

impl Reader<'_, '_> {
    pub(super) fn ignore(&mut self, table: &Table<'_>) -> Ignored {
        let Some(node) = table.get("ignore") else { return Ignored::default() };
        let Some(items) = table::array(node, "`ignore`", self.faults) else {
            return Ignored::default();
        };
        self.counted(items.len(), &node.span(), "`ignore`");
        let values = items.iter().filter_map(|item| self.scalar(item, "an entry of `ignore`"));
        Ignored::new(&values.collect::<Vec<_>>())
    }

    /// A literal that is a text, a number, true or false.
    fn scalar(&mut self, node: &Node<'_>, what: &str) -> Option<Value> {
        if matches!(node.get_ref(), DeValue::Array(_) | DeValue::Table(_)) {
            table::wrong_type(node, what, "a text, a number, true or false", self.faults);
            return None;
        }
        self.not_a_query(node, what);
        table::literal(node, self.faults)
    }

    /// `value`, `default`, `ignore` and `map` hold literals; a query there would be sent as it is.
    fn not_a_query(&mut self, node: &Node<'_>, what: &str) {
        if let DeValue::String(text) = node.get_ref()
            && (text.starts_with("$.") || text.starts_with("$["))
        {
            let message = format!("{what} is taken literally, and this looks like a query");
            let hint = "several ways to a value: `first = [\"$...\", \"$...\"]`".to_owned();
            self.faults.warning(Code::ValueSuspicious, &node.span(), message, hint);
        }
    }

    pub(super) fn spanned_literal(
        &mut self,
        table: &Table<'_>,
        key: &str,
    ) -> Option<Spanned<Value>> {
        let node = table.get(key)?;
        self.not_a_query(node, &format!("`{key}`"));
        let value = table::literal(node, self.faults)?;
        Some(Spanned { value, span: node.span() })
    }

    pub(super) fn lookup(&mut self, table: &Table<'_>) -> Option<Lookup> {
        let node = table.get("lookup")?;
        let (entries, span) = table::table(node, "`lookup`", self.faults)?;
        let table = Table::of_known(entries, span, "`lookup`", &LOOKUP_KEYS, self.faults);
        let within = table.required_text("in", "`lookup`", self.faults);
        let within = within.and_then(|text| self.compiled(&text, Selector::parse));
        let key = self.place(&table, "key");
        let take = self.place(&table, "take");
        Some(Lookup { within: within?, key: key?, take: take? })
    }

    /// The name of a member, or a way to one value that begins with `@`, as a query on an entry.
    fn place(&mut self, table: &Table<'_>, key: &str) -> Option<Spanned<Selector>> {
        let text = table.required_text(key, "`lookup`", self.faults)?;
        if !text.value.starts_with("@.") && !text.value.starts_with("@[") {
            // JSON's escapes are JSONPath's.
            let query = format!("$[{}]", Value::from(text.value));
            return match Selector::parse(&query) {
                Ok(value) => Some(Spanned { value, span: text.span }),
                Err(error) => {
                    self.faults.error(Code::ValueInvalid, &text.span, error.message);
                    None
                }
            };
        }
        // `@` and `$` are equally long, so that places of faults stay right.
        let path = self.compiled(&text, |text| Selector::parse(&text.replacen('@', "$", 1)))?;
        if !path.value.is_singular() {
            let message = format!("`{key}` must name one value of each entry");
            let hint = "as in `@.field.id` or `@.labels[0]`".to_owned();
            self.faults.hinted(Code::ValueInvalid, &text.span, message, hint);
            return None;
        }
        Some(path)
    }

    pub(super) fn map(&mut self, table: &Table<'_>) -> Option<Translations> {
        let otherwise = self.spanned_literal(table, "else");
        let node = table.get("map")?;
        let (entries, span) = table::table(node, "`map`", self.faults)?;
        let entries = Table::open(entries, span.clone());
        self.counted(entries.iter().count(), &span, "`map`");
        let entries = entries
            .iter()
            .filter_map(|(from, node)| {
                let value = self.scalar(node, "a value of `map`")?;
                Some((from.value, Spanned { value, span: node.span() }))
            })
            .collect();
        Some(Translations { entries, otherwise })
    }

    pub(super) fn then(&mut self, table: &Table<'_>) -> Vec<Step> {
        let Some(node) = table.get("then") else { return Vec::new() };
        let Some(items) = table::array(node, "`then`", self.faults) else { return Vec::new() };
        if items.len() > STEPS_MAX {
            let message = format!("`then` has more than {STEPS_MAX} steps");
            self.faults.error(Code::ValueInvalid, &node.span(), message);
        }
        items.iter().filter_map(|item| self.step(item)).collect()
    }

    fn step(&mut self, node: &Node<'_>) -> Option<Step> {
        if let DeValue::Table(entries) = node.get_ref() {
            return self.parametric_step(&Table::open(entries, node.span()));
        }
        let text = table::text(node, "a step of `then`", self.faults)?;
        let step = Step::named(&text.value);
        if step.is_none() {
            let hint = did_you_mean(&text.value, Step::NAMES).unwrap_or_else(|| {
                let names = Step::NAMES.join(", ");
                format!("the steps are: {names}, {{ truncate = 100 }}, {{ date = \"rfc3339\" }}")
            });
            self.faults.hinted(Code::ValueInvalid, &text.span, "there is no such step", hint);
        }
        step
    }

    fn parametric_step(&mut self, table: &Table<'_>) -> Option<Step> {
        let entries: Vec<_> = table.iter().collect();
        let (message, span) = match entries.as_slice() {
            [(key, node)] if key.value == "truncate" => {
                match table::literal(node, self.faults)?.as_u64().map(usize::try_from) {
                    Some(Ok(units @ 1..=TRUNCATE_MAX)) => return Some(Step::Truncate(units)),
                    _ => (format!("`truncate` is a number from 1 to {TRUNCATE_MAX}"), node.span()),
                }
            }
            [(key, node)] if key.value == "date" => match node.get_ref() {
                DeValue::String(text) if text == "rfc3339" => return Some(Step::Rfc3339),
                _ => ("`date` is always \"rfc3339\"".to_owned(), node.span()),
            },
            _ => {
                let message = "a step with a number or text is `{ truncate = 100 }` or \
                               `{ date = \"rfc3339\" }`";
                (message.to_owned(), table.span.clone())
            }
        };
        self.faults.error(Code::ValueInvalid, &span, message);
        None
    }
}
