//! The fields of a lead: which there are, what each can be, and what to do where it is missing.

use super::Spanned;
use super::faults::Faults;
use super::form::{Form, Reader, words};
use super::table::{self, Node, Table};
use crate::diagnostic::{Code, did_you_mean, nearest};
use crate::lead::check_literal;
use crate::model::Mode;
use serde_json::Value;
use toml::de::DeValue;

/// One field of a rule's body.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: FieldName,
    pub(super) form: Form,
    pub(super) missing: Missing,
}

/// What to do where a field is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The delivery is unmapped.
    Fail,
    /// The lead goes without the field.
    Omit,
    /// No lead, quietly.
    Skip,
    /// The lead goes with an empty text.
    Empty,
    /// The lead waits for a click rule to find one.
    Park,
}

impl Missing {
    /// The words of mapping files.
    const WORDS: [(&str, Missing); 5] = [
        ("fail", Missing::Fail),
        ("omit", Missing::Omit),
        ("skip", Missing::Skip),
        ("empty", Missing::Empty),
        ("park", Missing::Park),
    ];

    /// The word in mapping files.
    pub(super) fn as_str(self) -> &'static str {
        let own = Self::WORDS.iter().find(|(_, missing)| *missing == self);
        own.map_or("", |(word, _)| word)
    }
}

macro_rules! fields {
    ($($variant:ident = $name:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum FieldName { $($variant,)* }

        impl FieldName {
            pub(super) const ALL: &'static [FieldName] = &[$(FieldName::$variant,)*];

            /// The name in the destination's body ("Dub API reference, Track a lead").
            pub(super) fn as_str(self) -> &'static str {
                match self { $(FieldName::$variant => $name,)* }
            }
        }
    };
}

fields! {
    ClickId = "clickId",
    EventName = "eventName",
    CustomerExternalId = "customerExternalId",
    CustomerName = "customerName",
    CustomerEmail = "customerEmail",
    CustomerAvatar = "customerAvatar",
    Mode = "mode",
    EventQuantity = "eventQuantity",
    Metadata = "metadata",
}

impl FieldName {
    fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.as_str() == name)
    }

    /// Whether the destination takes no lead without it.
    pub(super) fn is_required(self) -> bool {
        matches!(self, FieldName::EventName | FieldName::CustomerExternalId)
    }

    /// Whether half of it would be another customer, click or event: all parts of a `join` must
    /// be there. Half a name is still a name.
    pub(super) fn is_identity(self) -> bool {
        self.is_required() || self == FieldName::ClickId
    }

    /// What `missing` can say of this field, the default first.
    pub(super) fn missing_words(self) -> Vec<&'static str> {
        let by_default = self.missing_by_default();
        let mut words: Vec<_> =
            Missing::WORDS.into_iter().filter(|(_, missing)| self.can(*missing)).collect();
        words.sort_by_key(|(_, missing)| *missing != by_default);
        words.into_iter().map(|(word, _)| word).collect()
    }

    /// Whether a lead can do with that where this field is missing.
    fn can(self, missing: Missing) -> bool {
        match missing {
            Missing::Fail | Missing::Skip => true,
            Missing::Omit => !self.is_required(),
            Missing::Empty | Missing::Park => self == FieldName::ClickId,
        }
    }

    fn missing_by_default(self) -> Missing {
        match self {
            FieldName::ClickId => Missing::Skip,
            _ if self.is_required() => Missing::Fail,
            _ => Missing::Omit,
        }
    }
}

/// Reads the body of a rule. `None` where it can't be read at all; single fields that can't are
/// reported and left out.
pub(super) fn read(lead: &Table<'_>, faults: &mut Faults<'_>) -> Option<Vec<Field>> {
    let node = lead.get("body")?;
    if matches!(node.get_ref(), DeValue::Array(_)) {
        let hint = "write `[lead.body]`, with one bracket".to_owned();
        faults.hinted(Code::ValueWrongType, &node.span(), "a rule has one `body`", hint);
        return None;
    }
    let (entries, span) = table::table(node, "`body`", faults)?;
    let body = Table::open(entries, span);
    let unknown = body.iter().filter(|(key, _)| FieldName::of(&key.value).is_none());
    let meant: Vec<_> = unknown.filter_map(|(key, _)| unknown_field(&key, faults)).collect();
    absent(&body, &meant, faults);
    let present = FieldName::ALL.iter().filter_map(|name| Some((*name, body.get(name.as_str())?)));
    Some(present.filter_map(|(name, node)| field(name, node, faults)).collect())
}

/// Reports that the rule has no body. The fields that stand in the rule itself, where a body was
/// forgotten, are answered: they are no mistakes of their own.
pub(super) fn outside_body(lead: &Table<'_>, faults: &mut Faults<'_>) -> Vec<&'static str> {
    if lead.has("body") {
        return Vec::new();
    }
    let fields = lead.iter().filter_map(|(key, _)| Some((FieldName::of(&key.value)?, key.span)));
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by_key(|(_, span)| span.start);
    let (span, hint) = match fields.first() {
        Some((name, span)) => (span, format!("put a line `[lead.body]` above `{}`", name.as_str())),
        None => (&lead.span, "add a table `[lead.body]` with the fields of the lead".to_owned()),
    };
    faults.absent("body", span, "the rule has no `body`", hint);
    fields.iter().map(|(name, _)| name.as_str()).collect()
}

/// Reports a field that there is not; answers the one that is probably meant.
fn unknown_field(key: &Spanned<String>, faults: &mut Faults<'_>) -> Option<FieldName> {
    let name = key.value.as_str();
    let meant = match name {
        "externalId" | "customerId" | "userId" => Some(FieldName::CustomerExternalId),
        "email" => Some(FieldName::CustomerEmail),
        "name" => Some(FieldName::CustomerName),
        "avatar" => Some(FieldName::CustomerAvatar),
        "dub_id" | "dubId" | "click_id" => Some(FieldName::ClickId),
        _ => {
            nearest(name, FieldName::ALL.iter().map(|field| field.as_str())).and_then(FieldName::of)
        }
    };
    let hint = match (meant, name) {
        (Some(meant), _) => format!("write `{}`", meant.as_str()),
        (None, "on" | "when" | "once" | "destination") => {
            "it belongs to the rule: write it above `[lead.body]`, below `[[lead]]`".to_owned()
        }
        (None, "provider" | "secrets" | "format") => {
            faults.misplaced(name);
            "it belongs to the top of the file, above the first `[[lead]]`".to_owned()
        }
        (None, _) => {
            let names: Vec<_> = FieldName::ALL.iter().map(|field| field.as_str()).collect();
            format!("the fields are: {}; anything else goes into `metadata`", names.join(", "))
        }
    };
    faults.hinted(Code::KeyUnknown, &key.span, format!("a lead has no field `{name}`"), hint);
    meant
}

/// Reports what the body lacks, except for fields that are there and `meant`, but misspelt.
fn absent(body: &Table<'_>, meant: &[FieldName], faults: &mut Faults<'_>) {
    let lacks = |name: FieldName| !body.has(name.as_str()) && !meant.contains(&name);
    let required = FieldName::ALL.iter().filter(|name| name.is_required() && lacks(**name));
    for name in required {
        let message = format!("the destination takes no lead without `{}`", name.as_str());
        let example = match name {
            FieldName::EventName => "eventName = \"Sign up\"",
            _ => "customerExternalId = \"$.data.id\"",
        };
        let hint = format!("add a line, as in `{example}`");
        faults.hinted(Code::RuleImpossible, &body.span, message, hint);
    }
    if lacks(FieldName::ClickId) {
        let message = "without `clickId`, only leads of customers that the destination already \
                       knows are recorded";
        let hint = "if that is meant, write `clickId = { value = \"\", missing = \"empty\" }`";
        faults.warning(Code::KeyMissing, &body.span, message, hint.to_owned());
    }
}

fn field(name: FieldName, node: &Node<'_>, faults: &mut Faults<'_>) -> Option<Field> {
    let missing = missing(name, node, faults);
    Some(Field { name, form: form(name, node, faults)?, missing })
}

/// Reads the form of a field, and checks it as far as the file alone allows.
pub(super) fn form(name: FieldName, node: &Node<'_>, faults: &mut Faults<'_>) -> Option<Form> {
    let what = format!("`{}`", name.as_str());
    let form = Reader { faults }.field(node, &what)?;
    if name == FieldName::Metadata {
        strayed_into_metadata(node, faults);
    }
    check_type(name, &form, faults);
    check_literals(name, &form, faults);
    Some(form)
}

fn missing(name: FieldName, node: &Node<'_>, faults: &mut Faults<'_>) -> Missing {
    let by_default = name.missing_by_default();
    let DeValue::Table(entries) = node.get_ref() else { return by_default };
    let Some(text) = Table::open(entries, node.span()).text("missing", faults) else {
        return by_default;
    };
    let known = Missing::WORDS.into_iter().find(|(word, _)| *word == text.value);
    let (code, message, hint) = match known {
        Some((_, missing)) if name.can(missing) => return missing,
        Some((_, Missing::Empty)) => {
            (Code::ValueInvalid, "only `clickId` can be sent empty".to_owned(), None)
        }
        Some((_, Missing::Park)) => {
            let hint = "write \"skip\" for no lead".to_owned();
            (Code::ValueInvalid, "only a `clickId` can come later".to_owned(), Some(hint))
        }
        Some(_) => {
            let message = format!("the destination takes no lead without `{}`", name.as_str());
            let hint = "write \"fail\" to be told, or \"skip\" for no lead".to_owned();
            (Code::RuleImpossible, message, Some(hint))
        }
        None => {
            let hint = did_you_mean(&text.value, Missing::WORDS.map(|(word, _)| word));
            let message = "`missing` is one of fail, omit, skip and, of `clickId`, empty and park";
            (Code::ValueInvalid, message.to_owned(), hint)
        }
    };
    faults.hinted(code, &text.span, message, hint);
    by_default
}

/// Lists and objects go into `metadata` only.
fn check_type(name: FieldName, form: &Form, faults: &mut Faults<'_>) {
    if name == FieldName::Metadata || !form.is_composite() {
        return;
    }
    let near = form.source.named_members().iter().find_map(|(name, _)| nearest(name, words()));
    let hint = near.map(|word| format!("did you mean `{word}`?")).unwrap_or_else(|| {
        "take one value with `from` or `first`, or make a text with `join`".to_owned()
    });
    let message = format!("`{}` can't be a list or an object", name.as_str());
    faults.hinted(Code::ValueWrongType, &form.span, message, hint);
}

fn check_literals(name: FieldName, form: &Form, faults: &mut Faults<'_>) {
    for (span, value) in form.literals() {
        if let Err(message) = check_literal(name.as_str(), value) {
            faults.hinted(Code::ValueInvalid, span, message, literal_hint(name, value));
        }
    }
    let (message, example) = match name {
        FieldName::CustomerExternalId => ("the customer would always be the same one", "$.data.id"),
        FieldName::CustomerEmail => ("every lead would have the same address", "$.data.email"),
        _ => return,
    };
    let is_text =
        form.literals().iter().any(|(_, value)| check_literal(name.as_str(), value).is_ok());
    if is_text && !form.selects() {
        let hint = format!("write a query, as in \"{example}\"");
        faults.warning(Code::ValueSuspicious, &form.span, message, hint);
    }
}

/// What to write instead of a literal that the destination doesn't take.
fn literal_hint(name: FieldName, value: &Value) -> Option<String> {
    match (name, value) {
        (FieldName::EventQuantity, Value::String(text)) => {
            let number: u64 = text.trim().parse().ok()?;
            Some(format!("write {number}, without quotes"))
        }
        (FieldName::Mode, Value::String(text)) => did_you_mean(text, Mode::ALL.map(Mode::as_str)),
        (FieldName::Metadata, Value::String(_)) => {
            Some("write a table, as in { source = \"website\" }".to_owned())
        }
        (FieldName::EventQuantity | FieldName::Metadata, _) => None,
        (_, Value::Number(_) | Value::Bool(_)) => Some(format!("write \"{value}\", in quotes")),
        (_, Value::String(text)) if text.trim() != text && !text.trim().is_empty() => {
            Some(format!("write \"{}\"", text.trim()))
        }
        (_, Value::String(text)) if text.starts_with("@.") || text.starts_with("data.") => {
            Some(format!("for a query, write \"$.{}\"", text.trim_start_matches("@.")))
        }
        _ => None,
    }
}

/// In a TOML file a table goes on until the next one: what stands below `[lead.body.metadata]` is
/// metadata.
fn strayed_into_metadata(node: &Node<'_>, faults: &mut Faults<'_>) {
    let DeValue::Table(entries) = node.get_ref() else { return };
    for (key, _) in Table::open(entries, node.span()).iter() {
        if FieldName::of(&key.value).is_some_and(|name| name != FieldName::Metadata) {
            let message = format!("this `{}` is sent as metadata", key.value);
            let hint = "if the field of the lead is meant, write it above `[lead.body.metadata]`";
            faults.warning(Code::ValueSuspicious, &key.span, message, hint.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FieldName;
    use crate::lead::FIELDS;

    #[test]
    fn the_fields_are_those_of_the_lead() {
        let ours = FieldName::ALL.iter().map(|field| (field.as_str(), field.is_required()));
        let leads = FIELDS.iter().map(|field| (field.name, field.required));
        assert!(ours.eq(leads));
    }
}
