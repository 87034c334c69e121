//! Fetches the key sets that providers publish, and hands them in as data: ahead of need for every
//! source that verifies with one, and at once when a token names a key that is not known.
//!
//! Kept here: no address is asked more often than every few seconds, however many tokens name
//! unknown keys; a page that fails leaves the set that there is.

use crate::clock::Clock;
use crate::ingest::FetchKeys;
use crate::model::Timestamp;
use crate::provider::{KeySet, KeySets};
use crate::topology::InForce;
use reqwest::header::CACHE_CONTROL;
use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(5);
const BYTES_MAX: usize = 256 * 1024;
/// Between two questions to one address.
const PAUSE: Duration = Duration::from_secs(10);
/// How often it is looked whether some set is due.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How long a set is fresh, where its page doesn't say.
const FRESH: Duration = Duration::from_secs(3_600);
const FRESH_MIN: Duration = Duration::from_secs(300);
const FRESH_MAX: Duration = Duration::from_secs(86_400);

/// Fetches key sets.
pub(super) struct KeyFetcher {
    http: reqwest::Client,
    sets: KeySets,
    in_force: Arc<InForce>,
    clock: Arc<dyn Clock>,
    pages: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Page>>>>,
}

/// What is known of the page of a key set.
#[derive(Default)]
struct Page {
    asked_at: Option<Timestamp>,
    /// `None` as long as it was never read.
    fresh_until: Option<Timestamp>,
}

/// Fetches the set at `url` once, for a command.
///
/// # Errors
/// Why it could not be fetched.
pub async fn fetch_key_set(url: &str, sets: &KeySets) -> Result<(), String> {
    let (set, _) = read(&client()?, url).await?;
    sets.put(url, set);
    Ok(())
}

fn client() -> Result<reqwest::Client, String> {
    // Fails only where it is installed already, by an earlier client.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .user_agent(concat!("leadhook/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.to_string())
}

impl KeyFetcher {
    /// # Errors
    /// A sentence where the TLS roots can't be read.
    pub(super) fn new(
        sets: KeySets,
        in_force: Arc<InForce>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        Ok(Self { http: client()?, sets, in_force, clock, pages: Mutex::default() })
    }

    /// Keeps every set fresh that some source verifies with. Never ends.
    pub(super) async fn run(self: Arc<Self>) {
        loop {
            let topology = self.in_force.topology();
            let urls: BTreeSet<String> = topology
                .configured()
                .filter_map(|source| source.verifier.as_ref().ok()?.key_set_url())
                .map(str::to_owned)
                .collect();
            for url in urls {
                let fetcher = Arc::clone(&self);
                // One page that hangs must not keep the others waiting.
                tokio::spawn(async move { fetcher.ask(&url, false).await });
            }
            self.clock.sleep_until(self.clock.now().plus(LOOK_EVERY)).await;
        }
    }

    /// Asks for the set at `url`, if it was not asked for just now, and, unless it is `wanted`, only
    /// where it is no longer fresh.
    async fn ask(&self, url: &str, wanted: bool) {
        let page = {
            let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(pages.entry(url.to_owned()).or_default())
        };
        // Whoever waits here finds that it was just asked for.
        let mut page = page.lock().await;
        let now = self.clock.now();
        let is_asked = page.asked_at.is_some_and(|at| now < at.plus(PAUSE) && now >= at);
        let is_fresh = page.fresh_until.is_some_and(|until| now < until);
        if is_asked || is_fresh && !wanted {
            return;
        }
        page.asked_at = Some(now);
        match read(&self.http, url).await {
            Ok((set, fresh_for)) => {
                self.sets.put(url, set);
                page.fresh_until = Some(now.plus(fresh_for));
                tracing::info!(url, "key set fetched");
            }
            Err(reason) => tracing::warn!(url, reason, "key set could not be fetched"),
        }
    }
}

async fn read(http: &reqwest::Client, url: &str) -> Result<(KeySet, Duration), String> {
    let told = |error: reqwest::Error| error.without_url().to_string();
    let mut response = http.get(url).send().await.map_err(told)?;
    let status = response.status();
    if !status.is_success() {
        return Err(format!("it answered {}", status.as_u16()));
    }
    let fresh_for = response.headers().get(CACHE_CONTROL).and_then(|it| it.to_str().ok());
    let fresh_for = fresh_for.and_then(max_age).unwrap_or(FRESH).clamp(FRESH_MIN, FRESH_MAX);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(told)? {
        if body.len() + chunk.len() > BYTES_MAX {
            return Err(format!("it is larger than {BYTES_MAX} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    KeySet::parse(&body).map(|set| (set, fresh_for))
}

impl FetchKeys for KeyFetcher {
    fn fetch<'a>(&'a self, url: &'a str) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(self.ask(url, true))
    }
}

/// `max-age` of a `Cache-Control` field (RFC 9111, 5.2.2.1).
fn max_age(field: &str) -> Option<Duration> {
    let directives = field.split(',').map(str::trim);
    let seconds = directives.filter_map(|it| it.strip_prefix("max-age=")).next()?;
    seconds.trim_matches('"').parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_is_read_among_other_directives() {
        let seconds = |field| max_age(field).map(|age| age.as_secs());
        assert_eq!(seconds("max-age=600"), Some(600));
        assert_eq!(seconds("public, max-age=\"60\", must-revalidate"), Some(60));
        assert_eq!(seconds("no-store"), None);
        assert_eq!(seconds("max-age=soon"), None);
    }
}
