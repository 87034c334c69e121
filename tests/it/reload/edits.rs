//! What becomes of one edit.

use super::{Editing, broken, builder, mapping};
use crate::support::{
    Builder, CLERK_SECRET, Fields, clerk, destination, hang_up, signed_at, user_created,
};

#[test]
fn a_good_edit_takes_effect_without_a_restart() {
    let editing = Editing::start(builder());
    assert_eq!(editing.served("user_1"), "A");
    editing.write("mine.toml", &mapping("B"));
    let applied = editing.wait(1, "mapping applied");
    assert!(applied.contains("\"source\":\"mine\""), "{applied}");
    assert_eq!(editing.served("user_2"), "B");
    editing.replace("mine.toml", &mapping("C"));
    editing.wait(2, "mapping applied");
    assert_eq!(editing.served("user_3"), "C");
    let database = editing.service.database();
    let version = &database.column("SELECT mapping_version FROM events ORDER BY rowid DESC")[0];
    editing.assert_metric(&format!(
        "leadhook_mapping_info{{source=\"mine\",version=\"{version}\"}} 1"
    ));
    editing.assert_metric(r#"leadhook_mapping_reloads_total{source="mine",result="applied"} 2"#);
    let without_text = "SELECT count(*) FROM events WHERE (source, mapping_version) NOT IN
        (SELECT source, version FROM mappings)";
    assert_eq!(database.count(without_text), 0);
}

#[test]
fn a_bad_edit_leaves_the_last_good_version_in_force_and_heals() {
    let editing = Editing::start(builder());
    editing.write("mine.toml", &broken());
    let refused = editing.wait(1, "mapping refused: the last good version stays in force");
    for part in
        ["\"code\":\"key_unknown\"", "mine.toml:7:1", "did you mean `when`?", "\"source\":\"mine\""]
    {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    editing.assert_metric(r#"leadhook_mapping_refused{source="mine"} 1"#);
    editing.assert_metric(r#"leadhook_mapping_reloads_total{source="mine",result="refused"} 1"#);
    assert_eq!(editing.served("user_1"), "A");
    assert_eq!(editing.service.http().get("/readyz").status, 200);
    editing.write("mine.toml", &mapping("A"));
    editing.wait(1, "mapping healthy again");
    editing.assert_metric(r#"leadhook_mapping_refused{source="mine"} 0"#);
    // Mended into something else.
    editing.write("mine.toml", &broken());
    editing.wait(2, "mapping refused");
    editing.write("mine.toml", &mapping("B"));
    editing.wait(1, "mapping applied");
    assert_eq!(editing.served("user_2"), "B");
}

#[test]
fn a_bad_file_holds_no_other_back() {
    let editing = Editing::start(builder());
    editing.write("other.toml", "provider = ");
    editing.wait(1, "mapping refused: the source answers 503 until its file is mended");
    assert_eq!(editing.sign_up("other", "user_1"), 503);
    editing.write("mine.toml", &mapping("B"));
    editing.wait(1, "mapping applied");
    assert_eq!(editing.served("user_2"), "B");
    editing.write("other.toml", &mapping("C"));
    editing.wait(2, "mapping applied");
    assert_eq!(editing.sign_up("other", "user_3"), 200);
}

#[test]
fn a_file_that_vanishes_is_answered_503_and_one_that_appears_is_a_source() {
    let editing = Editing::start(builder());
    assert_eq!(editing.sign_up("new", "user_1"), 404);
    std::fs::rename(editing.mappings.join("mine.toml"), editing.mappings.join("new.toml"))
        .expect("the file can be renamed");
    editing.wait(1, "mapping file gone: the source answers 503 until it is back");
    assert_eq!(editing.sign_up("mine", "user_1"), 503);
    assert_eq!(editing.sign_up("new", "user_1"), 200);
    editing.write("mine.toml", &mapping("A"));
    editing.wait(2, "mapping applied");
    assert_eq!(editing.sign_up("mine", "user_2"), 200);
}

#[test]
fn a_sample_is_read_again_with_its_case() {
    let shipped = Builder::shipped("clerk.toml");
    let builder = Builder::new(&destination())
        .mappings(&[("clerk.toml", &shipped)])
        .samples()
        .with("LEADHOOK_RELOAD_POLL", "1h");
    let editing = Editing::start(builder);
    let sample = "samples/clerk/user.created.json";
    let text = std::fs::read_to_string(editing.mappings.join(sample)).expect("it is there");
    editing.replace(sample, &text.replace("first_name", "frist_name"));
    let refused = editing.wait(1, "\"code\":\"case_failed\"");
    // What the sample holds is nobody's business but that of who wrote it.
    assert!(!refused.contains("@"), "{refused}");
    assert_eq!(editing.sign_up("clerk", "user_1"), 200);
    editing.replace(sample, &text);
    editing.wait(1, "mapping healthy again");
}

#[test]
fn whoever_asks_is_told_what_was_read() {
    let editing = Editing::start(builder());
    hang_up(editing.service.pid());
    let told = editing.wait(1, "mapping files read again");
    assert!(told.contains(r#""unchanged":"mine""#), "{told}");
    editing.write("other.toml", "[[");
    editing.wait(1, "mapping refused");
    hang_up(editing.service.pid());
    editing.wait(2, "mapping files read again");
    let told = editing.wait(1, r#""refused":"other""#);
    assert!(told.contains(r#""unchanged":"mine""#), "{told}");
}

#[test]
fn a_rotated_secret_is_picked_up_when_asked_for() {
    const ROTATED: &str = "whsec_dGVzdHMtb25seS1yb3RhdGVkLXNlY3JldA==";
    let builder = builder();
    let secret = builder.folder().join("secret");
    std::fs::write(&secret, CLERK_SECRET).expect("the secret can be written");
    let named =
        mapping("A").replace("env:CLERK_WEBHOOK_SECRET", &format!("file:{}", secret.display()));
    let editing = Editing::start(builder.mappings(&[("mine.toml", &named)]));
    let body = user_created("user_1", None);
    let post =
        |headers: Fields| editing.service.http().post("/webhooks/mine", &headers, &body).status;
    let rotated = || signed_at("svix", ROTATED, "msg_2", &body, 0);
    assert_eq!((post(clerk("msg_1", &body)), post(rotated())), (200, 401));
    std::fs::write(&secret, ROTATED).expect("the secret can be written");
    hang_up(editing.service.pid());
    editing.wait(1, "mapping applied");
    assert_eq!((post(rotated()), post(clerk("msg_3", &body))), (200, 401));
    // One that is lost meanwhile costs nothing.
    std::fs::remove_file(&secret).expect("it is there");
    hang_up(editing.service.pid());
    editing.wait(1, "\"code\":\"secret_missing\"");
    assert_eq!(post(signed_at("svix", ROTATED, "msg_4", &body, 0)), 200);
    let log = editing.service.log().join("\n");
    assert!(!log.contains(&ROTATED[6..]), "{log}");
}
