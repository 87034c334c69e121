//! `leadhook init`: mapping files to begin with, their samples, and the schema beside them.

mod begin;

use super::print::printable;
use super::{Ended, report, schema, settings, write};
use crate::diagnostic::did_you_mean;
use crate::model::{CUSTOM, SourceName};
use crate::provider::Provider;
use crate::topology::Shipped;
use begin::Begun;
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SCHEMA: &str = "leadhook.schema.json";
/// By this an older schema of ours is known, which may be replaced.
const SCHEMA_TITLE: &str = "\"title\": \"leadhook mapping file\"";

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The providers; without any, all are listed
    #[arg(value_name = "PROVIDER")]
    providers: Vec<String>,
    /// The source, which is the file's name and the last part of the URL [default: the provider]
    #[arg(long)]
    source: Option<SourceName>,
    /// Where to put it [default: the folder of mapping files that the settings name]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
}

/// A file to be written, by its path below the folder.
struct Planned {
    path: String,
    text: String,
}

impl Init {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let Some(begun) = self.begin() else { return Ended::Machine };
        let settings = settings(config);
        let Some(folder) = self.out.clone().or_else(|| settings.mappings()) else {
            report(&settings.diagnostics);
            return Ended::Input;
        };
        if let Err(ended) = write_all(&folder, &planned(&begun), self.force) {
            return ended;
        }
        let host = settings.config.and_then(|config| config.public_url);
        let host = host.unwrap_or_else(|| "https://<your host>".to_owned());
        begun.iter().for_each(|one| tell_of(one, &host));
        let files = match &begun[..] {
            [one] => format!("{}.toml", one.source),
            _ => format!("these {} files", begun.len()),
        };
        say!("\nNext: read {files}, and change what is to be changed; then");
        // With a path, the check doesn't ask for the key that only the service needs.
        say!("  leadhook check {0}\n  leadhook test {0}", folder.display());
        if self.out.is_none() {
            say!("and, with DUB_API_KEY set, which `leadhook check` without a path asks for too,");
            say!("  leadhook serve");
        }
        Ended::Done
    }

    /// The beginning of each source that was asked for; `None` where one can't be had.
    fn begin(&self) -> Option<Vec<Begun>> {
        if self.providers.is_empty() {
            say!("usage: leadhook init <PROVIDER>...\n");
            list_all();
            return None;
        }
        let found: Option<Vec<_>> = self.providers.iter().map(|name| find(name)).collect();
        let providers = found?;
        if self.source.is_some() && providers.len() > 1 {
            say!("error: `--source` names one source, and these are {}", providers.len());
            return None;
        }
        let begin = |provider: Arc<Provider>| {
            let source = self.source.as_ref().map(ToString::to_string);
            let source = source.unwrap_or_else(|| provider.name().to_owned());
            let title = provider.title().to_owned();
            let begun = Begun::new(provider, source);
            if begun.is_none() {
                say!("error: no mapping file is shipped for {title}");
            }
            begun
        };
        providers.into_iter().map(begin).collect()
    }
}

/// The provider of this name; says so where there is none.
fn find(name: &str) -> Option<Arc<Provider>> {
    let found = Provider::find(name).or_else(|| Shipped::custom().filter(|it| it.name() == name));
    if found.is_none() {
        say!("error: there is no provider `{}`", printable(name));
        let hint = did_you_mean(name, Provider::names().chain([CUSTOM]));
        let all = "`leadhook init` lists all; `custom` begins one for any other sender";
        say!("hint: {}", hint.as_deref().unwrap_or(all));
    }
    found
}

fn list_all() {
    let width = Provider::names().map(str::len).max().unwrap_or_default();
    say!("The providers are:");
    for provider in Provider::all() {
        say!("  {:width$}  {}", provider.name(), provider.title());
    }
    say!("  {CUSTOM:width$}  any other, which the mapping file declares");
}

/// What the provider wants of us, and we of it.
fn tell_of(begun: &Begun, host: &str) {
    let hint = begun.provider.secret_hint().unwrap_or("the secret of the webhook");
    say!("\nEnter at {}: {host}/webhooks/{}", begun.provider.title(), begun.source);
    match &begun.secret {
        Some(variable) => say!("Set {variable}: {hint}"),
        None => say!("Secret: {hint}"),
    }
    for variable in &begun.others {
        say!("Set {variable}: {}.toml says what it is", begun.source);
    }
}

/// Mapping files come last: a service that watches the folder then finds their samples.
fn planned(begun: &[Begun]) -> Vec<Planned> {
    // What is asked for twice is written once.
    let samples: BTreeMap<_, _> = begun.iter().flat_map(Begun::samples).collect();
    let samples = samples.into_iter().map(|(path, text)| (path, text.to_owned()));
    let schema = (SCHEMA.to_owned(), schema::text());
    let files: BTreeMap<_, _> =
        begun.iter().map(|one| (format!("{}.toml", one.source), one.text.clone())).collect();
    let all = samples.chain([schema]).chain(files);
    all.map(|(path, text)| Planned { path, text }).collect()
}

/// Writes all, or nothing where something of somebody's would be lost.
fn write_all(folder: &Path, planned: &[Planned], force: bool) -> Result<(), Ended> {
    let mut fresh = Vec::new();
    let mut in_the_way = Vec::new();
    for file in planned {
        match std::fs::read_to_string(folder.join(&file.path)) {
            Ok(there) if there == file.text => {}
            Ok(there) if file.path == SCHEMA && there.contains(SCHEMA_TITLE) => fresh.push(file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => fresh.push(file),
            _ if force => fresh.push(file),
            _ => in_the_way.push(folder.join(&file.path).display().to_string()),
        }
    }
    if !in_the_way.is_empty() {
        say!("error: nothing was written, because these are there and differ:");
        in_the_way.iter().for_each(|path| say!("  {path}"));
        say!("hint: `--source NAME` makes another source of the provider; `--force` replaces them");
        return Err(Ended::Input);
    }
    if fresh.is_empty() {
        say!("All of it is there already, in {}.", folder.display());
    }
    for file in &fresh {
        let path = folder.join(&file.path);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        if let Err(error) = made.and_then(|()| write::whole(&path, &file.text)) {
            say!("error: {} can't be written: {error}", path.display());
            return Err(Ended::Machine);
        }
    }
    list_written(folder, &fresh);
    Ok(())
}

/// A line for each file, but of samples one for each folder.
fn list_written(folder: &Path, written: &[&Planned]) {
    let mut samples: BTreeMap<&str, usize> = BTreeMap::new();
    for file in written {
        match file.path.rsplit_once('/') {
            Some((below, _)) => *samples.entry(below).or_default() += 1,
            None => out!("{}", folder.join(&file.path).display()),
        }
    }
    for (below, count) in samples {
        let noun = if count == 1 { "sample" } else { "samples" };
        out!("{}/ ({count} {noun})", folder.join(below).display());
    }
}
