//! The findings for programs. What stands here is a promise: keys are added, not changed.

use crate::model::{RuleName, SourceName};
use crate::review::{
    Cause, Drift, Field, FieldCoverage, Findings, FormCoverage, FormKind, Reader, RuleCoverage,
    Share, Turn, TypeFindings,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn findings(source: &SourceName, findings: &Findings) -> Value {
    let Findings { events, unreadable, received, rules, unwanted, types, fields, .. } = findings;
    let times = received.map(|(first, last)| json!([first.to_string(), last.to_string()]));
    let unwanted =
        unwanted.iter().map(|(event_type, events)| json!({ "type": event_type, "events": events }));
    json!({
        "source": source.as_str(),
        "events": events,
        "unreadable": unreadable,
        "received": times,
        "rules": rules.iter().map(rule).collect::<Vec<_>>(),
        "types": types.iter().map(|found| of_type(found, fields)).collect::<Vec<_>>(),
        "types_without_rule": unwanted.collect::<Vec<_>>(),
        "incomplete": findings.is_incomplete,
    })
}

fn rule(rule: &RuleCoverage) -> Value {
    json!({
        "rule": rule.rule.as_str(),
        "on": rule.on,
        "matched": rule.matched,
        "leads": rule.leads,
        "parked": rule.parked,
        "skipped": causes(&rule.skipped),
        "unmapped": causes(&rule.unmapped),
        "unmapped_events": rule.unmapped_events,
        "fields": rule.fields.iter().map(field).collect::<Vec<_>>(),
    })
}

fn causes(causes: &BTreeMap<Cause, u64>) -> Vec<Value> {
    let cause = |(cause, events): (&Cause, &u64)| json!({ "code": cause.code.name(), "field": cause.field, "events": events });
    causes.iter().map(cause).collect()
}

fn field(field: &FieldCoverage) -> Value {
    let counts = &field.counts;
    json!({
        "field": field.path,
        "fixed": field.form.is_fixed(),
        "found": counts.found,
        "missing": counts.missing,
        "ignored": counts.ignored,
        "stood_in": counts.stood_in,
        "left_out": counts.left_out,
        "repaired": counts.repaired,
        "never_found": field.is_dead(),
        "stopped": field.stopped.map(turn),
        "members": field.form.members.iter().map(member).collect::<Vec<_>>(),
        "members_never_tried": field.form.untried,
    })
}

fn turn(turn: Turn) -> Value {
    json!({ "was": share(turn.share), "last_at": turn.at.to_string(), "silent": turn.silent })
}

fn member(form: &FormCoverage) -> Value {
    let (kind, text) = match &form.kind {
        FormKind::Literal => ("literal", None),
        FormKind::Event(text) => ("event", Some(text)),
        FormKind::Inner => ("form", None),
        FormKind::First => ("first", None),
        FormKind::Join => ("join", None),
    };
    json!({
        "kind": kind,
        "from": text,
        "tried": form.tried,
        "yielded": form.yielded,
        "ignored": form.ignored,
        "troubled": form.troubled,
        "members": form.members.iter().map(member).collect::<Vec<_>>(),
        "members_never_tried": form.untried,
    })
}

fn of_type(found: &TypeFindings, fields: &[Field]) -> Value {
    let unread = found.unread.iter().map(
        |unread| json!({ "path": unread.path, "in": share(unread.share), "types": unread.types }),
    );
    json!({
        "type": found.event_type,
        "events": found.events,
        "drift": drift(&found.drift, fields),
        "unread": unread.collect::<Vec<_>>(),
    })
}

fn drift(drift: &Drift, fields: &[Field]) -> Value {
    let vanished = drift.vanished.iter().map(|gone| {
        json!({
            "path": gone.path,
            "was": share(gone.was),
            "last_at": gone.last_seen_at.to_string(),
            "silent": gone.silent,
            "emptied": gone.is_emptied,
            "read_by": read_by(&gone.readers, fields),
            "perhaps_now": gone.renamed,
        })
    });
    let changed = drift.changed.iter().map(|changed| {
        json!({
            "path": changed.path,
            "from": changed.from,
            "to": changed.to,
            "since": changed.since.to_string(),
            "is": share(changed.is),
            "read_by": read_by(&changed.readers, fields),
        })
    });
    let appeared = drift.appeared.iter().map(|new| {
        json!({
            "path": new.path,
            "since": new.since.to_string(),
            "is": share(new.is),
            "read_by": read_by(&new.readers, fields),
        })
    });
    json!({
        "vanished": vanished.collect::<Vec<_>>(),
        "changed": changed.collect::<Vec<_>>(),
        "appeared": appeared.collect::<Vec<_>>(),
    })
}

fn read_by(readers: &[Reader], fields: &[Field]) -> Vec<Value> {
    let name = |reader: &Reader| {
        let Field { rule, path } = &fields[reader.0];
        json!({ "rule": rule.as_ref().map(RuleName::as_str), "field": path })
    };
    readers.iter().map(name).collect()
}

fn share(share: Share) -> Value {
    json!({ "events": share.hits, "of": share.of })
}
