//! What an evaluation tried and found, as data: for people who ask why a field is what it is, for
//! editors (every part has its place in the mapping file), and for counting what finds something.
//!
//! A trace holds people's data. It is computed on demand, shown to whoever has the event already,
//! and never stored or logged. Absent here: how it comes about and how it is shown.

use crate::diagnostic::Code;
use crate::model::{Applied, Click, Reason, RuleName, RuleOutcome};
use serde_json::Value;
use std::ops::Range;

/// What every rule of a mapping did with one event, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    pub rules: Vec<RuleTrace>,
    pub clicks: Vec<ClickTrace>,
    /// Whether parts are left out because there were too many.
    pub shortened: bool,
}

/// What one rule did. All spans are bytes of the mapping file.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTrace {
    pub rule: RuleName,
    /// The `[[lead]]` table.
    pub span: Range<usize>,
    pub on: OnTrace,
    /// `None` where the rule has no condition, or `on` already said that it is not for the event.
    pub when: Option<WhenTrace>,
    /// In the order of evaluation; empty where the rule is not for the event.
    pub fields: Vec<FieldTrace>,
    /// `None` where the rule is not for the event.
    pub outcome: Option<RuleOutcome>,
}

/// What one `[[click]]` rule did.
#[derive(Clone, Debug, PartialEq)]
pub struct ClickTrace {
    /// The `[[click]]` table.
    pub span: Range<usize>,
    pub on: OnTrace,
    pub when: Option<WhenTrace>,
    /// The click id, and if there is one the customer; empty where the rule is not for the event.
    pub fields: Vec<FieldTrace>,
    pub click: Option<Click>,
}

/// Whether the event is of a type that the rule wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnTrace {
    /// Empty for all types.
    pub wanted: Vec<String>,
    pub found: Option<String>,
    pub matches: bool,
}

/// Whether the rule's condition holds, and what it looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct WhenTrace {
    pub text: String,
    pub span: Range<usize>,
    pub holds: bool,
    /// What is joined by the outermost `&&` or `||`; the whole condition where nothing is.
    pub parts: Vec<PartTrace>,
}

/// A part of a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct PartTrace {
    pub text: String,
    pub holds: bool,
    /// The queries in it, as written, each with what it found. To a condition, null and blank texts
    /// are values.
    pub seen: Vec<(String, Finding)>,
}

/// How one field of the lead came about.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldTrace {
    /// As in `customerEmail`.
    pub name: &'static str,
    /// The field's value in the mapping file.
    pub span: Range<usize>,
    pub form: FormTrace,
    pub state: FieldState,
    /// What happens where it is missing: the word that `missing` has or stands for.
    pub missing: &'static str,
    /// What the lead carries: in the field's type and by the destination's rules. `None` where it
    /// has no such field, or where there is no lead.
    pub sent: Option<Value>,
    /// What was repaired, left out, or stands in the way of the lead.
    pub notes: Vec<Reason>,
}

/// What became of a field or of a member of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldState {
    /// It has a value, perhaps a repaired one.
    Found,
    /// Nothing was found for it.
    Missing,
    /// What was found can't be taken, and the lead goes without it.
    LeftOut,
    /// What was found can't be taken, and that costs the lead.
    Failed,
}

/// One form as it was evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct FormTrace {
    pub span: Range<usize>,
    /// Its name, where it is a member of an object.
    pub member: Option<String>,
    pub source: SourceTrace,
    /// The members that were tried, in order: of `first`, `join`, `all` and objects, and the form
    /// inside a `from`.
    pub members: Vec<FormTrace>,
    /// How many members were not tried any more, because an earlier one settled it.
    pub untried: usize,
    /// What the source gave.
    pub found: Finding,
    /// What was done with it, in order.
    pub steps: Vec<StepTrace>,
    /// What the form yielded in the end; where it is a member, also by the judgement of the form
    /// that it is a member of.
    pub result: Finding,
}

/// Where a form takes its value from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceTrace {
    Literal,
    Query {
        text: String,
        /// How many nodes it selected; the first counts.
        nodes: usize,
        /// Where the first of them is, as a query, unless the text says that already.
        at: Option<String>,
    },
    /// Every node of a query.
    All {
        text: String,
        nodes: usize,
    },
    /// Another form.
    Form,
    Header {
        name: String,
    },
    /// A parameter of the URL.
    Parameter {
        name: String,
    },
    /// `id`, `type` or `received_at`.
    Event {
        part: &'static str,
    },
    First,
    Join {
        with: String,
    },
    /// A list of forms.
    List,
    Object,
}

/// What a form, its source or one of its steps gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    Value(Value),
    Nothing,
    Null,
    /// A text of white space at most.
    Blank,
    /// A value that `ignore` lists.
    Ignored(Value),
    /// Parts of a `join` that must be whole did not yield.
    Incomplete,
    /// Something was found that can't be taken.
    Trouble {
        code: Code,
        detail: &'static str,
    },
}

/// One step after the source, and what it gave.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTrace {
    /// As in `lookup`, `trim` or `truncate 100`.
    pub step: String,
    pub gave: Finding,
}

impl Explanation {
    /// What [`Mapping::apply`](super::Mapping::apply) makes of the same event.
    pub fn applied(&self) -> Applied {
        Applied {
            outcomes: self.rules.iter().filter_map(|rule| rule.outcome.clone()).collect(),
            clicks: self.clicks.iter().filter_map(|rule| rule.click.clone()).collect(),
        }
    }
}

impl Finding {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Finding::Value(value) => Some(value),
            _ => None,
        }
    }

    /// Of a member of an object, which never costs the lead.
    pub fn state(&self) -> FieldState {
        match self {
            Finding::Value(_) => FieldState::Found,
            Finding::Trouble { .. } => FieldState::LeftOut,
            _ => FieldState::Missing,
        }
    }
}
