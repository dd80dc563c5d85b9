//! The commands beside the service: a backup, its restoration, and the question whether an inbox is ready.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::Args;
use crate::start::{self, StartError};
use crate::store::{BackupError, Copied, DataFile, OpenError};

/// How long a ready inbox may take to say so.
const CHECK_TIME: Duration = Duration::from_secs(2);

/// The largest file that may hold a value, in bytes.
const MAX_VALUE_BYTES: u64 = 64 * 1024;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "flowdock-inbox",
    version,
    args_override_self = true,
    args_conflicts_with_subcommands = true,
    after_help = "Each option that names a variable of the environment takes its value from there too. If the name of the \
                  variable has _FILE at its end, the value is the line in that file. The command line comes first."
)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    args: Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Copy everything that is stored into a new file. The inbox may run meanwhile
    Backup {
        /// The file to write
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// Put a backup in the place of the data file. The inbox must not run; a data file that is there is kept beside it
    Restore {
        /// The file that `backup` wrote
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// Ask an inbox at its admin address whether it is ready. Succeeds if it is
    Check {
        /// The admin address of the inbox
        #[arg(long, value_name = "ADDRESS:PORT", env = "FLOWDOCK_INBOX_ADMIN", default_value = "127.0.0.1:9400")]
        admin: SocketAddr,
    },
}

#[derive(Debug, clap::Args)]
struct Data {
    /// The data file of the inbox [default: inbox.sqlite in the platform's data folder]
    #[arg(long, value_name = "FILE", env = "FLOWDOCK_INBOX_DATA")]
    data: Option<PathBuf>,
}

impl Data {
    fn file(self) -> Result<DataFile, OpenError> {
        DataFile::at(self.data.as_deref())
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The inbox could not run.
    #[error(transparent)]
    Start(#[from] StartError),
    /// No copy was made.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A variable names a file whose line cannot be taken for a value.
    #[error("{variable}: {problem}")]
    Variable {
        /// The name of the variable.
        variable: String,
        /// What is wrong.
        problem: String,
    },
    /// Nobody answers at the admin address.
    #[error("no inbox answers at {address}: {reason}")]
    Unreachable {
        /// The admin address.
        address: SocketAddr,
        /// The error of the connection.
        reason: io::Error,
    },
    /// The inbox is not ready.
    #[error("the inbox at {0} is not ready: {1}")]
    NotReady(SocketAddr, String),
}

/// Runs the program with the command line of this process: as a rule an inbox, until it is asked to stop.
///
/// # Errors
///
/// [`CommandError`], whose text says in one line what failed.
pub fn main() -> Result<(), CommandError> {
    let CommandLine { command, args } = CommandLine::read()?;
    match command {
        None => {
            args.start_log();
            start::run(args)?;
        }
        Some(Command::Backup { file, data }) => {
            let copied = data.file().map_err(BackupError::from)?.back_up(&file)?;
            println!("{}: {}", file.display(), summary(&copied));
        }
        Some(Command::Restore { file, data }) => {
            let data = data.file().map_err(BackupError::from)?;
            let (copied, old) = data.restore(&file)?;
            println!("{data}: {}", summary(&copied));
            if let Some(old) = old {
                println!("The data file that was there before: {}", old.display());
            }
        }
        Some(Command::Check { admin }) => check(admin)?,
    }
    Ok(())
}

fn summary(copied: &Copied) -> String {
    format!("{} messages, {} bytes", copied.messages, copied.bytes)
}

impl CommandLine {
    /// Reads the command line of this process, the environment and the files that it names.
    fn read() -> Result<CommandLine, CommandError> {
        let command = with_values_from_files(CommandLine::command())?;
        Ok(CommandLine::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit()))
    }
}

/// Gives each option whose variable is set with `_FILE` at its end the value in that file. Such a value is a default of
/// the option, so the command line comes first.
fn with_values_from_files(command: clap::Command) -> Result<clap::Command, CommandError> {
    let mut values: Vec<(String, String)> = Vec::new();
    for argument in command.get_arguments().chain(command.get_subcommands().flat_map(clap::Command::get_arguments)) {
        let Some(name) = argument.get_env().and_then(|name| name.to_str()) else { continue };
        let variable = format!("{name}_FILE");
        let Some(file) = std::env::var_os(&variable) else { continue };
        let wrong = |problem: String| CommandError::Variable { variable: variable.clone(), problem };
        if std::env::var_os(name).is_some() {
            return Err(wrong(format!("{name} is set too; only one of them can be")));
        }
        values.push((argument.get_id().to_string(), value_in(&file).map_err(wrong)?));
    }
    let give = |command: clap::Command| {
        values.iter().fold(command, |command, (id, value)| {
            let has = command.get_arguments().any(|argument| argument.get_id() == id.as_str());
            if has { command.mut_arg(id, |argument| argument.default_value(value.clone())) } else { command }
        })
    };
    let subcommands: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    Ok(subcommands.iter().fold(give(command), |command, name| command.mut_subcommand(name, give)))
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

/// Asks at the admin address whether the inbox is ready.
fn check(address: SocketAddr) -> Result<(), CommandError> {
    let asked = || {
        let mut stream = TcpStream::connect_timeout(&address, CHECK_TIME)?;
        stream.set_read_timeout(Some(CHECK_TIME))?;
        stream.set_write_timeout(Some(CHECK_TIME))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = asked().map_err(|reason| CommandError::Unreachable { address, reason })?;
    let text = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).trim();
    if answer.starts_with("HTTP/1.1 200 ") {
        println!("{text}");
        Ok(())
    } else {
        Err(CommandError::NotReady(address, text.to_owned()))
    }
}
