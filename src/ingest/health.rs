//! Whether the service is alive, whether it can do its work, and how much it does. Codes and numbers
//! only: anybody may ask.

use super::{Ingest, answer};
use crate::diagnostic::Code;
use crate::model::Timestamp;
use crate::telemetry::METRICS_TYPE;
use actix_web::{HttpResponse, web};
use serde_json::json;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A probe writes to the disk, so that its answer is kept for a moment.
const FRESH: Duration = Duration::from_secs(1);

/// The last look at the store: when, and whether it could write.
#[derive(Debug, Default)]
pub(super) struct Probe(Mutex<Option<(Timestamp, bool)>>);

/// The process runs and answers.
pub(super) async fn healthz() -> HttpResponse {
    well("ok")
}

/// Events can be taken: some source is configured, and the store can write.
pub(super) async fn readyz(ingest: web::Data<Ingest>) -> HttpResponse {
    if ingest.stopping.load(Ordering::SeqCst) {
        return answer::refusal(Code::Stopping);
    }
    if ingest.in_force.topology().configured().next().is_none() {
        return answer::refusal(Code::NoSources);
    }
    if !can_store(&ingest).await {
        return answer::refusal(Code::StoreUnavailable);
    }
    well("ready")
}

/// What was counted, for Prometheus.
pub(super) async fn metrics(ingest: web::Data<Ingest>) -> HttpResponse {
    HttpResponse::Ok().force_close().content_type(METRICS_TYPE).body(ingest.metrics.encode())
}

/// Anybody may ask, so that nobody keeps the connection; see [`answer::refusal`].
fn well(status: &str) -> HttpResponse {
    HttpResponse::Ok().force_close().json(json!({ "status": status }))
}

async fn can_store(ingest: &Ingest) -> bool {
    let now = ingest.clock.now();
    if let Some((at, could)) = *ingest.probe.last()
        && now >= at
        && now < at.plus(FRESH)
    {
        return could;
    }
    let can = ingest.store.probe().await.is_ok();
    *ingest.probe.last() = Some((now, can));
    can
}

impl Probe {
    fn last(&self) -> MutexGuard<'_, Option<(Timestamp, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
