//! What look-alikes keep, and what they don't.

use super::Masker;
use crate::mapping::Named;
use proptest::prelude::*;
use serde_json::{Value, json};

fn mask(value: &Value, named: &Named, seed: u64) -> Value {
    Masker::new(named, seed).mask(std::slice::from_ref(value)).remove(0)
}

/// The look-alike of one text.
fn text(text: &str) -> String {
    let masked = mask(&json!(text), &Named::default(), 7);
    masked.as_str().expect("a text stays one").to_owned()
}

/// Checks that the look-alike of a text has this form, which is a regular expression.
#[track_caller]
fn check(original: &str, form: &str) {
    let masked = text(original);
    assert_ne!(masked, original);
    let form = regex::Regex::new(&format!("^(?:{form})$")).expect("the form is valid");
    assert!(form.is_match(&masked), "{original} became {masked}");
}

#[test]
fn a_text_keeps_its_form() {
    check("Ada", "[A-Z][a-z]{2}");
    check("McDonald", "[A-Z][a-z][A-Z][a-z]{5}");
    check("O'Neill-Byrne", "[A-Z]'[A-Z][a-z]{4}-[A-Z][a-z]{4}");
    check("Søren 🚀 李小龍", "[A-Z][^a-z ][a-z]{3} 🚀 [一-龥]{3}");
    check("Иван", "[А-Я][а-я]{3}");
    check("山田 はなこ", "[一-龥]{2} [ぁ-ん]{3}");
    check(
        "user_2pRk7QmVh0sLx3TzYbW9dNcEaUf",
        "user_[0-9][a-z][A-Z][a-z][0-9][A-Z][a-z][A-Z][a-z][0-9][a-z]{1}[A-Z][a-z][0-9][A-Z][a-z][A-Z][a-z][A-Z][0-9][a-z][A-Z][a-z][A-Z][a-z][A-Z][a-z]",
    );
    check("auth0|66f0c1d2e3a4b5c6d7e8f901", r"auth0\|[0-9]{2}[a-f][0-9][a-f0-9]{20}");
    check("imani_1815", "[a-z]{5}_[1-9][0-9]{3}");
    check(
        "6F9619FF-8B86-D011-B42D-00C04FC964FF",
        "[0-9A-F]{8}-[0-9A-F]{4}-D[0-9A-F]{3}-B[0-9A-F]{3}-[0-9A-F]{12}",
    );
    check("+1 (555) 012-3456", r"\+[1-9] \([0-9]{3}\) [0-9]{3}-[0-9]{4}");
    check(
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        r"[A-Za-z0-9]{20}\.[A-Za-z0-9]{15}\.[a-z0-9]{4}",
    );
    check("0x1f9e00aa22bb44cc66dd88ee00ff11ab33cd55ef", "0[a-z][a-z0-9]{40}");
}

#[test]
fn addresses_stay_addresses_of_nobody() {
    check("Ada.Lovelace+news@gmail.com", r"[A-Z][a-z]{2}\.[A-Z][a-z]{7}\+[a-z]{4}@example\.com");
    check("ada@mail.corp.co.uk", r"[a-z]{3}@[a-z]{4}\.[a-z]{4}\.example\.com");
    check("søren@gmail.com", r"[a-z][^a-z@][a-z]{3}@example\.com");
    check("zoë@exämple.org", r"[a-z]{2}[^a-z]@[a-z]{2}[^a-z][a-z]{4}\.example");
    check("samlp|acme-okta|ada@corp.com", r"samlp\|[a-z]{4}-[a-z]{4}\|[a-z]{3}@example\.com");
    check("https://img.clerk.com/ada.png", r"https://[a-z]{3}\.example\.com/[a-z]{3}\.png");
    check(
        "https://x.io:8080/u/ada%40gmail.com?d=https%3A%2F%2Fy.io%2Fada.png#top",
        r"https://example\.com:8080/[a-z]/[a-z]{3}%40example\.net\?[a-z]=https%3A%2F%2Fexample\.org%2F[a-z]{3}\.png#[a-z]{3}",
    );
    check("https://img.io/s%C3%B8ren", r"https://example\.com/[a-z]%C[0-9A-F]%[0-9A-F]{2}[a-z]{3}");
    check("10.1.2.3", r"192\.0\.2\.1");
    check("2a02:1234:5678::9", "2001:db8::1");
}

#[test]
fn what_is_equal_stays_equal() {
    let event = json!({
        "id": "u1_Ab3", "ref": "u1_Ab3", "name": "Ada Lovelace", "shout": "ADA LOVELACE",
        "email": "ada.lovelace@corp.com", "note": "to ada.lovelace@corp.com", "nick": "ada",
        "phone": "+1 555 012 3456", "digits": "15550123456", "number": 15_550_123_456_u64,
        "again": "A sentence in which Lovelace is named among many other words of prose",
        "long": "A sentence in which Lovelace is named among many other words of prose",
    });
    let like = mask(&event, &Named::default(), 1);
    let of = |key: &str| like[key].as_str().expect("a text").to_owned();
    assert_eq!(like["id"], like["ref"]);
    assert_eq!(of("name").to_uppercase(), of("shout"));
    assert!(of("note").ends_with(&of("email")) && !of("note").starts_with("to"));
    assert_eq!(of("email").split('@').next().unwrap(), of("name").to_lowercase().replace(' ', "."));
    assert_eq!(of("nick"), of("name").to_lowercase().split(' ').next().unwrap());
    assert_eq!(of("phone").replace(['+', ' '], ""), of("digits"));
    assert_eq!(like["number"].to_string(), of("digits"));
    assert!(of("long").contains(of("name").split(' ').nth(1).unwrap()), "{like}");
    assert!(!of("long").contains("sentence"));
    assert_eq!(of("long"), of("again"));
}

#[test]
fn times_go_back_together() {
    let event = json!({
        "a": "2026-09-21T09:30:00.120Z", "b": "2026-09-21 09:30", "c": "2026-09-21",
        "d": "2026-09-22T09:30:00.123456+02:00", "s": 1_790_000_000, "ms": 1_790_000_000_120_i64,
        "no": "2026-99-99",
    });
    let like = mask(&event, &Named::default(), 3);
    let time = |key: &str| -> jiff::Timestamp { like[key].as_str().unwrap().parse().unwrap() };
    let original: jiff::Timestamp = event["a"].as_str().unwrap().parse().unwrap();
    let back = original.duration_since(time("a")).as_secs();
    assert!(back > 30 * 86_400);
    assert_eq!(like["s"].as_i64().unwrap(), 1_790_000_000 - back);
    assert_eq!(like["ms"].as_i64().unwrap(), 1_790_000_000_120 - back * 1_000);
    assert!(like["a"].as_str().unwrap().ends_with(".120Z"));
    assert!(like["d"].as_str().unwrap().ends_with("+02:00") && time("d") > time("a"));
    assert!(!like["d"].as_str().unwrap().contains("123456"));
    assert_eq!(like["b"].as_str().unwrap()[..10], like["a"].as_str().unwrap()[..10]);
    assert_eq!(like["c"].as_str().unwrap().len(), 10);
    assert_ne!(like["no"], event["no"]);
}

#[test]
fn small_numbers_and_what_is_named_stay() {
    let named = Named {
        values: ["user.created", "email", "58213"].map(str::to_owned).into(),
        phrases: ["your name".to_owned()].into(),
        keys: ["question_0123456789".to_owned()].into(),
    };
    let event = json!({
        "type": "user.created", "kind": "email", "n": 58_213, "few": 3, "yes": true, "none": null,
        "price": 9.5, "id": 58_214, "place": 52.5201, "title": "What is Your Name, Ada?",
        "ada@corp.com": 1, "key": { "4155550123-abcdefg": 1 },
        "question_0123456789": 7,
    });
    let like = mask(&event, &named, 1);
    for key in ["type", "kind", "n", "few", "yes", "none", "price", "question_0123456789"] {
        assert_eq!(like[key], event[key], "{key}");
    }
    for key in ["id", "place"] {
        assert_ne!(like[key], event[key], "{key}");
        assert_eq!(like[key].to_string().len(), event[key].to_string().len(), "{key}");
    }
    let title = like["title"].as_str().unwrap();
    assert!(title.contains(" Your Name, ") && !title.contains("Ada"), "{title}");
    assert!(!like.to_string().contains("corp.com") && !like.to_string().contains("4155550123"));
    // A text that is JSON is looked into.
    let raw = json!({ "raw": "{\"first_name\":\"Ada\",\"n\":[1,\"Byron\"]}" });
    let like = mask(&raw, &named, 1);
    let inner: Value = serde_json::from_str(like["raw"].as_str().unwrap()).unwrap();
    assert_eq!(inner["n"][0], 1);
    assert!(inner["first_name"].is_string() && inner["first_name"] != "Ada");
}

/// There are only so many numbers of four digits, and here each of them may be somebody's.
#[test]
fn a_list_of_all_short_numbers_is_masked_too() {
    let original = json!({ "all": (1_000..=9_999).collect::<Vec<_>>(), "texts": ["0000", "9999"] });
    let masked = mask(&original, &Named::default(), 1);
    let all = masked["all"].as_array().expect("it is still a list");
    assert_eq!(all.len(), 9_000);
    assert!(all.iter().all(|number| matches!(number.as_u64(), Some(1_000..=9_999))));
    assert_ne!(masked["all"], original["all"]);
}

#[test]
fn the_seed_alone_decides() {
    let event = json!({ "name": "Ada Lovelace", "email": "ada@corp.com", "at": "2026-09-21" });
    let masked = |seed| mask(&event, &Named::default(), seed);
    assert_eq!(masked(1), masked(1));
    assert_ne!(masked(1), masked(2));
    // What is drawn depends on shapes alone: another person of the same shape gets the same.
    let other = json!({ "name": "Bob Winterso", "email": "bob@acme.com", "at": "2026-09-21" });
    assert_eq!(masked(1), mask(&other, &Named::default(), 1));
}

/// Data of a person, and words to find it by.
fn person() -> impl Strategy<Value = (Value, Vec<String>)> {
    let name = "[A-ZÄØ][a-zäøñ]{3,12}";
    let word = prop_oneof![Just("Иванов".to_owned()), Just("山田太郎".to_owned()), name];
    (
        (word, "[A-Z][a-z]{4,9}", "[a-z]{4,10}", "[a-z]{4,8}\\.(com|io|co\\.uk)"),
        ("[2-9][0-9]{9}", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"),
        ("(cust|user)_[A-Za-z0-9]{16,24}", "[A-Z][a-z]{4,9} [a-z]{4,8} [0-9]{4}"),
    )
        .prop_map(|((first, last, local, domain), (phone, uuid), (id, street))| {
            let email = format!("{local}.{last}@{domain}");
            let value = json!({
                "id": id, "ref": { "id": id }, "names": [first, last, first.to_uppercase()],
                "email": email, "sub": format!("auth0|{uuid}"), "number": phone.parse::<u64>().ok(),
                "phone": format!("+{} {} {}", &phone[..2], &phone[2..6], &phone[6..]),
                "note": format!("{first} {last} of {street} wrote from {email} that all is well"),
                "url": format!("https://{domain}/{local}/{uuid}?mail={}", email.replace('@', "%40")),
                "raw": json!({ "who": [first, email] }).to_string(),
                email.clone(): { "street": street },
            });
            let mut canaries = vec![phone, uuid, id.split('_').nth(1).unwrap().to_owned()];
            canaries.extend([first, last, local].map(|word| word.to_lowercase()));
            canaries.extend(domain.split('.').map(str::to_owned));
            canaries.extend(street.split(' ').map(str::to_lowercase));
            // Few digits occur in other ids by chance.
            let is_short = |word: &String| {
                let digits = word.bytes().all(|byte| byte.is_ascii_digit());
                word.chars().count() < if digits { 8 } else { 4 }
            };
            canaries.retain(|word| !is_short(word));
            (value, canaries)
        })
}

/// All that a look-alike says, without the keys that stay.
fn said(value: &Value, said: &mut String) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| self::said(item, said)),
        Value::Object(members) => {
            for (key, value) in members {
                if key.contains('@') {
                    said.push_str(&format!("{key}\n"));
                }
                self::said(value, said);
            }
        }
        other => said.push_str(&format!("{other}\n")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_of_a_person_survives((person, canaries) in person(), seed in any::<u64>()) {
        let like = mask(&person, &Named::default(), seed);
        let mut all = String::new();
        said(&like, &mut all);
        let all = all.to_lowercase().replace("{\\\"who\\\"", "");
        for canary in canaries {
            prop_assert!(!all.contains(&canary.to_lowercase()), "{} is in {}", canary, like);
        }
    }

    #[test]
    fn the_structure_stays((person, _) in person(), seed in any::<u64>()) {
        fn same(a: &Value, b: &Value) -> bool {
            match (a, b) {
                (Value::Array(a), Value::Array(b)) => {
                    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
                }
                (Value::Object(a), Value::Object(b)) => {
                    a.len() == b.len() && a.values().zip(b.values()).all(|(a, b)| same(a, b))
                }
                (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
            }
        }
        prop_assert!(same(&person, &mask(&person, &Named::default(), seed)));
    }

    #[test]
    fn no_text_makes_masking_panic(text in "\\PC{0,60}", seed in any::<u64>()) {
        mask(&json!([text, { text.clone(): text.clone() }]), &Named::default(), seed);
    }
}
