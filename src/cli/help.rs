//! `leadhook --help`: the commands in groups, by what people come for.
//!
//! Clap lists subcommands in one row only. The list is made here of the names and descriptions
//! that the commands themselves have.

use clap::Command;
use std::fmt::Write;

/// Each group with its commands, in the order in which people need them.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Run it", &["demo", "serve", "trigger", "health"]),
    ("Write mapping files", &["init", "check", "test", "map", "sample", "schema"]),
    ("Look at what came", &["coverage", "events", "rejections", "verify"]),
    ("Settings", &["config"]),
];
const TEMPLATE: &str = "{about}\n\n{usage-heading} {usage}{after-help}\n\nOptions:\n{options}";

/// The command with its help in groups.
pub(super) fn grouped(command: Command) -> Command {
    let width = command.get_subcommands().map(|it| it.get_name().len()).max().unwrap_or_default();
    let mut list = String::new();
    for (group, names) in GROUPS {
        let _ = write!(list, "{group}:");
        for subcommand in names.iter().filter_map(|name| command.find_subcommand(name)) {
            let about = subcommand.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = write!(list, "\n  {:<width$}  {about}", subcommand.get_name());
        }
        list.push_str("\n\n");
    }
    list.push_str("Each command tells more: leadhook check --help");
    command.after_help(list).help_template(TEMPLATE)
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, grouped};
    use clap::CommandFactory;

    #[test]
    fn every_command_is_in_one_group_and_described_in_a_line() {
        let command = super::super::Arguments::command();
        let mut grouped_names: Vec<_> = GROUPS.iter().flat_map(|(_, names)| *names).collect();
        let mut names: Vec<_> = command.get_subcommands().map(|it| it.get_name()).collect();
        grouped_names.sort();
        names.sort();
        assert!(grouped_names.into_iter().copied().eq(names));
        let help = grouped(command).render_help().to_string();
        assert!(
            help.contains("\nWrite mapping files:\n  ") && help.contains("\n  check "),
            "{help}"
        );
        assert!(help.contains("--config"), "{help}");
        let (commands, _) = help.split_once("Options:").expect("options come last");
        assert!(commands.lines().all(|line| line.chars().count() <= 95), "{commands}");
    }
}
