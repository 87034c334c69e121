//! Every diagnostic of mapping files, as a person sees it.
//!
//! The files in `tests/diagnostics/` hold, under each heading, a text that somebody wrote and what
//! is said of it. One mistake is one fault, except below headings that begin with "Several". With
//! `UPDATE=1` the test writes what is said now; read the difference before you commit it.

mod hostile;

use leadhook::config::Environment;
use leadhook::diagnostic::{Code, Diagnostic, render_all};
use leadhook::topology::{FileText, Folder, Secrets, Shipped, load};
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// One heading of a file.
struct Section {
    heading: String,
    /// What stands behind the input's opening fence: `toml`, and how the text becomes a file.
    kind: String,
    input: String,
    expected: String,
}

/// A folder with one mapping file, and the shipped samples.
struct OneFile {
    name: String,
    text: String,
}

impl Folder for OneFile {
    fn mapping_files(&self) -> Result<Vec<FileText>, Diagnostic> {
        Ok(vec![FileText { name: self.name.clone(), text: Ok(self.text.clone()) }])
    }

    fn sample(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "samples/clerk/broken.json" => Ok(b"{".to_vec()),
            _ => Shipped.sample(path),
        }
    }

    fn samples(&self, provider: &str) -> Vec<String> {
        Shipped.samples(provider)
    }
}

/// The variable `SECRET` alone is set, and no file of a secret is there.
struct OneSecret;

impl Environment for OneSecret {
    fn get(&self, name: &str) -> Option<String> {
        let value = match name {
            "SECRET" => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "WRONG" => "not-base64!",
            "HEX" => "00ff",
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn names(&self) -> Vec<String> {
        ["SECRET", "WRONG", "HEX"].map(str::to_owned).to_vec()
    }
}

impl Secrets for OneSecret {
    fn file(&self, _: &str) -> Result<String, String> {
        Err("there is no such file".to_owned())
    }
}

fn said_of(folder: &OneFile) -> Vec<Diagnostic> {
    load(folder, &OneSecret, false).diagnostics
}

const HEAD: &str =
    "provider = \"clerk\"\nsecrets = [\"env:SECRET\"]\n\n[[lead]]\nname = \"sign-up\"\n";
const REQUIRED: [(&str, &str); 3] = [
    ("clickId", "clickId = \"$.data.unsafe_metadata.dub_id\"\n"),
    ("eventName", "eventName = \"Sign up\"\n"),
    ("customerExternalId", "customerExternalId = \"$.data.id\"\n"),
];

/// The mapping file of a section: `field`, `rule`, `click` and `case` are put into a good one.
fn file(section: &Section) -> OneFile {
    let input = &section.input;
    let on = if input.starts_with("on") { "" } else { "on = [\"user.created\"]\n" };
    let body = |lines: &str| {
        let missing = REQUIRED.iter().filter(|(name, _)| !lines.starts_with(name));
        missing.map(|(_, line)| *line).collect::<String>() + lines
    };
    let (how, name) = section.kind.split_once('=').unwrap_or((&section.kind, "clerk.toml"));
    let text = match how {
        "toml field" => format!("{HEAD}{on}\n[lead.body]\n{}", body(input)),
        "toml rule" => format!("{HEAD}{on}{input}\n[lead.body]\n{}", body("")),
        "toml case" => format!("{HEAD}{on}\n[lead.body]\n{}\n[[case]]\n{input}", body("")),
        "toml click" => format!("{HEAD}{on}\n[lead.body]\n{}\n[[click]]\n{input}", body("")),
        _ => input.clone(),
    };
    OneFile { name: name.to_owned(), text }
}

fn themes() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn sections(page: &str) -> Vec<Section> {
    let mut sections = Vec::new();
    for part in page.split("\n## ").skip(1) {
        let (heading, rest) = part.split_once('\n').unwrap_or((part, ""));
        let mut fences = rest.split("```").skip(1).step_by(2);
        let input = fences.next().unwrap_or_else(|| panic!("{heading}: no input"));
        let (kind, input) = input.split_once('\n').unwrap_or((input, ""));
        let expected = fences.next().and_then(|fence| fence.split_once('\n')).unwrap_or_default().1;
        sections.push(Section {
            heading: heading.to_owned(),
            kind: kind.to_owned(),
            input: input.to_owned(),
            expected: expected.to_owned(),
        });
    }
    sections
}

#[test]
fn every_diagnostic_reads_as_it_should() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for path in themes() {
        let page = fs::read_to_string(&path).expect("the file can be read");
        let title = page.split("\n## ").next().unwrap_or_default().trim_end();
        let mut written = format!("{title}\n");
        for section in sections(&page) {
            let Section { heading, kind, input, expected } = &section;
            let said = format!("{}\n", render_all(&said_of(&file(&section))));
            written += &format!("\n## {heading}\n\n```{kind}\n{input}```\n\n```text\n{said}```\n");
            if said != *expected {
                wrong.push(format!("{}: {heading}\n{said}", path.display()));
            }
        }
        if update {
            fs::write(&path, written).expect("the file can be written");
        }
    }
    assert!(update || wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_mistake_is_one_fault() {
    let mut wrong = Vec::new();
    for path in themes() {
        for section in sections(&fs::read_to_string(&path).expect("the file can be read")) {
            let faults = said_of(&file(&section));
            let several = section.heading.starts_with("Several");
            if faults.is_empty() || (faults.len() > 1) != several {
                wrong.push(format!("{}:\n{}", section.heading, render_all(&faults)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Checks that nothing is said of `input`.
#[track_caller]
fn nothing_is_said(kind: &str, input: &str) {
    let section = Section {
        heading: String::new(),
        kind: kind.to_owned(),
        input: input.to_owned(),
        expected: String::new(),
    };
    assert_eq!(render_all(&said_of(&file(&section))), "", "{input}");
}

#[test]
fn no_hint_holds_a_secret() {
    for line in [
        "secrets = “hunter2”",
        "secrets = [hunter2]",
        "secrets: hunter2",
        "secrets \"hunter2\"",
        "secrets = \"hunter2\"",
        "secrets = \"$hunter2\"",
        "secrets = [\"hunter2\" + \"hunter2\"]",
        "secrets = [\"env:SECRET\"]\napi_key = $hunter2",
        "secrets = [\"env:SECRET\"]\n[[lead]]\nname = \"a\"\n[lead.body]\nmetadata = { api_key = \"$hunter2\" }",
        "secrets = [\"env:SECRET\"]\n[[lead]]\nname = \"a\"\n[lead.body]\nmetadata = { token = \"@.hunter2\" }",
    ] {
        let text = format!("provider = \"clerk\"\n{line}\n");
        let faults = said_of(&OneFile { name: "clerk.toml".to_owned(), text });
        let shown = render_all(&faults);
        assert!(!faults.is_empty() && !shown.contains("hunter2"), "{line}:\n{shown}");
    }
}

#[test]
fn what_samples_cannot_show_is_not_doubted() {
    for field in [
        "customerName = \"$.data.unsafe_metadata.name\"\n",
        "metadata = \"$.data.public_metadata\"\n",
        "metadata = { a = \"$.data.private_metadata.plans[?@.id == $.data.id].name[0]\" }\n",
        "customerName = \"$.data.email_addresses[?@.verification.status == 'verified'].id\"\n",
        "customerName = { value = \"data.first_name\" }\n",
        "customerName = \"example.com\"\n",
        "customerName = \"$\"\n",
    ] {
        nothing_is_said("toml field", field);
    }
    for rule in [
        "on = [\"session.created\"]\nwhen = \"@.data.nothing == 1\"\n",
        "on = [\"user.created\", \"session.created\"]\nwhen = \"@.data.nothing == 1\"\n",
        "when = \"@['data'].banned != true && @.data.unsafe_metadata.plan != 'x'\"\n",
    ] {
        nothing_is_said("toml rule", rule);
    }
    let lookup = "metadata = { mail = { from = \"$.data.primary_email_address_id\", lookup = { in = \
                  \"$.data.email_addresses[*]\", key = \"id\", take = \"email_address\" } } }\n";
    nothing_is_said("toml field", lookup);
    let body = "[[lead]]\nname = \"a\"\non = [\"anything\"]\n[lead.body]\nclickId = \"$.a.b\"\n\
                eventName = \"e\"\ncustomerExternalId = \"$.a.c\"\n";
    let head = "provider = \"standard-webhooks\"\nsecrets = [\"env:SECRET\"]\n";
    nothing_is_said("toml", &format!("{head}{body}"));
}

#[test]
fn every_code_of_mapping_files_is_shown() {
    let mut shown = HashSet::new();
    let mut headings = BTreeSet::new();
    for path in themes() {
        for section in sections(&fs::read_to_string(&path).expect("the file can be read")) {
            shown.extend(said_of(&file(&section)).into_iter().map(|fault| fault.code));
            assert!(headings.insert(section.heading.clone()), "{} is there twice", section.heading);
        }
    }
    let missing: Vec<_> = Code::MAPPING_FILES.iter().filter(|code| !shown.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?} have no example");
}
