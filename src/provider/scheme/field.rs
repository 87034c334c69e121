//! Reading the one value of a header or parameter.
//!
//! Two fields of one name are refused wherever one is meant: what is verified must be what is read
//! later, and intermediaries differ in which of the two they pass on.

/// Why there is no one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Absent {
    /// There is none, or it is blank.
    Missing,
    /// There are several.
    Repeated,
}

/// The one value among `fields` under `name`, without blanks at its ends (RFC 9110, 5.5).
pub(super) fn only<'a>(
    fields: impl Iterator<Item = (&'a str, &'a str)>,
    name: &str,
) -> Result<&'a str, Absent> {
    let mut values =
        fields.filter(|(field, _)| *field == name).map(|(_, value)| value.trim_ascii());
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Absent::Repeated),
        (None | Some(""), None) => Err(Absent::Missing),
        (Some(value), None) => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fields: &[(&str, &str)], expected: Result<&str, Absent>) {
        assert_eq!(only(fields.iter().copied(), "a"), expected);
    }

    #[test]
    fn exactly_one_value_that_is_not_blank() {
        check(&[("b", "2"), ("a", " 1\t")], Ok("1"));
        check(&[("b", "2")], Err(Absent::Missing));
        check(&[("a", " ")], Err(Absent::Missing));
        check(&[("a", "1"), ("a", "1")], Err(Absent::Repeated));
        check(&[("a", ""), ("a", "1")], Err(Absent::Repeated));
    }
}
