//! The guide for mapping authors is true: its examples give the leads that it shows, through the
//! provider's own way of reading a request and the real rules.

use crate::support::{Builder, destination, output};
use bytes::Bytes;
use leadhook::diagnostic::{SourceText, render_all};
use leadhook::mapping::{Mapping, parse};
use leadhook::model::{
    EventView, Headers, QueryString, RuleOutcome, Selector, Timestamp, Translation,
};
use leadhook::provider::{Content, Provider};
use regex::Regex;
use serde_json::Value;
use std::sync::Arc;

const GUIDE: &str = include_str!("../../docs/mapping-guide.md");

/// The fenced blocks of a language, in order.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = Regex::new(&format!(r"(?ms)^```{language}\n(.*?)^```$")).expect("valid");
    fence.captures_iter(text).map(|found| found.get(1).expect("a block").as_str()).collect()
}

/// What stands between the headings that begin with `mark`, each with its heading.
fn sections<'t>(text: &'t str, mark: &str) -> Vec<(&'t str, &'t str)> {
    let parts = text.split(mark).skip(1);
    parts.map(|part| part.split_once('\n').expect("a heading is a line")).collect()
}

/// A worked example.
struct Example<'t> {
    title: &'t str,
    payload: &'t str,
    provider: Arc<Provider>,
    mapping: Arc<Mapping>,
    headers: Headers,
    leads: Vec<Value>,
    text: &'t str,
}

fn examples() -> Vec<Example<'static>> {
    let (_, examples) = GUIDE.split_once("\n## Ten examples\n").expect("the examples");
    let (examples, _) = examples.split_once("\n## ").unwrap_or((examples, ""));
    sections(examples, "\n### ").into_iter().map(|(title, text)| example(title, text)).collect()
}

fn example(title: &'static str, text: &'static str) -> Example<'static> {
    let json = blocks(text, "json");
    let [payload, lead] = json[..] else { panic!("{title}: a payload and a lead") };
    let [toml] = blocks(text, "toml")[..] else { panic!("{title}: one mapping file") };
    let (file, faults) = parse(&Arc::new(SourceText::new(title, toml)), toml, &[]);
    assert!(faults.is_empty(), "{}", render_all(&faults));
    let file = file.expect("it has no faults");
    let fields = blocks(text, "http").into_iter().flat_map(str::lines);
    let fields = fields.map(|line| line.split_once(": ").expect("a header is a name and a value"));
    let leads = match serde_json::from_str(lead).expect("the lead is JSON") {
        Value::Array(leads) => leads,
        lead => vec![lead],
    };
    Example {
        title,
        payload,
        provider: Provider::find(&file.provider.value).expect("the provider is known"),
        mapping: file.mapping,
        headers: Headers::new(fields.map(|(name, value)| (name.to_owned(), value.to_owned()))),
        leads,
        text,
    }
}

impl Example<'_> {
    /// What becomes of a payload of this provider's.
    fn outcomes(&self, payload: &str) -> Vec<RuleOutcome> {
        let query = QueryString::default();
        let body = Bytes::from(payload.to_owned());
        let events = self.provider.split(Content::new(&self.headers, &body), 100);
        let outcomes = events.iter().flat_map(|event| {
            let view = EventView {
                provider_event_id: event.provider_event_id.as_deref(),
                event_type: event.event_type.as_deref(),
                received_at: Timestamp::from_millis(1_790_000_000_000),
                headers: &self.headers,
                query: &query,
                json: event.json.as_ref().expect("the payload is an event"),
            };
            self.mapping.apply(view).outcomes
        });
        outcomes.collect()
    }

    /// Checks a line of the form "With `this` instead of `that`: this is what comes out."
    fn check_variation(&self, with: &str, instead_of: &str, says: &str) {
        let place = format!("{}: with {with}", self.title);
        assert_eq!(self.payload.matches(instead_of).count(), 1, "{place} instead of {instead_of}");
        let outcomes = self.outcomes(&self.payload.replace(instead_of, with));
        let code = |reason: &leadhook::model::Reason| reason.code.name().replace('_', " ");
        let word = match outcomes.iter().map(|it| &it.translation).collect::<Vec<_>>()[..] {
            [] => "ignored".to_owned(),
            [Translation::Skipped(reason)] => format!("skipped: {}", code(reason)),
            [Translation::Unmapped(reasons)] => format!("unmapped: {}", code(&reasons[0])),
            _ => "a lead".to_owned(),
        };
        if let Some(expected) = says.strip_prefix("no lead (").and_then(|it| it.strip_suffix(')')) {
            assert_eq!(word, expected, "{place}");
            return;
        }
        let leads = leads(&outcomes);
        let [lead] = leads.as_slice() else { panic!("{place}: {word}") };
        let quoted: Vec<_> = says.split('`').collect();
        match quoted[..] {
            ["", field, " is ", value, ""] => {
                let value: Value = serde_json::from_str(value).expect("a value is JSON");
                assert_eq!(lead[field], value, "{place}");
            }
            ["there is no ", field, ""] => assert_eq!(lead.get(field), None, "{place}"),
            ["one lead, of the rule ", rule, ""] => {
                assert_eq!(outcomes[0].rule.as_str(), rule, "{place}");
            }
            _ => panic!("{place}: nobody knows what \"{says}\" means"),
        }
    }
}

fn leads(outcomes: &[RuleOutcome]) -> Vec<Value> {
    let leads = outcomes.iter().filter_map(|outcome| match &outcome.translation {
        Translation::Lead(lead) => Some(lead),
        _ => None,
    });
    leads.map(|lead| serde_json::from_slice(&lead.body).expect("a lead is JSON")).collect()
}

#[test]
fn every_example_gives_the_lead_that_it_shows() {
    let examples = examples();
    assert_eq!(examples.len(), 10);
    for (example, number) in examples.iter().zip(1..) {
        assert!(example.title.starts_with(&format!("{number}. ")), "{}", example.title);
        let outcomes = example.outcomes(example.payload);
        let leads = leads(&outcomes);
        assert_eq!(leads, example.leads, "{}: {outcomes:#?}", example.title);
        assert_eq!(leads.len(), outcomes.len(), "{}: {outcomes:#?}", example.title);
        // Nothing that it shows had to be repaired.
        for outcome in &outcomes {
            let Translation::Lead(lead) = &outcome.translation else { continue };
            assert_eq!(lead.warnings, [], "{}", example.title);
        }
    }
}

#[test]
fn every_example_says_what_changes_with_the_payload() {
    let line = Regex::new(r"(?ms)^- With `(.+?)` instead of `(.+?)`: (.+?)\.$").expect("valid");
    for example in examples() {
        let lines: Vec<_> = line.captures_iter(example.text).collect();
        assert!(!lines.is_empty(), "{}", example.title);
        assert_eq!(lines.len(), example.text.matches("\n- ").count(), "{}", example.title);
        for found in lines {
            example.check_variation(&found[1], &found[2], &found[3]);
        }
    }
}

#[test]
fn the_paths_find_what_the_table_says() {
    let (_, start) = GUIDE.split_once("\n## How to read a payload\n").expect("the section");
    let payload: Value = serde_json::from_str(blocks(start, "json")[0]).expect("JSON");
    let row = Regex::new(r"(?m)^\| `(\$.*?)` \| (.+?) \|$").expect("valid");
    let rows: Vec<_> = row.captures_iter(start).collect();
    assert!(rows.len() >= 9);
    for found in rows {
        let selector = Selector::parse(&found[1]).expect("it is a path");
        let shown: Vec<_> =
            selector.select(&payload).iter().map(|value| format!("`{value}`")).collect();
        let shown = if shown.is_empty() { "nothing".to_owned() } else { shown.join(", ") };
        assert_eq!(shown, &found[2], "{}", &found[1]);
    }
}

/// The first column of a table's rows and the second, quoted.
fn rows(head: &str) -> Vec<(String, String)> {
    let (_, table) = GUIDE.split_once(&format!("\n{head}\n")).expect("the table");
    let row = Regex::new(r"^\| (.+?) \| (.+) \|$").expect("valid");
    let lines = table.lines().skip(1).map_while(|line| row.captures(line));
    lines.map(|found| (found[1].replace("\\|", "|"), found[2].to_owned())).collect()
}

#[test]
fn everything_on_the_cheat_sheet_is_valid() {
    let forms = rows("| I want | I write |\n|---|---|");
    assert!(forms.len() > 15);
    for (wish, form) in forms {
        let form = form.trim_matches('`');
        let toml = format!(
            "provider = \"clerk\"\nsecrets = [\"env:A\"]\n[[lead]]\nname = \"a\"\n[lead.body]\n\
             clickId = \"$.c\"\neventName = \"e\"\ncustomerExternalId = \"$.i\"\n\
             metadata = {{ a = {form} }}\n"
        );
        // Of a part of `metadata`, nothing can be said to be missing.
        let toml = match form.contains("missing") {
            true => {
                toml.replace(&format!("metadata = {{ a = {form} }}"), &format!("mode = {form}"))
            }
            false => toml,
        };
        let (_, faults) = parse(&Arc::new(SourceText::new(wish.as_str(), &toml)), &toml, &[]);
        assert!(faults.is_empty(), "{}", render_all(&faults));
    }
    let conditions = rows("| a condition (`when`) | holds |\n|---|---|");
    assert!(conditions.len() > 5);
    for (condition, _) in conditions {
        let condition = condition.trim_matches('`');
        assert!(leadhook::model::Filter::parse(condition).is_ok(), "{condition}");
    }
    let commands = leadhook::cli::command_names();
    for (_, call) in rows("| I do | I call |\n|---|---|") {
        let name = call.trim_matches('`').split(' ').nth(1).expect("a command").to_owned();
        assert!(commands.contains(&name), "{call}");
    }
}

const RULE: &str = r#"provider = "clerk"
secrets = ["env:CLERK_WEBHOOK_SECRET"]

[[lead]]
name = "sign-up"
on = ["user.created"]
when = "@.type == 'user.created'"

[lead.body]
clickId = "$.data.unsafe_metadata.dub_id"
eventName = "Signed up"
customerExternalId = "$.data.id"
"#;

/// The blocks of the section about what goes wrong: without a language, and of TOML.
fn trouble() -> (Vec<&'static str>, &'static str) {
    let (_, text) = GUIDE.split_once("\n## When something goes wrong\n").expect("the section");
    let (text, _) = text.split_once("\n## ").expect("it is not the last");
    // A block's end looks like the beginning of one without a language.
    let shown = text.split("\n```").filter_map(|part| part.strip_prefix('\n'));
    let shown = shown.filter(|part| part.starts_with("error[") || part.starts_with("FAILED"));
    (shown.collect(), blocks(text, "toml")[0])
}

#[test]
fn faults_look_as_shown() {
    let fault = trouble().0[0];
    let line = fault.lines().find_map(|line| line.strip_prefix("7 | ")).expect("line 7");
    let text = RULE.replace("when = \"@.type == 'user.created'\"", line);
    assert_ne!(text, RULE);
    let builder = Builder::new(&destination()).mappings(&[("clerk.toml", &text)]);
    let (code, _, stderr) = output(builder.command(&["check", "mappings"]));
    assert_eq!((code, stderr.trim_end()), (1, fault));
}

#[test]
fn failing_cases_look_as_shown() {
    let (shown, case) = trouble();
    let failure = shown[1];
    let at = Regex::new(r"clerk\.toml:(\d+)").expect("valid").captures(failure).expect("a place");
    // The name of the case stands in its second line.
    let before = at[1].parse::<usize>().expect("a number") - 2 - RULE.lines().count();
    let text = format!("{RULE}{}{case}", "\n".repeat(before));
    let payload = r#"{ "type": "user.created", "data": { "id": "user_1",
        "unsafe_metadata": { "dub_id": "cm7Kd02PqXw4Rt" } } }"#;
    let builder = Builder::new(&destination()).mappings(&[("clerk.toml", &text)]).samples();
    std::fs::write(builder.folder().join("mappings/samples/mine.json"), payload).expect("written");
    let (code, stdout, _) = output(builder.command(&["test", "mappings"]));
    assert_eq!(code, 1);
    assert!(stdout.contains(failure), "{stdout}");
}

#[test]
fn the_words_for_no_lead_are_those_of_the_program() {
    let reason = Regex::new(r"(?m)^\| (?:skipped|unmapped): (.+?) \|").expect("valid");
    let words: Vec<_> = reason.captures_iter(GUIDE).map(|it| it[1].replace(' ', "_")).collect();
    assert!(words.len() >= 4);
    for word in words {
        assert!(word.parse::<leadhook::diagnostic::Code>().is_ok(), "{word}");
    }
}
