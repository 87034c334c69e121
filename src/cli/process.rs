//! What the process has to do with its machine: its environment, as the argument that the rest of
//! the program takes, the files it may open, and the signals that it obeys.

use crate::config::Environment;
use crate::provider::Surroundings;
use crate::topology::Secrets;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::Read;
use std::path::Path;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Enough for many connections, and no more than systems commonly allow without being asked.
const OPEN_FILES: u64 = 65_536;
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Variables of this process. `NAME_FILE` names a file that holds the value of `NAME`, as container
/// platforms hand out secrets; `NAME` itself wins.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<String> {
        if let Some(value) = std::env::var_os(name) {
            return Some(value.to_string_lossy().into_owned());
        }
        file_of(name)?.ok().map(|text| text.trim().to_owned())
    }

    fn unreadable(&self, name: &str) -> Option<String> {
        std::env::var_os(name).is_none().then(|| file_of(name))??.err()
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
    }
}

/// The text of the file that `NAME_FILE` names, or a sentence that says why there is none.
fn file_of(name: &str) -> Option<Result<String, String>> {
    let path = std::env::var_os(format!("{name}_FILE"))?;
    let unread = |error| format!("{} can't be read: {error}", Path::new(&path).display());
    Some(read(Path::new(&path)).map_err(unread))
}

/// The same, with what else sources verify with.
#[derive(Clone, Debug)]
pub(super) struct ProcessSecrets(Surroundings);

impl ProcessSecrets {
    /// Those of a service that providers see at `public_url`.
    pub(super) fn new(public_url: Option<String>) -> Self {
        Self(Surroundings { public_url, ..Surroundings::default() })
    }
}

impl Environment for ProcessSecrets {
    fn get(&self, name: &str) -> Option<String> {
        ProcessEnvironment.get(name)
    }

    fn unreadable(&self, name: &str) -> Option<String> {
        ProcessEnvironment.unreadable(name)
    }

    fn names(&self) -> Vec<String> {
        ProcessEnvironment.names()
    }
}

impl Secrets for ProcessSecrets {
    fn file(&self, path: &str) -> Result<String, String> {
        read(Path::new(path)).map_err(|error| error.kind().to_string())
    }

    fn surroundings(&self) -> Surroundings {
        self.0.clone()
    }
}

/// Every connection is an open file. Shells and systemd give a process 1,024 and let it ask for
/// more; without more, as many idle connections would keep out webhooks and keep leads in.
pub(super) fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(OPEN_FILES);
    if limit.current.is_some_and(|current| current < wanted) {
        // Without it, it serves as many as it may.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit });
    }
}

/// Ends with SIGTERM or SIGINT. Both are listened to from the call on, not only once this is waited
/// for: until then they kill the process, and attempts under way with it.
pub(super) fn stop_asked() -> impl Future<Output = ()> {
    let mut terminate = signal(SignalKind::terminate()).expect("SIGTERM can be listened to");
    let mut interrupt = signal(SignalKind::interrupt()).expect("SIGINT can be listened to");
    async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// Every SIGHUP from now on; until this is called, one kills the process.
pub(super) fn hang_ups() -> Signal {
    signal(SignalKind::hangup()).expect("SIGHUP can be listened to")
}

/// No further than any secret goes: the path may be that of a device without an end.
fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(SECRET_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}
