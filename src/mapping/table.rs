//! TOML tables and values, read by hand: a derived deserializer stops at its first fault.

use super::Spanned;
use super::faults::Faults;
use crate::diagnostic::{Code, nearest};
use serde_json::{Map, Number, Value};
use std::ops::Range;
use toml::de::{DeArray, DeTable, DeValue};

/// A value as the TOML parser gives it, with its place.
pub(super) type Node<'t> = toml::Spanned<DeValue<'t>>;

/// A table whose keys have been compared with the known ones.
#[derive(Clone)]
pub(super) struct Table<'t> {
    entries: &'t DeTable<'t>,
    pub(super) span: Range<usize>,
}

impl<'t> Table<'t> {
    /// A table that may hold any key.
    pub(super) fn open(entries: &'t DeTable<'t>, span: Range<usize>) -> Self {
        Self { entries, span }
    }

    /// A table that may hold the `known` keys only. `what` names it in messages.
    pub(super) fn of_known(
        entries: &'t DeTable<'t>,
        span: Range<usize>,
        what: &str,
        known: &[&str],
        faults: &mut Faults<'_>,
    ) -> Self {
        let table = Self::open(entries, span);
        table.only_known(known, what, faults);
        table
    }

    /// Reports every key that is not among the `known` ones.
    pub(super) fn only_known(&self, known: &[&str], what: &str, faults: &mut Faults<'_>) {
        for (key, _) in self.iter() {
            if !known.contains(&&*key.value) {
                let message = format!("`{}` means nothing in {what}", key.value);
                let near = nearest(&key.value, known.iter().copied());
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys here are: {}", known.join(", ")),
                };
                near.into_iter().for_each(|near| faults.misspelt(near, &self.span));
                faults.hinted(Code::KeyUnknown, &key.span, message, hint);
            }
        }
    }

    /// The entries, sorted by key, so that nothing depends on how the parser keeps them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Spanned<String>, &'t Node<'t>)> + use<'t> {
        let mut entries: Vec<_> = self
            .entries
            .iter()
            .map(|(key, node)| {
                (Spanned { value: key.get_ref().to_string(), span: key.span() }, node)
            })
            .collect();
        entries.sort_by(|(a, _), (b, _)| a.value.cmp(&b.value));
        entries.into_iter()
    }

    pub(super) fn get(&self, key: &str) -> Option<&'t Node<'t>> {
        self.entries.get(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Where `key` itself stands; the whole table if it is absent.
    pub(super) fn key_span(&self, key: &str) -> Range<usize> {
        let entry = self.entries.get_key_value(key);
        entry.map_or_else(|| self.span.clone(), |(key, _)| key.span())
    }

    /// The text under `key`; a value of another type is a fault.
    pub(super) fn text(&self, key: &str, faults: &mut Faults<'_>) -> Option<Spanned<String>> {
        text(self.get(key)?, &format!("`{key}`"), faults)
    }

    /// The text under `key`, whose absence is a fault too.
    pub(super) fn required_text(
        &self,
        key: &str,
        what: &str,
        faults: &mut Faults<'_>,
    ) -> Option<Spanned<String>> {
        if !self.has(key) {
            let message = format!("{what} has no `{key}`");
            let hint = format!("add `{key} = \"...\"`");
            faults.absent(key, &self.span, message, hint);
        }
        self.text(key, faults)
    }
}

/// Where `key` stands in `node`, if that is a table that has it.
pub(super) fn key_span_within(node: &Node<'_>, key: &str) -> Option<Range<usize>> {
    let DeValue::Table(entries) = node.get_ref() else { return None };
    entries.get_key_value(key).map(|(key, _)| key.span())
}

pub(super) fn text(
    node: &Node<'_>,
    what: &str,
    faults: &mut Faults<'_>,
) -> Option<Spanned<String>> {
    match node.get_ref() {
        DeValue::String(text) => Some(Spanned { value: text.to_string(), span: node.span() }),
        value => {
            let message = wrong_type_message(node, what, "a text in quotes");
            let is_scalar = !matches!(value, DeValue::Array(_) | DeValue::Table(_));
            let hint = is_scalar.then(|| "put it into quotes: \"...\"".to_owned());
            faults.hinted(Code::ValueWrongType, &node.span(), message, hint);
            None
        }
    }
}

pub(super) fn table<'t>(
    node: &'t Node<'t>,
    what: &str,
    faults: &mut Faults<'_>,
) -> Option<(&'t DeTable<'t>, Range<usize>)> {
    match node.get_ref() {
        DeValue::Table(entries) => Some((entries, node.span())),
        _ => {
            wrong_type(node, what, "a table", faults);
            None
        }
    }
}

pub(super) fn array<'t>(
    node: &'t Node<'t>,
    what: &str,
    faults: &mut Faults<'_>,
) -> Option<&'t DeArray<'t>> {
    match node.get_ref() {
        DeValue::Array(items) => Some(items),
        DeValue::Table(_) => {
            wrong_type(node, what, "a list", faults);
            None
        }
        value => {
            let message = wrong_type_message(node, what, "a list");
            let hint = match value {
                DeValue::String(text) if what != "`secrets`" => {
                    format!("put it into brackets: [\"{text}\"]")
                }
                _ => "put it into brackets: [ ... ]".to_owned(),
            };
            faults.hinted(Code::ValueWrongType, &node.span(), message, hint);
            None
        }
    }
}

pub(super) fn wrong_type(node: &Node<'_>, what: &str, wanted: &str, faults: &mut Faults<'_>) {
    let message = wrong_type_message(node, what, wanted);
    faults.error(Code::ValueWrongType, &node.span(), message);
}

fn wrong_type_message(node: &Node<'_>, what: &str, wanted: &str) -> String {
    format!("{what} must be {wanted}, not {}", kind(node.get_ref()))
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A TOML value as JSON. Dates, infinite numbers and integers beyond 64 bits have no JSON form and
/// are faults.
pub(super) fn literal(node: &Node<'_>, faults: &mut Faults<'_>) -> Option<Value> {
    match node.get_ref() {
        DeValue::String(text) => Some(Value::String(text.to_string())),
        DeValue::Boolean(boolean) => Some(Value::Bool(*boolean)),
        DeValue::Integer(_) | DeValue::Float(_) => {
            let number = number(node.get_ref());
            if number.is_none() {
                let message = "the number is too large, or no number at all";
                faults.error(Code::ValueInvalid, &node.span(), message);
            }
            number.map(Value::Number)
        }
        DeValue::Datetime(_) => {
            let hint = "put it into quotes".to_owned();
            faults.hinted(Code::ValueWrongType, &node.span(), "dates must be texts", hint);
            None
        }
        DeValue::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| literal(item, faults)).collect();
            items.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
        }
        DeValue::Table(entries) => {
            let entries: Vec<_> = Table::open(entries, node.span())
                .iter()
                .map(|(key, node)| literal(node, faults).map(|value| (key.value, value)))
                .collect();
            entries.into_iter().collect::<Option<Map<_, _>>>().map(Value::Object)
        }
    }
}

/// The exact number, where JSON has one.
fn number(value: &DeValue<'_>) -> Option<Number> {
    match value {
        DeValue::Integer(integer) => {
            let (digits, radix) = (integer.as_str(), integer.radix());
            let signed = i64::from_str_radix(digits, radix).ok().map(Number::from);
            signed.or_else(|| u64::from_str_radix(digits, radix).ok().map(Number::from))
        }
        DeValue::Float(float) => float.as_str().parse().ok().and_then(Number::from_f64),
        _ => None,
    }
}
