//! The places in which tests let an inbox keep everything.
//!
//! With `FLOWDOCK_TEST_POSTGRES=postgres://…` a place is a database of its own on that server, so that the same tests run
//! against both engines. A test that is about SQLite's file makes the file itself and starts its inbox with
//! [`Inbox::on_file`](crate::host::Inbox::on_file), on whichever engine the others run.

use std::path::{Path, PathBuf};

use postgres::{Client, NoTls};
use tempfile::TempDir;

/// Where an inbox keeps everything. It is empty at first, and is removed with this value.
pub enum Place {
    File { path: PathBuf, _folder: TempDir },
    Memory,
    Database(Database),
}

impl Place {
    pub fn new() -> Place {
        Place::on_postgres().unwrap_or_else(Place::file)
    }

    /// An SQLite file, for a test that is about the file.
    pub fn file() -> Place {
        let folder = tempfile::tempdir().expect("a folder");
        Place::File { path: folder.path().join("inbox.sqlite"), _folder: folder }
    }

    /// A place for an inbox that is started once, at which no test looks.
    pub fn for_one_start() -> Place {
        Place::on_postgres().unwrap_or(Place::Memory)
    }

    fn on_postgres() -> Option<Place> {
        let server = std::env::var("FLOWDOCK_TEST_POSTGRES").ok()?;
        Some(Place::Database(Database::on(&server)))
    }

    /// The option of the inbox that names this place, with its value.
    pub fn option(&self) -> [String; 2] {
        match self {
            Place::File { path, .. } => data_option(path),
            Place::Memory => data_option(Path::new(":memory:")),
            Place::Database(database) => ["--database-url".to_owned(), database.url.clone()],
        }
    }

    /// Runs statements that both engines understand. No inbox may be running on a file.
    pub fn sql(&self, statements: &str) {
        self.sql_of(statements, statements);
    }

    /// Runs statements, each engine its own. No inbox may be running on a file.
    pub fn sql_of(&self, sqlite: &str, postgres: &str) {
        match self {
            Place::Database(database) => database.connect().batch_execute(postgres).expect("SQL runs"),
            _ => file_sql(self.path(), sqlite),
        }
    }

    /// The number that a query returns. An inbox may be running.
    pub fn number(&self, query: &str) -> i64 {
        match self {
            Place::Database(database) => database.connect().query_one(query, &[]).expect("a row").get(0),
            _ => file_value(self.path(), query),
        }
    }

    /// Whether a text stands anywhere in what is stored, as text or as bytes. No inbox may be running on a file.
    pub fn holds(&self, text: &str) -> bool {
        match self {
            Place::Database(database) => database.holds(text),
            _ => {
                let folder = self.path().parent().expect("a folder");
                let is_in = |path: PathBuf| {
                    let bytes = std::fs::read(path).expect("readable");
                    bytes.windows(text.len()).any(|part| part == text.as_bytes())
                };
                std::fs::read_dir(folder).expect("a folder").any(|file| is_in(file.expect("a file").path()))
            }
        }
    }

    /// The path of the SQLite file.
    pub fn path(&self) -> &Path {
        match self {
            Place::File { path, .. } => path,
            _ => panic!("the place has no file"),
        }
    }
}

/// The option of the inbox that names an SQLite file, with its value.
pub fn data_option(path: &Path) -> [String; 2] {
    ["--data".to_owned(), path.to_str().expect("UTF-8").to_owned()]
}

/// Changes the SQLite file of an inbox that is not running.
pub fn file_sql(path: &Path, statements: &str) {
    rusqlite::Connection::open(path).and_then(|database| database.execute_batch(statements)).expect("SQL runs");
}

/// The value that a query on an SQLite file returns.
pub fn file_value<T: rusqlite::types::FromSql>(path: &Path, query: &str) -> T {
    let database = rusqlite::Connection::open(path).expect("it opens");
    database.query_row(query, [], |row| row.get(0)).expect("a value")
}

/// A database on a PostgreSQL server. It is removed with this value.
///
/// Each test has a database and not just a schema, because notifications and advisory locks belong to a database. Making one takes
/// 20 ms.
pub struct Database {
    server: String,
    pub name: String,
    pub url: String,
}

impl Database {
    /// Makes an empty database on the server that this URL names. The URL's own database is only connected to.
    pub fn on(server: &str) -> Database {
        Database::encoded(server, "UTF8")
    }

    /// Makes an empty database with this encoding.
    pub fn encoded(server: &str, encoding: &str) -> Database {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).expect("random bytes");
        let name = format!("t_{:016x}", u64::from_le_bytes(bytes));
        // The template decides the encoding and the collation: only `template0` may be copied to another encoding.
        let locale = if encoding == "UTF8" { "" } else { "LC_COLLATE 'C' LC_CTYPE 'C'" };
        let create = format!("CREATE DATABASE {name} ENCODING '{encoding}' {locale} TEMPLATE template0");
        connect(server).batch_execute(&create).expect("a database is made");
        Database { server: server.to_owned(), url: with_name(server, &name), name }
    }

    pub fn connect(&self) -> Client {
        connect(&self.url)
    }

    fn holds(&self, text: &str) -> bool {
        let mut client = self.connect();
        let tables = "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
                      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
        let tables: Vec<String> = client.query(tables, &[]).expect("rows").iter().map(|row| row.get(0)).collect();
        assert!(!tables.is_empty(), "the inbox has made its tables");
        // In the text of a row, bytes are hexadecimal digits.
        let bytes: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        tables.iter().any(|table| {
            let query = format!(
                "SELECT count(*) FROM {table} AS r WHERE position($1 IN r::text) > 0 OR position($2 IN r::text) > 0"
            );
            client.query_one(&query, &[&text, &bytes]).expect("a row").get::<_, i64>(0) > 0
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A test that stops the server takes the database with it.
        if let Ok(mut client) = Client::connect(&self.server, NoTls) {
            let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

fn connect(url: &str) -> Client {
    Client::connect(url, NoTls).unwrap_or_else(|error| panic!("FLOWDOCK_TEST_POSTGRES: {error}"))
}

/// The URL of another database on the same server.
fn with_name(server: &str, name: &str) -> String {
    let (scheme, rest) = server.split_once("://").expect("a URL");
    let (rest, query) = rest.split_once('?').map_or((rest, String::new()), |(rest, query)| (rest, format!("?{query}")));
    let host = rest.split_once('/').map_or(rest, |(host, _)| host);
    format!("{scheme}://{host}/{name}{query}")
}

#[test]
fn the_url_of_another_database_keeps_the_rest() {
    for (server, expected) in [
        ("postgres://host", "postgres://host/t"),
        ("postgres://me:word@host:5432/postgres", "postgres://me:word@host:5432/t"),
        (
            "postgresql://me@%2Ftmp%2Fx:5432/postgres?sslmode=disable",
            "postgresql://me@%2Ftmp%2Fx:5432/t?sslmode=disable",
        ),
        ("postgres://host?host=/tmp/x", "postgres://host/t?host=/tmp/x"),
    ] {
        assert_eq!(with_name(server, "t"), expected);
    }
}
