//! The place in the samples that a way which leads nowhere probably means.
//!
//! A way and a place are compared step by step, as words are compared letter by letter: steps may
//! be misspelt, missing, too many or others, and each of these has its price. What is asked for is
//! the last step, so that one must nearly be right.

use crate::model::{Origin, Step, StepKind, Way};
use serde_json::Value;
use std::collections::BTreeMap;

/// More places than any event has; the rest of a huge sample suggests nothing.
const PLACES_MAX: usize = 2_000;
const DEPTH_MAX: usize = 12;

/// Above this, what is found is not what was meant.
const PRICE_MAX: f64 = 1.6;
/// What the last step may differ.
const LAST_PRICE_MAX: f64 = 0.4;
/// Shorter words, as `id` and `at`, begin and end names that have nothing in common.
const WORD_BYTES_MIN: usize = 4;
/// A name is missing or too many.
const NAME: f64 = 0.7;
/// An entry of a list is missing or too many, which is easily overlooked.
const ENTRY: f64 = 0.1;
/// The place is a list or an object, where a text is asked for mostly.
const NO_LEAF: f64 = 1.0;

/// One step to a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Name(String),
    Entry,
}

/// The nearest place below `roots`, written as `way` is, if one is near. `text` is that of the way.
pub(super) fn nearest(text: &str, way: &Way, roots: &[&Value]) -> Option<String> {
    let mut places = BTreeMap::new();
    for root in roots {
        collect(root, &mut Vec::new(), &mut places);
    }
    let priced = places.iter().filter_map(|(place, is_leaf)| {
        let alignment = Alignment::of(way, place)?;
        let price = alignment.price() + if *is_leaf { 0.0 } else { NO_LEAF };
        (price <= PRICE_MAX).then_some((price, place, alignment))
    });
    let (_, place, alignment) = priced.min_by(|(a, ..), (b, ..)| a.total_cmp(b))?;
    let written = alignment.written(text, way, place);
    (written != text[way.span.clone()]).then_some(written)
}

/// Notes every place below `value`, and whether it is a leaf in some sample.
fn collect(value: &Value, at: &mut Vec<Segment>, places: &mut BTreeMap<Vec<Segment>, bool>) {
    if at.len() > DEPTH_MAX || places.len() >= PLACES_MAX {
        return;
    }
    let is_leaf = !matches!(value, Value::Array(_) | Value::Object(_));
    *places.entry(at.clone()).or_default() |= is_leaf;
    let mut below = |segment, value| {
        at.push(segment);
        collect(value, at, places);
        at.pop();
    };
    match value {
        Value::Array(items) => items.iter().for_each(|item| below(Segment::Entry, item)),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| below(Segment::Name(name.clone()), value));
        }
        _ => {}
    }
}

/// The cheapest prices of turning the first steps of a way into the first segments of a place.
struct Alignment {
    /// By the number of steps, and of segments.
    prices: Vec<Vec<f64>>,
    last: f64,
}

impl Alignment {
    fn of(way: &Way, place: &[Segment]) -> Option<Self> {
        let (last_step, steps) = way.steps.split_last()?;
        let (last_segment, segments) = place.split_last()?;
        let last = difference(last_step, last_segment);
        if last > LAST_PRICE_MAX {
            return None;
        }
        let mut prices = vec![vec![0.0; segments.len() + 1]; steps.len() + 1];
        for i in 0..=steps.len() {
            for j in 0..=segments.len() {
                let dropped = i.checked_sub(1).map(|i| prices[i][j] + step_price(&steps[i]));
                let added = j.checked_sub(1).map(|j| prices[i][j] + segment_price(&segments[j]));
                let changed = i.checked_sub(1).zip(j.checked_sub(1));
                let changed =
                    changed.map(|(i, j)| prices[i][j] + difference(&steps[i], &segments[j]));
                let cheapest = [dropped, added, changed].into_iter().flatten().reduce(f64::min);
                prices[i][j] = cheapest.unwrap_or(0.0);
            }
        }
        Some(Self { prices, last })
    }

    fn price(&self) -> f64 {
        self.prices
            .last()
            .and_then(|row| row.last())
            .map_or(f64::INFINITY, |price| price + self.last)
    }

    /// The place; what the way says of it already stays as it is written.
    fn written(&self, text: &str, way: &Way, place: &[Segment]) -> String {
        let (mut i, mut j) = (way.steps.len(), place.len());
        let mut parts = Vec::new();
        while j > 0 {
            let step = i.checked_sub(1).map(|i| &way.steps[i]);
            let segment = &place[j - 1];
            let is_last = j == place.len();
            match step {
                Some(step) if is_last || self.is_changed(i, j, difference(step, segment)) => {
                    parts.push(match segment {
                        Segment::Name(name) if !is_named(step, name) => written_name(name),
                        _ => text[step.span.clone()].trim().to_owned(),
                    });
                    (i, j) = (i - 1, j - 1);
                }
                Some(step) if self.prices[i][j] == self.prices[i - 1][j] + step_price(step) => {
                    i -= 1;
                }
                _ => {
                    parts.push(match segment {
                        Segment::Name(name) => written_name(name),
                        Segment::Entry => "[*]".to_owned(),
                    });
                    j -= 1;
                }
            }
        }
        let origin = if way.origin == Origin::Event { "$" } else { "@" };
        parts.push(origin.to_owned());
        parts.reverse();
        parts.concat()
    }

    /// Whether the cheapest way to `i` steps and `j` segments takes the last of each for the other.
    fn is_changed(&self, i: usize, j: usize, difference: f64) -> bool {
        self.prices[i][j] == self.prices[i - 1][j - 1] + difference
    }
}

fn step_price(step: &Step) -> f64 {
    if matches!(step.kind, StepKind::Name(_)) { NAME } else { ENTRY }
}

fn segment_price(segment: &Segment) -> f64 {
    if matches!(segment, Segment::Name(_)) { NAME } else { ENTRY }
}

fn is_named(step: &Step, wanted: &str) -> bool {
    matches!(&step.kind, StepKind::Name(name) if name == wanted)
}

/// The price of taking a segment for a step: from 0, the same, to 1, another one of its kind.
fn difference(step: &Step, segment: &Segment) -> f64 {
    match (&step.kind, segment) {
        (StepKind::Name(name), Segment::Name(wanted)) => name_difference(name, wanted),
        (StepKind::Name(_), Segment::Entry) | (_, Segment::Name(_)) => f64::INFINITY,
        (_, Segment::Entry) => 0.0,
    }
}

fn name_difference(name: &str, wanted: &str) -> f64 {
    if name == wanted {
        return 0.0;
    }
    let plain = |name: &str| name.replace(['_', '-', ' '], "").to_lowercase();
    if plain(name) == plain(wanted) {
        return 0.05;
    }
    let price = 1.0 - strsim::normalized_damerau_levenshtein(&plain(name), &plain(wanted));
    let (short, long) = if name.len() < wanted.len() { (name, wanted) } else { (wanted, name) };
    if short.len() >= WORD_BYTES_MIN {
        let has_end = |rest: Option<&str>, at: fn(&str) -> bool| rest.is_some_and(at);
        if has_end(long.strip_prefix(short), |rest| rest.starts_with(['_', '-', ' '])) {
            return price.min(0.3);
        }
        if has_end(long.strip_suffix(short), |rest| rest.ends_with(['_', '-', ' '])) {
            return price.min(0.35);
        }
    }
    if price > 0.5 { 1.0 } else { price }
}

/// A step to the member of this name.
pub(super) fn written_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts_plain && name.chars().all(plain) {
        return format!(".{name}");
    }
    format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::nearest;
    use crate::model::Selector;
    use serde_json::json;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let event = json!({
            "type": "user.created",
            "data": {
                "id": "u", "first_name": "a", "image url": "b", "username": null,
                "email_addresses": [{ "id": "e", "email_address": "x" }],
                "unsafe_metadata": { "dub_id": "c" },
                "public_metadata": { "dub_id": "c" },
            },
        });
        let way = Selector::parse(text).unwrap().way();
        assert_eq!(nearest(text, &way, &[&event]).as_deref(), expected);
    }

    #[test]
    fn misspelt_names_are_recognised() {
        check("$.data.first_nam", Some("$.data.first_name"));
        check("$.data.firstName", Some("$.data.first_name"));
        check("$.data.First_name", Some("$.data.first_name"));
        check("$.data.unsafe_metadat.dub_id", Some("$.data.unsafe_metadata.dub_id"));
        check("$.date.unsafe_metadat.dubid", Some("$.data.unsafe_metadata.dub_id"));
        check("$.data.image_url", Some("$.data['image url']"));
        check("$['data'].userName", Some("$['data'].username"));
    }

    #[test]
    fn steps_may_be_missing_too_many_or_others() {
        check("$.first_name", Some("$.data.first_name"));
        check("$.data.object.first_name", Some("$.data.first_name"));
        check("$.user.first_name", Some("$.data.first_name"));
        check("$.data.dub_id", Some("$.data.public_metadata.dub_id"));
        check("$.data.user_metadata.dub_id", Some("$.data.unsafe_metadata.dub_id"));
        check("$.data.email", Some("$.data.email_addresses[*].email_address"));
        check("$.data.email_address", Some("$.data.email_addresses[*].email_address"));
        check(
            "$.data.email_addresses.email_address",
            Some("$.data.email_addresses[*].email_address"),
        );
        check("$.data.unsafe_metadat", Some("$.data.unsafe_metadata"));
    }

    #[test]
    fn what_is_right_stays_as_it_is_written() {
        check(
            "$.data.emails[?@.id == 'e'].email_address",
            Some("$.data.email_addresses[?@.id == 'e'].email_address"),
        );
        check(
            "$.data.email_addresses[0].mail_address",
            Some("$.data.email_addresses[0].email_address"),
        );
    }

    #[test]
    fn what_is_far_off_is_not_suggested() {
        check("$.data.plan", None);
        check("$.a.b.c.d.id", None);
        check("$", None);
    }
}
