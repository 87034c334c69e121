//! A bad file is no reason to be down: the last good version is served over restarts.

use super::{Editing, broken, builder, mapping};
use crate::support::output;

#[test]
fn a_last_good_version_is_served_after_a_restart() {
    let editing = Editing::start(builder());
    editing.write("mine.toml", &mapping("B"));
    editing.wait(1, "mapping applied");
    editing.write("mine.toml", &broken());
    editing.wait(1, "mapping refused");
    let (_, builder, _) = editing.service.stop();

    let editing = Editing::start(builder);
    let refused = editing.wait(1, "mapping refused: the last good version is in force");
    assert!(refused.contains("\"level\":\"ERROR\""), "{refused}");
    let fault = editing.wait(1, "\"code\":\"key_unknown\"");
    assert!(fault.contains("mine.toml:7:1"), "{fault}");
    editing.wait(1, "its file has faults: the last good version is in force");
    assert_eq!(editing.service.http().get("/readyz").status, 200);
    editing.assert_metric(r#"leadhook_mapping_refused{source="mine"} 1"#);
    assert_eq!(editing.served("user_1"), "B");
    editing.write("mine.toml", &mapping("C"));
    editing.wait(1, "mapping applied");
    assert_eq!(editing.served("user_2"), "C");
}

#[test]
fn where_there_is_no_last_good_version_it_refuses_to_start_as_check_does() {
    let editing = Editing::start(builder());
    editing.write("mine.toml", &broken());
    editing.write("never.toml", &broken());
    editing.wait(2, "mapping refused");
    let (_, builder, _) = editing.service.stop();
    let (code, _, checked) = output(builder.command(&["check"]));
    assert_eq!(code, 1);
    let (code, stdout, refused) = output(builder.command(&["serve"]));
    assert_eq!((code, stdout.as_str(), refused), (2, "", checked));
}

#[test]
fn asked_to_be_strict_it_refuses_to_start_with_any_fault() {
    let editing = Editing::start(builder());
    let (_, builder, _) = editing.service.stop();
    std::fs::write(builder.folder().join("mappings/mine.toml"), broken()).expect("written");
    let (code, _, checked) = output(builder.command(&["check"]));
    assert_eq!(code, 1);
    let (code, _, refused) = output(builder.command(&["serve", "--strict"]));
    assert_eq!((code, refused), (2, checked));
}

#[test]
fn a_file_that_vanished_while_it_was_stopped_is_answered_503() {
    let editing = Editing::start(builder());
    let (_, builder, _) = editing.service.stop();
    std::fs::remove_file(builder.folder().join("mappings/mine.toml")).expect("it is there");
    let editing = Editing::start(builder);
    assert_eq!(editing.sign_up("mine", "user_1"), 503);
    // Its last good version is not forgotten.
    editing.write("mine.toml", &broken());
    editing.wait(1, "mapping refused: the last good version stays in force");
    assert_eq!(editing.served("user_1"), "A");
}
