//! What is at fault with what it is given, and what it can bear.

use super::{edited, export, history, map};
use crate::support::{Builder, destination, output};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

#[test]
fn broken_lines_are_named_by_their_numbers_and_never_quoted() {
    let service = history();
    export(&service);
    let builder = service.again();
    edited(&builder, "Sign up", "Sign up");
    let path = builder.folder().join("export.jsonl");
    let text = std::fs::read_to_string(&path).expect("it is there");
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines[1] = "person@example.com".to_owned();
    lines[3] = lines[3].replacen("\"evt_", "\"person_", 1);
    std::fs::write(&path, lines.join("\n")).expect("it can be written");
    let (code, stdout, stderr) = map(&builder, &["--events", "export.jsonl"]);
    assert_eq!((code, stdout.as_str()), (1, ""), "there is no judgement by a part");
    for place in ["export.jsonl:2", "export.jsonl:4", "error[export_line_invalid]", "`id`"] {
        assert!(stderr.contains(place), "{place}: {stderr}");
    }
    assert_eq!(stderr.matches("error[").count(), 2, "{stderr}");
    assert!(!stderr.contains("person"), "{stderr}");

    // A file of another kind has no end of broken lines.
    std::fs::write(&path, "x,y\n".repeat(100_000)).expect("it can be written");
    let (code, _, stderr) = map(&builder, &["--events", "export.jsonl"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("export.jsonl is no export of events"), "{stderr}");
    assert!(stderr.matches("error[").count() <= 100, "{stderr}");
}

#[test]
fn what_is_wrong_ends_with_its_own_code() {
    let builder = Builder::new(&destination());
    edited(&builder, "\"$.data.id\"", "\"$.data..id\"");
    // A faulty file is shown as `check` shows it.
    let (code, stdout, stderr) = map(&builder, &["--events", "-"]);
    let (_, _, checked) = output(builder.command(&["check", "new.toml"]));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("error[query_unbounded]"), "{stderr}");
    assert!(checked.starts_with(stderr.trim_end()), "{stderr}\n{checked}");

    edited(&builder, "Sign up", "Signed up");
    // There is no database, no file, or no such source.
    let (code, _, stderr) = map(&builder, &["--since", "1d"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("leadhook.db"), "{stderr}");
    let (code, _, stderr) = map(&builder, &["--events", "nowhere.jsonl"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("nowhere.jsonl"), "{stderr}");
    let unknown = ["map", "clark", "--against", "new.toml", "--events", "-"];
    let (code, _, stderr) = output(builder.command(&unknown));
    assert_eq!(code, 1);
    assert!(stderr.contains("did you mean `clerk`?"), "{stderr}");
    // Usage: what stands alone needs more, and what is for one payload is not for a history.
    let (since, exported) = (["--since", "1d"], ["--events", "-"]);
    for wrong in [
        &since[..],
        &["--fail-on", "x"],
        &["--explain"],
        &["--header", "a=b"],
        &["--event", "evt_01a20e4b4bcd7bdbb87eaca19fc3d24c"],
        &["payload.json"],
    ] {
        assert_eq!(map(&builder, &[&exported[..], wrong].concat()).0, 2, "{wrong:?}");
    }
    assert_eq!(map(&builder, &[]).0, 2);
    for alone in [&["--fail-on", "lost"][..], &["--examples", "1"], &["--hide-values"], &since] {
        let arguments = [&["map", "clerk"][..], alone].concat();
        assert_eq!(output(builder.command(&arguments)).0, 2, "{alone:?}");
    }
    // Nothing to judge by is no judgement, where one is asked for.
    let (code, stdout, _) = map(&builder, &["--events", "-"]);
    assert!(code == 0 && stdout.starts_with("clerk: no events"), "{stdout}");
    let (code, _, stderr) = map(&builder, &["--events", "-", "--fail-on", "lost"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("no event of `clerk` to judge by"), "{stderr}");
    // Another file can stand for today's.
    let file = Builder::shipped("clerk.toml");
    std::fs::write(builder.folder().join("old.toml"), file).expect("it can be written");
    let another = ["map", "x", "--mapping", "old.toml", "--against", "new.toml", "--events", "-"];
    let (code, stdout, stderr) = output(builder.command(&another));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("old.toml"), "{stdout}");
}

/// The lines are more than the 100 MB of memory that the process may have, of which it needs 40 for
/// itself: it can't keep what it read.
#[test]
fn an_export_larger_than_memory_is_judged() {
    const LINES: u64 = 100_000;
    let builder = Builder::new(&destination());
    edited(&builder, "missing = \"skip\"", "missing = \"empty\"");
    let padding = "x".repeat(1_000);
    let limited = builder.through(&["bash", "-c", "ulimit -v 100000; exec \"$@\"", "limited"]);
    let mut child = limited
        .command(&["map", "clerk", "--against", "new.toml", "--events", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut input = std::io::BufWriter::new(child.stdin.take().expect("stdin is piped"));
    for number in 0..LINES {
        writeln!(
            input,
            r#"{{"id":"evt_{number:032x}","source":"clerk","type":"user.created","received_at":"2026-01-01T00:00:00Z","headers":[["x","{padding}"]],"json":{{"data":{{"id":"u{number}"}}}}}}"#
        )
        .expect("it reads");
    }
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    let json: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(json["events"]["count"], LINES);
    assert_eq!(json["leads"]["gained"], LINES);
}
