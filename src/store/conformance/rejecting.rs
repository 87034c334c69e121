//! Refused requests: kept whole, in a ring, and admitted once.

use super::samples::*;
use super::{Bench, START};
use crate::diagnostic::Code;
use crate::model::{Cause, RejectionId, Request, SourceName, Timestamp};
use crate::provider::MaskedRequest;
use crate::store::{
    Admission, Purged, REJECTIONS_BYTES_MAX, RecordedEvent, Recording, Rejection, RejectionQuery,
    Store, StoredRejection,
};
use bytes::Bytes;
use std::time::Duration;

fn rejection(source: &str, body: &[u8], at: Timestamp) -> Rejection {
    let request = Request {
        body: Bytes::copy_from_slice(body),
        peer: Some([203, 0, 113, 7].into()),
        ..request(source, &[], at)
    };
    Rejection {
        request: MaskedRequest::stored(request, Some("header x-own".to_owned())),
        body_kept: true,
        code: Code::SignatureMismatch,
        causes: Vec::new(),
    }
}

async fn reject(bench: &impl Bench, source: &str, body: &[u8]) -> RejectionId {
    bench.clock().advance(Duration::from_millis(1));
    bench.store().reject(rejection(source, body, bench.now())).await.expect("kept")
}

async fn found(bench: &impl Bench, id: RejectionId) -> Option<StoredRejection> {
    bench.store().rejection(id).await.expect("read")
}

async fn listed(bench: &impl Bench, query: RejectionQuery) -> Vec<RejectionId> {
    let listed = bench.store().rejections(query).await.expect("read");
    assert!(listed.iter().all(|listed| listed.rejection.request.request().body.is_empty()));
    listed.iter().map(|listed| listed.id).collect()
}

fn all(source: Option<&str>) -> RejectionQuery {
    let source = source.map(|name| name.parse().expect("a name"));
    RejectionQuery { source, after: None, limit: 100 }
}

pub(in crate::store) async fn a_refused_request_is_kept_as_it_came(bench: &mut impl Bench) {
    let mut kept = rejection("clerk", b"\xff\x00", START);
    kept.causes = vec![
        Cause {
            code: "secret_of_another".into(),
            message: "it fits \"auth0\"".to_owned(),
            hint: Some("é".to_owned()),
            source: Some("auth0".parse::<SourceName>().expect("a name")),
        },
        Cause { code: "other".into(), message: String::new(), hint: None, source: None },
    ];
    let id = bench.store().reject(kept.clone()).await.expect("kept");
    let mut bodiless = rejection("clerk", b"", START);
    (bodiless.body_kept, bodiless.code) = (false, Code::BodyTooLarge);
    let bodiless = bench.store().reject(bodiless).await.expect("kept");
    bench.crash().await;
    let read = found(bench, id).await.expect("it is there");
    assert_eq!(read.admitted, None);
    let (read, came) = (read.rejection, kept.request.request());
    assert_eq!((read.code, read.body_kept, read.causes), (kept.code, true, kept.causes));
    assert_eq!(read.request.carrier(), kept.request.carrier());
    let request = read.request.request();
    assert_eq!((&request.source, &request.method), (&came.source, &came.method));
    assert_eq!((&request.target, &request.query), (&came.target, &came.query));
    assert_eq!((&request.headers, &request.body), (&came.headers, &came.body));
    assert_eq!((request.peer, request.received_at), (came.peer, START));
    let bodiless = found(bench, bodiless).await.expect("it is there").rejection;
    assert_eq!((bodiless.code, bodiless.body_kept), (Code::BodyTooLarge, false));
    // No event came of it.
    assert!(bench.store().newest_events(9).await.expect("read").is_empty());
}

pub(in crate::store) async fn the_oldest_of_a_source_give_way(bench: &mut impl Bench) {
    let other = reject(bench, "auth0", b"small").await;
    let body = vec![b'x'; 3_000_000];
    let mut kept = Vec::new();
    for _ in 0..8 {
        kept.push(reject(bench, "clerk", &body).await);
    }
    kept.reverse();
    assert_eq!(listed(bench, all(Some("clerk"))).await, kept[..6]);
    assert_eq!(listed(bench, all(Some("auth0"))).await, [other]);
    let mut sum = 0;
    for id in &kept[..6] {
        sum += found(bench, *id).await.expect("it is there").bytes;
    }
    assert!(sum > 18_000_000 && sum <= REJECTIONS_BYTES_MAX, "{sum}");
    // A ring that was emptied by retention fills up again.
    bench.clock().advance(40 * DAY);
    bench.store().purge(bench.now(), 100).await.expect("purged");
    for _ in 0..7 {
        reject(bench, "clerk", &body).await;
    }
    assert_eq!(listed(bench, all(None)).await.len(), 6);
}

pub(in crate::store) async fn what_no_ring_can_hold_is_kept_without_its_body(
    bench: &mut impl Bench,
) {
    let small = reject(bench, "clerk", b"small").await;
    let large = vec![b'x'; usize::try_from(REJECTIONS_BYTES_MAX).expect("some megabytes")];
    let large = reject(bench, "clerk", &large).await;
    assert_eq!(listed(bench, all(None)).await, [large, small]);
    let read = found(bench, large).await.expect("it is there");
    assert!(!read.rejection.body_kept && read.bytes < 10_000);
}

pub(in crate::store) async fn the_newest_rejections_come_first(bench: &mut impl Bench) {
    let mut ids = Vec::new();
    for source in ["clerk", "auth0", "clerk", "clerk", "auth0"] {
        ids.push(reject(bench, source, b"{}").await);
    }
    ids.reverse();
    assert_eq!(listed(bench, all(None)).await, ids);
    assert_eq!(listed(bench, all(Some("clerk"))).await, [ids[1], ids[2], ids[4]]);
    assert_eq!(listed(bench, all(Some("nobody"))).await, []);
    let after = |source, after, limit| RejectionQuery { after: Some(after), limit, ..all(source) };
    assert_eq!(listed(bench, after(None, ids[1], 2)).await, ids[2..4]);
    assert_eq!(listed(bench, after(Some("clerk"), ids[0], 2)).await, [ids[1], ids[2]]);
    assert_eq!(listed(bench, after(None, ids[4], 2)).await, []);
}

pub(in crate::store) async fn what_was_admitted_says_what_it_became(bench: &mut impl Bench) {
    let id = reject(bench, "clerk", b"{}").await;
    let events = || vec![mapped(event("1"), vec![skips()]), mapped(event("2"), vec![])];
    let admit = |id| Recording { admits: Some(id), ..recording("clerk", events(), START) };
    let recorded = bench.store().record(admit(id)).await.expect("recorded");
    let became: Vec<_> = recorded.events.iter().map(|event| event.id()).collect();
    let admission = Admission { at: bench.now(), events: became.clone() };
    bench.crash().await;
    assert_eq!(found(bench, id).await.expect("it is there").admitted, Some(admission.clone()));
    // Again, and of another rejection of the same events: they are known, and the first stays.
    bench.clock().advance(DAY);
    let again = bench.store().record(admit(id)).await.expect("recorded");
    assert_eq!(again.events, became.iter().copied().map(RecordedEvent::Known).collect::<Vec<_>>());
    assert_eq!(found(bench, id).await.expect("it is there").admitted, Some(admission));
    let twin = reject(bench, "clerk", b"{}").await;
    bench.store().record(admit(twin)).await.expect("recorded");
    let admitted = found(bench, twin).await.expect("it is there").admitted.expect("admitted");
    assert_eq!((admitted.at, admitted.events), (bench.now(), became));
    // One that has left the ring meanwhile.
    bench.store().record(admit(RejectionId::new(START))).await.expect("recorded");
}

pub(in crate::store) async fn retention_removes_old_rejections(bench: &mut impl Bench) {
    for _ in 0..3 {
        reject(bench, "clerk", b"{}").await;
    }
    bench.clock().advance(30 * DAY);
    let young = reject(bench, "clerk", b"{}").await;
    for rejections in [2, 1, 0] {
        let purged = bench.store().purge(bench.now().minus(DAY), 2).await.expect("purged");
        assert_eq!(purged, Purged { rejections, ..Purged::default() });
    }
    assert_eq!(listed(bench, all(None)).await, [young]);
}
