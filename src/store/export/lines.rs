//! The lines of an export, one at a time: a file may be larger than memory, and so may a line that
//! is no line of an export at all.

use super::{LineFault, StoredEvent, read_line};
use std::io::{self, BufRead, Read};

/// The largest body that settings allow takes 86 MiB as Base64; leads and headers come on top.
pub(super) const LINE_BYTES_MAX: u64 = 128 << 20;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the lines of an export, blank ones left out. A line that can't be read costs the others
/// nothing.
pub struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    bytes_max: u64,
}

/// What a line holds, with its number, from 1.
#[derive(Debug)]
pub struct NumberedLine {
    pub number: u64,
    pub event: Result<StoredEvent, LineFault>,
}

impl<R: BufRead> Lines<R> {
    pub fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0, bytes_max: LINE_BYTES_MAX }
    }

    /// Reads the next line; `false` at the end, and an error where it is too long.
    fn advance(&mut self) -> io::Result<Result<bool, LineFault>> {
        self.line.clear();
        self.number += 1;
        let limit = self.bytes_max + 1;
        let read = self.input.by_ref().take(limit).read_until(b'\n', &mut self.line)?;
        if self.line.last() == Some(&b'\n') || (read as u64) < limit {
            return Ok(Ok(read > 0));
        }
        self.line = Vec::new();
        self.input.skip_until(b'\n')?;
        Ok(Err(LineFault::TooLong))
    }

    fn content(&self) -> &[u8] {
        let line = match self.number {
            1 => self.line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.line),
            _ => &self.line,
        };
        line.trim_ascii()
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<NumberedLine>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let event = match self.advance() {
                Err(error) => return Some(Err(error)),
                Ok(Ok(false)) => return None,
                Ok(Ok(true)) if self.content().is_empty() => continue,
                Ok(Ok(true)) => read_line(self.content()),
                Ok(Err(fault)) => Err(fault),
            };
            return Some(Ok(NumberedLine { number: self.number, event }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], bytes_max: u64, expected: &[(u64, Option<LineFault>)]) {
        let mut lines = Lines::new(bytes);
        lines.bytes_max = bytes_max;
        let found: Vec<_> = lines
            .map(|line| line.expect("memory can be read"))
            .map(|line| (line.number, line.event.err()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_are_numbered_and_none_costs_the_others() {
        let good = r#"{"id":"evt_0190a6f2000070008000000000000000","source":"a","received_at":"2026-01-01T00:00:00Z","json":1}"#;
        let limit = good.len() as u64 + 2;
        check(b"", limit, &[]);
        check(good.as_bytes(), limit, &[(1, None)]);
        let text = format!("\u{feff}{good}\r\n\n{good} \n{good}");
        check(text.as_bytes(), limit + 3, &[(1, None), (3, None), (4, None)]);
        let text = format!("{}\n{good}\n{{}}\n", "x".repeat(200));
        let invalid = LineFault::Invalid("json");
        check(
            text.as_bytes(),
            limit,
            &[(1, Some(LineFault::TooLong)), (2, None), (3, Some(invalid))],
        );
        // The longest that passes, with and without an end.
        check(good.as_bytes(), good.len() as u64, &[(1, None)]);
        check(good.as_bytes(), good.len() as u64 - 1, &[(1, Some(LineFault::TooLong))]);
    }
}
