//! The findings for people: rule by rule, then what changed, then what nothing uses.

use super::lines::{dashed, paragraph, percent};
use crate::cli::count;
use crate::cli::print::printable;
use crate::model::{RuleName, SourceName, Timestamp};
use crate::review::{
    Cause, Changed, Drift, Field, FieldCoverage, Findings, FormCoverage, FormKind, Reader,
    RuleCoverage, Share, TypeFindings, Vanished,
};
use std::collections::BTreeMap;

pub(super) fn findings(source: &SourceName, findings: &Findings, limit: usize) {
    head(source, findings);
    for rule in &findings.rules {
        show_rule(rule);
    }
    for found in &findings.types {
        drift(found, &findings.fields, limit);
    }
    for found in &findings.types {
        unread(found, limit);
    }
    if !findings.unwanted.is_empty() {
        out!("\nTypes of events that no rule is for");
        for (event_type, events) in &findings.unwanted {
            out!("{events:>9}  {}", type_name(event_type.as_deref()));
        }
    }
    if findings.is_incomplete {
        out!("\nnote: the events have too many different paths or types to show all of them");
    }
}

fn head(source: &SourceName, findings: &Findings) {
    let Some((first, last)) = findings.received else {
        return out!("{source}: no events");
    };
    out!("{source}: {}, {} to {}", count(findings.events, "event"), time(first), time(last));
    if findings.unreadable > 0 {
        out!("{} can't be read", count(findings.unreadable, "event"));
    }
}

fn show_rule(rule: &RuleCoverage) {
    let RuleCoverage { on, matched, leads, parked, .. } = rule;
    out!("\nRule {}", printable(rule.rule.as_str()));
    if *on == 0 {
        return out!("  no event of a type that it is for");
    }
    let condition = match on - matched {
        0 => String::new(),
        passed => format!(", {passed} passed over by its condition"),
    };
    let parked = if *parked > 0 { format!(", {parked} parked") } else { String::new() };
    let skipped: u64 = rule.skipped.values().sum();
    out!("  {} matched{condition}", count(*matched, "event"));
    let unmapped = rule.unmapped_events;
    out!("  {}{parked}, {skipped} skipped, {unmapped} unmapped", count(*leads, "lead"));
    causes("skipped", &rule.skipped);
    causes("unmapped", &rule.unmapped);
    if *matched == 0 {
        return;
    }
    out!(
        "  {:<24}{:>8}{:>9}{:>9}{:>9}{:>10}{:>9}",
        "field",
        "found",
        "",
        "missing",
        "ignored",
        "left out",
        "repaired"
    );
    rule.fields.iter().for_each(|field| show_field(field, rule.matched));
    rule.fields.iter().for_each(|field| remarks(field, rule));
}

fn causes(what: &str, causes: &BTreeMap<Cause, u64>) {
    for (cause, events) in causes {
        out!("    {what:<8}  {events:>7}  {cause}");
    }
}

fn show_field(field: &FieldCoverage, matched: u64) {
    let path = printable(&field.path);
    if field.form.is_fixed() {
        return out!("  {path:<24}{:>8}", "fixed");
    }
    let counts = &field.counts;
    let percent = percent(Share { hits: counts.found, of: matched });
    let [missing, ignored, left_out, repaired] =
        [counts.missing, counts.ignored, counts.left_out, counts.repaired].map(dashed);
    out!(
        "  {path:<24}{:>8}{percent:>9}{missing:>9}{ignored:>9}{left_out:>10}{repaired:>9}",
        counts.found
    );
    show_members(&field.form, "  ");
}

/// The alternatives of a `first` and the parts of a `join`, each with how often it yielded of how
/// often it was tried.
fn show_members(form: &FormCoverage, indent: &str) {
    let deeper = format!("{indent}  ");
    let is_shown = matches!(form.kind, FormKind::First | FormKind::Join);
    for member in &form.members {
        if is_shown {
            let FormCoverage { tried, yielded, ignored, .. } = member;
            let ignored =
                if *ignored > 0 { format!(" ({ignored} ignored)") } else { String::new() };
            let name = member_name(member);
            out!("{deeper}{yielded:>7} of {tried:<7} {name}{ignored}");
        }
        show_members(member, if is_shown { &deeper } else { indent });
    }
    if form.untried > 0 {
        out!("{deeper}{:>7}            {} more, never needed", "-", form.untried);
    }
}

fn member_name(form: &FormCoverage) -> String {
    match &form.kind {
        FormKind::Literal => "(a fixed value)".to_owned(),
        FormKind::Event(text) => printable(text),
        FormKind::First => "(the first of)".to_owned(),
        FormKind::Join => "(joined)".to_owned(),
        FormKind::Inner => "(a form)".to_owned(),
    }
}

fn remarks(field: &FieldCoverage, rule: &RuleCoverage) {
    let path = printable(&field.path);
    if field.is_dead() {
        let text = format!("{path} never found anything in {}.", count(rule.matched, "event"));
        paragraph("  ! ", &text);
    }
    if let Some(stopped) = field.stopped {
        let text = format!(
            "{path} was found in {} until {}, and in none of the {} since.",
            of(stopped.share),
            time(stopped.at),
            count(stopped.silent, "event"),
        );
        paragraph("  ! ", &text);
    }
    if field.counts.stood_in > 0 && !field.form.is_fixed() {
        let text =
            format!("{path}: a default or fixed value stood in {} times.", field.counts.stood_in);
        paragraph("    ", &text);
    }
    dead_members(&path, &field.form);
}

fn dead_members(path: &str, form: &FormCoverage) {
    for member in &form.members {
        match &member.kind {
            FormKind::Event(text) if member.is_dead() => {
                let tried = count(member.tried, "event");
                let text = printable(text);
                paragraph("  ! ", &format!("{path}: {text} never yielded, tried in {tried}."));
            }
            _ => dead_members(path, member),
        }
    }
}

fn drift(found: &TypeFindings, fields: &[Field], limit: usize) {
    let Drift { vanished, changed, appeared } = &found.drift;
    if vanished.is_empty() && changed.is_empty() && appeared.is_empty() {
        return;
    }
    out!("\nChanges in {}", type_name(found.event_type.as_deref()));
    for gone in vanished {
        show_vanished(gone, fields);
    }
    for changed in changed {
        show_changed(changed, fields);
    }
    for new in appeared.iter().take(limit) {
        out!("  new       {}", new.path);
        paragraph("            ", &format!("since {}, in {}", time(new.since), of(new.is)));
        read_by(&new.readers, fields);
    }
    more(appeared.len(), limit, "new paths");
}

fn show_vanished(gone: &Vanished, fields: &[Field]) {
    out!("  vanished  {}", gone.path);
    let emptied = if gone.is_emptied { " (empty since)" } else { "" };
    let text = format!(
        "in {} until {}, in none of the {} since{emptied}",
        of(gone.was),
        time(gone.last_seen_at),
        count(gone.silent, "event"),
    );
    paragraph("            ", &text);
    read_by(&gone.readers, fields);
    if let Some(path) = &gone.renamed {
        out!("            perhaps now {path}");
    }
}

fn show_changed(changed: &Changed, fields: &[Field]) {
    let from = changed.from.join(" or ");
    out!("  changed   {}", changed.path);
    let Changed { to, since, is, .. } = changed;
    let text = format!("{from} -> {to} since {}, in {} that have it", time(*since), of(*is));
    paragraph("            ", &text);
    read_by(&changed.readers, fields);
}

fn read_by(readers: &[Reader], fields: &[Field]) {
    let name = |reader: &Reader| {
        let Field { rule, path } = &fields[reader.0];
        let rule = rule.as_ref().map_or("[[click]]", RuleName::as_str);
        format!("{} of {}", printable(path), printable(rule))
    };
    let names: Vec<_> = readers.iter().map(name).collect();
    if !names.is_empty() {
        paragraph("            ", &format!("read by {}", names.join(", ")));
    }
}

fn unread(found: &TypeFindings, limit: usize) {
    if found.unread.is_empty() {
        return;
    }
    let event_type = type_name(found.event_type.as_deref());
    out!("\nNot used of {event_type} ({})", count(found.events, "event"));
    for unread in found.unread.iter().take(limit) {
        let types = match unread.types.as_slice() {
            [] => "(names of people, or too many)".to_owned(),
            types => types.join("|"),
        };
        out!("{:>9}  {}  {types}", percent(unread.share), unread.path);
    }
    more(found.unread.len(), limit, "paths");
}

fn more(all: usize, limit: usize, what: &str) {
    if all > limit {
        out!("           and {} more {what} (--limit)", all - limit);
    }
}

fn of(share: Share) -> String {
    format!("{} of {}", share.hits, count(share.of, "event"))
}

fn type_name(event_type: Option<&str>) -> String {
    event_type.map_or_else(|| "(no type)".to_owned(), printable)
}

/// To the second: nobody looks for milliseconds here.
fn time(at: Timestamp) -> String {
    let text = at.to_string();
    text.split_once('.').map_or(text.clone(), |(seconds, _)| format!("{seconds}Z"))
}
