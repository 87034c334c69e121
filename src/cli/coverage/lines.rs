//! Sentences and numbers that fit a terminal.

use crate::cli::print::{columns, hanging};
use crate::review::Share;

/// A share for people: never 0 % of something, nor 100 % of not quite all.
pub(super) fn percent(share: Share) -> String {
    let exact = share.percent();
    match share {
        Share { hits: 0, .. } => "-".to_owned(),
        _ if exact < 0.1 => "< 0.1 %".to_owned(),
        Share { hits, of } if hits < of && exact > 99.9 => "> 99.9 %".to_owned(),
        Share { hits, of } if hits == of => "100 %".to_owned(),
        _ => format!("{exact:.1} %"),
    }
}

/// A count, or a dash for none, which lets the others be seen.
pub(super) fn dashed(number: u64) -> String {
    if number == 0 { "-".to_owned() } else { number.to_string() }
}

/// Prints a sentence behind `begin`, in lines that begin where it ends.
pub(super) fn paragraph(begin: &str, sentence: &str) {
    out!("{}", hanging(begin, sentence, columns()));
}

#[cfg(test)]
mod tests {
    use super::{Share, percent};

    #[track_caller]
    fn check(hits: u64, of: u64, expected: &str) {
        assert_eq!(percent(Share { hits, of }), expected);
    }

    #[test]
    fn shares_are_rounded_without_lying() {
        check(0, 0, "-");
        check(0, 7, "-");
        check(1, 3, "33.3 %");
        check(7, 7, "100 %");
        check(1, 100_000, "< 0.1 %");
        check(99_999, 100_000, "> 99.9 %");
    }
}
