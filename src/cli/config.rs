//! `leadhook config`: the settings in force.

use super::{Ended, report, settings};
use crate::config::EXAMPLE;
use clap::Args;
use comfy_table::{Table, presets};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ShowConfig {
    /// Print the commented example file instead, to begin a leadhook.toml with
    #[arg(long)]
    example: bool,
}

impl ShowConfig {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        if self.example {
            out!("{}", EXAMPLE.trim_end());
            return Ended::Done;
        }
        let settings = settings(config);
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(["setting", "value", "from"]);
        for shown in &settings.shown {
            table.add_row([shown.key, &shown.value, &shown.origin]);
        }
        out!("{table}");
        report(&settings.diagnostics);
        if settings.config.is_some() { Ended::Done } else { Ended::Input }
    }
}
