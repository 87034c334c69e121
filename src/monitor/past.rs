//! What a mapping would have found in the events that are stored already.

use crate::model::Timestamp;
use crate::review::Monitor;
use crate::store::StoredEvent;
use crate::store::sqlite::Archive;
use crate::topology::Source;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many of the newest events of a source are looked at: enough for a field of one event in a
/// hundred, and read within seconds.
const EVENTS_MAX: usize = 5_000;

/// Lets `source`'s mapping see the newest events that were received before `before`, oldest first,
/// unless it is interrupted.
///
/// # Errors
/// A sentence where the store can't be read.
pub(super) fn read(
    database: &Path,
    source: &Source,
    before: Timestamp,
    interrupted: &AtomicBool,
) -> Result<Monitor, String> {
    let mut monitor = Monitor::new(&source.mapping);
    let archive = Archive::open(database).map_err(|error| error.to_string())?;
    let since =
        archive.since_newest(&source.name, EVENTS_MAX).map_err(|error| error.to_string())?;
    let Some(since) = since else { return Ok(monitor) };
    let visit = |event: StoredEvent| {
        if event.received_at >= before || interrupted.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        observe(&mut monitor, source, &event);
        ControlFlow::Continue(())
    };
    archive.events(Some(&source.name), since, visit).map_err(|error| error.to_string())?;
    Ok(monitor)
}

fn observe(monitor: &mut Monitor, source: &Source, event: &StoredEvent) {
    // What ingest could not cut out of its request, no rule has seen either.
    if event.fault.is_some() {
        return;
    }
    let Ok(json) = source.provider.read(&event.headers, &event.bytes) else { return };
    let (_, found) = source.mapping.apply_watched(event.view(&json));
    for found in found {
        // What it would have told then is told of the whole once the past is known.
        monitor.observe(found.rule, found.fields, event.received_at);
    }
}
