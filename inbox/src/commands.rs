//! The command line: runs the service, a backup, a restoration, a copy, a migration or a check.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::clock::Clock;
use crate::config::{Args, Secretive};
use crate::start::{self, StartError};
use crate::stop::Stop;
use crate::store::{self, BackupError, Copied, CopyError, DataFile, DatabaseUrl, End, OpenError};
use crate::variables::{self, VariableError};

/// How long a ready inbox may take to say so.
const CHECK_TIME: Duration = Duration::from_secs(2);

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
    /// Copy a whole inbox from a SQLite file into an empty PostgreSQL database, or from a database into a new file. No inbox may run
    /// on either. All ids, tokens and secrets stay as they are; if the copy fails or is interrupted, nothing happened
    Copy {
        /// The data file or the database to copy. Other users of this machine can read a command line, so name the database in the
        /// environment if its URL has a password
        #[arg(
            long,
            value_name = "FILE|URL",
            value_parser = Secretive::<End>::new(),
            env = "FLOWDOCK_INBOX_COPY_FROM",
            hide_env_values = true
        )]
        from: End,
        /// The new data file, or the empty database
        #[arg(
            long,
            value_name = "FILE|URL",
            value_parser = Secretive::<End>::new(),
            env = "FLOWDOCK_INBOX_COPY_TO",
            hide_env_values = true
        )]
        to: End,
    },
    /// Create or update the tables of a PostgreSQL database, as a start of the inbox does, for a job before new inboxes are rolled
    /// out. Inboxes of the version before may run meanwhile. In an empty database this is the first start, and its secrets are
    /// shown only this once
    Migrate {
        /// The PostgreSQL database of the inbox
        #[arg(
            long,
            value_name = "URL",
            value_parser = Secretive::<DatabaseUrl>::new(),
            env = "FLOWDOCK_INBOX_DATABASE_URL",
            hide_env_values = true
        )]
        database_url: DatabaseUrl,
        /// Print one line of JSON, as a start of the inbox does
        #[arg(long, env = "FLOWDOCK_INBOX_JSON")]
        json: bool,
        /// Write the secrets of a first start into this file and do not print them
        #[arg(long, value_name = "FILE", env = "FLOWDOCK_INBOX_SECRETS_FILE")]
        secrets_file: Option<PathBuf>,
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
    /// The data file. An inbox whose settings name a database instead has none.
    fn file(self, database: Option<DatabaseUrl>) -> Result<DataFile, CommandError> {
        match (self.data, database) {
            (None, Some(url)) => Err(CommandError::NoFile(url)),
            (data, _) => Ok(DataFile::at(data.as_deref())?),
        }
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The inbox could not run.
    #[error(transparent)]
    Start(#[from] StartError),
    /// No data file is named, and it has no default path here.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// No copy was made.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The inbox has no data file. PostgreSQL's own programs back its database up.
    #[error("the inbox is in {0}: use pg_dump and pg_restore, or name a data file with --data")]
    NoFile(DatabaseUrl),
    /// No inbox was copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// Somebody stopped a copy.
    #[error("the copy was stopped")]
    Stopped,
    /// The operating system refused to start a thread or to listen for signals.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
    /// A variable with `_FILE` at its end cannot be used.
    #[error(transparent)]
    Variable(#[from] VariableError),
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
            let _log = args.start_log();
            start::run(args)?;
        }
        Some(Command::Backup { file, data }) => {
            let copied = data.file(args.database_url)?.back_up(&file)?;
            println!("{}: {}", file.display(), summary(&copied));
        }
        Some(Command::Restore { file, data }) => {
            let data = data.file(args.database_url)?;
            let (copied, old) = data.restore(&file)?;
            println!("{data}: {}", summary(&copied));
            if let Some(old) = old {
                println!("The data file that was there before: {}", old.display());
            }
        }
        Some(Command::Copy { from, to }) => copy(&from, &to)?,
        Some(Command::Migrate { database_url, json, secrets_file }) => {
            start::migrate(database_url, json, secrets_file.as_deref())?;
        }
        Some(Command::Check { admin }) => check(admin)?,
    }
    Ok(())
}

/// Copies an inbox, and tells on stderr how far it is.
fn copy(from: &End, to: &End) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut report = |line: &str| {
        // Whoever does not read it is not told.
        let _ = writeln!(io::stderr(), "{line}");
    };
    let summary = runtime.block_on(async {
        let (clock, mut stop) = (Clock::system(), Stop::listen()?);
        tokio::select! {
            copied = store::copy(from, to, &clock, &mut report) => Ok(copied?),
            () = stop.requested() => Err(CommandError::Stopped),
        }
    })?;
    println!("{to}: {summary}");
    Ok(())
}

fn summary(copied: &Copied) -> String {
    format!("{} messages, {} bytes", copied.messages, copied.bytes)
}

impl CommandLine {
    /// Reads the command line of this process, the environment and the files that it names.
    fn read() -> Result<CommandLine, CommandError> {
        let mut command = variables::with_values_from_files(CommandLine::command())?;
        let matches = command.get_matches_mut();
        let read = CommandLine::from_arg_matches(&matches).and_then(|mut line| {
            // The subcommands name their own places.
            if line.command.is_none() {
                line.args.choose_place(&mut command, &matches)?;
            }
            Ok(line)
        });
        Ok(read.unwrap_or_else(|error| error.exit()))
    }
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
