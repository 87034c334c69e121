//! From TOML to forms.
//!
//! A text that starts with `$` is a query, any other scalar is itself. A table is a form if one of
//! its keys is a word of this language, and an object of forms otherwise; an object whose own keys
//! are such words is written `{ object = { ... } }`.

mod steps;

pub(in crate::mapping) use steps::{LOOKUP_KEYS, STEPS_MAX, TRUNCATE_MAX};

use super::{DEPTH_MAX, EventPart, Form, MEMBERS_MAX, Source};
use crate::diagnostic::{Code, did_you_mean};
use crate::mapping::Spanned;
use crate::mapping::faults::Faults;
use crate::mapping::table::{self, Node, Table};
use crate::model::{Selector, SelectorError};
use std::ops::Range;
use toml::de::DeValue;

/// The keys that say where a value comes from. A form has exactly one.
pub(in crate::mapping) const SOURCES: [&str; 9] =
    ["value", "from", "header", "query", "event", "first", "join", "all", "object"];
/// The keys that say what is done with it.
pub(in crate::mapping) const STEPS: [&str; 8] =
    ["with", "ignore", "lookup", "map", "else", "then", "default", "missing"];
/// What `event` can name.
pub(in crate::mapping) const EVENT_PARTS: [&str; 3] = ["id", "type", "received_at"];

/// The words of the language: a table that has one among its keys is a form.
pub(in crate::mapping) fn words() -> impl Iterator<Item = &'static str> {
    SOURCES.into_iter().chain(STEPS)
}

const OBJECT_HINT: &str =
    "an object whose keys are words of this language is written `{ object = { ... } }`";

/// Reads forms and remembers what is wrong with them.
pub(in crate::mapping) struct Reader<'r, 'a> {
    pub(in crate::mapping) faults: &'r mut Faults<'a>,
}

impl<'a> Reader<'_, 'a> {
    /// The form of a whole field, which may say what to do where it is `missing`.
    pub(in crate::mapping) fn field(&mut self, node: &Node<'_>, what: &str) -> Option<Form> {
        self.form(node, what, 0)
    }

    fn form(&mut self, node: &Node<'_>, what: &str, depth: usize) -> Option<Form> {
        if depth > DEPTH_MAX {
            let message = format!("forms nest deeper than {DEPTH_MAX} levels");
            self.faults.error(Code::ValueInvalid, &node.span(), message);
            return None;
        }
        match node.get_ref() {
            DeValue::String(text) if text.starts_with('$') => {
                let text = Spanned { value: text.to_string(), span: node.span() };
                let selector = self.compiled(&text, bare_query)?;
                Some(Form::new(node.span(), Source::Query(selector)))
            }
            DeValue::Table(entries) => {
                let table = Table::open(entries, node.span());
                let is_word = |key: &str| words().any(|word| word == key);
                if table.iter().any(|(key, _)| is_word(&key.value)) {
                    self.table(&table, what, depth)
                } else {
                    let members = self.object(&table, what, depth)?;
                    Some(Form::new(node.span(), Source::Object(members)))
                }
            }
            DeValue::Array(_) => {
                let hint = "the first that is there: `{ first = [...] }`; all of them: \
                            `{ all = [...] }`; the list itself: `{ value = [...] }`";
                let message = format!("{what} can't be a bare list");
                self.faults.hinted(Code::ValueWrongType, &node.span(), message, hint.to_owned());
                None
            }
            _ => {
                self.no_placeholders(node);
                let value = table::literal(node, self.faults)?;
                Some(Form::new(node.span(), Source::Literal(value)))
            }
        }
    }

    /// Texts are sent as they are; other programs fill them in.
    fn no_placeholders(&mut self, node: &Node<'_>) {
        let DeValue::String(text) = node.get_ref() else { return };
        let has =
            |open: &str, close: &str| text.find(open).is_some_and(|at| text[at..].contains(close));
        if has("{{", "}}") || has("${", "}") || has("<%", "%>") {
            let message = "texts are sent as they are: nothing is filled in here";
            let hint =
                "put a text together by `{ join = [\"Hello\", \"$.data.name\"], with = \" \" }`";
            self.faults.warning(Code::ValueSuspicious, &node.span(), message, hint.to_owned());
        }
    }

    /// A table of which some key is a word of the language.
    fn table(&mut self, table: &Table<'_>, what: &str, depth: usize) -> Option<Form> {
        let all_known = self.unknown_keys(table, what);
        if depth > 0 && table.has("missing") {
            let message = "`missing` belongs to the whole field, not to a part of it";
            self.faults.error(Code::KeyUnknown, &table.key_span("missing"), message);
        }
        // A misspelt source has been reported; that there is none would be the same fault again.
        let has_source = SOURCES.iter().any(|source| table.has(source));
        let source = if all_known || has_source { self.source(table, what, depth) } else { None };
        self.orphan(table, "with", "join");
        self.orphan(table, "else", "map");
        // Every step is read even where the source is broken, so that all faults are found.
        let ignore = self.ignore(table);
        let lookup = self.lookup(table);
        let map = self.map(table);
        let then = self.then(table);
        let default = self.spanned_literal(table, "default");
        let source = source?;
        Some(Form { span: table.span.clone(), source, ignore, lookup, map, then, default })
    }

    /// Whether there are none.
    fn unknown_keys(&mut self, table: &Table<'_>, what: &str) -> bool {
        let mut all_known = true;
        for (key, _) in table.iter() {
            if !words().any(|word| word == key.value) {
                all_known = false;
                let hint =
                    did_you_mean(&key.value, words()).unwrap_or_else(|| OBJECT_HINT.to_owned());
                let message = format!("`{}` means nothing in the form of {what}", key.value);
                self.faults.hinted(Code::KeyUnknown, &key.span, message, hint);
            }
        }
        all_known
    }

    fn source(&mut self, table: &Table<'_>, what: &str, depth: usize) -> Option<Source> {
        let present: Vec<_> = SOURCES.iter().filter(|source| table.has(source)).collect();
        let [key] = present.as_slice() else {
            let message = match present.as_slice() {
                [] => format!("{what} doesn't say where its value comes from"),
                [a, b, ..] => format!("{what} has both `{a}` and `{b}`"),
                [_] => return None,
            };
            let hint = format!("give exactly one of: {}", SOURCES.join(", "));
            let span = present.last().map_or(table.span.clone(), |key| table.key_span(key));
            self.faults.hinted(Code::KeyMissing, &span, message, hint);
            return None;
        };
        let node = table.get(key)?;
        match **key {
            "value" => table::literal(node, self.faults).map(Source::Literal),
            "from" => self.from(node, what, depth),
            "header" => {
                let name = self.name(node, "`header`")?;
                Some(Source::Header(name.to_ascii_lowercase()))
            }
            "query" => self.parameter(node),
            "event" => self.event_part(node),
            "first" => self.members(node, "`first`", depth).map(Source::First),
            "join" => self.join(table, node, depth),
            "all" if matches!(node.get_ref(), DeValue::String(_)) => {
                self.selector(node, "`all`").map(Source::All)
            }
            "all" => self.members(node, "`all`", depth).map(Source::List),
            "object" => {
                let (entries, span) = table::table(node, "`object`", self.faults)?;
                self.object(&Table::open(entries, span), what, depth).map(Source::Object)
            }
            _ => None,
        }
    }

    fn from(&mut self, node: &Node<'_>, what: &str, depth: usize) -> Option<Source> {
        match node.get_ref() {
            DeValue::Table(_) => {
                let form = self.form(node, what, depth + 1)?;
                Some(Source::Inner(Box::new(form)))
            }
            _ => self.selector(node, "`from`").map(Source::Query),
        }
    }

    fn selector(&mut self, node: &Node<'_>, what: &str) -> Option<Spanned<Selector>> {
        let text = table::text(node, what, self.faults)?;
        self.compiled(&text, Selector::parse)
    }

    fn compiled<T>(
        &mut self,
        text: &Spanned<String>,
        parse: fn(&str) -> Result<T, SelectorError>,
    ) -> Option<Spanned<T>> {
        let value = parse(&text.value).map_err(|error| self.faults.query(text, error)).ok()?;
        Some(Spanned { value, span: text.span.clone() })
    }

    fn name(&mut self, node: &Node<'_>, what: &str) -> Option<String> {
        let text = table::text(node, what, self.faults)?;
        if text.value.trim().is_empty() {
            self.faults.error(Code::ValueInvalid, &text.span, format!("{what} is empty"));
            return None;
        }
        Some(text.value)
    }

    fn parameter(&mut self, node: &Node<'_>) -> Option<Source> {
        let name = self.name(node, "`query`")?;
        if name.starts_with('$') {
            let message = "`query` names a parameter of the URL";
            let hint = "a query into the event is written `from = \"$...\"`".to_owned();
            self.faults.hinted(Code::ValueInvalid, &node.span(), message, hint);
            return None;
        }
        Some(Source::Parameter(name))
    }

    fn event_part(&mut self, node: &Node<'_>) -> Option<Source> {
        let text = table::text(node, "`event`", self.faults)?;
        Some(Source::Event(match &*text.value {
            "id" => EventPart::Id,
            "type" => EventPart::Type,
            "received_at" => EventPart::ReceivedAt,
            other => {
                let object = other.starts_with('$').then(|| OBJECT_HINT.to_owned());
                let hint = object.or_else(|| did_you_mean(other, EVENT_PARTS));
                let message = "`event` is one of id, type and received_at";
                self.faults.hinted(Code::ValueInvalid, &text.span, message, hint);
                return None;
            }
        }))
    }

    fn members(&mut self, node: &Node<'_>, what: &str, depth: usize) -> Option<Vec<Form>> {
        let items = table::array(node, what, self.faults)?;
        if self.counted(items.len(), &node.span(), what) {
            let what = format!("a member of {what}");
            let forms: Vec<_> =
                items.iter().map(|item| self.form(item, &what, depth + 1)).collect();
            return forms.into_iter().collect();
        }
        None
    }

    /// Whether a list has some members, and not too many.
    fn counted(&mut self, count: usize, span: &Range<usize>, what: &str) -> bool {
        let message = match count {
            0 => format!("{what} is empty"),
            1..=MEMBERS_MAX => return true,
            _ => format!("{what} has more than {MEMBERS_MAX} entries"),
        };
        self.faults.error(Code::ValueInvalid, span, message);
        false
    }

    fn join(&mut self, table: &Table<'_>, node: &Node<'_>, depth: usize) -> Option<Source> {
        let with = table.text("with", self.faults).map(|text| text.value);
        let members = self.members(node, "`join`", depth)?;
        Some(Source::Join { members, with: with.unwrap_or_default() })
    }

    fn object(
        &mut self,
        table: &Table<'_>,
        what: &str,
        depth: usize,
    ) -> Option<Vec<(String, Form)>> {
        let entries: Vec<_> = table.iter().collect();
        if !self.counted(entries.len(), &table.span, what) {
            return None;
        }
        let members: Vec<_> = entries
            .into_iter()
            .map(|(key, node)| {
                let form = self.form(node, &format!("`{}`", key.value), depth + 1)?;
                Some((key.value, form))
            })
            .collect();
        members.into_iter().collect()
    }

    fn orphan(&mut self, table: &Table<'_>, key: &str, owner: &str) {
        if table.has(key) && !table.has(owner) {
            let message = format!("`{key}` means nothing without `{owner}`");
            self.faults.error(Code::KeyUnknown, &table.key_span(key), message);
        }
    }
}

/// A query that is one only because it starts with `$`: it may be an amount of money.
fn bare_query(text: &str) -> Result<Selector, SelectorError> {
    let looks_like_one = text.len() == 1 || text.starts_with("$.") || text.starts_with("$[");
    Selector::parse(text).map_err(|error| {
        let literal = format!("a text that begins with `$` is written `{{ value = \"{text}\" }}`");
        match error.hint {
            _ if looks_like_one => error,
            Some(hint) if hint.starts_with("write") => {
                SelectorError { hint: Some(format!("{hint}; {literal}")), ..error }
            }
            _ => SelectorError { hint: Some(literal), ..error },
        }
    })
}
