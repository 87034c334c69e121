//! `leadhook rejections admit`: refused requests become events after all.

use super::remote::{Remote, Unanswered};
use crate::app::{MappingFiles, Offline, StartError};
use crate::cli::admin_token::AdminToken;
use crate::cli::files::Disk;
use crate::cli::process::ProcessSecrets;
use crate::cli::{Ended, archive, block_on, health, report, settings};
use crate::clock::System;
use crate::config::Config;
use crate::model::{EventId, RejectionId, Secret};
use crate::store::sqlite::OpenError;
use crate::topology::Origin;
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;

#[derive(Debug, Args)]
pub(super) struct Admit {
    /// The rejections, as in rej_0190a6f2...
    #[arg(required = true, value_name = "ID")]
    ids: Vec<RejectionId>,
    /// Let their age pass: you vouch for requests that were refused because a clock was off
    #[arg(long)]
    stale: bool,
    /// The service to ask [default: the store itself, or the service that has it open]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Its token [default: that of the settings, or in the file beside the database]
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
}

/// Who does it.
enum Door {
    Here(Offline),
    There(Remote),
}

impl Admit {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        block_on(self.admit(config)).unwrap_or_else(|error| {
            say!("error: the runtime could not start: {error}");
            Ended::Machine
        })
    }

    async fn admit(self, path: Option<PathBuf>) -> Ended {
        let door = match self.door(path).await {
            Ok(door) => door,
            Err(ended) => return ended,
        };
        let mut ended = Ended::Done;
        for id in &self.ids {
            match door.admit(*id, self.stale).await {
                Ok((events, before)) => tell(*id, &events, before),
                Err(Unanswered::Refused { message, hint }) => {
                    say!("error: {id}: {message}");
                    hint.into_iter().for_each(|hint| say!("hint: {hint}"));
                    ended = Ended::Input;
                }
                Err(Unanswered::Failed(error)) => {
                    say!("error: {id}: {error}");
                    ended = Ended::Machine;
                    break;
                }
            }
        }
        door.close().await;
        ended
    }

    async fn door(&self, path: Option<PathBuf>) -> Result<Door, Ended> {
        let settings = settings(path);
        if self.url.is_none() {
            // One must not be made only to find nothing in it.
            archive::open(&settings)?;
        }
        let secrets = settings.secrets();
        let Some(config) = settings.config else {
            report(&settings.diagnostics);
            return Err(Ended::Input);
        };
        let url = match &self.url {
            Some(url) => url.clone(),
            None => match here(&config, secrets).await? {
                Some(offline) => return Ok(Door::Here(offline)),
                None => format!("http://{}", health::reachable(config.listen)),
            },
        };
        let given = self.token.as_deref().map(Secret::new);
        let Some(token) = given.or_else(|| AdminToken::found(&config).secret()) else {
            say!("error: there is no token to show to the service at {url}");
            say!("hint: LEADHOOK_ADMIN_TOKEN, or --token, is the one that it was started with");
            return Err(Ended::Machine);
        };
        Remote::new(&url, token).map(Door::There).map_err(|error| {
            say!("error: {url}: {error}");
            Ended::Machine
        })
    }
}

/// The store, opened here; `None` where a service has it.
async fn here(config: &Config, secrets: ProcessSecrets) -> Result<Option<Offline>, Ended> {
    let folder = Arc::new(Disk::folder(&config.mappings));
    let origin = Origin { folder, secrets: Arc::new(secrets), strict: false };
    let files = origin.files().map_err(|fault| {
        report(&[fault]);
        Ended::Input
    })?;
    let diagnostics: Vec<_> = files.iter().flat_map(|file| file.diagnostics.clone()).collect();
    let (_, wake_ups) = mpsc::channel(1);
    let mappings = MappingFiles { files, origin, wake_ups };
    match Offline::open(config, mappings, Arc::new(System)).await {
        Ok(offline) => Ok(Some(offline)),
        Err(StartError::Store(OpenError::InUse { .. })) => Ok(None),
        Err(error) => {
            report(&diagnostics);
            say!("error: {error}");
            Err(Ended::Machine)
        }
    }
}

impl Door {
    async fn admit(
        &self,
        id: RejectionId,
        stale: bool,
    ) -> Result<(Vec<EventId>, bool), Unanswered> {
        match self {
            Self::There(remote) => remote.admit(id, stale).await,
            Self::Here(offline) => match offline.admit(id, stale).await {
                Ok(admitted) => Ok((admitted.events, admitted.before)),
                Err(error) if error.is_of_machine() => Err(Unanswered::Failed(error.to_string())),
                Err(error) => Err(Unanswered::Refused {
                    message: error.to_string(),
                    hint: error.hint().map(str::to_owned),
                }),
            },
        }
    }

    async fn close(self) {
        if let Self::Here(offline) = self {
            offline.close().await;
        }
    }
}

fn tell(id: RejectionId, events: &[EventId], before: bool) {
    let events: Vec<_> = events.iter().map(ToString::to_string).collect();
    let events = if events.is_empty() { "no event".to_owned() } else { events.join(" ") };
    let before = if before { " (before)" } else { "" };
    out!("{id} became {events}{before}");
}
