//! Mapping files that are edited while the service runs.

mod edits;
mod folders;
mod load;
mod restarts;

use crate::support::{Builder, Http, Service, clerk, destination, user_created};
use std::path::{Path, PathBuf};

/// A mapping file whose leads carry `name` twice: as their event name and in their metadata.
fn mapping(name: &str) -> String {
    format!(
        r#"provider = "clerk"
secrets = ["env:CLERK_WEBHOOK_SECRET"]

[[lead]]
name = "sign-up"

[lead.body]
clickId = "$.data.unsafe_metadata.dub_id"
eventName = "{name}"
customerExternalId = "$.data.id"
metadata = {{ version = "{name}" }}
"#
    )
}

/// A mapping file with a fault in its seventh line.
fn broken() -> String {
    mapping("broken").replacen("[lead.body]", "wenn = \"x\"\n[lead.body]", 1)
}

/// The source `mine`, whose files are read again only where their change is seen.
fn builder() -> Builder {
    Builder::new(&destination())
        .mappings(&[("mine.toml", &mapping("A"))])
        .with("LEADHOOK_RELOAD_POLL", "1h")
}

/// A running service and the folder of its mapping files.
struct Editing {
    service: Service,
    mappings: PathBuf,
}

impl Editing {
    fn start(builder: Builder) -> Self {
        let mappings = builder.folder().join("mappings");
        Self { service: builder.start(), mappings }
    }

    /// Writes into the file, as some editors do.
    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.mappings.join(name), text).expect("the file can be written");
    }

    /// Puts another file into its place, as other editors do.
    fn replace(&self, name: &str, text: &str) {
        replace(&self.mappings.join(name), text);
    }

    /// Somebody signs up: the status of the answer.
    fn sign_up(&self, source: &str, user: &str) -> u16 {
        sign_up(self.service.http(), source, user)
    }

    /// The event name under which a new user's sign-up at `mine` is stored.
    #[track_caller]
    fn served(&self, user: &str) -> String {
        assert_eq!(self.sign_up("mine", user), 200);
        let names = "SELECT json_extract(body, '$.eventName') FROM deliveries ORDER BY number DESC";
        self.service.database().column(names).swap_remove(0)
    }

    /// Waits until `count` such lines are in the log; answers the first.
    #[track_caller]
    fn wait(&self, count: usize, text: &str) -> String {
        self.service.wait_for_log(count, |line| line.contains(text))
    }

    #[track_caller]
    fn assert_metric(&self, line: &str) {
        let answer = self.service.http().get("/metrics");
        assert_eq!(answer.status, 200);
        assert!(answer.body.lines().any(|found| found == line), "{line}: {}", answer.body);
    }
}

fn sign_up(http: Http, source: &str, user: &str) -> u16 {
    let body = user_created(user, Some("click"));
    http.post(&format!("/webhooks/{source}"), &clerk(user, &body), &body).status
}

fn replace(path: &Path, text: &str) {
    let beside = path.with_extension("swp");
    std::fs::write(&beside, text).expect("the file can be written");
    std::fs::rename(&beside, path).expect("the file can be renamed");
}
