//! `leadhook serve`: the service, until it is told to stop.

use super::files::Disk;
use super::process::{ProcessEnvironment, allow_many_connections, stop_asked};
use super::{Ended, block_on, colour, human, report, settings};
use crate::app::{App, Parts, StartError};
use crate::clock::System;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::store::sqlite::Options;
use crate::telemetry::init_logs;
use crate::topology::{Source, Topology, dub, load};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Refuse to start where a secret is missing
    #[arg(long)]
    strict: bool,
}

impl Serve {
    pub(super) fn run(self, path: Option<PathBuf>) -> Ended {
        let settings = settings(path);
        let folder = settings.mappings();
        let mut diagnostics: Vec<_> = settings.missing_key().into_iter().collect();
        diagnostics.extend(settings.diagnostics);
        let mut topology = None;
        if let Some(folder) = folder {
            let disk = Disk::folder(&folder);
            let loaded = load(&disk, &ProcessEnvironment, self.strict);
            topology = loaded.topology;
            diagnostics.extend(loaded.diagnostics);
            diagnostics.extend(disk.no_sources());
        }
        let (Some(config), Some(topology), false) =
            (settings.config, topology, diagnostics.iter().any(Diagnostic::is_error))
        else {
            report(&diagnostics);
            return Ended::Machine;
        };
        let human = human(config.log_format);
        if let Err(error) = init_logs(&config.log, human, colour()) {
            say!("error: {error}");
            return Ended::Machine;
        }
        warn(&diagnostics, human);
        allow_many_connections();
        match block_on(serve(config, topology, human)) {
            Ok(ended) => ended,
            Err(error) => {
                say!("error: the runtime could not start: {error}");
                Ended::Machine
            }
        }
    }
}

/// Tells what doesn't keep it from starting: as `check` does for a person, as log lines for a
/// program, which reads nothing else in that stream.
fn warn(diagnostics: &[Diagnostic], human: bool) {
    if human {
        return report(diagnostics);
    }
    for Diagnostic { code, message, place, hint, .. } in diagnostics {
        tracing::warn!(code = code.name(), %place, hint, "{message}");
    }
}

async fn serve(config: Config, topology: Topology, human: bool) -> Ended {
    let lines = about(&config, &topology);
    let public_url = config.public_url.clone();
    let parts =
        Parts { config, topology, clock: Arc::new(System), store_options: Options::default() };
    let stop_asked = stop_asked();
    let mut app = match App::start(parts).await {
        Ok(app) => app,
        Err(error) => {
            say!("error: {error}");
            if let Some(hint) = hint(&error) {
                say!("hint: {hint}");
            }
            return Ended::Machine;
        }
    };
    announce(&lines, app.address(), public_url.as_deref(), human);
    let asked = tokio::select! {
        () = stop_asked => true,
        () = app.failed() => false,
    };
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
    /// A source that takes requests under this path.
    Path(String),
    Text(String),
}

fn about(config: &Config, topology: &Topology) -> Vec<Line> {
    let source = |source: &Arc<Source>| Line {
        kind: "source",
        name: source.name.to_string(),
        state: match &source.verifier {
            Ok(_) => LineState::Path(format!("/webhooks/{}", source.name)),
            Err(missing) => LineState::Text(format!(
                "not configured, answers 503: {} is not set",
                missing.join(", ")
            )),
        },
    };
    let mut lines: Vec<_> = topology.sources.values().map(source).collect();
    let rate = config.dub.rate_per_minute.map_or("at 80 % of its rate limit".to_owned(), |rate| {
        format!("at most {rate} leads a minute")
    });
    lines.push(Line {
        kind: "destination",
        name: dub().to_string(),
        state: LineState::Text(format!("{}, {rate}", config.dub.url)),
    });
    lines.push(Line {
        kind: "store",
        name: "sqlite".to_owned(),
        state: LineState::Text(config.database.display().to_string()),
    });
    lines
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
            LineState::Path(path) => format!("POST {base}{path}"),
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
