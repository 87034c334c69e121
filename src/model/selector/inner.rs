//! The queries inside filters, each as a query of its own: what a query looks at to decide what it
//! selects.

use super::{Filter, Origin, Selector, Step, StepKind, Way};

/// A query inside a filter or condition, as a query into the event.
#[derive(Clone, Debug)]
pub struct InnerQuery {
    /// `$.answers[?@.field.ref == 'email'].email` looks at `$.answers[*].field.ref`.
    pub selector: Selector,
    /// Its names below the filtered entry, as in `field`, `ref`; empty where it begins at the
    /// event, or where not all of its steps are names.
    pub below_entry: Vec<String>,
}

impl Selector {
    /// The queries inside the filters of this one.
    pub fn inner(&self) -> Vec<InnerQuery> {
        let text = self.text();
        let steps = self.way().steps;
        let inside = steps.iter().flat_map(|step| match &step.kind {
            StepKind::Filter(ways) => {
                let entries = format!("{}[*]", &text[..step.span.start]);
                ways.iter().filter_map(move |way| inner(text, way, &entries)).collect()
            }
            _ => Vec::new(),
        });
        inside.collect()
    }
}

impl Filter {
    /// The queries of the condition.
    pub fn inner(&self) -> Vec<InnerQuery> {
        let queries = self.ways().into_iter().filter_map(|way| inner(self.text(), &way, "$"));
        queries.map(|query| InnerQuery { below_entry: Vec::new(), ..query }).collect()
    }
}

/// The query of `way`, with `current` in the place of its `@`. `None` where it would be longer
/// than a query may be.
fn inner(text: &str, way: &Way, current: &str) -> Option<InnerQuery> {
    let steps = &text[way.span.start + 1..way.span.end];
    let (base, below_entry) = match way.origin {
        Origin::Event => ("$", Vec::new()),
        Origin::Current => (current, names(&way.steps).unwrap_or_default()),
    };
    let selector = Selector::parse(&format!("{base}{steps}")).ok()?;
    Some(InnerQuery { selector, below_entry })
}

fn names(steps: &[Step]) -> Option<Vec<String>> {
    let name = |step: &Step| match &step.kind {
        StepKind::Name(name) => Some(name.clone()),
        _ => None,
    };
    steps.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::{Filter, InnerQuery, Selector};

    #[track_caller]
    fn check(inner: Vec<InnerQuery>, expected: &[(&str, &[&str])]) {
        let found: Vec<_> =
            inner.iter().map(|inner| (inner.selector.text(), inner.below_entry.clone())).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(text, names)| (*text, names.iter().map(|name| (*name).to_owned()).collect()))
            .collect();
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn query(text: &str, expected: &[(&str, &[&str])]) {
        check(Selector::parse(text).expect("it is valid").inner(), expected);
    }

    #[test]
    fn queries_inside_filters_are_found() {
        query("$.data.id", &[]);
        query("$['a[?@.b]'].c", &[]);
        query(
            "$.answers[?@.field.ref == 'email'].email",
            &[("$.answers[*].field.ref", &["field", "ref"])],
        );
        query(
            "$.data.emails[?@.id == $.data.primary_id].address",
            &[("$.data.emails[*].id", &["id"]), ("$.data.primary_id", &[])],
        );
        query(
            "$.a[?@['first name'] == '@.b' && search(@.c[0], '[$]')].d[?@ > 1]",
            &[
                ("$.a[*]['first name']", &["first name"]),
                ("$.a[*].c[0]", &[]),
                ("$.a[?@['first name'] == '@.b' && search(@.c[0], '[$]')].d[*]", &[]),
            ],
        );
        query(r#"$.a[?@["b\"]"] == 1]"#, &[(r#"$.a[*]["b\"]"]"#, &["b\"]"])]);
        query("$.a[?@.x == 1 || !@ .y]", &[("$.a[*].x", &["x"]), ("$.a[*] .y", &["y"])]);
    }

    #[test]
    fn a_condition_looks_at_the_event() {
        let inner = Filter::parse("@.data.banned != true && @.type == 'a'").unwrap().inner();
        check(inner, &[("$.data.banned", &[]), ("$.type", &[])]);
    }
}
