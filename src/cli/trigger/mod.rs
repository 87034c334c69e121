//! `leadhook trigger`: a sample, signed as the provider signs, to a running service.

mod answers;
mod sample;

use super::files::{self, Disk};
use super::health::reachable;
use super::print::json_text;
use super::{Ended, Settings, block_on, report, settings, sources};
use crate::clock::{Clock, System};
use crate::model::SourceName;
use crate::provider::{PrivateKey, Verifier};
use crate::sandbox::sending::{Outgoing, Sending, Tamper};
use crate::topology::{Source, load_files};
use answers::{Answer, Answers};
use clap::{Args, ValueEnum};
use sample::Sample;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

const TIMEOUT: Duration = Duration::from_secs(30);
/// Requests under way at the same time.
const AT_ONCE: usize = 32;

#[derive(Debug, Args)]
pub(super) struct Trigger {
    /// The source to send to, as in clerk
    source: SourceName,
    /// The sample: a file, or the name of one of the provider's, as in user.created
    sample: String,
    /// The running service [default: the address that the settings say]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// How many requests; each has an event id of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// Requests a second at the most
    #[arg(long, value_name = "R", value_parser = rate)]
    rate: Option<f64>,
    /// Keep the sample's own event id, as a provider does that sends it again
    #[arg(long)]
    same_id: bool,
    /// Spoil the requests: the service must refuse them
    #[arg(long, value_name = "WHAT")]
    tamper: Option<Spoilt>,
    /// A header field to send along, as in 'x-github-event: star'
    #[arg(long = "header", value_name = "FIELD", value_parser = header)]
    headers: Vec<(String, String)>,
    /// A private key in PEM, for providers that sign with one: its public half must be in the key
    /// set that the source fetches
    #[arg(long, value_name = "FILE")]
    private_key: Option<PathBuf>,
    /// What the key set calls that key
    #[arg(long, value_name = "ID", requires = "private_key")]
    key_id: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Spoilt {
    /// Another body than the signed one
    Body,
    /// Another signature or credential
    Signature,
    /// Signed a day ago
    Timestamp,
    /// Neither signature nor credential
    Unsigned,
}

impl From<Spoilt> for Tamper {
    fn from(spoilt: Spoilt) -> Self {
        match spoilt {
            Spoilt::Body => Tamper::Body,
            Spoilt::Signature => Tamper::Signature,
            Spoilt::Timestamp => Tamper::Timestamp,
            Spoilt::Unsigned => Tamper::Unsigned,
        }
    }
}

impl Trigger {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let settings = settings(config);
        block_on(self.send_all(settings)).unwrap_or_else(|error| {
            say!("error: the runtime could not start: {error}");
            Ended::Machine
        })
    }

    async fn send_all(self, settings: Settings) -> Ended {
        match self.try_send_all(settings).await {
            Ok(ended) | Err(ended) => ended,
        }
    }

    async fn try_send_all(self, settings: Settings) -> Result<Ended, Ended> {
        let base = self.base(&settings)?;
        let (source, verifier, disk) = self.source(&settings)?;
        let sample = Sample::find(&self.sample, &source, &disk)?;
        let private_key = self.private_key()?;
        let headers = sample.headers_with(&self.headers);
        let sending = Sending {
            source: &source.name,
            provider: &source.provider,
            verifier: &verifier,
            sample: &sample.body,
            headers: &headers,
            private_key: private_key.as_ref(),
        };
        let answers = self.send(&sending, &base).await?;
        if self.json {
            out!("{}", json_text(&answers.json()));
        } else {
            answers.show(&format!("{base}/webhooks/{}", source.name));
        }
        Ok(answers.ended(self.tamper.is_some()))
    }

    async fn send(&self, sending: &Sending<'_>, base: &str) -> Result<Answers, Ended> {
        let http = client().map_err(|error| {
            say!("error: {error}");
            Ended::Machine
        })?;
        let mut answers = Answers::default();
        let mut under_way: JoinSet<Answer> = JoinSet::new();
        let mut pace = self.rate.map(|rate| interval(Duration::from_secs_f64(1.0 / rate)));
        if let Some(pace) = &mut pace {
            pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        }
        for _ in 0..self.count {
            if let Some(pace) = &mut pace {
                pace.tick().await;
            }
            while under_way.len() >= AT_ONCE {
                answers.extend(under_way.join_next().await);
            }
            let request = self.request(sending)?;
            let http = http.clone();
            let url = format!("{base}{}", request.target);
            under_way.spawn(async move { Answer::of(send_one(&http, &url, request).await) });
        }
        while let Some(answer) = under_way.join_next().await {
            answers.extend(Some(answer));
        }
        Ok(answers)
    }

    /// The next request, with an event id that no other has.
    fn request(&self, sending: &Sending<'_>) -> Result<Outgoing, Ended> {
        let number = uuid::Uuid::now_v7().as_u128();
        let event_id = match self.same_id {
            true => "trigger".to_owned(),
            false => format!("trigger_{number:032x}"),
        };
        // JSON numbers of that size come through every language unchanged.
        #[expect(clippy::cast_possible_truncation, reason = "as many bits as are wanted")]
        let short = (number as u64) & ((1 << 53) - 1);
        let sample = match self.same_id {
            true => sending.sample.clone(),
            false => sending.provider.renumbered(sending.sample, short),
        };
        let sending = Sending { sample: &sample, ..*sending };
        let request = sending.request(&event_id, System.now(), self.tamper.map(Tamper::from));
        request.map_err(|error| {
            say!("error: {error}");
            if self.private_key.is_none() {
                say!(
                    "hint: for tests, name a key of your own with --private-key, and let \
                      `jwks_url` lead to its public half"
                );
            }
            Ended::Input
        })
    }

    fn base(&self, settings: &Settings) -> Result<String, Ended> {
        if let Some(url) = &self.url {
            return Ok(url.trim_end_matches('/').to_owned());
        }
        let Some(config) = &settings.config else {
            report(&settings.diagnostics);
            return Err(Ended::Input);
        };
        Ok(format!("http://{}", reachable(config.listen)))
    }

    fn source(&self, settings: &Settings) -> Result<(Arc<Source>, Verifier, Disk), Ended> {
        let Some(folder) = settings.mappings() else {
            report(&settings.diagnostics);
            return Err(Ended::Input);
        };
        let path = files::of_source(&folder, &self.source).map_err(|fault| {
            report(&[fault]);
            Ended::Input
        })?;
        let disk = Disk::path(&path);
        let files = load_files(&disk, &settings.secrets(), false).map_err(|fault| {
            report(&[fault]);
            Ended::Machine
        })?;
        let (source, verifier) = sources::verifying(&files, &self.source)?;
        Ok((source, verifier, disk))
    }

    fn private_key(&self) -> Result<Option<PrivateKey>, Ended> {
        let Some(path) = &self.private_key else { return Ok(None) };
        let refused = |error: String| {
            say!("error: {}: {error}", path.display());
            Ended::Input
        };
        let pem = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        PrivateKey::from_pem(&pem, self.key_id.clone()).map(Some).map_err(refused)
    }
}

fn client() -> Result<reqwest::Client, String> {
    // Fails only where it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .timeout(TIMEOUT)
        .user_agent(concat!("leadhook/", env!("CARGO_PKG_VERSION"), " trigger"))
        .build()
        .map_err(|error| error.to_string())
}

async fn send_one(
    http: &reqwest::Client,
    url: &str,
    request: Outgoing,
) -> reqwest::Result<(u16, String)> {
    let mut call = http.post(url).body(request.body);
    for (name, value) in request.headers {
        call = call.header(name, value);
    }
    let response = call.send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "a number is needed".to_owned())?;
    if (0.001..=100_000.0).contains(&rate) {
        Ok(rate)
    } else {
        Err("it goes from 0.001 to 100000".to_owned())
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("as in 'x-github-event: star'")?;
    Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}
