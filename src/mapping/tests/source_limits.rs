//! What `[limits]` of a file means.

use super::with_field;
use crate::mapping::SourceLimits;

fn read(lines: &str) -> SourceLimits {
    let raw = format!("{}\n{lines}", with_field("customerName = \"$.n\""));
    let (file, faults) = super::read(&raw);
    assert_eq!(faults, [], "{raw}");
    file.expect("no fault").limits
}

#[test]
fn only_addresses_that_are_named_are_let_in() {
    let limits = read("[limits]\nallow = [\"203.0.113.0/24\", \"2001:db8::1\"]\n");
    let allows = |peer: &str| limits.allows(Some(peer.parse().expect("an address")));
    assert!(allows("203.0.113.7") && allows("::ffff:203.0.113.7") && allows("2001:db8::1"));
    assert!(!allows("198.51.100.1") && !allows("2001:db8::2") && !limits.allows(None));
    let nothing_said = read("");
    assert!(nothing_said.allows(Some([198, 51, 100, 1].into())) && nothing_said.allows(None));
}

#[test]
fn a_rate_takes_the_requests_of_one_second_at_once_unless_it_says_otherwise() {
    let rate = |lines: &str| {
        let rate = read(&format!("[limits]\n{lines}\n")).rate?;
        Some((rate.every.as_millis(), rate.burst.get()))
    };
    assert_eq!(rate(""), None);
    assert_eq!(rate("per_second = 10"), Some((100, 10)));
    assert_eq!(rate("per_second = 2.5"), Some((400, 3)));
    assert_eq!(rate("per_second = 0.001"), Some((1_000_000, 1)));
    assert_eq!(rate("per_second = 10_000\nburst = 1"), Some((0, 1)));
    assert_eq!(rate("per_second = 0.5\nburst = 1_000_000"), Some((2_000, 1_000_000)));
}
