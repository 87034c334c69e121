//! Mapping files on disk.

use crate::diagnostic::{Code, Diagnostic, Place, did_you_mean};
use crate::model::SourceName;
use crate::topology::Folder;
use std::path::{Path, PathBuf};

/// No sample is larger.
const SAMPLE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Mapping files: those of a folder, or some named ones.
#[derive(Debug)]
pub(super) struct Disk {
    /// Where samples are looked for.
    folder: PathBuf,
    files: Result<Vec<PathBuf>, Diagnostic>,
}

impl Disk {
    /// Every `*.toml` of a folder.
    pub(super) fn folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), files: list(folder) }
    }

    /// One path: a mapping file, or a folder of them.
    pub(super) fn path(path: &Path) -> Self {
        if path.is_dir() {
            return Self::folder(path);
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self { folder, files: Ok(vec![path.to_owned()]) }
    }

    /// A warning where there is no mapping file, and so no source.
    pub(super) fn no_sources(&self) -> Option<Diagnostic> {
        self.files.as_ref().ok().filter(|files| files.is_empty())?;
        let place = Place::Path(self.folder.display().to_string());
        let message = "there is no mapping file here, and so no source: every request is refused";
        Some(Diagnostic::warning(Code::NoSources, place, message).hint(
            "leadhook's own folder `mappings` has ready ones; their names end in .toml".to_owned(),
        ))
    }
}

impl Folder for Disk {
    fn mapping_files(&self) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
        let paths = self.files.as_ref().map_err(|fault| vec![fault.clone()])?;
        let mut files = Vec::new();
        let mut faults = Vec::new();
        for path in paths {
            match read(path) {
                Ok(text) => files.push((path.display().to_string(), text)),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(files) } else { Err(faults) }
    }

    fn sample(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.folder.join(path);
        let metadata = std::fs::metadata(&path).map_err(|error| error.to_string())?;
        if metadata.len() > SAMPLE_BYTES_MAX {
            return Err("it is larger than 4 MiB".to_owned());
        }
        // Reading a pipe or a device may never end.
        if !metadata.is_file() {
            return Err("it is no file".to_owned());
        }
        std::fs::read(&path).map_err(|error| error.to_string())
    }
}

/// The mapping file of a source, in a folder of them.
pub(super) fn of_source(folder: &Path, source: &SourceName) -> Result<PathBuf, Diagnostic> {
    let files = list(folder)?;
    let stem = |path: &PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let found = files.iter().find(|path| stem(path).as_deref() == Some(source.as_str()));
    found.cloned().ok_or_else(|| {
        let names: Vec<_> = files.iter().filter_map(stem).collect();
        let hint = did_you_mean(source.as_str(), names.iter().map(String::as_str))
            .unwrap_or_else(|| format!("there are: {}", names.join(", ")));
        let place = Place::Path(folder.display().to_string());
        let message = format!("there is no mapping file of a source `{source}`");
        Diagnostic::error(Code::SourceUnknown, place, message).hint(hint)
    })
}

/// The text of a mapping file.
pub(super) fn read(path: &Path) -> Result<String, Diagnostic> {
    let fault = |why: &str| unreadable(path.display().to_string(), why);
    let bytes = std::fs::read(path).map_err(|error| fault(&error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| fault("it is not UTF-8 text"))
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let fault = |error: std::io::Error| {
        unreadable(folder.display().to_string(), &error.to_string()).hint(
            "mapping files live in one folder: set it by LEADHOOK_MAPPINGS or `mappings = \"...\"`"
                .to_owned(),
        )
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.extension().is_some_and(|extension| extension == "toml")
            && !hidden
            && path.is_file()
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn unreadable(name: String, error: &str) -> Diagnostic {
    let message = format!("it can't be read: {error}");
    Diagnostic::error(Code::FileUnreadable, Place::Path(name), message)
}
