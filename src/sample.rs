//! Look-alikes: an event of a real person becomes one of nobody, of the same shape, so that it can
//! be kept as a sample and shared.
//!
//! - Every text is replaced, and every number of four digits and more, but for what the mapping
//!   names: with other values there it would do something else. Keys stay, unless they look like
//!   somebody's data themselves.
//! - An address stays an address, a name a name, an id an id: `text` finds what a text is made of,
//!   `address` makes addresses of nobody, `words` another word of the same length, script and
//!   case, `times` moves all times by one and the same span.
//! - What is the same stays the same: one replacement stands for a word wherever it occurs, alone or
//!   within other texts, so that what refers to each other still does.
//! - Nothing can be computed back. A replacement is drawn at random from its word's shape alone;
//!   the word itself has no part in it. Known to a reader are shapes, and which words are equal.
//! - No word of four characters and more that was replaced occurs anywhere in what replaces.
//!
//! Absent here: files, stores, and where the randomness comes from.

mod address;
mod compare;
mod numbers;
mod scripts;
mod text;
mod times;
mod words;

use crate::mapping::Named;
use serde_json::{Map, Value};
use std::collections::HashMap;
use words::Words;

pub use compare::differences;

/// Makes look-alikes.
pub struct Masker<'a> {
    /// What stays as it is.
    named: &'a Named,
    phrases: Option<regex::Regex>,
    words: Words,
    /// What stands for which sentences.
    prose: HashMap<String, String>,
    /// Domains, in the order in which they came.
    domains: Vec<String>,
    /// Addresses of machines, in the order in which they came.
    machines: Vec<String>,
    /// By how much times go back, in whole seconds.
    back_seconds: i64,
}

impl<'a> Masker<'a> {
    /// One for the texts of one sample. What two of them make of the same event differs, unless
    /// the seeds are equal.
    pub fn new(named: &'a Named, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let back_seconds = times::span(&mut random);
        Self {
            named,
            phrases: text::phrases(named),
            words: Words::new(random),
            prose: HashMap::new(),
            domains: Vec::new(),
            machines: Vec::new(),
            back_seconds,
        }
    }

    /// The look-alikes of these values, which may refer to each other.
    pub fn mask(mut self, values: &[Value]) -> Vec<Value> {
        values.iter().for_each(|value| self.forbid(value));
        // Words of short texts come first: those of long ones are only then known to be names.
        values.iter().for_each(|value| self.learn(value));
        values.iter().map(|value| self.value(value)).collect()
    }

    fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::Number(number) => Value::Number(self.number(number)),
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                let masked = members.iter().map(|(key, value)| {
                    let key = if self.is_replaced(key) { self.text(key) } else { key.clone() };
                    (key, self.value(value))
                });
                Value::Object(masked.collect::<Map<_, _>>())
            }
        }
    }

    /// Notes the words of all texts that are replaced, so that none of them is drawn.
    fn forbid(&mut self, value: &Value) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => self.words.forbid(&number.to_string()),
            Value::String(text) if self.is_named(text) => {}
            Value::String(text) => self.words.forbid(text),
            Value::Array(items) => items.iter().for_each(|item| self.forbid(item)),
            Value::Object(members) => {
                for (key, value) in members {
                    if self.is_replaced(key) {
                        self.words.forbid(key);
                    }
                    self.forbid(value);
                }
            }
        }
    }

    /// Draws replacements for the words of all texts that are no prose.
    fn learn(&mut self, value: &Value) {
        match value {
            Value::String(text) if !text::is_prose(text) => {
                self.text(text);
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(members) => members.values().for_each(|value| self.learn(value)),
            _ => {}
        }
    }

    /// Whether a key is rather somebody's data, and no rule looks for it.
    fn is_replaced(&self, key: &str) -> bool {
        !self.named.keys.contains(key) && text::is_personal_key(key)
    }

    /// Whether the mapping compares values with this one.
    fn is_named(&self, text: &str) -> bool {
        self.named.values.contains(text) || self.named.values.contains(text.trim())
    }
}

#[cfg(test)]
mod tests;
