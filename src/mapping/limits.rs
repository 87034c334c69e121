//! `[limits]`: who may call a source, and how often.

use super::faults::Faults;
use super::table::{self, Node, Table};
use crate::diagnostic::Code;
use crate::model::{Network, Rate};
use serde_json::Value;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;
use toml::de::DeValue;

pub(super) const KEYS: [&str; 3] = ["allow", "per_second", "burst"];
pub(super) const ALLOWED_MAX: usize = 256;
/// One request in a quarter of an hour.
pub(super) const PER_SECOND_MIN: f64 = 0.001;
pub(super) const PER_SECOND_MAX: f64 = 10_000.0;
pub(super) const BURST_MAX: u32 = 1_000_000;

/// What a mapping file says of who may call its source, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceLimits {
    /// `None` lets everybody in.
    allow: Option<Vec<Network>>,
    /// Of authentic requests; `None` takes what comes.
    pub rate: Option<Rate>,
}

impl SourceLimits {
    /// Whether a request from this address is looked at. Of one whose address is not known, nobody
    /// can say that it is among those that are allowed.
    pub fn allows(&self, peer: Option<IpAddr>) -> bool {
        self.allow.as_ref().is_none_or(|allowed| {
            peer.is_some_and(|peer| allowed.iter().any(|network| network.contains(peer)))
        })
    }
}

pub(super) fn read(file: &Table<'_>, faults: &mut Faults<'_>) -> SourceLimits {
    let Some(node) = file.get("limits") else { return SourceLimits::default() };
    let Some((entries, span)) = table::table(node, "`limits`", faults) else {
        return SourceLimits::default();
    };
    let limits = Table::of_known(entries, span, "`[limits]`", &KEYS, faults);
    SourceLimits { allow: allow(&limits, faults), rate: rate(&limits, faults) }
}

fn allow(limits: &Table<'_>, faults: &mut Faults<'_>) -> Option<Vec<Network>> {
    let node = limits.get("allow")?;
    let items = table::array(node, "`allow`", faults)?;
    if items.is_empty() {
        let hint = "leave `allow` out to let everybody in".to_owned();
        let message = "an empty `allow` lets nobody in";
        faults.hinted(Code::ValueInvalid, &node.span(), message, hint);
    }
    if items.len() > ALLOWED_MAX {
        let message = format!("`allow` names at most {ALLOWED_MAX} networks");
        faults.error(Code::ValueInvalid, &node.span(), message);
    }
    Some(items.iter().filter_map(|item| network(item, faults)).collect())
}

fn network(node: &Node<'_>, faults: &mut Faults<'_>) -> Option<Network> {
    let text = table::text(node, "an entry of `allow`", faults)?;
    match text.value.parse::<Network>() {
        Ok(network) => Some(network),
        Err(error) => {
            let hint = error.hint();
            faults.hinted(Code::ValueInvalid, &text.span, error.to_string(), hint);
            None
        }
    }
}

fn rate(limits: &Table<'_>, faults: &mut Faults<'_>) -> Option<Rate> {
    let burst = burst(limits, faults);
    if limits.has("burst") && !limits.has("per_second") {
        let message =
            "`burst` says how many may come at once, but no `per_second` how many a second";
        faults.absent("per_second", &limits.span, message, "add `per_second = 10`");
    }
    let per_second = per_second(limits, faults)?;
    let every = Duration::from_secs_f64(per_second.recip());
    // A rate without a burst still takes what belongs to one second at once.
    let of_second = NonZeroU32::new(per_second.ceil() as u32);
    Some(Rate { every, burst: burst.or(of_second).unwrap_or(NonZeroU32::MIN) })
}

fn per_second(limits: &Table<'_>, faults: &mut Faults<'_>) -> Option<f64> {
    let node = limits.get("per_second")?;
    let number = number(node, "`per_second`", faults)?.as_f64();
    let within = number.filter(|number| (PER_SECOND_MIN..=PER_SECOND_MAX).contains(number));
    if within.is_none() {
        let message = format!("`per_second` is a number from {PER_SECOND_MIN} to {PER_SECOND_MAX}");
        let hint = "leave it out to take what comes".to_owned();
        faults.hinted(Code::ValueInvalid, &node.span(), message, hint);
    }
    within
}

fn burst(limits: &Table<'_>, faults: &mut Faults<'_>) -> Option<NonZeroU32> {
    let node = limits.get("burst")?;
    let number = number(node, "`burst`", faults)?.as_u64();
    let number = number.and_then(|number| u32::try_from(number).ok()).and_then(NonZeroU32::new);
    let within = number.filter(|number| number.get() <= BURST_MAX);
    if within.is_none() {
        let message = format!("`burst` is a whole number from 1 to {BURST_MAX}");
        let hint = "leave it out to take those of one second".to_owned();
        faults.hinted(Code::ValueInvalid, &node.span(), message, hint);
    }
    within
}

/// Any number; `null` stands for those that JSON has not, which are in no range.
fn number(node: &Node<'_>, what: &str, faults: &mut Faults<'_>) -> Option<Value> {
    match node.get_ref() {
        DeValue::Integer(_) | DeValue::Float(_) => {
            Some(table::literal(node, &mut faults.scratch()).unwrap_or_default())
        }
        _ => {
            table::wrong_type(node, what, "a number", faults);
            None
        }
    }
}
