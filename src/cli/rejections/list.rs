//! `leadhook rejections list`: what was refused.

use crate::admin::rejection_summary_json;
use crate::cli::print::{json_text, printable};
use crate::cli::{Ended, archive, settings};
use crate::model::SourceName;
use crate::store::{RejectionQuery, StoredRejection};
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those of this source, as in clerk
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// How many at the most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = at_least_one)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let archive = match archive::open(&settings(config)) {
            Ok(archive) => archive,
            Err(ended) => return ended,
        };
        let query = RejectionQuery { source: self.source, after: None, limit: self.limit };
        match archive.rejections(&query) {
            Ok(rejections) if self.json => {
                let rejections: Vec<Value> =
                    rejections.iter().map(rejection_summary_json).collect();
                out!("{}", json_text(&json!({ "rejections": rejections })));
            }
            Ok(rejections) if rejections.is_empty() => match query.source {
                Some(source) => say!("no refused requests are kept of a source `{source}`"),
                None => say!("no refused requests are kept"),
            },
            Ok(rejections) => out!("{}", table(&rejections)),
            Err(error) => {
                say!("error: {error}");
                return Ended::Machine;
            }
        }
        Ended::Done
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|limit| *limit > 0).ok_or("a number from 1 is needed".to_owned())
}

fn table(rejections: &[StoredRejection]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["rejection", "received", "source", "code", "became", "probable cause"]);
    for stored in rejections {
        let request = stored.rejection.request.request();
        let cause = stored.rejection.causes.first().map(|cause| printable(&cause.message));
        table.add_row([
            stored.id.to_string(),
            request.received_at.to_string(),
            request.source.to_string(),
            stored.rejection.code.to_string(),
            became(stored),
            cause.unwrap_or_default(),
        ]);
    }
    table
}

/// What it became, if it was admitted.
fn became(stored: &StoredRejection) -> String {
    match &stored.admitted {
        None => String::new(),
        Some(admission) if admission.events.is_empty() => "no event".to_owned(),
        Some(admission) => {
            admission.events.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        }
    }
}
