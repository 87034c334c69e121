//! From a folder of mapping files to a topology, or every fault of all files.

use super::samples::{Samples, samples_folder};
use super::{Secrets, Source, Topology, cases, credentials, dub, reach, rules};
use crate::diagnostic::{Code, Diagnostic, Place, SourceText};
use crate::mapping::{self, Case, CaseOutcome, MappingFile};
use crate::model::SourceName;
use crate::provider::Provider;
use std::path::Path;
use std::sync::Arc;

/// Mapping files and their samples: a folder on disk, or texts that come with the program.
pub trait Folder {
    /// The mapping files as they are now, sorted by name.
    ///
    /// # Errors
    /// Why the folder can't be read.
    fn mapping_files(&self) -> Result<Vec<FileText>, Diagnostic>;

    /// A sample, by its path relative to the folder.
    ///
    /// # Errors
    /// A sentence.
    fn sample(&self, path: &str) -> Result<Vec<u8>, String>;

    /// The paths of all samples in a [folder of samples](super::samples_folder), sorted: the
    /// `samples/<folder>/*.json`.
    fn samples(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }
}

/// A mapping file as a folder has it.
#[derive(Clone, Debug)]
pub struct FileText {
    /// How it is called in messages.
    pub name: String,
    /// Or why it can't be read.
    pub text: Result<String, Diagnostic>,
}

/// A topology, with what a person should know of it.
#[derive(Debug)]
pub struct Loaded {
    /// `None` where some fault is an error.
    pub topology: Option<Topology>,
    pub diagnostics: Vec<Diagnostic>,
}

/// One mapping file, checked for itself.
#[derive(Clone, Debug)]
pub struct LoadedFile {
    /// `None` where the name of the file can't be that of a source.
    pub name: Option<SourceName>,
    /// `None` where some fault is an error.
    pub source: Option<Arc<Source>>,
    pub diagnostics: Vec<Diagnostic>,
    /// `None` where the file can't be read.
    pub tested: Option<Tested>,
}

/// A mapping file and what its cases came to.
#[derive(Clone, Debug)]
pub struct Tested {
    pub text: Arc<SourceText>,
    /// `None` where they were not run: faults of the file forbid it, or nobody has the samples.
    pub cases: Option<Vec<TestedCase>>,
}

/// A case that was run.
#[derive(Clone, Debug)]
pub struct TestedCase {
    pub case: Case,
    pub outcome: CaseOutcome,
    /// What is said of it where it does not hold. It is among the diagnostics of the file too.
    pub fault: Option<Diagnostic>,
}

/// Reads and checks every mapping file. `strict` makes a missing secret an error.
pub fn load(folder: &dyn Folder, secrets: &dyn Secrets, strict: bool) -> Loaded {
    let files = match load_files(folder, secrets, strict) {
        Ok(files) => files,
        Err(fault) => return Loaded { topology: None, diagnostics: vec![fault] },
    };
    let mut sources = Vec::new();
    let mut diagnostics = Vec::new();
    for file in files {
        sources.push(file.source);
        diagnostics.extend(file.diagnostics);
    }
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    let topology = (!failed).then(|| Topology::of(sources.into_iter().flatten()));
    Loaded { topology, diagnostics }
}

/// The same, each file for itself.
///
/// # Errors
/// Why the folder can't be read.
pub fn load_files(
    folder: &dyn Folder,
    secrets: &dyn Secrets,
    strict: bool,
) -> Result<Vec<LoadedFile>, Diagnostic> {
    let files = folder.mapping_files()?;
    let load = |FileText { name, text }| match text {
        Ok(text) => load_one(&name, &text, Some(folder), secrets, strict),
        Err(fault) => LoadedFile {
            name: stem(&name).parse().ok(),
            source: None,
            diagnostics: vec![fault],
            tested: None,
        },
    };
    Ok(files.into_iter().map(load).collect())
}

/// Checks an earlier text of the mapping file of `name`, but for its cases: they held once, and the
/// samples on disk are not of its time.
pub fn load_text(name: &SourceName, text: &str, secrets: &dyn Secrets, strict: bool) -> LoadedFile {
    load_one(&format!("{name}.toml"), text, None, secrets, strict)
}

fn load_one(
    name: &str,
    text: &str,
    folder: Option<&dyn Folder>,
    secrets: &dyn Secrets,
    strict: bool,
) -> LoadedFile {
    let mut file = File {
        name,
        source_text: Arc::new(SourceText::new(name, text)),
        folder,
        secrets,
        strict,
        diagnostics: Vec::new(),
        cases: None,
    };
    let source = file.load(text).map(Arc::new);
    let tested = Some(Tested { text: file.source_text, cases: file.cases });
    let mut diagnostics = file.diagnostics;
    diagnostics.sort_by_key(Diagnostic::offset);
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    let source = source.filter(|_| !failed);
    LoadedFile { name: stem(name).parse().ok(), source, diagnostics, tested }
}

/// What of a file's name becomes part of a URL.
fn stem(name: &str) -> &str {
    Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or("")
}

/// One mapping file on its way to a source.
struct File<'a> {
    name: &'a str,
    source_text: Arc<SourceText>,
    /// Where the samples of its cases are; `None` where these are not run.
    folder: Option<&'a dyn Folder>,
    secrets: &'a dyn Secrets,
    strict: bool,
    diagnostics: Vec<Diagnostic>,
    /// What the cases came to, once they have run.
    cases: Option<Vec<TestedCase>>,
}

impl File<'_> {
    fn load(&mut self, text: &str) -> Option<Source> {
        let name = self.source_name();
        let (file, diagnostics) = mapping::parse_leniently(&self.source_text, text, &[dub()]);
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        let told: Vec<_> = diagnostics.iter().map(Diagnostic::offset).collect();
        self.diagnostics.extend(diagnostics);
        let file = file?;
        let provider = match rules::provider(&file, &self.source_text, text) {
            Ok(provider) => provider,
            Err(faults) => {
                self.diagnostics.extend(faults);
                return None;
            }
        };
        let credentials =
            credentials::gather(&provider, &file, &self.source_text, self.secrets, self.strict);
        self.diagnostics.extend(credentials.diagnostics);
        if let Some(folder) = self.folder {
            self.diagnostics.extend(credentials.vectors);
            // A case of rules that can't be read would only fail because of that.
            if !failed {
                self.run_cases(&file, &provider, folder);
            }
            let own = samples_folder(&provider, stem(self.name));
            let samples = Samples::gather(&provider, folder, own, &file.cases);
            let found = reach::check(&file.mapping, &provider, &samples, &self.source_text, text);
            // What is at fault already is not doubted as well.
            let found = found.into_iter().filter(|it| !told.contains(&it.offset()));
            self.diagnostics.extend(found);
        }
        if failed {
            return None;
        }
        Some(Source {
            name: name?,
            provider,
            mapping: file.mapping,
            limits: file.limits,
            mapping_text: text.to_owned(),
            verifier: credentials.verifier?,
            secrets: credentials.found,
        })
    }

    fn run_cases(&mut self, file: &MappingFile, provider: &Provider, folder: &dyn Folder) {
        let own = samples_folder(provider, stem(self.name));
        let mut tested = Vec::with_capacity(file.cases.len());
        for case in &file.cases {
            let outcome = cases::run(case, &file.mapping, provider, folder);
            let hint = cases::hint(case, &outcome, &file.mapping, provider, folder, own);
            let fault = case.diagnostic(&outcome, &self.source_text);
            let fault = fault.map(|fault| fault.hint(hint));
            self.diagnostics.extend(fault.clone());
            tested.push(TestedCase { case: case.clone(), outcome, fault });
        }
        self.cases = Some(tested);
    }

    fn source_name(&mut self) -> Option<SourceName> {
        match stem(self.name).parse() {
            Ok(name) => Some(name),
            Err(error) => {
                let place = Place::Path(self.name.to_owned());
                let message = format!("the file's name becomes part of a URL: {error}");
                self.diagnostics.push(Diagnostic::error(Code::ValueInvalid, place, message));
                None
            }
        }
    }
}
