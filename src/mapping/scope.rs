//! Which events a rule is for: `on` and `when`, of `[[lead]]` and `[[click]]` alike.

use super::Spanned;
use super::faults::Faults;
use super::named::Named;
use super::recorder::Recorder;
use super::table::{self, Node, Table};
use crate::diagnostic::Code;
use crate::model::{Budget, EventView, Filter};

pub(super) const ON_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Scope {
    /// Event types, as the provider names them; empty for all.
    pub(super) on: Vec<Spanned<String>>,
    pub(super) when: Option<Spanned<Filter>>,
}

impl Scope {
    /// Where the budget is used up, the answer means nothing.
    pub(super) fn holds(
        &self,
        event: EventView<'_>,
        budget: &mut Budget,
        recorder: &mut impl Recorder,
    ) -> bool {
        let is_on = |kind: &str| self.on.iter().any(|on| on.value == kind);
        let is_on = self.on.is_empty() || event.event_type.is_some_and(is_on);
        recorder.on(self, event.event_type, is_on);
        let Some(when) = self.when.as_ref().filter(|_| is_on) else { return is_on };
        let holds = when.value.matches_within(event.json, budget);
        recorder.condition(when, event.json, holds);
        holds
    }
}

impl Scope {
    pub(super) fn name_literals(&self, named: &mut Named) {
        self.on.iter().for_each(|kind| named.value(&kind.value));
        let literals = self.when.iter().flat_map(|when| when.value.literals());
        literals.for_each(|literal| named.literal(literal));
    }
}

/// Reads `on` and `when` of a rule.
pub(super) fn read(rule: &Table<'_>, faults: &mut Faults<'_>) -> Option<Scope> {
    let on = on(rule, faults);
    let when = when(rule, faults);
    Some(Scope { on: on?, when: when? })
}

fn on(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Vec<Spanned<String>>> {
    let Some(node) = table.get("on") else { return Some(Vec::new()) };
    let items = table::array(node, "`on`", faults)?;
    if items.is_empty() {
        let hint = "leave `on` out for events of every type".to_owned();
        faults.hinted(Code::RuleImpossible, &node.span(), "the rule is for no event at all", hint);
        return None;
    }
    if items.len() > ON_MAX {
        let message = format!("`on` has more than {ON_MAX} event types");
        faults.error(Code::ValueInvalid, &node.span(), message);
        return None;
    }
    let types: Vec<_> = items.iter().map(|item| event_type(item, faults)).collect();
    types.into_iter().collect()
}

fn event_type(node: &Node<'_>, faults: &mut Faults<'_>) -> Option<Spanned<String>> {
    let text = table::text(node, "an event type", faults)?;
    if text.value.trim().is_empty() {
        faults.error(Code::ValueInvalid, &text.span, "the event type is empty");
        return None;
    }
    if text.value.contains('*') {
        let message = "an event type is compared as it is: `*` stands for nothing else";
        let hint = "list the types, or leave `on` out and use `when`".to_owned();
        faults.warning(Code::ValueSuspicious, &text.span, message, hint);
    }
    Some(text)
}

/// `Some(None)` where the rule has no condition.
fn when(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Option<Spanned<Filter>>> {
    if !table.has("when") {
        return Some(None);
    }
    let text = table.text("when", faults)?;
    let filter = Filter::parse(&text.value).map_err(|error| faults.query(&text, error)).ok()?;
    Some(Some(Spanned { value: filter, span: text.span }))
}
