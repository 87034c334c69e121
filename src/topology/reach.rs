//! Compares what the rules of a file look at with samples of the events that they are for.
//!
//! Everything found here is a warning: samples show what a provider sends, and never all of it. So
//! nothing is said of what lies at or below a value whose members are the user's own, and nothing of
//! events that no sample shows.

use super::nearest::{nearest, written_name};
use super::samples::Samples;
use crate::diagnostic::{
    Code, Diagnostic, Place, SourceText, did_you_mean, nearest as nearest_name, span_within,
};
use crate::mapping::{Mapping, Reach, Read, Spanned};
use crate::model::{Document, Filter, Origin, Selector, Step, StepKind, Way};
use crate::provider::Provider;
use regex::Regex;
use serde_json::Value;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// How many names a hint lists.
const LISTED_MAX: usize = 8;

/// Warnings for what rules look at and samples don't have. `raw` is what `text` was made of.
pub(super) fn check(
    mapping: &Mapping,
    provider: &Provider,
    samples: &Samples,
    text: &Arc<SourceText>,
    raw: &str,
) -> Vec<Diagnostic> {
    let mut check = Check { provider, samples, text, raw, found: Vec::new() };
    for reach in mapping.reach().chain(mapping.click_reach()) {
        check.rule(&reach);
    }
    check.found
}

struct Check<'a> {
    provider: &'a Provider,
    samples: &'a Samples,
    text: &'a Arc<SourceText>,
    raw: &'a str,
    found: Vec<Diagnostic>,
}

/// A text of the file that looks at events, and these events.
#[derive(Clone, Copy)]
struct Look<'a> {
    /// What the TOML string at `span` says.
    text: &'a str,
    span: &'a Range<usize>,
    events: &'a [&'a Value],
    /// Whose events these are, as the end of a sentence.
    whose: &'a str,
}

/// A way, what it begins at, and the way up to there.
struct Begun<'a> {
    way: &'a Way,
    roots: &'a [&'a Value],
    above: &'a [StepKind],
}

impl Check<'_> {
    fn rule(&mut self, reach: &Reach<'_>) {
        let types: Vec<String> = reach.on.iter().filter_map(|it| self.meant(it)).collect();
        let types: Vec<&str> = types.iter().map(String::as_str).collect();
        for read in &reach.reads {
            match read {
                Read::Text { text, span } => self.plain_text(text, span),
                Read::Condition(condition) => self.constant(condition),
                _ => {}
            }
        }
        self.compare(reach, &types);
    }

    /// Compares the rule with the samples of the events that it is for, if all types of these have
    /// some.
    fn compare(&mut self, reach: &Reach<'_>, types: &[&str]) {
        let shown = self.samples.types();
        let all_unknown = types.is_empty() && !reach.on.is_empty();
        if all_unknown || types.iter().any(|it| !shown.contains(it)) {
            return;
        }
        let events = self.samples.of_types(types);
        if events.is_empty() {
            return;
        }
        let title = self.provider.title();
        let whose = match types {
            [one] => format!("{title}'s `{one}`"),
            _ => format!("the events of {title} that this rule is for"),
        };
        for read in &reach.reads {
            let look = |text, span| Look { text, span, events: &events, whose: &whose };
            match read {
                Read::Query(query) => {
                    self.query(look(query.value.text(), &query.span), &query.value)
                }
                Read::Condition(condition) => {
                    self.condition(look(condition.value.text(), &condition.span), &condition.value);
                }
                Read::Lookup { within, key, take } => {
                    let look = look(within.value.text(), &within.span);
                    self.query(look, &within.value);
                    self.members(look, &within.value, [key, take]);
                }
                Read::Text { .. } => {}
            }
        }
    }

    /// The event type that is meant, if the provider may send it; warns where that is not what is
    /// written.
    fn meant(&mut self, event_type: &Spanned<String>) -> Option<String> {
        let written = event_type.value.as_str();
        let documented = self.provider.event_types();
        let mut known = self.samples.types();
        known.extend(documented.iter().map(String::as_str));
        if documented.is_empty() || known.contains(written) {
            return Some(written.to_owned());
        }
        // A type with a star has been warned of already.
        if written.contains('*') {
            return None;
        }
        let title = self.provider.title();
        let message = format!(
            "{title} sends no events of the type `{written}`, as far as is known: none will match"
        );
        let near = nearest_name(written, known.iter().copied()).map(str::to_owned);
        let hint = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its types are: {}", listed(known)),
        };
        self.warn(Code::EventTypeUnknown, event_type.span.clone(), message, Some(hint));
        near
    }

    /// A text that was probably meant to be a query.
    fn plain_text(&mut self, text: &str, span: &Range<usize>) {
        static PATH: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"^(@?)\.?([A-Za-z_][A-Za-z0-9_]*)(?:\.[A-Za-z_][A-Za-z0-9_]*|\[[^\]]*\])+$")
                .expect("the pattern is a literal and valid")
        });
        // Where it is written as `{ value = "..." }`, it is meant.
        let is_bare = self.raw.get(span.start..).is_some_and(|it| it.starts_with(['"', '\'']));
        let Some(path) = PATH.captures(text).filter(|_| is_bare) else { return };
        let events = self.samples.of_types(&[]);
        let is_member = events.iter().any(|event| event.get(&path[2]).is_some());
        if path[1].is_empty() && !is_member && (!events.is_empty() || &path[2] != "data") {
            return;
        }
        let message = "this looks like a query, and is sent as the text that it is";
        let rest = text.trim_start_matches(['@', '.']);
        let hint = format!("write \"$.{rest}\"; if the text is meant, {{ value = \"{text}\" }}");
        self.warn(Code::ValueSuspicious, span.clone(), message.to_owned(), Some(hint));
    }

    /// A condition that doesn't look at the event is always true, or never.
    fn constant(&mut self, condition: &Spanned<Filter>) {
        if !condition.value.ways().is_empty() {
            return;
        }
        let holds = condition.value.matches(&Document::new(Value::Null));
        let (code, message) = match holds {
            true => (Code::ValueSuspicious, "this is true of every event: it looks at none"),
            false => (Code::RuleImpossible, "this is true of no event: it looks at none"),
        };
        let hint = "what begins with `@` is read from the event, as in `@.data.banned != true`";
        self.warn(code, condition.span.clone(), message.to_owned(), Some(hint.to_owned()));
    }

    fn query(&mut self, look: Look<'_>, query: &Selector) {
        self.follow(look, &Begun { way: &query.way(), roots: look.events, above: &[] });
    }

    fn condition(&mut self, look: Look<'_>, condition: &Filter) {
        for way in &condition.ways() {
            self.follow(look, &Begun { way, roots: look.events, above: &[] });
        }
    }

    /// Warns at the first step that finds nothing, unless that lies in a value of the user's own.
    fn follow(&mut self, look: Look<'_>, begun: &Begun<'_>) {
        let warned = self.found.len();
        let mut reached = begun.roots.to_vec();
        for (index, step) in begun.way.steps.iter().enumerate() {
            if let StepKind::Filter(ways) = &step.kind {
                let entries: Vec<&Value> = reached.iter().flat_map(|it| children(it)).collect();
                let mut above = kinds(begun, index);
                above.push(StepKind::Several);
                for way in ways.iter().filter(|_| !entries.is_empty()) {
                    let (roots, above) = match way.origin {
                        Origin::Event => (look.events, &[][..]),
                        Origin::Current => (entries.as_slice(), above.as_slice()),
                    };
                    self.follow(look, &Begun { way, roots, above });
                }
            }
            let found = select(look.text, begun, index);
            if found.is_empty() {
                if self.found.len() == warned && !self.is_open(&kinds(begun, index + 1)) {
                    self.lost(look, begun, index, &reached);
                }
                return;
            }
            reached = found;
        }
    }

    /// The step at `index` finds nothing in what the steps before it `reached`.
    fn lost(&mut self, look: Look<'_>, begun: &Begun<'_>, index: usize, reached: &[&Value]) {
        let step = &begun.way.steps[index];
        let whose = look.whose;
        let message = match &step.kind {
            StepKind::Name(name) => format!("no sample of {whose} has `{name}` here"),
            StepKind::Index => format!("no sample of {whose} has this entry"),
            StepKind::Several => format!("no sample of {whose} has anything here"),
            StepKind::Filter(_) => {
                format!("nothing in the samples of {whose} meets this condition")
            }
        };
        let before =
            begun.way.steps[..index].last().map_or(begun.way.span.start + 1, |it| it.span.end);
        let before = &look.text[begun.way.span.start..before];
        let near = nearest(look.text, begun.way, begun.roots);
        let hint = near.map(|near| format!("did you mean `{near}`?")).or_else(|| match step.kind {
            StepKind::Name(_) => there(&format!("`{before}`"), reached),
            StepKind::Index => longest(before, reached),
            StepKind::Several | StepKind::Filter(_) => None,
        });
        let span = span_within(self.raw, look.span, look.text, &step.mark(look.text));
        self.warn(Code::QueryFindsNothing, span, message, hint);
    }

    /// Warns of members that no entry of the lists which `within` selects has.
    fn members(&mut self, look: Look<'_>, within: &Selector, places: [&Spanned<Selector>; 2]) {
        let selected: Vec<&Value> = look.events.iter().flat_map(|it| within.select(it)).collect();
        let is_list = selected.iter().any(|it| it.is_array());
        let entries: Vec<&Value> = match is_list {
            true => selected.iter().flat_map(|it| children(it)).collect(),
            false => selected,
        };
        if entries.is_empty() {
            return;
        }
        let way = within.way();
        for place in places {
            let steps = place.value.way().steps;
            let mut at: Vec<_> = way.steps.iter().map(|step| step.kind.clone()).collect();
            at.extend(is_list.then_some(StepKind::Several));
            at.extend(steps.iter().map(|step| step.kind.clone()));
            let is_found = entries.iter().any(|it| !place.value.select(it).is_empty());
            if is_found || self.is_open(&at) {
                continue;
            }
            let (shown, near) = match steps.as_slice() {
                [Step { kind: StepKind::Name(name), .. }] => {
                    (name.clone(), did_you_mean(name, names_of(&entries)))
                }
                _ => (place.value.text().replacen('$', "@", 1), None),
            };
            let message = format!("no sample of {} has `{shown}` here", look.whose);
            let hint = near.or_else(|| there("an entry", &entries));
            self.warn(Code::QueryFindsNothing, place.span.clone(), message, hint);
        }
    }

    /// Whether this is, or lies in, a value whose members are the user's own.
    fn is_open(&self, steps: &[StepKind]) -> bool {
        let same = |open: &StepKind, step: &StepKind| match (open, step) {
            (StepKind::Name(open), StepKind::Name(name)) => open == name,
            (StepKind::Name(_), _) | (_, StepKind::Name(_)) => false,
            _ => true,
        };
        self.provider.open_values().iter().any(|open| {
            let open = open.way().steps;
            open.len() <= steps.len()
                && open.iter().zip(steps).all(|(open, step)| same(&open.kind, step))
        })
    }

    fn warn(&mut self, code: Code, span: Range<usize>, message: String, hint: Option<String>) {
        let place = Place::Text { text: Arc::clone(self.text), span };
        self.found.push(Diagnostic::warning(code, place, message).hint(hint).masked(self.raw));
    }
}

/// What the steps up to `index` select.
fn select<'a>(text: &str, begun: &Begun<'a>, index: usize) -> Vec<&'a Value> {
    let steps = &begun.way.steps[..=index];
    let written = steps.iter().map(|step| &text[step.span.clone()]).collect::<String>();
    // A beginning of what compiles compiles too.
    let Ok(selector) = Selector::parse(&format!("${written}")) else { return Vec::new() };
    begun.roots.iter().flat_map(|root| selector.select(root)).collect()
}

/// The way to what the first `count` steps reach, from the event.
fn kinds(begun: &Begun<'_>, count: usize) -> Vec<StepKind> {
    let steps = begun.way.steps[..count].iter().map(|step| step.kind.clone());
    begun.above.iter().cloned().chain(steps).collect()
}

fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => Vec::new(),
    }
}

/// The names of all members, in the order in which they first occur.
fn names_of<'a>(values: &[&'a Value]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for name in values.iter().filter_map(|it| it.as_object()).flat_map(|it| it.keys()) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names
}

/// What there is instead, if there is anything.
fn there(what: &str, values: &[&Value]) -> Option<String> {
    let names = names_of(values);
    if names.is_empty() {
        let is_list = values.iter().any(|it| it.is_array());
        return is_list.then(|| format!("{what} is a list: `[0]` is its first entry, `[*]` all"));
    }
    let quoted = |name: &&str| written_name(name).trim_start_matches('.').to_owned();
    let names: Vec<_> = names.iter().map(quoted).collect();
    Some(format!("{what} has: {}", listed(names.iter().map(String::as_str))))
}

/// How many entries there are at most.
fn longest(list: &str, values: &[&Value]) -> Option<String> {
    let lengths = values.iter().filter_map(|it| Some(it.as_array()?.len()));
    let entries = lengths.max().filter(|entries| *entries > 0)?;
    let plural = if entries == 1 { "entry" } else { "entries" };
    Some(format!("`{list}` has at most {entries} {plural}; `[0]` is the first"))
}

/// Some names, and how many more there are.
fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut names = names.into_iter();
    let first: Vec<_> = names.by_ref().take(LISTED_MAX).collect();
    match names.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
