//! Inboxes behind PgBouncer.
//!
//! In transaction mode each transaction may get another connection of the server. The inbox prepares its statements, which PgBouncer
//! carries over since version 1.21 (`max_prepared_statements`). An older one is tested in session mode.
//!
//! The long run has PgBouncer, and names it in FLOWDOCK_TEST_PGBOUNCER.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use postgres_for_tests::Server;
use tempfile::TempDir;

use crate::bells::storm;
use crate::place::{Database, Place};
use crate::server::durable;

/// A PgBouncer before a server. Dropping it ends it.
struct Pooler {
    process: Child,
    folder: TempDir,
}

/// Whether PgBouncer carries prepared statements from one connection to another.
fn carries_statements(program: &str) -> bool {
    let output = Command::new(program).arg("--version").output().expect("PgBouncer runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let version = text.lines().next().and_then(|line| line.strip_prefix("PgBouncer ")).expect("a version");
    let numbers: Vec<u32> = version.split('.').take(2).map(|number| number.parse().expect("a number")).collect();
    println!("PgBouncer {version}");
    numbers >= vec![1, 21]
}

impl Pooler {
    fn start(server: &Server) -> Pooler {
        let program = std::env::var("FLOWDOCK_TEST_PGBOUNCER").expect("FLOWDOCK_TEST_PGBOUNCER names PgBouncer");
        let mode = if carries_statements(&program) {
            "pool_mode = transaction\nmax_prepared_statements = 200\ndefault_pool_size = 4\n"
        } else {
            "pool_mode = session\ndefault_pool_size = 50\n"
        };
        let sockets = Database::on(&server.url()).connect().query_one("SHOW unix_socket_directories", &[]);
        let sockets: String = sockets.expect("a row").get(0);
        let folder = tempfile::Builder::new()
            .permissions(PermissionsExt::from_mode(0o700))
            .tempdir_in("/tmp")
            .expect("a folder");
        let settings = format!(
            "[databases]\n* = host={sockets} user=postgres\n[pgbouncer]\nunix_socket_dir = {}\nlisten_port = 6432\n\
             auth_type = any\nmax_client_conn = 200\n{mode}",
            folder.path().display()
        );
        std::fs::write(folder.path().join("settings"), settings).expect("written");
        // PgBouncer refuses root, as PostgreSQL does.
        let account = server.data().metadata().expect("a folder");
        chown(folder.path(), Some(account.uid()), Some(account.gid())).expect("the folder is ours");
        let process = Command::new(program)
            .arg("--quiet")
            .arg(folder.path().join("settings"))
            .uid(account.uid())
            .gid(account.gid())
            .stdin(Stdio::null())
            .spawn()
            .expect("PgBouncer runs");
        let mut pooler = Pooler { process, folder };
        while UnixStream::connect(pooler.folder.path().join(".s.PGSQL.6432")).is_err() {
            assert!(pooler.process.try_wait().expect("its state").is_none(), "PgBouncer runs");
        }
        pooler
    }

    /// A new database, to which the inboxes connect through the pooler, and the URL that leads to it without the pooler.
    fn place(&self, server: &Server) -> (Place, String) {
        let mut database = Database::on(&server.url());
        let host = self.folder.path().display().to_string().replace('/', "%2F");
        let pooled = format!("postgres://postgres@{host}:6432/{}", database.name);
        let direct = std::mem::replace(&mut database.url, pooled);
        (Place::Database(database), direct)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "needs PgBouncer, which the long run has"]
fn inboxes_behind_pgbouncer_lose_nothing() {
    let server = durable();
    let pooler = Pooler::start(&server);
    let (place, direct) = pooler.place(&server);
    storm(&place, &["--listen-url", &direct], 60, |_| ());
    let (place, _) = pooler.place(&server);
    storm(&place, &["--listen-url", "none"], 20, |_| ());
    // In transaction mode PgBouncer takes a LISTEN and passes on no notification.
    let (place, _) = pooler.place(&server);
    storm(&place, &[], 20, |_| ());
}
