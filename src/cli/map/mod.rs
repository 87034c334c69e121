//! `leadhook map`: what the mapping file of a source makes of events.

mod against;

use super::Ended;
use crate::model::SourceName;
use against::Against;
pub(super) use against::{History, HistoryArguments};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Map {
    /// The source, as in clerk
    source: SourceName,
    #[command(flatten)]
    against: Against,
}

impl Map {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        self.against.run(&self.source, config)
    }
}
