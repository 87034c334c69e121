//! leadhook turns signed webhooks into leads.

pub mod clock;
pub mod diagnostic;
pub mod lead;
pub mod mapping;
pub mod model;
pub mod provider;
pub mod sandbox;
pub mod store;
