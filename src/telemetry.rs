//! Logs and metrics.
//!
//! A log line is written once, where something is handled, with ids and codes as fields; never
//! bodies, tokens or secrets. For people on a terminal, JSON for programs otherwise. What
//! is counted has its names and labels in [`Metrics`].

mod metrics;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

pub use metrics::{METRICS_TYPE, Metrics, ReloadResult};

/// Begins to write logs to stderr. `filter` is in the form of `tracing`'s directives, as in
/// `info,leadhook::delivery=debug`; `human` lines are for a person, others are JSON. A second call
/// changes nothing.
///
/// # Errors
/// A sentence where `filter` can't be read.
pub fn init_logs(filter: &str, human: bool, colour: bool) -> Result<(), String> {
    // The HTTP library tells of its threads at every start, and of every broken request, so that
    // anybody could fill the disk. What the user's filter says of them wins.
    let filter = format!("actix_server=warn,actix_http=off,{filter}");
    let filter = EnvFilter::builder().parse(filter).map_err(|error| error.to_string())?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = if human {
        lines.with_ansi(colour).with_target(false).with_timer(TimeOfDay).try_init()
    } else {
        lines.json().flatten_event(true).with_timer(SystemTime).try_init()
    };
    // Only a second call fails.
    let _ = begun;
    Ok(())
}

/// A person needs the time of day, not the date.
struct TimeOfDay;

impl FormatTime for TimeOfDay {
    fn format_time(&self, w: &mut tracing_subscriber::fmt::format::Writer<'_>) -> std::fmt::Result {
        write!(w, "{}", jiff::Timestamp::now().strftime("%H:%M:%S%.3f"))
    }
}
