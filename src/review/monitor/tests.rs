//! Histories of one field, and what is said of them.

use super::{Monitor, News, Run, Turned};
use crate::diagnostic::SourceText;
use crate::mapping::{Mapping, parse};
use crate::model::{Document, EventView, Headers, QueryString, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn at(number: usize) -> Timestamp {
    Timestamp::from_millis(i64::try_from(number).expect("small"))
}

/// Lets a field be found as `found` says; answers the numbers of the events at which it stopped,
/// as negative ones at which it was found again.
fn turns(found: impl IntoIterator<Item = bool>) -> Vec<i64> {
    let mut run = Run::default();
    let mut turns = Vec::new();
    for (number, found) in found.into_iter().enumerate() {
        let turned = if found { run.found(at(number)) } else { run.missed() };
        let number = i64::try_from(number).expect("small");
        match turned {
            Some(Turned::Stopped { .. }) => turns.push(number),
            Some(Turned::Resumed) => turns.push(-number),
            Some(Turned::Replaced) | None => {}
        }
    }
    turns
}

/// `count` events, of which one in `every` has the field.
fn one_in(every: usize, count: usize) -> impl Iterator<Item = bool> {
    (0..count).map(move |number| number.is_multiple_of(every))
}

fn none(count: usize) -> impl Iterator<Item = bool> {
    std::iter::repeat_n(false, count)
}

#[track_caller]
fn check(found: impl IntoIterator<Item = bool>, expected: &[i64]) {
    assert_eq!(turns(found), expected);
}

#[test]
fn a_field_that_was_always_there_stops_after_a_short_silence() {
    check(one_in(1, 100).chain(none(19)), &[]);
    check(one_in(1, 100).chain(none(500)), &[119]);
    // Once an episode, and over with the first event that has it.
    check(one_in(1, 100).chain(none(50)).chain(one_in(1, 30)).chain(none(30)), &[119, -150, 199]);
}

#[test]
fn a_click_id_that_most_lack_is_missed_only_when_that_is_no_chance() {
    let one_in_five = || one_in(5, 500);
    check(one_in_five().chain(none(40)), &[]);
    let stopped = turns(one_in_five().chain(none(100)));
    assert!(matches!(stopped.as_slice(), [540..600]), "{stopped:?}");
    check(one_in(100, 5_000).chain(none(500)), &[]);
}

#[test]
fn what_was_hardly_ever_there_never_stops() {
    check(none(10_000), &[]);
    check(one_in(1, 9).chain(none(10_000)), &[]);
}

#[test]
fn the_past_fades() {
    // Nine in ten for long, then one in ten for long: a silence of sixty is normal by now.
    let often = (0..50_000).map(|number| number % 10 != 0);
    let seldom = one_in(10, 100_000);
    let turns = turns(often.chain(seldom).chain(none(60)));
    assert_eq!(turns, Vec::<i64>::new());
}

#[test]
fn chance_alone_hardly_ever_raises_an_alarm() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut alarms = 0;
    for _ in 0..200 {
        let rate = random.f64();
        let found: Vec<_> = (0..5_000).map(|_| random.f64() < rate).collect();
        alarms += turns(found).iter().filter(|turn| **turn > 0).count();
    }
    // A million events, half of which had it: at most one is expected in two such tests.
    assert!(alarms <= 2, "{alarms} alarms");
}

proptest! {
    #[test]
    fn a_past_that_is_learnt_later_counts_the_same(
        found in proptest::collection::vec(any::<bool>(), 0..300),
        quiet in 0_usize..60,
        cut in any::<proptest::sample::Index>(),
    ) {
        let all: Vec<_> = found.into_iter().chain(none(quiet)).collect();
        let cut = cut.index(all.len() + 1);
        let observe = |run: &mut Run, from: usize, found: &[bool]| {
            for (number, found) in found.iter().enumerate() {
                if *found { run.found(at(from + number)) } else { run.missed() };
            }
        };
        let (mut whole, mut before, mut after) = (Run::default(), Run::default(), Run::default());
        observe(&mut whole, 0, &all);
        observe(&mut before, 0, &all[..cut]);
        observe(&mut after, cut, &all[cut..]);
        after.preceded_by(before);
        // What has stopped by the later part alone has been said to.
        prop_assert!(after.has_stopped >= whole.has_stopped);
        prop_assert_eq!(Run { has_stopped: whole.has_stopped, ..after }, whole);
    }
}

fn mapping(rules: &[(&str, &str)]) -> Arc<Mapping> {
    let rule = |(name, query): &(&str, &str)| {
        format!(
            "[[lead]]\nname = \"{name}\"\n[lead.body]\nclickId = \"$.c\"\neventName = \"x\"\n\
             customerExternalId = \"$.id\"\ncustomerEmail = \"{query}\"\n"
        )
    };
    let rules: String = rules.iter().map(rule).collect();
    let text = format!("provider = \"clerk\"\nsecrets = [\"env:A\"]\n{rules}");
    let source = Arc::new(SourceText::new("a.toml", &text));
    parse(&source, &text, &[]).0.expect("it is valid").mapping
}

fn observe(monitor: &mut Monitor, mapping: &Mapping, payload: Value, times: usize) -> Vec<News> {
    let (headers, query) = (Headers::new([]), QueryString::new([]));
    let json = Document::new(payload);
    let view = EventView {
        provider_event_id: None,
        event_type: None,
        received_at: at(0),
        headers: &headers,
        query: &query,
        json: &json,
    };
    let mut news = Vec::new();
    for number in 0..times {
        let (_, found) = mapping.apply_watched(view);
        news.extend(
            found.iter().flat_map(|found| monitor.observe(found.rule, found.fields, at(number))),
        );
    }
    news
}

/// As in `a customerEmail stopped`.
fn said(news: &[News]) -> Vec<String> {
    let what = |news: &News| match news.what {
        Turned::Stopped { was, silent, .. } => format!("stopped {}/{} {silent}", was.hits, was.of),
        Turned::Resumed => "resumed".to_owned(),
        Turned::Replaced => "replaced".to_owned(),
    };
    news.iter().map(|news| format!("{} {} {}", news.rule, news.field, what(news))).collect()
}

#[test]
fn a_new_version_forgets_only_the_rules_that_changed() {
    let old = mapping(&[("a", "$.email"), ("b", "$.email")]);
    let mut monitor = Monitor::new(&old);
    assert!(
        observe(&mut monitor, &old, json!({ "id": 1, "email": "x@example.com" }), 50).is_empty()
    );
    // Skipped for want of a click id: the other fields are watched all the same.
    let news = observe(&mut monitor, &old, json!({ "id": 1, "mail": "x@example.com" }), 30);
    let expected = ["a customerEmail stopped 50/50 20", "b customerEmail stopped 50/50 20"];
    assert_eq!(said(&news), expected);

    let new = mapping(&[("b", "$.email"), ("a", "$.mail")]);
    assert_eq!(said(&monitor.replace(&new)), ["a customerEmail replaced"]);
    let news = observe(&mut monitor, &new, json!({ "id": 1, "email": "x@example.com" }), 1);
    assert_eq!(said(&news), ["b customerEmail resumed"]);
}

#[test]
fn what_was_stored_before_the_start_counts() {
    let mapping = mapping(&[("a", "$.email")]);
    let (mut before, mut live) = (Monitor::new(&mapping), Monitor::new(&mapping));
    observe(&mut before, &mapping, json!({ "id": 1, "email": "x@example.com" }), 50);
    observe(&mut before, &mapping, json!({ "id": 1 }), 10);
    assert!(observe(&mut live, &mapping, json!({ "id": 1 }), 15).is_empty());
    assert_eq!(said(&before.precede(&mut live)), ["a customerEmail stopped 50/50 25"]);
    assert!(observe(&mut live, &mapping, json!({ "id": 1 }), 15).is_empty());
}
