//! The variables of the environment: their values may stand in files, `FLOWDOCK_INBOX_…_FILE`.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use clap::builder::Resettable;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

/// The largest file that may hold a value, in bytes.
const MAX_VALUE_BYTES: u64 = 64 * 1024;

/// Why a variable with `_FILE` at its end cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct VariableError {
    /// The name of the variable.
    variable: String,
    /// What is wrong.
    problem: String,
}

/// Gives each option whose variable is set with `_FILE` at its end the value in that file. Such a value is a default of
/// the option, so the command line comes first. The help does not show it, since it may be a secret.
///
/// For clap's `conflicts_with` and `requires`, an option with a default is not there. [`source`] tells that it is.
pub fn with_values_from_files(command: Command) -> Result<Command, VariableError> {
    let mut values: Vec<(String, String)> = Vec::new();
    for argument in command.get_arguments().chain(command.get_subcommands().flat_map(Command::get_arguments)) {
        let Some(name) = argument.get_env().and_then(|name| name.to_str()) else { continue };
        let variable = format!("{name}_FILE");
        let Some(file) = value_of(&variable) else { continue };
        let wrong = |problem: String| VariableError { variable: variable.clone(), problem };
        if value_of(name).is_some() {
            return Err(wrong(format!("{name} is set too; only one of them can be")));
        }
        values.push((argument.get_id().to_string(), value_in(&file).map_err(wrong)?));
    }
    let command = without_empty(command);
    let give = |command: Command| {
        values.iter().fold(command, |command, (id, value)| {
            let has = command.get_arguments().any(|argument| argument.get_id() == id.as_str());
            if has {
                command.mut_arg(id, |argument| {
                    // Clap knows no default of a flag that could be hidden.
                    let takes_value = argument.get_action().takes_values();
                    argument.default_value(value.clone()).hide_default_value(takes_value).required(false)
                })
            } else {
                command
            }
        })
    };
    let subcommands: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    Ok(subcommands.iter().fold(give(command), |command, name| command.mut_subcommand(name, give)))
}

/// Where the value of an option comes from.
#[derive(Debug, PartialEq)]
pub enum Source {
    /// The command line.
    CommandLine,
    /// The variable with this name, or the file that it names.
    Variable(String),
}

/// Where an option has its value from, if it has one. The option must have no default of its own.
pub fn source(command: &Command, matches: &ArgMatches, option: &str) -> Option<Source> {
    let file = match matches.value_source(option)? {
        ValueSource::CommandLine => return Some(Source::CommandLine),
        ValueSource::DefaultValue => "_FILE",
        _ => "",
    };
    let name = command.get_arguments().find(|argument| argument.get_id() == option)?.get_env()?;
    Some(Source::Variable(format!("{}{file}", name.display())))
}

/// The value of a variable. An empty variable is one that is not set, as compose files have it.
fn value_of(variable: &str) -> Option<OsString> {
    std::env::var_os(variable).filter(|value| !value.is_empty())
}

/// Treats an empty variable as one that is not set.
fn without_empty(command: Command) -> Command {
    let forget = |argument: clap::Arg| {
        let is_empty =
            argument.get_env().is_some_and(|name| std::env::var_os(name).is_some_and(|value| value.is_empty()));
        if is_empty { argument.env(Resettable::Reset) } else { argument }
    };
    let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.iter().fold(command.mut_args(forget), |command, name| {
        command.mut_subcommand(name, |command| command.mut_args(forget))
    })
}

/// The line in a file.
fn value_in(file: &OsString) -> Result<String, String> {
    let shown = Path::new(file).display();
    let mut text = String::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(MAX_VALUE_BYTES + 1).read_to_string(&mut text))
        .map_err(|error| format!("cannot read the value in {shown}: {error}"))?;
    if text.len() as u64 > MAX_VALUE_BYTES {
        return Err(format!("{shown} has more than {MAX_VALUE_BYTES} bytes"));
    }
    let value = text.trim_end_matches(['\r', '\n']);
    if value.is_empty() || value.contains('\n') {
        return Err(format!("{shown} must hold one line, which is the value"));
    }
    Ok(value.to_owned())
}
