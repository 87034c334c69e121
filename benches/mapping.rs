//! What a mapping file costs: a Clerk sign-up translated by one, against the same translation
//! written by hand in Rust, both from the bytes of the event to the bytes of the lead.
//!
//! `cargo bench --bench mapping` prints both times and their ratio, which must stay within 1.5. The
//! hand-written one does what a careful person would write for this one event: the same trimming,
//! the same rules of the destination, the same order of fields. That both give the same bytes is
//! asserted before anything is measured.

#[path = "mapping/by_hand.rs"]
mod by_hand;

use bytes::Bytes;
use criterion::Criterion;
use leadhook::diagnostic::{SourceText, render_all};
use leadhook::mapping::{Mapping, parse};
use leadhook::model::{EventView, Headers, QueryString, Timestamp, Translation};
use leadhook::provider::{Content, Provider};
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

const EVENT: &[u8] = include_bytes!("mapping/user.created.json");
const FILE: &str = include_str!("mapping/clerk.toml");
const RATIO_MAX: f64 = 1.5;
/// How often the two are compared.
const ROUNDS: usize = 101;
/// How often each of them runs for one comparison.
const RUNS: usize = 200;

fn main() -> ExitCode {
    let by_file = ByFile::new();
    let event = Bytes::from_static(EVENT);
    let by_hand = || by_hand::translate(black_box(&event));
    let by_file = || by_file.translate(black_box(&event));
    assert_eq!(by_file(), by_hand(), "both make the same lead");
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("a Clerk sign-up");
    group.bench_function("by hand", |bencher| bencher.iter(by_hand));
    group.bench_function("by mapping file", |bencher| bencher.iter(by_file));
    group.finish();
    let ratio = ratio(by_file, by_hand);
    println!("ratio: {ratio:.2} (at most {RATIO_MAX})");
    if ratio <= RATIO_MAX { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the service has in memory for a source.
struct ByFile {
    provider: Arc<Provider>,
    mapping: Arc<Mapping>,
    headers: Headers,
    query: QueryString,
}

impl ByFile {
    fn new() -> Self {
        let destination = "dub".parse().expect("a name");
        let text = Arc::new(SourceText::new("clerk.toml", FILE));
        let (file, faults) = parse(&text, FILE, &[destination]);
        let file = file.unwrap_or_else(|| panic!("{}", render_all(&faults)));
        let provider = Provider::find(&file.provider.value).expect("it is in the catalogue");
        let id = [("svix-id".to_owned(), "msg_2pRk7QmVh0sLx3TzYbW9dNcEaUf".to_owned())];
        let headers = Headers::new(id);
        Self { provider, mapping: file.mapping, headers, query: QueryString::default() }
    }

    fn translate(&self, body: &Bytes) -> Bytes {
        let events = self.provider.split(Content::new(&self.headers, body), 1);
        let event = &events[0];
        let (mut applied, _) = self.mapping.apply_watched(EventView {
            provider_event_id: event.provider_event_id.as_deref(),
            event_type: event.event_type.as_deref(),
            received_at: Timestamp::from_millis(0),
            headers: &self.headers,
            query: &self.query,
            json: event.json.as_ref().expect("it is JSON"),
        });
        match applied.outcomes.pop().map(|outcome| outcome.translation) {
            Some(Translation::Lead(lead)) => lead.body,
            other => panic!("{other:?}"),
        }
    }
}

/// How much longer `ours` takes than `theirs`: the median of many comparisons, so that whatever else
/// the machine does in between touches both alike.
fn ratio(ours: impl Fn() -> Bytes, theirs: impl Fn() -> Bytes) -> f64 {
    let mut ratios: Vec<f64> =
        (0..ROUNDS).map(|_| time(&ours).as_secs_f64() / time(&theirs).as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ROUNDS / 2]
}

fn time(translate: impl Fn() -> Bytes) -> Duration {
    let start = Instant::now();
    for _ in 0..RUNS {
        black_box(translate());
    }
    start.elapsed()
}
