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
    use crate::clock::Manual;
    use crate::topology::Topology;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const KEYS: &str = include_str!("../../tests/keys/jwks.json");

    /// A page that answers what it is told to, and counts who asks.
    struct Page {
        url: String,
        answer: Arc<Mutex<String>>,
        asked: Arc<AtomicUsize>,
    }

    impl Page {
        fn new(answer: &str) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}/jwks", listener.local_addr().unwrap());
            let page = Self {
                url,
                answer: Arc::new(Mutex::new(answer.to_owned())),
                asked: Arc::default(),
            };
            let (answer, asked) = (Arc::clone(&page.answer), Arc::clone(&page.asked));
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    let lines = BufReader::new(&stream).lines().map_while(Result::ok);
                    lines.take_while(|line| !line.is_empty()).for_each(drop);
                    asked.fetch_add(1, Ordering::SeqCst);
                    let answer = answer.lock().unwrap().clone();
                    let _ = stream.write_all(answer.as_bytes());
                }
            });
            page
        }

        fn answers(&self, answer: String) {
            *self.answer.lock().unwrap() = answer;
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }
    }

    fn ok(fields: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
        )
    }

    fn fetcher(clock: &Arc<Manual>) -> (KeyFetcher, KeySets) {
        let sets = KeySets::default();
        let in_force = Arc::new(InForce::new(Topology::default()));
        let clock = Arc::clone(clock) as Arc<dyn Clock>;
        (KeyFetcher::new(sets.clone(), in_force, clock).unwrap(), sets)
    }

    fn clock() -> Arc<Manual> {
        Arc::new(Manual::at(Timestamp::from_millis(1_767_225_600_000)))
    }

    #[tokio::test]
    async fn other_keys_are_there_after_a_pause_and_nobody_is_asked_more_often() {
        let one = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"old","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        let page = Page::new(&ok("", one));
        let clock = clock();
        let (fetcher, sets) = fetcher(&clock);
        fetcher.fetch(&page.url).await;
        assert_eq!(sets.get(&page.url).as_deref(), KeySet::parse(one.as_bytes()).ok().as_ref());
        page.answers(ok("", KEYS));
        fetcher.fetch(&page.url).await;
        clock.advance(PAUSE - Duration::from_millis(1));
        fetcher.fetch(&page.url).await;
        assert_eq!(page.asked(), 1);
        clock.advance(Duration::from_millis(1));
        fetcher.fetch(&page.url).await;
        assert_eq!(page.asked(), 2);
        assert_eq!(sets.get(&page.url).as_deref(), KeySet::parse(KEYS.as_bytes()).ok().as_ref());
    }

    #[tokio::test]
    async fn a_set_is_asked_for_ahead_only_when_it_is_no_longer_fresh() {
        let page = Page::new(&ok("Cache-Control: max-age=600\r\n", KEYS));
        let clock = clock();
        let (fetcher, _) = fetcher(&clock);
        fetcher.ask(&page.url, false).await;
        clock.advance(Duration::from_secs(599));
        fetcher.ask(&page.url, false).await;
        assert_eq!(page.asked(), 1);
        clock.advance(Duration::from_secs(1));
        fetcher.ask(&page.url, false).await;
        assert_eq!(page.asked(), 2);
    }

    #[tokio::test]
    async fn a_page_that_fails_leaves_the_set_that_there_is() {
        let page = Page::new(&ok("", KEYS));
        let clock = clock();
        let (fetcher, sets) = fetcher(&clock);
        fetcher.fetch(&page.url).await;
        let known = sets.get(&page.url).unwrap();
        let elsewhere = Page::new(&ok("", KEYS));
        for answer in [
            "HTTP/1.1 500 x\r\nConnection: close\r\n\r\n".to_owned(),
            // Keys decide who is believed: they come from where they are said to be, or not at all.
            format!("HTTP/1.1 302 x\r\nConnection: close\r\nLocation: {}\r\n\r\n", elsewhere.url),
            ok("", "<html>"),
            ok("", "{\"keys\":[]}"),
            ok("", &format!("{{\"x\":\"{}\"}}", "x".repeat(BYTES_MAX))),
        ] {
            page.answers(answer);
            clock.advance(PAUSE);
            fetcher.fetch(&page.url).await;
            assert!(Arc::ptr_eq(&sets.get(&page.url).unwrap(), &known));
        }
        assert_eq!((page.asked(), elsewhere.asked()), (6, 0));
    }

    #[test]
    fn the_age_is_read_among_other_directives() {
        let seconds = |field| max_age(field).map(|age| age.as_secs());
        assert_eq!(seconds("max-age=600"), Some(600));
        assert_eq!(seconds("public, max-age=\"60\", must-revalidate"), Some(60));
        assert_eq!(seconds("no-store"), None);
        assert_eq!(seconds("max-age=soon"), None);
    }
}
