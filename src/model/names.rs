//! Names that people give: checked once, then carried as types.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The provider of a mapping file that declares its sender itself.
pub const CUSTOM: &str = "custom";

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("1 to 64 characters of a-z, 0-9, `-` and `_`, beginning with a letter or digit")]
    Slug,
    #[error("1 to 100 characters, no line breaks, no blanks at the ends")]
    Title,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:ident, $error:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                if $check(text) { Ok(Self(text.into())) } else { Err($error) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
    };
}

name!(
    /// A source: the stem of its mapping file and the last part of its URL.
    SourceName, is_slug, NameError::Slug
);
name!(
    /// A destination.
    DestinationName, is_slug, NameError::Slug
);
name!(
    /// A `[[lead]]` rule of a mapping file; part of the ledger's key, so it should never change.
    RuleName, is_title, NameError::Title
);

fn is_slug(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=64).contains(&text.len())
        && text.bytes().all(allowed)
        && text.as_bytes()[0].is_ascii_alphanumeric()
}

fn is_title(text: &str) -> bool {
    (1..=100).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_name_is_a_slug() {
        for good in ["clerk", "auth0-logs", "x_1", "9"] {
            assert!(good.parse::<SourceName>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "A", "a/b", "a.b", "é", &"a".repeat(65)] {
            assert!(bad.parse::<SourceName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rule_name_is_a_short_line() {
        assert!("Sign up (EU)".parse::<RuleName>().is_ok());
        for bad in ["", " a", "a\nb"] {
            assert!(bad.parse::<RuleName>().is_err(), "{bad:?}");
        }
    }
}
