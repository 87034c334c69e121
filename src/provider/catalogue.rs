//! The built-in providers: files compiled in, read once.
//!
//! Absent here: what the keys mean, which is [`declaration`]'s. The files are embedded so that the
//! program needs nothing beside it.

use super::{Provider, declaration};
use crate::diagnostic::render_all;
use std::sync::{Arc, LazyLock};

/// File name and text, in alphabetical order.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

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

    #[test]
    fn an_entry_is_called_like_its_file_and_says_where_its_secret_is() {
        for (file, text) in FILES {
            let provider = read(file, text);
            assert_eq!(format!("{}.toml", provider.name()), *file);
            assert!(provider.secret_hint().is_some(), "{file}");
            assert!(!provider.is_custom());
        }
    }
}
