//! Tests of the store in SQLite alone: its file, its transactions, and how much work a call is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use flowdock_integration::outbox::sqlite::SqliteStore;
use flowdock_integration::outbox::{NewEntry, Outbox, OutboxError, OutboxOptions, OutboxStore, Size};
use rusqlite::Connection;

use super::{MINUTE, NOON, message};

/// Entries in threads of 20, and before them a thread of a length of its own.
fn entries_after(first: usize, count: usize) -> Vec<NewEntry> {
    let thread = |number: usize| number.checked_sub(first).map_or(0, |number| 1 + number / 20);
    let lane =
        |number: usize| ["thread_id", "external_thread_id"].map(|name| format!("{name}:{}", thread(number))).into();
    let entry = |number: usize| NewEntry {
        source: "garage".to_owned(),
        uuid: number.to_string(),
        lanes: lane(number),
        body: format!("{{\"content\":\"{number}\"}}"),
        at_ms: NOON,
    };
    (0..first + count).map(entry).collect()
}

fn entries(count: usize) -> Vec<NewEntry> {
    entries_after(0, count)
}

/// The steps that SQLite takes for each call, by the name of the call, while so many entries wait. They are its own count of
/// instructions, so they are the same on every machine.
fn steps(waiting: usize) -> Vec<(&'static str, u64)> {
    let mut connection = Connection::open_in_memory().unwrap();
    let count = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&count);
    connection.progress_handler(1, Some(move || counted.fetch_add(1, Ordering::Relaxed) == u64::MAX)).unwrap();
    SqliteStore::create_tables(&connection).unwrap();
    let mut store = SqliteStore::new(&connection);
    store.put(&entries_after(waiting / 2, waiting / 2)).unwrap();
    count.store(0, Ordering::Relaxed);
    let mut all = Vec::new();
    let mut note = |call: &'static str| all.push((call, count.swap(0, Ordering::Relaxed)));
    store.next().unwrap();
    note("next");
    store.size(None).unwrap();
    note("size");
    let taken = store.take(NOON, NOON + MINUTE, 4).unwrap();
    note("take");
    assert_eq!(taken.len(), 4);
    store.settle(&taken[0], None).unwrap();
    note("settle, done");
    store.settle(&taken[1], Some(NOON + MINUTE)).unwrap();
    note("settle, later");
    let more = NewEntry { uuid: "more".to_owned(), ..entries(1).remove(0) };
    store.put(&[more]).unwrap();
    note("put");
    // The next of the long thread is the first now.
    assert_eq!(store.take(NOON, NOON + MINUTE, 1).unwrap()[0].uuid, "1");
    note("take again");
    all
}

#[test]
fn no_call_grows_with_what_waits() {
    let (few, many) = (steps(200), steps(20_000));
    assert_eq!(few, many);
    assert!(many.iter().all(|(_, steps)| *steps < 2_000), "{many:?}");
    assert!(many.iter().all(|(_, steps)| *steps > 5), "the steps are counted: {many:?}");
}

#[test]
fn what_was_stored_is_there_when_the_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("outbox.sqlite");
    let mut store = SqliteStore::open(&file).unwrap();
    store.put(&entries(40)).unwrap();
    assert_eq!(store.take(NOON, NOON + MINUTE, 9).unwrap().len(), 2);
    drop(store);
    let mut store = SqliteStore::open(&file).unwrap();
    assert_eq!(store.size(None).unwrap().entries, 40);
    // The lease of the program that has ended holds on, until somebody says that nobody has it any more.
    assert_eq!(store.take(NOON, NOON + MINUTE, 9).unwrap(), []);
    store.end_leases().unwrap();
    let again = store.take(NOON, NOON + MINUTE, 9).unwrap();
    assert_eq!(
        again.iter().map(|entry| (entry.uuid.as_str(), entry.attempts)).collect::<Vec<_>>(),
        [("0", 2), ("20", 2)]
    );
    // What is due later is no lease.
    store.settle(&again[0], Some(NOON + MINUTE)).unwrap();
    store.end_leases().unwrap();
    assert_eq!(store.take(NOON, NOON + MINUTE, 9).unwrap().len(), 1);
    let connection = Connection::open(&file).unwrap();
    let ask = |query: &str| connection.query_row(query, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!((ask("PRAGMA journal_mode"), ask("PRAGMA integrity_check")), ("wal".to_owned(), "ok".to_owned()));
}

#[test]
fn an_entry_is_a_part_of_the_callers_transaction() {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE ticket (id INTEGER PRIMARY KEY)").unwrap();
    SqliteStore::create_tables(&connection).unwrap();
    let refuses = "CREATE TRIGGER refuses BEFORE INSERT ON flowdock_outbox WHEN new.uuid = 'bad'
        BEGIN SELECT RAISE(ABORT, 'refused'); END";
    connection.execute_batch(refuses).unwrap();
    for is_committed in [false, true] {
        let transaction = connection.transaction().unwrap();
        transaction.execute("INSERT INTO ticket DEFAULT VALUES", []).unwrap();
        let mut outbox = Outbox::new(SqliteStore::new(&*transaction), OutboxOptions::default());
        outbox.post(&["garage"], &message("1", None), [0; 16], NOON).unwrap();
        // What fails leaves the rest of the transaction as it is.
        let fails = [entries(1), vec![NewEntry { uuid: "bad".to_owned(), ..entries(1).remove(0) }]].concat();
        assert!(SqliteStore::new(&*transaction).put(&fails).is_err());
        if is_committed {
            transaction.commit().unwrap();
        } else {
            transaction.rollback().unwrap();
        }
        let tickets: i64 = connection.query_row("SELECT count(*) FROM ticket", [], |row| row.get(0)).unwrap();
        let entries = SqliteStore::new(&connection).size(None).unwrap().entries;
        assert_eq!((tickets, entries), if is_committed { (1, 1) } else { (0, 0) });
    }
}

#[test]
fn a_disk_that_is_full_is_an_error_and_nothing_is_stored() {
    let connection = Connection::open_in_memory().unwrap();
    SqliteStore::create_tables(&connection).unwrap();
    let pages: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    connection.pragma_update(None, "max_page_count", pages).unwrap();
    let mut outbox = Outbox::new(SqliteStore::new(&connection), OutboxOptions::default());
    let sources: Vec<_> = (0..500).map(|number| format!("source {number}")).collect();
    let sources: Vec<_> = sources.iter().map(String::as_str).collect();
    let error = outbox.post(&sources, &message("1", Some("42")), [0; 16], NOON).unwrap_err();
    assert!(
        matches!(&error, OutboxError::Store(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull))
    );
    assert_eq!(error.to_string(), "the store of the outbox failed: database or disk is full");
    assert_eq!(SqliteStore::new(&connection).size(None).unwrap(), Size::default());
    connection.pragma_update(None, "max_page_count", 100_000).unwrap();
    outbox.post(&sources, &message("1", Some("42")), [0; 16], NOON).unwrap();
    assert_eq!(outbox.count(None).unwrap(), 500);
}

#[test]
fn an_entry_that_is_deleted_by_hand_lets_no_other_overtake() {
    let connection = Connection::open_in_memory().unwrap();
    SqliteStore::create_tables(&connection).unwrap();
    let mut store = SqliteStore::new(&connection);
    store.put(&entries(4)).unwrap();
    connection.execute("DELETE FROM flowdock_outbox WHERE uuid IN ('1', '2')", []).unwrap();
    let first = store.take(NOON, NOON + MINUTE, 9).unwrap();
    assert_eq!(first.iter().map(|entry| entry.uuid.as_str()).collect::<Vec<_>>(), ["0"]);
    store.settle(&first[0], None).unwrap();
    assert_eq!(store.take(NOON, NOON + MINUTE, 9).unwrap()[0].uuid, "3");
    assert_eq!(store.size(None).unwrap().entries, 1);
}

#[test]
fn several_programs_share_a_file_and_each_entry_has_one_holder() {
    const THREADS: usize = 6;
    const EACH: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("outbox.sqlite");
    // All of them make the file.
    let taken: Vec<String> = thread::scope(|scope| {
        let work = |number: usize| {
            let file = &file;
            move || {
                let mut store = SqliteStore::open(file).unwrap();
                let mine = entries(EACH).into_iter().map(|entry| {
                    let lanes = vec![format!("thread_id:{}", entry.uuid.len())];
                    NewEntry { uuid: format!("{number} {}", entry.uuid), lanes, ..entry }
                });
                for entry in mine {
                    store.put(&[entry]).unwrap();
                }
                let mut taken = Vec::new();
                for entry in std::iter::from_fn(|| store.take(NOON, NOON + MINUTE, 1).unwrap().pop()).take(20) {
                    taken.push(entry.uuid.clone());
                    SqliteStore::open(file).unwrap().settle(&entry, None).unwrap();
                }
                taken
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(work(number))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut once = taken.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), taken.len());
    assert!(!taken.is_empty());
    let left = SqliteStore::open(&file).unwrap().size(None).unwrap().entries;
    assert_eq!(left as usize, THREADS * EACH - taken.len());
}
