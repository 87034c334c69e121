//! From configured secrets to keys, with faults that help and quote nothing.

use super::KeyEncoding;
use crate::model::Secret;
use crate::provider::AuthFault;

/// What is wrong with one secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SecretFault {
    pub message: String,
    pub hint: Option<String>,
}

impl SecretFault {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What `make` makes of each secret, or everything that is wrong with them.
pub(super) fn each<T>(
    secrets: &[Secret],
    make: impl Fn(&str) -> Result<T, SecretFault>,
) -> Result<Vec<T>, Vec<AuthFault>> {
    let (mut made, mut faults) = (Vec::new(), Vec::new());
    for (index, secret) in secrets.iter().enumerate() {
        match usable(secret).and_then(&make) {
            Ok(one) => made.push(one),
            Err(SecretFault { message, hint }) => {
                faults.push(AuthFault::Secret { index, message, hint });
            }
        }
    }
    if secrets.is_empty() {
        let message = "a secret is needed to verify requests".to_owned();
        faults.push(AuthFault::Secret { index: 0, message, hint: None });
    }
    if faults.is_empty() { Ok(made) } else { Err(faults) }
}

/// The bytes of the key that `text` writes: without the first of `prefixes` that it begins with.
pub(super) fn key(
    text: &str,
    prefixes: &[String],
    encoding: KeyEncoding,
) -> Result<Vec<u8>, SecretFault> {
    let prefix = prefixes.iter().find(|prefix| text.starts_with(prefix.as_str()));
    let written = prefix.map_or(text, |prefix| &text[prefix.len()..]);
    match (encoding.decode(written), prefix) {
        (Some(key), _) if !key.is_empty() => Ok(key),
        (Some(_), Some(prefix)) => {
            Err(SecretFault::new(format!("nothing follows `{prefix}` in the secret")))
        }
        (Some(_), None) => Err(SecretFault::new("the secret is empty")),
        (None, Some(prefix)) => Err(SecretFault::new(format!(
            "what follows `{prefix}` in the secret is not {}",
            encoding.title()
        ))),
        (None, None) => Err(SecretFault::new(match prefixes {
            [] => format!("the secret is not {}", encoding.title()),
            _ => format!(
                "the secret does not begin with {} and is not {} either",
                prefixes
                    .iter()
                    .map(|prefix| format!("`{prefix}`"))
                    .collect::<Vec<_>>()
                    .join(" or "),
                encoding.title()
            ),
        })),
    }
}

/// The secret's text. Line breaks at its end come from files and are never part of it; other
/// blanks at its ends can't be told from a slip, so they are refused.
fn usable(secret: &Secret) -> Result<&str, SecretFault> {
    let text = secret.expose().trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        Err(SecretFault::new("the secret is empty"))
    } else if text.trim() != text {
        let fault = SecretFault::new("the secret begins or ends with a blank");
        Err(fault.hint("remove the blanks around it"))
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&[u8], &str>) {
        let prefixes = ["v1,whsec_".to_owned(), "whsec_".to_owned()];
        let made = each(&[Secret::new(text)], |text| key(text, &prefixes, KeyEncoding::Base64));
        match (made, expected) {
            (Ok(keys), Ok(key)) => assert_eq!(keys, [key]),
            (Err(faults), Err(part)) => {
                let shown = format!("{faults:?}");
                assert!(shown.contains(part), "{shown}");
                assert!(text.len() < 12 || !shown.contains(text), "{shown}");
            }
            (made, expected) => panic!("{made:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn a_key_is_decoded_without_its_prefix() {
        check("whsec_AQID", Ok(&[1, 2, 3]));
        check("v1,whsec_AQID", Ok(&[1, 2, 3]));
        check("AQID", Ok(&[1, 2, 3]));
        check("AQID\r\n", Ok(&[1, 2, 3]));
    }

    #[test]
    fn a_secret_of_another_form_is_refused_and_not_quoted() {
        check("", Err("empty"));
        check(" \n", Err("empty"));
        check("whsec_", Err("nothing follows"));
        check(" whsec_AQID", Err("begins or ends with a blank"));
        check("whsec_not*base64*at*all", Err("is not base64"));
        check("sk_test_0123456789abcdef", Err("does not begin with `v1,whsec_` or `whsec_`"));
        check("whsec_-_-_", Err("is not base64"));
    }

    #[test]
    fn every_bad_secret_is_named_and_none_at_all_is_a_fault() {
        let secrets = ["whsec_AQID", "", "whsec_*"].map(Secret::new);
        let faults = each(&secrets, |text| key(text, &["whsec_".into()], KeyEncoding::Base64));
        assert_eq!(faults.unwrap_err().len(), 2);
        assert!(each(&[], |_| Ok(())).is_err());
    }
}
