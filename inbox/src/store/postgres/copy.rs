//! The ends of a copy that are a PostgreSQL database.

use std::error::Error;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use deadpool_postgres::PoolError;
use futures_util::TryStreamExt;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::database::Database;
use super::messages;
use super::schema;
use super::store::DatabaseError;
use super::url::DatabaseUrl;
use super::words::Words;
use crate::clock::Clock;
use crate::domain::{message, search};
use crate::secret;
use crate::store::StoreError;
use crate::store::copy::CopyError;
use crate::store::copy::tables::{Batch, Content, Counts, Engine, Kind, Origin, Row, TABLES, Table, Value, WORDS};

/// The settings of the one transaction of a copy, which may take hours.
const SETTINGS: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

/// How long the connections of an inbox that has ended may take to end too.
const CLOSING: Duration = Duration::from_secs(5);

/// How long it is until they are looked for again.
const AGAIN: Duration = Duration::from_millis(50);

/// A database that is copied, as it is at one moment.
pub struct Source(Database);

impl Source {
    /// Opens a database with tables of the newest version.
    pub async fn open(url: &DatabaseUrl, clock: &Clock) -> Result<Source, CopyError> {
        let database = connect(url, clock).await?;
        refuse_used(&database, url).await?;
        begin(&database).await?;
        database.client().batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
        schema::check_newest(&database).await.map_err(|refused| DatabaseError::of(url, refused))?;
        Ok(Source(database))
    }

    /// Gives all rows to `take`, some at a time.
    pub async fn read(
        &self,
        content: Content,
        mut take: impl AsyncFnMut(Vec<Row>) -> Result<(), CopyError>,
    ) -> Result<(), CopyError> {
        let sql = match content {
            Content::Table(table) => table.select(Engine::Postgres),
            // Both the message and the state of its thread that it shows are needed for its words.
            Content::Words => format!(
                "SELECT messages.flow, messages.id, messages.json, thread_states.state FROM {}
                 ORDER BY messages.flow, messages.id",
                messages::TABLES
            ),
        };
        let kinds = content.kinds();
        let rows = self.0.client().query_raw(&sql, std::iter::empty::<i64>()).await?;
        let mut rows = pin!(rows);
        let mut batch = Batch::default();
        while let Some(row) = rows.try_next().await? {
            let values = kinds.iter().enumerate().map(|(index, kind)| value(&row, index, *kind));
            if let Some(full) = batch.add(values.collect::<Result<Row, StoreError>>()?) {
                take(full).await?;
            }
        }
        take(batch.rest()).await
    }

    /// Counts.
    pub async fn numbers(&self, sql: &str) -> Result<Vec<Counts>, CopyError> {
        numbers(&self.0, sql).await
    }
}

/// A database into which an inbox is copied. It has nothing until the copy is whole.
pub struct Target {
    database: Database,
    /// The statements that make the indexes.
    indexes: Vec<String>,
    content: Content,
    writer: Option<Pin<Box<BinaryCopyInWriter>>>,
    now_ms: i64,
}

impl Target {
    /// Creates the tables.
    pub async fn create(url: &DatabaseUrl, clock: &Clock) -> Result<Target, CopyError> {
        let database = connect(url, clock).await?;
        begin(&database).await?;
        schema::create(&database).await.map_err(|refused| DatabaseError::of(url, refused))?;
        let indexes = drop_indexes(&database).await?;
        Ok(Target { database, indexes, content: Content::Words, writer: None, now_ms: clock.now_ms() })
    }

    /// Begins to write these rows.
    pub async fn begin(&mut self, content: Content) -> Result<(), CopyError> {
        let (columns, types): (Vec<&str>, Vec<Type>) = match content {
            Content::Table(table) => columns(table).unzip(),
            Content::Words => {
                [("flow", Type::INT8), ("message", Type::INT8), ("words", Type::TS_VECTOR)].into_iter().unzip()
            }
        };
        let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", content.name(), columns.join(", "));
        let sink = self.database.client().copy_in(&sql).await?;
        self.writer = Some(Box::pin(BinaryCopyInWriter::new(sink, &types)));
        self.content = content;
        Ok(())
    }

    /// Writes rows.
    pub async fn write(&mut self, rows: Vec<Row>) -> Result<(), CopyError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        for row in rows {
            let cells = match self.content {
                Content::Table(table) => cells(table, row, self.now_ms)?,
                Content::Words => words(&row)?,
            };
            writer.as_mut().write_raw(cells).await?;
        }
        Ok(())
    }

    /// Ends what was begun.
    pub async fn end(&mut self) -> Result<(), CopyError> {
        if let Some(mut writer) = self.writer.take() {
            writer.as_mut().finish().await?;
        }
        Ok(())
    }

    /// Writes what follows from all rows: the indexes, the next number of each key, the time of the newest post of each flow, and the
    /// statistics.
    pub async fn complete(&mut self) -> Result<(), CopyError> {
        for index in &self.indexes {
            self.database.client().batch_execute(index).await?;
        }
        for table in TABLES.iter().filter(|table| table.has_identity()) {
            let name = table.name;
            // A sequence begins with 1, also behind the application 0.
            let sql = format!(
                "SELECT setval(pg_get_serial_sequence('{name}', 'key'), greatest(max(key), 1), coalesce(max(key), 0) > 0) FROM {name}"
            );
            self.database.client().batch_execute(&sql).await?;
        }
        // A thread may have been updated by a message that was removed.
        let sql = "UPDATE flows SET newest_at = greatest(newest_at,
                       (SELECT max(updated_at) FROM threads WHERE threads.flow = flows.key),
                       (SELECT sent_at FROM messages WHERE messages.flow = flows.key ORDER BY id DESC LIMIT 1))";
        self.database.client().batch_execute(sql).await?;
        for name in TABLES.iter().map(|table| table.name).chain([WORDS]) {
            self.database.client().batch_execute(&format!("ANALYZE {name}")).await?;
        }
        Ok(())
    }

    /// Counts.
    pub async fn numbers(&self, sql: &str) -> Result<Vec<Counts>, CopyError> {
        numbers(&self.database, sql).await
    }

    /// Keeps the copy.
    pub async fn keep(self) -> Result<(), CopyError> {
        Ok(self.database.commit().await?)
    }
}

/// A connection.
async fn connect(url: &DatabaseUrl, clock: &Clock) -> Result<Database, CopyError> {
    let unusable = |error: PoolError| DatabaseError::Unusable { url: url.clone(), reason: error.into() };
    Ok(Database::patient(url.pool().get().await.map_err(unusable)?, clock.clone()))
}

/// Begins the one transaction of a copy.
async fn begin(database: &Database) -> Result<(), CopyError> {
    database.begin().await?;
    Ok(database.client().batch_execute(SETTINGS).await?)
}

/// Refuses a database that inboxes use: what they stored during the copy would be missing in it.
async fn refuse_used(database: &Database, url: &DatabaseUrl) -> Result<(), CopyError> {
    // An inbox of another schema is taken for one of this schema, if its URL has no application_name of its own.
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
                   WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
                     AND application_name = current_setting('application_name'))";
    let deadline = Instant::now() + CLOSING;
    while database.one(sql, &[]).await?.try_get(0)? {
        if Instant::now() > deadline {
            return Err(DatabaseError::InUse(url.clone()).into());
        }
        tokio::time::sleep(AGAIN).await;
    }
    Ok(())
}

/// Drops the indexes of the empty tables, but for those of keys. Returns the statements that make them again: to fill a table and
/// then make its indexes is faster.
async fn drop_indexes(database: &Database) -> Result<Vec<String>, CopyError> {
    let tables: Vec<&str> = TABLES.iter().map(|table| table.name).chain([WORDS]).collect();
    let sql = "SELECT quote_ident(indexes.relname), pg_get_indexdef(indexes.oid)
               FROM pg_index JOIN pg_class AS indexes ON indexes.oid = indexrelid
               JOIN pg_class AS tables ON tables.oid = indrelid
               WHERE tables.relnamespace = current_schema()::regnamespace AND tables.relname = ANY($1)
                 AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
               ORDER BY indexes.relname";
    let mut made = Vec::new();
    for row in database.rows(sql, &[&tables]).await? {
        database.client().batch_execute(&format!("DROP INDEX {}", row.try_get::<_, &str>(0)?)).await?;
        made.push(row.try_get(1)?);
    }
    Ok(made)
}

/// All columns of a table, with their types.
fn columns(table: &'static Table) -> impl Iterator<Item = (&'static str, Type)> {
    let copied = table.columns.iter().map(|column| {
        let kind = match column.kind {
            Kind::Number => Type::INT8,
            Kind::Text => Type::TEXT,
            Kind::Bytes => Type::BYTEA,
        };
        (column.name, kind)
    });
    let derived = table.derived.iter().map(|derived| {
        let kind = match derived.from {
            Origin::HashOf(_) => Type::BYTEA,
            Origin::TimeOf(_) | Origin::Now => Type::INT8,
        };
        (derived.name, kind)
    });
    copied.chain(derived)
}

/// What is written of a row: its values, and those that follow from them.
fn cells(table: &'static Table, row: Row, now_ms: i64) -> Result<Vec<Cell>, CopyError> {
    let of = |name| &row[table.columns.iter().position(|column| column.name == name).expect("a column of the table")];
    let derived = table.derived.iter().map(|derived| match derived.from {
        Origin::HashOf(name) => Ok(match of(name) {
            Value::Text(text) => Value::Bytes(secret::hash(text).to_vec()),
            _ => Value::Null,
        }),
        Origin::TimeOf(name) => message::sent_ms(of(name).text()).map(Value::Number),
        Origin::Now => Ok(Value::Number(now_ms)),
    });
    let derived = derived.collect::<Result<Row, _>>().map_err(StoreError::from)?;
    Ok(row.into_iter().chain(derived).map(Cell::Value).collect())
}

/// What is written of the words of a message.
fn words(row: &Row) -> Result<Vec<Cell>, CopyError> {
    let flow = row[0].number();
    let text = search::text_of_stored(row[2].text(), row[3].text_or_none()).map_err(StoreError::from)?;
    Ok(vec![Cell::Value(row[0].clone()), Cell::Value(row[1].clone()), Cell::Words(Words::of(flow, &text))])
}

/// What stands in a column of a row.
#[derive(Debug)]
enum Cell {
    Value(Value),
    Words(Words),
}

impl ToSql for Cell {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Cell::Value(Value::Null) => Ok(IsNull::Yes),
            Cell::Value(Value::Number(number)) => number.to_sql(kind, out),
            Cell::Value(Value::Text(text)) => text.to_sql(kind, out),
            Cell::Value(Value::Bytes(bytes)) => bytes.to_sql(kind, out),
            Cell::Words(words) => words.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

async fn numbers(database: &Database, sql: &str) -> Result<Vec<Counts>, CopyError> {
    let rows = database.client().query(sql, &[]).await?;
    let numbers = |row: &tokio_postgres::Row| (0..row.len()).map(|index| Ok(row.try_get(index)?)).collect();
    rows.iter().map(numbers).collect()
}

fn value(row: &tokio_postgres::Row, index: usize, kind: Kind) -> Result<Value, StoreError> {
    let value = match kind {
        Kind::Number => row.try_get::<_, Option<i64>>(index)?.map(Value::Number),
        Kind::Text => row.try_get::<_, Option<String>>(index)?.map(Value::Text),
        Kind::Bytes => row.try_get::<_, Option<Vec<u8>>>(index)?.map(Value::Bytes),
    };
    Ok(value.unwrap_or(Value::Null))
}
