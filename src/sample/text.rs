//! Texts: what they are made of, and each part replaced by one of its kind.

use super::Masker;
use crate::mapping::Named;
use regex::{Captures, Regex};
use serde_json::Value;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// Texts of so many words are prose.
const PROSE_WORDS_MIN: usize = 6;
/// How deeply addresses within addresses and texts within JSON within texts are looked at.
const NESTING_MAX: usize = 4;
const PHONE_DIGITS_MIN: usize = 7;
/// Keys of so many characters, some of them digits, are ids.
const KEY_CHARS_MIN: usize = 16;

/// What ids begin with, by those who give them out. Any other beginning may be somebody's name.
const ID_PREFIXES: &[&str] = &[
    "acc",
    "account",
    "acct",
    "ad",
    "adfs",
    "apple",
    "auth0",
    "client",
    "con",
    "conn",
    "contact",
    "cus",
    "customer",
    "eac",
    "email",
    "entconn",
    "est",
    "evt",
    "facebook",
    "form",
    "github",
    "google-oauth2",
    "idn",
    "ins",
    "invitation",
    "lead",
    "linkedin",
    "mem",
    "member",
    "msg",
    "oauth2",
    "oidc",
    "okta",
    "org",
    "orginv",
    "orgmem",
    "pat",
    "pi",
    "price",
    "prod",
    "req",
    "response",
    "samlp",
    "sess",
    "session",
    "sms",
    "sub",
    "tok",
    "token",
    "twitter",
    "u",
    "user",
    "usr",
    "waad",
    "windowslive",
    "workspace",
    "ws",
];

/// Kinds of files stay: they are no part of anybody's name.
const FILE_KINDS: &[&str] = &["gif", "html", "jpeg", "jpg", "json", "pdf", "png", "svg", "webp"];

/// What is more than words, the more specific before the less.
static PARTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?<url>(?i:https?)://[^\s<>"']+)"#,
        r"|(?<email>[\p{L}\p{N}\p{M}._%+'!#$*^`{}~-]+@[\p{L}\p{N}\p{M}-]+(?:\.[\p{L}\p{N}\p{M}-]+)*)",
        r"|(?<uuid>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b)",
        r"|(?<time>\b\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?\b)",
        r"|(?<ipv4>\b\d{1,3}(?:\.\d{1,3}){3}\b)",
        r"|(?<ipv6>\b[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{0,4}){2,7})",
        r"|(?<phone>(?:\+|\b)\d[\d ./()-]{5,}\d\b)",
    ))
    .expect("the pattern is a literal and valid")
});

/// Where the phrases stand that the mapping looks for; `None` where it looks for none.
pub(super) fn phrases(named: &Named) -> Option<Regex> {
    let escaped: Vec<_> = named.phrases.iter().map(|phrase| regex::escape(phrase)).collect();
    let pattern = format!("(?i){}", escaped.join("|"));
    (!escaped.is_empty()).then(|| Regex::new(&pattern).ok())?
}

/// Whether a text is written in sentences.
pub(super) fn is_prose(text: &str) -> bool {
    let is_word = |part: &&str| part.chars().filter(|c| c.is_alphabetic()).count() > 1;
    text.split_whitespace().filter(is_word).count() >= PROSE_WORDS_MIN
}

/// Whether a key of an object is rather somebody's data: an address or an id.
pub(super) fn is_personal_key(key: &str) -> bool {
    let has_part = PARTS.is_match(key);
    let has_digits = key.bytes().filter(u8::is_ascii_digit).count() >= 3;
    has_part || (has_digits && key.chars().count() >= KEY_CHARS_MIN)
}

impl Masker<'_> {
    pub(super) fn text(&mut self, text: &str) -> String {
        self.nested(text, 0)
    }

    fn nested(&mut self, text: &str, depth: usize) -> String {
        if self.is_named(text) {
            return text.to_owned();
        }
        if let Some(value) = as_json(text).filter(|_| depth < NESTING_MAX) {
            return self.value(&value).to_string();
        }
        let prefix = id_prefix(text);
        let (kept, rest) = text.split_at(prefix);
        let mut masked = kept.to_owned();
        let Some(phrases) = self.phrases.clone() else { return masked + &self.parts(rest, depth) };
        let mut end = 0;
        for phrase in phrases.find_iter(rest) {
            masked.push_str(&self.parts(&rest[end..phrase.start()], depth));
            masked.push_str(phrase.as_str());
            end = phrase.end();
        }
        masked + &self.parts(&rest[end..], depth)
    }

    fn parts(&mut self, text: &str, depth: usize) -> String {
        let prose = is_prose(text);
        let mut masked = String::with_capacity(text.len());
        let mut end = 0;
        for part in PARTS.captures_iter(text) {
            let whole = part.get_match();
            masked.push_str(&self.words_of(&text[end..whole.start()], prose));
            masked.push_str(&self.part(&part, depth));
            end = whole.end();
        }
        masked + &self.words_of(&text[end..], prose)
    }

    fn words_of(&mut self, text: &str, prose: bool) -> String {
        if prose { self.words.replace_prose(text) } else { self.words.replace(text) }
    }

    fn part(&mut self, part: &Captures<'_>, depth: usize) -> String {
        let text = &part[0];
        let is = |kind: &str| part.name(kind).is_some();
        let special = if is("url") && depth < NESTING_MAX {
            self.url(text, depth)
        } else if is("email") {
            text.rsplit_once('@').map(|(local, domain)| {
                format!("{}@{}", self.words.replace(local), self.domain(domain))
            })
        } else if is("uuid") {
            Some(self.uuid(text))
        } else if is("time") {
            self.time(text)
        } else if is("ipv4") {
            text.parse::<Ipv4Addr>().ok().map(|_| self.ipv4(text))
        } else if is("ipv6") {
            text.parse::<Ipv6Addr>().ok().map(|_| self.ipv6(text))
        } else {
            self.phone(text)
        };
        special.unwrap_or_else(|| self.words.replace(text))
    }

    /// A host of as many labels, below a name that is kept free for examples.
    pub(super) fn domain(&mut self, domain: &str) -> String {
        const NAMES: [&str; 3] = ["example.com", "example.net", "example.org"];
        let labels: Vec<_> = domain.split('.').collect();
        let [below @ .., name, top] = labels.as_slice() else { return self.words.replace(domain) };
        let is_real = top.len() > 1 && !top.bytes().any(|byte| byte.is_ascii_digit());
        if !is_real {
            return self.words.replace(domain);
        }
        let key = format!("{name}.{top}").to_lowercase();
        let place = place_in(&mut self.domains, &key);
        let own = NAMES.get(place).filter(|_| key.is_ascii());
        let own = own.map_or_else(
            || format!("{}.example", self.words.replace(name)),
            |name| (*name).to_owned(),
        );
        let mut labels: Vec<_> = below.iter().map(|label| self.words.replace(label)).collect();
        labels.push(own);
        labels.join(".")
    }

    fn url(&mut self, url: &str, depth: usize) -> Option<String> {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (user, host) =
            authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
        let (host, port) = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
            _ => (host, ""),
        };
        let mut masked = format!("{scheme}://");
        if !user.is_empty() {
            masked.push_str(&self.words.replace(user));
            masked.push('@');
        }
        masked.push_str(&if host.parse::<Ipv4Addr>().is_ok() {
            self.ipv4(host)
        } else {
            self.domain(host)
        });
        if !port.is_empty() {
            masked.push(':');
            masked.push_str(port);
        }
        let mut end = 0;
        for (at, delimiter) in path.match_indices(['/', '?', '#', '&', '=', ';']) {
            masked.push_str(&self.component(&path[end..at], depth));
            masked.push_str(delimiter);
            end = at + delimiter.len();
        }
        Some(masked + &self.component(&path[end..], depth))
    }

    /// A part of an address, which may be escaped.
    fn component(&mut self, component: &str, depth: usize) -> String {
        let (stem, kind) = match component.rsplit_once('.') {
            Some((stem, kind)) if FILE_KINDS.contains(&kind.to_ascii_lowercase().as_str()) => {
                (stem, &component[stem.len()..])
            }
            _ => (component, ""),
        };
        let masked = match unescaped(stem) {
            Some(plain) => escaped(&self.nested(&plain, depth + 1)),
            None => self.nested(stem, depth + 1),
        };
        masked + kind
    }

    /// Version and variant stay: they are at the same places in every UUID.
    fn uuid(&mut self, uuid: &str) -> String {
        const VERSION: usize = 14;
        const VARIANT: usize = 19;
        let hex: String = uuid.chars().filter(|c| *c != '-').collect();
        let mut drawn = self.words.stand_in(&hex).chars().collect::<Vec<_>>().into_iter();
        let replaced = uuid.char_indices().map(|(at, was)| match was {
            '-' => '-',
            _ => drawn.next().filter(|_| at != VERSION && at != VARIANT).unwrap_or(was),
        });
        replaced.collect()
    }

    fn ipv4(&mut self, address: &str) -> String {
        const NETS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];
        let place = place_in(&mut self.machines, address);
        format!("{}.{}", NETS[place / 254 % NETS.len()], place % 254 + 1)
    }

    fn ipv6(&mut self, address: &str) -> String {
        format!("2001:db8::{:x}", place_in(&mut self.machines, address) + 1)
    }

    /// The digits of a number are one word, however it is written.
    fn phone(&mut self, written: &str) -> Option<String> {
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        if digits.len() < PHONE_DIGITS_MIN {
            return None;
        }
        let mut drawn = self.words.stand_in(&digits).chars().collect::<Vec<_>>().into_iter();
        let replaced = written
            .chars()
            .map(|was| if was.is_ascii_digit() { drawn.next().unwrap_or(was) } else { was });
        Some(replaced.collect())
    }
}

/// How many others are in the list before this one, which is added where it is not in it.
fn place_in(list: &mut Vec<String>, name: &str) -> usize {
    list.iter().position(|known| known == name).unwrap_or_else(|| {
        list.push(name.to_owned());
        list.len() - 1
    })
}

/// The length of an id's beginning with what follows it, as in `user_` and `auth0|`.
fn id_prefix(text: &str) -> usize {
    let Some(at) = text.find(['_', '|']) else { return 0 };
    if ID_PREFIXES.contains(&&text[..at]) { at + 1 } else { 0 }
}

/// An object or a list that is written in a text.
fn as_json(text: &str) -> Option<Value> {
    let is_composite = |value: &Value| value.is_object() || value.is_array();
    let begins = text.trim_start().starts_with(['{', '[']);
    if begins { serde_json::from_str(text).ok().filter(is_composite) } else { None }
}

/// What the escapes of an address stand for; `None` where there are none, or where they stand for no
/// text.
fn unescaped(component: &str) -> Option<String> {
    component.contains('%').then_some(())?;
    let mut bytes = Vec::with_capacity(component.len());
    let mut rest = component;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
        rest = &after[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
