//! A failing case as it would hold: TOML to be pasted over the case.
//!
//! Whether the rules are right or the case is, only a person knows: nothing is written by itself.

use super::Tried;
use crate::cli::case_text::About;
use crate::mapping::{CaseOutcome, Expected};
use crate::model::Applied;

/// What to append to a failure: cases, or a sentence that says why none would hold.
pub(super) fn block(failure: &Tried<'_>) -> String {
    let CaseOutcome::Differs { found, .. } = &failure.tested.outcome else { return String::new() };
    match cases(failure, found) {
        Ok(cases) => {
            let title = "  as it would hold, if the rules are as you want them:";
            format!("\n\n{title}\n\n{}", cases.join("\n").trim_end())
        }
        Err(reason) => format!("\n\n  no case would hold: {reason}"),
    }
}

fn cases(failure: &Tried<'_>, found: &Applied) -> Result<Vec<String>, &'static str> {
    let case = &failure.tested.case;
    let about = About {
        name: &case.name.value,
        event: &case.event.value,
        headers: &case.headers,
        query: &case.query,
        rule: case.rule.as_ref().map(|rule| rule.value.as_str()),
    };
    match (&case.expected, found.clicks.as_slice()) {
        (Expected::Click(_), [click]) => Ok(vec![about.click(click)]),
        (Expected::Click(_), []) => Err("no click rule finds a click in the sample"),
        (Expected::Click(_), _) => Err("there are several clicks, and a case expects one"),
        // The case asks what becomes of leads, whatever is learnt beside.
        _ => about.cases(&Applied { outcomes: found.outcomes.clone(), clicks: Vec::new() }),
    }
}
