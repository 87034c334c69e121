//! What RFC 9535 says of queries, against what ours do.
//!
//! `table` holds cases of our own for every feature of the standard. [`jsonpath_suite`] runs the
//! [compliance test suite](https://github.com/jsonpath-standard/jsonpath-compliance-test-suite),
//! which is not part of this repository:
//!
//! ```sh
//! LEADHOOK_JSONPATH_SUITE=cts.json cargo test --lib jsonpath_suite -- --ignored --nocapture
//! ```
//!
//! A query of the suite either does what the suite says, or is refused on purpose: never anything
//! else.

mod table;

use super::Selector;
use serde_json::Value;
use std::collections::BTreeMap;

const SUITE: &str = "LEADHOOK_JSONPATH_SUITE";

/// What became of one case of the suite.
enum Verdict {
    Right,
    /// Valid, and refused for want of a bound; with the reason in our words.
    Refused(String),
    Wrong(String),
}

#[test]
#[ignore = "needs the file of the compliance test suite"]
fn jsonpath_suite() {
    let path = std::env::var(SUITE).expect("LEADHOOK_JSONPATH_SUITE names the suite's file");
    let text = std::fs::read_to_string(path).expect("the suite can be read");
    let suite: Value = serde_json::from_str(&text).expect("the suite is JSON");
    let cases = suite["tests"].as_array().expect("a list of cases");
    let (mut right, mut refused, mut wrong) = (0, BTreeMap::<_, Vec<_>>::new(), Vec::new());
    for case in cases {
        let shown = format!("{}: {}", case["name"], case["selector"]);
        match verdict(case) {
            Verdict::Right => right += 1,
            Verdict::Refused(why) => refused.entry(why).or_default().push(shown),
            Verdict::Wrong(why) => wrong.push(format!("{shown}: {why}")),
        }
    }
    let on_purpose: usize = refused.values().map(Vec::len).sum();
    println!("{right} right and {on_purpose} refused on purpose, of {}", cases.len());
    for (why, cases) in &refused {
        println!("\n{} refused: {why}\n  {}", cases.len(), cases.join("\n  "));
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(right > 600, "this is not the suite");
}

fn verdict(case: &Value) -> Verdict {
    let selector = case["selector"].as_str().expect("a selector");
    let is_invalid = case["invalid_selector"] == true;
    let selector = match (Selector::parse(selector), is_invalid) {
        (Err(_), true) => return Verdict::Right,
        (Ok(_), true) => return Verdict::Wrong("it is not valid, and accepted".to_owned()),
        (Err(error), false) if error.unbounded => return Verdict::Refused(error.message),
        (Err(error), false) => return Verdict::Wrong(format!("refused: {}", error.message)),
        (Ok(selector), false) => selector,
    };
    let found = Value::from_iter(selector.select(&case["document"]).into_iter().cloned());
    // Members of an object have no order, so that some cases have several right results.
    let results = case["results"].as_array().map_or(&[][..], Vec::as_slice);
    if found == case["result"] || results.contains(&found) {
        return Verdict::Right;
    }
    Verdict::Wrong(format!("selects {found}"))
}
