//! What is known of stored events inside a transaction: whether one should be mapped again, and
//! doing that.

use super::clicks;
use super::deliveries::{self, Leases, Origin};
use super::fault::Fault;
use super::rows;
use super::tx::Tx;
use crate::model::{
    Applied, DeliveryState, Document, EventId, Reason, SourceName, Timestamp, derived_state,
};
use rusqlite::params;
use std::collections::HashSet;

struct Standing {
    source: SourceName,
    received_at: Timestamp,
    mapping_version: String,
    unreadable: bool,
    /// But for the superseded ones, which are history.
    deliveries: Vec<(String, DeliveryState)>,
}

/// How the column says that the bytes can't be read, and why.
pub(super) fn fault_to_text(json: &Result<Document, Reason>) -> Option<String> {
    json.as_ref().err().and_then(|reason| rows::reasons_to_text(std::slice::from_ref(reason)))
}

/// Whether mapping a known event again by `mapping_version` could make more of it. An event that
/// was removed by retention is never stale: there is nothing left to map.
pub(super) fn is_stale(tx: &Tx<'_>, event: EventId, mapping_version: &str) -> Result<bool, Fault> {
    let standing = standing(tx, event)?;
    Ok(standing.is_some_and(|standing| standing.is_stale(mapping_version)))
}

/// Replaces what the mapping made of an event, if it is stale.
///
/// Only deliveries that never became leads are superseded. A rule that made a lead before keeps
/// that one, whatever became of it: sending a lead once more is an operator's decision, never the
/// effect of a provider's resend.
pub(super) fn remap(
    tx: &Tx<'_>,
    event: EventId,
    mapping_version: &str,
    applied: &Applied,
) -> Result<bool, Fault> {
    let Some(standing) = standing(tx, event)?.filter(|it| it.is_stale(mapping_version)) else {
        return Ok(false);
    };
    tx.execute(
        "UPDATE deliveries SET state = 'superseded'
         WHERE event_id = ?1 AND state IN ('skipped', 'unmapped')",
        [event.as_bytes()],
    )?;
    // Whatever a rule made of it is proof that the bytes can be read now.
    let readable = !applied.outcomes.is_empty() || !applied.clicks.is_empty();
    tx.execute(
        "UPDATE events SET mapping_version = ?2, fault = CASE WHEN ?3 THEN NULL ELSE fault END
         WHERE id = ?1",
        params![event.as_bytes(), mapping_version, readable],
    )?;
    clicks::learn(tx, &applied.clicks, standing.received_at)?;
    let leads = standing.rules_with_leads();
    let origin = Origin { event, source: &standing.source, mapping_version };
    let mut leases = Leases::none();
    for outcome in applied.outcomes.iter().filter(|outcome| !leads.contains(outcome.rule.as_str()))
    {
        deliveries::insert(tx, origin, outcome, &mut leases)?;
    }
    Ok(true)
}

impl Standing {
    fn is_stale(&self, mapping_version: &str) -> bool {
        use DeliveryState::{Skipped, Unmapped};
        let states = self.deliveries.iter().map(|(_, state)| *state);
        self.mapping_version != mapping_version
            && matches!(derived_state(self.unreadable, states), None | Some(Skipped | Unmapped))
    }

    fn rules_with_leads(&self) -> HashSet<&str> {
        let made_a_lead =
            |state| !matches!(state, DeliveryState::Skipped | DeliveryState::Unmapped);
        let leads = self.deliveries.iter().filter(|(_, state)| made_a_lead(*state));
        leads.map(|(rule, _)| rule.as_str()).collect()
    }
}

fn standing(tx: &Tx<'_>, event: EventId) -> Result<Option<Standing>, Fault> {
    let found = tx.first(
        "SELECT source, received_at, mapping_version, fault IS NOT NULL AS unreadable
         FROM events WHERE id = ?1",
        [event.as_bytes()],
        |row| {
            Ok(Standing {
                source: rows::parsed(row, "source")?,
                received_at: rows::timestamp(row, "received_at")?,
                mapping_version: row.get("mapping_version")?,
                unreadable: row.get("unreadable")?,
                deliveries: Vec::new(),
            })
        },
    )?;
    let Some(mut standing) = found else { return Ok(None) };
    standing.deliveries = tx.all(
        "SELECT rule, state FROM deliveries WHERE event_id = ?1 AND state != 'superseded'",
        [event.as_bytes()],
        |row| Ok((row.get("rule")?, rows::parsed(row, "state")?)),
    )?;
    Ok(Some(standing))
}
