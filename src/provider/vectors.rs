//! Signatures made by others: official packages and other languages, in `tests/vectors/`.
//!
//! Each request is checked twice: by the scheme that its file declares, and by the catalogue's
//! entry for that provider.

use super::tests::{NOW, published_keys, request, secrets};
use super::{AuthChoice, KeySets, Provider, Surroundings, declaration};
use crate::diagnostic::render_all;
use crate::model::{Headers, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// One request of a file.
struct Vector<'f> {
    file: &'f Value,
    vector: &'f Value,
}

impl Vector<'_> {
    fn name(&self) -> String {
        format!("{}: {}", self.file["provider"], self.vector["name"])
    }

    /// Checks `provider` against what the vector expects.
    fn check(&self, provider: &Provider, auth: &AuthChoice) {
        let secrets = secrets(&self.vector["secret"].as_str().into_iter().collect::<Vec<_>>());
        let key_sets = match self.vector["key_set"].as_bool() {
            Some(true) => published_keys("https://keys.example/jwks"),
            _ => KeySets::default(),
        };
        let (public_url, target) = self.url();
        let surroundings = Surroundings { key_sets, public_url };
        let verifier = provider.verifier(auth, &secrets, &surroundings).unwrap();
        let body = STANDARD.decode(self.vector["body_base64"].as_str().unwrap()).unwrap();
        let fields = self.vector["headers"].as_object().unwrap().iter();
        let fields = fields.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
        let mut request = request(&[], &body);
        request.headers = Headers::new(fields);
        request.target = target;
        let now = [self.vector, self.file].iter().find_map(|one| one["now"].as_i64());
        let now = now.map_or(NOW, |seconds| Timestamp::from_millis(seconds * 1_000));
        let verdict = verifier.verify(request, now).map(|_| ());
        // Some files say by which code it is refused.
        let shown = match (&verdict, self.vector["expect"].as_str().unwrap()) {
            (Ok(()), _) => "valid",
            (Err(_), "invalid") => "invalid",
            (Err(code), _) => code.name(),
        };
        assert_eq!(shown, self.vector["expect"], "{}", self.name());
    }

    /// The address that was called, as what the operator configures and what came on the wire.
    fn url(&self) -> (Option<String>, String) {
        let url = self.vector["url"].as_str().unwrap_or("https://hooks.example.com/");
        let path = url.find("://").map_or(0, |scheme| scheme + 3);
        let path = path + url[path..].find('/').unwrap();
        (Some(url[..path].to_owned()), url[path..].to_owned())
    }

    /// A provider made of the scheme that the vector or its file declares.
    fn declared(&self) -> Provider {
        let scheme = [self.vector, self.file].iter().find_map(|one| one["scheme"].as_object());
        // JSON strings, lists of them and whole numbers are written the same in TOML.
        let lines = scheme.unwrap().iter().map(|(key, value)| format!("{key} = {value}\n"));
        let lines: String = lines.collect();
        let text = format!(
            "name = 'v'\ntitle = 'V'\n[signature]\n{lines}[event]\nformat = ['json', 'jwt']\n"
        );
        declaration::read("v.toml", &text)
            .unwrap_or_else(|faults| panic!("{}", render_all(&faults)))
    }
}

/// Runs every vector of `text` by the scheme that it declares.
fn check_declared(text: &str, count: usize) {
    let file: Value = serde_json::from_str(text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), count);
    for vector in vectors {
        let vector = Vector { file: &file, vector };
        vector.check(&vector.declared(), &AuthChoice::default());
    }
}

#[test]
fn kinds_of_proof() {
    check_declared(include_str!("../../tests/vectors/kinds.json"), 33);
}

/// Runs every vector of `text`; `entry` says which entry of the catalogue it is for.
fn check(text: &str, count: usize, entry: impl Fn(&Value) -> (&'static str, AuthChoice)) {
    let file: Value = serde_json::from_str(text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), count);
    for vector in vectors {
        let (name, auth) = entry(vector);
        let vector = Vector { file: &file, vector };
        vector.check(&vector.declared(), &AuthChoice::default());
        vector.check(&Provider::find(name).unwrap(), &auth);
    }
}

#[test]
fn clerk() {
    let text = include_str!("../../tests/vectors/clerk.json");
    check(text, 17, |_| ("clerk", AuthChoice::default()));
}

#[test]
fn standard_webhooks() {
    let text = include_str!("../../tests/vectors/standardwebhooks.json");
    check(text, 6, |_| ("standard-webhooks", AuthChoice::default()));
}

#[test]
fn auth0_action() {
    let text = include_str!("../../tests/vectors/auth0-action-signed.json");
    check(text, 4, |_| ("auth0-action", AuthChoice::default()));
}

#[test]
fn typeform() {
    let text = include_str!("../../tests/vectors/typeform.json");
    check(text, 8, |_| ("typeform", AuthChoice::default()));
}

#[test]
fn auth0() {
    let text = include_str!("../../tests/vectors/auth0-token.json");
    check(text, 10, |vector| {
        let by =
            |method: &str| AuthChoice { method: Some(method.to_owned()), ..AuthChoice::default() };
        match vector["name"].as_str().unwrap() {
            name if name.starts_with("event stream, bearer") => ("auth0", AuthChoice::default()),
            name if name.starts_with("event stream, basic") => ("auth0", by("basic")),
            name if name.starts_with("event stream, custom header") => {
                let header = vector["scheme"]["header"].as_str().map(str::to_owned);
                ("auth0", AuthChoice { header, ..by("header") })
            }
            name if name.starts_with("event stream") => ("auth0", AuthChoice::default()),
            _ => ("auth0-logs", AuthChoice::default()),
        }
    });
}

// Auth providers. Files about several ways name the one of each vector.

/// Chooses the way that a vector names, with the key set that the tests publish.
fn way(provider: &'static str, vector: &Value) -> (&'static str, AuthChoice) {
    let jwks_url = vector["scheme"]["jwks_url"].as_str().map(str::to_owned);
    let method = vector["method"].as_str().map(str::to_owned);
    (provider, AuthChoice { method, jwks_url, ..AuthChoice::default() })
}

#[test]
fn workos() {
    let text = include_str!("../../tests/vectors/workos.json");
    check(text, 7, |_| ("workos", AuthChoice::default()));
}

#[test]
fn supabase() {
    let text = include_str!("../../tests/vectors/supabase.json");
    check(text, 4, |_| ("supabase", AuthChoice::default()));
}

#[test]
fn logto() {
    let text = include_str!("../../tests/vectors/logto.json");
    check(text, 5, |_| ("logto", AuthChoice::default()));
}

#[test]
fn fusionauth() {
    check(include_str!("../../tests/vectors/fusionauth.json"), 8, |it| way("fusionauth", it));
}

#[test]
fn zitadel() {
    let text = include_str!("../../tests/vectors/zitadel.json");
    check(text, 7, |_| ("zitadel", AuthChoice::default()));
}

#[test]
fn keycloak() {
    check(include_str!("../../tests/vectors/keycloak.json"), 7, |it| way("keycloak", it));
}

#[test]
fn forms_and_booking() {
    let files = [
        ("tally", 4, include_str!("../../tests/vectors/tally.json")),
        ("calendly", 5, include_str!("../../tests/vectors/calendly.json")),
        ("cal-com", 6, include_str!("../../tests/vectors/cal-com.json")),
        ("webflow", 10, include_str!("../../tests/vectors/webflow.json")),
        ("framer", 6, include_str!("../../tests/vectors/framer.json")),
        ("formspree", 8, include_str!("../../tests/vectors/formspree.json")),
        ("opnform", 6, include_str!("../../tests/vectors/opnform.json")),
        ("surveymonkey", 5, include_str!("../../tests/vectors/surveymonkey.json")),
        ("netlify", 8, include_str!("../../tests/vectors/netlify.json")),
    ];
    for (name, count, text) in files {
        check(text, count, |_| (name, AuthChoice::default()));
    }
}

#[test]
fn stripe() {
    let text = include_str!("../../tests/vectors/stripe.json");
    check(text, 8, |_| ("stripe", AuthChoice::default()));
}

#[test]
fn github() {
    let text = include_str!("../../tests/vectors/github.json");
    check(text, 5, |_| ("github", AuthChoice::default()));
}

/// Those without an official package that signs, computed from what they document.
#[test]
fn computed() {
    let text = include_str!("../../tests/vectors/computed.json");
    check(text, 25, |vector| {
        let name = Provider::names().find(|name| vector["provider"] == *name).unwrap();
        let method = vector["way"].as_str().map(str::to_owned);
        (name, AuthChoice { method, ..AuthChoice::default() })
    });
}

#[test]
fn hubspot() {
    let text = include_str!("../../tests/vectors/hubspot.json");
    check(text, 17, |vector| {
        let method = vector["name"].as_str().unwrap().split(':').next().map(str::to_owned);
        ("hubspot", AuthChoice { method, ..AuthChoice::default() })
    });
}
