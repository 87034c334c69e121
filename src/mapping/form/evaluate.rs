//! What a form makes of an event. Pure, bounded, and it can't fail: trouble is a value.
//!
//! There is one evaluation for results and for explanations: whatever happens is told to a
//! [`Recorder`], which for results is one that does nothing. Values are borrowed from the event and
//! the mapping as long as nothing changes them.

use super::measure::{TOO_LONG, VALUE_BYTES_MAX, fits, is_missing};
use super::scalar::to_text;
use super::step::Step;
use super::{EventPart, Form, Source};
use crate::diagnostic::Code;
use crate::mapping::recorder::Recorder;
use crate::model::{Budget, EventView, Reason, Selector, Warning};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// The evaluation of the forms of one rule for one event.
pub(in crate::mapping) struct Evaluation<'e, 'r, R> {
    pub(in crate::mapping) event: EventView<'e>,
    /// Of the event, over all rules. Where it is used up, nothing more is found.
    pub(in crate::mapping) budget: &'r mut Budget,
    pub(in crate::mapping) recorder: &'r mut R,
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
pub(in crate::mapping) type Yield<'e> = Result<Option<Cow<'e, Value>>, Trouble>;

/// How a form is to be evaluated.
#[derive(Clone, Copy)]
pub(in crate::mapping) struct Aim<'a> {
    pub(in crate::mapping) path: Path<'a>,
    /// Whether all selecting members of a `join` must yield.
    pub(in crate::mapping) whole: bool,
}

/// A field or a member of an object in it, as in `metadata.plan`.
#[derive(Clone, Copy)]
pub(in crate::mapping) enum Path<'a> {
    Field(&'static str),
    Member(&'a Path<'a>, &'a str),
}

/// What is done with a value after it was found.
#[derive(Clone, Copy)]
pub(in crate::mapping) enum Act<'a> {
    Lookup,
    Map,
    Then(&'a Step),
    Default,
}

impl Trouble {
    pub(in crate::mapping) fn wrong_type(detail: &'static str) -> Self {
        Self { code: Code::FieldWrongType, detail }
    }
}

impl<'e, R: Recorder> Evaluation<'e, '_, R> {
    /// What `form` yields; `name` is its own where it is a member of an object.
    pub(in crate::mapping) fn evaluate(
        &mut self,
        form: &'e Form,
        name: Option<&str>,
        aim: Aim<'_>,
    ) -> Yield<'e> {
        self.recorder.form(form, name);
        let yielded = self.yielded(form, aim);
        self.recorder.yielded(&yielded);
        yielded
    }

    fn yielded(&mut self, form: &'e Form, aim: Aim<'_>) -> Yield<'e> {
        if self.budget.is_exhausted() {
            return Ok(None);
        }
        let found = self.source(form, aim);
        self.recorder.found(form, &found);
        let mut found = found?.filter(|value| form.counts(value));
        if let (Some(lookup), Some(value)) = (&form.lookup, &found) {
            let entry = self.lookup(lookup, value);
            found = self.done(Act::Lookup, entry)?;
        }
        if let (Some(map), Some(value)) = (&form.map, &found) {
            found = self.done(Act::Map, map.apply(value))?;
        }
        for step in &form.then {
            let Some(value) = found else { break };
            let value = step.apply(&value).map_err(Trouble::wrong_type);
            let value = value.and_then(|value| fits([&value], self.budget).map(|()| value));
            found = self.done(Act::Then(step), value.map(|value| Some(Cow::Owned(value))))?;
        }
        match (&form.default, found) {
            (Some(default), None) => {
                self.done(Act::Default, Ok(Some(Cow::Borrowed(&default.value))))
            }
            (_, found) => Ok(found.filter(|value| !is_missing(value))),
        }
    }

    /// Tells what was done, and takes what is missing out.
    fn done(&mut self, act: Act<'_>, gave: Yield<'e>) -> Yield<'e> {
        self.recorder.done(act, &gave);
        Ok(gave?.filter(|value| !is_missing(value)))
    }

    fn source(&mut self, form: &'e Form, aim: Aim<'_>) -> Yield<'e> {
        let text = |text: &str| Some(Cow::Owned(Value::from(text)));
        match &form.source {
            Source::Literal(value) => Ok(Some(Cow::Borrowed(value))),
            Source::Query(selector) => self.query(&selector.value),
            Source::Inner(inner) => self.evaluate(inner, None, aim),
            Source::Header(name) => Ok(self.event.headers.get(name).and_then(text)),
            Source::Parameter(name) => Ok(self.event.query.get(name).and_then(text)),
            Source::Event(EventPart::Id) => Ok(self.event.provider_event_id.and_then(text)),
            Source::Event(EventPart::Type) => Ok(self.event.event_type.and_then(text)),
            Source::Event(EventPart::ReceivedAt) => Ok(text(&self.event.received_at.to_string())),
            Source::First(members) => self.first(form, members, aim),
            Source::Join { members, with } => self.join(form, members, with, aim),
            Source::All(selector) => self.all(form, &selector.value),
            Source::List(members) => self.list(form, members, aim),
            Source::Object(members) => self.object(members, aim),
        }
    }

    fn query(&mut self, selector: &Selector) -> Yield<'e> {
        let root = self.event.json.root();
        let selected = selector.first_within(root, self.budget);
        self.recorder.selected(selector, root, selected);
        one(selected.first, self.budget)
    }

    fn all(&mut self, form: &Form, selector: &Selector) -> Yield<'e> {
        let mut found = selector.select_within(self.event.json.root(), self.budget);
        self.recorder.selected_all(found.len());
        found.retain(|value| form.counts(value));
        fits(found.iter().copied(), self.budget)?;
        Ok(non_empty(found.into_iter().cloned().collect()))
    }

    /// What a member yields, if the form around it counts that as found.
    fn member(&mut self, outer: &Form, member: &'e Form, aim: Aim<'_>) -> Yield<'e> {
        let yielded = self.evaluate(member, None, aim)?;
        self.recorder.judged(outer);
        Ok(yielded.filter(|value| outer.counts(value)))
    }

    /// A member in trouble doesn't yield; its trouble counts only where no other member yields.
    fn first(&mut self, form: &Form, members: &'e [Form], aim: Aim<'_>) -> Yield<'e> {
        let mut trouble = None;
        for member in members {
            match self.member(form, member, aim) {
                Ok(Some(value)) => return Ok(Some(value)),
                Ok(None) => {}
                Err(first) => trouble = trouble.or(Some(first)),
            }
        }
        trouble.map_or(Ok(None), Err)
    }

    fn join(&mut self, form: &Form, members: &'e [Form], with: &str, aim: Aim<'_>) -> Yield<'e> {
        let mut joined = String::new();
        let (mut selecting, mut yielding, mut texts) = (0, 0, 0);
        for member in members {
            let found = self.member(form, member, aim)?;
            let selects = member.selects();
            selecting += usize::from(selects);
            yielding += usize::from(selects && found.is_some());
            let Some(value) = found else { continue };
            let text = to_text(&value).map_err(Trouble::wrong_type)?;
            let between = if texts > 0 { with } else { "" };
            let bytes = between.len() + text.len();
            if !self.budget.copy(bytes) || joined.len() + bytes > VALUE_BYTES_MAX {
                return Err(TOO_LONG);
            }
            joined.push_str(between);
            joined.push_str(&text);
            texts += 1;
        }
        let enough = if aim.whole { yielding == selecting } else { yielding > 0 || selecting == 0 };
        if !enough && yielding > 0 {
            self.recorder.incomplete();
        }
        Ok(enough.then(|| Cow::Owned(Value::String(joined))))
    }

    fn list(&mut self, form: &Form, members: &'e [Form], aim: Aim<'_>) -> Yield<'e> {
        let mut items = Vec::new();
        for member in members {
            items.extend(self.member(form, member, aim)?.map(Cow::into_owned));
        }
        list(items, self.budget)
    }

    /// A member in trouble is left out with a warning: objects stand only in optional fields.
    fn object(&mut self, members: &'e [(String, Form)], aim: Aim<'_>) -> Yield<'e> {
        let mut object = Map::new();
        for (name, form) in members {
            let path = Path::Member(&aim.path, name);
            match self.evaluate(form, Some(name), Aim { path, ..aim }) {
                Ok(Some(value)) => {
                    object.insert(name.clone(), value.into_owned());
                }
                Ok(None) => {}
                Err(trouble) => {
                    let warning = Reason::of_field(Code::FieldLeftOut, path.to_string());
                    self.warnings.push(warning.detail(trouble.detail));
                }
            }
        }
        if object.is_empty() {
            return Ok(None);
        }
        fits(object.values(), self.budget)?;
        Ok(Some(Cow::Owned(Value::Object(object))))
    }
}

/// The one value, if it is there and fits.
pub(super) fn one<'e>(value: Option<&'e Value>, budget: &mut Budget) -> Yield<'e> {
    value.map(|value| fits([value], budget).map(|()| Cow::Borrowed(value))).transpose()
}

/// The values as a list, if there are any and they fit.
pub(super) fn list<'e>(items: Vec<Value>, budget: &mut Budget) -> Yield<'e> {
    fits(&items, budget)?;
    Ok(non_empty(items))
}

fn non_empty<'e>(items: Vec<Value>) -> Option<Cow<'e, Value>> {
    (!items.is_empty()).then(|| Cow::Owned(Value::Array(items)))
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Field(name) => f.write_str(name),
            Path::Member(of, name) => write!(f, "{of}.{name}"),
        }
    }
}

impl fmt::Display for Act<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Lookup => f.write_str("lookup"),
            Act::Map => f.write_str("map"),
            Act::Then(step) => write!(f, "{step}"),
            Act::Default => f.write_str("default"),
        }
    }
}
