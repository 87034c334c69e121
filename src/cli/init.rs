//! `leadhook init`: a mapping file to begin with, its samples, and the schema beside it.

use super::{Ended, report, schema, settings, write};
use crate::diagnostic::{SourceText, did_you_mean};
use crate::mapping::{SecretReference, parse};
use crate::model::SourceName;
use crate::provider::Provider;
use crate::topology::{Shipped, dub};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SCHEMA: &str = "leadhook.schema.json";
/// By this an older schema of ours is known, which may be replaced.
const SCHEMA_TITLE: &str = "\"title\": \"leadhook mapping file\"";

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The provider; without it, all are listed
    provider: Option<String>,
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
        let Some(provider) = self.provider() else { return Ended::Machine };
        let settings = settings(config);
        let Some(folder) = self.out.clone().or_else(|| settings.mappings()) else {
            report(&settings.diagnostics);
            return Ended::Input;
        };
        let source = match &self.source {
            Some(source) => source.to_string(),
            None => provider.name().to_owned(),
        };
        let Some((file, variable)) = mapping_file(provider.name(), &source) else {
            say!("error: no mapping file is shipped for {}", provider.title());
            return Ended::Machine;
        };
        let planned = planned(provider.name(), &source, file);
        if let Err(ended) = write_all(&folder, &planned, self.force) {
            return ended;
        }
        let host = settings.config.and_then(|config| config.public_url);
        let host = host.unwrap_or_else(|| "https://<your host>".to_owned());
        say!("\nEnter at {}: {host}/webhooks/{source}", provider.title());
        say!("Set {variable}: {}", provider.secret_hint().unwrap_or("the secret of the webhook"));
        say!("\nNext: read {source}.toml and change it to your needs; then");
        // With a path, the check doesn't ask for the key that only the service needs.
        say!("  leadhook check {0}\n  leadhook test {0}", folder.display());
        if self.out.is_none() {
            say!("  leadhook serve");
        }
        Ended::Done
    }

    /// The provider that was named, or a list of all.
    fn provider(&self) -> Option<&'static Provider> {
        let found = self
            .provider
            .as_deref()
            .map(|name| (name, Provider::all().find(|it| it.name() == name)));
        match found {
            Some((_, Some(provider))) => return Some(provider),
            Some((name, None)) => {
                let hint = did_you_mean(name, Provider::names());
                let hint = hint.map_or(String::new(), |hint| format!("; {hint}"));
                say!("error: there is no provider `{name}`{hint}\n");
            }
            None => say!("usage: leadhook init <PROVIDER>\n"),
        }
        let width = Provider::names().map(str::len).max().unwrap_or_default();
        say!("The providers are:");
        for provider in Provider::all() {
            say!("  {:width$}  {}", provider.name(), provider.title());
        }
        None
    }
}

/// The shipped mapping file of a provider for this source, and the variable that it wants its
/// secret in: each source has a secret of its own.
fn mapping_file(provider: &str, source: &str) -> Option<(String, String)> {
    let shipped = Shipped::text_of(&format!("{provider}.toml"))?;
    let text = Arc::new(SourceText::new("shipped", shipped));
    let (file, _) = parse(&text, shipped, &[dub()]);
    let variable = file?.secrets.into_iter().find_map(|secret| match secret.value {
        SecretReference::Environment(name) => Some(name),
        SecretReference::File(_) => None,
    })?;
    let own = if source == provider { variable.clone() } else { variable_of(source, &variable) };
    let file = shipped
        .replace(&variable, &own)
        .replace(&format!("/webhooks/{provider} "), &format!("/webhooks/{source} "));
    Some((format!("#:schema ./{SCHEMA}\n{file}"), own))
}

/// As in `CLERK_EU_WEBHOOK_SECRET`, for the source `clerk-eu`.
fn variable_of(source: &str, shipped: &str) -> String {
    let kind = if shipped.ends_with("_TOKEN") { "TOKEN" } else { "SECRET" };
    let name = source.to_ascii_uppercase().replace('-', "_");
    // A variable doesn't begin with a digit.
    let start = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    format!("{start}{name}_WEBHOOK_{kind}")
}

fn planned(provider: &str, source: &str, file: String) -> Vec<Planned> {
    let of_provider = format!("samples/{provider}/");
    let samples = Shipped::files().filter(|(path, _)| path.starts_with(&of_provider));
    let samples = samples.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let schema = (SCHEMA.to_owned(), schema::text());
    // The mapping file comes last: a service that watches the folder then finds its samples.
    let all = samples.chain([schema, (format!("{source}.toml"), file)]);
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
    for file in fresh {
        let path = folder.join(&file.path);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        if let Err(error) = made.and_then(|()| write::whole(&path, &file.text)) {
            say!("error: {} can't be written: {error}", path.display());
            return Err(Ended::Machine);
        }
        out!("{}", path.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{mapping_file, variable_of};
    use crate::provider::Provider;

    #[test]
    fn every_source_has_an_address_and_a_secret_of_its_own() {
        for provider in Provider::names() {
            let (own, variable) = mapping_file(provider, provider).expect("one is shipped");
            assert!(own.starts_with("#:schema ./leadhook.schema.json\n"));
            assert!(own.contains(&format!("POST /webhooks/{provider} ")), "{provider}");
            assert!(own.contains(&format!("\"env:{variable}\"")));
            let (other, others) = mapping_file(provider, "my-app").expect("one is shipped");
            assert!(other.contains("POST /webhooks/my-app "), "{provider}");
            assert!(!other.contains(&variable) && other.contains(&format!("\"env:{others}\"")));
        }
    }

    #[test]
    fn variables_are_named_after_the_source() {
        assert_eq!(variable_of("clerk-eu", "CLERK_WEBHOOK_SECRET"), "CLERK_EU_WEBHOOK_SECRET");
        assert_eq!(variable_of("a_b", "AUTH0_WEBHOOK_TOKEN"), "A_B_WEBHOOK_TOKEN");
        assert_eq!(variable_of("9lives", "X_WEBHOOK_SECRET"), "_9LIVES_WEBHOOK_SECRET");
    }
}
