//! Storing what the rules made of an event: a delivery each.

use super::attempts;
use super::clicks;
use super::fault::Fault;
use super::ledger;
use super::line::{Line, Turn, turn};
use super::rows::reasons_to_text;
use super::tx::Tx;
use crate::diagnostic::Code;
use crate::model::{
    DeliveryId, DeliveryState, EventId, History, Lead, LeaseToken, Mode, Reason, RuleOutcome,
    SourceName, Timestamp, Translation,
};
use crate::store::Claimed;
use rusqlite::params;
use std::time::Duration;

/// The event that deliveries are made of.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) event: EventId,
    pub(super) source: &'a SourceName,
    pub(super) mapping_version: &'a str,
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
        Translation::Parked(lead) => insert_parked(tx, origin, outcome, lead, leases),
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
             (id, event_id, source, mapping_version, rule, destination, state, reasons, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            DeliveryId::new(tx.now).as_bytes(),
            origin.event.as_bytes(),
            origin.source.as_str(),
            origin.mapping_version,
            outcome.rule.as_str(),
            outcome.destination.as_str(),
            state.as_str(),
            reasons_to_text(reasons),
            tx.now.millis()
        ],
    )?;
    Ok(Stored::Settled)
}

/// A lead, with what the store knows of it.
struct Owed<'a> {
    id: DeliveryId,
    origin: Origin<'a>,
    outcome: &'a RuleOutcome,
    lead: &'a Lead,
    line: Line<'a>,
    once_ms: Option<i64>,
}

/// What a lead is stored as.
enum Fate {
    RecordedBefore,
    Parked,
    Due,
    Leased { token: LeaseToken, history: History, until: Timestamp },
}

/// Stores a lead that is complete.
fn insert_lead(
    tx: &Tx<'_>,
    origin: Origin<'_>,
    outcome: &RuleOutcome,
    lead: &Lead,
    leases: &mut Leases,
) -> Result<Stored, Fault> {
    let owed = Owed::new(tx, origin, outcome, lead);
    let fate = if owed.is_recorded(tx)? { Fate::RecordedBefore } else { owed.go(tx, leases)? };
    owed.insert(tx, &fate)?;
    Ok(match fate {
        Fate::RecordedBefore | Fate::Parked => Stored::Settled,
        Fate::Due => Stored::Due,
        Fate::Leased { token, history, .. } => {
            Stored::Leased(Box::new(owed.claimed(token, history)))
        }
    })
}

/// Stores a lead without its click id, or with it where it is known by now. The ledger is asked
/// before anything waits: what it has is never sent.
fn insert_parked(
    tx: &Tx<'_>,
    origin: Origin<'_>,
    outcome: &RuleOutcome,
    lead: &Lead,
    leases: &mut Leases,
) -> Result<Stored, Fault> {
    if let Some(click_id) = clicks::recall(tx, &tx.keys.customer(&lead.customer))? {
        let lead = lead.clone().with_click(&click_id);
        return insert_lead(tx, origin, outcome, &lead, leases);
    }
    let owed = Owed::new(tx, origin, outcome, lead);
    let fate = if owed.is_recorded(tx)? { Fate::RecordedBefore } else { Fate::Parked };
    owed.insert(tx, &fate)?;
    Ok(Stored::Settled)
}

impl<'a> Owed<'a> {
    fn new(tx: &Tx<'_>, origin: Origin<'a>, outcome: &'a RuleOutcome, lead: &'a Lead) -> Self {
        let line = Line {
            destination: outcome.destination.as_str(),
            customer: tx.keys.customer(&lead.customer),
            pair: tx.keys.pair(&lead.customer, &lead.event_slug),
        };
        let once_ms = ledger::once_ms(outcome.once);
        Self { id: DeliveryId::new(tx.now), origin, outcome, lead, line, once_ms }
    }

    fn is_recorded(&self, tx: &Tx<'_>) -> Result<bool, Fault> {
        let rule = tx.keys.rule(self.origin.event, &self.outcome.rule);
        ledger::holds_back(tx, &self.line, &rule, self.once_ms)
    }

    /// Starts its first attempt if it may go and a lease is left.
    fn go(&self, tx: &Tx<'_>, leases: &mut Leases) -> Result<Fate, Fault> {
        if leases.left == 0 || turn(tx, &self.line, self.lead.has_click, i64::MAX)? != Turn::Go {
            return Ok(Fate::Due);
        }
        leases.left -= 1;
        let (token, history) = attempts::start(tx, self.id, &self.line)?;
        Ok(Fate::Leased { token, history, until: tx.now.plus(leases.duration) })
    }

    fn insert(&self, tx: &Tx<'_>, fate: &Fate) -> Result<(), Fault> {
        let Columns { state, reasons, due_at, lease, leased_until } = columns_of(tx, fate);
        tx.execute(
            "INSERT INTO deliveries
                 (id, event_id, source, mapping_version, rule, destination, state, reasons,
                  warnings, created_at, due_at, lease, leased_until, customer, pair, once_ms,
                  has_click, deferred, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18, ?19)",
            params![
                self.id.as_bytes(),
                self.origin.event.as_bytes(),
                self.origin.source.as_str(),
                self.origin.mapping_version,
                self.outcome.rule.as_str(),
                self.outcome.destination.as_str(),
                state.as_str(),
                reasons,
                reasons_to_text(&self.lead.warnings),
                tx.now.millis(),
                due_at,
                lease,
                leased_until,
                self.line.customer,
                self.line.pair,
                self.once_ms,
                self.lead.has_click,
                self.is_deferred(),
                &self.lead.body[..]
            ],
        )?;
        Ok(())
    }

    fn claimed(&self, token: LeaseToken, history: History) -> Claimed {
        Claimed {
            delivery: self.id,
            event: self.origin.event,
            source: self.origin.source.clone(),
            mapping_version: self.origin.mapping_version.to_owned(),
            destination: self.outcome.destination.clone(),
            lease: token,
            attempt: token,
            attempt_number: 1,
            spent: Duration::ZERO,
            deferred: self.is_deferred(),
            body: self.lead.body.clone(),
            history,
            forgotten: false,
        }
    }

    fn is_deferred(&self) -> bool {
        self.lead.mode == Mode::Deferred
    }
}

/// The columns in which fates differ.
struct Columns {
    state: DeliveryState,
    reasons: Option<String>,
    due_at: Option<i64>,
    lease: Option<[u8; 16]>,
    leased_until: Option<i64>,
}

fn columns_of(tx: &Tx<'_>, fate: &Fate) -> Columns {
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
        Fate::Parked => Columns {
            state: DeliveryState::Parked,
            reasons: reasons_to_text(&[Reason::new(Code::NoClickId)]),
            ..empty
        },
        Fate::Due => Columns { due_at: Some(tx.now.millis()), ..empty },
        Fate::Leased { token, until, .. } => Columns {
            state: DeliveryState::Leased,
            lease: Some(*token.as_bytes()),
            leased_until: Some(until.millis()),
            ..empty
        },
    }
}
