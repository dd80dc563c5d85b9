//! Starts an inbox from its arguments, and stops it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use flowdock_integration::client::is_blocked_port;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use crate::announce::{self, Addresses, Announcement};
use crate::app::{App, LARGE_AT_ONCE, Settings};
use crate::bell::Bell;
use crate::clock::Clock;
use crate::config::Args;
use crate::domain::{Flow, Secrets};
use crate::housekeeping;
use crate::http::admin::{self, Admin};
use crate::http::connections::{self, Limits, Server};
use crate::http::{BodyMemory, Hosts, Tails, WrongTokens, routes};
use crate::metrics::Metrics;
use crate::secrets_file::SecretsFile;
use crate::stop::Stop;
use crate::store::{DataFileGone, DatabaseUrl, Listening, Opened, Place, PlaceError};
use crate::web_url;

/// How long a DNS lookup may go on after everything else has ended.
const LOOKUP_TIME: Duration = Duration::from_secs(2);

/// How long a request to the admin address may take, and how long a connection may be idle. Shorter than the wait of a check.
const ADMIN_TIME: Duration = Duration::from_secs(2);

/// Why an inbox cannot run, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process uses the address, or the address does not belong to this machine.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address that the arguments named.
        address: SocketAddr,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// Browsers and `fetch` refuse to call this port.
    #[error(
        "cannot listen on {0}: it is a bad port, which browsers and `fetch` refuse; choose another one, such as 4400"
    )]
    BadPort(SocketAddr),
    /// The folder that `--www` names does not exist.
    #[error("cannot serve {}: it is not a folder", .0.display())]
    Www(PathBuf),
    /// The data file or the database cannot be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The file for the secrets cannot be written.
    #[error("cannot write the secrets to {}: {reason}", .file.display())]
    SecretsFile {
        /// The file.
        file: PathBuf,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// The data file went away while the inbox ran.
    #[error(transparent)]
    Gone(#[from] DataFileGone),
    /// A fault of the program ended the thread that writes the data file.
    #[error("the inbox stops after a fault of the program; what was answered is stored")]
    Panicked,
    /// The announcement that the inbox is ready could not be written to stdout.
    #[error("cannot write to the standard output: {0}")]
    Output(io::Error),
    /// The operating system refused to start a thread or to listen for signals.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// Runs an inbox until Ctrl-C or SIGTERM. A second signal ends the process at once.
///
/// # Errors
///
/// A [`StartError`], whose text says in one line why the inbox did not start, or why it stopped.
pub fn run(args: Args) -> Result<(), StartError> {
    let secrets_file = prepared(args.secrets_file.as_deref(), args.data.as_deref())?;
    let mut inbox = Inbox::open(&args, Clock::system())?;
    if let Some(file) = secrets_file.filter(|_| inbox.secrets.exist()) {
        write(file, &inbox.announcement(), args.secrets_file.as_deref())?;
        inbox.secrets = Secrets::default();
        inbox.secrets_file.clone_from(&args.secrets_file);
    }
    // Listens for the signals before anybody is told that the inbox is ready. So a signal after that stops it cleanly.
    let mut stop = inbox.runtime.block_on(async { Stop::listen() })?;
    inbox.announcement().print(args.json).map_err(StartError::Output)?;
    inbox.serve(async move {
        stop.requested().await;
        // Whoever asks twice does not want to wait. What was answered is on the disk.
        tokio::spawn(async move {
            stop.requested().await;
            std::process::exit(1);
        });
    })
}

/// Creates or updates the tables of a database, as a start does, and runs no inbox. In an empty database this is the first start: it
/// prints the secrets, or writes them into the file.
///
/// # Errors
///
/// A [`StartError`], whose text says in one line what failed.
pub fn migrate(url: DatabaseUrl, as_json: bool, secrets_file: Option<&Path>) -> Result<(), StartError> {
    let file = prepared(secrets_file, None)?;
    let place = Place::Database { url, listening: Listening::Nowhere };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let opening = place.open(false, Bell::default(), Clock::system(), Metrics::default());
    let Opened { store, secrets, flow, .. } = runtime.block_on(opening)?;
    drop(store);
    let mut announcement =
        Announcement { addresses: None, secrets: &secrets, secrets_file: None, flow: &flow, place: &place };
    let shown = Secrets::default();
    if let Some(file) = file.filter(|_| secrets.exist()) {
        write(file, &announcement, secrets_file)?;
        announcement = Announcement { secrets: &shown, secrets_file, ..announcement };
    }
    announcement.print(as_json).map_err(StartError::Output)
}

/// Makes sure that the file for the secrets can be written.
fn prepared(file: Option<&Path>, data_file: Option<&Path>) -> Result<Option<SecretsFile>, StartError> {
    let unwritable = |reason| unwritable(file, reason);
    file.map(|path| SecretsFile::prepare(path, data_file)).transpose().map_err(unwritable)
}

/// Writes the secrets of a start into the file at this path.
fn write(file: SecretsFile, announcement: &Announcement<'_>, path: Option<&Path>) -> Result<(), StartError> {
    file.write(&announcement.json()).map_err(|reason| unwritable(path, reason))
}

fn unwritable(file: Option<&Path>, reason: io::Error) -> StartError {
    StartError::SecretsFile { file: file.unwrap_or(Path::new("")).to_owned(), reason }
}

/// An inbox that is ready: it has its address, and its data file is open.
pub struct Inbox {
    runtime: Runtime,
    listener: TcpListener,
    admin: Option<TcpListener>,
    local_url: String,
    url: Arc<str>,
    server: Server,
    admin_server: Server,
    is_draining: Arc<AtomicBool>,
    drain_delay: Duration,
    stop_timeout: Duration,
    place: Place,
    secrets: Secrets,
    /// Where the secrets of this start are, if they are not to be printed.
    secrets_file: Option<PathBuf>,
    flow: Flow,
    /// Ends when the data file is closed.
    end: Option<JoinHandle<Result<(), DataFileGone>>>,
}

impl Inbox {
    /// Binds the address and opens the data file.
    ///
    /// # Errors
    ///
    /// A [`StartError`], whose text says in one line what failed.
    pub fn open(args: &Args, clock: Clock) -> Result<Inbox, StartError> {
        if let Some(www) = args.www.as_ref().filter(|www| !www.is_dir()) {
            return Err(StartError::Www(www.clone()));
        }
        // With port 0 the operating system chooses a free port.
        if args.listen.port() != 0 && is_blocked_port(args.listen.port()) {
            return Err(StartError::BadPort(args.listen));
        }
        let database = args.database_url.clone().map(|url| (url, args.listen_url.clone().unwrap_or_default()));
        let place = Place::of(database, args.data.as_deref()).map_err(PlaceError::from)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;

        // Binds the address before it opens the data file. Otherwise a first start that fails because the address is in
        // use would create tokens that nobody ever sees.
        let bind = |address| {
            runtime.block_on(TcpListener::bind(address)).map_err(|reason| StartError::Listen { address, reason })
        };
        let listener = bind(args.listen)?;
        let admin = args.admin.map(bind).transpose()?;
        let local_url = announce::local_url(listener.local_addr()?);
        let url = args.public_url.clone().unwrap_or_else(|| local_url.clone());

        let bell = Bell::default();
        let metrics = Metrics::default();
        let opening = place.open(args.new_tokens, bell.clone(), clock.clone(), metrics.clone());
        let Opened { store, secrets, flow, end } = runtime.block_on(opening)?;
        runtime.spawn(housekeeping::run(store.clone(), clock.clone(), args.keep_days));
        let is_draining = Arc::new(AtomicBool::new(false));
        let watched = Admin { store: store.clone(), metrics: metrics.clone(), is_draining: Arc::clone(&is_draining) };
        let proxies: Vec<IpAddr> = args.trusted_proxy.iter().map(IpAddr::to_canonical).collect();
        let is_local = args.listen.ip().is_loopback() && web_url::is_loopback(&url);
        let settings = Settings {
            is_local,
            token_lifetime: args.token_lifetime,
            action_timeout: args.action_timeout,
            trusted_proxies: proxies.clone(),
        };
        let url: Arc<str> = url.into();
        let app = App {
            tails: Tails::new(store.clone(), bell.clone()),
            store,
            bell: bell.clone(),
            clock,
            settings: settings.into(),
            metrics,
            wrong_tokens: WrongTokens::default(),
            large: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
            url: Arc::clone(&url),
        };
        let router = routes::router(app, Hosts::new(&url, &args.allow_host), args.www.as_deref());
        let limits = args.limits.clone();
        let memory = BodyMemory::new(limits.bytes);
        let server = Server { router, bell, limits, proxies: proxies.into(), memory };
        Ok(Inbox {
            runtime,
            listener,
            admin,
            local_url,
            url,
            server,
            admin_server: admin_server(watched),
            is_draining,
            drain_delay: args.drain_delay,
            stop_timeout: args.stop_timeout,
            place,
            secrets,
            secrets_file: None,
            flow,
            end,
        })
    }

    /// The URLs, tokens and names that a program needs to use the inbox, as one line of JSON. `--json` prints this
    /// line.
    pub fn ready(&self) -> String {
        self.announcement().json()
    }

    fn announcement(&self) -> Announcement<'_> {
        let admin_url = self.admin.as_ref().and_then(|admin| admin.local_addr().ok()).map(announce::local_url);
        Announcement {
            addresses: Some(Addresses { url: &self.url, local_url: &self.local_url, admin_url }),
            secrets: &self.secrets,
            secrets_file: self.secrets_file.as_deref(),
            flow: &self.flow,
            place: &self.place,
        }
    }

    /// Answers requests until the future `stop` completes. Then says at `/readyz` that it stops, waits for
    /// `--drain-delay`, ends the open streams, and waits up to `--stop-timeout` for the requests in progress.
    ///
    /// # Errors
    ///
    /// [`StartError::Gone`] if the data file went away meanwhile, [`StartError::Panicked`] after a fault of the program.
    pub fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), StartError> {
        let Inbox { runtime, listener, admin, server, admin_server, .. } = self;
        let (is_draining, drain_delay, stop_timeout) = (self.is_draining, self.drain_delay, self.stop_timeout);
        runtime.block_on(async {
            let bell = server.bell.clone();
            if let Some(admin) = admin {
                tokio::spawn(connections::serve(admin, admin_server, Duration::ZERO));
            }
            tokio::spawn(async move {
                stop.await;
                tracing::info!("stopping");
                is_draining.store(true, Ordering::Relaxed);
                tokio::time::sleep(drain_delay).await;
                bell.close();
            });
            connections::serve(listener, server, stop_timeout).await;
        });
        // The runtime holds the last handles of the store. Without them the database threads end and close its file.
        // The runtime may give up a DNS lookup for an action; it waits for everything else.
        runtime.shutdown_timeout(LOOKUP_TIME);
        match self.end.map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(result)) => Ok(result?),
            // The thread has printed why.
            Some(Err(_)) => Err(StartError::Panicked),
        }
    }
}

/// The server of the admin address. Its bell never closes: it answers until everything else has ended.
fn admin_server(watched: Admin) -> Server {
    Server {
        router: admin::router(watched),
        bell: Bell::default(),
        // It is for a few programs that watch the inbox.
        limits: Limits { connections: 64, bytes: 0, head: ADMIN_TIME, write: ADMIN_TIME, ..Limits::default() },
        proxies: [].into(),
        memory: BodyMemory::new(0),
    }
}
