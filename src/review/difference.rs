//! One event under two mappings: rule by rule, what is another now.
//!
//! Rules are compared by their names, because the ledger knows them by these: a rule under another
//! name is one gone and one new.

use crate::diagnostic::Code;
use crate::model::{DestinationName, Lead, Once, Reason, RuleName, RuleOutcome, Translation};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A reason without the words for a person, so that equal ones can be counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    pub code: Code,
    pub field: Option<String>,
}

/// What became of an event by one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Lead,
    Skipped(Cause),
    /// Every cause, in the order in which they were found.
    Unmapped(Vec<Cause>),
    /// The rule is not for this event, or there is none of this name.
    Ignored,
}

/// Which way a rule's fate went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The same lead, or none for the same reason.
    Same,
    /// A lead where there was none.
    Gained,
    /// No lead where there was one.
    Lost,
    /// Another lead.
    Changed,
    /// No lead before and after, for another reason.
    Reason,
}

/// A part of a lead that differs; `None` where it is absent.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDifference {
    /// As in `customerEmail` or `metadata.plan`; `destination` and `once` are those of the rule.
    pub field: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// What one rule made of an event before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleDifference {
    pub rule: RuleName,
    pub before: Fate,
    pub after: Fate,
    /// Of a changed lead.
    pub fields: Vec<FieldDifference>,
    /// The whole bodies where a lead was gained or lost.
    pub lead: Option<Value>,
    /// The ledger would know the lead under another event name.
    pub is_renamed: bool,
    /// The ledger would know the lead as another customer's.
    pub is_of_other_customer: bool,
    /// What is repaired or left out now and was not before.
    pub repairs: Vec<Cause>,
}

/// Every rule that was or is for the event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// By name; empty where no rule was or is for it.
    pub rules: Vec<RuleDifference>,
}

impl Difference {
    /// Compares what two mappings made of the same event.
    pub fn between(before: &[RuleOutcome], after: &[RuleOutcome]) -> Self {
        let mut pairs: BTreeMap<&RuleName, [Option<&RuleOutcome>; 2]> = BTreeMap::new();
        for (side, outcomes) in [before, after].into_iter().enumerate() {
            for outcome in outcomes {
                pairs.entry(&outcome.rule).or_default()[side] = Some(outcome);
            }
        }
        let rules = pairs.into_iter().map(|(name, [before, after])| compare(name, before, after));
        Self { rules: rules.collect() }
    }
}

impl RuleDifference {
    pub fn kind(&self) -> Kind {
        match (&self.before, &self.after) {
            (Fate::Lead, Fate::Lead) if self.fields.is_empty() => Kind::Same,
            (Fate::Lead, Fate::Lead) => Kind::Changed,
            (Fate::Lead, _) => Kind::Lost,
            (_, Fate::Lead) => Kind::Gained,
            (before, after) if before == after => Kind::Same,
            _ => Kind::Reason,
        }
    }

    /// Whether the rule fails for this event now and didn't before.
    pub fn is_newly_unmapped(&self) -> bool {
        let is_unmapped = |fate: &Fate| matches!(fate, Fate::Unmapped(_));
        is_unmapped(&self.after) && !is_unmapped(&self.before)
    }
}

fn compare(
    rule: &RuleName,
    before: Option<&RuleOutcome>,
    after: Option<&RuleOutcome>,
) -> RuleDifference {
    let mut difference = RuleDifference {
        rule: rule.clone(),
        before: Fate::of(before),
        after: Fate::of(after),
        fields: Vec::new(),
        lead: None,
        is_renamed: false,
        is_of_other_customer: false,
        repairs: Vec::new(),
    };
    let (was, is) = (lead(before), lead(after));
    if let (Some((was, old)), Some((is, new))) = (was, is) {
        difference.fields = fields(old, new);
        difference.fields.extend(rule_fields(was, is));
        difference.is_renamed = old.event_slug != new.event_slug;
        difference.is_of_other_customer = old.customer != new.customer;
    } else {
        difference.lead = was.or(is).map(|(_, lead)| Value::Object(body(lead)));
    }
    if let Some((_, new)) = is {
        let known = was.map(|(_, old)| causes(&old.warnings)).unwrap_or_default();
        difference.repairs = causes(&new.warnings);
        difference.repairs.retain(|cause| !known.contains(cause));
    }
    difference
}

impl Fate {
    fn of(outcome: Option<&RuleOutcome>) -> Self {
        match outcome.map(|outcome| &outcome.translation) {
            None => Self::Ignored,
            Some(Translation::Lead(_)) => Self::Lead,
            Some(Translation::Skipped(reason)) => Self::Skipped(Cause::of(reason)),
            Some(Translation::Unmapped(reasons)) => Self::Unmapped(causes(reasons)),
        }
    }

    /// The word for it: `lead`, `skipped`, `unmapped` or `ignored`.
    pub fn name(&self) -> &'static str {
        match self {
            Fate::Lead => "lead",
            Fate::Skipped(_) => "skipped",
            Fate::Unmapped(_) => "unmapped",
            Fate::Ignored => "ignored",
        }
    }

    /// Why there is no lead.
    pub fn causes(&self) -> &[Cause] {
        match self {
            Fate::Lead | Fate::Ignored => &[],
            Fate::Skipped(cause) => std::slice::from_ref(cause),
            Fate::Unmapped(causes) => causes,
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        for (number, cause) in self.causes().iter().enumerate() {
            write!(f, "{} {cause}", if number == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}

impl Cause {
    fn of(reason: &Reason) -> Self {
        Self { code: reason.code, field: reason.field.clone() }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())?;
        self.field.as_ref().map_or(Ok(()), |field| write!(f, " ({field})"))
    }
}

/// Each once, in the order of the reasons.
fn causes(reasons: &[Reason]) -> Vec<Cause> {
    let mut causes = Vec::new();
    for cause in reasons.iter().map(Cause::of) {
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    causes
}

fn lead(outcome: Option<&RuleOutcome>) -> Option<(&RuleOutcome, &Lead)> {
    match outcome {
        Some(outcome @ RuleOutcome { translation: Translation::Lead(lead), .. }) => {
            Some((outcome, lead))
        }
        _ => None,
    }
}

/// The fields of two leads that differ, metadata entry by entry: those of the old lead in its
/// order, then those that only the new one has.
fn fields(old: &Lead, new: &Lead) -> Vec<FieldDifference> {
    const METADATA: &str = "metadata";
    if old.body == new.body {
        return Vec::new();
    }
    let (mut old, mut new) = (body(old), body(new));
    let entries = |body: &mut Map<String, Value>| match body.remove(METADATA) {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    };
    let (old_entries, new_entries) = (entries(&mut old), entries(&mut new));
    let mut found = members("", old, new);
    found.extend(members("metadata.", old_entries, new_entries));
    found
}

fn members(
    prefix: &str,
    old: Map<String, Value>,
    mut new: Map<String, Value>,
) -> Vec<FieldDifference> {
    let mut found = Vec::new();
    let mut note = |name: String, before, after| {
        found.push(FieldDifference { field: format!("{prefix}{name}"), before, after });
    };
    for (name, before) in old {
        match new.shift_remove(&name) {
            Some(after) if is_same(&before, &after) => {}
            after => note(name, Some(before), after),
        }
    }
    for (name, after) in new {
        note(name, None, Some(after));
    }
    found
}

/// What a rule says of its leads beside their body.
fn rule_fields(old: &RuleOutcome, new: &RuleOutcome) -> Vec<FieldDifference> {
    let mut found = Vec::new();
    let mut note = |field: &str, before: Value, after: Value| {
        let (before, after) = (Some(before), Some(after));
        found.push(FieldDifference { field: field.to_owned(), before, after });
    };
    if old.destination != new.destination {
        let text = |name: &DestinationName| Value::from(name.as_str());
        note("destination", text(&old.destination), text(&new.destination));
    }
    if old.once != new.once {
        note("once", once(old.once), once(new.once));
    }
    found
}

fn once(once: Once) -> Value {
    match once {
        Once::Forever => "forever".into(),
        Once::Event => "event".into(),
        Once::For(duration) => as_in_a_file(duration).into(),
    }
}

/// A duration in the largest unit of mapping files in which it is a whole number.
fn as_in_a_file(duration: Duration) -> String {
    const UNITS: [(u128, &str); 4] =
        [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let millis = duration.as_millis();
    let (unit_ms, unit) =
        UNITS.into_iter().find(|(unit_ms, _)| millis % unit_ms == 0).unwrap_or((1, "ms"));
    format!("{}{unit}", millis / unit_ms)
}

fn body(lead: &Lead) -> Map<String, Value> {
    serde_json::from_slice(&lead.body).expect("a lead's body is a JSON object of our own making")
}

/// Whether two values say the same: 1 and 1.0 do, and so do objects in another order.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        // Only where one has a fraction: large integers that differ can be the same as floats.
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            a.as_f64() == b.as_f64()
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests;
