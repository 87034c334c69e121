//! Output that can't fail, whoever closes the pipe has read enough; and that no terminal obeys.

/// Prints a line to stdout: data.
macro_rules! out {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

/// Prints a line to stderr: everything but data.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}

/// Text from outside, with nothing in it that a terminal would obey. Quotes and backslashes stay.
pub(super) fn printable(text: &str) -> String {
    let harmless = |c: char| matches!(c, '"' | '\'' | '\\');
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if harmless(c) { shown.push(c) } else { shown.extend(c.escape_debug()) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_terminal_is_never_told_what_to_do() {
        let text = "a\u{1b}[31m\u{202e}\u{9b}ü \"\\'";
        assert_eq!(printable(text), "a\\u{1b}[31m\\u{202e}\\u{9b}ü \"\\'");
    }
}
