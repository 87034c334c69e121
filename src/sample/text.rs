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
const ID_PREFIXES: &str = "acc account acct ad adfs apple auth0 client con conn contact cus customer eac \
    email entconn est evt facebook form github google-oauth2 idn ins invitation \
    lead linkedin mem member msg oauth2 oidc okta org orginv orgmem pat pi price \
    prod req response samlp sess session sms sub tok token twitter u user usr waad \
    windowslive workspace ws";

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

    pub(super) fn nested(&mut self, text: &str, depth: usize) -> String {
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
        if let Some(known) = self.prose.get(text) {
            return known.clone();
        }
        let mut masked = String::with_capacity(text.len());
        let mut end = 0;
        for part in PARTS.captures_iter(text) {
            let whole = part.get_match();
            masked.push_str(&self.words_of(&text[end..whole.start()], prose));
            masked.push_str(&self.part(&part, depth));
            end = whole.end();
        }
        masked.push_str(&self.words_of(&text[end..], prose));
        if prose {
            self.prose.insert(text.to_owned(), masked.clone());
        }
        masked
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

/// The length of an id's beginning with what follows it, as in `user_` and `auth0|`.
fn id_prefix(text: &str) -> usize {
    let Some(at) = text.find(['_', '|']) else { return 0 };
    let is_known = ID_PREFIXES.split(' ').any(|prefix| prefix == &text[..at]);
    if is_known { at + 1 } else { 0 }
}

/// An object or a list that is written in a text.
fn as_json(text: &str) -> Option<Value> {
    let is_composite = |value: &Value| value.is_object() || value.is_array();
    let begins = text.trim_start().starts_with(['{', '[']);
    if begins { serde_json::from_str(text).ok().filter(is_composite) } else { None }
}
