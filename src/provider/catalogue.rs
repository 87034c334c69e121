//! The built-in providers: files compiled in, read once.
//!
//! Absent here: what the keys mean, which is [`declaration`]'s. The files are embedded so that the
//! program needs nothing beside it.

use super::{Provider, declaration};
use crate::diagnostic::render_all;
use std::sync::{Arc, LazyLock};

/// File name and text, in alphabetical order.
const FILES: &[(&str, &str)] = &[
    ("auth0-action.toml", include_str!("catalogue/auth0-action.toml")),
    ("auth0-logs.toml", include_str!("catalogue/auth0-logs.toml")),
    ("auth0.toml", include_str!("catalogue/auth0.toml")),
    ("clerk.toml", include_str!("catalogue/clerk.toml")),
    ("standard-webhooks.toml", include_str!("catalogue/standard-webhooks.toml")),
    ("typeform.toml", include_str!("catalogue/typeform.toml")),
];

static ENTRIES: LazyLock<Vec<Arc<Provider>>> = LazyLock::new(|| {
    let mut entries: Vec<_> = FILES.iter().map(|(file, text)| Arc::new(read(file, text))).collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries
});

/// Every built-in provider, in alphabetical order.
pub(super) fn entries() -> &'static [Arc<Provider>] {
    &ENTRIES
}

/// The files are part of the program and a test reads each of them, so a fault is ours.
fn read(file: &str, text: &str) -> Provider {
    declaration::read(file, text).unwrap_or_else(|faults| panic!("{}", render_all(&faults)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_file_of_the_folder_is_embedded_and_reads() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/provider/catalogue");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let on_disk: HashSet<_> = names.map(|name| name.into_string().unwrap()).collect();
        assert_eq!(on_disk, FILES.iter().map(|(file, _)| (*file).to_owned()).collect());
        assert_eq!(entries().len(), FILES.len());
    }

    #[test]
    fn an_entry_is_called_like_its_file_and_says_where_its_secret_is() {
        for (file, text) in FILES {
            let provider = read(file, text);
            assert_eq!(format!("{}.toml", provider.name()), *file);
            assert!(provider.secret_hint().is_some(), "{file}");
        }
    }
}
