//! What the texts of the settings mean. Resolving validates and converts; it does nothing.

use super::raw::{Raw, RawValue};
use super::{Config, Dub, LogFormat, Retry};
use crate::diagnostic::{Code, Diagnostic, Place, did_you_mean};
use crate::model::{Network, NetworkError, Secret, parse_duration};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// An attempt must end well inside its lease of 60 s.
const TIMEOUT_MAX: Duration = Duration::from_secs(45);
const ADMIN_TOKEN_BYTES_MIN: usize = 16;
/// Reading and checking many mapping files takes a good part of this.
const POLL_MIN: Duration = Duration::from_secs(1);

/// `None` where a setting can't be resolved; `diagnostics` says why, for all of them.
pub(super) fn resolve(raw: &Raw, diagnostics: &mut Vec<Diagnostic>) -> Option<Config> {
    let mut resolver = Resolver { raw, diagnostics };
    let listen = resolver.setting("listen", listen);
    let public_url = resolver.optional("public_url", public_url);
    let trusted_proxies = resolver.optional("trusted_proxies", networks);
    let admin_token = resolver.optional("admin_token", admin_token);
    let database = resolver.setting("database_url", database);
    let mappings = resolver.setting("mappings", |text| Ok(PathBuf::from(text)));
    let reload_poll = resolver.setting("reload_poll", |text| at_least(text, POLL_MIN));
    let retention = resolver.setting("retention", |text| at_least(text, Duration::from_secs(60)));
    let body_bytes_max = resolver.setting("body_bytes_max", |text| count(text, 1_024, 67_108_864));
    let body_timeout = resolver.setting("body_timeout", |text| at_least(text, TICK));
    let batch_events_max = resolver.setting("batch_events_max", |text| count(text, 1, 10_000));
    let log = resolver.setting("log", log);
    let log_format = resolver.setting("log_format", log_format);
    let api_key = resolver.optional("dub.api_key", api_key);
    let url = resolver.setting("dub.url", destination_url);
    let rate_per_minute = resolver.setting("dub.rate_per_minute", rate);
    let concurrency = resolver.setting("dub.concurrency", |text| count(text, 1, 256));
    let timeout = resolver.setting("dub.timeout", timeout);
    let base = resolver.setting("retry.base_ms", |text| {
        count(text, 1, 3_600_000).map(|millis| Duration::from_millis(millis as u64))
    });
    let give_up_after = resolver.setting("retry.give_up_after", |text| at_least(text, TICK));
    Some(Config {
        listen: listen?,
        public_url: public_url?,
        trusted_proxies: trusted_proxies?.unwrap_or_default(),
        admin_token: admin_token?,
        database: database?,
        mappings: mappings?,
        reload_poll: reload_poll?,
        retention: retention?,
        body_bytes_max: body_bytes_max?,
        body_timeout: body_timeout?,
        batch_events_max: batch_events_max?,
        dub: Dub {
            api_key: api_key?,
            url: url?,
            rate_per_minute: rate_per_minute?,
            concurrency: concurrency?,
            timeout: timeout?,
        },
        retry: Retry { base: base?, give_up_after: give_up_after? },
        log: log?,
        log_format: log_format?,
    })
}

const TICK: Duration = Duration::from_millis(1);

/// What is wrong with a value, and what to do.
struct Fault {
    code: Code,
    message: String,
    hint: Option<String>,
}

fn invalid<T>(message: impl Into<String>, hint: Option<&str>) -> Result<T, Fault> {
    Err(Fault {
        code: Code::SettingInvalid,
        message: message.into(),
        hint: hint.map(str::to_owned),
    })
}

struct Resolver<'a> {
    raw: &'a Raw,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Resolver<'_> {
    /// A setting that has a value, if only its default. `None` where it is wrong.
    fn setting<T>(&mut self, key: &str, read: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        self.optional(key, read)?
    }

    /// A setting that may have no value. The outer `None` means that it is wrong.
    fn optional<T>(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        let Some(raw) = self.raw.get(key) else { return Some(None) };
        match read(raw.text.trim()) {
            Ok(value) => Some(Some(value)),
            Err(fault) => {
                self.diagnostics.push(place(key, raw, fault));
                None
            }
        }
    }
}

fn place(key: &str, raw: &RawValue, fault: Fault) -> Diagnostic {
    let place = raw.place.clone().expect("defaults resolve, and a test sees to it");
    let message = match &place {
        Place::Environment(name) => format!("{name}: {}", fault.message),
        _ => format!("`{key}`: {}", fault.message),
    };
    Diagnostic::error(fault.code, place, message).hint(fault.hint)
}

fn listen(text: &str) -> Result<SocketAddr, Fault> {
    text.parse().or_else(|_| {
        invalid(
            "an address and a port are needed",
            Some("as in 127.0.0.1:8080, or 0.0.0.0:8080 for all interfaces"),
        )
    })
}

fn database(text: &str) -> Result<PathBuf, Fault> {
    if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
        return Ok(PathBuf::from(path.strip_prefix("//").unwrap_or(path)));
    }
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        return Err(Fault {
            code: Code::NotSupported,
            message: "PostgreSQL is not supported by this version".to_owned(),
            hint: Some("use sqlite:leadhook.db".to_owned()),
        });
    }
    invalid(
        "a database URL is needed",
        Some("as in sqlite:leadhook.db or sqlite:/data/leadhook.db"),
    )
}

fn public_url(text: &str) -> Result<String, Fault> {
    base_url(text, "as in https://hooks.example.com")
}

/// Networks with commas between them.
fn networks(text: &str) -> Result<Vec<Network>, Fault> {
    let network = |text: &str| {
        let text = text.trim();
        text.parse().or_else(|error: NetworkError| {
            invalid(format!("{text:?}: {error}"), Some(&error.hint()))
        })
    };
    text.split(',').map(network).collect()
}

/// An http or https URL without a slash at the end.
fn base_url(text: &str, example: &str) -> Result<String, Fault> {
    let url = text.trim_end_matches('/');
    match url::Url::parse(url) {
        // It is shown at every start, and paths are put behind it.
        Ok(parsed) if has_more_than_a_place(&parsed) => {
            invalid("the URL must hold no user name, password, query or fragment", Some(example))
        }
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => Ok(url.to_owned()),
        _ => invalid("an http or https URL is needed", Some(example)),
    }
}

fn has_more_than_a_place(url: &url::Url) -> bool {
    !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
}

fn destination_url(text: &str) -> Result<String, Fault> {
    let url = base_url(text, "as in https://api.dub.co")?;
    let parsed = url::Url::parse(&url);
    let loopback = parsed.is_ok_and(|url| is_loopback(url.host_str().unwrap_or_default()));
    if url.starts_with("https:") || loopback {
        return Ok(url);
    }
    Err(Fault {
        code: Code::SettingInsecure,
        message: "a destination must be https, unless it is on this machine".to_owned(),
        hint: Some(
            "write https://, or the key and people's data would travel unencrypted".to_owned(),
        ),
    })
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn api_key(text: &str) -> Result<Secret, Fault> {
    if text.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(Secret::new(text));
    }
    invalid("the key has characters that no key has", Some("copy it again, without blanks"))
}

/// Whoever can guess it reads people's data.
fn admin_token(text: &str) -> Result<Secret, Fault> {
    if text.len() >= ADMIN_TOKEN_BYTES_MIN && text.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(Secret::new(text));
    }
    invalid(
        format!("a token is at least {ADMIN_TOKEN_BYTES_MIN} letters, digits and signs"),
        Some("`openssl rand -hex 32` makes one"),
    )
}

fn rate(text: &str) -> Result<Option<u32>, Fault> {
    match text.parse::<u32>() {
        Ok(rate) if rate > 0 => Ok(Some(rate)),
        _ if text == "auto" => Ok(None),
        _ => invalid("`auto` or a number of leads a minute is needed", None),
    }
}

fn timeout(text: &str) -> Result<Duration, Fault> {
    let timeout = at_least(text, TICK)?;
    if timeout <= TIMEOUT_MAX {
        return Ok(timeout);
    }
    invalid("an attempt may take at most 45s: it must end inside its lease of 60s", None)
}

fn log(text: &str) -> Result<String, Fault> {
    match tracing_subscriber::EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => invalid(error.to_string(), Some("as in info, or info,leadhook=debug")),
    }
}

fn log_format(text: &str) -> Result<LogFormat, Fault> {
    match text {
        "auto" => Ok(LogFormat::Auto),
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        _ => {
            let hint = did_you_mean(text, ["auto", "human", "json"]);
            invalid("`auto`, `human` or `json` is needed", hint.as_deref())
        }
    }
}

fn at_least(text: &str, least: Duration) -> Result<Duration, Fault> {
    match parse_duration(text) {
        Ok(duration) if duration >= least => Ok(duration),
        Ok(_) => invalid(format!("at least {} s are needed", least.as_secs_f64()), None),
        Err(error) => invalid(error.to_string(), None),
    }
}

fn count(text: &str, least: usize, most: usize) -> Result<usize, Fault> {
    match text.replace('_', "").parse::<usize>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => invalid(format!("a whole number from {least} to {most} is needed"), None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::raw::SETTINGS;
    use super::*;

    #[test]
    fn every_setting_with_a_default_resolves() {
        let (config, _, diagnostics) = super::super::load(None, &Vars(&[]));
        assert_eq!(diagnostics, []);
        let config = config.expect("defaults are valid");
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.retention, Duration::from_secs(90 * 86_400));
        assert_eq!(config.dub.rate_per_minute, None);
    }

    struct Vars<'a>(&'a [(&'a str, &'a str)]);

    impl super::super::Environment for Vars<'_> {
        fn get(&self, name: &str) -> Option<String> {
            self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        }

        fn names(&self) -> Vec<String> {
            self.0.iter().map(|(key, _)| (*key).to_owned()).collect()
        }
    }

    #[track_caller]
    fn check(file: &str, variables: &[(&str, &str)], expected: &[(Code, &str)]) {
        let (_, _, diagnostics) =
            super::super::load(Some(("leadhook.toml", file)), &Vars(variables));
        let found: Vec<_> = diagnostics
            .iter()
            .map(|diagnostic| {
                let place = match &diagnostic.place {
                    Place::Text { text, span } => text.quotable()[span.clone()].to_owned(),
                    Place::Environment(name) => name.clone(),
                    other => format!("{other:?}"),
                };
                (diagnostic.code, place)
            })
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|(code, place)| (*code, (*place).to_owned())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_fault_is_reported_at_once_with_its_place() {
        check(
            "listn = \"x\"\nretention = \"90 days\"\n[dub]\nurl = \"http://api.dub.co\"\nrate_per_minute = 0\n[retry]\nbase_ms = []\n",
            &[("LEADHOOK_LISTEN", "8080"), ("LEADHOOK_LISEN", "x"), ("LEADHOOK_SERVICE_HOST", "x")],
            &[
                (Code::SettingUnknown, "listn"),
                (Code::SettingInvalid, "[]"),
                (Code::SettingUnknown, "LEADHOOK_LISEN"),
                (Code::SettingUnknown, "LEADHOOK_SERVICE_HOST"),
                (Code::SettingInvalid, "LEADHOOK_LISTEN"),
                (Code::SettingInvalid, "\"90 days\""),
                (Code::SettingInsecure, "\"http://api.dub.co\""),
                (Code::SettingInvalid, "0"),
            ],
        );
        check("listen = ", &[], &[(Code::TomlSyntax, "")]);
        check(
            "public_url = \"https://me:hunter2@example.com\"",
            &[],
            &[(Code::SettingInvalid, "\"https**************example.com\"")],
        );
        let query = ("LEADHOOK_DUB_URL", "https://api.dub.co/?a");
        check("", &[query], &[(Code::SettingInvalid, query.0)]);
        let proxies = ("LEADHOOK_TRUSTED_PROXIES", "10.0.0.0/8, proxy");
        check("", &[proxies], &[(Code::SettingInvalid, proxies.0)]);
        check("database_url = \"postgres://x\"", &[], &[(Code::NotSupported, "\"postgres://x\"")]);
    }

    #[test]
    fn the_environment_wins_and_secrets_are_masked() {
        let file = "listen = \"127.0.0.1:1\"\n[dub]\napi_key = \"dub_secret\"\n";
        let variables = Vars(&[("LEADHOOK_LISTEN", "127.0.0.1:2")]);
        let (config, shown, diagnostics) =
            super::super::load(Some(("leadhook.toml", file)), &variables);
        assert_eq!(diagnostics, []);
        let config = config.expect("valid");
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.dub.api_key.expect("set").expose(), "dub_secret");
        let key = shown.iter().find(|shown| shown.key == "dub.api_key").expect("listed");
        assert_eq!((key.value.as_str(), key.origin.as_str()), ("***", "leadhook.toml:3:11"));
        assert!(SETTINGS.len() == shown.len());
        let variables = Vars(&[("LEADHOOK_DUB_URL", "dub_hunter2")]);
        let (_, shown, _) = super::super::load(None, &variables);
        assert!(shown.iter().all(|shown| !shown.value.contains("hunter2")), "{shown:?}");
    }

    #[test]
    fn the_example_is_valid_and_names_every_setting() {
        let (config, shown, diagnostics) =
            super::super::load(Some(("leadhook.example.toml", super::super::EXAMPLE)), &Vars(&[]));
        assert_eq!(diagnostics, []);
        assert!(config.is_some());
        for setting in SETTINGS {
            let name = setting.key.rsplit('.').next().unwrap_or(setting.key);
            assert!(super::super::EXAMPLE.contains(&format!("{name} = ")), "{}", setting.key);
            assert!(super::super::EXAMPLE.contains(setting.variable), "{}", setting.variable);
        }
        // What is not commented out states the default.
        for shown in shown.iter().filter(|shown| shown.origin.contains("example")) {
            let setting = SETTINGS.iter().find(|s| s.key == shown.key).expect("known");
            assert_eq!(shown.value, setting.default, "{}", shown.key);
        }
    }
}
