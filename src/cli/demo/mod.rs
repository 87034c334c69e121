//! `leadhook demo`: the real service on a throw-away store, with a stand-in destination and signed
//! sample webhooks, sent over HTTP as the providers would.

mod folder;
mod show;
mod sources;

use super::process::stop_asked;
use super::{Ended, block_on, colour, report};
use crate::app::{App, MappingFiles, Parts};
use crate::clock::{Clock, System};
use crate::config::{self, Config, Environment};
use crate::model::{DeliveryState, EventId, Timestamp};
use crate::sandbox::destination::{Destination, Options as DestinationOptions};
use crate::sandbox::traffic::{Sample, samples};
use crate::store::{Store, StoredEvent, sqlite};
use crate::telemetry::init_logs;
use crate::topology::{Origin, Topology};
use clap::Args;
use folder::Scratch;
use sources::{DemoFiles, DemoSecrets};
use std::collections::HashSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

const KEY: &str = "dub_demo";
/// How long to wait for the samples' leads.
const SETTLE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Address to listen on; a free port is taken where this one is in use
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Show the table and stop, instead of going on serving
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub(super) fn run(self) -> Ended {
        if !self.listen.ip().is_loopback() {
            say!("error: the demo's secrets are public, so that it listens on loopback only");
            return Ended::Machine;
        }
        let Some(mappings) = mappings() else { return Ended::Machine };
        // Only what goes wrong: the table tells the rest.
        if let Err(error) = init_logs("error", true, colour()) {
            say!("error: {error}");
        }
        match block_on(demo(self, mappings)) {
            Ok(Ok(())) => Ended::Done,
            Ok(Err(error)) => {
                say!("error: {error:#}");
                Ended::Machine
            }
            Err(error) => {
                say!("error: the runtime could not start: {error}");
                Ended::Machine
            }
        }
    }
}

/// The files of the demo, which never change; `None` where one has a fault.
fn mappings() -> Option<MappingFiles> {
    let origin =
        Origin { folder: Arc::new(DemoFiles), secrets: Arc::new(DemoSecrets), strict: true };
    let files = origin.files().unwrap_or_else(|fault| {
        report(&[fault]);
        Vec::new()
    });
    for file in &files {
        report(&file.diagnostics);
    }
    let (_, wake_ups) = mpsc::channel(1);
    let good = !files.is_empty() && files.iter().all(|file| file.source.is_some());
    good.then_some(MappingFiles { files, origin, wake_ups })
}

async fn demo(arguments: Demo, mappings: MappingFiles) -> anyhow::Result<()> {
    let scratch = Scratch::new()?;
    let destination =
        Destination::start(DestinationOptions { api_key: KEY.to_owned(), ..Default::default() })?;
    let listen = free_address(arguments.listen);
    let config = settings(listen, &scratch, &destination)?;
    let sources = mappings.files.iter().filter_map(|file| file.source.clone());
    let samples = samples(&Topology::of(sources));
    let parts = Parts {
        config,
        mappings,
        clock: Arc::new(System),
        store_options: sqlite::Options::default(),
        admin_token: None,
    };
    let app = App::start(parts).await?;
    show::started(app.address(), destination.url());
    let seen = send_samples(&app, &samples).await?;
    let stop_asked = stop_asked();
    show::how_to_send(app.address());
    if !arguments.once {
        tokio::select! {
            () = stop_asked => {}
            () = show_what_comes(&app, seen) => {}
        }
    }
    app.stop().await;
    Ok(())
}

/// The wished address, or one with a free port where that is in use.
fn free_address(wished: SocketAddr) -> SocketAddr {
    match TcpListener::bind(wished) {
        Ok(_) => wished,
        Err(_) => SocketAddr::new(wished.ip(), 0),
    }
}

fn settings(
    listen: SocketAddr,
    scratch: &Scratch,
    destination: &Destination,
) -> anyhow::Result<Config> {
    let variables = vec![
        ("LEADHOOK_LISTEN", listen.to_string()),
        ("LEADHOOK_DATABASE_URL", format!("sqlite:{}", scratch.database().display())),
        ("DUB_API_KEY", KEY.to_owned()),
        ("LEADHOOK_DUB_URL", destination.url().to_owned()),
    ];
    let (config, _, diagnostics) = config::load(None, &Variables(variables));
    report(&diagnostics);
    config.ok_or_else(|| anyhow::anyhow!("the demo's settings are not valid"))
}

/// Sends every sample, shows the table, and answers the events that it has shown.
async fn send_samples(app: &App, samples: &[Sample]) -> anyhow::Result<HashSet<EventId>> {
    let store = app.store();
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for sample in samples {
        let request = sample.request(System.now());
        let url = format!("http://{}/webhooks/{}", app.address(), sample.source);
        let mut call = http.post(url).body(request.body);
        for (name, value) in request.headers {
            call = call.header(name, value);
        }
        let answer = call.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        let mut events = Vec::new();
        for event in store.newest_events(16).await? {
            if seen.insert(event.id) {
                events.push(event.id);
            }
        }
        events.reverse();
        rows.push(show::Row { title: sample.title, status, answer: text, events });
    }
    let deadline = System.now().plus(SETTLE);
    let ids: Vec<_> = rows.iter().flat_map(|row| row.events.iter().copied()).collect();
    let mut events = Vec::new();
    for id in ids {
        events.push(settled(&*store, id, deadline).await?);
    }
    show::table(&rows, &events.into_iter().flatten().collect::<Vec<_>>());
    Ok(seen)
}

/// The event once nothing more happens to it by itself, or as it is at the deadline.
async fn settled(
    store: &dyn Store,
    id: EventId,
    deadline: Timestamp,
) -> anyhow::Result<Option<StoredEvent>> {
    loop {
        let event = store.event(id).await?;
        let done = event.as_ref().is_none_or(|event| {
            event.deliveries.iter().all(|delivery| {
                delivery.state.is_final() || delivery.state == DeliveryState::Parked
            })
        });
        if done || System.now() >= deadline {
            return Ok(event);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// One line for each event that the user sends.
async fn show_what_comes(app: &App, mut seen: HashSet<EventId>) {
    let store = app.store();
    loop {
        tokio::time::sleep(LOOK_EVERY * 4).await;
        let Ok(newest) = store.newest_events(64).await else { continue };
        for event in newest.into_iter().rev() {
            if seen.insert(event.id)
                && let Ok(Some(event)) =
                    settled(&*store, event.id, System.now().plus(Duration::from_secs(2))).await
            {
                show::line(&event);
            }
        }
    }
}

struct Variables(Vec<(&'static str, String)>);

impl Environment for Variables {
    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
    }

    fn names(&self) -> Vec<String> {
        self.0.iter().map(|(key, _)| (*key).to_owned()).collect()
    }
}
