//! Acts of operators on a store that no service has open: done as a running service does them, but
//! without server and delivery.

use super::intake::Intake;
use super::{MappingFiles, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::ingest::{Admitted, Ingest, NotAdmitted};
use crate::model::RejectionId;
use crate::store::Store;
use crate::store::sqlite::{self, Options};
use std::sync::Arc;

/// The store and the sources in force. Leads that come of it are delivered by the next service.
pub struct Offline {
    store: Arc<sqlite::Store>,
    ingest: Arc<Ingest>,
}

impl Offline {
    /// Opens the store, which nobody else can open then.
    ///
    /// # Errors
    /// As [`App::start`](super::App::start).
    pub async fn open(
        config: &Config,
        mappings: MappingFiles,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let intake = Intake::open(config, mappings, clock, Options::default()).await?;
        Ok(Self { store: intake.store, ingest: intake.ingest })
    }

    /// As [`Ingest::admit`].
    ///
    /// # Errors
    /// Why it stays a rejection.
    pub async fn admit(&self, id: RejectionId, stale: bool) -> Result<Admitted, NotAdmitted> {
        self.ingest.admit(id, stale).await
    }

    /// Finishes what was begun.
    pub async fn close(self) {
        if let Err(error) = self.store.close().await {
            tracing::error!(%error, "the store did not close cleanly");
        }
    }
}
