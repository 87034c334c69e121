//! The shape of a JSON text, without parsing it: for what a parser doesn't tell.
//!
//! Only brackets, braces and commas outside strings are looked at; what they say holds for any
//! valid JSON, and is harmless for anything else.

/// The raw texts of the elements of an array, in order; `text` must be a valid JSON array.
pub(super) fn elements(text: &str) -> Vec<&str> {
    let (mut elements, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, byte) in marks(text) {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth == 1 {
                    start = at + 1;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends_element = (byte == b',' && depth == 1) || (byte == b']' && depth == 0);
        if ends_element {
            elements.push(text.get(start..at).unwrap_or_default().trim_ascii());
            start = at + 1;
        }
    }
    // Between the brackets of an empty array there is a blank, which is no element.
    elements.retain(|element| !element.is_empty());
    elements
}

/// The deepest nesting of `text`.
pub(super) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for (_, byte) in marks(text) {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Brackets, braces and commas outside strings, each with its offset.
fn marks(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let (mut in_string, mut escaped) = (false, false);
    text.bytes().enumerate().filter(move |(_, byte)| {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            return false;
        }
        in_string = *byte == b'"';
        matches!(byte, b'[' | b']' | b'{' | b'}' | b',')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(elements(text), expected);
    }

    #[test]
    fn elements_are_cut_where_they_end() {
        check("[]", &[]);
        check(" [ \n ] ", &[]);
        check("[1]", &["1"]);
        check(" [ {\"a\" : [1, 2]} ,\n[], \"x\" ]\n", &["{\"a\" : [1, 2]}", "[]", "\"x\""]);
        check(
            r#"["],[","\"],","\\",{"}":","}]"#,
            &[r#""],[""#, r#""\"],""#, r#""\\""#, r#"{"}":","}"#],
        );
    }

    #[test]
    fn depth_counts_brackets_outside_strings() {
        assert_eq!(depth("1"), 0);
        assert_eq!(depth("{\"[[[\":[[]]}"), 3);
        assert_eq!(depth("]]]][["), 2);
        assert_eq!(depth("\"\\\"[["), 0);
    }

    proptest! {
        #[test]
        fn cutting_agrees_with_parsing(texts in prop::collection::vec(".{0,8}", 0..6)) {
            let nested = |text: &String| serde_json::json!({ text.as_str(): [text, 1, {}] });
            let values: Vec<_> = texts.iter().map(nested).collect();
            let text = serde_json::to_string_pretty(&values).unwrap();
            let cut: Vec<serde_json::Value> =
                elements(&text).into_iter().map(|one| serde_json::from_str(one).unwrap()).collect();
            prop_assert_eq!(cut, values);
        }

        #[test]
        fn any_text_can_be_looked_at(text in "[\\[\\]{},\"\\\\a]{0,40}") {
            let _ = (elements(&text), depth(&text));
        }
    }
}
