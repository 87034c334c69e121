//! The Auth0 Actions of the documentation, run by Node as Auth0 runs them, against the service.

use crate::support::{ACTION_SECRET, Builder, Service, destination};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// Loads the Action, runs it with the event, and prints what it did to the login.
const RUN: &str = "
const action = require(process.argv[1]);
const event = JSON.parse(process.argv[2]);
const api = new Proxy({}, { get: (_, name) => { throw new Error('it used api.' + String(name)); } });
const handler = action.onExecutePostLogin || action.onExecutePostUserRegistration;
handler(event, api).then(() => console.log('done'), (error) => console.log('threw ' + error));
";

fn run(script: &str, service: &Service, event: &Value) -> String {
    run_at(script, service.address, event)
}

fn run_at(script: &str, address: SocketAddr, event: &Value) -> String {
    let mut event = event.clone();
    event["secrets"] = json!({
        "LEADHOOK_URL": format!("http://{address}/webhooks/auth0-action"),
        "LEADHOOK_SECRET": ACTION_SECRET,
    });
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/providers/auth0-action").join(script);
    let output = Command::new("node")
        .args(["-e", RUN])
        .arg(path)
        .arg(event.to_string())
        .output()
        .expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("output is text")
}

fn user(metadata: &Value) -> Value {
    json!({
        "user_id": "auth0|64f1c9",
        "email": "mary@example.com",
        "name": "Mary Ö",
        "picture": "https://s.example.com/mary.png",
        "user_metadata": metadata,
    })
}

#[test]
fn after_registration_the_click_of_the_metadata_is_reported() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let event = json!({ "user": user(&json!({ "dub_id": "click_mary" })) });
    let printed = run("post-user-registration.js", &service, &event);
    assert!(printed.ends_with("done\n"), "{printed}");
    let lead = destination.expect_leads(1).remove(0);
    assert_eq!(lead["clickId"], "click_mary");
    assert_eq!(lead["customerExternalId"], "auth0|64f1c9");
    assert_eq!(lead["customerName"], "Mary Ö");
    assert_eq!(lead["customerEmail"], "mary@example.com");
}

#[test]
fn after_the_first_login_the_click_of_the_query_is_reported() {
    let destination = destination();
    let service = Builder::new(&destination).start();
    let login = |count: u32, query: Value| {
        json!({
            "user": user(&json!({})),
            "stats": { "logins_count": count },
            "request": { "query": query },
        })
    };
    run("post-login.js", &service, &login(1, json!({ "dub_id": "click_mary" })));
    let lead = destination.expect_leads(1).remove(0);
    assert_eq!(lead["clickId"], "click_mary");
    // Later logins report nothing, and the other Action tells of the same event.
    run("post-login.js", &service, &login(2, json!({ "dub_id": "click_other" })));
    let registered = json!({ "user": user(&json!({ "dub_id": "click_mary" })) });
    run("post-user-registration.js", &service, &registered);
    let (_, builder, _) = service.stop();
    assert_eq!(builder.database().count("SELECT count(*) FROM events"), 1);
    assert_eq!(destination.requests().len(), 1);
}

#[test]
fn a_service_that_is_down_never_breaks_a_login() {
    let service = Builder::new(&destination()).start();
    let event = json!({
        "user": user(&json!({ "dub_id": "click_mary" })),
        "stats": { "logins_count": 1 },
        "request": { "query": {} },
    });
    let address = service.address;
    drop(service);
    for script in ["post-login.js", "post-user-registration.js"] {
        let printed = run_at(script, address, &event);
        assert!(printed.ends_with("done\n"), "{printed}");
    }
}
