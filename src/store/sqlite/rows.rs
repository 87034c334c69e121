//! Columns and the values of the model: how each is written and read back.
//!
//! Lists (headers, parameters, reasons) are JSON arrays of arrays in one column. The model's types
//! derive no serialization on purpose, so the shapes are here.

use crate::diagnostic::Code;
use crate::model::{Cause, EventId, Headers, QueryString, Reason, SourceName, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Error, Row};
use serde::de::DeserializeOwned;
use std::str::FromStr;
use std::time::Duration;

pub(super) fn pairs_to_text<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<_> = pairs.collect();
    serde_json::to_string(&pairs).expect("strings always become JSON")
}

/// `None` where there are none.
pub(super) fn reasons_to_text(reasons: &[Reason]) -> Option<String> {
    if reasons.is_empty() {
        return None;
    }
    let shape = |reason: &Reason| (reason.code.name(), reason.field.clone(), reason.detail.clone());
    let shapes: Vec<_> = reasons.iter().map(shape).collect();
    Some(serde_json::to_string(&shapes).expect("strings always become JSON"))
}

pub(super) fn causes_to_text(causes: &[Cause]) -> String {
    let shape = |cause: &Cause| {
        let source = cause.source.as_ref().map(SourceName::to_string);
        (cause.code.to_string(), cause.message.clone(), cause.hint.clone(), source)
    };
    let shapes: Vec<_> = causes.iter().map(shape).collect();
    serde_json::to_string(&shapes).expect("strings always become JSON")
}

pub(super) fn ids_to_text(events: &[EventId]) -> String {
    let shapes: Vec<_> = events.iter().map(EventId::to_string).collect();
    serde_json::to_string(&shapes).expect("strings always become JSON")
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn timestamp(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

pub(super) fn duration(row: &Row<'_>, column: &str) -> rusqlite::Result<Duration> {
    row.get(column).map(|millis: i64| Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
}

/// A name or a state.
pub(super) fn parsed<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| unexpected(row, column))
}

/// The same, where there may be none.
pub(super) fn optional<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|_| unexpected(row, column))).transpose()
}

pub(super) fn headers(row: &Row<'_>, column: &str) -> rusqlite::Result<Headers> {
    json::<Vec<(String, String)>>(row, column).map(|pairs| Headers::new(pairs.unwrap_or_default()))
}

pub(super) fn query(row: &Row<'_>, column: &str) -> rusqlite::Result<QueryString> {
    json::<Vec<(String, String)>>(row, column)
        .map(|pairs| QueryString::new(pairs.unwrap_or_default()))
}

pub(super) fn reasons(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<Reason>> {
    type Shape = (String, Option<String>, Option<String>);
    let shapes: Vec<Shape> = json(row, column)?.unwrap_or_default();
    let reason = |(code, field, detail): Shape| {
        let code: Code = code.parse().map_err(|()| unexpected(row, column))?;
        Ok(Reason { code, field, detail })
    };
    shapes.into_iter().map(reason).collect()
}

pub(super) fn causes(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<Cause>> {
    type Shape = (String, String, Option<String>, Option<String>);
    let shapes: Vec<Shape> = json(row, column)?.unwrap_or_default();
    let cause = |(code, message, hint, source): Shape| {
        let source = source.map(|name| name.parse().map_err(|_| unexpected(row, column)));
        Ok(Cause { code: code.into(), message, hint, source: source.transpose()? })
    };
    shapes.into_iter().map(cause).collect()
}

pub(super) fn ids(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<EventId>> {
    let shapes: Vec<String> = json(row, column)?.unwrap_or_default();
    shapes.iter().map(|text| text.parse().map_err(|_| unexpected(row, column))).collect()
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|_| unexpected(row, column))).transpose()
}

fn unexpected(row: &Row<'_>, column: &str) -> Error {
    let index = row.as_ref().column_index(column).unwrap_or(0);
    Error::FromSqlConversionFailure(index, Type::Text, format!("`{column}` makes no sense").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    fn read<T>(text: Option<&str>, read: fn(&Row<'_>, &str) -> rusqlite::Result<T>) -> Option<T> {
        let database = Connection::open_in_memory().expect("a database in memory");
        database.query_row("SELECT ?1 AS x", [text], |row| read(row, "x")).ok()
    }

    #[test]
    fn reasons_read_back_what_was_written() {
        let all = vec![
            Reason::new(Code::NoClickId),
            Reason::of_field(Code::FieldMissing, "customerEmail").detail("\"quoted\" é"),
        ];
        assert_eq!(read(reasons_to_text(&all).as_deref(), reasons), Some(all));
        assert_eq!(read(None, reasons), Some(vec![]));
        assert_eq!(reasons_to_text(&[]), None);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for bad in ["", "[", "[[\"no_such_code\",null,null]]", "[[1]]", "{}"] {
            assert!(read(Some(bad), reasons).is_none(), "{bad}");
        }
        assert!(read::<Headers>(Some("[[\"a\"]]"), headers).is_none());
    }

    #[test]
    fn headers_keep_their_order_and_repetitions() {
        let all = [("b", "1"), ("a", "2"), ("b", "3")];
        let read = read(Some(&pairs_to_text(all.into_iter())), headers).expect("readable");
        assert_eq!(read.iter().collect::<Vec<_>>(), all);
    }
}
