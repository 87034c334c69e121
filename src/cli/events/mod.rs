//! `leadhook events`: the events that are stored.

mod export;

use super::Ended;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Events {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write stored events as JSON Lines, to judge mapping files by them elsewhere
    Export(export::Export),
}

impl Events {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        match self.command {
            Command::Export(command) => command.run(config),
        }
    }
}
