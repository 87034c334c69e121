//! The token of the operators' API: that of the settings, or one that was made on this machine and
//! is kept beside the database, for its owner alone.

use crate::config::Config;
use crate::model::Secret;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;
use uuid::Uuid;

/// A shorter text in the file is what a crash has left.
const BYTES_MIN: usize = 16;

/// The token in force.
pub(super) enum AdminToken {
    OfSettings(Secret),
    OfFile(Secret, PathBuf),
    /// Nobody is let in.
    None,
}

impl AdminToken {
    /// That of a service. It makes one where it listens on this machine only: whoever can read the
    /// file can read the database as well.
    pub(super) fn of_service(config: &Config) -> io::Result<Self> {
        match Self::found(config) {
            Self::None if config.listen.ip().is_loopback() => {
                let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
                let path = path(config);
                let mut options = OpenOptions::new();
                options.write(true).create(true).truncate(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                options.open(&path)?.write_all(token.as_bytes())?;
                Ok(Self::OfFile(Secret::new(token), path))
            }
            found => Ok(found),
        }
    }

    /// The one that a service with the same settings has; it is not made here.
    pub(super) fn found(config: &Config) -> Self {
        if let Some(token) = &config.admin_token {
            return Self::OfSettings(token.clone());
        }
        let path = path(config);
        match std::fs::read_to_string(&path) {
            Ok(text) if config.listen.ip().is_loopback() && text.trim().len() >= BYTES_MIN => {
                Self::OfFile(Secret::new(text.trim()), path)
            }
            _ => Self::None,
        }
    }

    pub(super) fn secret(&self) -> Option<Secret> {
        match self {
            Self::OfSettings(token) | Self::OfFile(token, _) => Some(token.clone()),
            Self::None => None,
        }
    }

    /// How operators are let in, without the token.
    pub(super) fn about(&self) -> String {
        match self {
            Self::OfSettings(_) => "/api/v1, with the token of the settings".to_owned(),
            Self::OfFile(_, path) => format!("/api/v1, with the token in {}", path.display()),
            Self::None => {
                "nobody is let in: LEADHOOK_ADMIN_TOKEN is not set, and others can reach the address"
                    .to_owned()
            }
        }
    }
}

fn path(config: &Config) -> PathBuf {
    let mut name = config.database.as_os_str().to_owned();
    name.push(".admin-token");
    PathBuf::from(name)
}
