//! `leadhook sample`: samples made of real events.

mod add;
mod original;
mod place;

use super::Ended;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Sample {
    #[command(subcommand)]
    command: SampleCommand,
}

#[derive(Debug, Subcommand)]
enum SampleCommand {
    /// Turn a real event into a sample of nobody, and print the case that tests it
    Add(add::Add),
}

impl Sample {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        match self.command {
            SampleCommand::Add(command) => command.run(config),
        }
    }
}
