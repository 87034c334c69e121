//! `leadhook sample add`: a real event becomes a sample of nobody.

use super::original::Original;
use super::place;
use crate::cli::case_text::About;
use crate::cli::readable::refused;
use crate::cli::{Ended, files, report, settings, write};
use crate::diagnostic::{Diagnostic, SourceText};
use crate::mapping::{MappingFile, parse};
use crate::model::{Applied, EventId, Headers, QueryString, Reason, SourceName};
use crate::provider::{Content, Provider};
use crate::sample::{Masker, differences};
use crate::topology::{apply_sample, dub, provider, samples_folder};
use bytes::Bytes;
use clap::{ArgGroup, Args};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).args(["event", "payload"]))]
pub(super) struct Add {
    /// A stored event
    #[arg(value_name = "EVENT_ID")]
    event: Option<EventId>,
    /// A request body in a file, or `-` for stdin, instead of a stored event
    #[arg(long, value_name = "FILE", requires = "source")]
    payload: Option<PathBuf>,
    /// The source whose mapping file tells what must stay [default: the event's own]
    #[arg(long)]
    source: Option<SourceName>,
    /// What is special about it: part of the file's name
    #[arg(long, value_parser = name)]
    name: Option<String>,
    /// Append the case to the mapping file, which stays as it is otherwise
    #[arg(long)]
    append: bool,
    /// Draw the same replacements as another time, for tests
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

fn name(text: &str) -> Result<String, &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let good = (1..=64).contains(&text.len()) && text.chars().all(is_plain);
    if good { Ok(text.to_owned()) } else { Err("1 to 64 letters, digits, `.`, `_` and `-`") }
}

/// The mapping file of a source.
struct Rules {
    path: PathBuf,
    raw: String,
    file: MappingFile,
    provider: Arc<Provider>,
}

/// A sample, with what the mapping makes of it and of the original.
struct Made {
    text: String,
    /// Of the file's name.
    ending: &'static str,
    event_type: String,
    /// What it is sent with.
    headers: Headers,
    applied: Applied,
    differences: Vec<String>,
}

impl Add {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        match self.add(config) {
            Ok(()) => Ended::Done,
            Err(ended) => ended,
        }
    }

    fn add(&self, config: Option<PathBuf>) -> Result<(), Ended> {
        let settings = settings(config);
        let Some(folder) = settings.mappings() else {
            report(&settings.diagnostics);
            return Err(Ended::Input);
        };
        let original = match (&self.event, &self.payload, &self.source) {
            (Some(id), _, _) => Original::stored(*id, &settings)?,
            (None, Some(path), Some(source)) => Original::payload(path, source.clone())?,
            // Clap has seen to it.
            _ => return Err(Ended::Machine),
        };
        let source = self.source.as_ref().unwrap_or(&original.source);
        let rules = Rules::read(&folder, source)?;
        let seed = self.seed.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0);
        let made = made(&original, &rules, seed).map_err(|reason| {
            say!("error: the event can't be read: {reason}");
            Ended::Input
        })?;
        let own = samples_folder(&rules.provider, source.as_str());
        let name = self.name.as_deref();
        let path = place::write(&folder, own, &made.event_type, name, made.ending, &made.text);
        let path = path.map_err(|error| {
            say!("error: {error}");
            Ended::Input
        })?;
        say!("wrote {}", folder.join(&path).display());
        for difference in &made.differences {
            say!("warning: the mapping makes something else of it: {difference}");
        }
        let printed = self.print_case(&rules, &path, &made);
        say!(
            "\nEvery text in it was replaced, but for keys and what the mapping file compares with. \
             Look it over before you share it."
        );
        printed
    }

    fn print_case(&self, rules: &Rules, path: &str, made: &Made) -> Result<(), Ended> {
        let (name, headers, query) = (rules.free_name(path), &made.headers, QueryString::default());
        let about = About { name: &name, event: path, headers, query: &query, rule: None };
        let cases = match about.cases(&made.applied) {
            Ok(cases) => cases.join("\n"),
            Err(why) => {
                say!("There is no case for it: {why}.");
                return Ok(());
            }
        };
        if self.append {
            rules.append(&cases)?
        }
        out!("{}", cases.trim_end());
        Ok(())
    }
}

impl Rules {
    fn read(folder: &Path, source: &SourceName) -> Result<Self, Ended> {
        let path = files::of_source(folder, source).map_err(|fault| refused(vec![fault]))?;
        let raw = files::read(&path).map_err(|fault| refused(vec![fault]))?;
        let text = Arc::new(SourceText::new(path.display().to_string(), &raw));
        let (file, mut faults) = parse(&text, &raw, &[dub()]);
        faults.retain(Diagnostic::is_error);
        report(&faults);
        let file = file.ok_or(Ended::Input)?;
        let provider = provider(&file, &text, &raw).map_err(refused)?;
        Ok(Self { path, raw, file, provider })
    }

    /// A name for the case of a sample that no other case has.
    fn free_name(&self, path: &str) -> String {
        let file_name = path.rsplit('/').next().unwrap_or(path);
        let name = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
        let is_taken = |name: &str| self.file.cases.iter().any(|case| case.name.value == name);
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(|name| !is_taken(name)).unwrap_or_else(|| name.to_owned())
    }

    fn append(&self, cases: &str) -> Result<(), Ended> {
        let gap = if self.raw.ends_with('\n') { "\n" } else { "\n\n" };
        let raw = format!("{}{gap}{cases}", self.raw);
        let text = Arc::new(SourceText::new(self.path.display().to_string(), &raw));
        let (_, faults) = parse(&text, &raw, &[dub()]);
        if faults.iter().any(Diagnostic::is_error) {
            say!("error: the case can't be appended, so here it is:");
            report(&faults);
            out!("{}", cases.trim_end());
            return Err(Ended::Input);
        }
        write::whole(&self.path, &raw).map_err(|error| {
            say!("error: {} can't be written: {error}", self.path.display());
            Ended::Machine
        })?;
        say!("appended a case to {}", self.path.display());
        Ok(())
    }
}

/// Makes the sample, and has the mapping look at both.
fn made(original: &Original, rules: &Rules, seed: u64) -> Result<Made, Reason> {
    let (mapping, provider) = (&rules.file.mapping, &*rules.provider);
    let values = original.values(provider)?;
    let (sent, body) = (original.headers_of_sample(), Bytes::from(text(&values)));
    let was = apply_sample(mapping, provider, &sent, &original.query, &body)?;
    let types = event_types(provider, Content::new(&sent, &body));
    let mut named = mapping.named();
    named.values.extend(types.iter().cloned());
    let look_alikes = Masker::new(&named, seed).mask(&values);
    let ending = if look_alikes.len() == 1 { "json" } else { "jsonl" };
    let text = text(&look_alikes);
    // Of the headers, only the event's type is known to be nobody's.
    let type_headers = provider.type_headers();
    let kept = sent.iter().filter(|(name, _)| type_headers.contains(name));
    let headers = Headers::new(kept.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let body = Bytes::from(text.clone());
    let applied = apply_sample(mapping, provider, &headers, &QueryString::default(), &body)?;
    let event_type = types.into_iter().next().unwrap_or_default();
    let differences = differences(&was, &applied);
    Ok(Made { text, ending, event_type, headers, applied, differences })
}

/// A sample: one document, or one a line.
fn text(values: &[Value]) -> String {
    match values {
        [one] => format!("{one:#}\n"),
        several => several.iter().map(|value| format!("{value}\n")).collect(),
    }
}

fn event_types(provider: &Provider, sample: Content<'_>) -> Vec<String> {
    const EVENTS_MAX: usize = 1_000;
    let events = provider.split(sample, EVENTS_MAX);
    events.into_iter().filter_map(|event| event.event_type).collect()
}
