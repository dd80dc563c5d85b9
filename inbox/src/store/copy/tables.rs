//! What a copy of an inbox consists of: the tables and their columns. Both engines read and write by this one description.
//!
//! Tests compare it with the tables that the engines make: a column that is missing here would be lost in a copy.

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    /// The text; an empty one for any other value.
    pub fn text(&self) -> &str {
        self.text_or_none().unwrap_or_default()
    }

    /// The text, if it is one.
    pub fn text_or_none(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// The number; 0 for any other value.
    pub fn number(&self) -> i64 {
        if let Value::Number(number) = self { *number } else { 0 }
    }

    /// About how much memory it needs, in bytes.
    pub fn size(&self) -> usize {
        size_of::<Value>()
            + match self {
                Value::Null | Value::Number(_) => 0,
                Value::Text(text) => text.len(),
                Value::Bytes(bytes) => bytes.len(),
            }
    }
}

/// The values of a row, in the order of the columns.
pub type Row = Vec<Value>;

/// How many rows are led from one end to the other at a time.
const BATCH_ROWS: usize = 1000;

/// How much memory such rows need at most, and one row more, in bytes.
const BATCH_BYTES: usize = 1024 * 1024;

/// Rows on their way.
#[derive(Debug, Default)]
pub struct Batch {
    rows: Vec<Row>,
    bytes: usize,
}

impl Batch {
    /// Adds a row. Returns the rows once they are many.
    pub fn add(&mut self, row: Row) -> Option<Vec<Row>> {
        self.bytes += row.iter().map(Value::size).sum::<usize>();
        self.rows.push(row);
        let is_full = self.rows.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES;
        is_full.then(|| std::mem::take(self).rows)
    }

    /// The last rows.
    pub fn rest(self) -> Vec<Row> {
        self.rows
    }
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Number,
    Text,
    Bytes,
}

/// A column. Any may be null.
#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// How SQLite finds the value, if only PostgreSQL has the column.
    pub in_sqlite: Option<&'static str>,
}

/// A column that only PostgreSQL has, and whose value follows from the rest of the row.
#[derive(Debug)]
pub struct Derived {
    pub name: &'static str,
    pub from: Origin,
}

/// From what a derived value follows.
#[derive(Debug)]
pub enum Origin {
    /// It is the SHA-256 of the text in this column.
    HashOf(&'static str),
    /// It is the time of the message whose JSON is in this column.
    TimeOf(&'static str),
    /// It is the time of the copy.
    Now,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    /// Its columns. Those that tell a row from all others come first.
    pub columns: &'static [Column],
    /// How many columns tell a row from all others.
    pub key: usize,
    /// The table that SQLite joins to find the values of columns that only PostgreSQL has.
    pub sqlite_join: &'static str,
    /// What only PostgreSQL has.
    pub derived: &'static [Derived],
    /// What only SQLite has: columns that an older version filled. They hold an empty text now.
    pub unused_in_sqlite: &'static [&'static str],
}

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The numbers in a row of a query that counts. Both engines return equal numbers for equal rows.
pub type Counts = Vec<i64>;

/// What is copied at a time.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// The rows of a table.
    Table(&'static Table),
    /// The words of all messages, for the full text search. Its rows are what the words are found in, as [`TEXTS`] has it; each
    /// engine finds and keeps the words in its own way.
    Words,
}

impl Content {
    pub fn name(self) -> &'static str {
        match self {
            Content::Table(table) => table.name,
            Content::Words => WORDS,
        }
    }

    /// What the values of a row are.
    pub fn kinds(self) -> Vec<Kind> {
        match self {
            Content::Table(table) => table.columns.iter().map(|column| column.kind).collect(),
            Content::Words => TEXTS.to_vec(),
        }
    }
}

/// The table of the words, in both engines.
pub const WORDS: &str = "message_words";

/// In what the words of a message are found: the flow, the id of the message, its JSON, and the state of its thread.
const TEXTS: [Kind; 4] = [Kind::Number, Kind::Number, Kind::Text, Kind::Text];

impl Table {
    /// Numbers the rows by itself: its column `key` gets the next number.
    pub fn has_identity(&self) -> bool {
        self.columns[0].name == "key"
    }

    /// The columns that an engine has.
    pub fn columns_in(&self, engine: Engine) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().filter(move |column| engine == Engine::Postgres || column.in_sqlite.is_none())
    }

    /// The query for all rows.
    pub fn select(&self, engine: Engine) -> String {
        let name = self.name;
        let values = self.columns.iter().map(|column| match column.in_sqlite {
            Some(value) if engine == Engine::Sqlite => value.to_owned(),
            _ => format!("{name}.{}", column.name),
        });
        let join = if engine == Engine::Sqlite { self.sqlite_join } else { "" };
        format!("SELECT {} FROM {name} {join}", list(values))
    }

    /// The query for what is counted: the rows, and for each column that both engines have the bytes of its values, or the sum of
    /// its numbers modulo 1,000,003, so that no sum is too large.
    pub fn counts(&self) -> String {
        let columns = self.columns_in(Engine::Sqlite).map(|column| {
            let (name, kind) = (column.name, column.kind);
            let counted =
                if kind == Kind::Number { format!("{name} % 1000003") } else { format!("octet_length({name})") };
            format!("coalesce(CAST(sum({counted}) AS bigint), 0)")
        });
        format!("SELECT count(*), {} FROM {}", list(columns), self.name)
    }

    /// The query for the keys of the rows with U+0000 in a text, in SQLite. `None` if the table has no text.
    pub fn nuls(&self) -> Option<String> {
        let texts = self.columns_in(Engine::Sqlite).filter(|column| column.kind == Kind::Text);
        let found: Vec<String> =
            texts.map(|column| format!("instr(CAST({} AS blob), x'00') > 0", column.name)).collect();
        let key = self.columns[..self.key].iter().filter(|column| column.in_sqlite.is_none());
        let key = list(key.map(|column| column.name.to_owned()));
        (!found.is_empty()).then(|| format!("SELECT {key} FROM {} WHERE {}", self.name, found.join(" OR ")))
    }
}

/// The query for the highest message id of each flow.
pub const NEWEST: &str = "SELECT flow, max(id) FROM messages GROUP BY flow ORDER BY flow";

/// Names in a row, for SQL.
fn list(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

const fn number(name: &'static str) -> Column {
    Column { name, kind: Kind::Number, in_sqlite: None }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text, in_sqlite: None }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes, in_sqlite: None }
}

const fn table(name: &'static str, key: usize, columns: &'static [Column]) -> Table {
    Table { name, columns, key, sqlite_join: "", derived: &[], unused_in_sqlite: &[] }
}

/// The tables, each after those that it refers to.
pub const TABLES: [Table; 15] = [
    table("organizations", 1, &[number("key"), text("name"), text("parameterized_name")]),
    table(
        "flows",
        1,
        &[
            number("key"),
            text("id"),
            number("organization"),
            text("name"),
            text("parameterized_name"),
            number("last_message_id"),
            number("removed_at"),
        ],
    ),
    table(
        "applications",
        1,
        &[
            number("key"),
            text("name"),
            text("icon"),
            text("client_id"),
            text("client_secret"),
            text("redirect_uris"),
            text("setup_uri"),
            text("configuration_uri"),
            text("old_secret"),
            number("old_secret_until"),
            number("removed_at"),
        ],
    ),
    table(
        "sources",
        1,
        &[
            number("key"),
            number("flow"),
            number("application"),
            text("name"),
            bytes("token_hash"),
            number("removed_at"),
            text("external_url"),
            text("error_message"),
            text("configuration_url"),
            number("created_at"),
            number("updated_at"),
            number("last_message_at"),
        ],
    ),
    table("api_tokens", 1, &[number("key"), bytes("token_hash")]),
    table(
        "grants",
        1,
        &[
            number("key"),
            number("application"),
            text("scopes"),
            text("redirect_uri"),
            text("code_challenge"),
            number("revoked_at"),
            number("created_at"),
        ],
    ),
    table(
        "grant_tokens",
        2,
        &[number("grant_key"), text("kind"), bytes("token_hash"), number("expires_at"), number("used_at")],
    ),
    table(
        "sessions",
        1,
        &[
            number("key"),
            bytes("token_hash"),
            text("browser"),
            number("created_at"),
            number("renewed_at"),
            number("expires_at"),
        ],
    ),
    Table {
        derived: &[Derived { name: "external_hash", from: Origin::HashOf("external_thread_id") }],
        unused_in_sqlite: &["state"],
        ..table(
            "threads",
            2,
            &[
                number("flow"),
                text("id"),
                number("source"),
                text("external_thread_id"),
                number("activities"),
                number("internal_comments"),
                number("external_comments"),
                number("last_message_id"),
                number("created_at"),
                number("updated_at"),
                number("state_version"),
                number("state_source"),
                number("removed_at"),
                text("status_color"),
            ],
        )
    },
    Table {
        sqlite_join: "JOIN threads ON threads.id = thread_states.thread",
        ..table(
            "thread_states",
            3,
            &[
                Column { name: "flow", kind: Kind::Number, in_sqlite: Some("threads.flow") },
                text("thread"),
                number("version"),
                text("state"),
            ],
        )
    },
    Table {
        derived: &[Derived { name: "sent_at", from: Origin::TimeOf("json") }],
        ..table(
            "messages",
            2,
            &[number("flow"), number("id"), text("event"), text("json"), text("thread"), number("state_version")],
        )
    },
    table("message_tags", 3, &[number("flow"), number("message"), text("tag"), text("thread")]),
    table("files", 1, &[text("id"), number("flow"), number("message"), text("name"), text("content_type")]),
    Table {
        derived: &[Derived { name: "stored_at", from: Origin::Now }],
        ..table("file_chunks", 2, &[text("file"), number("number"), bytes("content")])
    },
    table(
        "posted",
        3,
        &[number("flow"), number("source"), text("uuid"), number("message"), bytes("digest"), number("at")],
    ),
];
