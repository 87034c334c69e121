//! Whom to ask for the public keys that a request must be verified with.

use crate::model::Request;
use crate::provider::Verifier;
use std::future::Future;
use std::pin::Pin;

/// Fetches key sets, and puts them where verifiers find them.
pub trait FetchKeys: Send + Sync {
    /// Ends when the set at `url` was fetched, or could not be, or was asked for just before.
    fn fetch<'a>(&'a self, url: &'a str) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

/// Makes sure that `verifier` has the key by which `request` says that it is signed, if anybody
/// publishes it.
pub(super) async fn provide(keys: &dyn FetchKeys, verifier: &Verifier, request: &Request) {
    if let Some(url) = verifier.key_set_wanted(request) {
        keys.fetch(url).await;
    }
}
