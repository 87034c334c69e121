//! How a body is written, and which of several ways this one is.

use crate::model::Headers;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Format {
    /// One JSON document.
    Json,
    /// JSON Lines, or one JSON document; an array at its root is a batch then.
    JsonLines,
    /// The fields of a form, as in the query of a URL.
    Urlencoded,
    /// The fields of a form, files among them.
    Multipart,
    /// The claims of a JSON Web Token.
    Jwt,
}

/// The formats that a provider writes its bodies in; never none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) struct Formats {
    first: Format,
    others: Vec<Format>,
}

impl Formats {
    pub fn new(first: Format, others: Vec<Format>) -> Self {
        Self { first, others }
    }

    /// The one that the provider writes where nothing chooses.
    pub fn first(&self) -> Format {
        self.first
    }

    pub fn iter(&self) -> impl Iterator<Item = Format> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    pub fn contains(&self, format: Format) -> bool {
        self.iter().any(|it| it == format)
    }

    /// The format that the content type tells; the first where it tells none of them. A body
    /// without a content type is a sample, and samples are JSON, also those of forms.
    pub fn of(&self, headers: &Headers) -> Format {
        let Some(content_type) = headers.get("content-type") else { return self.json() };
        let essence = content_type.split(';').next().unwrap_or_default();
        let essence = essence.trim_ascii().to_ascii_lowercase();
        match self.iter().find(|format| format.is_written_as(&essence)) {
            Some(format) => format,
            None if Format::Json.is_written_as(&essence) => self.json(),
            None => self.first,
        }
    }

    fn json(&self) -> Format {
        let is_json = |format: &Format| matches!(format, Format::Json | Format::JsonLines);
        self.iter().find(is_json).unwrap_or(Format::Json)
    }
}

impl Format {
    /// The content type under which such bodies are sent; a multipart one needs a boundary too.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Json | Format::JsonLines => "application/json",
            Format::Urlencoded => "application/x-www-form-urlencoded",
            Format::Multipart => "multipart/form-data",
            Format::Jwt => "application/jwt",
        }
    }

    /// Whether this content type, without its parameters, tells of the format.
    fn is_written_as(self, essence: &str) -> bool {
        let is_json = || essence == "text/json" || essence.ends_with("+json");
        let is_lines = || essence.ends_with("ndjson") || essence.ends_with("jsonl");
        essence == self.content_type()
            || match self {
                Format::Json => is_json(),
                Format::JsonLines => is_json() || is_lines(),
                Format::Jwt => essence.ends_with("+jwt"),
                Format::Urlencoded | Format::Multipart => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::Format::{Json, JsonLines, Jwt, Multipart, Urlencoded};
    use super::*;

    #[track_caller]
    fn check(formats: &[Format], content_type: Option<&str>, expected: Format) {
        let (first, others) = formats.split_first().unwrap();
        let fields = content_type.map(|it| ("Content-Type".to_owned(), it.to_owned()));
        let formats = Formats::new(*first, others.to_vec());
        assert_eq!(formats.of(&Headers::new(fields)), expected);
    }

    #[test]
    fn the_content_type_chooses_and_the_first_is_the_fallback() {
        let all = [Urlencoded, Multipart, JsonLines, Json, Jwt];
        check(&all, Some("application/x-www-form-urlencoded"), Urlencoded);
        check(&all, Some(" Multipart/Form-Data ; boundary=x"), Multipart);
        check(&all, Some("application/jwt"), Jwt);
        check(&all, Some("application/secevent+jwt"), Jwt);
        check(&all, Some("application/cloudevents+json; charset=utf-8"), JsonLines);
        check(&all, Some("application/x-ndjson"), JsonLines);
        check(&[Json, JsonLines], Some("application/json"), Json);
        check(&[Json, JsonLines], Some("application/jsonl"), JsonLines);
        for useless in ["", "text/plain", "application/octet-stream", ";"] {
            check(&[Json, Urlencoded], Some(useless), Json);
            check(&[Urlencoded, Json], Some(useless), Urlencoded);
        }
        check(&[Json], Some("application/x-www-form-urlencoded"), Json);
    }

    #[test]
    fn a_body_without_a_content_type_is_json_and_so_is_one_that_says_so() {
        for content_type in [None, Some("application/json")] {
            check(&[Urlencoded], content_type, Json);
            check(&[Multipart, JsonLines], content_type, JsonLines);
            check(&[JsonLines], content_type, JsonLines);
            check(&[Json], content_type, Json);
        }
    }
}
