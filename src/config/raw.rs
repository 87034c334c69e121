//! Which settings there are, and the text of each with the place it came from.

use crate::diagnostic::{
    Code, Diagnostic, Place, SourceText, SyntaxFault, did_you_mean, mask_marked, syntax_faults,
};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// One setting: its key in the file, its environment variable and its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    pub key: &'static str,
    pub variable: &'static str,
    /// Empty where there is none.
    pub default: &'static str,
    pub secret: bool,
}

const fn setting(key: &'static str, variable: &'static str, default: &'static str) -> Setting {
    Setting { key, variable, default, secret: false }
}

/// Every setting there is. What each is for stands in [the example](super::EXAMPLE).
pub const SETTINGS: &[Setting] = &[
    setting("listen", "LEADHOOK_LISTEN", "127.0.0.1:8080"),
    setting("public_url", "LEADHOOK_PUBLIC_URL", ""),
    setting("trusted_proxies", "LEADHOOK_TRUSTED_PROXIES", ""),
    Setting { secret: true, ..setting("admin_token", "LEADHOOK_ADMIN_TOKEN", "") },
    setting("database_url", "LEADHOOK_DATABASE_URL", "sqlite:leadhook.db"),
    setting("mappings", "LEADHOOK_MAPPINGS", "mappings"),
    setting("reload_poll", "LEADHOOK_RELOAD_POLL", "30s"),
    setting("retention", "LEADHOOK_RETENTION", "90d"),
    setting("body_bytes_max", "LEADHOOK_BODY_BYTES_MAX", "1048576"),
    setting("body_timeout", "LEADHOOK_BODY_TIMEOUT", "30s"),
    setting("batch_events_max", "LEADHOOK_BATCH_EVENTS_MAX", "1000"),
    setting("log", "LEADHOOK_LOG", "info"),
    setting("log_format", "LEADHOOK_LOG_FORMAT", "auto"),
    Setting { secret: true, ..setting("dub.api_key", "DUB_API_KEY", "") },
    setting("dub.url", "LEADHOOK_DUB_URL", "https://api.dub.co"),
    setting("dub.rate_per_minute", "LEADHOOK_DUB_RATE_PER_MINUTE", "auto"),
    setting("dub.concurrency", "LEADHOOK_DUB_CONCURRENCY", "16"),
    setting("dub.timeout", "LEADHOOK_DUB_TIMEOUT", "15s"),
    setting("retry.base_ms", "LEADHOOK_RETRY_BASE_MS", "1000"),
    setting("retry.give_up_after", "LEADHOOK_RETRY_GIVE_UP_AFTER", "72h"),
];

/// The environment of the process, as an argument.
pub trait Environment {
    fn get(&self, name: &str) -> Option<String>;
    /// Why the file that stands in for a variable can't be read, where there is such a file.
    fn unreadable(&self, _name: &str) -> Option<String> {
        None
    }
    /// The names of all variables.
    fn names(&self) -> Vec<String>;
}

/// The text of a setting and where it came from.
#[derive(Clone, Debug)]
pub(super) struct RawValue {
    pub(super) text: String,
    /// `None` for a default.
    pub(super) place: Option<Place>,
}

/// The texts of all settings that have one.
#[derive(Debug)]
pub(super) struct Raw(BTreeMap<&'static str, RawValue>);

impl Raw {
    pub(super) fn get(&self, key: &str) -> Option<&RawValue> {
        self.0.get(key)
    }

    pub(super) fn shown(&self) -> Vec<super::Shown> {
        SETTINGS.iter().map(|setting| self.show(setting)).collect()
    }

    fn show(&self, setting: &Setting) -> super::Shown {
        let (value, origin) = match self.get(setting.key) {
            None => (String::new(), "not set".to_owned()),
            Some(raw) => {
                // A secret may have been put under the wrong name.
                let value = if setting.secret { "***".to_owned() } else { mask_marked(&raw.text) };
                (value, origin(raw.place.as_ref()))
            }
        };
        super::Shown { key: setting.key, value, origin }
    }
}

fn origin(place: Option<&Place>) -> String {
    place.map_or_else(|| "default".to_owned(), Place::to_string)
}

/// Collects defaults, then the file, then the environment; the last one wins.
pub(super) fn collect(
    file: Option<(&str, &str)>,
    environment: &dyn Environment,
) -> (Raw, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut values = BTreeMap::new();
    for setting in SETTINGS.iter().filter(|setting| !setting.default.is_empty()) {
        let raw = RawValue { text: setting.default.to_owned(), place: None };
        values.insert(setting.key, raw);
    }
    if let Some((name, text)) = file {
        read_file(name, text, &mut values, &mut diagnostics);
    }
    for setting in SETTINGS {
        if let Some(text) = environment.get(setting.variable).filter(|text| !text.is_empty()) {
            let place = Some(Place::Environment(setting.variable.to_owned()));
            values.insert(setting.key, RawValue { text, place });
        }
        if let Some(error) = environment.unreadable(setting.variable) {
            let place = Place::Environment(format!("{}_FILE", setting.variable));
            diagnostics.push(Diagnostic::error(Code::FileUnreadable, place, error));
        }
    }
    diagnostics.extend(unknown_variables(environment));
    (Raw(values), diagnostics)
}

/// A mistyped variable would be ignored in silence. Only a warning: orchestrators set variables of
/// their own that begin with a service's name.
fn unknown_variables(environment: &dyn Environment) -> Vec<Diagnostic> {
    let known = || SETTINGS.iter().map(|setting| setting.variable);
    let mut names = environment.names();
    names.sort();
    names
        .into_iter()
        .filter(|name| name.starts_with("LEADHOOK_") && name != "LEADHOOK_CONFIG")
        .filter(|name| {
            let name = name.strip_suffix("_FILE").unwrap_or(name);
            known().all(|variable| variable != name)
        })
        .map(|name| {
            let hint = did_you_mean(&name, known());
            let message = format!("no setting is called {name}");
            Diagnostic::warning(Code::SettingUnknown, Place::Environment(name), message).hint(hint)
        })
        .collect()
}

fn read_file(
    name: &str,
    text: &str,
    values: &mut BTreeMap<&'static str, RawValue>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut file = File { source: Arc::new(SourceText::new(name, text)), values, diagnostics };
    let broken = syntax_faults(text);
    if broken.is_empty() {
        let (table, _) = DeTable::parse_recoverable(text);
        file.read_table("", table.get_ref());
    }
    for SyntaxFault { span, message, hint } in broken {
        file.fault(Code::TomlSyntax, span, message, hint);
    }
}

struct File<'a> {
    source: Arc<SourceText>,
    values: &'a mut BTreeMap<&'static str, RawValue>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl File<'_> {
    fn read_table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key = format!("{prefix}{}", name.get_ref());
            let setting = SETTINGS.iter().find(|setting| setting.key == key);
            let inside = format!("{key}.");
            match (setting, value.get_ref()) {
                (Some(setting), value_here) => {
                    self.read_value(setting, value_here, value.span());
                }
                (None, DeValue::Table(table))
                    if SETTINGS.iter().any(|setting| setting.key.starts_with(&inside)) =>
                {
                    self.read_table(&inside, table);
                }
                (None, _) => {
                    let hint = did_you_mean(&key, SETTINGS.iter().map(|setting| setting.key));
                    let message = format!("no setting is called `{key}`");
                    self.fault(Code::SettingUnknown, name.span(), message, hint);
                }
            }
        }
    }

    fn read_value(&mut self, setting: &Setting, value: &DeValue<'_>, span: Range<usize>) {
        let text = match value {
            // As with a variable, an empty text is no value; a faulty line leaves one behind.
            DeValue::String(text) if text.is_empty() => return,
            DeValue::String(text) => text.clone().into_owned(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Boolean(value) => value.to_string(),
            _ => {
                let message = format!("`{}` takes one value", setting.key);
                return self.fault(Code::SettingInvalid, span, message, None);
            }
        };
        let place = Some(Place::Text { text: Arc::clone(&self.source), span });
        self.values.insert(setting.key, RawValue { text, place });
    }

    fn fault(&mut self, code: Code, span: Range<usize>, message: String, hint: Option<String>) {
        let place = Place::Text { text: Arc::clone(&self.source), span };
        self.diagnostics.push(Diagnostic::error(code, place, message).hint(hint));
    }
}
