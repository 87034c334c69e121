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
    ///
    /// Each line is one event as it was received, oldest first, with what became of it. It reads
    /// the database of the settings, also beside a running service, and changes nothing.
    ///
    /// What is written holds people's data as the providers sent it (names, addresses, answers):
    /// keep it like the database itself, and out of repositories. Credentials among the headers are
    /// fingerprints already, as in the database.
    Export(export::Export),
}

impl Events {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        match self.command {
            Command::Export(command) => command.run(config),
        }
    }
}
