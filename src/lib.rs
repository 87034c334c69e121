//! leadhook turns signed webhooks into leads.

pub mod clock;
pub mod config;
pub mod delivery;
pub mod diagnostic;
pub mod lead;
pub mod mapping;
pub mod model;
pub mod provider;
pub mod sandbox;
pub mod store;
pub mod telemetry;
