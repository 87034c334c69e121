//! What the service answered to the requests.

use crate::cli::print::printable;
use crate::cli::{Ended, count};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::task::JoinError;

/// Longer answers are none of the service.
const SHOWN_CHARS: usize = 200;

/// One answer; alike ones are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    Status {
        status: u16,
        body: String,
    },
    /// There was none.
    Failed(String),
}

#[derive(Debug, Default)]
pub(super) struct Answers(BTreeMap<Answer, u64>);

impl Answer {
    pub(super) fn of(answer: reqwest::Result<(u16, String)>) -> Self {
        match answer {
            Ok((status, body)) => {
                Self::Status { status, body: body.chars().take(SHOWN_CHARS).collect() }
            }
            Err(error) => {
                let is_refused = error.is_connect();
                let error = error.without_url();
                Self::Failed(match is_refused {
                    true => "nobody listens there".to_owned(),
                    false => error.to_string(),
                })
            }
        }
    }

    fn is_accepted(&self) -> bool {
        matches!(self, Self::Status { status: 200..=299, .. })
    }

    fn is_refused(&self) -> bool {
        matches!(self, Self::Status { status: 400..=499, .. })
    }
}

impl Answers {
    pub(super) fn extend(&mut self, answer: Option<Result<Answer, JoinError>>) {
        let answer = match answer {
            None => return,
            Some(Ok(answer)) => answer,
            Some(Err(error)) => Answer::Failed(error.to_string()),
        };
        *self.0.entry(answer).or_default() += 1;
    }

    /// `spoilt`: whether being refused is what was wanted.
    pub(super) fn ended(&self, spoilt: bool) -> Ended {
        let is_right =
            |answer: &Answer| if spoilt { answer.is_refused() } else { answer.is_accepted() };
        match self.0.keys().find(|answer| !is_right(answer)) {
            None => Ended::Done,
            Some(Answer::Failed(_)) => Ended::Machine,
            Some(Answer::Status { .. }) => Ended::Input,
        }
    }

    pub(super) fn json(&self) -> Value {
        let answers = self.0.iter().map(|(answer, count)| match answer {
            Answer::Status { status, body } => {
                json!({ "count": count, "status": status, "body": body })
            }
            Answer::Failed(error) => json!({ "count": count, "error": error }),
        });
        json!({ "sent": self.0.values().sum::<u64>(), "answers": answers.collect::<Vec<_>>() })
    }

    pub(super) fn show(&self, url: &str) {
        let sent = self.0.values().sum::<u64>();
        out!("{} to {url}", count(sent, "request"));
        for (answer, count) in &self.0 {
            let times = if sent == 1 { String::new() } else { format!("{count} times ") };
            match answer {
                Answer::Status { status, body } => out!("  {times}{status} {}", printable(body)),
                Answer::Failed(error) => out!("  {times}no answer: {error}"),
            }
        }
    }
}
