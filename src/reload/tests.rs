//! The rules on files in memory, and the start on a real store.

use super::state::Change::{self, Applied, Gone, Healthy, Nothing, Refused};
use super::*;
use crate::clock::System;
use crate::config::Environment;
use crate::store::sqlite::{Options, Store as SqliteStore};
use crate::topology::{FileText, Folder, Secrets};
use std::sync::{Mutex, MutexGuard};
use tempfile::TempDir;

const SAMPLE: &str = r#"{"type":"user.created","data":{"id":"user_1"}}"#;
const FORM_SAMPLE: &str = "samples/sign-up.json";

/// A mapping file whose leads are called `event_name`, with a case that its sample must pass.
fn mapping(event_name: &str) -> String {
    format!(
        r#"provider = "clerk"
secrets = ["file:clerk"]
[[lead]]
name = "sign-up"
[lead.body]
clickId = {{ value = "click" }}
eventName = "{event_name}"
customerExternalId = "$.data.id"
[[case]]
name = "somebody"
event = "{FORM_SAMPLE}"
[case.lead]
clickId = "click"
eventName = "{event_name}"
customerExternalId = "user_1"
"#
    )
}

/// Files, samples and secrets in memory, by path.
#[derive(Debug, Default)]
struct Memory(Mutex<BTreeMap<String, String>>);

impl Memory {
    fn files(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().expect("no test panics with it")
    }

    fn get(&self, path: &str) -> Result<String, String> {
        self.files().get(path).cloned().ok_or_else(|| "it is not there".to_owned())
    }
}

impl Folder for Memory {
    fn mapping_files(&self) -> Result<Vec<FileText>, Diagnostic> {
        let files = self.files();
        let files = files.iter().filter(|(path, _)| path.ends_with(".toml"));
        let file = |(name, text): (&String, &String)| FileText {
            name: name.clone(),
            text: Ok(text.clone()),
        };
        Ok(files.map(file).collect())
    }

    fn sample(&self, path: &str) -> Result<Vec<u8>, String> {
        self.get(path).map(String::into_bytes)
    }

    fn samples(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

impl Environment for Memory {
    fn get(&self, _name: &str) -> Option<String> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Secrets for Memory {
    fn file(&self, path: &str) -> Result<String, String> {
        self.get(path)
    }
}

/// Mapping files that are read again and again.
struct Bench {
    memory: Arc<Memory>,
    origin: Origin,
    book: Book,
}

impl Bench {
    fn new() -> Self {
        let memory = Arc::new(Memory::default());
        let origin = Origin {
            folder: Arc::clone(&memory) as _,
            secrets: Arc::clone(&memory) as _,
            strict: false,
        };
        let bench = Self { memory, origin, book: Book::default() };
        bench.set("clerk", "whsec_dGVzdHMtb25seS1zZWNyZXQ=");
        bench.set(FORM_SAMPLE, SAMPLE);
        bench
    }

    fn set(&self, path: &str, text: &str) {
        self.memory.files().insert(path.to_owned(), text.to_owned());
    }

    fn remove(&self, path: &str) {
        self.memory.files().remove(path);
    }

    /// Reads everything; what became of the source `name`.
    fn read(&mut self, name: &str) -> Change {
        let files = self.origin.files().expect("memory can be read");
        let turns = self.book.turns(&files, System.now());
        self.book.note(&turns);
        let turn = turns.iter().find(|turn| turn.source.as_str() == name);
        turn.expect("the source is known").change
    }

    /// Whether what is in force of `name` makes leads of this event name.
    fn serves(&self, name: &str, event_name: &str) -> bool {
        let topology = self.book.topology();
        let source = topology.sources.get(&name.parse().expect("a name"));
        source.is_some_and(|source| source.mapping_text.contains(event_name))
    }
}

#[test]
fn an_edit_takes_effect_or_leaves_the_last_good_version_in_force() {
    let mut bench = Bench::new();
    let bad = mapping("C").replace("clerk\"\n", "clark\"\n");
    let commented = format!("{}# the same\n", mapping("B"));
    for (text, change, in_force) in [
        (mapping("A"), Applied, "\"A\""),
        (mapping("A"), Nothing, "\"A\""),
        (mapping("B"), Applied, "\"B\""),
        (bad.clone(), Refused, "\"B\""),
        (bad.clone(), Nothing, "\"B\""),
        (format!("{bad}["), Refused, "\"B\""),
        (mapping("B"), Healthy, "\"B\""),
        (commented, Applied, "# the same"),
        (bad, Refused, "\"B\""),
        (mapping("C"), Applied, "\"C\""),
        (String::new(), Refused, "\"C\""),
    ] {
        bench.set("mine.toml", &text);
        assert_eq!(bench.read("mine"), change, "{text}");
        assert!(bench.serves("mine", in_force), "{in_force}: {text}");
    }
}

#[test]
fn a_file_that_is_gone_is_not_in_force_and_its_source_is_known() {
    let mut bench = Bench::new();
    bench.set("mine.toml", &mapping("A"));
    bench.read("mine");
    bench.remove("mine.toml");
    assert_eq!((bench.read("mine"), bench.read("mine")), (Gone, Nothing));
    let topology = bench.book.topology();
    assert!(topology.sources.is_empty() && topology.known.len() == 1, "{topology:?}");
    // Back, but with a fault: its last good version is known all the while.
    bench.set("mine.toml", "[[");
    assert_eq!(bench.read("mine"), Refused);
    assert!(bench.serves("mine", "\"A\""));
    bench.remove("mine.toml");
    bench.read("mine");
    bench.set("mine.toml", &mapping("A"));
    assert_eq!(bench.read("mine"), Applied);
}

#[test]
fn files_stand_for_themselves() {
    let mut bench = Bench::new();
    bench.set("one.toml", &mapping("A"));
    bench.set("other.toml", &mapping("A"));
    bench.set("New Source.toml", &mapping("A"));
    bench.read("one");
    bench.set("one.toml", "[[");
    bench.set("other.toml", &mapping("B"));
    bench.set("third.toml", "[[");
    bench.read("one");
    assert!(bench.serves("one", "\"A\"") && bench.serves("other", "\"B\""));
    // Never good: answered 503 until it is.
    let third = "third".parse().expect("a name");
    let topology = bench.book.topology();
    assert!(topology.known.contains(&third) && !topology.sources.contains_key(&third));
    let files = bench.origin.files().expect("memory can be read");
    assert_eq!(bench.book.note_stray(&files)[0].code, Code::ValueInvalid);
    assert!(bench.book.note_stray(&files).is_empty(), "told once");
}

#[test]
fn a_sample_is_part_of_what_makes_a_file_good() {
    let mut bench = Bench::new();
    bench.set("mine.toml", &mapping("A"));
    bench.read("mine");
    let since = |bench: &Bench| {
        let state = &bench.book.sources[&"mine".parse().expect("a name")];
        Arc::clone(&state.in_force().expect("it is in force").source)
    };
    let before = since(&bench);
    bench.set(FORM_SAMPLE, &SAMPLE.replace("user_1", "user_2"));
    assert_eq!(bench.read("mine"), Refused);
    bench.set(FORM_SAMPLE, &format!("{SAMPLE} "));
    assert_eq!(bench.read("mine"), Healthy);
    assert!(Arc::ptr_eq(&before, &since(&bench)), "nothing was swapped");
}

#[test]
fn a_secret_counts_like_an_edit_and_its_loss_like_a_fault() {
    let mut bench = Bench::new();
    bench.set("mine.toml", &mapping("A"));
    bench.read("mine");
    bench.set("clerk", "whsec_dGVzdHMtb25seS1yb3RhdGVk");
    assert_eq!((bench.read("mine"), bench.read("mine")), (Applied, Nothing));
    bench.remove("clerk");
    assert_eq!(bench.read("mine"), Refused);
    let FileState::Refused { diagnostics, .. } =
        &bench.book.sources[&"mine".parse().expect("a name")].file
    else {
        panic!("it is refused");
    };
    assert_eq!((diagnostics[0].code, diagnostics[0].is_error()), (Code::SecretMissing, true));
    assert!(bench.book.topology().configured().next().is_some(), "requests are still taken");
    // Without a version that has its secret, it is as at the start: known, and answered 503.
    let mut bench = Bench::new();
    bench.remove("clerk");
    bench.set("mine.toml", &mapping("A"));
    assert_eq!(bench.read("mine"), Applied);
    bench.set("clerk", "whsec_dGVzdHMtb25seS1zZWNyZXQ=");
    assert_eq!(bench.read("mine"), Applied);
}

/// A store on disk, and what a service does with it.
struct Stored {
    bench: Bench,
    store: Arc<SqliteStore>,
    _folder: TempDir,
}

impl Stored {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("leadhook.db");
        let store = SqliteStore::open(&path, Options::default(), Arc::new(System));
        let store = Arc::new(store.expect("opened"));
        Self { bench: Bench::new(), store, _folder: folder }
    }

    async fn begin(&self) -> Result<Reload, BeginError> {
        let parts = Parts {
            origin: self.bench.origin.clone(),
            store: Arc::clone(&self.store) as _,
            clock: Arc::new(System),
            metrics: Metrics::default(),
            wake_ups: mpsc::channel(1).1,
        };
        Reload::begin(parts, &self.bench.origin.files().expect("memory can be read")).await
    }
}

fn text_in_force(reload: &Reload) -> String {
    let topology = reload.in_force().topology();
    topology.sources.values().map(|source| source.mapping_text.as_str()).collect()
}

#[tokio::test]
async fn a_restart_changes_nothing() {
    let stored = Stored::new();
    stored.bench.set("mine.toml", "[[");
    assert!(matches!(stored.begin().await, Err(BeginError::Refused)), "there was no good one");
    stored.bench.set("mine.toml", &mapping("A"));
    stored.begin().await.expect("it begins");
    let commented = format!("{}# the same\n", mapping("A"));
    stored.bench.set("mine.toml", &commented);
    stored.begin().await.expect("it begins");
    stored.bench.set("mine.toml", "[[");
    for _ in 0..2 {
        let reload = stored.begin().await.expect("the last good version is there");
        assert_eq!(text_in_force(&reload), commented);
        let metrics = reload.parts.metrics.encode();
        assert!(metrics.contains("leadhook_mapping_refused{source=\"mine\"} 1"), "{metrics}");
    }
    stored.bench.remove("mine.toml");
    let reload = stored.begin().await.expect("it begins");
    let topology = reload.in_force().topology();
    assert!(topology.sources.is_empty() && topology.known.len() == 1, "{topology:?}");
}

#[tokio::test]
async fn a_last_good_version_must_still_be_good() {
    let stored = Stored::new();
    stored.bench.set("mine.toml", &mapping("A"));
    stored.begin().await.expect("it begins");
    stored.bench.set("mine.toml", "[[");
    // A sample that changed is no reason; a secret that can't be one is.
    stored.bench.remove(FORM_SAMPLE);
    stored.begin().await.expect("it begins");
    stored.bench.set("clerk", "no secret of clerk's");
    assert!(matches!(stored.begin().await, Err(BeginError::Refused)));
}

#[tokio::test]
async fn what_can_not_be_noted_does_not_come_into_force() {
    let stored = Stored::new();
    stored.bench.set("mine.toml", &mapping("A"));
    let mut reload = stored.begin().await.expect("it begins");
    stored.store.close().await.expect("closed");
    stored.bench.set("mine.toml", &mapping("B"));
    stored.bench.set("other.toml", &mapping("B"));
    reload.reload(WakeUp::Changed).await;
    assert_eq!(text_in_force(&reload), mapping("A"));
    let known = reload.in_force().topology().known.len();
    assert_eq!(known, 2, "the new one is answered 503");
    let metrics = reload.parts.metrics.encode();
    let failed = "leadhook_mapping_reloads_total{source=\"mine\",result=\"failed\"} 1";
    assert!(metrics.contains(failed), "{metrics}");
}
