//! Starting and stopping.

use crate::support::{Builder, clerk, destination, output, terminate, user_created};
use leadhook::sandbox::destination::Fault;

#[test]
fn it_says_what_it_started() {
    let service = Builder::new(&destination()).with("TYPEFORM_WEBHOOK_SECRET", "").start();
    let log = service.log().join("\n");
    for name in ["clerk", "auth0", "auth0-logs", "auth0-action"] {
        let url = format!("POST http://{}/webhooks/{name}\"", service.address);
        assert!(log.contains(&url), "{name}: {log}");
    }
    assert!(log.contains("TYPEFORM_WEBHOOK_SECRET is not set"), "{log}");
    assert!(
        log.contains("\"kind\":\"destination\"") && log.contains("\"kind\":\"store\""),
        "{log}"
    );
    // Everything in the stream is JSON, warnings too.
    let warned = service.wait_for_log(1, |line| line.contains("TYPEFORM_WEBHOOK_SECRET"));
    assert!(warned.contains("secret_missing") && warned.contains("typeform.toml:"), "{warned}");
    for line in service.log() {
        let json: Result<serde_json::Value, _> = serde_json::from_str(&line);
        assert!(json.is_ok(), "{line}");
    }
    let ready = service.http().get("/readyz");
    assert_eq!((ready.status, ready.body.as_str()), (200, r#"{"status":"ready"}"#));
    assert_eq!(service.http().get("/healthz").body, r#"{"status":"ok"}"#);
}

#[test]
fn without_any_source_it_is_alive_but_not_ready() {
    let service = Builder::new(&destination()).mappings(&[]).start();
    assert_eq!(service.http().get("/healthz").status, 200);
    let ready = service.http().get("/readyz");
    assert_eq!((ready.status, ready.code().as_str()), (503, "no_sources"));
}

#[test]
fn every_wrong_setting_is_reported_at_once_with_place_and_hint() {
    let builder = Builder::new(&destination())
        .mappings(&[("clerk.toml", "provider = \"clark\"\nsecrets = [\"env:CLERK_WEBHOOK_SECRET\"]\n[[lead]]\nname = \"a\"\n[lead.body]\neventName = \"x\"\ncustomerExternalId = \"$.id\"\n")])
        .with("LEADHOOK_LISTEN", "nowhere")
        .with("LEADHOOK_RETENTION", "soon");
    std::fs::write(
        builder.folder().join("leadhook.toml"),
        "[dub]\ntimeout = \"1h\"\nconcurency = 3\n",
    )
    .expect("the file can be written");
    let (code, stdout, stderr) = output(builder.command(&["serve"]));
    assert_eq!((code, stdout.as_str()), (2, ""));
    for part in [
        "error[setting_invalid]: LEADHOOK_LISTEN",
        "error[setting_invalid]: LEADHOOK_RETENTION",
        "leadhook.toml:2:11",
        "did you mean `dub.concurrency`?",
        "did you mean `clerk`?",
    ] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }

    // Without the key of the destination it does not start either.
    let builder = Builder::new(&destination()).with("DUB_API_KEY", "");
    let (code, _, stderr) = output(builder.command(&["serve"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("error[setting_missing]: DUB_API_KEY is not set"), "{stderr}");
}

#[test]
fn a_missing_secret_is_an_error_where_it_is_asked_for() {
    let builder = Builder::new(&destination()).with("CLERK_WEBHOOK_SECRET", "");
    let (code, _, stderr) = output(builder.command(&["serve", "--strict"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("error[secret_missing]"), "{stderr}");
}

#[test]
fn a_second_service_on_the_same_store_is_refused() {
    let service = Builder::new(&destination()).start();
    let (code, _, stderr) = output(service.again().command(&["serve"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("leadhook.db"), "{stderr}");
}

#[test]
fn sigterm_lets_attempts_finish_and_keeps_the_rest() {
    let destination = destination();
    destination.fail_next([Fault::Held]);
    let service = Builder::new(&destination).start();
    let body = user_created("user_1", Some("click_1"));
    assert_eq!(service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body).status, 200);
    destination.expect(|state| !state.requests.is_empty());
    terminate(service.pid());
    service.wait_for_log(1, |line| line.contains("stopping"));
    destination.release();
    let (status, builder, log) = service.stop();
    assert!(status.success(), "{log:#?}");
    assert_eq!(builder.database().states(), ["tracked"]);
    assert_eq!(destination.requests().len(), 1);
}

#[test]
fn sigterm_is_obeyed_from_the_moment_it_listens() {
    let mut builder = Builder::new(&destination());
    for _ in 0..12 {
        let (status, before, log) = builder.start().stop();
        assert!(status.success(), "{status}: {log:#?}");
        builder = before;
    }
}

#[test]
fn a_restart_goes_on_with_what_was_pending() {
    let destination = destination();
    destination.fail_always(Some(Fault::Status(500)));
    let service = Builder::new(&destination).with("LEADHOOK_RETRY_BASE_MS", "50").start();
    for number in 0..5 {
        let id = format!("user_{number}");
        let body = user_created(&id, Some("click"));
        assert_eq!(service.http().post("/webhooks/clerk", &clerk(&id, &body), &body).status, 200);
    }
    let (_, builder, _) = service.stop();
    assert_eq!(builder.database().states(), vec!["pending"; 5]);
    destination.fail_always(None);
    let service = builder.start();
    destination.expect_leads(5);
    let (_, builder, _) = service.stop();
    assert_eq!(builder.database().states(), vec!["tracked"; 5]);
}

#[test]
fn a_container_can_ask_for_its_health() {
    let service = Builder::new(&destination()).mappings(&[]).start();
    let address = service.address.to_string();
    let ask = |arguments: &[&str]| {
        let arguments = [&["health", "--address", &address], arguments].concat();
        output(service.again().command(&arguments))
    };
    assert_eq!(ask(&[]), (0, "{\"status\":\"ok\"}\n".to_owned(), String::new()));
    let (code, _, stderr) = ask(&["--ready"]);
    assert!(code == 1 && stderr.contains("no_sources"), "{stderr}");
    let again = service.again();
    drop(service);
    let (code, _, _) = output(again.command(&["health", "--address", &address]));
    assert_eq!(code, 2);
}

#[test]
fn events_past_their_retention_are_removed_and_still_known() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let body = user_created("user_1", Some("click_1"));
    let send = |service: &crate::support::Service| {
        service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body).body
    };
    assert_eq!(send(&service), r#"{"accepted":1,"duplicates":0}"#);
    destination.expect_leads(1);
    let (_, builder, _) = service.stop();
    // A hundred days later, as far as the database can tell.
    let path = builder.folder().join("leadhook.db");
    let database = rusqlite::Connection::open(path).expect("it opens");
    for (table, column) in
        [("events", "received_at"), ("attempts", "started_at"), ("attempts", "ended_at")]
    {
        let sql = format!("UPDATE {table} SET {column} = {column} - 8640000000");
        database.execute(&sql, []).expect("it can be changed");
    }
    drop(database);
    let service = builder.start();
    service.wait_for_log(1, |line| line.contains("past their retention"));
    assert_eq!(service.database().count("SELECT count(*) FROM events"), 0);
    assert_eq!(send(&service), r#"{"accepted":0,"duplicates":1}"#);
    service.stop();
    assert_eq!(destination.requests().len(), 1);
}
