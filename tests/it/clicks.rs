//! Click ids that come in another event than the sign-up: later, earlier, from elsewhere, never.

use crate::support::{
    Builder, Service, StandIn, clerk, destination, output, typeform, user_created,
};

/// The shipped file with its click rule taken into use, as it says.
fn parking() -> String {
    let shipped = Builder::shipped("clerk.toml");
    let mut parking = shipped.clone();
    for (from, to) in [
        ("missing = \"skip\"", "missing = \"park\""),
        ("# [[click]]\n# on", "[[click]]\non"),
        ("# customerExternalId", "customerExternalId"),
        ("# clickId", "clickId"),
        ("skipped = \"no click id\"", "parked = \"no click id\""),
    ] {
        assert_eq!(parking.matches(from).count(), 1, "{from}");
        parking = parking.replace(from, to);
    }
    parking
}

fn builder(destination: &StandIn) -> Builder {
    Builder::new(destination).mappings(&[("clerk.toml", &parking())]).samples()
}

#[track_caller]
fn post(service: &Service, id: &str, body: &[u8]) {
    let answer = service.http().post("/webhooks/clerk", &clerk(id, body), body);
    assert_eq!(answer.body, r#"{"accepted":1,"duplicates":0}"#);
}

fn sign_up(service: &Service, id: &str, user: &str) {
    post(service, id, &user_created(user, None));
}

/// A `user.updated` that tells of a click.
fn update(service: &Service, id: &str, user: &str, click: &str) {
    let body = String::from_utf8(user_created(user, Some(click))).expect("JSON is text");
    post(service, id, body.replace("user.created", "user.updated").as_bytes());
}

/// The sentinel: a lead of somebody else, before which everything that was due has gone out.
fn another_sign_up(service: &Service, id: &str) {
    post(service, id, &user_created(id, Some("click_of_another")));
}

#[test]
fn a_click_id_that_comes_later_makes_one_lead() {
    let destination = destination();
    let service = builder(&destination).start();
    sign_up(&service, "msg_1", "user_1");
    assert_eq!(service.database().states(), ["parked"]);
    another_sign_up(&service, "msg_2");
    destination.expect_leads(1);
    update(&service, "msg_3", "user_1", "click_1");
    let lead = destination.expect_leads(2).remove(1);
    let expected = serde_json::json!({
        "clickId": "click_1",
        "eventName": "Sign up",
        "customerExternalId": "user_1",
        "customerName": "Test Person",
        "customerEmail": "person@example.com",
        "customerAvatar": "https://img.example.com/x.png",
    });
    // Written out, for the order of the fields too.
    assert_eq!(lead.to_string(), expected.to_string());
    // Another click changes nothing of what was sent, nor does another event of the sign-up.
    update(&service, "msg_4", "user_1", "click_2");
    let (_, builder, log) = service.stop();
    assert!(!log.iter().any(|line| line.contains("WARN")), "parking is quiet: {log:#?}");
    let service = builder.start();
    sign_up(&service, "msg_5", "user_1");
    let (_, builder, _) = service.stop();
    let states = ["tracked", "tracked", "recorded_before"];
    assert_eq!(builder.database().states(), states);
    assert_eq!(destination.requests().len(), 2);
}

#[test]
fn a_click_id_that_came_before_makes_one_lead() {
    let destination = destination();
    let service = builder(&destination).start();
    update(&service, "msg_1", "user_1", "click_0");
    update(&service, "msg_2", "user_1", "click_1");
    sign_up(&service, "msg_3", "user_1");
    let lead = destination.expect_leads(1).remove(0);
    assert_eq!(lead["clickId"], "click_1");
    let (_, builder, _) = service.stop();
    assert_eq!(builder.database().states(), ["tracked"]);
    assert_eq!(destination.requests().len(), 1);
}

#[test]
fn what_waits_and_what_is_remembered_outlive_the_process() {
    let destination = destination();
    let service = builder(&destination).start();
    sign_up(&service, "msg_1", "user_1");
    update(&service, "msg_2", "user_2", "click_2");
    let service = service.kill().start();
    update(&service, "msg_3", "user_1", "click_1");
    sign_up(&service, "msg_4", "user_2");
    let leads = destination.expect_leads(2);
    let mut pairs: Vec<_> = leads
        .iter()
        .map(|lead| (lead["customerExternalId"].as_str(), lead["clickId"].as_str()))
        .collect();
    pairs.sort_unstable();
    let expected = [("user_1", "click_1"), ("user_2", "click_2")];
    assert_eq!(pairs, expected.map(|(user, click)| (Some(user), Some(click))));
    let (_, builder, _) = service.stop();
    assert_eq!(builder.database().states(), ["tracked", "tracked"]);
    assert_eq!(destination.requests().len(), 2);
}

#[test]
fn a_source_may_do_nothing_but_tell_clicks() {
    let destination = destination();
    let typeform_file = "provider = \"typeform\"\nsecrets = [\"env:TYPEFORM_WEBHOOK_SECRET\"]\n\
        [[click]]\ncustomerExternalId = \"$.form_response.hidden.user_id\"\n\
        clickId = \"$.form_response.hidden.dub_id\"\n";
    let files = [("clerk.toml", parking()), ("landing.toml", typeform_file.to_owned())];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let service = Builder::new(&destination).mappings(&files).samples().start();
    sign_up(&service, "msg_1", "user_1");
    let body = br#"{"event_id":"f1","event_type":"form_response","form_response":{"hidden":{"user_id":"user_1","dub_id":"click_1"}}}"#;
    let answer = service.http().post("/webhooks/landing", &typeform(body), body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(destination.expect_leads(1)[0]["clickId"], "click_1");
}

#[test]
fn a_lead_that_no_click_comes_for_is_skipped_in_the_end() {
    let destination = destination();
    let service = builder(&destination).start();
    sign_up(&service, "msg_1", "user_1");
    let (_, builder, _) = service.stop();
    // Thirty days later, as far as the database can tell.
    let path = builder.folder().join("leadhook.db");
    let database = rusqlite::Connection::open(path).expect("it opens");
    let sql = "UPDATE deliveries SET created_at = created_at - 2592000000";
    database.execute(sql, []).expect("it can be changed");
    drop(database);
    let service = builder.start();
    service.wait_for_log(1, |line| line.contains("no click came"));
    update(&service, "msg_2", "user_1", "click_1");
    let (_, builder, _) = service.stop();
    assert_eq!(builder.database().states(), ["skipped"]);
    let reasons = builder.database().column("SELECT reasons FROM deliveries");
    assert_eq!(reasons, [r#"[["no_click_id",null,"waited 30 days for one"]]"#]);
    assert!(destination.requests().is_empty());
}

#[test]
fn every_lead_is_told_with_the_version_of_its_mapping() {
    let destination = destination();
    let service = builder(&destination).start();
    another_sign_up(&service, "msg_1");
    destination.expect_leads(1);
    let attempt = service.wait_for_log(1, |line| line.contains("\"message\":\"attempt\""));
    let attempt: serde_json::Value = serde_json::from_str(&attempt).expect("a line is JSON");
    let (_, builder, _) = service.stop();
    let versions = builder.database().column(
        "SELECT mapping_version FROM deliveries UNION ALL SELECT mapping_version FROM events
         UNION ALL SELECT version FROM mappings",
    );
    assert_eq!(versions, vec![attempt["mapping_version"].as_str().expect("a text"); 3]);
}

#[test]
fn a_case_of_a_lead_that_waits_and_of_a_click_says_what_differs() {
    let cases = parking()
        + "\n[[case]]\nname = \"a click\"\nevent = \"samples/clerk/user.updated.json\"\n\
           [case.click]\ncustomerExternalId = \"user_2pRk7QmVh0sLx3TzYbW9dNcEaUf\"\n\
           clickId = \"cm7Kd02PqXw4Rt\"\n";
    let check = |text: &str| {
        let builder = Builder::new(&destination()).mappings(&[("clerk.toml", text)]).samples();
        output(builder.command(&["check"]))
    };
    let (code, _, stderr) = check(&cases);
    assert_eq!(code, 0, "{stderr}");
    let wrong = cases.replace("parked = \"no click id\"", "skipped = \"no click id\"");
    let (before, after) = wrong.rsplit_once("cm7Kd02PqXw4Rt").expect("it is in the last case");
    let (code, _, stderr) = check(&format!("{before}another{after}"));
    assert_eq!(code, 1);
    for part in [
        "parked until a click id comes: {\"eventName\":\"Sign up\"",
        "clickId: expected \"another\", found \"cm7Kd02PqXw4Rt\"",
    ] {
        assert!(stderr.contains(part), "{part} in\n{stderr}");
    }
}
