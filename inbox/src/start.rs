//! Starts an inbox from its arguments, and stops it.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::serve::ListenerExt;
use flowdock_integration::client::is_blocked_port;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::actions;
use crate::announce::{Announcement, base_url};
use crate::args::Args;
use crate::bell::Bell;
use crate::clock::Clock;
use crate::server::{self, App, Settings};
use crate::stop::Stop;
use crate::store::{DataFile, OpenError, Secrets, Store};

/// How long requests in progress may take to finish after the inbox was told to stop. Only a client that stops sending
/// or reading in the middle of a request uses all of it.
const GRACE: Duration = Duration::from_secs(2);

/// Why an inbox cannot run.
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
    /// The data file cannot be used.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// The announcement that the inbox is ready could not be written to stdout.
    #[error("cannot write to the standard output: {0}")]
    Output(io::Error),
    /// The operating system refused to start a thread or to listen for signals.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// Runs an inbox until Ctrl-C or SIGTERM.
///
/// # Errors
///
/// A [`StartError`], whose text says in one line why the inbox did not start.
pub fn run(args: Args) -> Result<(), StartError> {
    let inbox = Inbox::open(&args, Clock::system())?;
    // Listens for the signals before anybody is told that the inbox is ready. So a signal after that stops it cleanly.
    let stop = inbox.runtime.block_on(async { Stop::listen() })?;
    inbox.announcement().print(args.json).map_err(StartError::Output)?;
    inbox.serve(stop.requested())
}

/// An inbox that is ready: it has its address, and its data file is open.
pub struct Inbox {
    runtime: Runtime,
    listener: TcpListener,
    local_url: String,
    www: Option<PathBuf>,
    file: DataFile,
    secrets: Secrets,
    app: App,
    database_thread: JoinHandle<()>,
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
        let file = match &args.data {
            Some(path) => DataFile::from(path.clone()),
            None => DataFile::in_platform_folder()?,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;

        // Binds the address before it opens the data file. Otherwise a first start that fails because the address is in
        // use would create tokens that nobody ever sees.
        let listener = runtime
            .block_on(TcpListener::bind(args.listen))
            .map_err(|reason| StartError::Listen { address: args.listen, reason })?;
        let local_url = base_url(listener.local_addr()?);
        let url = args.public_url.clone().unwrap_or_else(|| local_url.clone());

        let bell = Bell::default();
        let (connection, secrets) = file.open(args.new_tokens, clock.now_ms())?;
        let (store, database_thread) = Store::start(connection, bell.clone(), clock.clone())?;
        let settings = Settings { token_lifetime: args.token_lifetime, action_timeout: args.action_timeout };
        let app = App { store, bell, clock, settings, client: actions::Client::default(), url: url.into() };
        Ok(Inbox { runtime, listener, local_url, www: args.www.clone(), file, secrets, app, database_thread })
    }

    /// The URLs, tokens and names that a program needs to use the inbox, as one line of JSON. `--json` prints this
    /// line.
    pub fn ready(&self) -> String {
        self.announcement().json()
    }

    fn announcement(&self) -> Announcement<'_> {
        Announcement { url: &self.app.url, local_url: &self.local_url, secrets: &self.secrets, file: &self.file }
    }

    /// Answers requests until the future `stop` completes.
    ///
    /// # Errors
    ///
    /// If the operating system reports an error of the listener.
    pub fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), StartError> {
        let Inbox { runtime, listener, www, app, database_thread, .. } = self;
        let served = runtime.block_on(serve(listener, app, www.as_deref(), stop));
        // The runtime holds the last handles of the store. Without them the database thread ends and closes its file.
        // The runtime may give up a DNS lookup for an action; it waits for everything else.
        runtime.shutdown_timeout(GRACE);
        let _ = database_thread.join();
        served
    }
}

/// Serves until `stop` completes. Then it ends the open streams and waits up to `GRACE` for the requests in progress.
async fn serve(
    listener: TcpListener,
    app: App,
    www: Option<&Path>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    let bell = app.bell.clone();
    let router = server::router(app, www);
    // Sends each event of a stream at once, instead of collecting several (Nagle's algorithm).
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });

    let mut stopping = bell.listen();
    let stopped = {
        let mut stopping = bell.listen();
        async move { stopping.closed().await }
    };
    let server = axum::serve(listener, router).with_graceful_shutdown(stopped);

    tokio::spawn(async move {
        stop.await;
        bell.close();
    });
    tokio::select! {
        ended = server => ended.map_err(StartError::System),
        () = async { stopping.closed().await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}
