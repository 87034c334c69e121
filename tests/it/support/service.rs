//! The real binary, started on a free port in a folder of its own.

use super::http::Http;
use super::{Database, PATIENCE};
use leadhook::sandbox::destination::Destination;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex};
use tempfile::TempDir;

pub const CLERK_SECRET: &str = "whsec_dGVzdHMtb25seS1jbGVyay1zZWNyZXQ=";
pub const ACTION_SECRET: &str = "whsec_dGVzdHMtb25seS1hY3Rpb24tc2VjcmV0";
pub const AUTH0_TOKEN: &str = "tests-only-auth0-token";
pub const TYPEFORM_SECRET: &str = "tests-only-typeform-secret";
pub const STANDARD_SECRET: &str = "whsec_dGVzdHMtb25seS1zdGFuZGFyZC1zZWNyZXQ=";
/// Of every source that has none above.
pub const SOME_SECRET: &str = "whsec_dGVzdHMtb25seS1zb21lLXNlY3JldC4=";
pub const KEY: &str = "dub_tests_only";

/// What a service is started with; clones share the folder.
#[derive(Clone)]
pub struct Builder {
    folder: Arc<TempDir>,
    variables: Vec<(String, String)>,
    wrapper: Vec<String>,
}

/// A running service. Dropping it kills it.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
    builder: Builder,
    log: Arc<Log>,
    /// Its other end goes when stderr has been read to its end.
    listening: Receiver<SocketAddr>,
}

/// The lines of stderr, and a bell that rings at each.
#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

impl Builder {
    /// The shipped mapping files, every secret set, and `destination`.
    pub fn new(destination: &Destination) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let mappings = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
        let variables = of_shipped_files(&mappings);
        let builder = Self { folder: Arc::new(folder), variables, wrapper: Vec::new() };
        builder
            .with("LEADHOOK_LISTEN", "127.0.0.1:0")
            .with("LEADHOOK_MAPPINGS", &mappings.display().to_string())
            .with("LEADHOOK_LOG_FORMAT", "json")
            .with("LEADHOOK_DUB_URL", destination.url())
            .with("LEADHOOK_DUB_RATE_PER_MINUTE", "1000000")
            .with("LEADHOOK_RETRY_BASE_MS", "1")
            .with("DUB_API_KEY", KEY)
            .with("CLERK_WEBHOOK_SECRET", CLERK_SECRET)
            .with("AUTH0_WEBHOOK_TOKEN", AUTH0_TOKEN)
            .with("AUTH0_WEBHOOK_SECRET", ACTION_SECRET)
            .with("TYPEFORM_WEBHOOK_SECRET", TYPEFORM_SECRET)
            .with("STANDARD_WEBHOOKS_SECRET", STANDARD_SECRET)
    }

    /// With the public address too, which some providers sign: no shipped file lacks anything then.
    pub fn with_public_url(self) -> Self {
        self.with("LEADHOOK_PUBLIC_URL", "https://hooks.example.com")
    }

    /// Sets a variable; an empty value unsets it.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.variables.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Mapping files of the test's own, instead of the shipped ones.
    pub fn mappings(self, files: &[(&str, &str)]) -> Self {
        let folder = self.folder.path().join("mappings");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        for (name, text) in files {
            std::fs::write(folder.join(name), text).expect("the file can be written");
        }
        self.with("LEADHOOK_MAPPINGS", &folder.display().to_string())
    }

    /// Runs the binary through `wrapper`, which must `exec` its arguments.
    pub fn through(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|part| (*part).to_owned()).collect();
        self
    }

    /// The shipped samples beside the test's own mapping files.
    pub fn samples(self) -> Self {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/samples");
        copy(&shipped, &self.folder.path().join("mappings/samples"));
        self
    }

    /// The text of a shipped mapping file.
    pub fn shipped(name: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings").join(name);
        std::fs::read_to_string(path).expect("the mapping file is shipped")
    }

    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The database as the last service left it.
    pub fn database(&self) -> Database {
        Database::open(&self.folder().join("leadhook.db"))
    }

    /// The command, not yet started; the environment holds nothing but what was set.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let binary = env!("CARGO_BIN_EXE_leadhook");
        let mut parts = self.wrapper.iter().map(String::as_str).chain([binary]);
        let mut command = Command::new(parts.next().expect("there is at least the binary"));
        command
            .args(parts)
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts `serve` and waits until it listens.
    #[track_caller]
    pub fn start(self) -> Service {
        let mut child = self
            .command(&["serve"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let log = Arc::new(Log::default());
        let (sender, listening) = std::sync::mpsc::channel();
        let lines = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Some(address) = listening_address(&line) {
                    let _ = sender.send(address);
                }
                lines.lines.lock().expect("no reader panics").push(line);
                lines.more.notify_all();
            }
        });
        match listening.recv_timeout(PATIENCE) {
            Ok(address) => Service { child, address, builder: self, log, listening },
            Err(_) => {
                let _ = child.kill();
                panic!("it does not listen: {:#?}", log.lines.lock().expect("no reader panics"));
            }
        }
    }
}

/// A value for every variable that a shipped mapping file reads, for those that no test is about.
fn of_shipped_files(folder: &Path) -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let paths = files.map(|file| file.expect("an entry").path());
    let texts = paths.filter(|path| path.is_file()).map(std::fs::read_to_string);
    let text: String = texts.collect::<Result<_, _>>().expect("they are texts");
    let references = text.split("\"env:").skip(1).filter_map(|rest| rest.split('"').next());
    let value = |name: &str| match name.ends_with("_URL") {
        true => "https://keys.example.com/jwks",
        false => SOME_SECRET,
    };
    references.map(|name| (name.to_owned(), value(name).to_owned())).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder can be made");
    for entry in std::fs::read_dir(from).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let copied = to.join(path.file_name().expect("entries have names"));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            std::fs::copy(&path, &copied).expect("the file can be copied");
        }
    }
}

fn listening_address(line: &str) -> Option<SocketAddr> {
    let json: serde_json::Value = serde_json::from_str(line).ok()?;
    (json["kind"] == "listening").then(|| json["address"].as_str()?.parse().ok())?
}

impl Service {
    pub fn http(&self) -> Http {
        Http::new(self.address)
    }

    /// The database as it is on disk now.
    pub fn database(&self) -> Database {
        self.builder.database()
    }

    /// What it was started with, to start something else beside it.
    pub fn again(&self) -> Builder {
        self.builder.clone()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Every line written to stderr until now.
    pub fn log(&self) -> Vec<String> {
        self.log.lines.lock().expect("no reader panics").clone()
    }

    /// Waits until `count` lines are written for which `wanted` holds; answers the first.
    #[track_caller]
    pub fn wait_for_log(&self, count: usize, wanted: impl Fn(&str) -> bool) -> String {
        let lines = self.log.lines.lock().expect("no reader panics");
        let too_few =
            |lines: &mut Vec<String>| lines.iter().filter(|line| wanted(line)).count() < count;
        let waited = self.log.more.wait_timeout_while(lines, PATIENCE, too_few);
        let (lines, timeout) = waited.expect("no reader panics");
        assert!(!timeout.timed_out(), "no such lines: {lines:#?}");
        lines.iter().find(|line| wanted(line)).cloned().unwrap_or_default()
    }

    /// SIGTERM, then waits for the end.
    pub fn stop(mut self) -> (ExitStatus, Builder, Vec<String>) {
        terminate(self.pid());
        let status = self.wait();
        (status, self.again(), self.log())
    }

    /// SIGKILL: no chance to finish anything.
    pub fn kill(mut self) -> Builder {
        let _ = self.child.kill();
        self.wait();
        self.again()
    }

    fn wait(&mut self) -> ExitStatus {
        // The pipe closes when the process ends; only then is `wait` sure not to block.
        let ended = self.listening.recv_timeout(PATIENCE);
        assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "the service does not end");
        self.child.wait().expect("the process can be waited for")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// SIGTERM, as an operator or a container platform sends it.
pub fn terminate(pid: u32) {
    send(pid, Signal::TERM);
}

/// SIGHUP, as an operator sends it after an edit.
pub fn hang_up(pid: u32) {
    send(pid, Signal::HUP);
}

fn send(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    assert_eq!(pid.map(|pid| kill_process(pid, signal)), Some(Ok(())));
}

/// Runs a command to its end; answers its exit code, stdout and stderr.
pub fn output(mut command: Command) -> (i32, String, String) {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stderr = child.stderr.take().expect("stderr is piped");
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = stderr.read_to_string(&mut text);
        text
    });
    let mut stdout = String::new();
    let mut pipe = child.stdout.take().expect("stdout is piped");
    pipe.read_to_string(&mut stdout).expect("output is text");
    let status = child.wait().expect("the process can be waited for");
    (status.code().unwrap_or(-1), stdout, errors.join().expect("the reader ends"))
}
