//! The destination's rule for e-mail addresses, which is narrower than any standard.
//!
//! Written by hand and not as a regular expression: the original needs look-ahead, and every part
//! of the rule has a name this way.

/// Whether the destination takes `text` as an e-mail address ("Dub API reference, Track a lead";
/// the pattern is that of the schema library it checks with).
pub(super) fn is_address(text: &str) -> bool {
    // Neither part may hold a second `@`, so it doesn't matter at which one the text is cut.
    text.split_once('@').is_some_and(|(local, domain)| is_local(local) && is_domain(domain))
}

fn is_local(local: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_'+-.".contains(&b);
    let can_end = |b: &u8| b.is_ascii_alphanumeric() || b"_+-".contains(b);
    local.bytes().all(allowed)
        && local.as_bytes().last().is_some_and(can_end)
        && !local.starts_with('.')
        && !local.contains("..")
}

fn is_domain(domain: &str) -> bool {
    domain.rsplit_once('.').is_some_and(|(labels, last)| {
        labels.split('.').all(is_label)
            && last.len() >= 2
            && last.bytes().all(|b| b.is_ascii_alphabetic())
    })
}

/// A label may end with `-`, as the destination's pattern has it.
fn is_label(label: &str) -> bool {
    label.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(is_address(text), expected, "{text:?}");
    }

    #[test]
    fn the_rule_is_narrow() {
        for good in [
            "a@b.co",
            "Ada.Lovelace+x@mail.example.COM",
            "o'neil@example.org",
            "_@0.aa",
            "+@x.yz",
            "-@x-.yz",
            "'a@x.yz",
            "a@1.2.3.de",
        ] {
            check(good, true);
        }
        for bad in [
            "",
            "@",
            "a@b",
            "@b.co",
            "a@.co",
            "a@b.c",
            "a@b.c1",
            "a@b..co",
            "a@-b.co",
            "a@b.co.",
            "a@b.co@c.de",
            ".a@b.co",
            "a.@b.co",
            "a'@b.co",
            "a..b@b.co",
            "a b@b.co",
            " a@b.co",
            "a@b.co\n",
            "a@b_c.co",
            "müller@example.com",
            "a@exämple.com",
            "x@exa_mple.com",
            "\"q s\"@example.com",
            "a@[127.0.0.1]",
            "Ada <a@b.co>",
            "a@b.co\0",
        ] {
            check(bad, false);
        }
    }
}
