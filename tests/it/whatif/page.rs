//! What the page about it says is true.

use super::{elsewhere, history};
use crate::support::{Builder, output};
use regex::Regex;
use serde_json::Value;

/// What stands in the page under this heading.
fn section(title: &str) -> &'static str {
    let page = include_str!("../../../docs/workbench.md");
    let found = page.split("\n## ").find(|section| section.starts_with(title));
    found.unwrap_or_else(|| panic!("the page has no section {title}"))
}

#[test]
fn the_page_about_it_is_true() {
    let service = history();
    let builder = service.again();
    let option = Regex::new("--[a-z][a-z-]+").expect("valid");
    for (title, command) in [("What if", &["map"][..]), ("Exporting", &["events", "export"])] {
        let (_, help, _) = output(builder.command(&[command, &["--help"]].concat()));
        for option in option.find_iter(section(title)) {
            assert!(help.contains(option.as_str()), "{command:?} {}", option.as_str());
        }
    }
    let (_, stdout, _) = output(builder.command(&["events", "export"]));
    for line in stdout.lines() {
        let line: Value = serde_json::from_str(line).expect("it is JSON");
        let deliveries = line["deliveries"].as_array().into_iter().flatten();
        for object in deliveries.chain([&line]).filter_map(Value::as_object) {
            for key in object.keys() {
                assert!(section("Exporting").contains(&format!("`{key}`")), "{key}");
            }
        }
    }
}

#[test]
fn the_step_for_ci_judges_a_pull_request() {
    let service = history();
    let builder = service.again();
    let (code, stdout, _) = output(builder.command(&["events", "export"]));
    assert_eq!(code, 0);
    let folder = builder.folder();
    std::fs::create_dir_all(folder.join("mappings")).expect("the folder can be made");
    std::fs::write(folder.join("events.jsonl"), stdout).expect("it can be written");
    let old = Builder::shipped("clerk.toml");
    std::fs::write(folder.join("today.toml"), &old).expect("it can be written");
    let step = Regex::new(r"(?s)leadhook (map clerk .*? --hide-values)").expect("valid");
    let step = &step.captures(section("Judging")).expect("it is there")[1];
    let words: Vec<_> = step.split_whitespace().filter(|word| *word != "\\").collect();
    for (new, expected) in [(old.clone(), 0), (old.replacen("Sign up", "Signed up", 1), 1)] {
        std::fs::write(folder.join("mappings/clerk.toml"), new).expect("it can be written");
        let (code, stdout, stderr) = output(elsewhere(&builder).command(&words));
        assert_eq!(code, expected, "{stdout}{stderr}");
        assert!(!stdout.contains("click_1"), "{stdout}");
    }
}
