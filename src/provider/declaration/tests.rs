//! What a provider's file may say, and how its faults are told.

use super::*;

const HMAC: &str = "kind='hmac'\nalgorithm='sha256'\nheader='X-Sig'\nencoding='hex'\n";

#[track_caller]
fn check(signature: &str, rest: &str, expected: &[(Code, &str)]) {
    let text = format!("name='x'\ntitle='X'\n{signature}\n{rest}");
    let faults = read("x.toml", &text).err().unwrap_or_default();
    let told: Vec<_> = faults
        .iter()
        .map(|fault| match &fault.place {
            Place::Text { span, .. } => (fault.code, &text[span.clone()]),
            _ => (fault.code, ""),
        })
        .collect();
    assert_eq!(told, expected, "{faults:?}");
}

#[track_caller]
fn check_signature(lines: &str, expected: &[(Code, &str)]) {
    check(&format!("[signature]\n{lines}"), "[event]", expected);
}

#[test]
fn a_small_file_is_enough() {
    check_signature(HMAC, &[]);
    check_signature("kind='token'\nheader='authorization'", &[]);
    check_signature("kind='token'\nquery='key'", &[]);
    check_signature("kind='basic'", &[]);
    check("[auth]\ndefault='a'\n[auth.a]\nkind='basic'", "[event]\n[response]\nstatus=204", &[]);
}

#[test]
fn unknown_keys_are_faults_everywhere() {
    check_signature(&format!("{HMAC}headr='x'"), &[(Code::KeyUnknown, "headr")]);
    check_signature("kind='basic'\nencoding='hex'", &[(Code::KeyUnknown, "encoding")]);
    let signature = "[signature]\nkind='basic'";
    check(signature, "[event]\nkind='x'", &[(Code::KeyUnknown, "kind")]);
    check(signature, "[event]\nid={headers='x'}", &[(Code::KeyUnknown, "headers")]);
    check(signature, "[event]\n[response]\ncode=1", &[(Code::KeyUnknown, "code")]);
    check("extra=1\n[signature]\nkind='basic'", "[event]", &[(Code::KeyUnknown, "extra")]);
    check(
        "[auth]\ndefault='a'\nx=1\n[auth.a]\nkind='basic'",
        "[event]",
        &[(Code::KeyUnknown, "x")],
    );
}

#[test]
fn values_are_checked() {
    check_signature("kind='hmack'", &[(Code::ValueInvalid, "'hmack'")]);
    check_signature(&HMAC.replace("sha256", "md5"), &[(Code::ValueInvalid, "'md5'")]);
    check_signature(&HMAC.replace("'hex'", "1"), &[(Code::ValueWrongType, "1")]);
    check_signature(&format!("{HMAC}signed='{{path}}'"), &[(Code::ValueInvalid, "'{path}'")]);
    check_signature("kind='token'\nheader='a'\nquery='b'", &[(Code::ValueInvalid, "'b'")]);
    let signature = "[signature]\nkind='basic'";
    check(signature, "[event]\nid='$['", &[(Code::QuerySyntax, "'$['")]);
    check(signature, "[event]\n[response]\nstatus=404", &[(Code::ValueInvalid, "404")]);
    check("[auth]\ndefault='b'\n[auth.a]\nkind='basic'", "[event]", &[(Code::ValueInvalid, "'b'")]);
}

#[test]
fn types_and_open_values_are_lists() {
    let signature = "[signature]\nkind='basic'";
    check(signature, "[event]\ntypes=['a','b']\nopen=['$.c','$.d']", &[]);
    check(signature, "[event]\ntypes=[1]", &[(Code::ValueWrongType, "[1]")]);
    check(signature, "[event]\nopen=['$.c','d']", &[(Code::QuerySyntax, "'d'")]);
}

#[test]
fn events_can_be_written_in_several_ways() {
    let event = |lines: &str, expected: &[(Code, &str)]| {
        check("[signature]\nkind='basic'", &format!("[event]\n{lines}"), expected);
    };
    event("format='json-lines'", &[]);
    event("format=['urlencoded','multipart','json','jwt']\nbatch='$.a[*].b[*]'", &[]);
    event("format=['json','xml']", &[(Code::ValueInvalid, "'xml'")]);
    event("format=['json','json-lines']\nbatch='$'", &[(Code::ValueInvalid, "'$'")]);
    event("json_fields=['$.a','$.b[0]']", &[]);
    for several in ["'$.a[*]'", "'$'"] {
        event(&format!("json_fields=[{several}]"), &[(Code::ValueInvalid, several)]);
    }
}

#[test]
fn events_are_named_by_places() {
    let event = |lines: &str, expected: &[(Code, &str)]| {
        check("[signature]\nkind='basic'", &format!("[event]\n{lines}"), expected);
    };
    event("id={claim='jti'}\ntype={header='X-Event'}", &[]);
    event("id={first=['$.id',{header='x-id'},{claim='jti'}]}", &[]);
    event("type={join=['$.source','$.action'],with='.'}", &[]);
    event("type={join=['$.a']}", &[(Code::KeyMissing, "{join=['$.a']}")]);
    event("type={first=[]}", &[(Code::ValueWrongType, "[]")]);
    event("id={first=['$.a'],with='.'}", &[(Code::KeyUnknown, "with")]);
    event("id={claim='a',header='b'}", &[(Code::KeyUnknown, "header")]);
    event("id={claim=''}", &[(Code::ValueInvalid, "''")]);
    event("id=1", &[(Code::ValueWrongType, "1")]);
    let both = [(Code::QuerySyntax, "'a'"), (Code::ValueWrongType, "2")];
    event("id={first=['a',2]}", &both);
    let nested = "{first=['$.a']}";
    let faults = [(Code::KeyMissing, nested), (Code::KeyUnknown, "first")];
    event(&format!("id={{first=[{nested}]}}"), &faults);
}

#[test]
fn a_timestamp_is_one_placeholder_that_is_signed() {
    let signed = |timestamp: &str| {
        format!("{HMAC}signed='{{header:t}}.{{body}}'\ntimestamp='{timestamp}'\ntolerance=60")
    };
    check_signature(&signed("{header:T}"), &[]);
    check_signature(&signed("{header:u}"), &[(Code::ValueInvalid, "'{header:u}'")]);
    check_signature(&signed("{body}"), &[(Code::ValueInvalid, "'{body}'")]);
    check_signature(&signed("{header:t}0"), &[(Code::ValueInvalid, "'{header:t}0'")]);
    check_signature(&format!("{HMAC}tolerance=0"), &[(Code::ValueInvalid, "0")]);
}

#[test]
fn all_faults_are_told_at_once() {
    let faults = read("x.toml", "nam='x'\n[signature]\nkind='hmac'\n").unwrap_err();
    let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
    let missing = codes.iter().filter(|code| **code == Code::KeyMissing).count();
    // `name` is only misspelt.
    assert_eq!((missing, codes.len()), (5, 6), "{faults:?}");
    let unknown = faults.last().unwrap();
    assert_eq!(unknown.hint.as_deref(), Some("did you mean `name`?"));
    assert_eq!(read("x.toml", "name=").unwrap_err()[0].code, Code::TomlSyntax);
}

#[test]
fn a_hash_covers_the_secret_and_nothing_else_does() {
    let hash = HMAC.replace("hmac", "hash");
    check_signature(&format!("{hash}signed='{{secret}}{{body}}'"), &[]);
    check_signature(&hash, &[(Code::KeyMissing, "[signature]")]);
    check_signature(&format!("{hash}signed='{{body}}'"), &[(Code::ValueInvalid, "'{body}'")]);
    let signed = "signed='{secret}{body}'";
    check_signature(&format!("{HMAC}{signed}"), &[(Code::ValueInvalid, "'{secret}{body}'")]);
}

#[test]
fn algorithms_of_tokens_are_pinned_and_of_one_kind_of_key() {
    let jwt = |lines: &str| format!("kind='jwt'\nheader='X-Token'\n{lines}");
    let hs = "algorithms=['HS256','HS512']\nkeys='secret'\nbody_hash_claim='h'";
    check_signature(&jwt(hs), &[]);
    let rs = "algorithms='RS256'\nkeys='jwks'\njwks_url='https://a.example'";
    check_signature(&jwt(rs), &[]);
    for source in ["body", "$.token"] {
        let signature = format!("[signature]\nkind='jwt'\nsource='{source}'\n{rs}");
        check(&signature, "[event]\nformat='jwt'", &[]);
        check(&signature, "[event]\nformat=['json','jwt']", &[]);
        check(&signature, "[event]", &[(Code::ValueInvalid, "[event]")]);
    }
    let way =
        |name: &str, source: &str| format!("[auth.{name}]\nkind='jwt'\nsource='{source}'\n{rs}\n");
    let both = format!("[auth]\ndefault='a'\n{}{}", way("a", "body"), way("b", "$.token"));
    check(&both, "[event]\nformat='jwt'", &[(Code::ValueInvalid, "[event]")]);
    check_signature(&jwt("keys='secret'"), &[(Code::KeyMissing, "[signature]")]);
    check_signature(&jwt("algorithms=['none']\nkeys='secret'"), &[(Code::ValueInvalid, "'none'")]);
    check_signature(
        &jwt("algorithms=['RS256','HS256']\nkeys='jwks'"),
        &[(Code::ValueInvalid, "'HS256'")],
    );
    check_signature(&jwt(&rs.replace("jwks'", "secret'")), &[(Code::ValueInvalid, "[signature]")]);
    check_signature(
        &jwt(&hs.replace("'secret'", "'jwks'")),
        &[(Code::ValueInvalid, "[signature]")],
    );
    check_signature(&format!("kind='jwt'\n{hs}"), &[(Code::KeyMissing, "[signature]")]);
    check_signature(
        &format!("kind='jwt'\nsource='$.a.b'\n{rs}"),
        &[(Code::ValueInvalid, "'$.a.b'")],
    );
    check_signature(
        &format!("kind='jwt'\nsource='body'\nbody_hash_claim='h'\n{rs}"),
        &[(Code::ValueInvalid, "[signature]")],
    );
    check_signature(&jwt(&format!("source='body'\n{rs}")), &[(Code::ValueInvalid, "'body'")]);
}

/// Checks the faults of a mapping file that declares its own provider.
#[track_caller]
fn check_custom(text: &str, expected: &[(Code, &str)]) {
    let source = Arc::new(SourceText::new("x.toml", text));
    let faults = read_custom(&source, text).err().unwrap_or_default();
    let told: Vec<_> = faults.iter().map(|fault| (fault.code, &text[span(fault)])).collect();
    assert_eq!(told, expected, "{faults:?}");
}

fn span(fault: &Diagnostic) -> std::ops::Range<usize> {
    match &fault.place {
        Place::Text { span, .. } => span.clone(),
        place => panic!("{place:?}"),
    }
}

#[test]
fn a_mapping_file_declares_by_the_same_tables_and_says_more() {
    let text = format!("provider='custom'\nlead=[]\n[signature]\n{HMAC}[event]\nid='$.id'\n");
    let provider = read_custom(&Arc::new(SourceText::new("x.toml", &text)), &text).unwrap();
    assert!(provider.is_custom());
    assert_eq!((provider.title(), provider.response_status()), ("the sender", 200));
    check_custom(&format!("title=1\n{text}"), &[(Code::ValueWrongType, "1")]);
    check_custom(&text.replace("sha256", "md5"), &[(Code::ValueInvalid, "'md5'")]);
    check_custom(&format!("{text}x=1"), &[(Code::KeyUnknown, "x")]);
    check_custom(&format!("{text}[response]\nstatus=500"), &[(Code::ValueInvalid, "500")]);
    // That a table is absent, others tell.
    for absent in ["[event]", "[signature]\nkind='basic'"] {
        let faults = read_custom(&Arc::new(SourceText::new("x.toml", absent)), absent);
        assert!(faults.unwrap_err().is_empty(), "{absent}");
    }
}

#[test]
fn vectors_are_read_with_the_signature() {
    let vector = |signature: &str, lines: &str, expected: &[(Code, &str)]| {
        let text = format!("[signature]\n{signature}\n[[signature.vector]]\n{lines}\n[event]");
        check_custom(&text, expected);
    };
    let basic = "kind='basic'";
    vector(basic, "expected='valid'", &[]);
    vector(
        basic,
        "name='a'\nsecret='a:b'\nat='2026-01-01T00:00:00Z'\nmethod='POST'\nurl='/a?b=c'\n\
         headers={authorization='Basic x'}\nbody='{}'\nexpected='signature_malformed'",
        &[],
    );
    vector(basic, "", &[(Code::KeyMissing, "[[signature.vector]]")]);
    vector(basic, "expected='vaild'", &[(Code::ValueInvalid, "'vaild'")]);
    vector(basic, "expected='body_too_large'", &[(Code::ValueInvalid, "'body_too_large'")]);
    vector(basic, "expcted='valid'\nexpected='valid'", &[(Code::KeyUnknown, "expcted")]);
    vector(basic, "at='today'\nexpected='valid'", &[(Code::ValueInvalid, "'today'")]);
    vector(basic, "url='a.example'\nexpected='valid'", &[(Code::ValueInvalid, "'a.example'")]);
    vector(basic, "headers={a=1}\nexpected='valid'", &[(Code::ValueWrongType, "1")]);
    vector(basic, "body_base64='{}'\nexpected='valid'", &[(Code::ValueInvalid, "'{}'")]);
    let both = "body='{}'\nbody_base64='e30='\nexpected='valid'";
    vector(basic, both, &[(Code::ValueInvalid, "'e30='")]);
    let here = &[(Code::KeyMissing, "[[signature.vector]]")];
    let timed = format!("{HMAC}signed='{{header:t}}{{body}}'\ntimestamp='{{header:t}}'");
    vector(&timed, "expected='valid'", here);
    vector(&format!("{HMAC}signed='{{url}}{{body}}'"), "expected='valid'", here);
    let jwt = "kind='jwt'\nheader='a'\nalgorithms=['HS256']\nkeys='secret'";
    vector(jwt, "expected='valid'", here);
    // A fault of the scheme hides none of its vectors.
    vector(
        "kind='bsic'",
        "at=1\nexpected='valid'",
        &[(Code::ValueInvalid, "'bsic'"), (Code::ValueWrongType, "1")],
    );
    let many = "[[signature.vector]]\nexpected='valid'\n".repeat(vector::VECTORS_MAX + 1);
    let text = format!("[signature]\n{basic}\n{many}[event]");
    check_custom(&text, &[(Code::ValueInvalid, "[[signature.vector]]")]);
}
