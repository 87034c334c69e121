//! A `[[click]]` rule: which events tell what click brought a customer, and where in them.
//!
//! It makes no lead. What it learns is what leads of that customer wait for whose `clickId` says
//! `missing = "park"`. An event that tells nothing is no fault: most events don't.

use super::FieldState;
use super::faults::Faults;
use super::fields::{self, FieldName};
use super::form::{Aim, Evaluation, Form, Path, Trouble, into_text};
use super::named::Named;
use super::recorder::Recorder;
use super::scope::{self, Scope};
use super::table::{self, Node, Table};
use crate::diagnostic::Code;
use crate::lead;
use crate::model::{Budget, Click, EventView};
use std::ops::Range;

/// What stands for `missing`: nothing is learnt, quietly.
const PASSED_OVER: &str = "skip";

pub(super) const KEYS: [&str; 4] = ["on", "when", "customerExternalId", "clickId"];

#[derive(Debug)]
pub(super) struct ClickRule {
    pub(super) span: Range<usize>,
    pub(super) scope: Scope,
    pub(super) customer: Form,
    pub(super) click_id: Form,
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
        let click_id = text(&mut evaluation, FieldName::ClickId, &self.click_id)?;
        let customer = text(&mut evaluation, FieldName::CustomerExternalId, &self.customer)?;
        lead::click(&customer, &click_id)
    }
}

fn text<'e, R: Recorder>(
    evaluation: &mut Evaluation<'e, '_, R>,
    name: FieldName,
    form: &'e Form,
) -> Option<String> {
    let aim = Aim { path: Path::Field(name.as_str()), whole: name.is_identity() };
    let found = evaluation.evaluate(form, None, aim);
    let text = found.and_then(|found| {
        found.map(|found| into_text(found).map_err(Trouble::wrong_type)).transpose()
    });
    let state = match &text {
        Ok(Some(_)) => FieldState::Found,
        Ok(None) => FieldState::Missing,
        Err(_) => FieldState::Failed,
    };
    evaluation.recorder.field(name.as_str(), form, PASSED_OVER, state);
    text.ok().flatten()
}

impl ClickRule {
    pub(super) fn name_literals(&self, named: &mut Named) {
        self.scope.name_literals(named);
        self.customer.name_literals(named);
        self.click_id.name_literals(named);
    }
}

/// Reads a `[[click]]`. `None` where some part of it can't be read.
pub(super) fn read(node: &Node<'_>, faults: &mut Faults<'_>) -> Option<ClickRule> {
    let (entries, span) = table::table(node, "a `[[click]]`", faults)?;
    let table = Table::of_known(entries, span, "`[[click]]`", &KEYS, faults);
    let scope = scope::read(&table, faults);
    let customer = form(FieldName::CustomerExternalId, &table, faults);
    let click_id = form(FieldName::ClickId, &table, faults);
    Some(ClickRule { span: node.span(), scope: scope?, customer: customer?, click_id: click_id? })
}

fn form(name: FieldName, rule: &Table<'_>, faults: &mut Faults<'_>) -> Option<Form> {
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
    fields::form(name, node, faults)
}
