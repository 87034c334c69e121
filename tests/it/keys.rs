//! Providers that sign with keys which they publish: fetched by the service, and by `trigger` signed
//! with a key of the tests.

use crate::support::{Builder, destination, key_page, output};
use std::path::Path;

fn builder(page: &str) -> Builder {
    let kinde = Builder::shipped("kinde.toml");
    Builder::new(&destination())
        .mappings(&[("kinde.toml", &kinde)])
        .samples()
        .with("KINDE_JWKS_URL", page)
}

/// What the service at `url` answers to a sample that is signed with the key `file`, called `id`.
fn triggered(builder: &Builder, url: &str, (file, id): (&str, &str)) -> (i32, String) {
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(file);
    let key = key.display().to_string();
    let signed = ["--private-key", &key, "--key-id", id];
    let arguments = [&["trigger", "kinde", "user.created", "--url", url], &signed[..]].concat();
    let (code, stdout, stderr) = output(builder.command(&arguments));
    (code, stdout + &stderr)
}

#[test]
fn a_published_key_lets_in_what_it_signed_and_nothing_else() {
    let builder = builder(&key_page(200));
    let service = builder.clone().start();
    let url = format!("http://{}", service.address);
    let (code, answer) = triggered(&builder, &url, ("rs256.pem", "rs256"));
    assert!(code == 0 && answer.contains("200 {\"accepted\":1"), "{answer}");
    let (code, answer) = triggered(&builder, &url, ("rs256.pem", "nobodys"));
    assert!(code == 1 && answer.contains("signature_key_unknown"), "{answer}");
    let (code, answer) = triggered(&builder, &url, ("es256.pem", "es256"));
    assert!(code == 1 && answer.contains("private key"), "{answer}");
    let (code, answer) = triggered(&builder, &url, ("jwks.json", "rs256"));
    assert!(code == 1 && answer.contains("no private key"), "{answer}");
    assert_eq!(service.database().count("SELECT count(*) FROM events"), 1);
}

#[test]
fn without_the_keys_the_provider_is_asked_to_come_again() {
    let builder = builder(&key_page(500));
    let service = builder.clone().start();
    let url = format!("http://{}", service.address);
    let (code, answer) = triggered(&builder, &url, ("rs256.pem", "rs256"));
    assert!(code == 1 && answer.contains("503") && answer.contains("keys_unavailable"), "{answer}");
    service.wait_for_log(1, |line| line.contains("key set could not be fetched"));
    service.stop();
    // Once the page is mended, what is sent again gets in.
    let service = builder.clone().with("KINDE_JWKS_URL", &key_page(200)).start();
    let url = format!("http://{}", service.address);
    let (code, answer) = triggered(&builder, &url, ("rs256.pem", "rs256"));
    assert!(code == 0 && answer.contains("200 {\"accepted\":1"), "{answer}");
}
