//! Writing files that others may be reading: a service that runs watches mapping files.

use std::io::ErrorKind;
use std::path::Path;

/// Makes `text` the content of the file at `path` at once, so that nobody ever reads half of it. A
/// file that is there keeps its permissions, and a link leads to the same file as before.
///
/// # Errors
/// Where it can't be written; the file is then as it was.
pub(super) fn whole(path: &Path, text: &str) -> std::io::Result<()> {
    let (path, permissions) = match std::fs::canonicalize(path) {
        Ok(path) => {
            let permissions = std::fs::metadata(&path)?.permissions();
            (path, Some(permissions))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => (path.to_owned(), None),
        Err(error) => return Err(error),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Its name ends in no way that anybody looks for.
    let beside = path.with_file_name(format!(".{name}.new"));
    let written = std::fs::write(&beside, text)
        .and_then(|()| permissions.map_or(Ok(()), |it| std::fs::set_permissions(&beside, it)))
        .and_then(|()| std::fs::rename(&beside, &path));
    if written.is_err() {
        // What is left of it harms nobody, but nobody needs it.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::whole;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_file_is_replaced_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        whole(&at("new"), "1").unwrap();
        assert_eq!(fs::read_to_string(at("new")).unwrap(), "1");
        fs::set_permissions(at("new"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink(at("new"), at("link")).unwrap();
        whole(&at("link"), "2").unwrap();
        assert_eq!(fs::read_to_string(at("new")).unwrap(), "2");
        assert_eq!(fs::metadata(at("new")).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        assert!(whole(&at("nowhere/file"), "3").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
