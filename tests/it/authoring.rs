//! Beginning a mapping file, its schema, and samples of real events.

use crate::support::{Builder, clerk, destination, output};
use jsonschema::Validator;
use leadhook::provider::Provider;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;

/// An empty folder to work in.
fn empty() -> Builder {
    Builder::new(&destination()).with("LEADHOOK_MAPPINGS", "")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn schema_of(builder: &Builder) -> Validator {
    let (code, schema, _) = output(builder.command(&["schema"]));
    assert_eq!(code, 0);
    let schema: Value = serde_json::from_str(&schema).expect("a schema is JSON");
    jsonschema::draft7::new(&schema).expect("the schema is valid")
}

#[test]
fn every_provider_can_be_begun_with_and_passes_its_check() {
    let builder = empty().with_public_url();
    for provider in Provider::names() {
        let (code, stdout, stderr) = output(builder.command(&["init", provider]));
        assert_eq!(code, 0, "{stderr}");
        assert!(stdout.contains(&format!("mappings/{provider}.toml\n")), "{stdout}");
        assert!(stdout.contains(&format!("mappings/samples/{provider}/")), "{stdout}");
        assert!(stderr.contains(&format!("/webhooks/{provider}")), "{stderr}");
        let file = read(&builder.folder().join(format!("mappings/{provider}.toml")));
        assert!(file.starts_with("#:schema ./leadhook.schema.json\n"));
    }
    let (code, stdout, stderr) = output(builder.command(&["check", "--strict"]));
    let promised = format!("ok: {} sources, 0 errors, 0 warnings\n", Provider::names().count());
    assert_eq!((code, stdout), (0, promised), "{stderr}");
    // The schema beside them is the one that `schema` prints.
    let (_, schema, _) = output(builder.command(&["schema"]));
    assert_eq!(read(&builder.folder().join("mappings/leadhook.schema.json")), schema);
}

#[test]
fn a_second_source_of_a_provider_has_its_own_address_and_secret() {
    let builder = empty().with("LEADHOOK_PUBLIC_URL", "https://hooks.example.com");
    let (code, _, stderr) = output(builder.command(&["init", "clerk", "--source", "clerk-eu"]));
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("https://hooks.example.com/webhooks/clerk-eu"), "{stderr}");
    assert!(stderr.contains("CLERK_EU_WEBHOOK_SECRET") && stderr.contains("whsec_"), "{stderr}");
    let file = read(&builder.folder().join("mappings/clerk-eu.toml"));
    assert!(file.contains("\"env:CLERK_EU_WEBHOOK_SECRET\"") && !file.contains("CLERK_WEBHOOK"));
    let (code, _, stderr) = output(builder.command(&["check"]));
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("CLERK_EU_WEBHOOK_SECRET is not set"), "{stderr}");
}

#[test]
fn nothing_that_is_there_is_overwritten_unless_asked() {
    let builder = empty();
    let init = |more: &[&str]| {
        let arguments = [&["init", "typeform", "--out", "files"], more].concat();
        output(builder.command(&arguments))
    };
    assert_eq!(init(&[]).0, 0);
    // The same again is nothing to write.
    let (code, stdout, _) = init(&[]);
    assert_eq!((code, stdout.as_str()), (0, ""));
    let path = builder.folder().join("files/typeform.toml");
    let sample = builder.folder().join("files/samples/typeform/form_response.json");
    let mine = read(&path) + "# mine\n";
    std::fs::write(&path, &mine).expect("the file can be written");
    std::fs::remove_file(&sample).expect("the sample is there");
    let (code, stdout, stderr) = init(&[]);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    assert!(stderr.contains("typeform.toml") && stderr.contains("--force"), "{stderr}");
    assert_eq!(read(&path), mine);
    assert!(!sample.exists(), "all or nothing is written");
    // A schema of another version is renewed, one that is no schema of ours is not.
    let schema = builder.folder().join("files/leadhook.schema.json");
    std::fs::write(&schema, "{ \"title\": \"leadhook mapping file\" }").expect("it can be written");
    let (code, stdout, _) = init(&["--force"]);
    assert_eq!(code, 0);
    let listed =
        ["files/leadhook.schema.json", "files/typeform.toml", "files/samples/typeform/ (1 sample)"];
    assert_eq!(stdout.lines().collect::<Vec<_>>(), listed);
    assert!(!read(&path).contains("# mine") && sample.exists() && read(&schema).len() > 1_000);
    std::fs::write(&schema, "{}").expect("it can be written");
    assert_eq!(init(&[]).0, 1);
}

#[test]
fn several_sources_are_begun_at_once_or_none() {
    let builder = empty().with("DUB_API_KEY", "");
    let (code, stdout, stderr) = output(builder.command(&["init", "clerk", "typeform"]));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stdout.lines().count(), 5, "{stdout}");
    for part in [
        "Enter at Clerk: https://<your host>/webhooks/clerk\nSet CLERK_WEBHOOK_SECRET: ",
        "Enter at Typeform: https://<your host>/webhooks/typeform\nSet TYPEFORM_WEBHOOK_SECRET: ",
        "read clerk.toml and typeform.toml",
        "leadhook check mappings\n",
        "with DUB_API_KEY set",
    ] {
        assert!(stderr.contains(part), "{part} in\n{stderr}");
    }
    let (code, stdout, stderr) = output(builder.command(&["check", "mappings"]));
    assert_eq!((code, stdout.as_str()), (0, "ok: 2 sources, 0 errors, 0 warnings\n"), "{stderr}");
    // Without a path, the key is asked for.
    assert_eq!(output(builder.command(&["check"])).0, 1);

    let builder = empty();
    let (code, _, stderr) = output(builder.command(&["init", "clerk", "typfrom"]));
    assert!(code == 2 && stderr.contains("did you mean `typeform`?"), "{stderr}");
    let (code, _, stderr) =
        output(builder.command(&["init", "clerk", "auth0", "--source", "mine"]));
    assert!(code == 2 && stderr.contains("`--source` names one source"), "{stderr}");
    assert!(!builder.folder().join("mappings").exists());
}

#[test]
fn without_a_provider_all_are_listed() {
    let builder = empty();
    let (code, _, stderr) = output(builder.command(&["init"]));
    assert_eq!(code, 2);
    for provider in Provider::all() {
        assert!(stderr.contains(provider.name()) && stderr.contains(provider.title()), "{stderr}");
    }
    let (code, _, stderr) = output(builder.command(&["init", "typfrom"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("no provider `typfrom`; did you mean `typeform`?"), "{stderr}");
    assert!(!builder.folder().join("mappings").exists());
}

#[test]
fn the_schema_knows_the_catalogue_and_the_lead() {
    let builder = empty();
    let schema = schema_of(&builder);
    let file = |provider: &str, field: &str| {
        json!({
            "provider": provider,
            "secrets": ["env:A"],
            "lead": [{ "name": "a", "body": {
                "eventName": "e", "customerExternalId": "$.id", field: "$.x",
            } }],
        })
    };
    for provider in Provider::names() {
        assert!(schema.is_valid(&file(provider, "customerName")), "{provider}");
    }
    assert!(!schema.is_valid(&file("nobody", "customerName")));
    assert!(!schema.is_valid(&file("clerk", "custmerName")));
    let (code, stdout, _) = output(builder.command(&["schema", "--out", "s.json"]));
    assert_eq!((code, stdout.as_str()), (0, ""));
    let (_, printed, _) = output(builder.command(&["schema"]));
    assert_eq!(read(&builder.folder().join("s.json")), printed);
    let (code, _, _) = output(builder.command(&["schema", "--out", "nowhere/s.json"]));
    assert_eq!(code, 2);
}

/// A sign-up of somebody, as Clerk sends it.
fn sign_up() -> Value {
    json!({
        "type": "user.created",
        "object": "event",
        "timestamp": 1_790_000_000_200_i64,
        "data": {
            "id": "user_9xYz7QmVh0sLx3TzYbW9dNcEaUf",
            "first_name": "Philippa",
            "last_name": "Zwart",
            "image_url": "https://img.clerk.com/philippa.png",
            "email_addresses": [
                { "id": "idn_0aB1cD2eF3gH", "email_address": "pz@zwart-family.nl" },
                { "id": "idn_4iJ5kL6mN7oP", "email_address": "Philippa.Zwart@corp.io" },
            ],
            "primary_email_address_id": "idn_4iJ5kL6mN7oP",
            "unsafe_metadata": { "dub_id": "cmRealClick77", "note": "call Philippa at +31 20 555 0100" },
        },
    })
}

/// No word of the person is in a text.
#[track_caller]
fn tells_nothing(text: &str) {
    let words =
        ["philippa", "zwart", "corp.io", "family", "555 0100", "cmreal", "7qmvh0", "4ij5kl"];
    let text = text.to_lowercase();
    for word in words {
        assert!(!text.contains(word), "{word} is in {text}");
    }
}

#[test]
fn a_stored_event_becomes_a_sample_whose_case_holds() {
    let builder = empty();
    assert_eq!(output(builder.command(&["init", "clerk"])).0, 0);
    let service = builder.start();
    let body = sign_up().to_string().into_bytes();
    let answer = service.http().post("/webhooks/clerk", &clerk("msg_1", &body), &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let id = &service.database().column("SELECT lower(hex(id)) FROM events")[0];
    let id = format!("evt_{id}");
    let builder = service.again();
    // The service runs meanwhile.
    let arguments = ["sample", "add", &id, "--name", "real", "--append"];
    let path = builder.folder().join("mappings/clerk.toml");
    let before = read(&path);
    let (code, case, stderr) = output(builder.command(&arguments));
    assert_eq!(code, 0, "{stderr}");
    assert!(!stderr.contains("warning") && stderr.contains("before you share it"), "{stderr}");
    let after = read(&path);
    assert_eq!(after, format!("{before}\n{case}"), "the file stays as it was, but for the case");
    assert!(case.starts_with("[[case]]\nname = \"user.created.real\"\n"), "{case}");
    let sample = read(&builder.folder().join("mappings/samples/clerk/user.created.real.json"));
    tells_nothing(&case);
    tells_nothing(&sample);
    tells_nothing(&stderr);
    let sample: Value = serde_json::from_str(&sample).expect("a sample is JSON");
    let data = &sample["data"];
    assert_eq!(data["primary_email_address_id"], data["email_addresses"][1]["id"]);
    assert_eq!(sample["type"], "user.created");
    let (code, stdout, stderr) = output(builder.command(&["check", "mappings/clerk.toml"]));
    assert_eq!((code, stdout.as_str()), (0, "ok: 1 source, 0 errors, 0 warnings\n"), "{stderr}");
    // The same name again would overwrite it.
    let (code, _, stderr) = output(builder.command(&arguments));
    assert_eq!(code, 1);
    assert!(stderr.contains("--name"), "{stderr}");
}

#[test]
fn a_payload_does_as_well_and_a_seed_repeats_it() {
    let builder = empty();
    assert_eq!(output(builder.command(&["init", "clerk"])).0, 0);
    std::fs::write(builder.folder().join("p.json"), sign_up().to_string()).expect("written");
    let add = |more: &[&str]| {
        let arguments =
            [&["sample", "add", "--payload", "p.json", "--source", "clerk"], more].concat();
        output(builder.command(&arguments))
    };
    let (code, first, stderr) = add(&["--seed", "7"]);
    assert_eq!(code, 0, "{stderr}");
    let (_, second, _) = add(&["--seed", "7"]);
    assert_eq!(second, first.replace("created.sample", "created.sample-2"));
    let (_, third, _) = add(&[]);
    assert_ne!(third, first.replace("created.sample", "created.sample-3"));
    tells_nothing(&third);
}

#[test]
fn a_body_of_many_lines_comes_from_stdin_and_stays_one() {
    let builder = empty();
    assert_eq!(output(builder.command(&["init", "auth0-logs"])).0, 0);
    let lines = read(&builder.folder().join("mappings/samples/auth0-logs/ss.lines.jsonl"));
    let arguments = ["sample", "add", "--payload", "-", "--source", "auth0-logs", "--name", "x"];
    let mut child = builder
        .command(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    std::io::Write::write_all(&mut stdin, lines.as_bytes()).expect("stdin takes it");
    drop(stdin);
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success());
    let case = String::from_utf8(ended.stdout).expect("a case is text");
    assert!(case.contains("skipped = \"no click id\""), "{case}");
    let sample = read(&builder.folder().join("mappings/samples/auth0-logs/ss.x.jsonl"));
    assert_eq!(sample.lines().count(), lines.lines().count());
    assert!(!sample.contains("imani") && !sample.contains("yuki"), "{sample}");
}

#[test]
fn what_the_mapping_would_make_otherwise_is_said() {
    let file = "provider = \"standard-webhooks\"\nsecrets = [\"env:STANDARD_WEBHOOKS_SECRET\"]\n\
        [[lead]]\nname = \"a\"\nwhen = \"search(@.plan, '^pr.$')\"\n[lead.body]\nclickId = \"$.click\"\n\
        eventName = \"e\"\ncustomerExternalId = \"$.id\"\n";
    let builder = Builder::new(&destination()).mappings(&[("own.toml", file)]);
    let event = json!({ "type": "t", "plan": "pro", "click": "c1", "id": "u_123456" });
    std::fs::write(builder.folder().join("p.json"), event.to_string()).expect("written");
    let arguments = ["sample", "add", "--payload", "p.json", "--source", "own", "--seed", "1"];
    let (code, case, stderr) = output(builder.command(&arguments));
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("the rules that match were: a; now: none"), "{stderr}");
    assert!(case.contains("ignored = true"), "{case}");
}

#[test]
fn what_is_no_event_makes_no_sample() {
    let builder = empty();
    assert_eq!(output(builder.command(&["init", "clerk"])).0, 0);
    std::fs::write(builder.folder().join("p.json"), "{").expect("written");
    let run = |arguments: &[&str]| {
        let (code, stdout, stderr) =
            output(builder.command(&[&["sample", "add"], arguments].concat()));
        assert_eq!(stdout, "", "{stderr}");
        (code, stderr)
    };
    let (code, stderr) = run(&["--payload", "p.json", "--source", "clerk"]);
    assert!(code == 1 && stderr.contains("body_not_json"), "{stderr}");
    let (code, stderr) = run(&["--payload", "p.json", "--source", "other"]);
    assert!(code == 1 && stderr.contains("`other`") && stderr.contains("clerk"), "{stderr}");
    assert_eq!(run(&["--payload", "nowhere.json", "--source", "clerk"]).0, 2);
    assert_eq!(run(&["--payload", "p.json"]).0, 2);
    assert_eq!(run(&[]).0, 2);
    assert_eq!(run(&["evt_1"]).0, 2);
    assert_eq!(run(&["--payload", "p.json", "--source", "clerk", "--name", "../x"]).0, 2);
    let (code, stderr) = run(&["evt_0190a6f20190a6f20190a6f20190a6f2"]);
    assert!(code == 2 && stderr.contains("leadhook.db"), "{stderr}");
}
