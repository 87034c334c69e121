//! `leadhook rejections`: refused requests, why they were refused, and admitting them.

mod admit;
mod list;
mod remote;
mod show;

use super::Ended;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Rejections {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List refused requests, the newest first
    ///
    /// It reads the database of the settings, also beside a running service.
    List(list::List),
    /// Show a refused request: why it was refused, its header fields and its body
    ///
    /// Credentials are shown as fingerprints, as they are kept. The body holds people's data.
    Show(show::Show),
    /// Turn refused requests into events, once the secret of their source is mended
    ///
    /// Each must verify by its source as it is now. A running service is asked to do it; where none
    /// runs, it is done here, and the next one delivers the leads.
    Admit(admit::Admit),
}

impl Rejections {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        match self.command {
            Command::List(command) => command.run(config),
            Command::Show(command) => command.run(config),
            Command::Admit(command) => command.run(config),
        }
    }
}
