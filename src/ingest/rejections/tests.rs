use super::*;
use crate::model::{Headers, QueryString, Secret, Timestamp};
use crate::provider::{AuthChoice, Provider, Surroundings};

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// One whose keeper never comes to it.
fn rejections() -> (Rejections, mpsc::Receiver<Waiting>) {
    let (queue, waiting) = mpsc::channel(WAITING_MAX);
    let rejections = Rejections {
        of_source: Buckets::new(usize::MAX),
        of_all: Buckets::new(1),
        room: Arc::new(Semaphore::new(WAITING_BYTES_MAX / PERMIT_BYTES)),
        queue,
        closing: Arc::default(),
        metrics: Metrics::default(),
    };
    (rejections, waiting)
}

fn refusal(source: &str, body_bytes: usize, at: Timestamp) -> Refusal {
    let clerk = Provider::find("clerk").expect("it is in the catalogue");
    let secret = Secret::new("whsec_dGVzdHMtb25seS1jbGVyay1zZWNyZXQ=");
    let verifier = clerk
        .verifier(&AuthChoice::default(), &[secret], &Surroundings::default())
        .expect("a secret");
    let request = Request {
        source: source.parse().expect("a name"),
        method: "POST".to_owned(),
        target: format!("/webhooks/{source}"),
        headers: Headers::default(),
        query: QueryString::default(),
        body: vec![b'x'; body_bytes].into(),
        peer: None,
        received_at: at,
    };
    let unproved = Unproved { code: Code::SignatureMissing, request };
    Refusal { unproved, body_kept: true, verifier }
}

fn taken(rejections: &Rejections, source: &str, count: usize, at: Timestamp) -> usize {
    let offer = |_: &usize| rejections.enqueue(refusal(source, 0, at)).is_some();
    (0..count).filter(offer).count()
}

#[test]
fn a_flood_of_one_source_leaves_room_for_the_others() {
    let (rejections, mut waiting) = rejections();
    assert_eq!(taken(&rejections, "clerk", 1_000, START), 20);
    assert_eq!(taken(&rejections, "auth0", 30, START), 20);
    while waiting.try_recv().is_ok() {}
    assert_eq!(taken(&rejections, "clerk", 10, START.plus(Duration::from_secs(2))), 4);
    // All sources together.
    let total: usize =
        (0..20).map(|number| taken(&rejections, &format!("s{number}"), 5, START)).sum();
    assert!(total < 60, "{total}");
}

#[test]
fn what_waits_is_bounded_in_bytes_and_never_waited_for() {
    let (rejections, mut waiting) = rejections();
    let offer = |bytes| rejections.enqueue(refusal("clerk", bytes, START)).is_some();
    assert!(offer(15_000_000));
    assert!(!offer(15_000_000), "there is no room");
    assert!(offer(1_000));
    drop(waiting.try_recv());
    assert!(offer(15_000_000), "the room is given back");
    // One that is too large for any ring leaves its body behind.
    let (rejections, mut waiting) = self::rejections();
    assert!(rejections.enqueue(refusal("clerk", WAITING_BYTES_MAX, START)).is_some());
    let kept = waiting.try_recv().expect("it waits").refusal;
    assert!(!kept.body_kept && kept.unproved.request.body.is_empty());
}

#[test]
fn a_sender_that_is_asked_to_come_again_is_not_kept() {
    let (rejections, mut waiting) = rejections();
    let mut overloaded = refusal("clerk", 0, START);
    overloaded.unproved.code = Code::Overloaded;
    rejections.offer(overloaded);
    assert!(waiting.try_recv().is_err());
}
