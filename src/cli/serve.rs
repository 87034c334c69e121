//! `leadhook serve`: the service, until it is told to stop.

use super::admin_token::AdminToken;
use super::files::Disk;
use super::process::{allow_many_connections, hang_ups, stop_asked};
use super::watch::Watch;
use super::{Ended, block_on, colour, human, report, settings};
use crate::app::{App, MappingFiles, Parts, StartError};
use crate::clock::System;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::model::SourceName;
use crate::reload::{ReloadState, WakeUp};
use crate::store::sqlite::Options;
use crate::telemetry::init_logs;
use crate::topology::{Origin, dub};
use clap::Args;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Wake-ups that wait while files are read; one would do.
const WAKE_UPS: usize = 4;

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Refuse to start where a secret is missing, or a mapping file has a fault although a last good
    /// version of it could be served
    #[arg(long)]
    strict: bool,
}

/// What is read before anything is started.
struct Read {
    config: Config,
    mappings: MappingFiles,
    wake: mpsc::Sender<WakeUp>,
    /// What doesn't forbid to start, at least not before the store was asked.
    diagnostics: Vec<Diagnostic>,
}

impl Serve {
    pub(super) fn run(self, path: Option<PathBuf>) -> Ended {
        let read = match self.read(path) {
            Ok(read) => read,
            Err(diagnostics) => {
                report(&diagnostics);
                return Ended::Machine;
            }
        };
        let human = human(read.config.log_format);
        if let Err(error) = init_logs(&read.config.log, human, colour()) {
            say!("error: {error}");
            return Ended::Machine;
        }
        allow_many_connections();
        match block_on(serve(read, human)) {
            Ok(ended) => ended,
            Err(error) => {
                say!("error: the runtime could not start: {error}");
                Ended::Machine
            }
        }
    }

    /// Settings and mapping files, or every fault of both.
    fn read(&self, path: Option<PathBuf>) -> Result<Read, Vec<Diagnostic>> {
        let settings = settings(path);
        let folder = settings.mappings();
        let secrets = Arc::new(settings.secrets());
        let mut diagnostics: Vec<_> = settings.missing_key().into_iter().collect();
        diagnostics.extend(settings.diagnostics);
        let mut read = None;
        let settings_faulty = diagnostics.iter().any(Diagnostic::is_error);
        if let Some(folder) = folder {
            let disk = Disk::folder(&folder);
            let no_sources = disk.no_sources();
            let origin = Origin { folder: Arc::new(disk), secrets, strict: self.strict };
            match origin.files() {
                Ok(files) => {
                    diagnostics.extend(files.iter().flat_map(|file| file.diagnostics.clone()));
                    read = Some((origin, files));
                }
                Err(fault) => diagnostics.push(fault),
            }
            diagnostics.extend(no_sources);
        }
        let (Some(config), Some((origin, files))) = (settings.config, read) else {
            return Err(diagnostics);
        };
        // Where there is no store yet, there is no last good version either, and none is made only
        // to find that out.
        let last_good_counts = !self.strict && config.database.exists();
        let faulty = diagnostics.iter().any(Diagnostic::is_error);
        if settings_faulty || faulty && !last_good_counts {
            return Err(diagnostics);
        }
        let (wake, wake_ups) = mpsc::channel(WAKE_UPS);
        let mappings = MappingFiles { files, origin, wake_ups };
        Ok(Read { config, mappings, wake, diagnostics })
    }
}

/// Tells what doesn't keep it from starting: as `check` does for a person, as log lines for a
/// program, which reads nothing else in that stream.
fn warn(diagnostics: &[Diagnostic], human: bool) {
    if human {
        return report(diagnostics);
    }
    for diagnostic in diagnostics {
        let Diagnostic { code, place, hint, .. } = diagnostic;
        let message = diagnostic.headline();
        if diagnostic.is_error() {
            tracing::error!(code = code.name(), %place, hint, "{message}");
        } else {
            tracing::warn!(code = code.name(), %place, hint, "{message}");
        }
    }
}

async fn serve(read: Read, human: bool) -> Ended {
    let Read { config, mappings, wake, diagnostics } = read;
    let admin_token = match AdminToken::of_service(&config) {
        Ok(token) => token,
        Err(error) => {
            say!("error: the token of the API can't be kept beside the database: {error}");
            return Ended::Machine;
        }
    };
    let shown = about(&config, &admin_token);
    let public_url = config.public_url.clone();
    let watch = Watch::new(config.mappings.clone(), config.reload_poll, wake);
    let parts = Parts {
        config,
        mappings,
        clock: Arc::new(System),
        store_options: Options::default(),
        admin_token: admin_token.secret(),
    };
    let stop_asked = stop_asked();
    let hang_ups = hang_ups();
    let mut app = match App::start(parts).await {
        Ok(app) => app,
        Err(StartError::Mappings) => {
            report(&diagnostics);
            return Ended::Machine;
        }
        Err(error) => {
            say!("error: {error}");
            if let Some(hint) = hint(&error) {
                say!("hint: {hint}");
            }
            return Ended::Machine;
        }
    };
    warn(&diagnostics, human);
    let lines: Vec<_> = sources(&app.mappings().all()).into_iter().chain(shown).collect();
    announce(&lines, app.address(), public_url.as_deref(), human);
    let watching = tokio::spawn(watch.run(hang_ups));
    let asked = tokio::select! {
        () = stop_asked => true,
        () = app.failed() => false,
    };
    watching.abort();
    tracing::info!("stopping: requests and attempts under way may finish");
    app.stop().await;
    tracing::info!("stopped");
    // Whatever watches over the process starts it again.
    if asked { Ended::Done } else { Ended::Machine }
}

fn hint(error: &StartError) -> Option<&'static str> {
    match error {
        StartError::Listen { .. } => {
            Some("another program may use the address; LEADHOOK_LISTEN chooses another one")
        }
        StartError::Store(_) => Some("LEADHOOK_DATABASE_URL says where the database is"),
        _ => None,
    }
}

/// One line of what was started: its kind, its name, and how it is.
struct Line {
    kind: &'static str,
    name: String,
    state: LineState,
}

enum LineState {
    /// A source that takes requests under this path, and what else is to be said of it.
    Path(String, &'static str),
    Text(String),
}

fn sources(states: &BTreeMap<SourceName, ReloadState>) -> Vec<Line> {
    let line = |(name, state): (&SourceName, &ReloadState)| {
        let state = match &state.in_force()?.source.verifier {
            Ok(_) if state.is_refused() => LineState::Path(
                format!("/webhooks/{name}"),
                " (its file has faults: the last good version is in force)",
            ),
            Ok(_) => LineState::Path(format!("/webhooks/{name}"), ""),
            Err(missing) => LineState::Text(format!(
                "not configured, answers 503: {} is not set",
                missing.join(", ")
            )),
        };
        Some(Line { kind: "source", name: name.to_string(), state })
    };
    states.iter().filter_map(line).collect()
}

fn about(config: &Config, admin_token: &AdminToken) -> Vec<Line> {
    let rate = config.dub.rate_per_minute.map_or("at 80 % of its rate limit".to_owned(), |rate| {
        format!("at most {rate} leads a minute")
    });
    vec![
        Line {
            kind: "destination",
            name: dub().to_string(),
            state: LineState::Text(format!("{}, {rate}", config.dub.url)),
        },
        Line {
            kind: "store",
            name: "sqlite".to_owned(),
            state: LineState::Text(config.database.display().to_string()),
        },
        Line {
            kind: "operators",
            name: "api".to_owned(),
            state: LineState::Text(admin_token.about()),
        },
    ]
}

/// Says what was started: plain lines for a person, log lines for a program.
fn announce(lines: &[Line], address: SocketAddr, public_url: Option<&str>, human: bool) {
    let base = match public_url {
        Some(url) => url.to_owned(),
        // Nobody can call 0.0.0.0.
        None if address.ip().is_unspecified() => format!("http://<this host>:{}", address.port()),
        None => format!("http://{address}"),
    };
    for line in lines {
        let state = match &line.state {
            LineState::Path(path, note) => format!("POST {base}{path}{note}"),
            LineState::Text(text) => text.clone(),
        };
        let Line { kind, name, .. } = line;
        if human {
            say!("{kind:<12} {name:<14} {state}");
        } else {
            tracing::info!(kind, name, state, "started");
        }
    }
    if human {
        say!("{:<12} {address}", "listening");
    } else {
        tracing::info!(kind = "listening", %address, "started");
    }
}
