//! The commands: one file each. Data goes to stdout, all else to stderr; exit code 0 is done, 1
//! your input is at fault, 2 usage or machine.

#[macro_use]
mod print;

mod admin_token;
mod archive;
mod case_text;
mod check;
mod config;
mod coverage;
mod demo;
mod events;
mod files;
mod health;
mod help;
mod init;
mod map;
mod outcome;
mod payload;
mod process;
mod progress;
mod readable;
mod rejections;
mod report;
mod sample;
mod schema;
mod serve;
mod since;
mod sources;
mod test;
mod trigger;
mod unsent;
mod verify;
mod watch;
mod write;

use crate::config::{Config, LogFormat, Shown, load};
use crate::diagnostic::{Code, Diagnostic, Place};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use process::{ProcessEnvironment, ProcessSecrets};
use report::report;
use std::fmt::Display;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// Turns signed webhooks of auth and form providers into Dub leads, durably.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, propagate_version = true)]
struct Arguments {
    /// Settings file [default: leadhook.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE", env = "LEADHOOK_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service
    Serve(serve::Serve),
    /// Try it: a throw-away store, a stand-in destination and signed sample webhooks
    Demo(demo::Demo),
    /// Check settings and mapping files; report every fault with its place
    Check(check::Check),
    /// Run the cases of mapping files and show, field by field, why one fails
    Test(test::Test),
    /// Translate a payload or stored events; explain every field, compare mapping files
    Map(Box<map::Map>),
    /// Export stored events
    Events(events::Events),
    /// Look at refused requests, and admit them once the secret is mended
    Rejections(rejections::Rejections),
    /// Verify a captured request: why it passes, or what is probably wrong
    Verify(verify::Verify),
    /// Send signed samples to a running service: for first set-up, and for staging
    Trigger(trigger::Trigger),
    /// Print the settings in force and where each came from, secrets masked
    Config(config::ShowConfig),
    /// Show how often each field found something in past events, and what changed
    Coverage(coverage::ShowCoverage),
    /// Begin mapping files: commented ones for providers, with cases and samples
    Init(init::Init),
    /// Make samples of real events, with nobody's data in them
    Sample(sample::Sample),
    /// Print the JSON Schema by which editors complete and check mapping files
    Schema(schema::Schema),
    /// Ask a running service whether it is alive; for container health checks
    Health(health::Health),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Done,
    /// What the user gave is at fault.
    Input,
    /// The command could not be carried out: usage or machine.
    Machine,
}

/// Parses the arguments and runs the command.
pub fn run() -> ExitCode {
    // Clap prints usage faults itself and exits with 2.
    let matches = help::grouped(Arguments::command()).get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let ended = match arguments.command {
        Command::Serve(command) => command.run(arguments.config),
        Command::Demo(command) => command.run(),
        Command::Check(command) => command.run(arguments.config),
        Command::Test(command) => command.run(arguments.config),
        Command::Map(command) => command.run(arguments.config),
        Command::Events(command) => command.run(arguments.config),
        Command::Rejections(command) => command.run(arguments.config),
        Command::Verify(command) => command.run(arguments.config),
        Command::Trigger(command) => command.run(arguments.config),
        Command::Config(command) => command.run(arguments.config),
        Command::Coverage(command) => command.run(arguments.config),
        Command::Init(command) => command.run(arguments.config),
        Command::Sample(command) => command.run(arguments.config),
        Command::Schema(command) => command.run(),
        Command::Health(command) => command.run(arguments.config),
    };
    ExitCode::from(match ended {
        Ended::Done => 0,
        Ended::Input => 1,
        Ended::Machine => 2,
    })
}

/// The names of all commands, for the test that compares them with the README.
pub fn command_names() -> Vec<String> {
    let command = Arguments::command();
    command.get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

/// Settings from the file and the environment, with what is to be said of them.
struct Settings {
    config: Option<Config>,
    shown: Vec<Shown>,
    diagnostics: Vec<Diagnostic>,
}

impl Settings {
    /// The folder of the mapping files; known also where another setting is wrong, so that the
    /// faults of both are told at once.
    fn mappings(&self) -> Option<PathBuf> {
        let shown = self.shown.iter().find(|shown| shown.key == "mappings")?;
        Some(PathBuf::from(&shown.value))
    }

    /// What the mapping files name outside themselves.
    fn secrets(&self) -> ProcessSecrets {
        let public_url = self.config.as_ref().and_then(|config| config.public_url.clone());
        ProcessSecrets::new(public_url)
    }

    /// Nothing can be sent without the key of the destination.
    fn missing_key(&self) -> Option<Diagnostic> {
        self.config.as_ref().filter(|config| config.dub.api_key.is_none())?;
        let place = Place::Environment("DUB_API_KEY".to_owned());
        let fault = Diagnostic::error(Code::SettingMissing, place, "DUB_API_KEY is not set");
        let hint = "create a key with the scope conversions.write in your Dub workspace's settings; \
                    `leadhook demo` and `leadhook check mappings` need none";
        Some(fault.hint(hint.to_owned()))
    }
}

fn settings(path: Option<PathBuf>) -> Settings {
    let named = path.is_some();
    let path = path.unwrap_or_else(|| PathBuf::from("leadhook.toml"));
    let name = path.display().to_string();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if !named && error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            let message = format!("the settings file can't be read: {error}");
            let fault = Diagnostic::error(Code::FileUnreadable, Place::Path(name), message);
            return Settings { config: None, shown: Vec::new(), diagnostics: vec![fault] };
        }
    };
    let file = text.as_deref().map(|text| (name.as_str(), text));
    let (config, shown, diagnostics) = load(file, &ProcessEnvironment);
    Settings { config, shown, diagnostics }
}

/// A number of things in words, as in `2 cases`.
fn count<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn human(format: LogFormat) -> bool {
    match format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    }
}

fn colour() -> bool {
    print::colours(std::io::stderr().is_terminal())
}

/// Runs a future to its end on a runtime of its own.
fn block_on<T>(future: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    Ok(runtime.block_on(future))
}
