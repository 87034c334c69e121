//! The fields of a lead: which there are, what each can be, and what to do where it is missing.

use super::faults::Faults;
use super::form::{Form, Reader};
use super::table::{self, Node, Table};
use crate::diagnostic::{Code, did_you_mean};
use crate::lead::check_literal;
use std::ops::Range;
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
    let Some(node) = lead.get("body") else {
        let hint = "add a table `[lead.body]` with the fields of the lead".to_owned();
        faults.hinted(Code::KeyMissing, &lead.span, "the rule has no `body`", hint);
        return None;
    };
    let (entries, span) = table::table(node, "`body`", faults)?;
    let body = Table::open(entries, span);
    for (key, _) in body.iter() {
        if !FieldName::ALL.iter().any(|field| field.as_str() == key.value) {
            unknown(&key.value, &key.span, faults);
        }
    }
    absent(&body, faults);
    let present = FieldName::ALL.iter().filter_map(|name| Some((*name, body.get(name.as_str())?)));
    Some(present.filter_map(|(name, node)| field(name, node, faults)).collect())
}

fn unknown(key: &str, span: &Range<usize>, faults: &mut Faults<'_>) {
    let names = || FieldName::ALL.iter().map(|field| field.as_str());
    let hint = match key {
        "externalId" | "customerId" | "userId" => Some("write `customerExternalId`".to_owned()),
        "email" => Some("write `customerEmail`".to_owned()),
        "name" => Some("write `customerName`".to_owned()),
        "avatar" => Some("write `customerAvatar`".to_owned()),
        "dub_id" => Some("write `clickId`".to_owned()),
        _ => did_you_mean(key, names()),
    };
    let hint = hint.unwrap_or_else(|| {
        let names: Vec<_> = names().collect();
        format!("the fields are: {}; anything else goes into `metadata`", names.join(", "))
    });
    faults.hinted(Code::KeyUnknown, span, format!("a lead has no field `{key}`"), hint);
}

fn absent(body: &Table<'_>, faults: &mut Faults<'_>) {
    for name in FieldName::ALL.iter().filter(|name| name.is_required()) {
        if !body.has(name.as_str()) {
            let message = format!("the destination takes no lead without `{}`", name.as_str());
            faults.error(Code::RuleImpossible, &body.span, message);
        }
    }
    if !body.has("clickId") {
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
    let hint = "take one value with `from` or `first`, or make a text with `join`".to_owned();
    let message = format!("`{}` can't be a list or an object", name.as_str());
    faults.hinted(Code::ValueWrongType, &form.span, message, hint);
}

fn check_literals(name: FieldName, form: &Form, faults: &mut Faults<'_>) {
    for (span, value) in form.literals() {
        if let Err(message) = check_literal(name.as_str(), value) {
            faults.error(Code::ValueInvalid, span, message);
        }
    }
    if name == FieldName::CustomerExternalId && !form.selects() {
        let message = "the customer would always be the same one";
        let hint = "write a query, as in \"$.data.id\"".to_owned();
        faults.warning(Code::ValueInvalid, &form.span, message, hint);
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
