//! What a form makes of an event. Pure, bounded, and it can't fail: trouble is a value.

use super::scalar::to_text;
use super::{EventPart, Form, Lookup, Source, Translations};
use crate::diagnostic::Code;
use crate::lead::trim;
use crate::model::{EventView, Reason, Selector, Warning};
use serde_json::{Map, Value};

/// The largest value that a form may yield, in bytes, roughly: several times what the destination
/// takes for all of `metadata`.
const VALUE_BYTES_MAX: usize = 64 * 1024;
/// How many entries the lookups of one event may visit.
const LOOKUPS_MAX: usize = 50_000;

/// The evaluation of the forms of one rule for one event.
pub(in crate::mapping) struct Evaluation<'e> {
    event: EventView<'e>,
    lookups_left: usize,
    /// What was left out of objects.
    pub(in crate::mapping) warnings: Vec<Warning>,
}

/// Why a form can't yield although it found something. Never quotes what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mapping) struct Trouble {
    pub(in crate::mapping) code: Code,
    pub(in crate::mapping) detail: &'static str,
}

/// What a form yields, `None` where that is missing.
type Yield = Result<Option<Value>, Trouble>;

/// How a form is to be evaluated.
#[derive(Clone, Copy)]
pub(in crate::mapping) struct Aim<'a> {
    /// The field, as in `metadata.plan`.
    pub(in crate::mapping) path: &'a str,
    /// Whether all selecting members of a `join` must yield.
    pub(in crate::mapping) whole: bool,
}

impl Trouble {
    pub(in crate::mapping) fn wrong_type(detail: &'static str) -> Self {
        Self { code: Code::FieldWrongType, detail }
    }
}

impl<'e> Evaluation<'e> {
    pub(in crate::mapping) fn new(event: EventView<'e>) -> Self {
        Self { event, lookups_left: LOOKUPS_MAX, warnings: Vec::new() }
    }

    /// What `form` yields.
    pub(in crate::mapping) fn evaluate(&mut self, form: &Form, aim: Aim<'_>) -> Yield {
        let mut found = self.source(form, aim)?.filter(|value| form.counts(value));
        if let (Some(lookup), Some(value)) = (&form.lookup, &found) {
            found = self.lookup(lookup, value)?;
        }
        if let (Some(map), Some(value)) = (&form.map, &found) {
            found = Some(map.apply(value)?);
        }
        for step in &form.then {
            let Some(value) = found.filter(|value| !is_missing(value)) else {
                found = None;
                break;
            };
            let value = step.apply(value).map_err(Trouble::wrong_type)?;
            fits([&value])?;
            found = Some(value);
        }
        let found = found.filter(|value| !is_missing(value));
        let default = || form.default.as_ref().map(|default| default.value.clone());
        Ok(found.or_else(default).filter(|value| !is_missing(value)))
    }

    fn source(&mut self, form: &Form, aim: Aim<'_>) -> Yield {
        let text = |text: &str| Some(Value::from(text));
        match &form.source {
            Source::Literal(value) => Ok(Some(value.clone())),
            Source::Query(selector) => one(self.select(&selector.value).first().copied()),
            Source::Inner(inner) => self.evaluate(inner, aim),
            Source::Header(name) => Ok(self.event.headers.get(name).and_then(text)),
            Source::Parameter(name) => Ok(self.event.query.get(name).and_then(text)),
            Source::Event(EventPart::Id) => Ok(self.event.provider_event_id.and_then(text)),
            Source::Event(EventPart::Type) => Ok(self.event.event_type.and_then(text)),
            Source::Event(EventPart::ReceivedAt) => Ok(text(&self.event.received_at.to_string())),
            Source::First(members) => self.first(form, members, aim),
            Source::Join { members, with } => self.join(form, members, with, aim),
            Source::All(selector) => {
                let mut found = self.select(&selector.value);
                found.retain(|value| form.counts(value));
                fits(found.iter().copied())?;
                list(found.into_iter().cloned().collect())
            }
            Source::List(members) => self.list(form, members, aim),
            Source::Object(members) => self.object(members, aim),
        }
    }

    fn select(&self, selector: &Selector) -> Vec<&'e Value> {
        selector.select(self.event.json.root())
    }

    /// A member in trouble doesn't yield; its trouble counts only where no other member yields.
    fn first(&mut self, form: &Form, members: &[Form], aim: Aim<'_>) -> Yield {
        let mut trouble = None;
        for member in members {
            match self.evaluate(member, aim) {
                Ok(found) => {
                    if let Some(value) = found.filter(|value| form.counts(value)) {
                        return Ok(Some(value));
                    }
                }
                Err(first) => trouble = trouble.or(Some(first)),
            }
        }
        trouble.map_or(Ok(None), Err)
    }

    fn join(&mut self, form: &Form, members: &[Form], with: &str, aim: Aim<'_>) -> Yield {
        let mut texts: Vec<String> = Vec::with_capacity(members.len());
        let (mut selecting, mut yielding, mut bytes) = (0, 0, 0);
        for member in members {
            let found = self.evaluate(member, aim)?.filter(|value| form.counts(value));
            selecting += usize::from(member.selects());
            yielding += usize::from(member.selects() && found.is_some());
            if let Some(value) = found {
                let text = to_text(&value).map_err(Trouble::wrong_type)?;
                bytes += text.len() + with.len();
                texts.push(text);
            }
        }
        if bytes > VALUE_BYTES_MAX {
            return Err(TOO_LONG);
        }
        let enough = if aim.whole { yielding == selecting } else { yielding > 0 || selecting == 0 };
        Ok(enough.then(|| Value::String(texts.join(with))))
    }

    fn list(&mut self, form: &Form, members: &[Form], aim: Aim<'_>) -> Yield {
        let mut items = Vec::new();
        for member in members {
            items.extend(self.evaluate(member, aim)?.filter(|value| form.counts(value)));
        }
        list(items)
    }

    /// A member in trouble is left out with a warning: objects stand only in optional fields.
    fn object(&mut self, members: &[(String, Form)], aim: Aim<'_>) -> Yield {
        let mut object = Map::new();
        for (name, form) in members {
            let path = format!("{}.{name}", aim.path);
            match self.evaluate(form, Aim { path: &path, ..aim }) {
                Ok(Some(value)) => {
                    object.insert(name.clone(), value);
                }
                Ok(None) => {}
                Err(trouble) => {
                    let warning = Reason::of_field(Code::FieldLeftOut, path);
                    self.warnings.push(warning.detail(trouble.detail));
                }
            }
        }
        if object.is_empty() {
            return Ok(None);
        }
        fits(object.values())?;
        Ok(Some(Value::Object(object)))
    }

    fn lookup(&mut self, lookup: &Lookup, id: &Value) -> Yield {
        let Value::Array(ids) = id else { return self.lookup_one(lookup, id) };
        let mut items = Vec::new();
        for id in ids {
            items.extend(self.lookup_one(lookup, id)?);
        }
        list(items)
    }

    fn lookup_one(&mut self, lookup: &Lookup, id: &Value) -> Yield {
        let id = to_text(id).map_err(Trouble::wrong_type)?;
        let selected = self.select(&lookup.within.value);
        // One list, or what a wildcard made of it: both are what people write.
        let entries: Vec<&Value> = match selected.as_slice() {
            [Value::Array(entries)] => entries.iter().collect(),
            _ => selected,
        };
        let trouble =
            Trouble { code: Code::EventTooComplex, detail: "the lookups visit too many values" };
        self.lookups_left = self.lookups_left.checked_sub(entries.len()).ok_or(trouble)?;
        let is_it = |entry: &&Value| {
            entry.get(&lookup.key.value).is_some_and(|key| to_text(key).is_ok_and(|key| key == id))
        };
        let entry = entries.into_iter().find(is_it);
        one(entry.and_then(|entry| entry.get(&lookup.take.value)))
    }
}

impl Form {
    /// Whether a value counts as found: it is not missing and not among the ignored ones.
    fn counts(&self, value: &Value) -> bool {
        let same = |ignored: &Value| match (to_text(ignored), to_text(value)) {
            (Ok(ignored), Ok(found)) => trim(&ignored) == trim(&found),
            _ => false,
        };
        !is_missing(value) && !self.ignore.iter().any(same)
    }
}

impl Translations {
    fn apply(&self, value: &Value) -> Result<Value, Trouble> {
        if let Value::Array(items) = value {
            let items: Result<_, _> = items.iter().map(|item| self.apply_one(item)).collect();
            return items.map(Value::Array);
        }
        self.apply_one(value)
    }

    fn apply_one(&self, value: &Value) -> Result<Value, Trouble> {
        let text = to_text(value).map_err(Trouble::wrong_type)?;
        let entry = self.entries.iter().find(|(from, _)| *from == text);
        let to = entry.map(|(_, to)| to).or(self.otherwise.as_ref());
        to.map(|to| to.value.clone()).ok_or(Trouble {
            code: Code::FieldUnmatched,
            detail: "found a value that is not in `map`, which has no `else`",
        })
    }
}

/// Nothing, null and blank texts are missing.
fn is_missing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => trim(text).is_empty(),
        _ => false,
    }
}

const TOO_LONG: Trouble =
    Trouble { code: Code::FieldTooLong, detail: "found far more than the destination takes" };

/// Refuses values that are together larger than a form may yield.
fn fits<'v>(values: impl IntoIterator<Item = &'v Value>) -> Result<(), Trouble> {
    let mut values = values.into_iter();
    let left = values.try_fold(VALUE_BYTES_MAX, |left, value| weigh(value, left));
    left.map(|_| ()).ok_or(TOO_LONG)
}

/// The one value, if it is there and fits.
fn one(value: Option<&Value>) -> Yield {
    value.map(|value| fits([value]).map(|()| value.clone())).transpose()
}

/// The values as a list, if there are any and they fit.
fn list(items: Vec<Value>) -> Yield {
    fits(&items)?;
    Ok(Some(items).filter(|items| !items.is_empty()).map(Value::Array))
}

/// What is left of `bytes` after `value`, or nothing; visits no more than fits.
fn weigh(value: &Value, bytes: usize) -> Option<usize> {
    let left = bytes.checked_sub(1)?;
    match value {
        Value::String(text) => left.checked_sub(text.len()),
        Value::Array(items) => items.iter().try_fold(left, |left, item| weigh(item, left)),
        Value::Object(members) => members
            .iter()
            .try_fold(left, |left, (name, value)| weigh(value, left.checked_sub(name.len())?)),
        _ => Some(left),
    }
}
