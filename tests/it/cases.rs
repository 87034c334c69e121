//! `leadhook test`: what it prints, what it writes for CI, and how it ends.

use crate::support::{Builder, destination, output};
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use serde_json::{Value, json};

/// A file of which the first case holds and the others do not, each in another way.
const FAILING: &str = r#"provider = "standard-webhooks"
secrets = ["env:CLERK_WEBHOOK_SECRET"]

[[lead]]
name = "sign-up"
on = ["user.created"]
[lead.body]
clickId = "$.data.unsafe_metadata.dub_id"
eventName = "Sign up"
customerExternalId = "$.data.id"
customerAvatar = "$.data.image_url"
customerEmail = { value = "ada@example.com", then = ["uppercase"] }
metadata = { plan = "pro", tags = { value = ["a", "b"] }, mail = { from = "$.data.id", map = { a = "b" } } }

[[lead]]
name = "everybody"
[lead.body]
clickId = { value = "", missing = "empty" }
eventName = "Seen"
customerExternalId = "$.data.id"

[[case]]
name = "a good one"
event = "samples/clerk/user.created.json"
rule = "everybody"
[case.lead]
clickId = ""
eventName = "Seen"
customerExternalId = "user_2pRk7QmVh0sLx3TzYbW9dNcEaUf"

[[case]]
name = "fields that differ"
event = "samples/clerk/user.created.json"
rule = "sign-up"
[case.lead]
clickId = "cm7Kd02PqXw4Rt"
eventName = "Signed up"
customerExternalId = "user_2pRk7QmVh0sLx3TzYbW9dNcEaUf"
customerName = "Noor Haddad"
customerEmail = "ADA@EXAMPLE.COM"
customerAvatar = "https://images.example.com/a/very/long/way/to/the/picture/of/noor-haddad.png"
metadata = { plan = "pro", tags = ["a", "c"] }

[[case]]
name = "two rules"
event = "samples/clerk/user.created.no-click-id.json"
[case.lead]
eventName = "Sign up"

[[case]]
name = "nobody came by a link"
event = "samples/clerk/user.created.json"
rule = "sign-up"
skipped = "no click id"

[[case]]
name = "not there"
event = "samples/clerk/nowhere.json"
ignored = true
"#;

fn failing() -> Builder {
    let files = [("hooks.toml", FAILING), ("bare.toml", FAILING.split("[[case]]").next().unwrap())];
    // Secrets are not needed.
    Builder::new(&destination()).with("CLERK_WEBHOOK_SECRET", "").mappings(&files).samples()
}

#[test]
fn failures_are_shown_field_by_field() {
    let (code, stdout, stderr) = output(failing().command(&["test", "mappings"]));
    assert_eq!((code, stderr.as_str()), (1, ""));
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    insta::assert_snapshot!(stdout, @r#"
    mappings/bare.toml
      no cases: nothing says what must become of an event

    mappings/hooks.toml
      ok      a good one
      FAILED  fields that differ
      FAILED  two rules
      FAILED  nobody came by a link
      FAILED  not there

    FAILED  fields that differ
      mappings/hooks.toml:32, samples/clerk/user.created.json, rule sign-up

      field             expected                       found
      eventName         "Signed up"                    "Sign up"
      customerName      "Noor Haddad"                  nothing
      customerAvatar    "https://images.example.com/…  "https://img.example.com/noo…
      metadata.tags[1]  "c"                            "b"

      note: field_left_out (metadata.mail): found a value that is not in `map`,
            which has no `else`

    FAILED  two rules
      mappings/hooks.toml:45, samples/clerk/user.created.no-click-id.json

      expected  exactly one lead
      found     sign-up: skipped: no_click_id: Nobody referred this person: there is
                no click id.
      found     everybody: a lead
                  clickId             ""
                  eventName           "Seen"
                  customerExternalId  "user_2pRk7QmVh0sLx3TzYbW9dNcEaUf"
      hint: several rules match, or several events: say by `rule = "..."` which one
            the case is about

    FAILED  nobody came by a link
      mappings/hooks.toml:51, samples/clerk/user.created.json, rule sign-up

      expected  skipped: no_click_id
      found     sign-up: a lead
                  clickId             "cm7Kd02PqXw4Rt"
                  eventName           "Sign up"
                  customerExternalId  "user_2pRk7QmVh0sLx3TzYbW9dNcEaUf"
                  customerEmail       "ADA@EXAMPLE.COM"
                  customerAvatar      "https://img.example.com/noor.png"
                  metadata            {"plan":"pro","tags":["a","b"]}
      note: field_left_out (metadata.mail): found a value that is not in `map`,
            which has no `else`
      hint: if the rules are as you want them, change the case: `leadhook test
            --suggest` prints it as it would hold

    FAILED  not there
      mappings/hooks.toml:57, samples/clerk/nowhere.json

      the sample can't be read: there is no such file
      hint: samples lie in the folder of the mapping files: copy them along, or
            remove the case

    not ok: 1 of 5 cases hold, 1 file without cases
    "#);
}

#[test]
fn a_failing_case_is_suggested_as_it_would_hold() {
    let builder = failing();
    let (code, stdout, _) = output(builder.command(&["test", "--suggest", "--case", "FIELDS"]));
    assert_eq!(code, 1);
    let (_, case) = stdout.split_once("as you want them:\n\n").expect("a suggestion");
    let case = case.split("\n\nnot ok").next().expect("the sum");
    let (before, _) = FAILING.split_once("[[case]]").expect("cases");
    let builder = builder.mappings(&[("hooks.toml", &format!("{before}{case}"))]).samples();
    let (code, stdout, _) = output(builder.command(&["test"]));
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.ends_with("ok: 1 of 1 cases hold\n"), "{stdout}");
}

#[test]
fn a_case_says_with_which_headers_and_parameters_its_sample_comes() {
    const FILE: &str = r#"provider = "clerk"
secrets = ["env:CLERK_WEBHOOK_SECRET"]

[[lead]]
name = "sign-up"
[lead.body]
clickId = { query = "dub_id" }
eventName = { header = "x-event" }
customerExternalId = "$.data.id"

[[case]]
name = "by the URL"
event = "samples/clerk/user.created.json"
headers = { X-Event = "Sign up" }
query = { dub_id = "c1" }
[case.lead]
clickId = "c1"
eventName = "Sign up"
customerExternalId = "nobody"
"#;
    let builder = Builder::new(&destination()).mappings(&[("hooks.toml", FILE)]).samples();
    let (code, stdout, _) = output(builder.command(&["test", "--suggest"]));
    assert_eq!(code, 1);
    let (_, case) = stdout.split_once("as you want them:\n\n").expect("a suggestion");
    let sent = "headers = { x-event = \"Sign up\" }\nquery = { dub_id = \"c1\" }\n[case.lead]\n";
    assert!(case.contains(sent), "{case}");
    let held = FILE.replace("\"nobody\"", "\"user_2pRk7QmVh0sLx3TzYbW9dNcEaUf\"");
    let builder = builder.mappings(&[("hooks.toml", &held)]).samples();
    let (code, stdout, stderr) = output(builder.command(&["check"]));
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn several_rules_are_suggested_as_a_case_each() {
    let (_, stdout, _) = output(failing().command(&["test", "--suggest", "--case", "two rules"]));
    for part in [
        "[[case]]\nname = \"two rules (sign-up)\"\n",
        "rule = \"sign-up\"\nskipped = \"no click id\"\n\n[[case]]",
        "rule = \"everybody\"\n[case.lead]\nclickId = \"\"\n",
    ] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
}

#[test]
fn clicks_and_leads_that_wait_are_shown_too() {
    const FILE: &str = r#"provider = "clerk"
secrets = ["env:CLERK_WEBHOOK_SECRET"]

[[lead]]
name = "sign-up"
on = ["user.created"]
[lead.body]
clickId = { from = "$.data.unsafe_metadata.dub_id", missing = "park" }
eventName = "Sign up"
customerExternalId = "$.data.id"

[[click]]
on = ["user.updated"]
customerExternalId = "$.data.id"
clickId = "$.data.unsafe_metadata.dub_id"

[[case]]
name = "waits"
event = "samples/clerk/user.created.no-click-id.json"
skipped = "no click id"

[[case]]
name = "comes later"
event = "samples/clerk/user.updated.json"
[case.click]
customerExternalId = "user_2pRk7QmVh0sLx3TzYbW9dNcEaUf"
clickId = "another"

[[case]]
name = "never comes"
event = "samples/clerk/user.created.json"
[case.click]
customerExternalId = "a"
clickId = "b"
"#;
    let builder = Builder::new(&destination()).mappings(&[("clerk.toml", FILE)]).samples();
    let (code, stdout, _) = output(builder.command(&["test", "mappings"]));
    assert_eq!(code, 1);
    for part in [
        "  expected  skipped: no_click_id\n  found     sign-up: a lead, parked until a click id",
        "  field    expected   found\n  clickId  \"another\"  \"cm7Kd02PqXw4Rt\"\n",
        "  expected  exactly one click\n  found     no click rule finds one\n",
    ] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    let (_, stdout, _) = output(builder.command(&["test", "mappings", "--suggest"]));
    let file = FILE.split("[[case]]").next().expect("the rules").to_owned();
    // Those that can hold do, as they are suggested.
    let cases = stdout.split("\n\n").filter(|block| block.starts_with("[[case]]"));
    let cases: Vec<_> = cases.collect();
    assert_eq!(cases.len(), 2, "{stdout}");
    assert!(stdout.contains("no case would hold: no click rule finds a click"), "{stdout}");
    let file = format!("{file}{}\n", cases.join("\n\n"));
    let builder = builder.mappings(&[("clerk.toml", &file)]).samples();
    let (code, stdout, _) = output(builder.command(&["test", "mappings"]));
    assert_eq!(code, 0, "{stdout}");
}

/// Each test suite of a report: its name and its cases, with kind, type and message of what fails.
fn read_back(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let report = Report::deserialize_from_str(xml).expect("it is JUnit");
    let became = |status: &TestCaseStatus| match status {
        TestCaseStatus::NonSuccess { kind, message, ty, description, .. } => {
            assert!(description.as_ref().is_some_and(|text| !text.is_empty()));
            let kind = if *kind == NonSuccessKind::Error { "error" } else { "failure" };
            let text = |text: &Option<quick_junit::XmlString>| {
                text.as_ref().map_or_else(String::new, |text| text.to_string())
            };
            format!("{kind}[{}]: {}", text(ty), text(message))
        }
        _ => "ok".to_owned(),
    };
    report
        .test_suites
        .iter()
        .map(|suite| {
            let cases = suite.test_cases.iter();
            let cases = cases.map(|case| (case.name.to_string(), became(&case.status)));
            (suite.name.to_string(), cases.collect())
        })
        .collect()
}

#[test]
fn junit_has_a_suite_a_file_and_a_test_a_case() {
    let builder = failing();
    let (code, shown, _) = output(builder.command(&["test", "mappings", "--junit", "out.xml"]));
    assert_eq!(code, 1);
    assert!(shown.ends_with("1 file without cases\n"), "{shown}");
    let xml = std::fs::read_to_string(builder.folder().join("out.xml")).expect("it was written");
    let case = |name: &str, became: &str| (name.to_owned(), became.to_owned());
    let fields = "eventName, customerName, customerAvatar, metadata.tags[1]";
    let expected = vec![
        ("mappings/bare.toml".to_owned(), vec![]),
        (
            "mappings/hooks.toml".to_owned(),
            vec![
                case("a good one", "ok"),
                case(
                    "fields that differ",
                    &format!("failure[case_failed]: not as expected: {fields}"),
                ),
                case("two rules", "failure[case_failed]: expected exactly one lead"),
                case(
                    "nobody came by a link",
                    "failure[case_failed]: expected skipped: no_click_id",
                ),
                case("not there", "error[file_unreadable]: the sample can't be read"),
            ],
        ),
    ];
    assert_eq!(read_back(&xml), expected);
    // Nothing is cut where nobody looks at it in a terminal.
    assert!(xml.contains("https://images.example.com/a/very/long/way/to/the/picture/of/noor"));
    // The same on stdout, and what people read beside it.
    let (_, xml, stderr) = output(builder.command(&["test", "mappings", "--junit", "-"]));
    assert_eq!(read_back(&xml), expected);
    assert_eq!(stderr, shown);
    let left: Vec<_> = std::fs::read_dir(builder.folder()).expect("the folder").collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_faulty_file_is_told_as_check_tells_it() {
    let good = "provider = \"clerk\"\nsecrets = [\"env:CLERK_WEBHOOK_SECRET\"]\n";
    let builder = Builder::new(&destination()).mappings(&[("clerk.toml", good)]);
    let (code, stdout, stderr) = output(builder.command(&["test", "--junit", "out.xml"]));
    assert_eq!(code, 1);
    assert!(stdout.contains("FAULTY") && stdout.ends_with("1 fault in the files\n"), "{stdout}");
    let (_, _, checked) = output(builder.command(&["check"]));
    assert_eq!(stderr, checked);
    let xml = std::fs::read_to_string(builder.folder().join("out.xml")).expect("it was written");
    let [(_, cases)] = &*read_back(&xml) else { panic!("{xml}") };
    let became = "error[key_missing]: the file has no rule: nothing would ever become a lead";
    assert_eq!(cases, &[("the file is in order".to_owned(), became.to_owned())]);
    // A folder that is not there is nobody's suite.
    let (code, xml, _) = output(builder.command(&["test", "nowhere.toml", "--junit", "-"]));
    assert_eq!(code, 1);
    assert!(read_back(&xml)[0].1[0].1.starts_with("error[file_unreadable]"), "{xml}");
}

#[test]
fn programs_read_json() {
    let (code, stdout, stderr) = output(failing().command(&["test", "mappings", "--json"]));
    assert_eq!((code, stderr.as_str()), (1, ""));
    let json: Value = serde_json::from_str(&stdout).expect("it is JSON");
    assert_eq!(
        (&json["ok"], &json["cases"], &json["failed"]),
        (&json!(false), &json!(5), &json!(4))
    );
    assert_eq!(json["files"][0], json!({ "file": "mappings/bare.toml", "cases": [] }));
    let cases = &json["files"][1]["cases"];
    assert_eq!(
        cases[0],
        json!({
            "name": "a good one", "line": 23, "column": 8, "rule": "everybody", "holds": true,
            "event": "samples/clerk/user.created.json",
        })
    );
    let differences = &cases[1]["differences"];
    assert_eq!(differences[1], json!({ "field": "customerName", "expected": "Noor Haddad" }));
    assert_eq!(
        differences[3],
        json!({ "field": "metadata.tags[1]", "expected": "c", "found": "b" })
    );
    assert_eq!(cases[1]["found"][0]["warnings"][0]["field"], "metadata.mail");
    assert_eq!(cases[2]["found"][0]["skipped"]["code"], "no_click_id");
    assert_eq!(cases[3]["expected"], json!({ "skipped": "no_click_id" }));
    assert!(cases[4]["sample_fault"].is_string());
}

#[test]
fn the_exit_code_says_whose_fault_it_is() {
    #[track_caller]
    fn check(arguments: &[&str], code: i32, says: &str) {
        let builder = Builder::new(&destination());
        let (found, stdout, stderr) = output(builder.command(&[&["test"], arguments].concat()));
        assert_eq!(found, code, "{stdout}\n{stderr}");
        assert!(format!("{stdout}{stderr}").contains(says), "{stdout}\n{stderr}");
    }
    check(&[], 0, "\n\nok: ");
    check(&["--case", "REFERRED"], 0, "  ok      nobody referred this person\n");
    check(&["--case", "no such name"], 2, "no case's name contains \"no such name\"");
    check(&["--junit", "no/such/folder.xml"], 2, "no/such/folder.xml");
    check(&["--json", "--junit", "-"], 2, "--junit -");
    check(&["--colour"], 2, "unexpected argument");
    check(&["nowhere"], 1, "error[file_unreadable]");
}

/// What `docs/workbench.md` shows, on a shipped file with two edits.
#[test]
fn the_page_shows_what_is_printed() {
    let page = include_str!("../../docs/workbench.md");
    let (_, shown) = page.split_once("```text\nFAILED  ").expect("a failure is shown");
    let shown = format!("FAILED  {}", shown.split("```").next().expect("its end"));
    let mut file = Builder::shipped("clerk.toml");
    for (from, to) in [
        (
            "a sign-up that came by a link; the primary address is the second one",
            "a sign-up that came by a link",
        ),
        (", then = [\"trim\", \"lowercase\"] }", " }\nmetadata = { plan = \"pro\" }"),
    ] {
        assert_eq!(file.matches(from).count(), 1, "{from}");
        file = file.replace(from, to);
    }
    let builder = Builder::new(&destination()).mappings(&[("clerk.toml", &file)]).samples();
    let (_, stdout, _) = output(builder.command(&["test", "mappings", "--case", "came by a link"]));
    let line = regex::Regex::new(r"clerk\.toml:\d+").expect("valid");
    let masked = |text: &str| line.replace_all(text, "clerk.toml:1").into_owned();
    assert!(masked(&stdout).contains(&masked(&shown)), "{stdout}");
}
