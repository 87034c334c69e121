//! Concluding: an attempt's end, the delivery's next state and the ledger, in one transaction.

use super::attempts;
use super::fault::Fault;
use super::keys::Key;
use super::ledger;
use super::line::{self, Line};
use super::rows::{self, millis, reasons_to_text};
use super::tx::Tx;
use crate::model::{DeliveryState, Effect, EventId, Next, RuleName, Timestamp};
use crate::store::{Concluded, Conclusion};
use rusqlite::{Row, params};

pub(super) fn conclude(tx: &Tx<'_>, conclusion: &Conclusion) -> Result<Concluded, Fault> {
    let Some(delivery) = Delivery::find(tx, conclusion)? else {
        // Removed by retention, long after anything could still happen to it.
        return Ok(Concluded::Late);
    };
    let in_time = delivery.lease == Some(*conclusion.lease.as_bytes());
    attempts::end(tx, conclusion.delivery, conclusion.lease, &conclusion.attempt, !in_time)?;
    if in_time {
        delivery.follow(tx, conclusion)?;
        return Ok(Concluded::InTime);
    }
    if conclusion.attempt.effect == Effect::Recorded && delivery.state != DeliveryState::Tracked {
        delivery.settle(tx, conclusion, DeliveryState::Tracked, 0)?;
    }
    Ok(Concluded::Late)
}

/// Whether the state says that the destination has the lead, by whomever.
fn is_in_ledger(state: DeliveryState) -> bool {
    use DeliveryState::{Duplicate, ProbablyTracked, Tracked};
    matches!(state, Tracked | Duplicate | ProbablyTracked)
}

struct Delivery {
    number: i64,
    event: EventId,
    rule: RuleName,
    state: DeliveryState,
    lease: Option<[u8; 16]>,
    destination: String,
    customer: Key,
    pair: Key,
}

impl Delivery {
    /// The delivery, if it is a lead: nothing else is ever attempted.
    fn find(tx: &Tx<'_>, conclusion: &Conclusion) -> Result<Option<Self>, Fault> {
        tx.first(
            "SELECT number, event_id, rule, state, lease, destination, customer, pair
             FROM deliveries WHERE id = ?1 AND pair IS NOT NULL",
            [conclusion.delivery.as_bytes()],
            Self::read,
        )
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get("number")?,
            event: EventId::from_bytes(row.get("event_id")?),
            rule: rows::parsed(row, "rule")?,
            state: rows::parsed(row, "state")?,
            lease: row.get("lease")?,
            destination: row.get("destination")?,
            customer: row.get("customer")?,
            pair: row.get("pair")?,
        })
    }

    fn line(&self) -> Line<'_> {
        Line { destination: &self.destination, customer: self.customer, pair: self.pair }
    }

    fn follow(&self, tx: &Tx<'_>, conclusion: &Conclusion) -> Result<(), Fault> {
        match conclusion.next {
            Next::Final(state) if state.is_final() => self.settle(tx, conclusion, state, 1),
            Next::Final(_) => Err(Fault::Refused("the next state of a delivery is not final")),
            Next::Again { at, spent: Some(spent) } => {
                self.put_off(tx, conclusion, at, 1, millis(spent))
            }
            Next::Again { at, spent: None } => self.put_off(tx, conclusion, at, 0, 0),
        }
    }

    fn settle(
        &self,
        tx: &Tx<'_>,
        conclusion: &Conclusion,
        state: DeliveryState,
        attempts: u32,
    ) -> Result<(), Fault> {
        tx.execute(
            "UPDATE deliveries SET state = ?2, reasons = ?3, attempts = attempts + ?4,
                 due_at = NULL, waits_for = NULL, lease = NULL, leased_until = NULL
             WHERE number = ?1",
            params![
                self.number,
                state.as_str(),
                reasons_to_text(std::slice::from_ref(&conclusion.reason)),
                attempts
            ],
        )?;
        if is_in_ledger(state) {
            let rule = tx.keys.rule(self.event, &self.rule);
            ledger::note(tx, &self.line(), &rule, conclusion.attempt.ended_at)?;
        }
        line::release(tx, &self.line())
    }

    fn put_off(
        &self,
        tx: &Tx<'_>,
        conclusion: &Conclusion,
        at: Timestamp,
        attempts: u32,
        spent_ms: i64,
    ) -> Result<(), Fault> {
        tx.execute(
            "UPDATE deliveries SET state = 'pending', due_at = ?2, reasons = ?3,
                 attempts = attempts + ?4, spent_ms = spent_ms + ?5, lease = NULL,
                 leased_until = NULL
             WHERE number = ?1",
            params![
                self.number,
                at.millis(),
                reasons_to_text(std::slice::from_ref(&conclusion.reason)),
                attempts,
                spent_ms
            ],
        )?;
        line::release(tx, &self.line())
    }
}
