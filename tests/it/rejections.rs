//! Refused requests: kept for the operator, bounded, without credentials, and admitted once.

use crate::support::{AUTH0_TOKEN, Builder, CLERK_SECRET, Fields, PATIENCE, Service, auth0};
use crate::support::{clerk, destination, hang_up, output, signed_at, user_created};
use serde_json::{Value, json};
use std::time::Instant;

const TOKEN: &str = "tests-only-admin-token";
const OTHER_SECRET: &str = "whsec_dGVzdHMtb25seS1vdGhlci1zZWNyZXQ=";
const REJECTIONS: &str = "/api/v1/rejections";

fn builder() -> Builder {
    Builder::new(&destination()).with("LEADHOOK_ADMIN_TOKEN", TOKEN)
}

fn operator() -> Fields {
    vec![("authorization".to_owned(), format!("Bearer {TOKEN}"))]
}

#[track_caller]
fn get(service: &Service, path: &str) -> Value {
    let answer = service.http().send("GET", path, &operator(), b"");
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// Those that are kept, newest first, once there are `count` at least.
#[track_caller]
fn kept(service: &Service, count: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let listed = get(service, &format!("{REJECTIONS}?limit=200"));
        let rejections = listed["rejections"].as_array().cloned().unwrap_or_default();
        if rejections.len() >= count {
            return rejections;
        }
        assert!(begun.elapsed() < PATIENCE, "{rejections:?}");
    }
}

fn id(rejection: &Value) -> String {
    rejection["id"].as_str().expect("it has an id").to_owned()
}

#[track_caller]
fn refuse(service: &Service, path: &str, fields: &Fields, body: &[u8]) -> String {
    let answer = service.http().post(path, fields, body);
    assert!((400..500).contains(&answer.status), "{}", answer.body);
    answer.code()
}

#[track_caller]
fn cli(builder: &Builder, arguments: &[&str]) -> (i32, String, String) {
    output(builder.command(&[&["rejections"], arguments].concat()))
}

#[test]
fn what_is_refused_is_kept_whole_and_is_no_event() {
    let service = builder().with("LEADHOOK_BODY_BYTES_MAX", "1024").start();
    let body = b"{\"caf\xc3\xa9\": 1}\n";
    let signed = signed_at("svix", OTHER_SECRET, "msg_1", body, 0);
    refuse(&service, "/webhooks/clerk/?a=%2f&b", &signed, body);
    let [first] = &kept(&service, 1)[..] else { panic!("one") };
    let large = [b'x'; 2000];
    assert_eq!(refuse(&service, "/webhooks/clerk", &signed, &large), "body_too_large");
    refuse(&service, "/webhooks/nobody", &signed, body);
    refuse(&service, "/webhooks/auth0", &vec![], b"\xff");
    let all = kept(&service, 3);
    let codes: Vec<_> =
        all.iter().map(|it| (&it["source"], &it["code"], &it["body_kept"])).collect();
    assert_eq!(
        json!(codes),
        json!([
            ["auth0", "signature_missing", true],
            ["clerk", "body_too_large", false],
            ["clerk", "signature_mismatch", true],
        ])
    );

    let shown = get(&service, &format!("{REJECTIONS}/{}", id(first)));
    assert_eq!(shown["body"], std::str::from_utf8(body).expect("text"));
    assert_eq!(
        (&shown["target"], &shown["peer"]),
        (&json!("/webhooks/clerk/?a=%2f&b"), &json!("127.0.0.1"))
    );
    let signature = json!(["svix-signature", signed[2].1]);
    assert!(
        shown["headers"].as_array().is_some_and(|fields| fields.contains(&signature)),
        "{shown}"
    );
    let shown = get(&service, &format!("{REJECTIONS}/{}", id(&all[0])));
    assert_eq!((shown.get("body"), &shown["body_base64"]), (None, &json!("/w==")));

    let pages = |path: String| get(&service, &path)["rejections"].as_array().map(Vec::len);
    assert_eq!(pages(format!("{REJECTIONS}?source=clerk")), Some(2));
    let page = get(&service, &format!("{REJECTIONS}?limit=2"));
    assert_eq!(page["next"], all[1]["id"]);
    assert_eq!(pages(format!("{REJECTIONS}?after={}", id(&all[1]))), Some(1));
    assert_eq!(service.database().count("SELECT count(*) FROM events"), 0);
    let metrics = service.http().get("/metrics").body;
    assert!(
        metrics.contains(r#"leadhook_rejections_total{source="clerk",result="kept"} 2"#),
        "{metrics}"
    );
}

#[test]
fn the_command_reads_them_beside_a_running_service() {
    let service = builder().with("LEADHOOK_PUBLIC_URL", "https://hooks.example.com").start();
    let body = user_created("user_1", Some("click_1"));
    let signed = signed_at("svix", OTHER_SECRET, "msg_1", &body, 0);
    refuse(&service, "/webhooks/clerk", &signed, &body);
    let rejection = kept(&service, 1).remove(0);
    let (id, builder) = (id(&rejection), service.again());

    let (code, stdout, stderr) = cli(&builder, &["list"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains(&id) && stdout.contains("signature_mismatch"), "{stdout}");
    let (_, stdout, _) = cli(&builder, &["list", "--json", "--source", "clerk", "--limit", "5"]);
    let listed: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(listed["rejections"][0], rejection);
    let (code, _, stderr) = cli(&builder, &["list", "--source", "auth0"]);
    assert_eq!((code, stderr.as_str()), (0, "no refused requests are kept of a source `auth0`\n"));
    let (code, stdout, _) = cli(&builder, &["show", &id]);
    let meaning = "refused   signature_mismatch: No signature or token matches";
    assert!(code == 0 && stdout.contains(meaning) && stdout.contains("svix-id: msg_1"), "{stdout}");
    let (_, stdout, _) = cli(&builder, &["show", &id, "--json"]);
    let shown: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(shown, get(&service, &format!("{REJECTIONS}/{id}")));
    let (_, stdout, _) = cli(&builder, &["show", &id, "--request"]);
    let request: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(request["url"], "https://hooks.example.com/webhooks/clerk");
    assert_eq!(
        (&request["method"], &request["headers"]["svix-id"]),
        (&json!("POST"), &json!("msg_1"))
    );
    assert_eq!(request["body"].as_str().map(str::as_bytes), Some(&body[..]));

    let unknown = "rej_0190a6f2000070008000000000000000";
    assert_eq!(cli(&builder, &["show", unknown]).0, 1);
    assert_eq!(cli(&builder, &["show", "evt_1"]).0, 2);
}

#[test]
fn a_credential_is_nowhere_in_the_database() {
    let service = builder().start();
    let secrets = ["hunter2-bearer", "hunter2-cookie", "hunter2-query", "hunter2-key"];
    let fields = [
        ("authorization", "Bearer hunter2-bearer"),
        ("cookie", "session=hunter2-cookie"),
        ("x-api-key", "hunter2-key"),
    ];
    let fields: Fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let body = br#"{"marker":"kept-as-it-came"}"#;
    refuse(&service, "/webhooks/auth0?access_token=hunter2-query&x=1", &fields, body);
    refuse(&service, "/webhooks/clerk?token=hunter2%2Dquery", &fields, body);
    kept(&service, 2);
    let (_, stdout, _) = cli(&service.again(), &["list", "--json"]);
    assert!(stdout.contains("access_token=sha256:") && stdout.contains("&x=1"), "{stdout}");
    let log = service.log().join("\n");
    let builder = service.kill();
    let mut found = false;
    for entry in std::fs::read_dir(builder.folder()).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        found |= text.contains("kept-as-it-came");
        for secret in secrets {
            assert!(
                !text.contains(secret) && !log.contains(secret),
                "{secret} in {}",
                path.display()
            );
        }
    }
    assert!(found, "it looked into the wrong files");
}

#[test]
fn a_mended_secret_admits_what_was_refused() {
    let destination = destination();
    let builder = Builder::new(&destination).with("CLERK_WEBHOOK_SECRET", OTHER_SECRET);
    let service =
        builder.with("AUTH0_WEBHOOK_TOKEN", "wrong").with("LEADHOOK_ADMIN_TOKEN", TOKEN).start();
    let body = user_created("user_1", Some("click_1"));
    refuse(&service, "/webhooks/clerk", &clerk("msg_1", &body), &body);
    let signed_up =
        br#"{"id":"evt_a","type":"user.created","data":{"object":{"user_id":"auth0|1"}}}"#;
    refuse(&service, "/webhooks/auth0", &auth0(), signed_up);
    let ids: Vec<_> = kept(&service, 2).iter().map(id).collect();
    let (_, builder, _) = service.stop();

    let (code, stdout, stderr) = cli(&builder, &["admit", &ids[1]]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("hint: mend the secret"), "{stderr}");
    let builder =
        builder.with("CLERK_WEBHOOK_SECRET", CLERK_SECRET).with("AUTH0_WEBHOOK_TOKEN", AUTH0_TOKEN);
    let (code, stdout, stderr) = cli(&builder, &["admit", &ids[1], &ids[0]]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stdout.matches(" became evt_").count(), 2, "{stdout}");
    let (code, again, _) = cli(&builder, &["admit", &ids[1]]);
    assert_eq!(
        (code, again.trim_end()),
        (0, format!("{} (before)", stdout.lines().next().expect("two lines")).as_str())
    );
    assert!(cli(&builder, &["show", &ids[1]]).1.contains("admitted"));

    let service = builder.start();
    let leads = destination.expect_leads(1);
    assert_eq!(leads[0]["clickId"], "click_1");
    // The provider tries again, in vain.
    let answer = service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body);
    assert_eq!(answer.body, r#"{"accepted":0,"duplicates":1}"#);
}

#[test]
fn a_running_service_admits_after_a_reload() {
    let destination = destination();
    let shipped = Builder::shipped("clerk.toml");
    let builder = Builder::new(&destination).with("LEADHOOK_ADMIN_TOKEN", TOKEN);
    let secret = builder.folder().join("clerk-secret");
    std::fs::write(&secret, OTHER_SECRET).expect("written");
    let from_file = format!("file:{}", secret.display());
    let mapping = shipped.replace("env:CLERK_WEBHOOK_SECRET", &from_file);
    let service = builder.mappings(&[("clerk.toml", &mapping)]).samples().start();
    let body = user_created("user_1", Some("click_1"));
    refuse(&service, "/webhooks/clerk", &clerk("msg_1", &body), &body);
    let stale = signed_at("svix", CLERK_SECRET, "msg_2", &body, -4_000);
    refuse(&service, "/webhooks/clerk", &stale, &body);
    let ids: Vec<_> = kept(&service, 2).iter().map(id).collect();
    let admit = |id: &str, call: &[u8]| {
        service.http().post(&format!("{REJECTIONS}/{id}/admit"), &operator(), call)
    };
    let refused = admit(&ids[1], b"");
    assert_eq!((refused.status, refused.code().as_str()), (409, "signature_mismatch"));

    std::fs::write(&secret, CLERK_SECRET).expect("written");
    hang_up(service.pid());
    let begun = Instant::now();
    let admitted = loop {
        let answer = admit(&ids[1], br#"{"stale":false}"#);
        if answer.status == 200 {
            break answer.json();
        }
        assert!(begun.elapsed() < PATIENCE, "{}", answer.body);
    };
    assert_eq!(admitted["before"], false);
    assert_eq!(destination.expect_leads(1)[0]["clickId"], "click_1");
    let again = admit(&ids[1], b"").json();
    assert_eq!((&again["before"], &again["events"]), (&json!(true), &admitted["events"]));

    // Through the command, which finds that the store is in use.
    let beside = service.again().with("LEADHOOK_LISTEN", &service.address.to_string());
    let (code, _, stderr) = cli(&beside, &["admit", &ids[0]]);
    assert_eq!(code, 1);
    assert!(stderr.contains("signed too long ago") && stderr.contains("hint: "), "{stderr}");
    let (code, stdout, stderr) = cli(&beside, &["admit", &ids[0], "--stale"]);
    assert!(code == 0 && stdout.contains(" became evt_"), "{stderr}");
    let (code, _, stderr) = cli(&beside, &["admit", &ids[0], "--token", "tests-only-wrong-token"]);
    assert!(code == 1 && stderr.contains("token"), "{stderr}");
    assert_eq!(service.database().count("SELECT count(*) FROM events"), 2);
    let unknown = admit("rej_0190a6f2000070008000000000000000", b"");
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "rejection_unknown"));
    assert_eq!(admit(&ids[0], br#"{"stall":true}"#).code(), "call_invalid");
    assert_eq!(admit("evt_1", b"").code(), "call_invalid");
}

#[test]
fn a_flood_is_counted_and_keeps_nobody_out() {
    let service = builder().start();
    for number in 0..200 {
        let answer = service.http().post("/webhooks/typeform", &[], b"{}");
        assert!(matches!(answer.status, 401 | 429), "{}", answer.body);
        if number % 10 == 0 {
            let body = user_created(&format!("user_{number}"), None);
            let answer = service.http().post(
                "/webhooks/clerk",
                &clerk(&format!("msg_{number}"), &body),
                &body,
            );
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
    }
    refuse(&service, "/webhooks/auth0", &vec![], b"{}");
    // What is refused elsewhere finds its place.
    let begun = Instant::now();
    while !kept(&service, 1).iter().any(|rejection| rejection["source"] == "auth0") {
        assert!(begun.elapsed() < PATIENCE);
    }
    let metrics = service.http().get("/metrics").body;
    let count = |result: &str| -> u64 {
        let name = format!("leadhook_rejections_total{{source=\"typeform\",result=\"{result}\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
        line.and_then(|count| count.parse().ok()).expect("it is counted")
    };
    assert_eq!(count("kept") + count("dropped"), 200);
    assert!(count("kept") >= 20 && count("dropped") > 0, "{metrics}");
}

#[test]
fn the_oldest_give_way_to_what_comes() {
    let service = builder().start();
    let body = vec![b'x'; 1_048_000];
    for number in 1..=20 {
        refuse(&service, "/webhooks/clerk", &vec![], &body);
        kept(&service, number.min(19));
    }
    let sizes = "SELECT sum(bytes) FROM rejections WHERE source = 'clerk'";
    assert!(service.database().count(sizes) <= 20_000_000);
    assert_eq!(service.database().count("SELECT count(*) FROM rejections"), 19);
}

#[test]
fn nobody_is_let_in_without_the_token() {
    let service = builder().start();
    let routes = [
        ("GET", REJECTIONS.to_owned()),
        ("GET", format!("{REJECTIONS}/rej_0190a6f2000070008000000000000000")),
        ("POST", format!("{REJECTIONS}/rej_0190a6f2000070008000000000000000/admit")),
    ];
    let wrong = ["", "Bearer", "Bearer ", "Bearer wrong", TOKEN, "Basic dGVzdA=="];
    for (method, path) in &routes {
        for value in wrong {
            let fields = vec![("authorization".to_owned(), value.to_owned())];
            let answer = service.http().send(method, path, &fields, b"");
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (401, "unauthorized"),
                "{path} {value}"
            );
        }
        assert_eq!(service.http().send(method, path, &[], b"").status, 401);
    }
    let answer = service.http().send("GET", "/api/v1/else", &operator(), b"");
    assert_eq!((answer.status, answer.code().as_str()), (404, "route_unknown"));
    let answer = service.http().send("GET", &format!("{REJECTIONS}?limit=x"), &operator(), b"");
    assert_eq!((answer.status, answer.code().as_str()), (400, "call_invalid"));
}

#[cfg(unix)]
#[test]
fn on_this_machine_a_token_is_made_and_kept() {
    use std::os::unix::fs::PermissionsExt;
    let service = Builder::new(&destination()).start();
    let path = service.again().folder().join("leadhook.db.admin-token");
    let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let token = std::fs::read_to_string(&path).expect("it is text");
    let log = service.log().join("\n");
    assert!(log.contains("leadhook.db.admin-token") && !log.contains(&token), "{log}");
    let call = |service: &Service| {
        let fields = vec![("authorization".to_owned(), format!("Bearer {token}"))];
        service.http().send("GET", REJECTIONS, &fields, b"").status
    };
    assert_eq!(call(&service), 200);
    let (_, builder, _) = service.stop();
    // The same one after a restart; and none where others could use it.
    let service = builder.start();
    assert_eq!(call(&service), 200);
    let (_, builder, _) = service.stop();
    let service = builder.with("LEADHOOK_LISTEN", "0.0.0.0:0").start();
    let log = service.log().join("\n");
    assert!(log.contains("LEADHOOK_ADMIN_TOKEN is not set"), "{log}");
    assert_eq!(call(&service), 401);
}
