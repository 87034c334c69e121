//! One event under two mappings: rule by rule, what is another now.
//!
//! Rules are compared by their names, because the ledger knows them by these: a rule under another
//! name is one gone and one new.

mod fields;

use crate::diagnostic::Code;
use crate::model::{Applied, Click, Lead, Reason, RuleName, RuleOutcome, Translation};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

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
    /// A lead that waits for its click id.
    Parked,
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
    /// A lead where there was none. One that waits is less than one that goes, and more than none.
    Gained,
    /// No lead where there was one, or one that waits where it went.
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
    /// Of a changed lead, what differs.
    pub fields: Vec<FieldDifference>,
    /// The body of the lead that was gained or lost.
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
    pub clicks: ClickDifference,
}

/// What was and is learnt of clicks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClickDifference {
    pub same: Vec<Click>,
    pub gained: Vec<Click>,
    pub lost: Vec<Click>,
}

impl Difference {
    /// Compares what two mappings made of the same event.
    pub fn between(before: &Applied, after: &Applied) -> Self {
        let clicks = ClickDifference::between(&before.clicks, &after.clicks);
        Self { rules: rules(&before.outcomes, &after.outcomes), clicks }
    }
}

impl ClickDifference {
    fn between(before: &[Click], after: &[Click]) -> Self {
        let (same, lost) = before.iter().cloned().partition(|click| after.contains(click));
        let gained = after.iter().filter(|click| !before.contains(click)).cloned().collect();
        Self { same, gained, lost }
    }
}

fn rules(before: &[RuleOutcome], after: &[RuleOutcome]) -> Vec<RuleDifference> {
    let mut pairs: BTreeMap<&RuleName, [Option<&RuleOutcome>; 2]> = BTreeMap::new();
    for (side, outcomes) in [before, after].into_iter().enumerate() {
        for outcome in outcomes {
            pairs.entry(&outcome.rule).or_default()[side] = Some(outcome);
        }
    }
    let rules = pairs.into_iter().map(|(name, [before, after])| compare(name, before, after));
    rules.collect()
}

impl RuleDifference {
    pub fn kind(&self) -> Kind {
        match self.before.worth().cmp(&self.after.worth()) {
            Ordering::Less => Kind::Gained,
            Ordering::Greater => Kind::Lost,
            Ordering::Equal if self.before != self.after => Kind::Reason,
            Ordering::Equal if self.fields.is_empty() => Kind::Same,
            Ordering::Equal => Kind::Changed,
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
        if difference.before == difference.after {
            difference.fields = fields::between((was, old), (is, new));
        }
        difference.is_renamed = old.event_slug != new.event_slug;
        difference.is_of_other_customer = old.customer != new.customer;
    }
    let moved = match difference.kind() {
        Kind::Gained => is,
        Kind::Lost => was,
        Kind::Same | Kind::Changed | Kind::Reason => None,
    };
    difference.lead = moved.map(|(_, lead)| Value::Object(fields::body(lead)));
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
            Some(Translation::Parked(_)) => Self::Parked,
            Some(Translation::Skipped(reason)) => Self::Skipped(Cause::of(reason)),
            Some(Translation::Unmapped(reasons)) => Self::Unmapped(causes(reasons)),
        }
    }

    /// Whether a rule made a lead, be it one that waits.
    pub fn has_lead(&self) -> bool {
        self.worth() > 0
    }

    fn worth(&self) -> u8 {
        match self {
            Fate::Lead => 2,
            Fate::Parked => 1,
            Fate::Skipped(_) | Fate::Unmapped(_) | Fate::Ignored => 0,
        }
    }

    /// The word for it: `lead`, `parked`, `skipped`, `unmapped` or `ignored`.
    pub fn name(&self) -> &'static str {
        match self {
            Fate::Lead => "lead",
            Fate::Parked => "parked",
            Fate::Skipped(_) => "skipped",
            Fate::Unmapped(_) => "unmapped",
            Fate::Ignored => "ignored",
        }
    }

    /// Why there is no lead.
    pub fn causes(&self) -> &[Cause] {
        match self {
            Fate::Lead | Fate::Parked | Fate::Ignored => &[],
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

/// The lead that a rule made, be it one that waits.
fn lead(outcome: Option<&RuleOutcome>) -> Option<(&RuleOutcome, &Lead)> {
    let outcome = outcome?;
    match &outcome.translation {
        Translation::Lead(lead) | Translation::Parked(lead) => Some((outcome, lead)),
        Translation::Skipped(_) | Translation::Unmapped(_) => None,
    }
}

#[cfg(test)]
mod tests;
