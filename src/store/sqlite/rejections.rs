//! The rings of refused requests.

use super::fault::Fault;
use super::rows::{self, pairs_to_text};
use super::tx::Tx;
use crate::model::{EventId, QueryString, RejectionId, Request, Timestamp};
use crate::provider::MaskedRequest;
use crate::store::{Admission, REJECTIONS_BYTES_MAX, Rejection, RejectionQuery, StoredRejection};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::net::IpAddr;

/// About what a row takes beside its texts and its body, its place in indexes included.
const ROW_BYTES: usize = 300;
/// The most rejections of one list.
const LIST_MAX: usize = 1_000;

/// Keeps a rejection, and lets go of the oldest of its source that no longer fit beside it.
pub(super) fn keep(tx: &Tx<'_>, rejection: &Rejection) -> Result<RejectionId, Fault> {
    let request = rejection.request.request();
    let source = request.source.as_str();
    let headers = pairs_to_text(request.headers.iter());
    let causes = rows::causes_to_text(&rejection.causes);
    let texts = request.target.len() + headers.len() + causes.len() + ROW_BYTES;
    let whole = (texts + request.body.len()) as u64;
    let body = (rejection.body_kept && whole <= REJECTIONS_BYTES_MAX).then_some(&request.body[..]);
    let bytes = (texts + body.map_or(0, <[u8]>::len)) as i64;
    let newest = "SELECT ring_start + bytes FROM rejections WHERE source = ?1
                  ORDER BY ring_start DESC LIMIT 1";
    let start: i64 = tx.first(newest, [source], |row| row.get(0))?.unwrap_or(0);
    let id = RejectionId::new(tx.now);
    tx.execute(
        "INSERT INTO rejections (id, source, received_at, code, peer, method, target, headers,
             carrier, body, causes, bytes, ring_start)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            id.as_bytes(),
            source,
            request.received_at.millis(),
            rejection.code.name(),
            request.peer.map(|peer| peer.to_string()),
            request.method,
            request.target,
            headers,
            rejection.request.carrier(),
            body,
            causes,
            bytes,
            start,
        ],
    )?;
    let ring_max = i64::try_from(REJECTIONS_BYTES_MAX).expect("some megabytes");
    tx.execute(
        "DELETE FROM rejections WHERE source = ?1 AND ring_start < ?2",
        params![source, start + bytes - ring_max],
    )?;
    Ok(id)
}

/// Notes what a rejection became, unless that is noted already.
pub(super) fn admit(tx: &Tx<'_>, id: RejectionId, events: &[EventId]) -> Result<(), Fault> {
    tx.execute(
        "UPDATE rejections SET admitted_at = ?2, admitted = ?3
         WHERE id = ?1 AND admitted_at IS NULL",
        params![id.as_bytes(), tx.now.millis(), rows::ids_to_text(events)],
    )?;
    Ok(())
}

/// Removes up to `limit` of those that were received before `before`.
pub(super) fn purge(tx: &Tx<'_>, before: Timestamp, limit: usize) -> Result<u64, Fault> {
    let removed = tx.execute(
        "DELETE FROM rejections WHERE id IN (
             SELECT id FROM rejections WHERE received_at < ?1 ORDER BY received_at LIMIT ?2)",
        params![before.millis(), limit as i64],
    )?;
    Ok(removed as u64)
}

/// A rejection with everything.
pub(super) fn find(db: &Connection, id: RejectionId) -> Result<Option<StoredRejection>, Fault> {
    let found = db
        .prepare_cached(
            "SELECT id, source, received_at, code, peer, method, target, headers, carrier, body,
                 body IS NOT NULL AS body_kept, causes, bytes, admitted_at, admitted
             FROM rejections WHERE id = ?1",
        )?
        .query_row([id.as_bytes()], stored)
        .optional()?;
    Ok(found)
}

/// Rejections without their bodies, newest first.
pub(super) fn list(db: &Connection, query: &RejectionQuery) -> Result<Vec<StoredRejection>, Fault> {
    // A condition that also holds without a source would keep the index of sources from being used.
    let of_source = if query.source.is_some() { "source = ?1" } else { "?1 IS NULL" };
    let mut statement = db.prepare_cached(&format!(
        "SELECT id, source, received_at, code, peer, method, target, headers, carrier, NULL AS body,
             body IS NOT NULL AS body_kept, causes, bytes, admitted_at, admitted
         FROM rejections WHERE {of_source} AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3"
    ))?;
    let rows = statement.query_map(
        params![
            query.source.as_ref().map(|source| source.as_str()),
            query.after.as_ref().map(RejectionId::as_bytes),
            query.limit.min(LIST_MAX) as i64
        ],
        stored,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredRejection> {
    let target: String = row.get("target")?;
    let request = Request {
        source: rows::parsed(row, "source")?,
        method: row.get("method")?,
        headers: rows::headers(row, "headers")?,
        query: QueryString::of_target(&target),
        target,
        body: row.get::<_, Option<Vec<u8>>>("body")?.unwrap_or_default().into(),
        peer: rows::optional::<IpAddr>(row, "peer")?,
        received_at: rows::timestamp(row, "received_at")?,
    };
    let admitted_at: Option<i64> = row.get("admitted_at")?;
    let admitted = match admitted_at {
        Some(at) => {
            let at = Timestamp::from_millis(at);
            Some(Admission { at, events: rows::ids(row, "admitted")? })
        }
        None => None,
    };
    Ok(StoredRejection {
        id: RejectionId::from_bytes(row.get("id")?),
        rejection: Rejection {
            request: MaskedRequest::stored(request, row.get("carrier")?),
            body_kept: row.get("body_kept")?,
            code: rows::parsed(row, "code")?,
            causes: rows::causes(row, "causes")?,
        },
        bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
        admitted,
    })
}
