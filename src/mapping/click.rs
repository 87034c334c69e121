//! A `[[click]]` rule: which events tell what click brought a customer, and where in them.
//!
//! It makes no lead. What it learns is what leads of that customer wait for whose `clickId` says
//! `missing = "park"`. An event that tells nothing is no fault: most events don't.

use super::faults::Faults;
use super::fields::{self, FieldName};
use super::form::{Aim, Evaluation, Form, to_text};
use super::named::Named;
use super::scope::{self, Scope};
use super::table::{self, Node, Table};
use crate::diagnostic::Code;
use crate::lead;
use crate::model::{Click, EventView};

pub(super) const KEYS: [&str; 4] = ["on", "when", "customerExternalId", "clickId"];

#[derive(Debug)]
pub(super) struct ClickRule {
    scope: Scope,
    customer: Form,
    click_id: Form,
}

impl ClickRule {
    /// What the rule learns from the event, if anything.
    pub(super) fn apply(&self, event: EventView<'_>) -> Option<Click> {
        if !self.scope.holds(event) {
            return None;
        }
        let mut evaluation = Evaluation::new(event);
        let mut text = |name: FieldName, form: &Form| {
            let aim = Aim { path: name.as_str(), whole: name.is_identity() };
            let found = evaluation.evaluate(form, aim).ok().flatten()?;
            to_text(&found).ok()
        };
        let click_id = text(FieldName::ClickId, &self.click_id)?;
        let customer = text(FieldName::CustomerExternalId, &self.customer)?;
        lead::click(&customer, &click_id)
    }
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
    Some(ClickRule { scope: scope?, customer: customer?, click_id: click_id? })
}

fn form(name: FieldName, rule: &Table<'_>, faults: &mut Faults<'_>) -> Option<Form> {
    let Some(node) = rule.get(name.as_str()) else {
        let message = format!("the rule has no `{}`", name.as_str());
        let hint = "a click rule says whose click it is, and its id".to_owned();
        faults.hinted(Code::KeyMissing, &rule.span, message, hint);
        return None;
    };
    if let Some(span) = table::key_span_within(node, "missing") {
        let message = "`missing` means nothing in `[[click]]`";
        let hint = "an event in which a rule finds nothing is passed over quietly".to_owned();
        faults.hinted(Code::KeyUnknown, &span, message, hint);
    }
    fields::form(name, node, faults)
}
