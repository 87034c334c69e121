//! Bodies of every format and every batch, cut into events.

use bytes::Bytes;
use leadhook::model::Headers;
use leadhook::provider::{Content, Provider};

/// A body becomes events, within bounds; what was read of one is read of its bytes again. `at`
/// chooses the provider.
pub fn split(at: usize, content_type: &str, encoding: &str, body: &[u8], events_max: usize) {
    let providers: Vec<_> = Provider::all().collect();
    let provider = providers[at % providers.len()];
    let fields = [("content-type", content_type), ("content-encoding", encoding)];
    let sent = fields.into_iter().filter(|(_, value)| !value.is_empty());
    let headers = Headers::new(sent.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let body = Bytes::copy_from_slice(body);
    let content = Content::new(&headers, &body);
    let events = provider.split(content, events_max);
    assert!(events.len() <= events_max.max(1), "{}", provider.name());
    for event in events.iter().filter(|event| event.json.is_ok()) {
        assert_eq!(provider.read(&headers, &event.bytes), event.json, "{}", provider.name());
    }
    // Neither has to come to anything.
    let _ = (provider.encode(&body), provider.renumbered(&body, 1));
}
