//! The dependencies between modules go one way, and effects stay at their addresses.
//!
//! Reads the sources as text: a `use crate::` or an inline `crate::` path is a dependency.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules each module may use. `app`, `cli` and `sandbox` stand outside the service's core:
/// the first two assemble it, the last plays its surroundings.
const ALLOWED: &[(&str, &[&str])] = &[
    ("diagnostic", &[]),
    ("clock", &["model"]),
    ("model", &["diagnostic"]),
    ("lead", &["model", "diagnostic"]),
    ("provider", &["model", "diagnostic"]),
    ("mapping", &["model", "diagnostic", "lead"]),
    ("sample", &["model", "mapping"]),
    ("config", &["model", "diagnostic"]),
    ("telemetry", &["model", "diagnostic"]),
    ("topology", &["model", "diagnostic", "config", "provider", "mapping", "lead"]),
    ("review", &["model", "diagnostic", "mapping", "provider", "topology", "lead"]),
    ("store", &["model", "diagnostic", "provider", "clock"]),
    ("monitor", &["model", "mapping", "topology", "review", "store", "telemetry", "clock"]),
    (
        "ingest",
        &[
            "model",
            "diagnostic",
            "provider",
            "mapping",
            "topology",
            "store",
            "monitor",
            "telemetry",
            "clock",
        ],
    ),
    ("admin", &["model", "diagnostic", "ingest", "store"]),
    ("reload", &["model", "diagnostic", "topology", "mapping", "store", "telemetry", "clock"]),
    ("delivery", &["model", "diagnostic", "lead", "topology", "store", "telemetry", "clock"]),
];
const ASSEMBLY: &[&str] = &["app", "cli", "sandbox"];

/// Where effects live: a text that betrays one, and the places that may hold it.
const EFFECTS: &[(&str, &[&str])] = &[
    ("rusqlite", &["store/sqlite"]),
    ("actix_web", &["ingest", "admin", "app", "sandbox"]),
    ("reqwest::Client", &["delivery/client", "app", "cli"]),
    ("std::env::", &["cli"]),
    ("SystemTime::now", &["clock"]),
    ("std::fs::", &["cli", "store/sqlite"]),
    ("notify::", &["cli/watch"]),
    ("tokio::signal", &["cli"]),
    ("prometheus_client", &["telemetry"]),
];

#[test]
fn dependencies_go_one_way() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let module = module(&path);
        if ASSEMBLY.contains(&module.as_str()) || module == "lib" || module == "main" {
            continue;
        }
        let allowed = ALLOWED
            .iter()
            .find_map(|(name, allowed)| (*name == module).then_some(*allowed))
            .unwrap_or_else(|| panic!("{module} is not in the table of modules"));
        for used in used(&code) {
            if used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: {module} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_store_knows_of_providers_only_that_a_request_is_verified_or_masked() {
    for (path, code) in sources() {
        if module(&path) != "store" {
            continue;
        }
        for (at, _) in code.match_indices("crate::provider::") {
            let used = &code[at + "crate::provider::".len()..];
            let may = ["Verified", "MaskedRequest"].iter().any(|name| used.starts_with(name));
            assert!(may, "{}: {used:.40}", path.display());
        }
    }
}

#[test]
fn only_the_sandbox_and_the_demo_know_the_stand_in_destination() {
    for (path, code) in sources() {
        let path = path.to_string_lossy().into_owned();
        let may = path.starts_with("sandbox") || path.starts_with("cli/demo") || path == "lib.rs";
        // What sends samples knows how they are sent, and no destination.
        let code = match path.starts_with("cli/trigger") {
            true => code.replace("crate::sandbox::sending", ""),
            false => code,
        };
        assert!(may || !code.contains("crate::sandbox"), "{path}");
    }
}

#[test]
fn effects_stay_at_their_addresses() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let place = path.to_string_lossy().into_owned();
        for (effect, places) in EFFECTS {
            let may = places.iter().any(|allowed| place.starts_with(allowed));
            if !may && code.contains(effect) {
                wrong.push(format!("{place}: {effect}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every source file of the library by its path below `src`, without comments and tests.
fn sources() -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("sources are text");
                let below = path.strip_prefix(&root).expect("it is below src").to_owned();
                if !is_test(&below) {
                    found.insert(below, code(&text));
                }
            }
        }
    }
    assert!(found.len() > 30, "the sources were not found");
    found
}

/// Files that are compiled for tests only.
fn is_test(path: &Path) -> bool {
    let path = path.to_string_lossy();
    ["conformance", "tests", "vectors.rs"].iter().any(|name| path.contains(name))
}

fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn module(path: &Path) -> String {
    let first = path.components().next().expect("paths have parts");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The modules that a file names: in paths, and in `use crate::{a, b}`.
fn used(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let name: String =
                name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                used.push(name);
            }
        }
    }
    used
}
