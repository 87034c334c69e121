//! Who may go: the order of the leads of one customer at one destination.
//!
//! Two rules. Only one lead of a (destination, customer, event name) is under way at a time: the
//! answer to one is what gives meaning to the answer to the next. And a lead without a click id of
//! its own waits for earlier unfinished leads of its customer, because it counts on the customer
//! that they make known.
//!
//! A due delivery that must wait is marked with what it waits for and leaves the index of due
//! ones, so that however many wait, no claim passes over them again. It keeps its place: whenever
//! a delivery ends or is put off, [`release`] lets the first that waits for its pair, and the
//! first that waits for its customer, be looked at again. One each is enough: what is looked at
//! next either goes, and releases another when it ends, or still waits for one that will.

use super::fault::Fault;
use super::keys::Key;
use super::tx::Tx;
use rusqlite::params;

/// The customer and event name of a lead, at its destination.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) destination: &'a str,
    pub(super) customer: Key,
    pub(super) pair: Key,
}

/// Whether a lead may go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Go,
    /// Another one of the same customer and event name is under way.
    AfterPair,
    /// It has no click id, and an earlier one of the same customer is unfinished.
    AfterCustomer,
}

/// Whether a lead may go. `number` is its place in the order of creation.
pub(super) fn turn(
    tx: &Tx<'_>,
    line: &Line<'_>,
    has_click: bool,
    number: i64,
) -> Result<Turn, Fault> {
    if !has_click && earlier_unfinished(tx, line, number)? {
        Ok(Turn::AfterCustomer)
    } else if under_way(tx, line)? {
        Ok(Turn::AfterPair)
    } else {
        Ok(Turn::Go)
    }
}

/// Marks a due delivery as waiting.
pub(super) fn wait(tx: &Tx<'_>, line: &Line<'_>, turn: Turn, number: i64) -> Result<(), Fault> {
    let waits_for = match turn {
        Turn::Go => None,
        Turn::AfterPair => Some("pair"),
        Turn::AfterCustomer => Some("customer"),
    };
    tx.execute(
        "UPDATE deliveries SET waits_for = ?2 WHERE number = ?1",
        params![number, waits_for],
    )?;
    // It may have been released as the next of its pair, and an earlier one of its customer opened
    // again since: then its turn goes to another, which would wait for nobody otherwise.
    if turn == Turn::AfterCustomer && !under_way(tx, line)? {
        release_pair(tx, line)?;
    }
    Ok(())
}

/// Lets the next ones be looked at again, after a delivery has ended or has been put off.
pub(super) fn release(tx: &Tx<'_>, line: &Line<'_>) -> Result<(), Fault> {
    release_pair(tx, line)?;
    tx.execute(
        "UPDATE deliveries SET waits_for = NULL WHERE number = (
             SELECT number FROM deliveries
             WHERE destination = ?1 AND customer = ?2 AND waits_for = 'customer'
             ORDER BY number LIMIT 1)",
        params![line.destination, line.customer],
    )?;
    Ok(())
}

/// Whether some delivery to `destination` waits for another.
pub(super) fn any_waits(tx: &Tx<'_>, destination: &str) -> Result<bool, Fault> {
    let after_pair = "SELECT 1 FROM deliveries WHERE destination = ?1 AND waits_for = 'pair'";
    let after_customer =
        "SELECT 1 FROM deliveries WHERE destination = ?1 AND waits_for = 'customer'";
    Ok(tx.exists(after_pair, [destination])? || tx.exists(after_customer, [destination])?)
}

fn release_pair(tx: &Tx<'_>, line: &Line<'_>) -> Result<(), Fault> {
    tx.execute(
        "UPDATE deliveries SET waits_for = NULL WHERE number = (
             SELECT number FROM deliveries
             WHERE destination = ?1 AND pair = ?2 AND waits_for = 'pair'
             ORDER BY number LIMIT 1)",
        params![line.destination, line.pair],
    )?;
    Ok(())
}

fn under_way(tx: &Tx<'_>, line: &Line<'_>) -> Result<bool, Fault> {
    tx.exists(
        "SELECT 1 FROM deliveries WHERE destination = ?1 AND pair = ?2 AND state = 'leased'",
        params![line.destination, line.pair],
    )
}

fn earlier_unfinished(tx: &Tx<'_>, line: &Line<'_>, number: i64) -> Result<bool, Fault> {
    tx.exists(
        "SELECT 1 FROM deliveries WHERE destination = ?1 AND customer = ?2
             AND state IN ('pending', 'leased') AND number < ?3",
        params![line.destination, line.customer, number],
    )
}
