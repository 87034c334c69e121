//! Sample webhooks, signed as their providers would sign them.

use super::sending::{Outgoing, Sending, Tamper};
use crate::model::{SourceName, Timestamp};
use crate::provider::{Provider, Verifier};
use crate::topology::Topology;
use bytes::Bytes;
use std::sync::Arc;

/// One webhook to send.
pub struct Sample {
    pub title: &'static str,
    pub source: SourceName,
    provider: Arc<Provider>,
    verifier: Verifier,
    body: &'static [u8],
    event_id: &'static str,
    tampered: bool,
}

impl Sample {
    /// The request as the provider would send it at `now`.
    pub fn request(&self, now: Timestamp) -> Outgoing {
        let sending = Sending {
            source: &self.source,
            provider: &self.provider,
            verifier: &self.verifier,
            sample: &Bytes::from_static(self.body),
            headers: &[],
            private_key: None,
        };
        let tamper = self.tampered.then_some(Tamper::Body);
        let request = sending.request(self.event_id, now, tamper);
        request.expect("the demo's providers sign with secrets, and their samples are events")
    }
}

/// What a sample is, apart from its source.
struct Plan {
    title: &'static str,
    source: &'static str,
    body: &'static [u8],
    event_id: &'static str,
    tampered: bool,
}

macro_rules! plan {
    ($title:literal, $source:literal, $path:literal, $event_id:literal, $tampered:literal) => {
        Plan {
            title: $title,
            source: $source,
            body: include_bytes!(concat!("../../mappings/samples/", $path)),
            event_id: $event_id,
            tampered: $tampered,
        }
    };
}

const PLANS: &[Plan] = &[
    plan!("Clerk: sign-up by a link", "clerk", "clerk/user.created.json", "msg_1", false),
    plan!("Clerk: sent again", "clerk", "clerk/user.created.json", "msg_1", false),
    plan!("Clerk: nobody referred", "clerk", "clerk/user.created.no-click-id.json", "msg_2", false),
    plan!("Clerk: a changed profile", "clerk", "clerk/user.updated.json", "msg_3", false),
    plan!(
        "Clerk: body tampered with",
        "clerk",
        "clerk/user.created.phone-only.json",
        "msg_4",
        true
    ),
    plan!("Auth0 Event Stream", "auth0", "auth0/user.created.json", "", false),
    plan!(
        "Auth0 Action: same person",
        "auth0-action",
        "auth0-action/user.created.json",
        "a0_1",
        false
    ),
    plan!("Auth0 Log Stream", "auth0-logs", "auth0-logs/ss.json", "", false),
    plan!("Typeform: by a link", "typeform", "typeform/form_response.json", "", false),
    plan!(
        "Typeform: no hidden fields",
        "typeform",
        "typeform/form_response.no-hidden.json",
        "",
        false
    ),
];

/// The samples of every source of the topology that can verify.
pub fn samples(topology: &Topology) -> Vec<Sample> {
    let sample = |plan: &Plan| {
        let source = topology.sources.get(&plan.source.parse().ok()?)?;
        Some(Sample {
            title: plan.title,
            source: source.name.clone(),
            provider: Arc::clone(&source.provider),
            verifier: source.verifier.as_ref().ok()?.clone(),
            body: plan.body,
            event_id: plan.event_id,
            tampered: plan.tampered,
        })
    };
    PLANS.iter().filter_map(sample).collect()
}
