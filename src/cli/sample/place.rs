//! Where a sample is put, and what it is called.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// What samples are called that were given no name.
const UNNAMED: &str = "sample";
const NUMBER_MAX: usize = 1_000;

/// Writes a new file `samples/<own>/<type>.<name>.<ending>` below `folder`, and answers its path
/// relative to that. Without a name, the first free one is taken.
///
/// # Errors
/// A sentence: it is there already, or can't be written.
pub(super) fn write(
    folder: &Path,
    own: &str,
    event_type: &str,
    name: Option<&str>,
    ending: &str,
    text: &str,
) -> Result<String, String> {
    let below = format!("samples/{own}");
    std::fs::create_dir_all(folder.join(&below))
        .map_err(|error| format!("{} can't be made: {error}", folder.join(&below).display()))?;
    let numbered = (1..=NUMBER_MAX).map(|number| match number {
        1 => UNNAMED.to_owned(),
        _ => format!("{UNNAMED}-{number}"),
    });
    let names: Vec<_> = name.map_or_else(|| numbered.collect(), |name| vec![name.to_owned()]);
    for name in names {
        let path = format!("{below}/{}.{name}.{ending}", file_part(event_type));
        match create(&folder.join(&path), text) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(format!("{path} can't be written: {error}")),
        }
    }
    Err("a sample of this name is there already; choose another `--name`".to_owned())
}

fn create(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// An event's type as a part of a file's name: it is the provider's word, and may hold anything.
fn file_part(event_type: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let part: String =
        event_type.chars().take(64).map(|c| if is_plain(c) { c } else { '-' }).collect();
    let part = part.trim_matches('.').to_owned();
    if part.is_empty() { "event".to_owned() } else { part }
}

#[cfg(test)]
mod tests {
    use super::file_part;

    #[test]
    fn types_become_names_of_files() {
        for (event_type, expected) in [
            ("user.created", "user.created"),
            ("../a b/ü", "-a-b--"),
            ("", "event"),
            ("..", "event"),
        ] {
            assert_eq!(file_part(event_type), expected);
        }
    }
}
