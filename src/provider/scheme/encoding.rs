//! How signatures and keys are written as text.
//!
//! Strict on purpose: senders of one provider all write the same form, and a second accepted form
//! would only be a second way in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How a signature is written in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Encoding {
    /// Either case.
    Hex,
    /// RFC 4648 section 4: the standard alphabet, with padding.
    Base64,
}

/// How a key is written in a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum KeyEncoding {
    /// The text's own bytes are the key.
    Utf8,
    Hex,
    Base64,
}

impl Encoding {
    pub fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Encoding::Hex => hex::decode(text).ok(),
            Encoding::Base64 => STANDARD.decode(text).ok(),
        }
    }

    pub fn encode(self, bytes: &[u8]) -> String {
        match self {
            Encoding::Hex => hex::encode(bytes),
            Encoding::Base64 => STANDARD.encode(bytes),
        }
    }
}

impl KeyEncoding {
    pub fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            KeyEncoding::Utf8 => Some(text.as_bytes().to_vec()),
            KeyEncoding::Hex => Encoding::Hex.decode(text),
            KeyEncoding::Base64 => Encoding::Base64.decode(text),
        }
    }

    /// As it is called in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            KeyEncoding::Utf8 => "text",
            KeyEncoding::Hex => "hexadecimal",
            KeyEncoding::Base64 => "base64 (standard alphabet, with padding)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(encoding: Encoding, text: &str, expected: Option<&[u8]>) {
        assert_eq!(encoding.decode(text).as_deref(), expected);
    }

    #[test]
    fn hex_is_of_either_case_and_whole() {
        check(Encoding::Hex, "fF0a", Some(&[0xff, 0x0a]));
        for bad in ["f", "0x0a", "fg", " ff", "ff ", "é"] {
            check(Encoding::Hex, bad, None);
        }
    }

    #[test]
    fn base64_is_standard_and_padded() {
        check(Encoding::Base64, "+/8=", Some(&[0xfb, 0xff]));
        for bad in ["-_8=", "+/8", "+/9=", "+/8==", " +/8=", "+/8=\n", "é"] {
            check(Encoding::Base64, bad, None);
        }
    }
}
