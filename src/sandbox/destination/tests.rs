//! The stand-in over real HTTP: its rules and its traps, and that it takes every lead we build.

mod faults;

use super::{Click, Clicks, Destination, Options};
use crate::clock::Manual;
use crate::lead::{self, properties};
use crate::model::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

const NOW_MS: i64 = 1_767_225_600_000;

/// A stand-in with a clock that is moved by hand, and a client for it.
struct Bench {
    destination: Destination,
    clock: Arc<Manual>,
    client: reqwest::Client,
}

/// What came back: the status, and the body where it is JSON.
type Answer = Result<(u16, Value), reqwest::Error>;

impl Bench {
    fn new() -> Self {
        Self::with(Options { clicks: Clicks::known(["c1", "c2"]), ..Options::default() })
    }

    fn with(options: Options) -> Self {
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Arc::new(Manual::at(Timestamp::from_millis(NOW_MS)));
        let options = Options { clock: Arc::clone(&clock) as _, ..options };
        Self {
            destination: Destination::start(options).unwrap(),
            clock,
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                // A broken stand-in fails its test instead of holding it up for good.
                .timeout(Duration::from_secs(20))
                .build()
                .unwrap(),
        }
    }

    fn send(
        &self,
        body: impl Into<reqwest::Body>,
    ) -> impl Future<Output = reqwest::Result<reqwest::Response>> {
        let url = format!("{}/track/lead", self.destination.url());
        self.client.post(url).bearer_auth("dub_sandbox").body(body).send()
    }

    async fn track(&self, body: Value) -> Answer {
        let answer = self.send(body.to_string()).await?;
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }

    /// Sends a lead and compares the status, and that the body has `part` in it.
    #[track_caller]
    fn check(&self, body: Value, status: u16, part: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let (given, answer) = self.track(body).await.unwrap();
            assert_eq!(given, status, "{answer} at {caller}");
            assert!(answer.to_string().contains(part), "{answer} at {caller}");
        }
    }

    fn leads(&self) -> usize {
        self.destination.leads().len()
    }
}

fn lead(click: &str, event_name: &str) -> Value {
    json!({ "clickId": click, "eventName": event_name, "customerExternalId": "u1" })
}

const NO_LINK: &str = "\"link\":null";
const A_LINK: &str = "\"link\":{\"id\"";

#[tokio::test]
async fn a_lead_is_recorded_once_in_seven_days_by_customer_and_slug() {
    let bench = Bench::new();
    bench.check(lead("c1", "Sign up"), 200, A_LINK).await;
    bench.check(lead("c2", "sign-up"), 200, NO_LINK).await;
    bench.check(lead("c2", "Bought"), 200, A_LINK).await;
    bench.clock.advance(Duration::from_hours(7 * 24 - 1));
    bench.check(lead("c1", "Sign up"), 200, NO_LINK).await;
    bench.clock.advance(Duration::from_hours(1));
    bench.check(lead("c1", "Sign up"), 200, A_LINK).await;
    assert_eq!(bench.leads(), 3);
}

#[tokio::test]
async fn an_answer_names_click_link_and_customer() {
    let bench = Bench::new();
    let mut body = lead("c1", "Sign up");
    body["customerName"] = json!("Ada");
    body["eventQuantity"] = json!(3);
    let (_, answer) = bench.track(body.clone()).await.unwrap();
    assert_eq!(answer["click"], json!({ "id": "c1" }));
    let customer = json!({ "name": "Ada", "email": null, "avatar": null, "externalId": "u1" });
    assert_eq!(answer["customer"], customer);
    let leads = bench.destination.leads();
    assert_eq!((leads[0].quantity, &leads[0].body), (3, &body));
    assert_eq!(leads[0].at, Timestamp::from_millis(NOW_MS));
}

#[tokio::test]
async fn an_unknown_click_leaves_its_mark_behind() {
    let bench = Bench::new();
    bench.destination.set_click("off", Click::Disabled);
    bench.destination.set_click("theirs", Click::OfAnotherWorkspace);
    bench.check(lead("off", "a"), 404, "not_found").await;
    bench.check(lead("theirs", "b"), 404, "not_found").await;
    bench.check(lead("c9", "c"), 404, "Click event not found").await;
    bench.destination.add_click("c9");
    // The click is there now, and the lead is lost all the same.
    bench.check(lead("c9", "c"), 200, NO_LINK).await;
    assert_eq!(bench.leads(), 0);
}

#[tokio::test]
async fn a_lead_without_a_click_takes_the_customers_own() {
    let bench = Bench::new();
    bench.check(lead("", "a"), 400, "bad_request").await;
    // That was before the mark.
    bench.check(lead("c2", "a"), 200, A_LINK).await;
    bench.check(lead(" ", "b"), 200, "\"click\":{\"id\":\"c2\"}").await;
    let absent = json!({ "eventName": "c", "customerId": "u1" });
    bench.check(absent, 200, A_LINK).await;
    assert_eq!(bench.destination.leads().last().unwrap().click_id, "c2");
}

#[tokio::test]
async fn deferred_mode_makes_the_customer_and_no_lead() {
    let bench = Bench::new();
    let mut deferred = lead("c1", "Sign up");
    deferred["mode"] = json!("deferred");
    bench.check(deferred.clone(), 200, A_LINK).await;
    bench.check(deferred, 200, A_LINK).await;
    assert_eq!((bench.leads(), bench.destination.customers().len()), (0, 1));
    bench.check(lead("", "Sign up"), 200, A_LINK).await;
    assert_eq!(bench.leads(), 1);
}

#[tokio::test]
async fn what_the_api_refuses_leaves_no_mark() {
    let bench = Bench::new();
    let mut bad = lead("c1", "Sign up");
    bad["customerEmail"] = json!("a@b");
    bench.check(bad, 422, "customerEmail").await;
    bench.check(json!([]), 422, "unprocessable_entity").await;
    let not_json = bench.send("{").await.unwrap();
    assert_eq!(not_json.status(), 400);
    bench.destination.set_key("another");
    bench.check(lead("c1", "Sign up"), 401, "unauthorized").await;
    bench.destination.set_key("dub_sandbox");
    bench.check(lead("c1", "Sign up"), 200, A_LINK).await;
    let seen = bench.destination.requests();
    let summary: Vec<_> = seen.iter().map(|it| (it.status, it.authorized)).collect();
    let expected = [(422, true), (422, true), (400, true), (401, false), (200, true)];
    assert_eq!(summary, expected.map(|(status, authorized)| (Some(status), authorized)));
    assert_eq!(seen[2].body, None);
}

#[tokio::test]
async fn other_routes_and_methods_are_not_there() {
    let bench = Bench::new();
    let url = bench.destination.url();
    let got = bench.client.get(format!("{url}/track/lead")).send().await.unwrap();
    let posted = bench.client.post(format!("{url}/track/sale")).send().await.unwrap();
    assert_eq!([got.status(), posted.status()], [404, 404]);
    assert!(got.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn every_answer_tells_the_pace_in_milliseconds_of_the_epoch() {
    let bench = Bench::with(Options { rate_per_minute: 2, ..Options::default() });
    let pace = |answer: &reqwest::Response| {
        ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"]
            .map(|name| answer.headers()[name].to_str().unwrap().parse::<i64>().unwrap())
    };
    let reset = NOW_MS + 60_000;
    let first = bench.send(lead("c", "a").to_string()).await.unwrap();
    assert_eq!(pace(&first), [2, 1, reset, reset]);
    bench.clock.advance(Duration::from_secs(30));
    bench.check(lead("c", "b"), 200, A_LINK).await;
    let full = bench.send(lead("c", "d").to_string()).await.unwrap();
    assert_eq!((full.status().as_u16(), pace(&full)), (429, [2, 0, reset, reset]));
    assert!(full.text().await.unwrap().contains("rate_limit_exceeded"));
    // The first leaves the minute, the second is still in it.
    bench.clock.advance(Duration::from_secs(30));
    bench.check(lead("c", "d"), 200, A_LINK).await;
    bench.check(lead("c", "e"), 429, "rate_limit_exceeded").await;
}

#[tokio::test]
async fn only_the_newest_are_kept_and_all_are_counted() {
    let bench = Bench::with(Options { kept_max: 2, ..Options::default() });
    for event_name in ["a", "b", "c"] {
        bench.check(lead("c1", event_name), 200, A_LINK).await;
    }
    bench.destination.wait_for(|state| (state.leads_total, state.requests_total) == (3, 3)).await;
    let kept: Vec<_> = bench.destination.leads().into_iter().map(|it| it.event_name).collect();
    assert_eq!((kept, bench.destination.requests().len()), (vec!["b".into(), "c".into()], 2));
}

#[test]
fn it_can_be_shared_and_waited_for_on_any_thread() {
    fn check(_: impl Send) {}
    let bench = Bench::new();
    check(bench.destination.wait_for(|_| true));
    check(bench.destination);
}

proptest! {
    #[test]
    fn every_lead_that_we_build_passes_the_schema(draft in properties::draft()) {
        if let Ok(lead) = lead::build(draft) {
            let body: Value = serde_json::from_slice(&lead.body).unwrap();
            let fields = super::schema::parse(&body);
            prop_assert!(fields.is_ok(), "{fields:?}");
            let fields = fields.unwrap();
            prop_assert_eq!(fields.customer, lead.customer);
            prop_assert_eq!(!fields.click_id.is_empty(), lead.has_click);
        }
    }
}
