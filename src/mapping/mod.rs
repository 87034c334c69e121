//! Mapping files: what they say, checked and compiled, and what they make of an event.
//!
//! [`parse`] walks the TOML by hand and reports every fault of a file at once. What it accepts is
//! compiled: applying a [`Mapping`] is pure, can't fail and is bounded by the size of the file and
//! the event, which is why it may run while a provider waits for its answer.
//!
//! - `file`, `rule`, `click`, `scope`, `fields`, `case`: the parts of a file, from the outside in.
//! - `limits`: who may call the source, and how often.
//! - `reach`: what the rules look at, for checks against samples.
//! - `form`: the small language in which a field says where its value comes from.
//! - `recorder`, `tracer`, `trace`: what is told during an evaluation, and what is kept of it to
//!   explain the result.
//! - `watch`: which fields came from the event, for those who count that of every event.
//! - `schema`: the same for editors. `version`: the hash of the rules. `named`: their literals.
//! - `faults`, `table`, `syntax`: what reading needs.
//!
//! Absent here: reading files (paths and samples are `topology`'s), the destination's rules
//! (`lead`'s), and any knowledge of a provider.

mod case;
mod click;
mod faults;
mod fields;
mod file;
mod form;
mod limits;
mod named;
mod reach;
mod recorder;
mod rule;
mod schema;
mod scope;
mod syntax;
mod table;
mod trace;
mod tracer;
mod version;
mod watch;

use crate::diagnostic::{Diagnostic, SourceText};
use crate::model::{Applied, Budget, Click, DestinationName, EventView, Headers, QueryString};
use click::ClickRule;
use recorder::{Recorder, Silent};
use rule::Rule;
use serde_json::Value;
use std::ops::Range;
use std::sync::Arc;
use tracer::Tracer;

pub use case::{CaseOutcome, Difference};
pub use limits::SourceLimits;
pub use named::Named;
pub use reach::{FieldReach, Reach, Read};
pub use schema::{ProviderWords, schema};
pub use trace::{
    ClickTrace, Explanation, FieldState, FieldTrace, Finding, FormTrace, OnTrace, PartTrace,
    RuleTrace, SourceTrace, StepTrace, WhenTrace,
};
pub use watch::{FieldSet, Found, WatchedRule};

/// How many nodes the rules of a mapping may visit for one event, all together. Sign-ups and forms
/// have dozens; with this, even the worst mapping file is done within a fraction of a provider's
/// patience.
const EVENT_NODES_MAX: usize = 50_000;

/// A value with its place in the file, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// Everything a mapping file says, checked as far as the file alone allows.
#[derive(Debug)]
pub struct MappingFile {
    pub provider: Spanned<String>,
    /// `None` where the file names none at all.
    pub secrets: Option<Vec<Spanned<SecretReference>>>,
    pub auth: Auth,
    pub limits: SourceLimits,
    pub mapping: Arc<Mapping>,
    pub cases: Vec<Case>,
}

/// Where a secret is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    Environment(String),
    File(String),
}

/// The `[auth]` table, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    pub method: Option<Spanned<String>>,
    pub header: Option<Spanned<String>>,
    pub query: Option<Spanned<String>>,
    pub username: Option<Spanned<String>>,
    pub jwks_url: Option<Spanned<Setting>>,
    pub issuer: Option<Spanned<Setting>>,
    pub audience: Option<Spanned<Setting>>,
    pub verify_token: Option<Spanned<SecretReference>>,
}

/// What may stand in the file, or in a variable that the file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    Text(String),
    /// `env:NAME`.
    Environment(String),
}

/// A `[[case]]`: a sample and what must become of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: Spanned<String>,
    /// Path of the sample, relative to the folder of the mapping file.
    pub event: Spanned<String>,
    /// What the sample is sent with.
    pub headers: Headers,
    pub query: QueryString,
    /// The only rule whose outcomes count, where the case names one.
    pub rule: Option<Spanned<String>>,
    pub expected: Expected,
}

/// What a case expects.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// Exactly one lead, with this body.
    Lead(Spanned<Value>),
    /// Every rule that matches skipped, with this code's name.
    Skipped(Spanned<String>),
    /// Every matching rule made a lead that waits, for want of what this code's name says.
    Parked(Spanned<String>),
    /// Some rule unmapped, with this code's name among its reasons.
    Unmapped(Spanned<String>),
    /// No `[[lead]]` rule matched, or not the one that the case is about.
    Ignored(Range<usize>),
    /// Exactly this click was learnt.
    Click(Spanned<Click>),
}

/// The compiled rules of a source. Applying them is pure and bounded.
#[derive(Debug)]
pub struct Mapping {
    version: String,
    /// Of each rule by itself.
    rule_versions: Vec<String>,
    rules: Vec<Rule>,
    clicks: Vec<ClickRule>,
}

/// Reads a mapping file. `None` where some fault is an error; every fault is reported at once, in
/// the order of their places. `raw` is what `text` was made of. A rule that names no destination
/// gets the only one of `destinations`; where these are empty, any name passes.
pub fn parse(
    text: &Arc<SourceText>,
    raw: &str,
    destinations: &[DestinationName],
) -> (Option<MappingFile>, Vec<Diagnostic>) {
    let (file, diagnostics) = parse_leniently(text, raw, destinations);
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    (file.filter(|_| !failed), diagnostics)
}

/// As [`parse`], but answers what can be read of a file with errors too: parts that can't are left
/// out of it. To look for more faults in it, never to apply it.
pub fn parse_leniently(
    text: &Arc<SourceText>,
    raw: &str,
    destinations: &[DestinationName],
) -> (Option<MappingFile>, Vec<Diagnostic>) {
    file::read(text, raw, destinations)
}

impl Mapping {
    /// The hash of the parsed rules, lowercase hex; formatting and comments don't change it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What every matching rule makes of the event.
    pub fn apply(&self, event: EventView<'_>) -> Applied {
        self.run(event, &mut Budget::new(EVENT_NODES_MAX), &mut Silent)
    }

    /// How every rule, also one that does not match, came to what [`apply`](Self::apply) makes of
    /// the event.
    pub fn explain(&self, event: EventView<'_>) -> Explanation {
        let mut tracer = Tracer::default();
        self.run(event, &mut Budget::new(EVENT_NODES_MAX), &mut tracer);
        tracer.into_explanation()
    }

    fn run(
        &self,
        event: EventView<'_>,
        budget: &mut Budget,
        recorder: &mut impl Recorder,
    ) -> Applied {
        let outcomes = self.rules.iter().filter_map(|rule| rule.apply(event, budget, recorder));
        let outcomes = outcomes.collect();
        let clicks = self.clicks.iter().filter_map(|rule| rule.apply(event, budget, recorder));
        Applied { outcomes, clicks: clicks.collect() }
    }
}

impl Case {
    /// Compares what became of the sample with what is expected. `found` is what became of all its
    /// events, in order.
    pub fn judge(&self, found: Applied) -> CaseOutcome {
        case::judge(self, found)
    }

    /// What does not hold, placed in the file; `None` where the case holds.
    pub fn diagnostic(&self, outcome: &CaseOutcome, text: &Arc<SourceText>) -> Option<Diagnostic> {
        case::diagnostic(self, outcome, text)
    }
}

#[cfg(test)]
mod tests;
