//! Mapping files that nobody would write: whatever they hold, what is said of them is bounded, and
//! points into them.

use super::{HEAD, OneFile, said_of};
use leadhook::diagnostic::{Diagnostic, Place, render_all};
use leadhook::topology::{Folder, Shipped};
use proptest::prelude::*;

/// More than one file can be said to have.
const FAULTS_MAX: usize = 600;
const SHOWN_BYTES_MAX: usize = 256 * 1024;

/// What is said of `text`, which is checked to be bounded, harmless and in place.
fn checked(text: &str) -> Vec<Diagnostic> {
    let faults = said_of(&OneFile { name: "clerk.toml".to_owned(), text: text.to_owned() });
    assert!(faults.len() <= FAULTS_MAX, "{}", faults.len());
    for fault in &faults {
        if let Place::Text { span, .. } = &fault.place {
            assert!(text.get(span.clone()).is_some(), "{span:?}: {fault:?}");
        }
    }
    let shown = render_all(&faults);
    assert!(shown.len() <= SHOWN_BYTES_MAX, "{}", shown.len());
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
    faults
}

fn with(body: &str) -> String {
    format!(
        "{HEAD}[lead.body]\nclickId = \"$.data.id\"\neventName = \"e\"\n\
         customerExternalId = \"$.data.id\"\n{body}\n"
    )
}

#[test]
fn what_nests_without_end_is_refused() {
    const DEEP: usize = 20_000;
    for (open, close) in [("[", "]"), ("{ a = ", " }"), ("{ first = [", "] }"), ("{ from = ", " }")]
    {
        for inner in ["1", ""] {
            let nested = format!("{}{inner}{}", open.repeat(DEEP), close.repeat(DEEP));
            assert!(!checked(&with(&format!("metadata = {nested}"))).is_empty());
            assert!(!checked(&with(&format!("metadata = {}", open.repeat(DEEP)))).is_empty());
        }
    }
    let path = vec!["a"; DEEP].join(".");
    for text in [format!("{path} = 1"), format!("[{path}]"), format!("[[{path}]]")] {
        assert!(!checked(&text).is_empty());
        assert!(!checked(&with(&text)).is_empty());
    }
}

#[test]
fn what_repeats_without_end_is_bounded() {
    const MANY: usize = 2_000;
    let rule = "[[lead]]\nname = \"a\"\n";
    let case = "[[case]]\nname = \"a\"\n";
    for text in [rule.repeat(MANY), case.repeat(MANY), "[a]\n".repeat(MANY), "= \n".repeat(MANY)] {
        assert!(!checked(&text).is_empty());
        assert!(!checked(&with(&text)).is_empty());
    }
    let unknown: String = (0..MANY).map(|number| format!("key{number} = 1\n")).collect();
    checked(&unknown);
    checked(&with(&unknown));
    let members = vec!["\"$.nothing\""; MANY].join(", ");
    checked(&with(&format!("customerName = {{ first = [{members}] }}")));
    let queries = vec!["\"$.data.nothing\""; 200].join(", ");
    checked(&with(&format!("metadata = {{ a = {{ all = [{queries}] }} }}")));
    let case =
        |number| format!("[[case]]\nname = \"{number}\"\nevent = \"a.json\"\nignored = true\n");
    let faults = checked(&with(&(0..MANY).map(case).collect::<String>()));
    assert!(faults[0].message.contains("at most 256 cases"), "{faults:?}");
}

#[test]
fn a_file_that_is_too_large_is_not_even_read() {
    let text = format!("{HEAD}{}", "# x\n".repeat(70_000));
    let faults = checked(&text);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].message.contains("larger than 262144 bytes"), "{faults:?}");
}

#[test]
fn one_endless_line_is_shown_in_part() {
    let long = "x".repeat(200_000);
    for text in [
        format!("{long} = 1"),
        format!("\"{long}\\u001b[31m\" = 1"),
        long.clone(),
        with(&format!("customerName = \"$.{long}\"")),
        with(&format!("customerName = \"{long}\"")),
        with(&format!("{long} = 1 # {long}").replacen('x', "é", 5_000)),
        with(&format!("when = \"{long}\"")),
    ] {
        for fault in checked(&text) {
            assert!(fault.message.len() + fault.hint.unwrap_or_default().len() < 10_000);
        }
    }
}

#[test]
fn costly_regular_expressions_are_refused() {
    for pattern in [
        "(a{99}){99}",
        "(((((a+)+)+)+)+)+{999}",
        "[a-z]{9999}",
        "\\\\pL{999}",
        "((((((((((((((((((((a",
    ] {
        let condition = format!("when = '''search(@.data.id, '{pattern}')'''");
        let text = format!("{HEAD}{condition}\n[lead.body]\neventName = \"e\"\n");
        assert!(!checked(&text).is_empty(), "{pattern}");
    }
}

/// Checks that the only fault of `text` covers `expected`, in this line and column.
#[track_caller]
fn points_at(text: &str, expected: &str, line: usize, column: usize) {
    let faults = checked(text);
    let [fault] = faults.as_slice() else { panic!("{}", render_all(&faults)) };
    let Place::Text { text: source, span } = &fault.place else { panic!("{fault:?}") };
    assert_eq!(&text[span.clone()], expected);
    assert_eq!(source.line_column(span.start), (line, column));
}

#[test]
fn places_are_right_whatever_the_file_is_written_with() {
    let field = "customerName = { value = \"é😀\" }\nmode = \"later\"";
    let plain = with(field);
    points_at(&plain, "\"later\"", 11, 8);
    points_at(&format!("\u{feff}{plain}"), "\"later\"", 11, 8);
    points_at(&plain.replace('\n', "\r\n"), "\"later\"", 11, 8);
    points_at(&plain.replacen('\n', "\r\n", 5), "\"later\"", 11, 8);
    let query = "customerName = \"\"\"\r\n$.data.\\\r\n  é[?@.a = 1]\"\"\"";
    points_at(&with(query), "=", 12, 10);
    let unicode = "metadata = { é = \"x\", n = \"$.data.ü[0\" }";
    let unicode = with(&unicode.replace("{ é", "{ \"é\""));
    points_at(&unicode, "[", 10, 38);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_change_of_a_shipped_file_does_harm(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0..200_usize,
        put in prop_oneof![
            "[\"'\\[\\]{}=$@.,\\\\\n\r#é\u{feff}\u{0}]{0,8}",
            Just("\"\"\"".to_owned()),
            Just("$.data[?@.a == ".to_owned()),
            Just("[lead.body]\n".to_owned()),
            Just("\t[[case]]\r\nevent = \"".to_owned()),
        ],
    ) {
        let files = Shipped.mapping_files().unwrap();
        let text = files[which.index(files.len())].text.clone().unwrap();
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        chars.splice(at..(at + length).min(text.chars().count()), put.chars());
        checked(&chars.into_iter().collect::<String>());
    }

    #[test]
    fn no_garbage_does_harm(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
        checked(&String::from_utf8_lossy(&bytes));
        checked(&with(&String::from_utf8_lossy(&bytes)));
    }
}

#[test]
fn a_large_heap_of_garbage_does_no_harm() {
    let signs = ["[", "]", "{", "}", "=", "\"", "'", "\n", "a", ".", ",", "#", "$", "\u{1}", "é"];
    // A fixed sequence without a pattern.
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        signs[usize::try_from(state >> 33).unwrap_or(0) % signs.len()]
    };
    let garbage: String = (0..200_000).map(|_| next()).collect();
    checked(&garbage);
    checked(&with(&garbage));
}
