//! The text that a signature covers, as in `{header:svix-id}.{header:svix-timestamp}.{body}`.

use super::field::{Absent, only};
use crate::model::Request;

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
    /// `{query:NAME}`: a parameter of the URL that occurs once.
    Query(String),
    /// `{method}`: upper case.
    Method,
    /// `{url}`: the URL as the sender wrote it; see [`Context::url`].
    Url,
    /// `{secret}`: the key itself, where a plain hash covers it.
    Secret,
}

/// What placeholders are replaced from.
#[derive(Clone, Copy)]
pub(in crate::provider) struct Context<'a> {
    pub request: &'a Request,
    /// The items of the signature header.
    pub items: &'a [&'a str],
    /// The public address with the request's own path and query, byte for byte: what reaches us
    /// behind a proxy is not what the sender signed.
    pub url: Option<&'a str>,
    /// The key that is being tried.
    pub secret: &'a [u8],
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

    /// These parts, one after the other.
    pub fn of(parts: Vec<Part>) -> Self {
        Self(parts)
    }

    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    pub fn has(&self, part: &Part) -> bool {
        self.0.contains(part)
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
            None if name == "method" => Ok(Part::Method),
            None if name == "url" => Ok(Part::Url),
            None if name == "secret" => Ok(Part::Secret),
            Some(("header", name)) if !name.is_empty() => {
                Ok(Part::Header(name.to_ascii_lowercase()))
            }
            Some(("sig", key)) if !key.is_empty() => Ok(Part::Item(key.to_owned())),
            Some(("query", name)) if !name.is_empty() => Ok(Part::Query(name.to_owned())),
            _ => Err(format!(
                "`{{{name}}}` is no placeholder; there are {{body}}, {{header:NAME}}, {{sig:KEY}}, \
                 {{query:NAME}}, {{method}}, {{url}} and {{secret}}"
            )),
        }
    }

    pub(in crate::provider) fn resolve<'a>(
        &'a self,
        context: Context<'a>,
    ) -> Result<&'a [u8], Absent> {
        match self {
            Part::Literal(text) => Ok(text.as_bytes()),
            Part::Body => Ok(&context.request.body),
            Part::Header(name) => only(context.request.headers.iter(), name).map(str::as_bytes),
            Part::Query(name) => only(context.request.query.iter(), name).map(str::as_bytes),
            Part::Method => Ok(context.request.method.as_bytes()),
            Part::Url => context.url.map(str::as_bytes).ok_or(Absent::Missing),
            Part::Secret => Ok(context.secret),
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
    use crate::model::QueryString;
    use crate::provider::tests::request;

    #[track_caller]
    fn check(template: &str, expected: Result<&str, Absent>) {
        let headers = [("X-Id", " 7 "), ("X-Twice", "1"), ("X-Twice", "2"), ("X-Blank", " ")];
        let mut request = request(&headers, b"{\"a\":1}");
        request.query = QueryString::new([("q".to_owned(), "8".to_owned())]);
        let items = ["t=5", "v1=a=="];
        let url = Some("https://a.example/w?q=8");
        let context = Context { request: &request, items: &items, url, secret: b"key" };
        let template = Template::parse(template).unwrap();
        let text = template.resolve(context).map(|pieces| pieces.concat());
        assert_eq!(text, expected.map(|text| text.as_bytes().to_vec()));
    }

    #[test]
    fn placeholders_are_replaced_by_what_came() {
        check("{body}", Ok("{\"a\":1}"));
        check("v0:{header:X-ID}.{sig:t}:{body}!", Ok("v0:7.5:{\"a\":1}!"));
        check("{sig:v1}", Ok("a=="));
        check("{secret}{method}{url}{query:q}", Ok("keyPOSThttps://a.example/w?q=88"));
    }

    #[test]
    fn what_is_missing_blank_or_repeated_refuses() {
        check("{header:x-none}.{body}", Err(Absent::Missing));
        check("{header:x-blank}.{body}", Err(Absent::Missing));
        check("{sig:v2}.{body}", Err(Absent::Missing));
        check("{query:none}", Err(Absent::Missing));
        check("{header:x-twice}.{body}", Err(Absent::Repeated));
    }

    #[test]
    fn other_placeholders_are_faults() {
        for bad in ["{", "}", "{body", "body}", "{{body}}", "{}", "{path}", "{header:}", "{sig:}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
