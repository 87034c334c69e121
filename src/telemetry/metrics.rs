//! The names and labels of all metrics, and the verbs that move them.
//!
//! One [`Metrics`] belongs to one service: several in one process don't mix. Who measures something
//! new adds a family to `Families`, registers it in `Families::register`, and gives it a verb here,
//! so that no name or label stands anywhere else.
//!
//! Labels are bounded: sources are those of mapping files, results and codes come from their tables.
//! Absent here: people's data, secrets, and whatever a caller can choose.

use crate::diagnostic::Code;
use crate::model::{RuleName, SourceName, Timestamp};
use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::Arc;

/// The media type of what [`Metrics::encode`] answers.
pub const METRICS_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// Stands for a source where there is none of the name that was called.
const NO_SOURCE: &str = "-";

/// All metrics of one service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    families: Families,
}

/// What a reload made of one mapping file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReloadResult {
    /// It is in force now.
    Applied,
    /// It has faults, and the last good version stays in force.
    Refused,
    /// It is as the last reload found it.
    Unchanged,
    /// It is not there any more.
    Gone,
    /// It is good, but could not be noted in the store; the next reload tries again.
    Failed,
}

#[derive(Debug, Default)]
struct Families {
    reloads: Family<ReloadLabels, Counter>,
    refused: Family<SourceLabel, Gauge>,
    info: Family<VersionLabels, Gauge>,
    applied_at: Family<SourceLabel, Gauge>,
    field_stopped: Family<FieldLabels, Gauge>,
    requests: Family<RequestLabels, Counter>,
    events: Family<ResultLabels, Counter>,
    rejections: Family<ResultLabels, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SourceLabel {
    source: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReloadLabels {
    source: String,
    result: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct VersionLabels {
    source: String,
    version: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct FieldLabels {
    source: String,
    rule: String,
    field: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    source: String,
    code: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ResultLabels {
    source: String,
    result: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let families = Families::default();
        let mut registry = Registry::with_prefix("leadhook");
        families.register(&mut registry);
        Self(Arc::new(Inner { registry, families }))
    }
}

impl Metrics {
    /// Everything in Prometheus' text format.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.0.registry).expect("writing to a text can't fail");
        text
    }

    /// A reload has looked at the mapping file of `source`.
    pub fn reloaded(&self, source: &SourceName, result: ReloadResult) {
        let labels = ReloadLabels { source: source.to_string(), result: result.name() };
        self.0.families.reloads.get_or_create(&labels).inc();
    }

    /// Whether the mapping file of `source` on disk has faults, so that it is not in force.
    pub fn mapping_refused(&self, source: &SourceName, refused: bool) {
        self.0.families.refused.get_or_create(&of(source)).set(refused.into());
    }

    /// The `version` of a mapping came into force at `at`, in the place of `before`.
    pub fn mapping_in_force(
        &self,
        source: &SourceName,
        before: Option<&str>,
        version: &str,
        at: Timestamp,
    ) {
        self.mapping_out_of_force(source, before);
        let Families { info, applied_at, .. } = &self.0.families;
        info.get_or_create(&versioned(source, version)).set(1);
        applied_at.get_or_create(&of(source)).set(at.millis() / 1_000);
    }

    /// No mapping of `source` is in force any more.
    pub fn mapping_out_of_force(&self, source: &SourceName, before: Option<&str>) {
        let Families { info, applied_at, .. } = &self.0.families;
        if let Some(before) = before {
            info.remove(&versioned(source, before));
        }
        applied_at.remove(&of(source));
    }

    /// Whether a field of a rule, as its mapping file names it, is no longer found though it used to
    /// be.
    pub fn field_stopped(&self, source: &SourceName, rule: &RuleName, field: &str, stopped: bool) {
        let (source, rule, field) = (source.to_string(), rule.to_string(), field.to_owned());
        let labels = FieldLabels { source, rule, field };
        self.0.families.field_stopped.get_or_create(&labels).set(stopped.into());
    }

    /// A request to `source` was stored and acknowledged.
    pub fn request_accepted(&self, source: &SourceName, new: usize, known: usize) {
        self.request(source.as_str(), "accepted");
        let count = |result, number: usize| {
            let labels = ResultLabels { source: source.to_string(), result };
            self.0.families.events.get_or_create(&labels).inc_by(number as u64);
        };
        count("new", new);
        count("duplicate", known);
    }

    /// A request was refused. `source` is `None` where there is no such source: what a stranger
    /// writes into a URL must not become a label.
    pub fn request_refused(&self, source: Option<&str>, code: Code) {
        self.request(source.unwrap_or(NO_SOURCE), code.name());
    }

    /// A refused request was kept, or dropped because there were too many.
    pub fn rejection(&self, source: &SourceName, kept: bool) {
        let result = if kept { "kept" } else { "dropped" };
        let labels = ResultLabels { source: source.to_string(), result };
        self.0.families.rejections.get_or_create(&labels).inc();
    }

    fn request(&self, source: &str, code: &'static str) {
        let labels = RequestLabels { source: source.to_owned(), code };
        self.0.families.requests.get_or_create(&labels).inc();
    }
}

impl ReloadResult {
    fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Refused => "refused",
            Self::Unchanged => "unchanged",
            Self::Gone => "gone",
            Self::Failed => "failed",
        }
    }
}

impl Families {
    /// The library puts a full stop behind each help text, and `_total` behind counters.
    fn register(&self, registry: &mut Registry) {
        let Self {
            reloads,
            refused,
            info,
            applied_at,
            field_stopped,
            requests,
            events,
            rejections,
        } = self;
        let help = "What reloads made of the mapping file";
        registry.register("mapping_reloads", help, reloads.clone());
        let help = "1 while the mapping file on disk has faults and is not in force";
        registry.register("mapping_refused", help, refused.clone());
        let help = "1 for the version of the mapping that is in force";
        registry.register("mapping_info", help, info.clone());
        let help = "When the mapping in force came into force, in seconds since 1970";
        registry.register("mapping_applied_timestamp_seconds", help, applied_at.clone());
        let help =
            "1 while a field of the mapping that used to be found in events is found no longer";
        registry.register("mapping_field_stopped", help, field_stopped.clone());
        let help = "Requests by what they were answered: accepted, or the code of the refusal";
        registry.register("requests", help, requests.clone());
        let help = "Events of accepted requests: new, or duplicate";
        registry.register("events", help, events.clone());
        let help = "Refused requests: kept to be looked at, or dropped because of their number";
        registry.register("rejections", help, rejections.clone());
    }
}

fn of(source: &SourceName) -> SourceLabel {
    SourceLabel { source: source.to_string() }
}

fn versioned(source: &SourceName, version: &str) -> VersionLabels {
    VersionLabels { source: source.to_string(), version: version.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_told_under_its_documented_name() {
        let metrics = Metrics::default();
        let clerk: SourceName = "clerk".parse().expect("a name");
        metrics.reloaded(&clerk, ReloadResult::Applied);
        metrics.mapping_refused(&clerk, true);
        metrics.mapping_in_force(&clerk, None, "v1", Timestamp::from_millis(1_500));
        metrics.mapping_in_force(&clerk, Some("v1"), "v2", Timestamp::from_millis(2_500));
        let rule: RuleName = "sign-up".parse().expect("a name");
        metrics.field_stopped(&clerk, &rule, "customerEmail", true);
        metrics.field_stopped(&clerk, &rule, "metadata.plan", true);
        metrics.field_stopped(&clerk, &rule, "metadata.plan", false);
        metrics.request_accepted(&clerk, 2, 1);
        metrics.request_refused(Some("clerk"), Code::SignatureMismatch);
        metrics.request_refused(None, Code::SourceUnknown);
        metrics.rejection(&clerk, true);
        metrics.rejection(&clerk, false);
        let text = metrics.encode();
        for line in [
            r#"leadhook_mapping_reloads_total{source="clerk",result="applied"} 1"#,
            r#"leadhook_mapping_refused{source="clerk"} 1"#,
            r#"leadhook_mapping_info{source="clerk",version="v2"} 1"#,
            r#"leadhook_mapping_applied_timestamp_seconds{source="clerk"} 2"#,
            r#"leadhook_mapping_field_stopped{source="clerk",rule="sign-up",field="customerEmail"} 1"#,
            r#"leadhook_mapping_field_stopped{source="clerk",rule="sign-up",field="metadata.plan"} 0"#,
            r#"leadhook_requests_total{source="clerk",code="accepted"} 1"#,
            r#"leadhook_requests_total{source="clerk",code="signature_mismatch"} 1"#,
            r#"leadhook_requests_total{source="-",code="source_unknown"} 1"#,
            r#"leadhook_events_total{source="clerk",result="new"} 2"#,
            r#"leadhook_events_total{source="clerk",result="duplicate"} 1"#,
            r#"leadhook_rejections_total{source="clerk",result="kept"} 1"#,
            r#"leadhook_rejections_total{source="clerk",result="dropped"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        assert!(!text.contains("v1"), "only the version in force is told: {text}");
        metrics.mapping_out_of_force(&clerk, Some("v2"));
        assert!(!metrics.encode().contains("v2"));
    }

    #[test]
    fn services_in_one_process_do_not_mix() {
        let (one, other) = (Metrics::default(), Metrics::default());
        one.request_refused(None, Code::SourceUnknown);
        assert!(one.encode().contains("source_unknown"));
        assert!(!other.encode().contains("source_unknown"));
    }
}
