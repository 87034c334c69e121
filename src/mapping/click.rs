//! A `[[click]]` rule: which events tell what click brought a customer, and where in them.
//!
//! It makes no lead. What it learns is what leads of that customer wait for whose `clickId` says
//! `missing = "park"`. An event that tells nothing is no fault: most events don't.

use super::faults::Faults;
use super::fields::{self, Field, FieldName, Missing};
use super::form::Evaluation;
use super::recorder::Recorder;
use super::scope::{self, Scope};
use super::table::{self, Node, Table};
use crate::diagnostic::Code;
use crate::lead::{self, Draft};
use crate::model::{Budget, Click, EventView};
use std::ops::Range;

pub(super) const KEYS: [&str; 4] = ["on", "when", "customerExternalId", "clickId"];

#[derive(Debug)]
pub(super) struct ClickRule {
    pub(super) span: Range<usize>,
    pub(super) scope: Scope,
    /// The click id first: most events have none.
    pub(super) fields: [Field; 2],
}

impl ClickRule {
    /// What the rule learns from the event, if anything. What it looks at is taken from the event's
    /// `budget`.
    pub(super) fn apply(
        &self,
        event: EventView<'_>,
        budget: &mut Budget,
        recorder: &mut impl Recorder,
    ) -> Option<Click> {
        let is_for = self.scope.holds(event, budget, recorder);
        let click = if is_for { self.learn(event, budget, recorder) } else { None };
        let click = click.filter(|_| !budget.is_exhausted());
        recorder.click_rule(self, click.as_ref());
        click
    }

    fn learn(
        &self,
        event: EventView<'_>,
        budget: &mut Budget,
        recorder: &mut impl Recorder,
    ) -> Option<Click> {
        let mut evaluation = Evaluation { event, budget, recorder, warnings: Vec::new() };
        let mut draft = Draft::default();
        let found =
            self.fields.iter().all(|field| field.settle(&mut evaluation, &mut draft) == Ok(true));
        let click_id = draft.click_id.filter(|_| found)?;
        lead::click(&draft.customer_external_id, &click_id)
    }
}

/// Reads a `[[click]]`. `None` where some part of it can't be read.
pub(super) fn read(node: &Node<'_>, faults: &mut Faults<'_>) -> Option<ClickRule> {
    let (entries, span) = table::table(node, "a `[[click]]`", faults)?;
    let table = Table::of_known(entries, span, "`[[click]]`", &KEYS, faults);
    let scope = scope::read(&table, faults);
    let customer = field(FieldName::CustomerExternalId, &table, faults);
    let click_id = field(FieldName::ClickId, &table, faults);
    Some(ClickRule { span: node.span(), scope: scope?, fields: [click_id?, customer?] })
}

/// A field without which nothing is learnt, quietly.
fn field(name: FieldName, rule: &Table<'_>, faults: &mut Faults<'_>) -> Option<Field> {
    let Some(node) = rule.get(name.as_str()) else {
        let message = format!("the rule has no `{}`", name.as_str());
        let hint = "a click rule says whose click it is, and its id";
        faults.absent(name.as_str(), &rule.span, message, hint);
        return None;
    };
    if let Some(span) = table::key_span_within(node, "missing") {
        let message = "`missing` means nothing in `[[click]]`";
        let hint = "an event in which a rule finds nothing is passed over quietly".to_owned();
        faults.hinted(Code::KeyUnknown, &span, message, hint);
    }
    Some(Field { name, form: fields::form(name, node, faults)?, missing: Missing::Skip })
}
