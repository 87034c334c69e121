//! Reading the keys of one TOML table: what is asked for, of the right type, and nothing else.

use crate::diagnostic::{Code, Diagnostic, Place, SourceText, did_you_mean, nearest};
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
pub(super) struct Found<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// Every fault of one text, in the order in which they were found.
pub(super) struct Faults {
    text: Arc<SourceText>,
    list: Vec<Diagnostic>,
}

impl Faults {
    pub fn new(text: Arc<SourceText>) -> Self {
        Self { text, list: Vec::new() }
    }

    /// Notes a fault; `None`, so that `return faults.add(…)` reads well.
    pub fn add<T>(
        &mut self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Option<T> {
        self.add_with_hint(code, span, message, None)
    }

    pub fn missing<T>(&mut self, key: &str, span: Range<usize>) -> Option<T> {
        self.add(Code::KeyMissing, span, is_missing(key))
    }

    /// The key that is missing in the table at `span` is only misspelt.
    fn is_misspelt(&mut self, key: &str, span: &Range<usize>) {
        let of_key = |fault: &Diagnostic| {
            let here = matches!(&fault.place, Place::Text { span: there, .. } if there == span);
            here && fault.message == is_missing(key)
        };
        self.list.retain(|fault| !of_key(fault));
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }

    pub fn add_with_hint<T>(
        &mut self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Option<T> {
        let place = Place::Text { text: self.text.clone(), span };
        self.list.push(Diagnostic::error(code, place, message).hint(hint));
        None
    }
}

/// One table, with the keys that were asked for: all others are faults when it is closed.
pub(super) struct Section<'d> {
    table: &'d DeTable<'d>,
    span: Range<usize>,
    asked: Vec<String>,
}

impl<'d> Section<'d> {
    pub fn new(table: &'d DeTable<'d>, span: Range<usize>) -> Self {
        Self { table, span, asked: Vec::new() }
    }

    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The value at `key`, of whatever type.
    pub fn value(&mut self, key: &str) -> Option<(&'d DeValue<'d>, Range<usize>)> {
        self.asked.push(key.to_owned());
        self.table.get(key).map(|value| (value.get_ref(), value.span()))
    }

    /// Every key, in the order of the file.
    pub fn names(&self) -> Vec<String> {
        self.table.keys().map(|name| name.get_ref().to_string()).collect()
    }

    /// The names of all tables in this one, in alphabetical order.
    pub fn names_of_tables(&self) -> Vec<String> {
        let names = self.table.keys().map(|name| name.get_ref().to_string());
        names.filter(|name| self.table[name.as_str()].get_ref().is_table()).collect()
    }

    pub fn string(&mut self, key: &str, faults: &mut Faults) -> Option<Found<String>> {
        let (value, span) = self.value(key)?;
        match value {
            DeValue::String(text) => Some(Found { value: text.to_string(), span }),
            _ => wrong_type(faults, span, "a string"),
        }
    }

    pub fn required_string(&mut self, key: &str, faults: &mut Faults) -> Option<Found<String>> {
        self.required(key, faults)?;
        let found = self.string(key, faults)?;
        if found.value.is_empty() {
            return faults.add(Code::ValueInvalid, found.span, format!("`{key}` is empty"));
        }
        Some(found)
    }

    /// One string or several.
    pub fn strings(&mut self, key: &str, faults: &mut Faults) -> Vec<String> {
        self.found_strings(key, faults).into_iter().map(|found| found.value).collect()
    }

    /// One string or several, each with its place.
    pub fn found_strings(&mut self, key: &str, faults: &mut Faults) -> Vec<Found<String>> {
        let Some((value, span)) = self.value(key) else { return Vec::new() };
        let found = |text: &str, span| Found { value: text.to_owned(), span };
        let strings = match value {
            DeValue::String(text) => Some(vec![found(text, span.clone())]),
            DeValue::Array(elements) => elements
                .iter()
                .map(|element| Some(found(element.get_ref().as_str()?, element.span())))
                .collect(),
            _ => None,
        };
        strings
            .or_else(|| wrong_type(faults, span, "a string or a list of strings"))
            .unwrap_or_default()
    }

    pub fn integer(
        &mut self,
        key: &str,
        allowed: RangeInclusive<i64>,
        faults: &mut Faults,
    ) -> Option<i64> {
        let (value, span) = self.value(key)?;
        let DeValue::Integer(number) = value else {
            return wrong_type(faults, span, "a whole number");
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
        number.filter(|number| allowed.contains(number)).or_else(|| {
            let message = format!("it goes from {} to {}", allowed.start(), allowed.end());
            faults.add(Code::ValueInvalid, span, message)
        })
    }

    /// What `choices` has under the string at `key`.
    pub fn choice<T: Copy>(
        &mut self,
        key: &str,
        choices: &[(&str, T)],
        faults: &mut Faults,
    ) -> Option<T> {
        let found = self.string(key, faults)?;
        chosen(key, found, choices, faults)
    }

    /// What `choices` has under the string, or each of the strings, at `key`.
    pub fn choices<T: Copy>(
        &mut self,
        key: &str,
        choices: &[(&str, T)],
        faults: &mut Faults,
    ) -> Vec<T> {
        let found = self.found_strings(key, faults);
        found.into_iter().filter_map(|found| chosen(key, found, choices, faults)).collect()
    }

    pub fn required_choice<T: Copy>(
        &mut self,
        key: &str,
        choices: &[(&str, T)],
        faults: &mut Faults,
    ) -> Option<T> {
        self.required(key, faults)?;
        self.choice(key, choices, faults)
    }

    pub fn table(&mut self, key: &str, faults: &mut Faults) -> Option<Section<'d>> {
        let (value, span) = self.value(key)?;
        match value {
            DeValue::Table(table) => Some(Section::new(table, span)),
            _ => wrong_type(faults, span, "a table"),
        }
    }

    /// One table, or several of one name.
    pub fn tables(&mut self, key: &str, faults: &mut Faults) -> Vec<Section<'d>> {
        let Some((value, span)) = self.value(key) else { return Vec::new() };
        let found = |value: &'d DeValue<'d>, span| match value {
            DeValue::Table(table) => Some(Section::new(table, span)),
            _ => None,
        };
        let tables = match value {
            DeValue::Array(elements) => {
                elements.iter().map(|one| found(one.get_ref(), one.span())).collect()
            }
            value => found(value, span.clone()).map(|table| vec![table]),
        };
        tables.or_else(|| wrong_type(faults, span, "a table")).unwrap_or_default()
    }

    pub fn boolean(&mut self, key: &str, faults: &mut Faults) -> Option<bool> {
        let (value, span) = self.value(key)?;
        match value {
            DeValue::Boolean(truth) => Some(*truth),
            _ => wrong_type(faults, span, "true or false"),
        }
    }

    pub fn required_table(&mut self, key: &str, faults: &mut Faults) -> Option<Section<'d>> {
        self.required(key, faults)?;
        self.table(key, faults)
    }

    /// Notes every key that nobody asked for.
    pub fn close(self, faults: &mut Faults) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if self.asked.iter().all(|asked| asked != name) {
                let mut known: Vec<&str> = self.asked.iter().map(String::as_str).collect();
                known.sort_unstable();
                known.dedup();
                let near = nearest(name, known.iter().copied());
                near.into_iter().for_each(|near| faults.is_misspelt(near, &self.span));
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys here are: {}", known.join(", ")),
                };
                let message = format!("there is no key `{name}` here");
                faults.add_with_hint::<()>(Code::KeyUnknown, key.span(), message, Some(hint));
            }
        }
    }

    fn required(&mut self, key: &str, faults: &mut Faults) -> Option<()> {
        match self.value(key) {
            Some(_) => Some(()),
            None => faults.missing(key, self.span()),
        }
    }
}

fn chosen<T: Copy>(
    key: &str,
    found: Found<String>,
    choices: &[(&str, T)],
    faults: &mut Faults,
) -> Option<T> {
    let chosen = choices.iter().find(|(name, _)| *name == found.value);
    chosen.map(|(_, choice)| *choice).or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let message = format!("`{key}` is one of: {}", names.join(", "));
        let hint = did_you_mean(&found.value, names);
        faults.add_with_hint(Code::ValueInvalid, found.span, message, hint)
    })
}

pub(super) fn wrong_type<T>(faults: &mut Faults, span: Range<usize>, wanted: &str) -> Option<T> {
    faults.add(Code::ValueWrongType, span, format!("it has to be {wanted}"))
}

fn is_missing(key: &str) -> String {
    format!("`{key}` is missing")
}
