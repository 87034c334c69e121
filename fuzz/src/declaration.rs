//! Texts as mapping files, which can declare a provider of their own.

use leadhook::config::Environment;
use leadhook::diagnostic::{Diagnostic, render_all};
use leadhook::topology::{Secrets, load_text};

/// Whatever the text is, it is a source or there is an error that can be shown; not both.
pub fn declaration(text: &str) {
    let declared = format!("provider = \"custom\"\nsecrets = [\"env:SECRET\"]\n{text}");
    for text in [text, &declared] {
        let name = "somebody".parse().expect("it is a name");
        let loaded = load_text(&name, text, &EverySecret, true);
        let is_refused = loaded.diagnostics.iter().any(Diagnostic::is_error);
        assert_eq!(loaded.source.is_none(), is_refused);
        assert_eq!(render_all(&loaded.diagnostics).is_empty(), loaded.diagnostics.is_empty());
    }
}

/// A machine on which every variable and file is set, so that no text fails for want of them.
struct EverySecret;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

impl Environment for EverySecret {
    fn get(&self, _name: &str) -> Option<String> {
        Some(SECRET.to_owned())
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Secrets for EverySecret {
    fn file(&self, _path: &str) -> Result<String, String> {
        Ok(SECRET.to_owned())
    }
}
