//! Reading for people and for mapping again, beside the writer.

use super::fault::Fault;
use super::rows;
use crate::model::{DeliveryId, DeliveryState, EventId, SourceName, Timestamp};
use crate::store::{MappingText, StoredDelivery, StoredEvent};
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The most events of one list.
const LIST_MAX: usize = 1_000;

/// An event with everything.
pub(super) fn event(db: &Connection, id: EventId) -> Result<Option<StoredEvent>, Fault> {
    let found = db
        .prepare_cached(
            "SELECT events.id, events.source, type, provider_event_id, events.received_at,
                 mapping_version, fault, bytes,
                 ifnull(events.headers, requests.headers) AS headers,
                 ifnull(events.query, requests.query) AS query
             FROM events LEFT JOIN requests ON requests.id = request_id
             WHERE events.id = ?1",
        )?
        .query_row([id.as_bytes()], stored_event)
        .optional()?;
    found.map(|event| with_deliveries(db, event)).transpose()
}

/// The newest events without their bytes: a list shows none, and they may be large.
pub(super) fn newest_events(db: &Connection, limit: usize) -> Result<Vec<StoredEvent>, Fault> {
    let mut statement = db.prepare_cached(
        "SELECT events.id, events.source, type, provider_event_id, events.received_at,
             mapping_version, fault, x'' AS bytes,
             ifnull(events.headers, requests.headers) AS headers,
             ifnull(events.query, requests.query) AS query
         FROM events LEFT JOIN requests ON requests.id = request_id
         ORDER BY events.received_at DESC, events.rowid DESC LIMIT ?1",
    )?;
    let events = statement.query_map([limit.min(LIST_MAX) as i64], stored_event)?;
    events.map(|event| with_deliveries(db, event?)).collect()
}

/// Where an event stands in the order of receipt: its time, in milliseconds, and its row.
pub(super) type Standing = (i64, i64);

/// Events with everything, oldest first: those behind `after`, each with where it stands.
pub(super) fn events_after(
    db: &Connection,
    source: Option<&SourceName>,
    after: Standing,
    limit: usize,
) -> Result<Vec<(Standing, StoredEvent)>, Fault> {
    // A condition that also holds without a source would keep the index of sources from being used.
    let of_source = if source.is_some() { "events.source = ?3" } else { "?3 IS NULL" };
    let mut statement = db.prepare_cached(&format!(
        "SELECT events.rowid AS number, events.id, events.source, type, provider_event_id,
             events.received_at, mapping_version, fault, bytes,
             ifnull(events.headers, requests.headers) AS headers,
             ifnull(events.query, requests.query) AS query
         FROM events LEFT JOIN requests ON requests.id = request_id
         WHERE (events.received_at, events.rowid) > (?1, ?2)
             AND events.received_at >= ?1 AND {of_source}
         ORDER BY events.received_at, events.rowid LIMIT ?4"
    ))?;
    let source = source.map(SourceName::as_str);
    let rows = statement.query_map(params![after.0, after.1, source, limit as i64], |row| {
        let event = stored_event(row)?;
        Ok(((event.received_at.millis(), row.get("number")?), event))
    })?;
    rows.map(|row| {
        let (standing, event) = row?;
        Ok((standing, with_deliveries(db, event)?))
    })
    .collect()
}

/// When the oldest of the `count` newest events of `source` was received.
pub(super) fn since_newest(
    db: &Connection,
    source: &SourceName,
    count: usize,
) -> Result<Option<Timestamp>, Fault> {
    let mut statement = db.prepare_cached(
        "SELECT min(received_at) AS since FROM (
             SELECT received_at FROM events WHERE source = ?1 ORDER BY received_at DESC LIMIT ?2)",
    )?;
    let since = |row: &Row<'_>| row.get::<_, Option<i64>>("since");
    let since = statement.query_row(params![source.as_str(), count as i64], since)?;
    Ok(since.map(Timestamp::from_millis))
}

pub(super) fn count_by_state(db: &Connection) -> Result<Vec<(DeliveryState, u64)>, Fault> {
    let mut statement =
        db.prepare_cached("SELECT state, count(*) AS n FROM deliveries GROUP BY state")?;
    let rows = statement.query_map([], |row| {
        let count: i64 = row.get("n")?;
        Ok((rows::parsed(row, "state")?, u64::try_from(count).unwrap_or(0)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn known_sources(db: &Connection) -> Result<Vec<SourceName>, Fault> {
    let mut statement = db.prepare_cached("SELECT name FROM sources ORDER BY name")?;
    let rows = statement.query_map([], |row| rows::parsed(row, "name"))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn last_good(db: &Connection) -> Result<Vec<MappingText>, Fault> {
    let mut statement =
        db.prepare_cached("SELECT source, version, text FROM last_good ORDER BY source")?;
    let rows = statement.query_map([], |row| {
        Ok(MappingText {
            version: row.get("version")?,
            source: rows::parsed(row, "source")?,
            text: row.get("text")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn stored_event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    Ok(StoredEvent {
        id: EventId::from_bytes(row.get("id")?),
        source: rows::parsed(row, "source")?,
        event_type: row.get("type")?,
        provider_event_id: row.get("provider_event_id")?,
        received_at: rows::timestamp(row, "received_at")?,
        headers: rows::headers(row, "headers")?,
        query: rows::query(row, "query")?,
        bytes: row.get::<_, Vec<u8>>("bytes")?.into(),
        fault: rows::reasons(row, "fault")?.pop(),
        mapping_version: row.get("mapping_version")?,
        deliveries: Vec::new(),
    })
}

fn with_deliveries(db: &Connection, mut event: StoredEvent) -> Result<StoredEvent, Fault> {
    let mut statement = db.prepare_cached(
        "SELECT id, rule, mapping_version, destination, state, reasons, warnings, body, attempts,
             due_at, created_at
         FROM deliveries WHERE event_id = ?1 ORDER BY number",
    )?;
    let rows = statement.query_map(params![event.id.as_bytes()], stored_delivery)?;
    event.deliveries = rows.collect::<Result<_, _>>()?;
    Ok(event)
}

fn stored_delivery(row: &Row<'_>) -> rusqlite::Result<StoredDelivery> {
    Ok(StoredDelivery {
        id: DeliveryId::from_bytes(row.get("id")?),
        rule: rows::parsed(row, "rule")?,
        mapping_version: row.get("mapping_version")?,
        destination: rows::parsed(row, "destination")?,
        state: rows::parsed(row, "state")?,
        reasons: rows::reasons(row, "reasons")?,
        warnings: rows::reasons(row, "warnings")?,
        body: row.get::<_, Option<Vec<u8>>>("body")?.map(Bytes::from),
        attempts: row.get("attempts")?,
        due_at: row.get::<_, Option<i64>>("due_at")?.map(Timestamp::from_millis),
        created_at: rows::timestamp(row, "created_at")?,
    })
}
