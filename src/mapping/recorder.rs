//! What an evaluation tells while it goes on.
//!
//! Results and explanations come from the same evaluation, so that they can't disagree. Who wants
//! the result only listens with [`Silent`], and the compiler leaves nothing of the telling.

use super::click::ClickRule;
use super::fields::Field;
use super::form::{Act, Form, Yield};
use super::rule::Rule;
use super::scope::Scope;
use super::{FieldState, Spanned};
use crate::model::{Click, Document, Filter, RuleOutcome, Selected, Selector};
use serde_json::Value;

/// Listens to an evaluation. For each rule: `on`, perhaps `condition`, the forms of each field
/// followed by `field`, then `lead_rule` or `click_rule`. A form begins with `form` and ends with
/// `yielded`; the forms inside it lie between.
pub(super) trait Recorder {
    /// A rule begins; `is_on` says whether it wants events of this type.
    fn on(&mut self, _scope: &Scope, _event_type: Option<&str>, _is_on: bool) {}

    fn condition(&mut self, _when: &Spanned<Filter>, _event: &Document, _holds: bool) {}

    /// A form begins; `name` is its own where it is a member of an object.
    fn form(&mut self, _form: &Form, _name: Option<&str>) {}

    /// What the form's query selected in the event.
    fn selected(&mut self, _selector: &Selector, _root: &Value, _selected: Selected<'_>) {}

    /// How many nodes the form's query selected, all of which count.
    fn selected_all(&mut self, _nodes: usize) {}

    /// The form's `join` lacks a part that must be there.
    fn incomplete(&mut self) {}

    /// What the form's source gave, not yet judged.
    fn found(&mut self, _form: &Form, _gave: &Yield<'_>) {}

    /// What was done with the value, and what that gave.
    fn done(&mut self, _act: Act<'_>, _gave: &Yield<'_>) {}

    /// The form ends.
    fn yielded(&mut self, _yielded: &Yield<'_>) {}

    /// The form that has just ended is a member of `outer`, which judges what it yielded.
    fn judged(&mut self, _outer: &Form) {}

    /// The field whose form has just ended is settled.
    fn field(&mut self, _field: &Field, _state: FieldState) {}

    /// The rule ends; without an outcome it was not for the event.
    fn lead_rule(&mut self, _rule: &Rule, _outcome: Option<&RuleOutcome>) {}

    /// The rule ends.
    fn click_rule(&mut self, _rule: &ClickRule, _click: Option<&Click>) {}
}

/// Listens to nothing.
pub(super) struct Silent;

impl Recorder for Silent {}
