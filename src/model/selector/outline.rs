//! What a query or condition names, step by step, each with its place in the text.
//!
//! For those who tell a person where a query goes astray.

use super::program::{Condition, Pick, Segment, Singular};
use super::{Filter, Selector};
use std::ops::Range;

/// A way into a value: that of a query, or one of those in a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub origin: Origin,
    /// The whole way, in bytes of the text, its `$` or `@` included.
    pub span: Range<usize>,
    pub steps: Vec<Step>,
}

/// Where a way begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `$`: the event.
    Event,
    /// `@`: the event in a condition, the value that is tested in a filter.
    Current,
}

/// One step of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// In bytes of the text, with the dot or the brackets.
    pub span: Range<usize>,
    pub kind: StepKind,
}

/// Where a step goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// To the member of this name.
    Name(String),
    /// To one entry of a list.
    Index,
    /// To several members or entries.
    Several,
    /// To those that meet a condition, with the ways in it.
    Filter(Vec<Way>),
}

impl Selector {
    /// The way of the query.
    pub fn way(&self) -> Way {
        let steps = self.segments.iter().map(Step::of).collect();
        Way { origin: Origin::Event, span: 0..self.text.len(), steps }
    }
}

impl Filter {
    /// The ways of the condition, in the order in which they stand there.
    pub fn ways(&self) -> Vec<Way> {
        ways(&self.condition)
    }
}

fn ways(condition: &Condition) -> Vec<Way> {
    condition.queries().into_iter().map(Way::of).collect()
}

impl Way {
    fn of(query: &Singular) -> Self {
        let origin = if query.from_root { Origin::Event } else { Origin::Current };
        let steps = query.segments.iter().map(Step::of).collect();
        Self { origin, span: query.span.clone(), steps }
    }
}

impl Step {
    fn of(segment: &Segment) -> Self {
        Self { span: segment.span.clone(), kind: StepKind::of(&segment.pick) }
    }

    /// Where what the step names stands: the name without its dot, or the brackets.
    pub fn mark(&self, text: &str) -> Range<usize> {
        let dot = usize::from(text[self.span.clone()].starts_with('.'));
        self.span.start + dot..self.span.end
    }
}

impl StepKind {
    fn of(pick: &Pick) -> Self {
        match pick {
            Pick::Name(name) => StepKind::Name(name.clone()),
            Pick::Index(_) => StepKind::Index,
            Pick::Every | Pick::Slice { .. } => StepKind::Several,
            Pick::Filter(condition) => StepKind::Filter(ways(condition)),
            Pick::Union(picks) => {
                let conditions = picks.iter().filter_map(|pick| match pick {
                    Pick::Filter(condition) => Some(ways(condition)),
                    _ => None,
                });
                let ways: Vec<_> = conditions.flatten().collect();
                if ways.is_empty() { StepKind::Several } else { StepKind::Filter(ways) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step as `text|kind`, the ways of its filter in parentheses.
    fn shown(text: &str, way: &Way) -> String {
        let step = |step: &Step| {
            let kind = match &step.kind {
                StepKind::Name(name) => format!("={name}"),
                StepKind::Index => "=#".to_owned(),
                StepKind::Several => "=*".to_owned(),
                StepKind::Filter(ways) => {
                    let ways: Vec<_> = ways.iter().map(|way| shown(text, way)).collect();
                    format!("=({})", ways.join("; "))
                }
            };
            format!("{}{kind}", &text[step.mark(text)])
        };
        let origin = if way.origin == Origin::Event { "$" } else { "@" };
        let steps: Vec<_> = way.steps.iter().map(step).collect();
        format!("{origin} {}", steps.join(" "))
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let way = Selector::parse(text).unwrap().way();
        assert_eq!(shown(text, &way), expected);
        assert_eq!(way.span, 0..text.len());
    }

    #[track_caller]
    fn check_condition(text: &str, expected: &[&str]) {
        let ways = Filter::parse(text).unwrap().ways();
        let ways: Vec<_> = ways.iter().map(|way| shown(text, way)).collect();
        assert_eq!(ways, expected);
    }

    #[test]
    fn a_query_is_a_way_of_steps() {
        check("$", "$ ");
        check("$.a.bé_1", "$ a=a bé_1=bé_1");
        check("$['a b'][\"it's\"]", "$ ['a b']=a b [\"it's\"]=it's");
        check(r"$['a\'b]'].c", r"$ ['a\'b]']=a'b] c=c");
        check("$[0][-1][1:2][*].*['a','b']", "$ [0]=# [-1]=# [1:2]=* [*]=* *=* ['a','b']=*");
        check("$ .a [ 'b' ]", "$ a=a [ 'b' ]=b");
    }

    #[test]
    fn filters_hold_ways() {
        check("$.a[?@.b.c == $.d].e", "$ a=a [?@.b.c == $.d]=(@ b=b c=c; $ d=d) e=e");
        check("$.a[?@['x]'] == '@.no'].e", "$ a=a [?@['x]'] == '@.no']=(@ ['x]']=x]) e=e");
        check_condition(
            "!@.a && search(@.b[0].c, '@') || @ == 1",
            &["@ a=a", "@ b=b [0]=# c=c", "@ "],
        );
    }

    proptest::proptest! {
        #[test]
        fn every_way_can_be_told(text in r#"\$(\.[a-cé]{1,3}|\[('[a\]]{0,2}'|0|\*|1:|\?@\.a == ['"]x['"])\] ?){0,6}"#) {
            if let Ok(selector) = Selector::parse(&text) {
                let way = selector.way();
                for step in &way.steps {
                    Selector::parse(&text[..step.span.end]).unwrap();
                }
            }
        }
    }
}
