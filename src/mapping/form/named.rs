//! The literals that a form compares values with.

use super::{Form, Source};
use crate::mapping::named::Named;
use crate::model::Selector;

impl Form {
    pub(in crate::mapping) fn name_literals(&self, named: &mut Named) {
        let mut select = |selector: &Selector| {
            selector.literals().into_iter().for_each(|literal| named.literal(literal));
        };
        let lookup = self.lookup.iter();
        lookup.flat_map(|it| [&it.within, &it.key, &it.take]).for_each(|it| select(&it.value));
        match &self.source {
            Source::Query(selector) | Source::All(selector) => select(&selector.value),
            source => source.members().for_each(|member| member.name_literals(named)),
        }
        self.ignore.texts().for_each(|text| named.value(text));
        let mapped = self.map.iter().flat_map(|map| &map.entries);
        mapped.for_each(|(from, _)| named.value(from));
    }
}
