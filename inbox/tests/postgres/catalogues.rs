//! The tables of both engines are the same, but for a few differences that stand here.

use std::collections::BTreeSet;

use crate::host::Inbox;
use crate::place::Place;
use crate::server::{place, shared};

/// What only PostgreSQL has; its `schema.rs` says why.
const ONLY_POSTGRES: [&str; 14] = [
    "file_chunks.stored_at bigint",
    "flows.newest_at bigint",
    "inbox_schema.oldest_program integer",
    "inbox_schema.version integer",
    "inbox_state.ends_of_access bigint",
    "inbox_state.form_secret text",
    "inbox_state.one boolean",
    "inbox_state.removals bigint",
    "inbox_state.sources bigint",
    "message_words.flow bigint",
    "message_words.message bigint",
    "messages.sent_at bigint",
    "thread_states.flow bigint",
    "threads.external_hash bytea",
];

/// What only SQLite has: `threads.state` is unused since version 5.
const ONLY_SQLITE: [&str; 1] = ["threads.state text"];

/// The columns of SQLite, by the names that PostgreSQL has for their types. Of the index of the words there is what a search reads.
const SQLITE: &str = "
    SELECT tables.name || '.' || columns.name || ' ' || CASE columns.type
               WHEN 'INTEGER' THEN 'bigint' WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytea'
               WHEN '' THEN 'tsvector' ELSE columns.type END
    FROM pragma_table_list AS tables JOIN pragma_table_info(tables.name) AS columns
    WHERE tables.schema = 'main' AND tables.type IN ('table', 'virtual') AND tables.name NOT LIKE 'sqlite_%'";

const POSTGRES: &str = "
    SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns WHERE table_schema = 'public'";

#[test]
fn the_tables_of_both_engines_have_the_same_columns() {
    let file = Place::file();
    drop(Inbox::on_file(file.path(), &[]));
    let connection = rusqlite::Connection::open(file.path()).expect("it opens");
    let mut statement = connection.prepare(SQLITE).expect("SQL");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    let sqlite: BTreeSet<String> = rows.collect::<rusqlite::Result<_>>().expect("texts");

    let place = place(&shared());
    drop(Inbox::start(&place, &[]));
    let Place::Database(database) = &place else { panic!("a database") };
    let rows = database.connect().query(POSTGRES, &[]).expect("rows");
    let postgres: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();

    assert!(sqlite.len() > 80, "{sqlite:?}");
    assert_eq!(postgres.difference(&sqlite).collect::<Vec<_>>(), ONLY_POSTGRES);
    assert_eq!(sqlite.difference(&postgres).collect::<Vec<_>>(), ONLY_SQLITE);
}
