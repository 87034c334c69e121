//! Histories, and what is said to have changed in them.

use super::{Drift, find};
use crate::model::Timestamp;
use crate::review::shape::{Look, Reader, Shapes};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Events a second apart, `payload` of the number of each.
fn history(events: u64, payload: impl Fn(u64) -> Value) -> Vec<(Timestamp, Value)> {
    (0..events).map(|number| (second(number), payload(number))).collect()
}

fn second(number: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(number).expect("small") * 1_000)
}

/// `$.read` is read by the field of number 7.
fn drift(events: &[(Timestamp, Value)], since: Option<Timestamp>) -> Drift {
    let mut shapes = Shapes::new([], BTreeSet::new());
    for (at, payload) in events {
        let look = payload.get("read").map(|at| Look { reader: Reader(7), at, deciding: false });
        shapes.observe(Some("t"), *at, payload, look.as_slice());
    }
    // Without events there is no type.
    shapes.into_types().next().map(|(_, shape)| find(&shape, since)).unwrap_or_default()
}

/// The changes, a line each: `-` vanished, `~` changed, `+` appeared.
fn lines(drift: &Drift) -> Vec<String> {
    let mut lines = Vec::new();
    for gone in &drift.vanished {
        let renamed = gone.renamed.as_ref().map_or(String::new(), |path| format!(" -> {path}"));
        let (was, silent) = (gone.was, gone.silent);
        lines.push(format!("- {} {}/{} {silent}{renamed}", gone.path, was.hits, was.of));
    }
    for changed in &drift.changed {
        let from = changed.from.join("|");
        let (to, is) = (changed.to, changed.is);
        lines.push(format!("~ {} {from} -> {to} {}/{}", changed.path, is.hits, is.of));
    }
    for new in &drift.appeared {
        lines.push(format!("+ {} {}/{}", new.path, new.is.hits, new.is.of));
    }
    lines
}

#[track_caller]
fn check(events: u64, payload: impl Fn(u64) -> Value, expected: &[&str]) {
    assert_eq!(lines(&drift(&history(events, payload), None)), expected);
}

#[test]
fn what_was_always_there_is_missed_soon() {
    let until =
        |last: u64| move |n| if n < last { json!({"a": 1, "b": 2}) } else { json!({"a": 1}) };
    check(100, until(90), &["- $.b 90/90 10"]);
    // Nine events without it are too few, and so are nine with it.
    check(100, until(91), &[]);
    check(100, until(9), &[]);
    check(0, until(0), &[]);
}

#[test]
fn noise_is_no_news() {
    // In every third event, and absent for the last twelve: that happens.
    let seldom = |n: u64| if n.is_multiple_of(3) && n < 88 { json!({"a": 1}) } else { json!({}) };
    check(100, seldom, &[]);
    // The same for a hundred is a change.
    check(190, seldom, &["- $.a 30/88 102"]);
    // In one of a hundred, and absent for two hundred: that happens too.
    let rarely = |n: u64| if n % 100 == 5 && n < 2_800 { json!({"a": 1}) } else { json!({}) };
    check(3_000, rarely, &[]);
    check(5_000, rarely, &["- $.a 28/2706 2294"]);
}

#[test]
fn an_emptied_field_is_a_vanished_one() {
    let payload = |n| json!({ "a": if n < 50 { json!("x") } else { json!(null) }, "b": " " });
    let drift = drift(&history(100, payload), None);
    assert_eq!(lines(&drift), ["- $.a 50/50 50"]);
    assert!(drift.vanished[0].is_emptied);
}

#[test]
fn a_renamed_field_is_recognised() {
    check(
        100,
        |n| match n {
            0..50 => json!({ "data": { "dub_id": "x", "b": 1 }, "other": 1 }),
            _ => json!({ "data": { "dubId": "x", "b": 1, "count": 2 }, "other": 1 }),
        },
        &[
            "- $.data.dub_id 50/50 50 -> $.data.dubId",
            "+ $.data.count 50/50",
            "+ $.data.dubId 50/50",
        ],
    );
    // Of another kind and another name: that is no renaming.
    check(
        100,
        |n| if n < 50 { json!({ "a": "x" }) } else { json!({ "b": 1 }) },
        &["- $.a 50/50 50", "+ $.b 50/50"],
    );
    // It came long before the other went.
    check(
        200,
        |n| match n {
            0..50 => json!({ "a_b": "x" }),
            50..150 => json!({ "a_b": "x", "aB": "x" }),
            _ => json!({ "aB": "x" }),
        },
        &["- $.a_b 150/150 50", "+ $.aB 150/150"],
    );
}

#[test]
fn a_renamed_question_is_found_among_the_answers() {
    let answer = |name: &str, kind: &str, value: &str| {
        let mut answer = json!({ "type": kind, "field": { "ref": name, "type": kind } });
        answer[kind] = value.into();
        answer
    };
    let form = |n| {
        let email = if n < 60 { "email" } else { "work_address" };
        json!({ "answers": [
            answer("company", "text", "Initech"),
            answer(email, "email", "ada@example.com"),
            answer("name", "text", "Ada"),
        ]})
    };
    check(
        100,
        form,
        &[
            "- $.answers[?@.field.ref == 'email'] 60/60 40 -> \
             $.answers[?@.field.ref == 'work_address']",
            "+ $.answers[?@.field.ref == 'work_address'] 40/40",
        ],
    );
}

#[test]
fn entries_with_ids_of_their_own_are_not_told_apart() {
    let user = |n: u64| {
        let mut email = json!({ "id": format!("idn_{n}"), "address": "ada@example.com" });
        if n < 50 {
            email["verified"] = true.into();
        }
        json!({ "emails": [email] })
    };
    check(100, user, &["- $.emails[*].verified 50/50 50"]);
}

#[test]
fn another_type_is_a_change() {
    let name = |n| match n {
        0..50 => json!({ "name": if n % 2 == 0 { "Ada" } else { "ada@example.com" } }),
        _ => json!({ "name": { "first": "Ada" } }),
    };
    check(100, name, &["~ $.name string -> object 50/100", "+ $.name.first 50/50"]);
    // Null in between is no type, and to and fro is no change.
    check(
        100,
        |n| json!({ "a": if n < 50 { json!(1) } else { json!(null) } }),
        &["- $.a 50/50 50"],
    );
    check(100, |n| json!({ "a": if n % 3 == 0 { json!(1) } else { json!("1") } }), &[]);
}

#[test]
fn what_the_mapping_reads_comes_first_with_its_readers() {
    let payload = |n| if n < 50 { json!({ "big": 1, "read": { "a": 1 } }) } else { json!({}) };
    let changes = drift(&history(100, payload), None);
    assert_eq!(lines(&changes), ["- $.read 50/50 50", "- $.big 50/50 50"]);
    assert_eq!(changes.vanished[0].readers, [Reader(7)]);
    // Of a value that is read as a whole, the parts are read too.
    let payload = |n| {
        if n < 50 { json!({ "read": { "a": 1, "b": 1 } }) } else { json!({ "read": { "b": 1 } }) }
    };
    let changes = drift(&history(100, payload), None);
    assert_eq!(lines(&changes), ["- $.read.a 50/50 50"]);
    assert_eq!(changes.vanished[0].readers, [Reader(7)]);
}

#[test]
fn only_what_changed_since_a_time_is_told_if_that_is_asked_for() {
    let payload = |n| match n {
        0..30 => json!({ "early": 1, "b": 1 }),
        30..60 => json!({ "b": 1 }),
        _ => json!({ "c": "x" }),
    };
    let events = history(100, payload);
    let since = |number| lines(&drift(&events, Some(second(number))));
    assert_eq!(since(0), ["- $.b 60/60 40", "- $.early 30/30 70", "+ $.c 40/40"]);
    assert_eq!(since(31), ["- $.b 60/60 40", "+ $.c 40/40"]);
    assert_eq!(since(60), ["- $.b 60/60 40", "+ $.c 40/40"]);
    assert_eq!(since(61), Vec::<String>::new());
}

proptest! {
    #[test]
    fn events_of_one_moment_may_come_in_any_order(
        shapes in proptest::collection::vec((0_i64..6, 0_u8..6), 0..120),
        seed in any::<u64>(),
    ) {
        let event = |&(at, kind): &(i64, u8)| {
            let value = match kind {
                0 => json!({ "a": 1, "list": [{ "key": "x", "v": 1 }, { "key": "y", "v": "t" }] }),
                1 => json!({ "a": "text", "list": [{ "key": "x", "v": 1 }] }),
                2 => json!({ "b": null, "list": [] }),
                3 => json!({ "b": { "c": true } }),
                4 => json!({ "list": [{ "key": "z", "v": null }] }),
                _ => json!([]),
            };
            (Timestamp::from_millis(at), value)
        };
        let mut events: Vec<_> = shapes.iter().map(event).collect();
        events.sort_by_key(|(at, _)| *at);
        let before = drift(&events, None);
        let mut random = fastrand::Rng::with_seed(seed);
        random.shuffle(&mut events);
        events.sort_by_key(|(at, _)| *at);
        prop_assert_eq!(before, drift(&events, None));
    }
}
