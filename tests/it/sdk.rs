//! The providers' own libraries, run by Node: what they sign is accepted, and they accept what
//! `leadhook trigger` sends. `tests/sdk` has what they are, one module a library.
//!
//! Those that have no library for it, or one that brings a hundred others (Slack, Webflow), are
//! checked by vectors of their documentation alone.

use crate::support::{
    Builder, CLERK_SECRET, Receiver, SOME_SECRET, STANDARD_SECRET, destination, output,
};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// As Supabase shows its secrets.
const SUPABASE_SECRET: &str = "v1,whsec_dGVzdHMtb25seS1zdXBhYmFzZS1zZWNyZXQ=";
/// By which providers know the service, whatever the address is that tests call.
const PUBLIC_URL: &str = "https://hooks.example.com";

/// What the library of `tests/sdk/<library>.mjs` makes of the request.
fn run(library: &str, direction: &str, request: &Value) -> Value {
    let folder = Path::new(ROOT).join("tests/sdk");
    assert!(
        folder.join("node_modules").is_dir(),
        "the providers' libraries are not installed: run the tests by tests/run, which does it"
    );
    let mut node = Command::new("node")
        .args(["run.mjs", library, direction])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut stdin = node.stdin.take().expect("stdin is piped");
    stdin.write_all(request.to_string().as_bytes()).expect("node reads");
    drop(stdin);
    let output = node.wait_with_output().expect("node can be waited for");
    assert!(output.status.success(), "{library} can't {direction}: its error is above");
    serde_json::from_slice(&output.stdout).expect("it prints JSON and nothing else")
}

/// The service, with secrets as the providers give them out.
fn builder() -> Builder {
    Builder::new(&destination())
        .all_shipped()
        .with("SUPABASE_WEBHOOK_SECRET", SUPABASE_SECRET)
        .with("LEADHOOK_PUBLIC_URL", PUBLIC_URL)
}

#[test]
fn what_their_libraries_sign_is_stored() {
    let service = builder().start();
    let mut stored = 0;
    for (library, source, sample, secret) in [
        ("svix", "clerk", "user.created", CLERK_SECRET),
        ("svix", "stytch", "user.create", SOME_SECRET),
        ("svix", "propelauth", "user.created", SOME_SECRET),
        ("svix", "stack-auth", "user.created", SOME_SECRET),
        ("standardwebhooks", "standard-webhooks", "user.created", STANDARD_SECRET),
        ("standardwebhooks", "supabase", "before-user-created", SUPABASE_SECRET),
        ("standardwebhooks", "formbricks", "responseFinished", SOME_SECRET),
        ("stripe", "stripe", "checkout.session.completed", SOME_SECRET),
        ("octokit", "github", "star.created", SOME_SECRET),
        ("workos", "workos", "user.created", SOME_SECRET),
        ("shopify", "shopify", "orders-create", SOME_SECRET),
        ("hubspot", "hubspot", "contact.creation", SOME_SECRET),
    ] {
        let path = format!("{ROOT}/mappings/samples/{source}/{sample}.json");
        let sample = std::fs::read_to_string(path).expect("the sample is shipped");
        let path = format!("/webhooks/{source}");
        let url = format!("{PUBLIC_URL}{path}");
        let draft = json!({ "secret": secret, "url": url, "body": sample });
        let signed = run(library, "sign", &draft);
        let fields: Vec<_> = texts(&signed["headers"]);
        let body = signed["body"].as_str().expect("the body is text");
        let changed = service.http().post(&path, &fields, format!("{body} ").as_bytes());
        assert_eq!(changed.code(), "signature_mismatch", "{library} {source}");
        let answer = service.http().post(&path, &fields, body.as_bytes());
        assert!(matches!(answer.status, 200 | 204), "{library} {source}: {}", answer.body);
        stored += 1;
        let count = service.database().count("SELECT count(*) FROM events");
        assert_eq!(count, stored, "{library} {source}");
    }
}

fn texts(headers: &Value) -> Vec<(String, String)> {
    let fields = headers.as_object().expect("headers are an object").iter();
    fields.map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned())).collect()
}

#[test]
fn their_libraries_accept_what_is_triggered() {
    for (library, source, sample, secret) in [
        ("svix", "clerk", "user.created", CLERK_SECRET),
        ("clerk", "clerk", "user.created.unicode", CLERK_SECRET),
        ("svix", "stytch", "user.create", SOME_SECRET),
        ("svix", "propelauth", "user.created", SOME_SECRET),
        ("svix", "stack-auth", "user.created", SOME_SECRET),
        ("standardwebhooks", "standard-webhooks", "user.created", STANDARD_SECRET),
        ("standardwebhooks", "supabase", "before-user-created", SUPABASE_SECRET),
        ("standardwebhooks", "formbricks", "responseFinished", SOME_SECRET),
        ("stripe", "stripe", "checkout.session.completed", SOME_SECRET),
        ("octokit", "github", "star.created", SOME_SECRET),
        ("hubspot", "hubspot", "contact.creation", SOME_SECRET),
    ] {
        accepts(library, secret, &[source, sample]);
    }
}

/// It is given the event and not its bytes, and writes it anew, without blanks.
#[test]
fn the_library_of_workos_accepts_what_is_triggered() {
    let path = format!("{ROOT}/mappings/samples/workos/user.created.json");
    let sample = std::fs::read_to_string(path).expect("the sample is shipped");
    let event: Value = serde_json::from_str(&sample).expect("samples are JSON");
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let file = folder.path().join("user.created.json");
    std::fs::write(&file, event.to_string()).expect("the file can be written");
    let file = file.to_str().expect("the path is text");
    accepts("workos", SOME_SECRET, &["workos", file]);
}

/// It asks for more than the signature.
#[test]
fn the_library_of_shopify_accepts_what_is_triggered() {
    let fields = [
        "x-shopify-shop-domain: shop.example.com",
        "x-shopify-api-version: 2026-07",
        "x-shopify-webhook-id: b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    ];
    let mut arguments = vec!["shopify", "orders-create"];
    arguments.extend(fields.into_iter().flat_map(|field| ["--header", field]));
    accepts("shopify", SOME_SECRET, &arguments);
}

/// Also refuses what is triggered with another body than the signed one.
#[track_caller]
fn accepts(library: &str, secret: &str, arguments: &[&str]) {
    let refused = refusal(library, secret, 200, arguments);
    assert_eq!(refused, Value::Null, "{library} {arguments:?}");
    let tampered = [arguments, &["--tamper", "body"]].concat();
    let refused = refusal(library, secret, 401, &tampered);
    assert!(refused.is_string(), "{library} {tampered:?}");
}

/// Why the library refuses the request of `leadhook trigger`, which is answered with `status`.
#[track_caller]
fn refusal(library: &str, secret: &str, status: u16, arguments: &[&str]) -> Value {
    let receiver = Receiver::start(status);
    let url = receiver.url();
    let arguments = [&["trigger"], arguments, &["--url", &url]].concat();
    let (code, _, stderr) = output(builder().command(&arguments));
    assert_eq!(code, 0, "{stderr}");
    let request = receiver.request();
    let fields = request.headers.into_iter().map(|(name, value)| (name, json!(value)));
    let request = json!({
        "secret": secret,
        "method": request.method,
        "url": format!("{PUBLIC_URL}{}", request.target),
        "headers": fields.collect::<Map<_, _>>(),
        "body": request.body,
    });
    run(library, "verify", &request)["refused"].take()
}
