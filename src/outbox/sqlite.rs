//! The entries of an outbox in SQLite: one table, and one for their lanes.
//!
//! Two columns make every call cheap, however many entries wait: `head` says that an entry is first in its lanes, and `due` when
//! it may be taken. Triggers keep `head` and the size right, whoever inserts and deletes.

use std::borrow::Borrow;
use std::path::Path;
use std::time::Duration;

pub use rusqlite;
use rusqlite::{Connection, Row, params};

use super::{Entry, NewEntry, OutboxStore, Size};

/// Keeps the entries of an outbox in SQLite.
///
/// The store needs a connection: its own, or yours by reference. With yours, a message is stored in the same transaction as
/// the change that it tells of, so that there is never one without the other:
///
/// ```
/// use flowdock_integration::outbox::sqlite::{SqliteStore, rusqlite};
/// use flowdock_integration::outbox::{Outbox, OutboxOptions};
/// use flowdock_integration::ChatMessage;
///
/// let mut connection = rusqlite::Connection::open_in_memory()?; // yours: with a file, and with `synchronous = FULL`
/// connection.execute_batch("CREATE TABLE ticket (id INTEGER PRIMARY KEY, status TEXT)")?;
/// SqliteStore::create_tables(&connection)?;
///
/// let transaction = connection.transaction()?;
/// transaction.execute("INSERT INTO ticket (status) VALUES ('open')", [])?;
/// let message = ChatMessage::builder().content("opened a ticket").external_thread_id("1").build()?;
/// let store = SqliteStore::new(&*transaction);
/// Outbox::new(store, OutboxOptions::default()).post(&["garage"], &message, [7; 16], 1_795_176_000_000)?;
/// transaction.commit()?; // both are stored
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteStore<C = Connection> {
    connection: C,
}

/// `due` is in the future while an entry is leased, so a process that ends with a lease leaves nothing to clean up. `attempts`
/// counts the leases of an entry. So it names the last one, and a holder whose lease has ended settles nothing.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS flowdock_outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    uuid TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    head INTEGER NOT NULL DEFAULT 1,
    due INTEGER NOT NULL DEFAULT 0,
    leased INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source, uuid)
) STRICT;
CREATE INDEX IF NOT EXISTS flowdock_outbox_due ON flowdock_outbox (due, seq) WHERE head = 1;

CREATE TABLE IF NOT EXISTS flowdock_outbox_lane (
    seq INTEGER NOT NULL,
    source TEXT NOT NULL,
    lane TEXT NOT NULL,
    PRIMARY KEY (seq, lane)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS flowdock_outbox_lane_order ON flowdock_outbox_lane (source, lane, seq);

CREATE TABLE IF NOT EXISTS flowdock_outbox_size (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    entries INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;

CREATE TRIGGER IF NOT EXISTS flowdock_outbox_put AFTER INSERT ON flowdock_outbox BEGIN
    INSERT INTO flowdock_outbox_size VALUES (0, 1, octet_length(new.body))
        ON CONFLICT (id) DO UPDATE SET entries = entries + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER IF NOT EXISTS flowdock_outbox_lane_joined AFTER INSERT ON flowdock_outbox_lane BEGIN
    UPDATE flowdock_outbox SET head = 0 WHERE seq = new.seq AND EXISTS (
        SELECT 1 FROM flowdock_outbox_lane WHERE source = new.source AND lane = new.lane AND seq < new.seq
    );
END;
CREATE TRIGGER IF NOT EXISTS flowdock_outbox_settled AFTER DELETE ON flowdock_outbox BEGIN
    UPDATE flowdock_outbox_size SET entries = entries - 1, bytes = bytes - octet_length(old.body);
    DELETE FROM flowdock_outbox_lane WHERE seq = old.seq;
END;
CREATE TRIGGER IF NOT EXISTS flowdock_outbox_lane_left AFTER DELETE ON flowdock_outbox_lane BEGIN
    UPDATE flowdock_outbox SET head = 1
        WHERE seq = (SELECT min(seq) FROM flowdock_outbox_lane WHERE source = old.source AND lane = old.lane)
        AND NOT EXISTS (
            SELECT 1 FROM flowdock_outbox_lane AS mine JOIN flowdock_outbox_lane AS earlier
                ON earlier.source = mine.source AND earlier.lane = mine.lane AND earlier.seq < mine.seq
            WHERE mine.seq = flowdock_outbox.seq
        );
END;
";

impl SqliteStore {
    /// Opens a file, and makes it if it is not there. A commit waits until it is on the disk, and another program that uses
    /// the file is waited for, at most five seconds.
    ///
    /// # Errors
    /// When SQLite cannot use the file.
    pub fn open(file: impl AsRef<Path>) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        // With a write-ahead log, FULL makes each commit wait until the log is on the disk; NORMAL would not.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Self::create_tables(&connection)?;
        Ok(Self::new(connection))
    }

    /// Makes the tables of an outbox in your own database, if they are not there. Their names begin with
    /// `flowdock_outbox`.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn create_tables(connection: &Connection) -> rusqlite::Result<()> {
        all_or_nothing(connection, || connection.execute_batch(TABLES))
    }
}

impl<C: Borrow<Connection>> SqliteStore<C> {
    /// Uses a connection to a database that has the [tables](SqliteStore::create_tables). How durable an entry is, your
    /// connection decides: in its journal mode `WAL` set `synchronous = FULL`. In a transaction of yours, an entry is
    /// durable after your commit.
    pub fn new(connection: C) -> Self {
        Self { connection }
    }

    /// Ends all leases. Call it when a program starts that uses the database alone: what its predecessor had taken when it
    /// was killed is due at once, and not when the lease ends.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn end_leases(&mut self) -> rusqlite::Result<()> {
        self.run("UPDATE flowdock_outbox SET due = 0, leased = 0 WHERE leased = 1", []).map(drop)
    }

    fn connection(&self) -> &Connection {
        self.connection.borrow()
    }

    /// Runs a statement and returns how many rows it has changed.
    fn run(&self, statement: &str, with: impl rusqlite::Params) -> rusqlite::Result<usize> {
        self.connection().prepare_cached(statement)?.execute(with)
    }

    fn put_one(&self, entry: &NewEntry) -> rusqlite::Result<()> {
        let NewEntry { source, uuid, lanes, body, at_ms } = entry;
        let insert =
            "INSERT INTO flowdock_outbox (source, uuid, body, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        if self.run(insert, params![source, uuid, body, integer(*at_ms)])? == 0 {
            return Ok(()); // it is there already
        }
        let seq = self.connection().last_insert_rowid();
        for lane in lanes {
            let join =
                "INSERT INTO flowdock_outbox_lane (seq, source, lane) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            self.run(join, params![seq, source, lane])?;
        }
        Ok(())
    }
}

impl<C: Borrow<Connection>> OutboxStore for SqliteStore<C> {
    type Error = rusqlite::Error;

    fn put(&mut self, entries: &[NewEntry]) -> rusqlite::Result<()> {
        all_or_nothing(self.connection(), || entries.iter().try_for_each(|entry| self.put_one(entry)))
    }

    fn take(&mut self, now_ms: u64, until_ms: u64, max: usize) -> rusqlite::Result<Vec<Entry>> {
        let mut take = self.connection().prepare_cached(
            "UPDATE flowdock_outbox SET due = ?1, leased = 1, attempts = attempts + 1
            WHERE seq IN (SELECT seq FROM flowdock_outbox WHERE head = 1 AND due <= ?2 ORDER BY due, seq LIMIT ?3)
            RETURNING seq, source, uuid, body, at, attempts",
        )?;
        // A due time that is too large is stored as `i64::MAX`, which is never due.
        let now_ms = integer(now_ms).min(i64::MAX - 1);
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let rows = take.query_map(params![integer(until_ms), now_ms, max], entry)?;
        let mut entries = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        // RETURNING has an order of its own.
        entries.sort_by_key(|entry| entry.seq);
        Ok(entries)
    }

    fn settle(&mut self, entry: &Entry, due_ms: Option<u64>) -> rusqlite::Result<()> {
        let (seq, attempts) = (integer(entry.seq), entry.attempts);
        let settled = match due_ms {
            None => self.run("DELETE FROM flowdock_outbox WHERE seq = ?1 AND attempts = ?2", params![seq, attempts]),
            Some(due_ms) => {
                let free = "UPDATE flowdock_outbox SET due = ?3, leased = 0 WHERE seq = ?1 AND attempts = ?2";
                self.run(free, params![seq, attempts, integer(due_ms)])
            }
        };
        settled.map(drop)
    }

    fn hold_source(&mut self, source: &str, due_ms: u64) -> rusqlite::Result<()> {
        let hold = "UPDATE flowdock_outbox SET due = ?2 WHERE source = ?1 AND head = 1 AND leased = 0 AND due < ?2";
        self.run(hold, params![source, integer(due_ms)]).map(drop)
    }

    fn remove_source(&mut self, source: &str) -> rusqlite::Result<()> {
        self.run("DELETE FROM flowdock_outbox WHERE source = ?1", [source]).map(drop)
    }

    fn next(&self) -> rusqlite::Result<Option<u64>> {
        let mut next = self.connection().prepare_cached("SELECT min(due) FROM flowdock_outbox WHERE head = 1")?;
        let due: Option<i64> = next.query_row([], |row| row.get(0))?;
        Ok(due.map(i64::unsigned_abs))
    }

    fn size(&self, source: Option<&str>) -> rusqlite::Result<Size> {
        let mut size = self.connection().prepare_cached(match source {
            None => {
                "SELECT coalesce(sum(entries), 0), coalesce(sum(bytes), 0) FROM flowdock_outbox_size WHERE ?1 IS NULL"
            }
            Some(_) => "SELECT count(*), coalesce(sum(octet_length(body)), 0) FROM flowdock_outbox WHERE source = ?1",
        })?;
        let number = |row: &Row<'_>, column| row.get(column).map(i64::unsigned_abs);
        size.query_row([source], |row| Ok(Size { entries: number(row, 0)?, bytes: number(row, 1)? }))
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        seq: row.get::<_, i64>(0)?.unsigned_abs(),
        source: row.get(1)?,
        uuid: row.get(2)?,
        body: row.get(3)?,
        at_ms: row.get::<_, i64>(4)?.unsigned_abs(),
        attempts: row.get(5)?,
    })
}

/// Does work that is undone if it fails. A savepoint begins a transaction, or nests in that of the caller. The work must begin
/// with a write: SQLite waits for another program then, and not for a write after a read.
fn all_or_nothing(connection: &Connection, work: impl FnOnce() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    connection.execute_batch("SAVEPOINT flowdock_outbox")?;
    let done = work().and_then(|()| connection.execute_batch("RELEASE flowdock_outbox"));
    if done.is_err() {
        // After a full disk SQLite may have rolled back already, and then there is no savepoint any more.
        let _ = connection.execute_batch("ROLLBACK TO flowdock_outbox; RELEASE flowdock_outbox");
    }
    done
}

/// SQLite has no larger numbers.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
