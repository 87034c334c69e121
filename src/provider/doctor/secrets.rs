//! The forms in which a secret may have been taken by one side and not by the other.

use crate::provider::scheme::KeyEncoding;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// Prefixes that dashboards put before secrets.
const PREFIXES: [&str; 5] = ["v1,whsec_", "whsec_", "whpk_", "whsk_", "sk_"];

/// A key that a secret may stand for.
pub(super) struct Form {
    pub key: Vec<u8>,
    /// How the secret was taken, as in "the secret was taken ...".
    pub taken: String,
}

/// Every other reading of the text of a secret than the one that is declared.
pub(super) fn forms(text: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut add = |key: Option<Vec<u8>>, taken: String| {
        if let Some(key) = key.filter(|key| !key.is_empty()) {
            forms.push(Form { key, taken });
        }
    };
    let text = text.trim_end_matches(['\r', '\n']);
    let prefix = PREFIXES.iter().find(|prefix| text.starts_with(**prefix));
    let mut written = vec![(text, String::new())];
    match prefix {
        Some(prefix) => {
            written[0].1 = format!(", `{prefix}` included");
            written.push((&text[prefix.len()..], format!(", without `{prefix}`")));
        }
        None => {
            let unquoted = text.trim_matches(['"', '\'']);
            if unquoted != text {
                written.push((unquoted, ", without the quotes around it".to_owned()));
            }
        }
    }
    for (text, part) in written {
        add(KeyEncoding::Utf8.decode(text), format!("as plain text{part}"));
        add(KeyEncoding::Base64.decode(text), format!("as base64{part}"));
        add(
            unusual_base64(text),
            format!("as base64 of the URL-safe form or without padding{part}"),
        );
        add(KeyEncoding::Hex.decode(text), format!("as hexadecimal{part}"));
        add(Some(format!("{text}\n").into_bytes()), format!("with a line break behind it{part}"));
    }
    if prefix.is_none() {
        for prefix in ["whsec_", "v1,whsec_"] {
            add(Some(format!("{prefix}{text}").into_bytes()), format!("with `{prefix}` before it"));
        }
    }
    forms
}

fn unusual_base64(text: &str) -> Option<Vec<u8>> {
    let readers = [&URL_SAFE, &URL_SAFE_NO_PAD, &STANDARD_NO_PAD];
    readers.into_iter().find_map(|reader| reader.decode(text).ok())
}
