//! The URLs that a sender may have signed instead of the one that is configured.

use crate::model::Request;
use std::collections::BTreeSet;

/// Every URL that the request gives reason to think of.
pub(super) fn candidates(request: &Request, configured: Option<&str>) -> BTreeSet<String> {
    let header = |name: &str| request.headers.get(name).map(str::trim).filter(|it| !it.is_empty());
    let first = |value: &str| value.split(',').next().unwrap_or_default().trim().to_owned();
    let mut bases = BTreeSet::new();
    for host in ["host", "x-forwarded-host", "x-original-host"].into_iter().filter_map(header) {
        for scheme in ["https", "http"] {
            bases.insert(format!("{scheme}://{}", first(host)));
        }
    }
    if let Some(configured) = configured {
        bases.insert(configured.to_owned());
        let other = match configured.strip_prefix("https://") {
            Some(rest) => format!("http://{rest}"),
            None => configured.replacen("http://", "https://", 1),
        };
        bases.insert(other);
    }
    let (path, query) = match request.target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (request.target.as_str(), None),
    };
    let bare = path.trim_end_matches('/');
    let mut targets = BTreeSet::new();
    for path in [bare.to_owned(), format!("{bare}/")] {
        if let Some(query) = query {
            targets.insert(format!("{path}?{query}"));
        }
        targets.insert(path);
    }
    let joined = bases.iter().flat_map(|base| targets.iter().map(move |it| format!("{base}{it}")));
    joined.collect()
}
