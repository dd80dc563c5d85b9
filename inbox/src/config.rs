//! The settings, from the command line and the environment.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{ArgMatches, Command, Parser};
use tracing_appender::non_blocking::WorkerGuard;

use crate::http::connections::Limits;
use crate::logs::{self, LogFormat, LogLevel};
use crate::store::{DatabaseUrl, Listening};
use crate::variables::{self, Source};
use crate::web_url::is_web_url;

/// Receives Flowdock messages, stores them in one SQLite file or in a PostgreSQL database, and shows them again.
///
/// The first start creates the organisation `example` with the flow `main`, an application and a source. It prints a
/// flow token, which posts messages, an API token, which gives access to everything, and the client id and secret of
/// the application. They are shown only this once. With the API token, PUT /oauth/applications/1 gives the application
/// a name, redirect URIs and a setup URI, and POST /oauth/applications registers another one.
#[derive(Debug, Parser)]
pub struct Args {
    /// The address to listen at; port 0 takes any free port. If other machines are to reach it, put a server
    /// that speaks TLS in front
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4400", env = "FLOWDOCK_INBOX_LISTEN")]
    pub listen: SocketAddr,

    /// The URL at which others reach the inbox, if it is not the address to listen at: that of the server in front of
    /// it. It may have a path that this server removes. All links begin with it [default: http://ADDRESS:PORT]
    #[arg(long, value_name = "URL", value_parser = base_url, env = "FLOWDOCK_INBOX_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// Another name of this inbox. A request that names another host is refused, unless it names the host of the public
    /// URL, an IP address or `localhost`. May be given several times
    #[arg(long, value_name = "HOST", value_delimiter = ',', env = "FLOWDOCK_INBOX_ALLOW_HOST")]
    pub allow_host: Vec<String>,

    /// The address of a server in front of the inbox whose `X-Forwarded-For` header is true. Without it, all
    /// clients behind that server share the limits of one network. May be given several times
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',', env = "FLOWDOCK_INBOX_TRUSTED_PROXY")]
    pub trusted_proxy: Vec<IpAddr>,

    /// The SQLite file that stores everything, or `:memory:` [default: inbox.sqlite in the platform's data folder]
    #[arg(long, value_name = "FILE", env = "FLOWDOCK_INBOX_DATA")]
    pub data: Option<PathBuf>,

    /// The PostgreSQL database that stores everything, in place of the SQLite file: `postgres://user:password@host/database`.
    /// Several inboxes may use it at the same time. Other users of this machine can read a command line, so name it in the
    /// environment if it has a password
    #[arg(
        long,
        value_name = "URL",
        value_parser = Secretive::<DatabaseUrl>::new(),
        env = "FLOWDOCK_INBOX_DATABASE_URL",
        hide_env_values = true
    )]
    pub database_url: Option<DatabaseUrl>,

    /// Another URL of the same database, to hear there what other inboxes write, if a connection pooler is at the first one; or
    /// `none`, to look once a second only
    #[arg(
        long,
        value_name = "URL",
        value_parser = Secretive::<Listening>::new(),
        env = "FLOWDOCK_INBOX_LISTEN_URL",
        hide_env_values = true
    )]
    pub listen_url: Option<Listening>,

    /// Remove messages that are older than this number of days, with their files. Threads stay [default: keep everything]
    #[arg(long, value_name = "DAYS", value_parser = days, env = "FLOWDOCK_INBOX_KEEP_DAYS")]
    pub keep_days: Option<Duration>,

    /// Serve the static files of this folder at /
    #[arg(long, value_name = "DIR", env = "FLOWDOCK_INBOX_WWW")]
    pub www: Option<PathBuf>,

    /// The address at which the inbox answers /healthz, /readyz and /metrics. They need no token: let only those reach
    /// the address who watch the inbox
    #[arg(long, value_name = "ADDRESS:PORT", env = "FLOWDOCK_INBOX_ADMIN")]
    pub admin: Option<SocketAddr>,

    /// The form of the log, which goes to stderr
    #[arg(long, value_name = "FORM", value_enum, default_value_t, env = "FLOWDOCK_INBOX_LOG_FORMAT")]
    pub log_format: LogFormat,

    /// What the log tells
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t, env = "FLOWDOCK_INBOX_LOG_LEVEL")]
    pub log_level: LogLevel,

    /// When the inbox is asked to stop: how long /readyz answers 503 before it takes no more connections. Behind a load
    /// balancer, a little longer than its checks take to notice
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds_up_to_an_hour, env = "FLOWDOCK_INBOX_DRAIN_DELAY")]
    pub drain_delay: Duration,

    /// When the inbox stops: how long requests in progress may take to finish
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = seconds_up_to_an_hour, env = "FLOWDOCK_INBOX_STOP_TIMEOUT")]
    pub stop_timeout: Duration,

    /// Print one line of JSON on stdout when the inbox is ready: url, local_url, admin_url, flow_token, api_token, client_id,
    /// client_secret, organization, flow
    #[arg(long, env = "FLOWDOCK_INBOX_JSON")]
    pub json: bool,

    /// Write the secrets that this start creates into this file, which only its owner can read, as one line of JSON. They
    /// are not printed then, so no log has them
    #[arg(long, value_name = "FILE", env = "FLOWDOCK_INBOX_SECRETS_FILE")]
    pub secrets_file: Option<PathBuf>,

    /// End everything that gives access: all tokens, client secrets, sessions and grants. Creates a new API token, a new
    /// flow token of the first source and new client secrets; they are shown only this once. Every other source must be
    /// set up again
    #[arg(long)]
    pub new_tokens: bool,

    /// How long an access token of an application is valid
    #[arg(long, value_name = "SECONDS", default_value = "7200", value_parser = seconds, env = "FLOWDOCK_INBOX_TOKEN_LIFETIME")]
    pub token_lifetime: Duration,

    /// How long the service that offered an action may take to answer. It is not an option of the command line, because
    /// nobody has needed another value yet.
    #[arg(skip = Duration::from_secs(10))]
    pub action_timeout: Duration,

    /// What a client may take. It is not an option of the command line, because nobody has needed other values yet.
    #[arg(skip)]
    pub limits: Limits,
}

impl Args {
    /// Decides between a data file and a database if both are named: one on the command line comes before one in the environment.
    ///
    /// # Errors
    ///
    /// Both have the same rank, or there is a URL to listen at and no database.
    pub fn choose_place(&mut self, command: &mut Command, matches: &ArgMatches) -> Result<(), clap::Error> {
        let [data, database, listen] =
            ["data", "database_url", "listen_url"].map(|option| variables::source(command, matches, option));
        match (data, database) {
            (Some(Source::CommandLine), Some(Source::Variable(_))) => {
                self.database_url = None;
                // A URL to listen at in the environment belongs to that database.
                if listen != Some(Source::CommandLine) {
                    self.listen_url = None;
                }
            }
            (Some(Source::Variable(_)), Some(Source::CommandLine)) => self.data = None,
            (Some(Source::Variable(data)), Some(Source::Variable(database))) => {
                let problem = format!(
                    "{data} and {database} are both set; make {data} empty to use the database, or {database} to use the file"
                );
                return Err(command.error(ErrorKind::ArgumentConflict, problem));
            }
            (Some(Source::CommandLine), Some(Source::CommandLine)) => {
                let problem = "--data and --database-url exclude each other";
                return Err(command.error(ErrorKind::ArgumentConflict, problem));
            }
            (None, _) | (_, None) => {}
        }
        if self.listen_url.is_some() && self.database_url.is_none() {
            return Err(command.error(ErrorKind::MissingRequiredArgument, "--listen-url needs --database-url"));
        }
        Ok(())
    }

    /// Starts to write the log of this process. Keep the guard: when it is dropped, the lines that wait are written.
    pub fn start_log(&self) -> WorkerGuard {
        logs::start(self.log_format, self.log_level)
    }
}

/// Reads a value that may hold a password. Its errors do not show the value, as those of clap's own parsers do.
#[derive(Clone)]
pub struct Secretive<T>(PhantomData<T>);

impl<T> Secretive<T> {
    /// A parser for an option of this type.
    pub fn new() -> Secretive<T> {
        Secretive(PhantomData)
    }
}

impl<T: FromStr<Err = &'static str> + Clone + Send + Sync + 'static> TypedValueParser for Secretive<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, option: Option<&clap::Arg>, value: &OsStr) -> Result<T, clap::Error> {
        value.to_str().ok_or("must be UTF-8").and_then(str::parse).map_err(|problem| {
            let option = option.map(|option| format!("invalid value for '{option}': ")).unwrap_or_default();
            command.clone().error(ErrorKind::ValueValidation, format!("{option}{problem}"))
        })
    }
}

/// Checks a base URL, to which paths can be appended, and removes the slashes at its end.
fn base_url(text: &str) -> Result<String, &'static str> {
    let url = text.trim_end_matches('/');
    if is_web_url(url) && !url.contains(['?', '#']) {
        Ok(url.to_owned())
    } else {
        Err("must be an absolute http or https URL without a user, a query or a fragment")
    }
}

/// The longest lifetime of an access token, in seconds: a year.
const MAX_TOKEN_LIFETIME: u64 = 366 * 24 * 60 * 60;

/// Reads a duration from one second to one year.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=MAX_TOKEN_LIFETIME) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("must be a whole number from 1 to {MAX_TOKEN_LIFETIME}")),
    }
}

/// Reads a duration of up to one hour.
fn seconds_up_to_an_hour(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 0..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err("must be a whole number from 0 to 3600".to_owned()),
    }
}

/// Reads a number of days, from one day to a hundred years.
fn days(text: &str) -> Result<Duration, String> {
    const MAX_DAYS: u64 = 36_500;
    match text.parse() {
        Ok(days @ 1..=MAX_DAYS) => Ok(Duration::from_secs(days * 24 * 60 * 60)),
        _ => Err(format!("must be a whole number from 1 to {MAX_DAYS}")),
    }
}
