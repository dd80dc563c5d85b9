//! Starts an inbox from its arguments, and stops it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use flowdock_integration::client::is_blocked_port;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use crate::actions;
use crate::announce::{Announcement, base_url};
use crate::app::{App, LARGE_AT_ONCE, Settings};
use crate::bell::Bell;
use crate::clock::Clock;
use crate::config::Args;
use crate::domain::Secrets;
use crate::http::connections::{self, Server};
use crate::http::{BodyMemory, Hosts, WrongTokens, routes};
use crate::secret::{self, NoRandom};
use crate::stop::Stop;
use crate::store::{DataFile, OpenError, Opened, Store};
use crate::web_url;

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
    /// The operating system provided no random numbers.
    #[error("cannot start: the operating system provided no random numbers: {0}")]
    Random(#[from] NoRandom),
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
    inbox.serve(stop.requested());
    Ok(())
}

/// An inbox that is ready: it has its address, and its data file is open.
pub struct Inbox {
    runtime: Runtime,
    listener: TcpListener,
    local_url: String,
    url: Arc<str>,
    server: Server,
    file: DataFile,
    secrets: Secrets,
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
        let Opened { connections, secrets } = file.open(args.new_tokens, clock.now_ms())?;
        let (store, database_thread) = Store::start(connections, bell.clone(), clock.clone())?;
        let proxies: Vec<IpAddr> = args.trusted_proxy.iter().map(IpAddr::to_canonical).collect();
        let is_local = args.listen.ip().is_loopback() && web_url::is_loopback(&url);
        let settings = Settings {
            is_local,
            token_lifetime: args.token_lifetime,
            action_timeout: args.action_timeout,
            trusted_proxies: proxies.clone(),
        };
        let form_secret = secret::random_hex()?;
        let url: Arc<str> = url.into();
        let app = App {
            store,
            bell: bell.clone(),
            clock,
            settings: settings.into(),
            client: actions::Client::default(),
            wrong_tokens: WrongTokens::default(),
            large: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
            url: Arc::clone(&url),
            form_secret: form_secret.into(),
        };
        let router = routes::router(app, Hosts::new(&url, &args.allow_host), args.www.as_deref());
        let limits = args.limits.clone();
        let memory = BodyMemory::new(limits.bytes);
        let server = Server { router, bell, limits, proxies: proxies.into(), memory };
        Ok(Inbox { runtime, listener, local_url, url, server, file, secrets, database_thread })
    }

    /// The URLs, tokens and names that a program needs to use the inbox, as one line of JSON. `--json` prints this
    /// line.
    pub fn ready(&self) -> String {
        self.announcement().json()
    }

    fn announcement(&self) -> Announcement<'_> {
        Announcement { url: &self.url, local_url: &self.local_url, secrets: &self.secrets, file: &self.file }
    }

    /// Answers requests until the future `stop` completes. Then ends the open streams, and waits up to `GRACE` for the
    /// requests in progress.
    pub fn serve(self, stop: impl Future<Output = ()> + Send + 'static) {
        let Inbox { runtime, listener, server, database_thread, .. } = self;
        runtime.block_on(async {
            let bell = server.bell.clone();
            tokio::spawn(async move {
                stop.await;
                bell.close();
            });
            connections::serve(listener, server, GRACE).await;
        });
        // The runtime holds the last handles of the store. Without them the database thread ends and closes its file.
        // The runtime may give up a DNS lookup for an action; it waits for everything else.
        runtime.shutdown_timeout(GRACE);
        let _ = database_thread.join();
    }
}
