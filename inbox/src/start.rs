//! From arguments to a running inbox, and to its end.

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

/// How long requests under way may take to finish once the inbox was told to stop. Only a client that stops sending
/// or reading in the middle of a request uses it up.
const GRACE: Duration = Duration::from_secs(2);

/// What keeps an inbox from running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or is not one of this machine.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        reason: io::Error,
    },
    /// Browsers and `fetch` call no server on this port.
    #[error(
        "cannot listen on {0}: it is a bad port, which browsers and `fetch` refuse; choose another one, such as 4400"
    )]
    BadPort(SocketAddr),
    /// The folder of `--www` is not there.
    #[error("cannot serve {}: it is not a folder", .0.display())]
    Www(PathBuf),
    /// The data file cannot be used.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// The line that says that the inbox is ready could not be written.
    #[error("cannot write to the standard output: {0}")]
    Output(io::Error),
    /// The system refuses threads or signals.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// Runs an inbox until Ctrl-C or SIGTERM.
///
/// # Errors
///
/// A [`StartError`] says in one line what kept the inbox from starting.
pub fn run(args: Args) -> Result<(), StartError> {
    let inbox = Inbox::open(&args, Clock::system())?;
    // The signals are caught before anybody is told that the inbox is ready.
    let stop = inbox.runtime.block_on(async { Stop::listen() })?;
    inbox.announcement().print(args.json).map_err(StartError::Output)?;
    inbox.serve(stop.requested())
}

/// An inbox that is ready: its address is taken and its data file is open.
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
    /// Gets an inbox ready.
    ///
    /// # Errors
    ///
    /// A [`StartError`] says in one line what is in the way.
    pub fn open(args: &Args, clock: Clock) -> Result<Inbox, StartError> {
        if let Some(www) = args.www.as_ref().filter(|www| !www.is_dir()) {
            return Err(StartError::Www(www.clone()));
        }
        // With 0 the system chooses.
        if args.listen.port() != 0 && is_blocked_port(args.listen.port()) {
            return Err(StartError::BadPort(args.listen));
        }
        let file = match &args.data {
            Some(path) => DataFile::from(path.clone()),
            None => DataFile::in_platform_folder()?,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;

        // The address comes before the data file: if it is taken, a first start must not have made tokens already that
        // nobody would get to see.
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

    /// What somebody needs to use it, in one line of JSON: the one that `--json` prints.
    pub fn ready(&self) -> String {
        self.announcement().json()
    }

    fn announcement(&self) -> Announcement<'_> {
        Announcement { url: &self.app.url, local_url: &self.local_url, secrets: &self.secrets, file: &self.file }
    }

    /// Answers requests until `stop` comes to its end.
    ///
    /// # Errors
    ///
    /// When the system refuses to go on.
    pub fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), StartError> {
        let Inbox { runtime, listener, www, app, database_thread, .. } = self;
        let served = runtime.block_on(serve(listener, app, www.as_deref(), stop));
        // The runtime holds the last handles of the store. Without them the database thread ends and closes its file.
        // What it does not wait for to the end is a name that is looked up for an action.
        runtime.shutdown_timeout(GRACE);
        let _ = database_thread.join();
        served
    }
}

/// Serves until `stop`, then ends open streams and waits a moment for the requests under way.
async fn serve(
    listener: TcpListener,
    app: App,
    www: Option<&Path>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    let bell = app.bell.clone();
    let router = server::router(app, www);
    // An event of the stream leaves at once, not together with the next one.
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
