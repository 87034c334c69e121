//! What the README says is true: its commands run, its files load, its names and links exist.

use crate::support::{Builder, TYPEFORM_SECRET, destination, output};
use leadhook::config::SETTINGS;
use leadhook::provider::Provider;
use regex::Regex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const README: &str = include_str!("../../README.md");

/// The fenced blocks of a language in the README, with what stands before each.
fn blocks(language: &str) -> Vec<(String, String)> {
    blocks_of(README, language)
}

fn blocks_of(text: &str, language: &str) -> Vec<(String, String)> {
    let fence = Regex::new(&format!(r"(?ms)^( *)```{language}\n(.*?)^ *```$")).expect("valid");
    fence
        .captures_iter(text)
        .map(|found| {
            let start = found.get(0).expect("it matched").start();
            let before = text[..start].trim_end().lines().last().unwrap_or_default();
            let indent = found[1].len();
            let lines = found[2].lines().map(|line| line.get(indent..).unwrap_or_default());
            (before.to_owned(), lines.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

#[test]
fn the_commands_that_can_run_here_do() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let runnable: Vec<_> =
        blocks("sh").into_iter().filter(|(before, _)| before.contains("run by a test")).collect();
    assert_eq!(runnable.len(), 2);
    let post = runnable[0].1.replace("127.0.0.1:8080", &service.address.to_string());
    let answer = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &post])
        .env("TYPEFORM_WEBHOOK_SECRET", TYPEFORM_SECRET)
        .output()
        .expect("bash runs");
    let promised = Regex::new(r#"answers `(\{"accepted".*?\})`"#).expect("valid");
    let promised = &promised.captures(README).expect("the answer is named")[1];
    assert_eq!(String::from_utf8_lossy(&answer.stdout).trim_end(), promised);
    assert_eq!(destination.expect_leads(1)[0]["clickId"], "my-click");

    // The look into the database: the query itself, with the library instead of the program.
    let sql = runnable[1].1.split('"').nth(1).expect("the query is quoted");
    let [event] = &service.database().column(sql)[..] else { panic!("one event") };
    let (code, stdout, _) =
        output(service.again().command(&["map", "--event", event, "--explain"]));
    assert!(code == 0 && stdout.contains("\"clickId\": \"my-click\""), "{stdout}");
}

/// The commands of a page, which exist with the options that it gives them.
fn commands_of(page: &str) -> Vec<String> {
    let builder = Builder::new(&destination());
    let call = Regex::new(r"(?m)(?:leadhook|cargo run --) ([a-z]+)([^\n#]*)").expect("valid");
    let quoted = Regex::new(r"(?s)```sh\n(.*?)```|`([^`\n]+)`").expect("valid");
    let names = leadhook::cli::command_names();
    let mut seen = Vec::new();
    for text in quoted.captures_iter(page) {
        let text = text.get(1).or(text.get(2)).expect("one of them matched").as_str();
        let text = text.replace("\\\n", " ");
        for found in call.captures_iter(&text).filter(|_| !text.contains("docker")) {
            let (name, words) = (&found[1], &found[2]);
            assert!(names.iter().any(|known| known == name), "leadhook {name}");
            let (_, mut help, _) = output(builder.command(&[name, "--help"]));
            if let Some(part) =
                words.split_whitespace().next().filter(|_| help.contains("\nCommands:"))
            {
                help = output(builder.command(&[name, part, "--help"])).1;
            }
            for option in words.split_whitespace().filter(|word| word.starts_with("--")) {
                assert!(help.contains(option), "leadhook {name} {option}\n{help}");
            }
            seen.push(name.to_owned());
        }
    }
    seen
}

#[test]
fn every_command_and_option_exists() {
    let seen = commands_of(README);
    for name in leadhook::cli::command_names() {
        assert!(seen.contains(&name), "the README doesn't tell of {name}");
    }
    for page in [
        include_str!("../../docs/mapping-guide.md"),
        include_str!("../../docs/mapping-files.md"),
        include_str!("../../docs/workbench.md"),
        include_str!("../../docs/rejections.md"),
        include_str!("../../docs/signatures.md"),
        include_str!("../../docs/custom-providers.md"),
        include_str!("../../docs/providers/README.md"),
    ] {
        assert!(!commands_of(page).is_empty());
    }
}

#[test]
fn the_files_it_shows_are_valid() {
    let files = blocks("toml");
    assert_eq!(files.len(), 2);
    let builder = Builder::new(&destination()).mappings(&[("typeform.toml", &files[0].1)]);
    std::fs::write(builder.folder().join("leadhook.toml"), &files[1].1).expect("it can be written");
    let (code, stdout, stderr) = output(builder.command(&["check", "--strict"]));
    assert_eq!((code, stdout.as_str()), (0, "ok: 1 source, 0 errors, 0 warnings\n"), "{stderr}");
}

#[test]
fn every_variable_exists() {
    let variable = Regex::new(r"\b(?:[A-Z]+_)+[A-Z]+\b").expect("valid");
    let mappings: String = ["clerk", "auth0", "auth0-logs", "auth0-action", "typeform"]
        .map(|name| Builder::shipped(&format!("{name}.toml")))
        .concat();
    // Of the Auth0 Action, and of a file that holds a secret.
    let others = ["LEADHOOK_URL", "LEADHOOK_SECRET", "DUB_API_KEY_FILE"];
    for name in variable.find_iter(README).map(|found| found.as_str()) {
        let known = SETTINGS.iter().any(|setting| setting.variable == name)
            || mappings.contains(&format!("env:{name}"))
            || others.contains(&name)
            || ["RFC_", "BODY"].contains(&name);
        assert!(known, "{name}");
    }
}

/// The README and every page below `docs`.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut pages, mut folders) = (vec![root.join("README.md")], vec![root.join("docs")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            match path.extension().and_then(|it| it.to_str()) {
                Some("md") => pages.push(path),
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    pages
}

#[test]
fn every_link_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)#]+)[^)]*\)").expect("valid");
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("the page is there");
        let folder = page.parent().expect("it is in a folder");
        for linked in link.captures_iter(&text).map(|found| found[1].to_owned()) {
            let external = linked.starts_with("https://");
            assert!(external || folder.join(&linked).exists(), "{}: {linked}", page.display());
        }
    }
}

#[test]
fn the_table_of_providers_has_them_all() {
    let table = include_str!("../../docs/providers/README.md");
    let row = Regex::new(r"(?m)^\| \[.*?\]\([a-z0-9-]+\.md\)(?: \(Phase Two\))? `([a-z0-9-]+)` \|")
        .expect("valid");
    let listed: BTreeSet<_> = row.captures_iter(table).map(|found| found[1].to_owned()).collect();
    let known: BTreeSet<_> = Provider::names().map(str::to_owned).collect();
    assert_eq!(listed, known);
}

/// Every example of the page about mapping files passes the check: whole files as they are, single
/// fields in a rule around them, of a provider whose events can be anything.
#[test]
fn every_example_of_a_mapping_file_is_valid() {
    const RULE: &str = "provider = \"standard-webhooks\"\nsecrets = [\"env:CLERK_WEBHOOK_SECRET\"]\n\
        [[lead]]\nname = \"a\"\n[lead.body]\nclickId = \"$.click\"\neventName = \"a\"\ncustomerExternalId = \"$.id\"\n";
    let page = include_str!("../../docs/mapping-files.md");
    let examples = blocks_of(page, "toml");
    assert!(examples.len() > 15);
    let files: Vec<_> = examples
        .iter()
        .enumerate()
        .map(|(number, (_, example))| {
            let whole = example.starts_with("provider");
            let text = if whole { example.clone() } else { format!("{RULE}{example}\n") };
            (format!("example-{number}.toml"), text)
        })
        .collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let builder = Builder::new(&destination()).mappings(&files).samples();
    let (code, stdout, stderr) = output(builder.command(&["check"]));
    let promised = format!("ok: {} sources, 0 errors, 0 warnings\n", files.len());
    assert_eq!((code, stdout), (0, promised), "{stderr}");
}
