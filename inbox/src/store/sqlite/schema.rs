//! The tables of the database, and how the tables of an older inbox are updated.

use rusqlite::{Connection, Transaction};

use super::{applications, flows, search, threads, tokens};
use crate::domain::Secrets;
use crate::domain::flow::{FIRST_FLOW, FIRST_ORGANIZATION};
use crate::store::StoreError;

/// The application id that marks a SQLite file as the database of an inbox: `flow` in ASCII.
const APPLICATION_ID: i32 = 0x666c_6f77;

/// The statements of each version, which change the tables of the version before it. A new database runs all of them,
/// so that it cannot differ from an updated one. Never edit a version that was published.
const VERSIONS: [&str; 9] = [MESSAGES, SETUP, FILES, OUTSIDE_THREADS, TRUST, POSTED, REMOVALS, SEARCH, THREAD_LISTS];

/// The number of the version [`TRUST`], whose statements need a step in Rust.
const TRUST_VERSION: usize = 5;

/// The number of the version [`SEARCH`], whose statements need a step in Rust.
const SEARCH_VERSION: usize = 8;

/// Version 1.
///
/// A message is stored as the JSON that readers get; its other columns serve to find it. A thread is one row, which
/// each of its messages updates. Times are milliseconds since 1970.
const MESSAGES: &str = "
    CREATE TABLE organizations (
        key INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        parameterized_name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE flows (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        organization INTEGER NOT NULL REFERENCES organizations,
        name TEXT NOT NULL,
        parameterized_name TEXT NOT NULL,
        last_message_id INTEGER NOT NULL DEFAULT 0,
        UNIQUE (organization, parameterized_name)
    ) STRICT;
    CREATE TABLE applications (
        key INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        icon TEXT
    ) STRICT;
    CREATE TABLE sources (
        key INTEGER PRIMARY KEY,
        flow INTEGER NOT NULL REFERENCES flows,
        application INTEGER NOT NULL REFERENCES applications,
        name TEXT NOT NULL,
        token_hash BLOB NOT NULL UNIQUE,
        removed_at INTEGER
    ) STRICT;
    CREATE TABLE api_tokens (
        key INTEGER PRIMARY KEY,
        token_hash BLOB NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE threads (
        id TEXT PRIMARY KEY,
        flow INTEGER NOT NULL REFERENCES flows,
        source INTEGER NOT NULL REFERENCES sources,
        external_thread_id TEXT,
        state TEXT NOT NULL,
        activities INTEGER NOT NULL DEFAULT 0,
        internal_comments INTEGER NOT NULL DEFAULT 0,
        external_comments INTEGER NOT NULL DEFAULT 0,
        last_message_id INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (source, external_thread_id)
    ) STRICT;
    CREATE INDEX threads_by_update ON threads (flow, last_message_id);
    CREATE TABLE messages (
        flow INTEGER NOT NULL REFERENCES flows,
        id INTEGER NOT NULL,
        thread TEXT NOT NULL REFERENCES threads,
        event TEXT NOT NULL,
        json TEXT NOT NULL,
        PRIMARY KEY (flow, id)
    ) STRICT;
    CREATE INDEX messages_by_thread ON messages (thread, id);
    CREATE TABLE message_tags (
        flow INTEGER NOT NULL,
        message INTEGER NOT NULL,
        tag TEXT NOT NULL,
        PRIMARY KEY (flow, message, tag),
        FOREIGN KEY (flow, message) REFERENCES messages
    ) STRICT, WITHOUT ROWID;
";

/// Version 2: everything that an application needs to set up a source.
///
/// A client secret is stored as it is, because actions are signed with it. Of every other secret only the hash is
/// stored.
const SETUP: &str = r#"
    ALTER TABLE applications ADD COLUMN client_id TEXT;
    ALTER TABLE applications ADD COLUMN client_secret TEXT;
    ALTER TABLE applications ADD COLUMN redirect_uris TEXT NOT NULL DEFAULT '["urn:ietf:wg:oauth:2.0:oob"]';
    ALTER TABLE applications ADD COLUMN setup_uri TEXT;
    ALTER TABLE applications ADD COLUMN configuration_uri TEXT;
    CREATE UNIQUE INDEX applications_by_client_id ON applications (client_id);

    ALTER TABLE sources ADD COLUMN external_url TEXT;
    ALTER TABLE sources ADD COLUMN error_message TEXT;
    ALTER TABLE sources ADD COLUMN configuration_url TEXT;
    ALTER TABLE sources ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sources ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX sources_by_flow ON sources (flow);

    -- One consent. Everything that is issued because of it ends with it.
    CREATE TABLE grants (
        key INTEGER PRIMARY KEY,
        application INTEGER NOT NULL REFERENCES applications,
        scopes TEXT NOT NULL,
        redirect_uri TEXT,
        code_challenge TEXT,
        revoked_at INTEGER
    ) STRICT;
    CREATE TABLE grant_tokens (
        token_hash BLOB PRIMARY KEY,
        grant_key INTEGER NOT NULL REFERENCES grants,
        kind TEXT NOT NULL CHECK (kind IN ('code', 'access', 'refresh')),
        expires_at INTEGER,
        used_at INTEGER
    ) STRICT, WITHOUT ROWID;

    -- Browsers in which the owner has signed in.
    CREATE TABLE sessions (
        token_hash BLOB PRIMARY KEY,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
"#;

/// Version 3: the files that come with messages.
const FILES: &str = "
    CREATE TABLE files (
        id TEXT PRIMARY KEY,
        flow INTEGER NOT NULL,
        message INTEGER NOT NULL,
        name TEXT NOT NULL,
        content_type TEXT NOT NULL,
        content BLOB NOT NULL,
        FOREIGN KEY (flow, message) REFERENCES messages
    ) STRICT;
";

/// Version 4: a message may be in the flow itself, outside any thread.
///
/// SQLite cannot remove NOT NULL from a column, so a new column replaces the old one.
const OUTSIDE_THREADS: &str = "
    ALTER TABLE messages ADD COLUMN in_thread TEXT REFERENCES threads;
    UPDATE messages SET in_thread = thread;
    DROP INDEX messages_by_thread;
    ALTER TABLE messages DROP COLUMN thread;
    ALTER TABLE messages RENAME COLUMN in_thread TO thread;
    CREATE INDEX messages_by_thread ON messages (thread, id);
";

/// Version 5: the state of a thread is stored once for all messages that show it, files are stored in chunks, lists start
/// from an index, and everything that gives access can be ended.
///
/// The JSON of an older message holds the state of its thread already, so its `state_version` is null. `state_source` is
/// the source that set the state. It is null where applications shared a flow before this version: each of them could set
/// the state of the others' threads then, so nobody can tell whose the actions are.
///
/// The sessions of older versions were cookies, which other programs on the same machine could read. They end here.
const TRUST: &str = "
    CREATE TABLE thread_states (
        thread TEXT NOT NULL REFERENCES threads,
        version INTEGER NOT NULL,
        state TEXT NOT NULL,
        PRIMARY KEY (thread, version)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE threads ADD COLUMN state_version INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE threads ADD COLUMN state_source INTEGER REFERENCES sources;
    UPDATE threads SET state_source = source WHERE NOT EXISTS (
        SELECT 1 FROM sources AS mine JOIN sources AS other ON other.flow = mine.flow
        WHERE mine.key = threads.source AND other.application <> mine.application);
    ALTER TABLE messages ADD COLUMN state_version INTEGER;

    CREATE INDEX threads_by_time ON threads (flow, updated_at, last_message_id);
    CREATE INDEX messages_by_event ON messages (flow, event, id);
    CREATE INDEX message_tags_by_tag ON message_tags (flow, tag, message);

    CREATE TABLE file_chunks (
        file TEXT NOT NULL,
        number INTEGER NOT NULL,
        content BLOB NOT NULL,
        PRIMARY KEY (file, number)
    ) STRICT;
    INSERT INTO file_chunks SELECT id, 0, content FROM files;
    ALTER TABLE files DROP COLUMN content;

    ALTER TABLE applications ADD COLUMN old_secret TEXT;
    ALTER TABLE applications ADD COLUMN old_secret_until INTEGER;
    ALTER TABLE applications ADD COLUMN removed_at INTEGER;
    ALTER TABLE grants ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX grants_by_application ON grants (application);
    CREATE INDEX sources_by_application ON sources (application);

    DROP TABLE sessions;
    CREATE TABLE sessions (
        key INTEGER PRIMARY KEY,
        token_hash BLOB NOT NULL UNIQUE,
        browser TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        renewed_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
";

/// Version 6: a post that comes again is recognised by its uuid.
///
/// A table of its own, because its rows are removed by their age.
const POSTED: &str = "
    CREATE TABLE posted (
        flow INTEGER NOT NULL REFERENCES flows,
        source INTEGER NOT NULL REFERENCES sources,
        uuid TEXT NOT NULL,
        message INTEGER NOT NULL,
        digest BLOB NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (flow, source, uuid)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX posted_by_age ON posted (at);
";

/// Version 7: messages, threads and flows can be removed.
///
/// A thread or a flow is marked with the time of its removal first. Its rows are deleted afterwards. The row of a removed
/// flow stays, because its sources show that they were removed.
const REMOVALS: &str = "
    ALTER TABLE flows ADD COLUMN removed_at INTEGER;
    ALTER TABLE threads ADD COLUMN removed_at INTEGER;
    CREATE INDEX threads_removed ON threads (id) WHERE removed_at IS NOT NULL;
    CREATE INDEX files_by_message ON files (flow, message);
";

/// Version 8: messages are found by their words, and the owner posts as well.
///
/// The index holds words and no texts. `search.rs` says which rows it has. The application 0 is the inbox itself: it has
/// the sources through which the owner posts, and no credentials.
const SEARCH: &str = "
    CREATE VIRTUAL TABLE message_words USING fts5(
        words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
    );
    -- Each commit writes a segment of the index. Merging 16 of them at a time, not 4, writes each word half as often.
    INSERT INTO message_words (message_words, rank) VALUES ('automerge', 16);
    INSERT INTO applications (key, name, client_id, client_secret, removed_at) VALUES (0, 'Inbox', '', '', 0);
";

/// Version 9: threads are found by their source, by the colour of their status and by the tags of their messages, and a source
/// shows when it last posted.
///
/// `message_tags.thread` repeats the thread of the message, so that the index leads from a tag to its threads. Nobody knows when a source
/// posted before this version, so its time is null until its next post.
const THREAD_LISTS: &str = "
    ALTER TABLE threads ADD COLUMN status_color TEXT;
    UPDATE threads SET status_color = (
        SELECT json_extract(state, '$.status.color') FROM thread_states
        WHERE thread = threads.id AND version = threads.state_version);
    CREATE INDEX threads_by_source ON threads (flow, source, removed_at, last_message_id);
    CREATE INDEX threads_by_status ON threads (flow, status_color, removed_at, last_message_id);

    ALTER TABLE message_tags ADD COLUMN thread TEXT;
    UPDATE message_tags SET thread = (
        SELECT thread FROM messages WHERE messages.flow = message_tags.flow AND messages.id = message_tags.message);
    CREATE INDEX message_tags_by_thread ON message_tags (flow, tag, thread);

    ALTER TABLE sources ADD COLUMN last_message_at INTEGER;
";

/// Which program wrote a database, and in which version.
pub(super) enum State {
    /// This program wrote it, in this version. Version 0 is an empty database.
    Version(usize),
    /// A newer version of this program wrote it.
    Newer,
    /// Another program wrote it.
    Foreign,
}

pub(super) fn state(connection: &Connection) -> rusqlite::Result<State> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let version = usize::try_from(pragma("user_version")?).ok();
    Ok(match (tables, pragma("application_id")?, version) {
        (0, 0, Some(0)) => State::Version(0),
        (_, APPLICATION_ID, Some(version)) if version > VERSIONS.len() => State::Newer,
        (_, APPLICATION_ID, Some(version)) if version > 0 => State::Version(version),
        _ => State::Foreign,
    })
}

/// Updates the tables, and on the first start adds the first rows. Returns the secrets that it created.
pub(super) fn bring_up_to_date(
    transaction: &Transaction<'_>,
    version: usize,
    new_tokens: bool,
    now_ms: i64,
) -> Result<Secrets, StoreError> {
    update(transaction, version)?;
    // Chunks of files whose message was never stored, because the process ended before that.
    transaction.execute("DELETE FROM file_chunks WHERE file NOT IN (SELECT id FROM files)", [])?;

    // Applications of version 1 have no credentials, and its sources no times.
    let application = applications::complete(transaction)?;
    transaction.execute("UPDATE sources SET created_at = ?1, updated_at = ?1 WHERE created_at = 0", [now_ms])?;
    if version == 0 {
        let flow = flows::create_first(transaction, FIRST_ORGANIZATION, FIRST_FLOW)?;
        return tokens::create(transaction, flow, now_ms);
    }
    if new_tokens {
        return tokens::replace(transaction, now_ms);
    }
    Ok(Secrets { tokens: None, application })
}

/// Creates the tables for a copy of an inbox. They have none of the rows that a copy brings.
pub(super) fn create(transaction: &Connection) -> Result<(), StoreError> {
    update(transaction, 0)?;
    // The inbox itself is one of the applications that are copied.
    transaction.execute("DELETE FROM applications", [])?;
    Ok(())
}

/// Updates tables of this version.
fn update(transaction: &Connection, version: usize) -> Result<(), StoreError> {
    for (index, step) in VERSIONS.iter().enumerate().skip(version) {
        transaction.execute_batch(step)?;
        if index + 1 == TRUST_VERSION {
            threads::move_states(transaction)?;
        }
        if index + 1 == SEARCH_VERSION {
            search::add_all(transaction)?;
        }
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSIONS.len() as i64)?;
    Ok(())
}

/// Whether the tables of this version are those of the newest one.
pub(super) fn is_newest(version: usize) -> bool {
    version == VERSIONS.len()
}
