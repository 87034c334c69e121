//! The literals that a form compares values with.

use super::{Form, Source};
use crate::mapping::named::Named;
use crate::model::{Selector, StepKind};

impl Form {
    pub(in crate::mapping) fn name_literals(&self, named: &mut Named) {
        let mut select = |selector: &Selector| {
            selector.literals().into_iter().for_each(|literal| named.literal(literal));
        };
        if let Some(lookup) = &self.lookup {
            select(&lookup.within.value);
        }
        match &self.source {
            Source::Query(selector) | Source::All(selector) => select(&selector.value),
            Source::Inner(form) => form.name_literals(named),
            Source::First(members) | Source::Join { members, .. } | Source::List(members) => {
                members.iter().for_each(|member| member.name_literals(named));
            }
            Source::Object(members) => {
                members.iter().for_each(|(_, member)| member.name_literals(named));
            }
            Source::Literal(_) | Source::Header(_) | Source::Parameter(_) | Source::Event(_) => {}
        }
        let looked_up = self.lookup.iter().flat_map(|lookup| [&lookup.key, &lookup.take]);
        let steps = looked_up.flat_map(|query| query.value.way().steps);
        named.keys.extend(steps.filter_map(|step| match step.kind {
            StepKind::Name(name) => Some(name),
            _ => None,
        }));
        self.ignore.texts().for_each(|text| named.value(text));
        let mapped = self.map.iter().flat_map(|map| &map.entries);
        mapped.for_each(|(from, _)| named.value(from));
    }
}
