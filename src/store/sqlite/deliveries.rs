//! Storing what the rules made of an event: a delivery each.

use super::attempts;
use super::fault::Fault;
use super::ledger;
use super::line::{Line, Turn, turn};
use super::rows::reasons_to_text;
use super::tx::Tx;
use crate::diagnostic::Code;
use crate::model::{
    DeliveryId, DeliveryState, EventId, History, Lead, LeaseToken, Mode, Reason, RuleOutcome,
    SourceName, Translation,
};
use crate::store::Claimed;
use rusqlite::params;
use std::time::Duration;

/// The event that deliveries are made of.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) event: EventId,
    pub(super) source: &'a SourceName,
}

/// Leases that may be given to what is stored.
#[derive(Clone, Copy)]
pub(super) struct Leases {
    pub(super) left: usize,
    pub(super) duration: Duration,
}

impl Leases {
    pub(super) fn none() -> Self {
        Self { left: 0, duration: Duration::ZERO }
    }
}

/// What became of an outcome.
pub(super) enum Stored {
    /// Nothing is to be done about it.
    Settled,
    /// To be claimed.
    Due,
    /// To be attempted now.
    Leased(Box<Claimed>),
}

/// Stores one delivery.
pub(super) fn insert(
    tx: &Tx<'_>,
    origin: Origin<'_>,
    outcome: &RuleOutcome,
    leases: &mut Leases,
) -> Result<Stored, Fault> {
    match &outcome.translation {
        Translation::Lead(lead) => insert_lead(tx, origin, outcome, lead, leases),
        Translation::Skipped(reason) => {
            let reasons = std::slice::from_ref(reason);
            insert_without_lead(tx, origin, outcome, DeliveryState::Skipped, reasons)
        }
        Translation::Unmapped(reasons) => {
            insert_without_lead(tx, origin, outcome, DeliveryState::Unmapped, reasons)
        }
    }
}

fn insert_without_lead(
    tx: &Tx<'_>,
    origin: Origin<'_>,
    outcome: &RuleOutcome,
    state: DeliveryState,
    reasons: &[Reason],
) -> Result<Stored, Fault> {
    tx.execute(
        "INSERT INTO deliveries
             (id, event_id, source, rule, destination, state, reasons, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            DeliveryId::new(tx.now).as_bytes(),
            origin.event.as_bytes(),
            origin.source.as_str(),
            outcome.rule.as_str(),
            outcome.destination.as_str(),
            state.as_str(),
            reasons_to_text(reasons),
            tx.now.millis()
        ],
    )?;
    Ok(Stored::Settled)
}

/// What a lead is stored as.
enum Fate {
    RecordedBefore,
    Due,
    Leased { token: LeaseToken, history: History },
}

fn insert_lead(
    tx: &Tx<'_>,
    origin: Origin<'_>,
    outcome: &RuleOutcome,
    lead: &Lead,
    leases: &mut Leases,
) -> Result<Stored, Fault> {
    let id = DeliveryId::new(tx.now);
    let line = Line {
        destination: outcome.destination.as_str(),
        customer: tx.keys.customer(&lead.customer),
        pair: tx.keys.pair(&lead.customer, &lead.event_slug),
    };
    let once_ms = ledger::once_ms(outcome.once);
    let rule = tx.keys.rule(origin.event, &outcome.rule);
    let fate = if ledger::holds_back(tx, &line, &rule, once_ms)? {
        Fate::RecordedBefore
    } else if leases.left > 0 && turn(tx, &line, lead.has_click, i64::MAX)? == Turn::Go {
        leases.left -= 1;
        let (token, history) = attempts::start(tx, id, &line)?;
        Fate::Leased { token, history }
    } else {
        Fate::Due
    };
    let columns = columns_of(tx, &fate, leases.duration);
    tx.execute(
        "INSERT INTO deliveries
             (id, event_id, source, rule, destination, state, reasons, warnings, created_at,
              due_at, lease, leased_until, customer, pair, once_ms, has_click, deferred, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        params![
            id.as_bytes(),
            origin.event.as_bytes(),
            origin.source.as_str(),
            outcome.rule.as_str(),
            outcome.destination.as_str(),
            columns.state.as_str(),
            columns.reasons,
            reasons_to_text(&lead.warnings),
            tx.now.millis(),
            columns.due_at,
            columns.lease,
            columns.leased_until,
            line.customer,
            line.pair,
            once_ms,
            lead.has_click,
            lead.mode == Mode::Deferred,
            &lead.body[..]
        ],
    )?;
    Ok(match fate {
        Fate::RecordedBefore => Stored::Settled,
        Fate::Due => Stored::Due,
        Fate::Leased { token, history } => Stored::Leased(Box::new(Claimed {
            delivery: id,
            event: origin.event,
            source: origin.source.clone(),
            destination: outcome.destination.clone(),
            lease: token,
            attempt: token,
            attempt_number: 1,
            spent: Duration::ZERO,
            deferred: lead.mode == Mode::Deferred,
            body: lead.body.clone(),
            history,
            forgotten: false,
        })),
    })
}

/// The columns in which fates differ.
struct Columns {
    state: DeliveryState,
    reasons: Option<String>,
    due_at: Option<i64>,
    lease: Option<[u8; 16]>,
    leased_until: Option<i64>,
}

fn columns_of(tx: &Tx<'_>, fate: &Fate, lease: Duration) -> Columns {
    let empty = Columns {
        state: DeliveryState::Pending,
        reasons: None,
        due_at: None,
        lease: None,
        leased_until: None,
    };
    match fate {
        Fate::RecordedBefore => Columns {
            state: DeliveryState::RecordedBefore,
            reasons: reasons_to_text(&[Reason::new(Code::RecordedBefore)]),
            ..empty
        },
        Fate::Due => Columns { due_at: Some(tx.now.millis()), ..empty },
        Fate::Leased { token, .. } => Columns {
            state: DeliveryState::Leased,
            lease: Some(*token.as_bytes()),
            leased_until: Some(tx.now.plus(lease).millis()),
            ..empty
        },
    }
}
