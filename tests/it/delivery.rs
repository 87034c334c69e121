//! What the destination does to us, and what becomes of the lead.

use crate::support::{Builder, Service, StandIn, clerk, destination, user_created};
use leadhook::sandbox::destination::{Click, Fault};

#[track_caller]
fn sign_up(service: &Service, id: &str, click: &str) {
    let body = user_created(id, Some(click));
    let answer = service.http().post("/webhooks/clerk", &clerk(id, &body), &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// The states and their reasons, once the service has ended.
fn ended(service: Service) -> Vec<String> {
    let (status, builder, _) = service.stop();
    assert!(status.success());
    builder.database().column(
        "SELECT state || ' ' || coalesce(json_extract(reasons, '$[0][0]'), '') \
         FROM deliveries ORDER BY number",
    )
}

/// Waits until `count` requests have been answered.
fn after_requests(destination: &StandIn, count: usize) {
    destination.expect(|state| state.requests.len() >= count);
}

#[test]
fn a_failure_is_tried_again_until_it_succeeds() {
    let destination = destination();
    destination.fail_next([Fault::Status(500), Fault::Reset, Fault::NotJson200]);
    let service = Builder::new(&destination).start();
    sign_up(&service, "user_1", "click_1");
    after_requests(&destination, 4);
    destination.expect_leads(1);
    assert_eq!(ended(service), ["tracked recorded"]);
    let bodies: Vec<_> = destination.requests().into_iter().map(|seen| seen.body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "retries send the same bytes");
}

#[test]
fn a_lead_that_the_destination_swallowed_is_not_reported_as_sent() {
    let destination = destination();
    destination.fail_next([Fault::StatusAfterMark(500)]);
    let service = Builder::new(&destination).start();
    sign_up(&service, "user_1", "click_1");
    after_requests(&destination, 2);
    assert_eq!(ended(service), ["swallowed probably_swallowed"]);
    assert!(destination.leads().is_empty());
}

#[test]
fn a_lead_whose_answer_was_lost_is_probably_recorded() {
    let destination = destination();
    destination.fail_next([Fault::RecordThenReset]);
    let service = Builder::new(&destination).start();
    sign_up(&service, "user_1", "click_1");
    after_requests(&destination, 2);
    assert_eq!(ended(service), ["probably_tracked probably_recorded"]);
    assert_eq!(destination.leads().len(), 1);
}

#[test]
fn an_unknown_click_is_final() {
    let destination = destination();
    destination.set_click("click_1", Click::Disabled);
    let service = Builder::new(&destination).start();
    sign_up(&service, "user_1", "click_1");
    after_requests(&destination, 1);
    assert_eq!(ended(service), ["rejected destination_refused"]);
    assert_eq!(destination.requests().len(), 1);
}

#[test]
fn the_same_customer_and_event_name_is_sent_once() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    sign_up(&service, "user_1", "click_1");
    destination.expect_leads(1);
    // The destination has it before the store knows the outcome; stopping waits for that.
    let (_, builder, _) = service.stop();
    let service = builder.start();
    // Another event of the provider for the same sign-up.
    let body = user_created("user_1", Some("click_2"));
    let answer = service.http().post("/webhooks/clerk", &clerk("another", &body), &body);
    assert_eq!(answer.body, r#"{"accepted":1,"duplicates":0}"#);
    assert_eq!(ended(service), ["tracked recorded", "recorded_before recorded_before"]);
    assert_eq!(destination.requests().len(), 1);
}

#[test]
fn a_refused_key_costs_no_lead_and_is_not_asked_again_at_once() {
    let destination = destination();
    destination.set_key("another");
    let service = Builder::new(&destination).start();
    for number in 0..20 {
        sign_up(&service, &format!("user_{number}"), "click");
    }
    after_requests(&destination, 1);
    let (status, builder, log) = service.stop();
    assert!(status.success());
    assert!(log.iter().any(|line| line.contains("refuses the key")), "{log:#?}");
    // Those that were under way together with the first, and no more.
    assert!(destination.requests().len() <= 16, "{}", destination.requests().len());
    let database = builder.database();
    assert_eq!(database.states(), vec!["pending"; 20]);
    assert_eq!(database.count("SELECT max(attempts) FROM deliveries"), 0);

    // The key is mended and the service started again: everything goes out.
    destination.set_key(crate::support::KEY);
    let service = builder.start();
    destination.expect_leads(20);
    assert_eq!(ended(service), vec!["tracked recorded"; 20]);
}

#[test]
fn a_redirect_is_not_followed() {
    let destination = destination();
    destination.fail_next([Fault::Redirect(302)]);
    let service = Builder::new(&destination).start();
    sign_up(&service, "user_1", "click_1");
    destination.expect_leads(1);
    assert_eq!(ended(service), ["tracked recorded"]);
    assert_eq!(destination.requests().len(), 2);
}

#[test]
fn too_many_requests_slow_it_down_and_cost_no_attempt() {
    let destination = destination();
    let headers = vec![("retry-after".to_owned(), "1".to_owned())];
    destination.fail_next([Fault::StatusWithHeaders(429, headers)]);
    let service = Builder::new(&destination).start();
    sign_up(&service, "user_1", "click_1");
    destination.expect_leads(1);
    let (_, builder, _) = service.stop();
    assert_eq!(builder.database().column("SELECT attempts FROM deliveries"), ["1"]);
}

#[test]
fn a_lead_is_given_up_when_its_time_is_used_up() {
    let destination = destination();
    destination.fail_always(Some(Fault::Status(502)));
    let service = Builder::new(&destination)
        .with("LEADHOOK_RETRY_BASE_MS", "1")
        .with("LEADHOOK_RETRY_GIVE_UP_AFTER", "20ms")
        .start();
    sign_up(&service, "user_1", "click_1");
    destination.expect(|state| !state.requests.is_empty());
    // A lead after it is the sentinel: when that one is dead too, the first one long is.
    let dead = service.wait_for_log(1, |line| line.contains("\"state\":\"dead\""));
    assert!(dead.contains("given_up"), "{dead}");
    assert_eq!(ended(service), ["dead given_up"]);
}

#[test]
fn a_destination_that_is_down_loses_nothing() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    destination.fail_always(Some(Fault::Reset));
    for number in 0..10 {
        sign_up(&service, &format!("user_{number}"), "click");
    }
    after_requests(&destination, 10);
    destination.fail_always(None);
    destination.expect_leads(10);
    assert_eq!(ended(service), vec!["tracked recorded"; 10]);
}

#[test]
fn attempts_are_logged_once_each_without_bodies_or_secrets() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    sign_up(&service, "user_secretive", "click_secretive");
    destination.expect_leads(1);
    let (_, _, log) = service.stop();
    let attempts: Vec<_> =
        log.iter().filter(|line| line.contains("\"message\":\"attempt\"")).collect();
    assert_eq!(attempts.len(), 1, "{log:#?}");
    for needle in ["secretive", "example.com", crate::support::KEY, crate::support::CLERK_SECRET] {
        assert!(!log.iter().any(|line| line.contains(needle)), "{needle} is in the log");
    }
}

#[test]
fn a_destination_that_hangs_is_left_after_the_time_limit() {
    let destination = destination();
    destination.fail_next([Fault::Hang]);
    let service = Builder::new(&destination).with("LEADHOOK_DUB_TIMEOUT", "300ms").start();
    sign_up(&service, "user_1", "click_1");
    let lost = service.wait_for_log(1, |line| line.contains("\"answer_lost\""));
    assert!(lost.contains("\"state\":\"pending\""), "{lost}");
    destination.expect_leads(1);
    // The destination tells that this try was recorded: no doubt is left.
    assert_eq!(ended(service), ["tracked recorded"]);
}

#[test]
fn broken_answers_are_bounded_and_tried_again() {
    let destination = destination();
    destination.fail_next([Fault::EndlessBody, Fault::HalfAnswer]);
    let service = Builder::new(&destination).with("LEADHOOK_DUB_TIMEOUT", "2s").start();
    sign_up(&service, "user_1", "click_1");
    service.wait_for_log(1, |line| line.contains("attempt") && !line.contains("pending"));
    // The second was recorded before its answer broke: the third only hears of a known lead.
    assert_eq!(ended(service), ["probably_tracked probably_recorded"]);
    assert_eq!(destination.leads().len(), 1);
}

#[test]
fn a_destination_that_is_not_there_yet_is_waited_for() {
    let gone = destination();
    let port = gone.url().rsplit(':').next().expect("a port").parse().expect("a port");
    let builder = Builder::new(&gone);
    drop(gone);
    let service = builder.start();
    sign_up(&service, "user_1", "click_1");
    service.wait_for_log(3, |line| line.contains("\"destination_unreachable\""));
    let destination = crate::support::destination_at(port);
    destination.expect_leads(1);
    assert_eq!(ended(service), ["tracked recorded"]);
}
