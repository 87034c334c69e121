//! Words, and the words that stand for them.
//!
//! A word is a run of letters and digits. What stands for it has as many characters, each of the
//! same kind at its place: a digit for a digit, a letter of the same script for a letter.

use super::scripts::of_the_same_script;
use regex::Regex;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

/// Shorter words are no secret, and can't be kept out of everything else.
const FORBIDDEN_CHARS_MIN: usize = 4;
/// Of words so short that nearly all others are taken, some stand for two.
const DRAWS_MAX: usize = 100;
/// Ids in hexadecimal are at least so long; `cafe` is a word.
const HEX_CHARS_MIN: usize = 8;

static WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*").expect("the pattern is a literal and valid")
});

/// What stands for which word.
pub(super) struct Words {
    random: fastrand::Rng,
    /// By the word in lower case.
    drawn: HashMap<String, String>,
    taken: HashSet<String>,
    /// Lengths, of numbers and of other words, of which nearly all are taken: looking for a free one
    /// each time would never end in a long list of short numbers.
    crowded: HashSet<(usize, bool)>,
    /// Words of the original, in lower case: none may occur in a drawn one.
    forbidden: HashSet<String>,
    /// How many characters they have.
    lengths: BTreeSet<usize>,
}

/// What words of one kind have in common beyond the kinds of their characters.
#[derive(Clone, Copy)]
enum Shape {
    /// An id in hexadecimal stays one.
    Hexadecimal,
    /// An id of letters and digits.
    Opaque,
    /// Letters that can be spoken; the first is a vowel or not.
    Spoken { vowel_first: bool },
}

impl Words {
    pub(super) fn new(random: fastrand::Rng) -> Self {
        Self {
            random,
            drawn: HashMap::new(),
            taken: HashSet::new(),
            crowded: HashSet::new(),
            forbidden: HashSet::new(),
            lengths: BTreeSet::new(),
        }
    }

    /// Keeps the words of `text` from being drawn.
    pub(super) fn forbid(&mut self, text: &str) {
        let words = WORD.find_iter(text).map(|word| lower(word.as_str()));
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        for word in words.chain([digits]) {
            let length = word.chars().count();
            if length >= FORBIDDEN_CHARS_MIN {
                self.lengths.insert(length);
                self.forbidden.insert(word);
            }
        }
    }

    /// `text` with every word replaced; what is between words stays.
    pub(super) fn replace(&mut self, text: &str) -> String {
        each_word(text, |word| self.stand_in(word))
    }

    /// As [`replace`](Self::replace), but words of no other text become words of filler, drawn anew
    /// each time: prose in which the same words return could be read by its pattern.
    pub(super) fn replace_prose(&mut self, text: &str) -> String {
        each_word(text, |word| {
            let is_known = self.drawn.contains_key(&lower(word));
            let is_plain = word.bytes().all(|byte| byte.is_ascii_alphabetic());
            if is_known || !is_plain { self.stand_in(word) } else { self.filler(word) }
        })
    }

    /// What stands for a word, in the case in which it is written.
    pub(super) fn stand_in(&mut self, word: &str) -> String {
        let key = lower(word);
        let drawn = match self.drawn.get(&key) {
            Some(drawn) => drawn.clone(),
            None => self.draw(key),
        };
        let cased = word.chars().zip(drawn.chars()).map(|(was, is)| with_case(was, is));
        cased.collect()
    }

    fn draw(&mut self, key: String) -> String {
        let kind = (key.chars().count(), key.bytes().all(|byte| byte.is_ascii_digit()));
        let mut drawn = self.candidate(&key);
        let mut draws = 1;
        while drawn == key || self.taken.contains(&drawn) {
            if draws == DRAWS_MAX || (drawn != key && self.crowded.contains(&kind)) {
                self.crowded.insert(kind);
                break;
            }
            drawn = self.candidate(&key);
            draws += 1;
        }
        self.taken.insert(drawn.clone());
        self.drawn.insert(key, drawn.clone());
        drawn
    }

    /// A word of the same shape in which no forbidden one occurs.
    fn candidate(&mut self, key: &str) -> String {
        let shape = self.shape(key);
        let was: Vec<char> = key.chars().collect();
        let mut is: Vec<char> = Vec::with_capacity(was.len());
        // Only what is forbidden is drawn again: in a very long word there is always something.
        let mut redraws = 0;
        while let Some(c) = was.get(is.len()) {
            is.push(self.letter(*c, is.len(), shape));
            if let Some(length) = self.forbidden_at_end(&is).filter(|_| redraws < DRAWS_MAX) {
                is.truncate(is.len() - length);
                redraws += 1;
            }
        }
        is.into_iter().collect()
    }

    fn shape(&mut self, key: &str) -> Shape {
        let has_digit = key.bytes().any(|byte| byte.is_ascii_digit());
        let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match has_digit {
            true if key.len() >= HEX_CHARS_MIN && key.bytes().all(is_hex) => Shape::Hexadecimal,
            true => Shape::Opaque,
            false => Shape::Spoken { vowel_first: self.random.bool() },
        }
    }

    /// A character of the same kind, `at` so many before it.
    fn letter(&mut self, c: char, at: usize, shape: Shape) -> char {
        match (c, shape) {
            // A number that begins with 0 still does, and no other begins to.
            ('0', _) if at == 0 => '0',
            ('0'..='9', _) if at == 0 => self.pick("123456789"),
            ('0'..='9', _) => self.pick("0123456789"),
            ('a'..='z', Shape::Hexadecimal) => self.pick("abcdef"),
            ('a'..='z', Shape::Opaque) => self.random.lowercase(),
            ('a'..='z', Shape::Spoken { vowel_first }) if vowel_first == at.is_multiple_of(2) => {
                self.pick("aeiou")
            }
            ('a'..='z', _) => self.pick("bdfgklmnprstvz"),
            _ => of_the_same_script(c, &mut self.random),
        }
    }

    /// The length of the forbidden word with which `letters` end.
    fn forbidden_at_end(&self, letters: &[char]) -> Option<usize> {
        let lengths = self.lengths.range(..=letters.len());
        lengths.copied().find(|length| {
            let end: String = letters[letters.len() - length..].iter().collect();
            self.forbidden.contains(&end)
        })
    }

    /// Whether no word of the original occurs in it.
    fn is_free(&self, word: &str) -> bool {
        let letters: Vec<_> = word.chars().collect();
        (1..=letters.len()).all(|end| self.forbidden_at_end(&letters[..end]).is_none())
    }

    fn filler(&mut self, word: &str) -> String {
        const FILLER: &str = "a e ut ad et in ac at non sed vel est nunc quis amet enim diam odio \
                              nulla justo augue velit magna lacus mauris tellus libero semper \
                              pretium viverra commodo egestas maecenas volutpat suspendisse";
        let length = word.len();
        let near: Vec<_> = FILLER.split(' ').filter(|it| it.len().abs_diff(length) <= 1).collect();
        let chosen = self.random.choice(&near).copied().unwrap_or("suspendisse");
        let is_fit = !chosen.eq_ignore_ascii_case(word) && self.is_free(chosen);
        let chosen = if is_fit { chosen.to_owned() } else { return self.stand_in(word) };
        if word.starts_with(|c: char| c.is_uppercase()) { capitalised(&chosen) } else { chosen }
    }

    fn pick(&mut self, from: &str) -> char {
        let at = self.random.usize(..from.len());
        char::from(from.as_bytes()[at])
    }
}

/// `text` with each of its words replaced.
fn each_word(text: &str, mut replace: impl FnMut(&str) -> String) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut end = 0;
    for word in WORD.find_iter(text) {
        replaced.push_str(&text[end..word.start()]);
        replaced.push_str(&replace(word.as_str()));
        end = word.end();
    }
    replaced.push_str(&text[end..]);
    replaced
}

/// In lower case, character by character, so that there are as many of them.
fn lower(word: &str) -> String {
    word.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

fn with_case(was: char, is: char) -> char {
    let mut upper = is.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) if was.is_uppercase() => single,
        _ => is,
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| with_case('A', first)).into_iter().chain(chars).collect()
}
