//! Who gets in: the address of a caller, which addresses a source takes, how large the head of a
//! request may be, and how many requests may come.
//!
//! Invariants:
//!
//! 1. A caller's word on its own address counts for nothing: `X-Forwarded-For` is read only where a
//!    proxy that the operator trusts has written it.
//! 2. An authentic request is never answered 429: some providers give up after a 4xx. A flood is
//!    counted by refusals, after verification, so that whoever shares an address with it gets in.
//! 3. Only authentic requests use up what a source takes, so that nobody else can.
//! 4. What is remembered of callers has a bound, whatever addresses they have.
//!
//! Absent here: verification; and what becomes of a refusal.

mod buckets;
mod forwarded;
mod head;

use super::accept::Refused;
use super::answer;
use crate::diagnostic::Code;
use crate::model::{Network, Rate, SourceName, Timestamp, same_sender};
use crate::topology::Source;
use actix_web::HttpRequest;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

pub(super) use buckets::Buckets;

/// Refusals of authentication that one sender gets from one source before it is told to slow down.
/// Many, because refusals beyond it are only counted: a provider whose secret was entered wrongly
/// must not be taken for an attacker at once.
const REFUSALS: Rate =
    Rate { every: Duration::from_millis(200), burst: NonZeroU32::new(100).expect("not zero") };
/// Senders whose refusals are remembered; some 2 MB.
const SENDERS_MAX: usize = 20_000;

/// What is remembered of who called.
#[derive(Debug)]
pub(super) struct Access {
    trusted_proxies: Vec<Network>,
    refusals: Buckets<(String, Option<IpAddr>)>,
    authentic: Buckets<SourceName>,
}

impl Access {
    pub(super) fn new(trusted_proxies: Vec<Network>) -> Self {
        Self {
            trusted_proxies,
            refusals: Buckets::new(SENDERS_MAX),
            // As many as there are sources.
            authentic: Buckets::new(usize::MAX),
        }
    }

    /// The address of who sends the request, through whatever proxies.
    pub(super) fn peer(&self, http: &HttpRequest) -> Option<IpAddr> {
        let connected = http.peer_addr()?.ip();
        let fields = http.headers().get_all("x-forwarded-for");
        // What is not ASCII is no address.
        let fields: Vec<_> = fields.map(|field| field.to_str().unwrap_or_default()).collect();
        Some(forwarded::client(connected, &fields, &self.trusted_proxies))
    }

    /// Whether the body of a request is read at all.
    ///
    /// # Errors
    /// `peer_not_allowed`, `url_too_long`, `headers_too_large`.
    pub(super) fn enter(
        &self,
        http: &HttpRequest,
        source: &Source,
        peer: Option<IpAddr>,
    ) -> Result<(), Code> {
        if !source.limits.allows(peer) {
            return Err(Code::PeerNotAllowed);
        }
        head::check(http)
    }

    /// Counts an authentic request, if the source takes one more now.
    ///
    /// # Errors
    /// `rate_limited`, with when to come again.
    pub(super) fn take(&self, source: &Source, now: Timestamp) -> Result<(), Refused> {
        let Some(rate) = source.limits.rate else { return Ok(()) };
        let taken = self.authentic.take(source.name.clone(), rate, now);
        taken.map_err(|wait| Refused::until(Code::RateLimited, wait))
    }

    /// Counts a refusal, if it is one of authentication: of too many, the answer is
    /// `too_many_refusals` instead.
    pub(super) fn count(
        &self,
        refused: Refused,
        source: &str,
        peer: Option<IpAddr>,
        now: Timestamp,
    ) -> Refused {
        if !answer::is_unauthenticated(refused.code) {
            return refused;
        }
        let sender = (source.to_owned(), peer.map(same_sender));
        match self.refusals.take(sender, REFUSALS, now) {
            Ok(()) => refused,
            Err(wait) => Refused {
                cause: Some(refused.code.name().to_owned()),
                ..Refused::until(Code::TooManyRefusals, wait)
            },
        }
    }
}
