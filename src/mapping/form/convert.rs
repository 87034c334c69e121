//! `lookup` and `map`: from a value to another one that the event or the file has for it.

use super::evaluate::{Evaluation, Yield, list, one};
use super::scalar::to_text;
use super::{Lookup, Translations, Trouble};
use crate::diagnostic::Code;
use crate::mapping::recorder::Recorder;
use serde_json::Value;
use std::borrow::Cow;

impl<'e, R: Recorder> Evaluation<'e, '_, R> {
    /// The entry for an id, or the entries for a list of ids that have one.
    pub(super) fn lookup(&mut self, lookup: &Lookup, id: &Value) -> Yield<'e> {
        let Value::Array(ids) = id else { return self.lookup_one(lookup, id) };
        let mut items = Vec::new();
        for id in ids {
            items.extend(self.lookup_one(lookup, id)?.map(Cow::into_owned));
        }
        list(items, self.budget)
    }

    fn lookup_one(&mut self, lookup: &Lookup, id: &Value) -> Yield<'e> {
        let id = to_text(id).map_err(Trouble::wrong_type)?;
        let selected = lookup.within.value.select_within(self.event.json.root(), self.budget);
        let budget = &mut *self.budget;
        let is_it = |entry: &&Value| {
            let key = lookup.key.value.first_within(entry, budget).first;
            key.is_some_and(|key| match key {
                Value::String(key) => *key == id,
                key => to_text(key).is_ok_and(|key| key == id),
            })
        };
        // One list, or what a wildcard made of it: both are what people write.
        let entry = match selected.as_slice() {
            [Value::Array(entries)] => entries.iter().find(is_it),
            entries => entries.iter().copied().find(is_it),
        };
        let take = &lookup.take.value;
        let found = entry.and_then(|entry| take.first_within(entry, self.budget).first);
        one(found, self.budget)
    }
}

impl Translations {
    /// What the value, or each of a list, is translated to.
    pub(super) fn apply<'e>(&'e self, value: &Value) -> Yield<'e> {
        if let Value::Array(items) = value {
            let items: Result<_, _> = items.iter().map(|item| self.apply_one(item)).collect();
            let items: Vec<&Value> = items?;
            return Ok(Some(Cow::Owned(items.into_iter().cloned().collect())));
        }
        self.apply_one(value).map(|value| Some(Cow::Borrowed(value)))
    }

    fn apply_one(&self, value: &Value) -> Result<&Value, Trouble> {
        let text = to_text(value).map_err(Trouble::wrong_type)?;
        // The entries are sorted.
        let found = self.entries.binary_search_by(|(from, _)| from.as_str().cmp(&text));
        let entry = found.ok().and_then(|at| self.entries.get(at)).map(|(_, to)| to);
        entry.or(self.otherwise.as_ref()).map(|to| &to.value).ok_or(Trouble {
            code: Code::FieldUnmatched,
            detail: "found a value that is not in `map`, which has no `else`",
        })
    }
}
