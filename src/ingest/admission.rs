//! Admits rejections: a refused request becomes events after all, once the secret is mended and it
//! verifies.

use super::body::Share;
use super::{Ingest, accept, keys};
use crate::diagnostic::Code;
use crate::model::{EventId, RejectionId};
use crate::store::{RecordedEvent, StoreError};
use std::sync::Arc;

/// What a rejection became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// In the order of the request; of a known event, the id by which it is known.
    pub events: Vec<EventId>,
    /// Whether it had become that before.
    pub before: bool,
}

/// Why a rejection was not admitted.
#[derive(Debug, thiserror::Error)]
pub enum NotAdmitted {
    #[error("there is no such rejection, or none any more: the oldest give way")]
    Unknown,
    #[error("its body was not kept, so that nothing can be verified")]
    NotWhole,
    #[error("it is a handshake of the provider, which is no event: let the provider try it again")]
    Handshake,
    #[error("its source has no secret, or no mapping file without faults")]
    NotConfigured,
    #[error("it is refused by the source as it is now: {meaning}", meaning = .0.meaning())]
    Refused(Code),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("it could not be stored")]
    Panicked,
}

impl NotAdmitted {
    pub fn code(&self) -> Code {
        match self {
            Self::Unknown => Code::RejectionUnknown,
            Self::NotWhole => Code::BodyNotKept,
            Self::Handshake => Code::NotAnEvent,
            Self::NotConfigured => Code::SourceNotConfigured,
            Self::Refused(code) => *code,
            Self::Store(StoreError::Overloaded) => Code::Overloaded,
            Self::Store(_) | Self::Panicked => Code::StoreUnavailable,
        }
    }

    /// Whether trying again later, with everything as it is, can help.
    pub fn is_of_machine(&self) -> bool {
        matches!(self, Self::Store(_) | Self::Panicked)
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Refused(Code::TimestampTooOld | Code::TimestampTooNew) => Some(
                "if a clock was off and you vouch for the request, admit it as stale: then only its \
                 age is let pass",
            ),
            Self::Refused(_) => Some("mend the secret of the source first, then admit it again"),
            Self::NotConfigured => Some("`leadhook check` says what is missing"),
            Self::NotWhole => Some("ask the provider to send it again"),
            Self::Unknown | Self::Handshake | Self::Store(_) | Self::Panicked => None,
        }
    }
}

impl Ingest {
    /// Verifies a rejection by its source as it is now, and as of the time at which it came; then
    /// splits, maps and records it as if it had come now. `stale` lets its age pass. One that was
    /// admitted before is answered with what it became then.
    ///
    /// # Errors
    /// Why it stays a rejection.
    pub async fn admit(
        self: &Arc<Self>,
        id: RejectionId,
        stale: bool,
    ) -> Result<Admitted, NotAdmitted> {
        let kept = self.store.rejection(id).await?.ok_or(NotAdmitted::Unknown)?;
        if let Some(admission) = kept.admitted {
            return Ok(Admitted { events: admission.events, before: true });
        }
        if !kept.rejection.body_kept {
            return Err(NotAdmitted::NotWhole);
        }
        let request = kept.rejection.request;
        let (source, verifier) = accept::source(request.request().source.as_str(), self)
            .map_err(|_| NotAdmitted::NotConfigured)?;
        keys::provide(&*self.keys, &verifier, request.request()).await;
        if verifier.handshake(request.request(), request.request().received_at).is_some() {
            return Err(NotAdmitted::Handshake);
        }
        let verified = verifier.admit(request, stale).map_err(NotAdmitted::Refused)?;
        // A task of its own: a caller that hangs up can't interrupt what has begun to be stored.
        let ingest = Arc::clone(self);
        let stored = tokio::spawn(async move {
            let mut share = Share::new(&ingest.bodies).map_err(|_| StoreError::Overloaded)?;
            accept::store(&ingest, &source, verified, Some(id), &mut share).await
        });
        let stored = stored.await.map_err(|_| NotAdmitted::Panicked)??;
        tracing::info!(rejection = %id, stale, events = stored.len(), "a rejection was admitted");
        let events = stored.into_iter().map(RecordedEvent::id).collect();
        Ok(Admitted { events, before: false })
    }
}
