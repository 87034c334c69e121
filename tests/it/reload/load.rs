//! Under load: no request ever sees half a file, or two versions.

use super::{Editing, broken, mapping, replace, sign_up};
use crate::support::{Builder, Http, destination, hang_up};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const SENDERS: usize = 4;
const SWAPS: usize = 150;
const READ: &str = "mapping files read again";
const APPLIED: &str = "mapping applied";

/// Sends sign-ups until `edit` is done; the answers that were none of 200.
fn under_load(http: Http, edit: impl FnOnce()) -> Vec<u16> {
    let done = AtomicBool::new(false);
    let number = AtomicUsize::new(0);
    let send = || {
        let mut refused = Vec::new();
        while !done.load(Ordering::SeqCst) {
            let user = format!("user_{}", number.fetch_add(1, Ordering::SeqCst));
            let status = sign_up(http, "mine", &user);
            if status != 200 {
                refused.push(status);
            }
        }
        refused
    };
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(send)).collect();
        edit();
        done.store(true, Ordering::SeqCst);
        senders.into_iter().flat_map(|sender| sender.join().expect("it sends")).collect()
    })
}

fn version(count: usize) -> String {
    mapping(if count.is_multiple_of(2) { "B" } else { "A" })
}

#[test]
fn a_request_is_served_by_one_whole_version() {
    let destination = destination();
    let builder = Builder::new(&destination)
        .mappings(&[("mine.toml", &mapping("A"))])
        .with("LEADHOOK_RELOAD_POLL", "1h");
    let editing = Editing::start(builder);
    let file = editing.mappings.join("mine.toml");
    let pid = editing.service.pid();
    let refused = under_load(editing.service.http(), || {
        for count in 0..SWAPS {
            replace(&file, &version(count));
            hang_up(pid);
            editing.wait(count + 1, READ);
        }
        // In place: it is empty, then half there, and read at each step.
        for count in 0..SWAPS / 3 {
            let text = version(count);
            let (half, rest) = text.split_at(text.find("\"\ncustomer").expect("it is there"));
            let read = SWAPS + 3 * count;
            let mut writing = std::fs::File::create(&file).expect("it can be written");
            for (step, part) in ["", half, rest].into_iter().enumerate() {
                writing.write_all(part.as_bytes()).expect("it can be written");
                hang_up(pid);
                editing.wait(read + step + 1, READ);
            }
        }
        // As fast as it goes, seen by the watch alone or by whoever asks in between.
        for count in 0..SWAPS {
            std::fs::write(&file, version(count)).expect("it can be written");
            replace(&file, &version(count + 1));
            if count.is_multiple_of(8) {
                hang_up(pid);
            }
        }
    });
    assert!(refused.is_empty(), "{refused:?}");
    let made_by_its_version = "SELECT DISTINCT
            json_extract(body, '$.eventName') || json_extract(body, '$.metadata.version')
                || substr(text, instr(text, 'eventName') + length('eventName = \"'), 1)
        FROM deliveries JOIN events ON events.id = event_id
            LEFT JOIN mappings ON mappings.source = events.source
                AND version = events.mapping_version AND version = deliveries.mapping_version
        ORDER BY 1";
    let database = editing.service.database();
    assert_eq!(database.column(made_by_its_version), ["AAA", "BBB"]);
    let leads = database.count("SELECT count(*) FROM deliveries");
    for lead in destination.expect_leads(usize::try_from(leads).expect("some")) {
        assert_eq!(lead["eventName"], lead["metadata"]["version"], "{lead}");
    }
    // What is written last is in force in the end.
    editing.write("mine.toml", &broken());
    editing.wait(1, "\"code\":\"key_unknown\"");
    let applied = editing.service.log().iter().filter(|line| line.contains(APPLIED)).count();
    assert!(applied >= SWAPS, "{applied} were in force");
    editing.write("mine.toml", &mapping("C"));
    editing.wait(applied + 1, APPLIED);
    assert_eq!(editing.served("the last one"), "C");
}
