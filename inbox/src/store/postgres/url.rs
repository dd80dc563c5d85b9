//! The URL of a database, and the connections that it leads to.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Config, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::ClientConfig;

use crate::store::StoreError;
use crate::tls;

/// How long a connection may take to be made, and how long a request waits for a free one.
const WAIT: Duration = Duration::from_secs(5);

/// After this time without an answer of the server's machine, a connection is broken.
const SILENCE: Duration = Duration::from_secs(15);

/// The port of PostgreSQL, if a URL names none.
const DEFAULT_PORT: u16 = 5432;

/// The largest number of connections of an inbox, beside the one that listens.
const MAX_CONNECTIONS: usize = 16;

/// The settings of each connection. A statement that runs or waits for a lock for longer than this fails, and a connection that does
/// nothing in a transaction for longer is closed.
///
/// Each statement starts from an index and goes on by others, as SQLite's do. Without the last three settings PostgreSQL would plan to
/// read a table whole while it has few rows, and would keep that plan while the table grows: that halved the posts a second.
const SETTINGS: &str = "SET statement_timeout = '10s'; SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '10s'; SET default_transaction_isolation = 'read committed';
    SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

/// A `postgres://` URL. It may hold a password, so nothing shows more than its hosts and the name of the database.
#[derive(Clone)]
pub struct DatabaseUrl(Arc<Config>);

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<DatabaseUrl, &'static str> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err("must begin with postgres://");
        }
        let mut config: Config = text.parse().map_err(|_| problem(text))?;
        if config.get_dbname().is_none() {
            return Err("must name a database, as in postgres://user@host/database");
        }
        if config.get_application_name().is_none() {
            config.application_name("flowdock-inbox");
        }
        config.connect_timeout(WAIT);
        // So that a connection to a vanished server is noticed.
        if config.get_tcp_user_timeout().is_none() {
            config.keepalives_idle(SILENCE).tcp_user_timeout(SILENCE);
        }
        Ok(DatabaseUrl(config.into()))
    }
}

/// Why a text is no URL of a database. The errors of the parser may show parts of the password.
fn problem(text: &str) -> &'static str {
    let options = || text.split_once('?').map_or("", |(_, options)| options).split('&');
    let is_known = |mode: &str| ["disable", "prefer", "require"].contains(&mode);
    if options().filter_map(|option| option.strip_prefix("sslmode=")).any(|mode| !is_known(mode)) {
        "must have the sslmode disable, prefer or require; prefer and require check as verify-full does"
    } else if options().any(|option| option.starts_with("sslrootcert=")) {
        "cannot have sslrootcert; name the certificate of your authority with SSL_CERT_FILE in the environment"
    } else {
        "must be a URL as PostgreSQL's libpq reads it"
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = self.0.get_ports();
        let hosts = self.0.get_hosts().iter().enumerate().map(|(number, host)| {
            // One port is that of all hosts.
            let port = ports.get(number).or(ports.first()).copied().unwrap_or(DEFAULT_PORT);
            match host {
                Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
                Host::Tcp(name) => format!("{name}:{port}"),
                #[cfg(unix)]
                Host::Unix(path) => format!("{}/.s.PGSQL.{port}", path.display()),
            }
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        write!(f, "the database {} at {hosts}", self.0.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// Where an inbox listens.
#[derive(Clone, Debug, Default)]
pub enum Listening {
    /// At the database.
    #[default]
    There,
    /// At another URL of the same database, because a pooler is at the first one.
    At(DatabaseUrl),
    /// Nowhere: it only polls.
    Nowhere,
}

impl FromStr for Listening {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Listening, &'static str> {
        if text == "none" { Ok(Listening::Nowhere) } else { text.parse().map(Listening::At) }
    }
}

impl DatabaseUrl {
    /// The pool of connections to the database. It connects when a connection is asked for.
    pub(super) fn pool(&self) -> Pool {
        let manager = Manager::from_config(
            Config::clone(&self.0),
            with_tls(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let cores = std::thread::available_parallelism().map_or(4, usize::from);
        let prepare = Hook::async_fn(|client, _| {
            Box::pin(async move {
                let settings = timeout(WAIT, client.batch_execute(SETTINGS)).await;
                settings.map_err(|_| HookError::message("no answer to the settings"))?.map_err(HookError::Backend)
            })
        });
        Pool::builder(manager)
            .max_size(MAX_CONNECTIONS.min(4 * cores))
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .recycle_timeout(Some(WAIT))
            .runtime(Runtime::Tokio1)
            .post_create(prepare)
            .build()
            .expect("a runtime is given")
    }

    /// Makes a connection outside the pool.
    pub(super) async fn connect(&self) -> Result<(tokio_postgres::Client, Connection), StoreError> {
        // The time limit of the driver ends when the machine has answered, and not the server.
        let silent = |_| StoreError::Unreachable("the server does not answer".to_owned());
        Ok(timeout(WAIT, self.0.connect(with_tls())).await.map_err(silent)??)
    }
}

/// What reads the answers of the server, and what it says unasked.
pub(super) type Connection = tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

fn with_tls() -> MakeRustlsConnect {
    MakeRustlsConnect::new(ClientConfig::clone(&tls::client()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (hosts, shown) in [
            ("db.example.org", "db.example.org:5432"),
            ("db.example.org:5433", "db.example.org:5433"),
            ("[2001:db8::1]", "[2001:db8::1]:5432"),
            ("one:5433,two:5434", "one:5433,two:5434"),
            #[cfg(unix)]
            ("%2Fvar%2Frun%2Fpostgresql", "/var/run/postgresql/.s.PGSQL.5432"),
        ] {
            let url: DatabaseUrl = format!("postgres://me:secret@{hosts}/inbox?sslmode=require").parse().expect(hosts);
            assert_eq!(url.to_string(), format!("the database inbox at {shown}"));
            assert_eq!(format!("{url:?}"), format!("DatabaseUrl(the database inbox at {shown})"));
        }
        let url: DatabaseUrl = "postgres:///inbox?host=one&host=two&port=5433".parse().expect("a URL");
        assert_eq!(url.to_string(), "the database inbox at one:5433,two:5433");
    }

    #[test]
    fn what_is_no_url_of_a_database_is_refused() {
        for (text, error) in [
            ("inbox.sqlite", "must begin with postgres://"),
            ("mysql://host/inbox", "must begin with postgres://"),
            ("postgres://host", "must name a database, as in postgres://user@host/database"),
            ("postgres://host:x/inbox", "must be a URL as PostgreSQL's libpq reads it"),
            (
                "postgres://host/inbox?connect_timeout=5&sslmode=verify-full",
                "must have the sslmode disable, prefer or require; prefer and require check as verify-full does",
            ),
            (
                "postgres://host/inbox?sslmode=require&sslrootcert=/etc/ssl/my-ca.pem",
                "cannot have sslrootcert; name the certificate of your authority with SSL_CERT_FILE in the environment",
            ),
        ] {
            assert_eq!(text.parse::<DatabaseUrl>().expect_err(text), error);
        }
    }
}
