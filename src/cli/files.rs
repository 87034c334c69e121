//! Mapping files on disk.

use crate::diagnostic::{Code, Diagnostic, Place, did_you_mean};
use crate::model::SourceName;
use crate::topology::{FileText, Folder};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A mapping file may have a quarter of this; whatever lies in the folder must not fill the memory
/// of a service that reads it.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;
/// No sample is larger.
const SAMPLE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// More samples of one provider than anybody keeps.
const SAMPLES_MAX: usize = 500;

/// Mapping files: those of a folder, or a named one. They are listed and read anew each time.
#[derive(Debug)]
pub(super) struct Disk {
    /// Where samples are looked for.
    folder: PathBuf,
    /// The only mapping file, where one is named.
    file: Option<PathBuf>,
}

impl Disk {
    /// Every `*.toml` of a folder.
    pub(super) fn folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), file: None }
    }

    /// One path: a mapping file, or a folder of them.
    pub(super) fn path(path: &Path) -> Self {
        if path.is_dir() {
            return Self::folder(path);
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self { folder, file: Some(path.to_owned()) }
    }

    /// A warning where there is no mapping file, and so no source.
    pub(super) fn no_sources(&self) -> Option<Diagnostic> {
        self.paths().ok().filter(Vec::is_empty)?;
        let place = Place::Path(self.folder.display().to_string());
        let message = "there is no mapping file here, and so no source: every request is refused";
        Some(Diagnostic::warning(Code::NoSources, place, message).hint(
            "leadhook's own folder `mappings` has ready ones; their names end in .toml".to_owned(),
        ))
    }

    fn paths(&self) -> Result<Vec<PathBuf>, Diagnostic> {
        match &self.file {
            Some(path) => Ok(vec![path.clone()]),
            None => list(&self.folder),
        }
    }
}

impl Folder for Disk {
    fn mapping_files(&self) -> Result<Vec<FileText>, Diagnostic> {
        let file = |path: &PathBuf| FileText { name: path.display().to_string(), text: read(path) };
        Ok(self.paths()?.iter().map(file).collect())
    }

    fn sample(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.folder.join(path);
        let metadata = std::fs::metadata(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => error.to_string(),
        })?;
        if metadata.len() > SAMPLE_BYTES_MAX {
            return Err("it is larger than 4 MiB".to_owned());
        }
        // Reading a pipe or a device may never end.
        if !metadata.is_file() {
            return Err("it is no file".to_owned());
        }
        std::fs::read(&path).map_err(|error| error.to_string())
    }

    fn samples(&self, folder: &str) -> Vec<String> {
        let below = Path::new("samples").join(folder);
        // A folder that can't be read has no samples: they are a help, and nothing depends on them.
        let Ok(entries) = std::fs::read_dir(self.folder.join(below)) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<_> = names.filter(|name| name.ends_with(".json")).collect();
        names.sort();
        names.truncate(SAMPLES_MAX);
        names.into_iter().map(|name| format!("samples/{folder}/{name}")).collect()
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
    text(path).map_err(|error| unreadable(path.display().to_string(), &error))
}

fn text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        return Err("it is larger than 1 MiB".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
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
