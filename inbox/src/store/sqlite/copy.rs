//! The ends of a copy that are a SQLite file.

use std::fmt::Write;
use std::fs::File;
use std::path::PathBuf;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::backup::{self, BackupError};
use super::data_file::{self, CACHE_KIB, DataFile, OpenError};
use super::schema::{self, State};
use super::search;
use crate::domain;
use crate::private_file::{Part, folder};
use crate::store::StoreError;
use crate::store::copy::CopyError;
use crate::store::copy::tables::{Batch, Content, Counts, Engine, Row, Table, Value};

/// A data file that is copied. No inbox can use it meanwhile.
pub struct Source {
    /// In a transaction: other programs may write the file, and the copy is of one moment.
    connection: Connection,
    _lock: File,
}

impl Source {
    /// Opens a data file with tables of the newest version.
    pub fn open(file: &DataFile) -> Result<Source, CopyError> {
        let DataFile::Path(path) = file else { return Err(BackupError::Memory.into()) };
        if !path.is_file() {
            return Err(BackupError::Missing(path.clone()).into());
        }
        let lock = file.lock(path)?;
        // Not read-only: SQLite may have to create the index of the write-ahead log.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| file.unusable(error))?;
        connection.busy_timeout(data_file::BUSY_TIME).map_err(|error| file.unusable(error))?;
        connection.execute_batch("BEGIN").map_err(|error| file.unusable(error))?;
        match schema::state(&connection).map_err(|error| file.unusable(error))? {
            State::Version(0) | State::Foreign => Err(OpenError::Foreign(file.clone()))?,
            State::Newer => Err(OpenError::Newer(file.clone()))?,
            State::Version(version) if !schema::is_newest(version) => Err(OpenError::Older(file.clone()))?,
            State::Version(_) => Ok(Source { connection, _lock: lock }),
        }
    }

    /// Gives all rows to `take`, some at a time.
    pub async fn read(
        &self,
        content: Content,
        mut take: impl AsyncFnMut(Vec<Row>) -> Result<(), CopyError>,
    ) -> Result<(), CopyError> {
        let sql = match content {
            Content::Table(table) => table.select(Engine::Sqlite),
            Content::Words => search::TEXTS.to_owned(),
        };
        let mut statement = self.connection.prepare(&sql)?;
        let width = statement.column_count();
        let mut rows = statement.query([])?;
        let mut batch = Batch::default();
        while let Some(row) = rows.next()? {
            let values = (0..width).map(|index| value(row.get_ref(index)?));
            if let Some(full) = batch.add(values.collect::<Result<Row, StoreError>>()?) {
                take(full).await?;
            }
        }
        take(batch.rest()).await
    }

    /// Counts.
    pub async fn numbers(&self, sql: &str) -> Result<Vec<Counts>, CopyError> {
        numbers(&self.connection, sql)
    }

    /// Finds the rows of a table with U+0000 in a text. Gives `found` the name of the table and the key of each.
    pub fn nuls(&self, table: &Table, mut found: impl FnMut(&str)) -> Result<(), CopyError> {
        let Some(sql) = table.nuls() else { return Ok(()) };
        let mut statement = self.connection.prepare(&sql)?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut text = table.name.to_owned();
            for (index, column) in columns.iter().enumerate() {
                let _ = match value(row.get_ref(index)?)? {
                    Value::Number(number) => write!(text, " {column} {number}"),
                    // U+0000 and what else moves a terminal's cursor is written as an escape.
                    Value::Text(value) => write!(text, " {column} {value:?}"),
                    Value::Bytes(_) | Value::Null => Ok(()),
                };
            }
            found(&text);
        }
        Ok(())
    }
}

/// A new data file. Until it is whole, it has another name.
pub struct Target {
    connection: Connection,
    part: Part,
    file: DataFile,
    path: PathBuf,
    /// The statement that writes a row; `None` writes words.
    insert: Option<String>,
    /// Which columns of a row the table has.
    has: Vec<bool>,
}

impl Target {
    /// Creates the file with its tables.
    pub fn create(file: &DataFile) -> Result<Target, CopyError> {
        let DataFile::Path(path) = file else { return Err(BackupError::Memory.into()) };
        backup::refuse_taken(path)?;
        let write = |reason| BackupError::Write { file: path.clone(), reason };
        std::fs::create_dir_all(folder(path)).map_err(write)?;
        let part = Part::beside(path).map_err(write)?;
        let connection = Connection::open(part.path())?;
        // A file that is not whole is removed, so nothing in it has to survive.
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        // All references are checked at the end.
        connection.pragma_update(None, "foreign_keys", false)?;
        connection.execute_batch("BEGIN")?;
        schema::create(&connection)?;
        Ok(Target { connection, part, file: file.clone(), path: path.clone(), insert: None, has: Vec::new() })
    }

    /// Begins to write these rows.
    pub async fn begin(&mut self, content: Content) -> Result<(), CopyError> {
        self.insert = match content {
            Content::Table(table) => {
                self.has = table.columns.iter().map(|column| column.in_sqlite.is_none()).collect();
                let copied = table.columns_in(Engine::Sqlite).map(|column| (column.name, "?"));
                let unused = table.unused_in_sqlite.iter().map(|name| (*name, "''"));
                let (columns, values): (Vec<_>, Vec<_>) = copied.chain(unused).unzip();
                let (columns, values) = (columns.join(", "), values.join(", "));
                Some(format!("INSERT INTO {} ({columns}) VALUES ({values})", table.name))
            }
            Content::Words => None,
        };
        Ok(())
    }

    /// Writes rows.
    pub async fn write(&mut self, rows: Vec<Row>) -> Result<(), CopyError> {
        let Some(insert) = &self.insert else { return self.write_words(&rows) };
        let mut statement = self.connection.prepare_cached(insert)?;
        for row in rows {
            let values = row.iter().zip(&self.has).filter(|(_, has)| **has).map(|(value, _)| value);
            statement.execute(params_from_iter(values))?;
        }
        Ok(())
    }

    fn write_words(&self, rows: &[Row]) -> Result<(), CopyError> {
        for row in rows {
            let text =
                domain::search::text_of_stored(row[2].text(), row[3].text_or_none()).map_err(StoreError::from)?;
            search::add(&self.connection, row[0].number(), row[1].number(), &text)?;
        }
        Ok(())
    }

    /// Ends what was begun.
    pub async fn end(&mut self) -> Result<(), CopyError> {
        Ok(())
    }

    /// Checks the references of all rows.
    pub async fn complete(&mut self) -> Result<(), CopyError> {
        let wrong = "SELECT \"table\" || ' -> ' || parent FROM pragma_foreign_key_check LIMIT 1";
        let mut statement = self.connection.prepare(wrong)?;
        let mut rows = statement.query([])?;
        match rows.next()? {
            None => Ok(()),
            Some(row) => Err(CopyError::Reference(row.get(0)?)),
        }
    }

    /// Counts.
    pub async fn numbers(&self, sql: &str) -> Result<Vec<Counts>, CopyError> {
        numbers(&self.connection, sql)
    }

    /// Gives the file its name.
    pub async fn keep(self) -> Result<(), CopyError> {
        let Target { connection, part, file, path, .. } = self;
        connection.execute_batch("COMMIT")?;
        connection.close().map_err(|(_, error)| error)?;
        // An inbox that was started meanwhile may have made a file of this name.
        let _lock = file.lock(&path)?;
        backup::refuse_taken(&path)?;
        backup::give_to_owner(&data_file::lock_path(&path), folder(&path));
        backup::give_to_owner(part.path(), folder(&path));
        Ok(backup::move_into_place(part, &path)?)
    }
}

fn numbers(connection: &Connection, sql: &str) -> Result<Vec<Counts>, CopyError> {
    let mut statement = connection.prepare(sql)?;
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|index| row.get(index)).collect())?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn value(value: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match value {
        ValueRef::Integer(number) => Value::Number(number),
        ValueRef::Text(_) => Value::Text(value.as_str().map_err(rusqlite::Error::from)?.to_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_owned()),
        // The tables are strict and have no real numbers.
        ValueRef::Null | ValueRef::Real(_) => Value::Null,
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Number(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::store::copy::tables::{TABLES, WORDS};

    #[test]
    fn every_column_of_every_table_is_copied() {
        let connection = Connection::open_in_memory().expect("it opens");
        schema::create(&connection).expect("SQL runs");
        let sql = "SELECT tables.name || '.' || columns.name
                   FROM pragma_table_list AS tables JOIN pragma_table_info(tables.name) AS columns
                   WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'";
        let mut statement = connection.prepare(sql).expect("SQL");
        let made = statement.query_map([], |row| row.get(0)).expect("rows");
        let made: BTreeSet<String> = made.collect::<rusqlite::Result<_>>().expect("texts");
        let copied = TABLES.iter().flat_map(|table| {
            let copied = table.columns_in(Engine::Sqlite).map(|column| column.name);
            let names = copied.chain(table.unused_in_sqlite.iter().copied());
            names.map(|name| format!("{}.{name}", table.name))
        });
        assert_eq!(made, copied.collect());
        // The index of the words is no such table.
        assert!(TABLES.iter().all(|table| table.name != WORDS));
    }
}
