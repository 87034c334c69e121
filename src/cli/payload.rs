//! The body of a request that a command is given: a file, or stdin.

use super::Ended;
use bytes::Bytes;
use std::fs::File;
use std::io::{IsTerminal, Read, stdin};
use std::path::Path;

/// Reads it, or says why it can't be read. No path and `-` are stdin.
pub(super) fn read(path: Option<&Path>, bytes_max: u64) -> Result<Bytes, Ended> {
    let limited = |from: &mut dyn Read| limited(from, bytes_max + 1);
    let (name, bytes) = match path {
        Some(path) if path != Path::new("-") => {
            (path.display().to_string(), File::open(path).and_then(|mut file| limited(&mut file)))
        }
        None if stdin().is_terminal() => {
            say!("error: there is no payload: name a file, or pipe it in");
            return Err(Ended::Machine);
        }
        _ => ("standard input".to_owned(), limited(&mut stdin().lock())),
    };
    match bytes {
        Ok(bytes) if bytes.len() as u64 > bytes_max => {
            say!("error: {name}: the payload is larger than {} MiB", bytes_max / 1024 / 1024);
            Err(Ended::Input)
        }
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => {
            say!("error: {name}: {error}");
            Err(Ended::Machine)
        }
    }
}

/// No further than that: the path may be that of a device without an end.
fn limited(from: &mut dyn Read, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}
