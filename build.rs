//! Lists the files that the program carries inside it: the catalogue of providers, and the mapping
//! files with their samples. A new file of either is in the program as soon as it is in its folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for (folder, list) in [("src/provider/catalogue", "catalogue.rs"), ("mappings", "shipped.rs")] {
        println!("cargo::rerun-if-changed={folder}");
        let folder = root.join(folder);
        let mut files = Vec::new();
        gather(&folder, &mut files)?;
        files.sort_by_key(|path| path.display().to_string());
        fs::write(out.join(list), embedded(&folder, &files))?;
    }
    Ok(())
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // What editors leave behind.
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        if path.is_dir() { gather(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// An expression: path below `folder` and text of each file.
fn embedded(folder: &Path, files: &[PathBuf]) -> String {
    let mut list = String::from("&[\n");
    for file in files {
        let below = file.strip_prefix(folder).expect("it was found below").components();
        let below: Vec<_> = below.map(|part| part.as_os_str().to_string_lossy()).collect();
        let (below, file) = (below.join("/"), file.display().to_string());
        writeln!(list, "    ({below:?}, include_str!({file:?})),").expect("memory suffices");
    }
    list + "]\n"
}
