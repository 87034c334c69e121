//! Failures on demand, as a client meets them.

use super::super::Fault;
use super::{A_LINK, Bench, NO_LINK, lead};

#[tokio::test]
async fn faults_come_one_by_one_and_then_always() {
    let bench = Bench::new();
    bench.destination.fail_next([Fault::Status(500), Fault::Status(409)]);
    bench.destination.fail_always(Some(Fault::Status(403)));
    for (status, code) in [(500, "internal_server_error"), (409, "conflict"), (403, "forbidden")] {
        bench.check(lead("c1", "a"), status, code).await;
    }
    bench.destination.fail_always(None);
    bench.check(lead("c1", "a"), 200, A_LINK).await;
}

#[tokio::test]
async fn a_failure_behind_the_mark_swallows_the_lead() {
    let bench = Bench::new();
    bench.destination.fail_next([Fault::StatusAfterMark(500)]);
    bench.check(lead("c1", "a"), 500, "internal_server_error").await;
    bench.check(lead("c1", "a"), 200, NO_LINK).await;
    assert_eq!(bench.leads(), 0);
}

#[tokio::test]
async fn answers_can_be_something_else() {
    let bench = Bench::new();
    let retry = ("retry-after".to_owned(), "7".to_owned());
    bench.destination.fail_next([
        Fault::StatusWithHeaders(503, vec![retry]),
        Fault::Redirect(302),
        Fault::NotJson200,
        Fault::Status(204),
    ]);
    let send = || bench.send(lead("c1", "a").to_string());
    for (status, header, value) in [
        (503, "retry-after", "7"),
        (302, "location", "/redirected"),
        (200, "content-type", "text/html"),
    ] {
        let answer = send().await.unwrap();
        assert_eq!(answer.status(), status);
        let values: Vec<_> = answer.headers().get_all(header).iter().collect();
        assert_eq!(values, [value]);
    }
    assert_eq!(send().await.unwrap().status(), 204);
    bench.check(lead("c1", "a"), 200, A_LINK).await;
}

#[tokio::test]
async fn connections_break_before_or_after_the_lead_is_recorded() {
    let bench = Bench::new();
    for (fault, recorded, status) in [
        (Fault::Reset, 0, None),
        (Fault::RecordThenReset, 1, None),
        (Fault::HalfAnswer, 2, Some(200)),
    ] {
        bench.destination.fail_next([fault.clone()]);
        assert!(bench.track(lead("c1", &format!("{fault:?}"))).await.is_err(), "{fault:?}");
        assert_eq!(bench.leads(), recorded, "{fault:?}");
        assert_eq!(bench.destination.requests().last().unwrap().status, status, "{fault:?}");
    }
}

#[tokio::test]
async fn silence_lasts_until_the_client_gives_up() {
    let bench = Bench::new();
    for (count, fault, recorded) in [(1, Fault::Hang, 0), (2, Fault::RecordThenHang, 1)] {
        bench.destination.fail_next([fault]);
        tokio::select! {
            answer = bench.track(lead("c1", "a")) => panic!("{answer:?}"),
            () = bench.destination.wait_for(|state| state.requests_total == count) => {}
        }
        assert_eq!(bench.leads(), recorded);
        assert_eq!(bench.destination.requests().last().unwrap().status, None);
    }
    bench.check(lead("c1", "a"), 200, NO_LINK).await;
}

#[tokio::test]
async fn a_held_answer_comes_when_it_is_released() {
    let bench = Bench::new();
    bench.destination.fail_next([Fault::Held]);
    let mut held = Box::pin(bench.track(lead("c1", "a")));
    tokio::select! {
        answer = &mut held => panic!("{answer:?}"),
        () = bench.destination.wait_for(|state| state.leads.len() == 1) => {}
    }
    bench.check(lead("c1", "b"), 200, A_LINK).await;
    bench.destination.release();
    assert_eq!(held.await.unwrap().0, 200);
}

#[tokio::test]
async fn an_endless_body_goes_on_as_long_as_it_is_read() {
    let bench = Bench::new();
    bench.destination.fail_next([Fault::EndlessBody]);
    let mut answer = bench.send("{}").await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut bytes = 0;
    while bytes < 4 * 1_024 * 1_024 {
        bytes += answer.chunk().await.unwrap().expect("it never ends").len();
    }
    drop(answer);
    bench.check(lead("c1", "a"), 200, A_LINK).await;
}

#[tokio::test]
async fn stopping_ends_every_connection() {
    let bench = Bench::new();
    bench.destination.fail_next([Fault::Hang]);
    let url = format!("{}/track/lead", bench.destination.url());
    let hanging = tokio::spawn(bench.client.post(url.clone()).body("{}").send());
    bench.destination.wait_for(|state| state.requests_total == 1).await;
    bench.destination.stop();
    assert!(hanging.await.unwrap().is_err());
    assert!(bench.client.post(url).send().await.unwrap_err().is_connect());
}
