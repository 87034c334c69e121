//! The text that a signature covers, as in `{header:svix-id}.{header:svix-timestamp}.{body}`.

use super::field::{Absent, only};
use crate::model::Headers;

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) struct Template(Vec<Part>);

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Part {
    Literal(String),
    /// `{body}`: the bytes as they came.
    Body,
    /// `{header:NAME}`: a header that occurs once.
    Header(String),
    /// `{sig:KEY}`: what follows `KEY=` in its item of the signature header.
    Item(String),
}

/// What placeholders are replaced from.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub headers: &'a Headers,
    pub body: &'a [u8],
    /// The items of the signature header.
    pub items: &'a [&'a str],
}

impl Template {
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            let (literal, tail) = rest.split_at(at);
            let end = tail.find('}').filter(|_| tail.starts_with('{'));
            let end = end.ok_or_else(|| format!("the braces of {text:?} do not pair"))?;
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::parse(&tail[1..end])?);
            rest = &tail[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The pieces in order; one after the other they are the text.
    pub(super) fn resolve<'a>(&'a self, context: Context<'a>) -> Result<Vec<&'a [u8]>, Absent> {
        self.0.iter().map(|part| part.resolve(context)).collect()
    }
}

impl Part {
    fn parse(name: &str) -> Result<Self, String> {
        match name.split_once(':') {
            None if name == "body" => Ok(Part::Body),
            Some(("header", name)) if !name.is_empty() => {
                Ok(Part::Header(name.to_ascii_lowercase()))
            }
            Some(("sig", key)) if !key.is_empty() => Ok(Part::Item(key.to_owned())),
            _ => Err(format!(
                "`{{{name}}}` is no placeholder; there are {{body}}, {{header:NAME}} and {{sig:KEY}}"
            )),
        }
    }

    pub(super) fn resolve<'a>(&'a self, context: Context<'a>) -> Result<&'a [u8], Absent> {
        match self {
            Part::Literal(text) => Ok(text.as_bytes()),
            Part::Body => Ok(context.body),
            Part::Header(name) => only(context.headers.iter(), name).map(str::as_bytes),
            Part::Item(key) => {
                let items = context.items.iter().filter_map(|item| item.split_once('='));
                only(items, key).map(str::as_bytes)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, expected: Result<&str, Absent>) {
        let headers = [("X-Id", " 7 "), ("X-Twice", "1"), ("X-Twice", "2"), ("X-Blank", " ")];
        let headers = Headers::new(headers.map(|(name, value)| (name.into(), value.into())));
        let context = Context { headers: &headers, body: b"{\"a\":1}", items: &["t=5", "v1=a=="] };
        let template = Template::parse(template).unwrap();
        let text = template.resolve(context).map(|pieces| pieces.concat());
        assert_eq!(text, expected.map(|text| text.as_bytes().to_vec()));
    }

    #[test]
    fn placeholders_are_replaced_by_what_came() {
        check("{body}", Ok("{\"a\":1}"));
        check("v0:{header:X-ID}.{sig:t}:{body}!", Ok("v0:7.5:{\"a\":1}!"));
        check("{sig:v1}", Ok("a=="));
    }

    #[test]
    fn what_is_missing_blank_or_repeated_refuses() {
        check("{header:x-none}.{body}", Err(Absent::Missing));
        check("{header:x-blank}.{body}", Err(Absent::Missing));
        check("{sig:v2}.{body}", Err(Absent::Missing));
        check("{header:x-twice}.{body}", Err(Absent::Repeated));
    }

    #[test]
    fn other_placeholders_are_faults() {
        for bad in ["{", "}", "{body", "body}", "{{body}}", "{}", "{url}", "{header:}", "{sig:}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
