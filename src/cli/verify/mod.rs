//! `leadhook verify`: a captured request against a source, and why it passes or not.

mod captured;

use super::files::Disk;
use super::print::{columns, hanging, json_text, printable};
use super::{Ended, block_on, report, settings, sources};
use crate::admin::cause_json;
use crate::app::fetch_key_set;
use crate::clock::{Clock, System};
use crate::diagnostic::Code;
use crate::model::{Cause, Request, SourceName, Timestamp};
use crate::provider::{Verifier, causes};
use crate::topology::{LoadedFile, Secrets, Source, load_files};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The source whose secrets it is verified with
    source: SourceName,
    /// The request: JSON with `method`, `url`, `headers`, and `body` or `body_base64`; `-` reads
    /// standard input
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// When it came, as in 2026-01-31T12:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What came of it.
enum Verdict {
    /// It carries events: so many.
    Valid {
        events: usize,
    },
    /// It is the provider's handshake, and would be answered.
    Handshake,
    Refused {
        code: Code,
        causes: Vec<Cause>,
    },
}

impl Verify {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let settings = settings(config);
        let secrets = settings.secrets();
        let Some(folder) = settings.mappings() else {
            report(&settings.diagnostics);
            return Ended::Input;
        };
        let files = match load_files(&Disk::folder(&folder), &secrets, false) {
            Ok(files) => files,
            Err(fault) => {
                report(&[fault]);
                return Ended::Machine;
            }
        };
        let (source, own) = match sources::verifying(&files, &self.source) {
            Ok(chosen) => chosen,
            Err(ended) => return ended,
        };
        let at = self.at.unwrap_or_else(|| System.now());
        let request = match captured::read(&self.request, &self.source, at) {
            Ok(request) => request,
            Err(ended) => return ended,
        };
        if let Some(url) = own.key_set_wanted(&request) {
            let key_sets = secrets.surroundings().key_sets;
            let fetched = block_on(fetch_key_set(url, &key_sets));
            if let Ok(Err(error)) | Err(error) = fetched.map_err(|error| error.to_string()) {
                say!("warning: {url} could not be fetched: {error}");
            }
        }
        let verdict = verdict(&source, &own, request, at, &others(&files, &self.source));
        if self.json {
            out!("{}", json_text(&verdict.json()));
        } else {
            verdict.show(&self.source);
        }
        match verdict {
            Verdict::Valid { .. } | Verdict::Handshake => Ended::Done,
            Verdict::Refused { .. } => Ended::Input,
        }
    }
}

/// The verifiers of all other sources, whose secrets may be mixed up.
fn others(files: &[LoadedFile], own: &SourceName) -> Vec<(SourceName, Verifier)> {
    let sources = files.iter().filter_map(|file| file.source.as_ref());
    let others = sources.filter(|source| source.name != *own);
    others
        .filter_map(|source| Some((source.name.clone(), source.verifier.as_ref().ok()?.clone())))
        .collect()
}

fn verdict(
    source: &Source,
    own: &Verifier,
    request: Request,
    at: Timestamp,
    others: &[(SourceName, Verifier)],
) -> Verdict {
    match own.handshake(&request, at) {
        Some(Ok(_)) => return Verdict::Handshake,
        Some(Err(code)) => {
            let causes = causes(&request, at, own, others);
            return Verdict::Refused { code, causes };
        }
        None => {}
    }
    let proved = match own.written_down(&request) {
        Some(kept) => own.admit(kept, false),
        None => own.verify(request.clone(), at),
    };
    match proved {
        Ok(verified) => {
            let events = source.provider.split(verified.content(), usize::MAX);
            Verdict::Valid { events: events.len() }
        }
        Err(code) => Verdict::Refused { code, causes: causes(&request, at, own, others) },
    }
}

impl Verdict {
    fn json(&self) -> serde_json::Value {
        match self {
            Verdict::Valid { .. } | Verdict::Handshake => {
                json!({ "verified": true, "code": null, "causes": [] })
            }
            Verdict::Refused { code, causes } => json!({
                "verified": false,
                "code": code.name(),
                "causes": causes.iter().map(cause_json).collect::<Vec<_>>(),
            }),
        }
    }

    fn show(&self, source: &SourceName) {
        match self {
            Verdict::Valid { events } => {
                let events = super::count(*events, "event");
                out!("valid: it is authentic to `{source}`, and carries {events}");
            }
            Verdict::Handshake => {
                out!("valid: it is the provider's handshake, and `{source}` answers it");
            }
            Verdict::Refused { code, causes } => {
                out!("refused: {code}: {}", code.meaning());
                for cause in causes {
                    let columns = columns();
                    out!("{}", hanging("probably: ", &printable(&cause.message), columns));
                    if let Some(hint) = &cause.hint {
                        out!("{}", hanging("    hint: ", &printable(hint), columns));
                    }
                }
            }
        }
    }
}
