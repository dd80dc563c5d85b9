//! A server, from its first start to its removal.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::account::{Account, is_open, open_temporary_folder};
use crate::files;
use crate::programs::{Programs, open_folder};

/// What a server writes so that it survives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A commit survives the end of the server's processes. It may be lost when the machine loses its power.
    Process,
    /// A commit survives all that PostgreSQL protects it from.
    Machine,
}

/// How a server stops.
#[derive(Clone, Copy)]
pub enum Stop {
    /// Every connection ends, and everything is written.
    Fast,
    /// Every process ends at once, as in a crash. The next start repairs the data.
    Immediate,
}

/// A server. Dropping it stops it and removes its data.
pub struct Server {
    cluster: Cluster,
    /// A lock on it says that this process uses the server.
    _lock: File,
}

/// Stops a server that another thread owns: when the process is interrupted.
#[derive(Clone)]
pub struct Stopper(Cluster);

impl Stopper {
    /// Stops the server and removes its data.
    pub fn stop(&self) {
        self.0.remove();
    }
}

impl Server {
    /// Makes a new server and starts it. Its data is in a folder of its own below `base`, or where its account can enter. What servers
    /// of killed processes have left there is removed.
    ///
    /// # Errors
    ///
    /// The server cannot be made or does not start. The error has the last lines of its log.
    pub fn start(programs: &Programs, base: &Path, durability: Durability) -> Result<Server, String> {
        let account = Account::instead_of_root()?;
        let base = open_folder(base)?;
        let (folder, lock) = new_folder(programs, &base, account)?;
        let sockets = if cfg!(windows) { None } else { Some(socket_folder(account)?) };
        let (port, password) =
            if cfg!(windows) { (free_port()?, Some(random_text()?)) } else { (PORT_OF_SOCKET, None) };
        let cluster = Cluster { programs: programs.clone(), folder, sockets, port, password, account };
        // From here on, dropping it removes everything.
        let server = Server { cluster, _lock: lock };
        server.cluster.make(durability)?;
        server.run()?;
        Ok(server)
    }

    /// The URL of the server's first database, for its superuser.
    pub fn url(&self) -> String {
        let Cluster { sockets, port, password, .. } = &self.cluster;
        match (sockets, password) {
            (Some(folder), _) => format!("postgres://postgres@{}:{port}/postgres", percent_encoded(folder)),
            (None, password) => {
                format!("postgres://postgres:{}@127.0.0.1:{port}/postgres", password.as_deref().unwrap_or_default())
            }
        }
    }

    /// The folder of the server's data.
    pub fn data(&self) -> PathBuf {
        self.cluster.data()
    }

    /// What can stop the server from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.cluster.clone())
    }

    /// Stops the server.
    ///
    /// # Errors
    ///
    /// It does not run, or does not end within a minute.
    pub fn stop(&self, how: Stop) -> Result<(), String> {
        self.cluster.control(&["stop", "--mode", how.mode()])
    }

    /// Starts the server, and waits until it accepts connections.
    ///
    /// # Errors
    ///
    /// The server does not start.
    pub fn run(&self) -> Result<(), String> {
        let log = self.cluster.folder.join("log").display().to_string();
        self.cluster.control(&["start", "--log", &log])
    }

    /// Copies the data of the stopped server, as a backup of its files is made.
    ///
    /// # Errors
    ///
    /// A file cannot be copied.
    pub fn save_data(&self) -> Result<(), String> {
        files::copy(&self.data(), &self.cluster.folder.join("saved"), self.cluster.account)
    }

    /// Puts the copy of [`save_data`](Server::save_data) in the place of the stopped server's data.
    ///
    /// # Errors
    ///
    /// A file cannot be moved.
    pub fn restore_data(&self) -> Result<(), String> {
        let data = self.data();
        let failed = |error| format!("{}: {error}", data.display());
        fs::remove_dir_all(&data).map_err(failed)?;
        fs::rename(self.cluster.folder.join("saved"), &data).map_err(failed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.cluster.remove();
    }
}

impl Stop {
    fn mode(self) -> &'static str {
        match self {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        }
    }
}

/// The files of a server, and how to reach it.
#[derive(Clone)]
struct Cluster {
    programs: Programs,
    folder: PathBuf,
    /// The folder of its Unix socket.
    sockets: Option<PathBuf>,
    port: u16,
    password: Option<String>,
    account: Option<Account>,
}

/// The file in a server's folder that holds the path of the folder of its socket.
const SOCKETS: &str = "sockets";

/// The file in a server's folder that holds its port, if it has no socket.
const PORT: &str = "port";

/// The port in the name of a socket. Each socket has a folder of its own.
const PORT_OF_SOCKET: u16 = 5432;

impl Cluster {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Makes the data of a new server.
    fn make(&self, durability: Durability) -> Result<(), String> {
        let failed = |error| format!("cannot write the settings of PostgreSQL: {error}");
        let data = self.data().display().to_string();
        let mut arguments =
            ["--pgdata", &data, "--username", "postgres", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
                .map(str::to_owned)
                .to_vec();
        if let Some(password) = &self.password {
            let file = self.folder.join("password");
            fs::write(&file, password).map_err(failed)?;
            arguments.extend(["--auth=scram-sha-256".to_owned(), format!("--pwfile={}", file.display())]);
        } else {
            arguments.push("--auth=trust".to_owned());
        }
        self.run("initdb", &arguments.iter().map(String::as_str).collect::<Vec<_>>())?;

        let mut settings = format!("\nport = {}\nmax_connections = 200\n", self.port);
        if let Some(folder) = &self.sockets {
            let folder = folder.display().to_string();
            fs::write(self.folder.join(SOCKETS), &folder).map_err(failed)?;
            settings += &format!("listen_addresses = ''\nunix_socket_directories = '{}'\n", folder.replace('\'', "''"));
        } else {
            fs::write(self.folder.join(PORT), self.port.to_string()).map_err(failed)?;
            settings += "listen_addresses = '127.0.0.1'\n";
        }
        if durability == Durability::Process {
            settings += "fsync = off\nfull_page_writes = off\n";
        }
        let file = OpenOptions::new().append(true).open(self.data().join("postgresql.conf"));
        file.and_then(|mut file| file.write_all(settings.as_bytes())).map_err(failed)
    }

    /// Runs `pg_ctl`, and waits until it has done what it is told.
    fn control(&self, arguments: &[&str]) -> Result<(), String> {
        let data = self.data().display().to_string();
        self.run("pg_ctl", &[arguments, &["--pgdata", &data, "--wait", "--silent"]].concat())
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let failed = |error| format!("`{program}`: {error}");
        // A file, not a pipe: the server would hold a pipe open.
        let log = File::create(self.folder.join("last-command")).map_err(failed)?;
        let mut command = self.programs.command(program);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        command.stdout(log.try_clone().map_err(failed)?).stderr(log);
        // Names of files and messages in the language of who runs the tests are not what the tests read.
        command.env("LC_ALL", "C").env_remove("PGDATA");
        if let Some(account) = self.account {
            account.apply_to(&mut command);
        }
        let status = command.status().map_err(failed)?;
        if status.success() {
            return Ok(());
        }
        let said = ["last-command", "log"].map(|name| fs::read_to_string(self.folder.join(name)).unwrap_or_default());
        let mut lines: Vec<_> = said.iter().flat_map(|text| text.lines()).collect();
        Err(format!(
            "`{program} {}`: {status}\n{}",
            arguments.join(" "),
            lines.split_off(lines.len().saturating_sub(20)).join("\n")
        ))
    }

    /// Stops the server, if it runs, and removes its files.
    fn remove(&self) {
        if self.accepts_connections() {
            // Its data is not needed any more.
            let _ = self.control(&["stop", "--mode", "immediate"]);
        }
        let _ = fs::remove_dir_all(&self.folder);
        if let Some(folder) = &self.sockets {
            let _ = fs::remove_dir_all(folder);
        }
    }

    /// Whether the server runs. The process id in its data says nothing: after a restart of the machine, it is that of another program.
    fn accepts_connections(&self) -> bool {
        #[cfg(unix)]
        let answer = self.sockets.as_ref().map(|folder| {
            std::os::unix::net::UnixStream::connect(folder.join(format!(".s.PGSQL.{}", self.port))).is_ok()
        });
        #[cfg(not(unix))]
        let answer = Some(std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok());
        answer.unwrap_or_default()
    }
}

/// Makes a folder for a new server and locks it. Removes the servers of processes that ended without doing so.
fn new_folder(programs: &Programs, base: &Path, account: Option<Account>) -> Result<(PathBuf, File), String> {
    let failed = |error| format!("{}: {error}", base.display());
    // Held only while this function runs, so that no process takes another one's new folder for one that was left.
    let all = File::create(base.join("lock")).map_err(failed)?;
    all.lock().map_err(failed)?;
    for entry in fs::read_dir(base).map_err(failed)? {
        let folder = entry.map_err(failed)?.path();
        let Ok(lock) = File::open(folder.join("lock")) else { continue };
        if lock.try_lock().is_ok() {
            let sockets = fs::read_to_string(folder.join(SOCKETS)).ok().map(PathBuf::from);
            let port =
                fs::read_to_string(folder.join(PORT)).ok().and_then(|port| port.parse().ok()).unwrap_or(PORT_OF_SOCKET);
            Cluster { programs: programs.clone(), folder, sockets, port, password: None, account }.remove();
        }
    }
    let folder = private_folder("server-", base).map_err(failed)?;
    let lock = File::create(folder.join("lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    if let Some(account) = account {
        account.give(&folder)?;
    }
    Ok((folder, lock))
}

/// Makes a folder for a socket. Its path is short, because the path of a Unix socket has at most 103 bytes.
fn socket_folder(account: Option<Account>) -> Result<PathBuf, String> {
    const LONGEST: usize = 103 - "/flowdock-pg-123456/.s.PGSQL.5432".len();
    let mut temporary = open_temporary_folder();
    if temporary.as_os_str().len() > LONGEST {
        temporary = PathBuf::from("/tmp");
    }
    let failed = |error| format!("cannot make a folder for a socket in {}: {error}", temporary.display());
    let folder = private_folder("flowdock-pg-", &temporary).map_err(failed)?;
    debug_assert!(account.is_none() || is_open(&temporary));
    account.map_or(Ok(()), |account| account.give(&folder))?;
    Ok(folder)
}

/// Makes a folder with a new name, which only its owner can enter.
fn private_folder(prefix: &str, parent: &Path) -> std::io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    Ok(builder.prefix(prefix).tempdir_in(parent)?.keep())
}

fn free_port() -> Result<u16, String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0");
    let address = listener.and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}

/// A text that nobody guesses.
fn random_text() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random bytes: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A path as the host of a URL.
fn percent_encoded(path: &Path) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    bytes.map(|byte| if is_plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_socket_is_the_host_of_the_url() {
        for (path, host) in [("/tmp/flowdock-pg-Ab1", "%2Ftmp%2Fflowdock-pg-Ab1"), ("/a b/%", "%2Fa%20b%2F%25")] {
            assert_eq!(percent_encoded(Path::new(path)), host);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_new_folder_is_closed_to_other_accounts() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = private_folder("server-", parent.path()).expect("a folder");
        assert!(!is_open(&folder));
        assert!(!is_open(&folder.join("below")), "it does not exist");
    }
}
