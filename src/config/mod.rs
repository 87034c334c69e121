//! Settings: a file and the environment, resolved into one checked [`Config`], or every fault at
//! once.
//!
//! The environment is an argument, never read here, and wins over the file. The file's shape and
//! the settings' meaning are apart: [`raw`] knows which settings there are and where each value
//! came from, [`resolve`] what it means. Absent here: mapping files and their secrets.

mod raw;
mod resolve;

use crate::diagnostic::Diagnostic;
use crate::model::{Network, Secret};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use raw::{Environment, SETTINGS, Setting};

/// The commented example, which is the manual of the settings file.
pub const EXAMPLE: &str = include_str!("../../leadhook.example.toml");

/// The resolved settings of a running service.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// What providers see, as in `https://hooks.example.com`; without a slash at the end.
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// What operators show to the API.
    pub admin_token: Option<Secret>,
    /// The SQLite database file.
    pub database: PathBuf,
    pub mappings: PathBuf,
    /// How often mapping files are read again although no change was seen.
    pub reload_poll: Duration,
    /// How long events are kept after their deliveries are settled.
    pub retention: Duration,
    pub body_bytes_max: usize,
    pub body_timeout: Duration,
    pub batch_events_max: usize,
    pub dub: Dub,
    pub retry: Retry,
    pub log: String,
    pub log_format: LogFormat,
}

/// The destination.
#[derive(Clone, Debug)]
pub struct Dub {
    pub api_key: Option<Secret>,
    pub url: String,
    /// `None` learns the limit from the destination.
    pub rate_per_minute: Option<u32>,
    pub concurrency: usize,
    pub timeout: Duration,
}

/// When a failed attempt is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    pub base: Duration,
    pub give_up_after: Duration,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Auto,
    Human,
    Json,
}

/// A setting as `leadhook config` shows it: its value with secrets masked, and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub key: &'static str,
    pub value: String,
    pub origin: String,
}

/// Reads and resolves all settings. `file` is the settings file's name and text, if there is one.
/// Answers the settings unless some fault is an error, how each is shown, and every fault found.
pub fn load(
    file: Option<(&str, &str)>,
    environment: &dyn Environment,
) -> (Option<Config>, Vec<Shown>, Vec<Diagnostic>) {
    let (raw, mut diagnostics) = raw::collect(file, environment);
    let shown = raw.shown();
    let config = resolve::resolve(&raw, &mut diagnostics);
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    (if failed { None } else { config }, shown, diagnostics)
}
