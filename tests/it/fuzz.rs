//! The bodies of the fuzz targets, with random input that is near to what they read.

#[path = "../../fuzz/src/lib.rs"]
mod bodies;

use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// The texts of all files in the folder.
fn texts(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let texts = paths.filter(|path| path.is_file()).map(fs::read_to_string);
    texts.collect::<Result<_, _>>().expect("they are texts")
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..200)
}

/// Bodies of all formats, nearly.
fn near_a_body() -> impl Strategy<Value = Vec<u8>> {
    "([\\[\\]{},:\"\n&=.]|--x|\r\n|name=|\"(data|events|entry|type|id)\":|[a-e0-9]){0,40}"
        .prop_map(String::into_bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn signature_header(
        at in any::<usize>(),
        values in prop::collection::vec("((v1,|v0=|sha256=|Bearer |Basic |t=)?[ -~é]{0,60}){0,2}", 0..6),
        query in "([a-z.]{1,9}=[ -~]{0,9}&?){0,2}",
        body in prop_oneof![any_bytes(), near_a_body()],
        millis in any::<i64>(),
    ) {
        bodies::signature_header(at, &values, &query, &body, millis);
    }

    #[test]
    fn split(
        at in any::<usize>(),
        content_type in "(application/(json|jwt|x-www-form-urlencoded)|multipart/form-data; boundary=x|[ -~]{0,9})",
        encoding in "(gzip|deflate|br|,){0,2}",
        body in prop_oneof![any_bytes(), near_a_body()],
        events_max in 0..5_usize,
    ) {
        bodies::split(at, &content_type, &encoding, &body, events_max);
        bodies::split(at, &content_type, "", &body, events_max);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Our own files with a part of one in the place of a part of another.
    #[test]
    fn declaration(
        text in prop::sample::select([texts("mappings"), texts("src/provider/catalogue")].concat()),
        other in prop::sample::select(texts("src/provider/catalogue")),
        cuts in prop::array::uniform4(any::<prop::sample::Index>()),
        noise in "\\PC{0,9}",
    ) {
        let place = |text: &str, cut: prop::sample::Index| {
            (0..=cut.index(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
        };
        let [from, to] = [cuts[0], cuts[1]].map(|cut| place(&text, cut));
        let [begin, end] = [cuts[2], cuts[3]].map(|cut| place(&other, cut));
        let part = &other[begin.min(end)..begin.max(end)];
        let mixed = format!("{}{noise}{part}{}", &text[..from.min(to)], &text[from.max(to)..]);
        bodies::declaration(&mixed);
    }
}
