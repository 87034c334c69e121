//! The results as JUnit XML: one test suite a mapping file, one test case a case.

use super::{Results, Tried, report};
use crate::cli::print::printable;
use crate::cli::write;
use crate::diagnostic::{Diagnostic, Place, render_all};
use crate::mapping::CaseOutcome;
use crate::topology::{Tested, TestedCase};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::path::Path;

/// Wide enough that no value is cut: a report has no terminal.
const COLUMNS: usize = 100_000;

/// Writes the report to `path`, as a whole or not at all; `-` is stdout.
pub(super) fn write(results: &Results, path: &Path) -> std::io::Result<()> {
    let xml = report(results).to_string().map_err(std::io::Error::other)?;
    if path.as_os_str() == "-" {
        out!("{}", xml.trim_end());
        return Ok(());
    }
    // What collects reports may look at any moment.
    write::whole(path, &xml)
}

fn report(results: &Results) -> Report {
    let mut report = Report::new("leadhook");
    for file in &results.files {
        report.add_test_suite(suite(file, &results.faults));
    }
    let elsewhere: Vec<_> = results
        .faults
        .iter()
        .filter(|fault| fault.is_error() && !results.files.iter().any(|file| is_in(fault, file)))
        .collect();
    if !elsewhere.is_empty() {
        let mut suite = TestSuite::new("leadhook");
        suite.add_test_case(faulty("mapping files", &elsewhere));
        report.add_test_suite(suite);
    }
    report
}

fn suite(file: &Tested, faults: &[Diagnostic]) -> TestSuite {
    let mut suite = TestSuite::new(file.text.name());
    let faults: Vec<_> =
        faults.iter().filter(|fault| fault.is_error() && is_in(fault, file)).collect();
    if !faults.is_empty() {
        suite.add_test_case(faulty(file.text.name(), &faults));
    }
    for tested in file.cases.iter().flatten() {
        suite.add_test_case(test_case(&Tried { file, tested }));
    }
    suite
}

fn is_in(fault: &Diagnostic, file: &Tested) -> bool {
    match &fault.place {
        Place::Text { text, .. } => text.name() == file.text.name(),
        Place::Path(path) => path == file.text.name(),
        Place::Environment(_) => false,
    }
}

/// The faults of a file in place of the cases that they forbid to run.
fn faulty(name: &str, faults: &[&Diagnostic]) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    let messages: Vec<_> = faults.iter().map(|fault| printable(&fault.message)).collect();
    let code = faults.first().map_or("", |fault| fault.code.name());
    status
        .set_type(code)
        .set_message(messages.join("; "))
        .set_description(render_all(faults.iter().copied()));
    let mut case = TestCase::new("the file is in order", status);
    case.set_classname(name);
    case
}

fn test_case(tried: &Tried<'_>) -> TestCase {
    let Tried { file, tested: TestedCase { case, outcome, .. } } = tried;
    let status = if outcome.holds() { TestCaseStatus::success() } else { failed(tried) };
    let mut test_case = TestCase::new(printable(&case.name.value), status);
    test_case.set_classname(file.text.name());
    let line = file.text.line_column(case.name.span.start).0;
    test_case.extra.insert("file".into(), file.text.name().into());
    test_case.extra.insert("line".into(), line.to_string().into());
    test_case
}

fn failed(tried: &Tried<'_>) -> TestCaseStatus {
    let (kind, message) = match &tried.tested.outcome {
        CaseOutcome::Holds | CaseOutcome::Differs { .. } => {
            (NonSuccessKind::Failure, differs(tried))
        }
        CaseOutcome::Unreadable(_) => {
            (NonSuccessKind::Error, "the sample can't be read".to_owned())
        }
        CaseOutcome::NoEvent(_) => (NonSuccessKind::Error, "the sample is no event".to_owned()),
    };
    let mut status = TestCaseStatus::non_success(kind);
    let code = tried.tested.fault.as_ref().map(|fault| fault.code.name());
    status
        .set_type(code.unwrap_or_default())
        .set_message(message)
        .set_description(report::told(tried, COLUMNS));
    status
}

/// One line: which fields differ, or what is expected.
fn differs(tried: &Tried<'_>) -> String {
    match &tried.tested.outcome {
        CaseOutcome::Differs { fields, .. } if !fields.is_empty() => {
            let paths: Vec<_> = fields.iter().map(|field| printable(&field.path)).collect();
            format!("not as expected: {}", paths.join(", "))
        }
        _ => format!("expected {}", report::expectation(&tried.tested.case.expected)),
    }
}
