//! `leadhook schema`: the JSON Schema of mapping files, for editors.

use super::{Ended, write};
use crate::mapping::{ProviderWords, schema};
use crate::provider::Provider;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Write it into this file instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Schema {
    pub(super) fn run(self) -> Ended {
        let Some(path) = self.out else {
            out!("{}", text().trim_end());
            return Ended::Done;
        };
        if let Err(error) = write::whole(&path, &text()) {
            say!("error: {} can't be written: {error}", path.display());
            return Ended::Machine;
        }
        say!("wrote {}", path.display());
        Ended::Done
    }
}

/// The schema for all providers of the catalogue, as a text for people and programs.
pub(super) fn text() -> String {
    let providers: Vec<_> = Provider::all().collect();
    let words: Vec<_> = providers
        .iter()
        .map(|provider| ProviderWords {
            name: provider.name(),
            title: provider.title(),
            auth_methods: provider.auth_methods().collect(),
        })
        .collect();
    // Texts, numbers and lists always have a JSON form.
    let mut text = serde_json::to_string_pretty(&schema(&words)).unwrap_or_default();
    text.push('\n');
    text
}
