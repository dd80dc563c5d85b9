//! Counts the threads of a flow.

use rusqlite::types::FromSql;
use rusqlite::{Connection, ToSql};

use super::applications::OWN;
use super::database::Database;
use super::messages;
use crate::domain::thread::{COUNTED_TAG_ROWS, COUNTED_TAGS};
use crate::domain::{FlowKey, ThreadCounts};
use crate::store::StoreError;

/// The colours of statuses with the numbers of their threads.
const STATUSES: &str = "
    SELECT status_color, count(*) FROM threads INDEXED BY threads_by_status
    WHERE flow = ?1 AND removed_at IS NULL GROUP BY status_color ORDER BY 2 DESC, 1";

/// The sources with the numbers of the threads that they began, without the source of the owner, which nobody sees.
const SOURCES: &str = "
    SELECT began.source, began.threads FROM (
        SELECT source, count(*) AS threads FROM threads INDEXED BY threads_by_source
        WHERE flow = ?1 AND removed_at IS NULL GROUP BY source) AS began
    CROSS JOIN sources ON sources.key = began.source
    WHERE sources.application <> ?2 ORDER BY 2 DESC, 1";

/// The most used tags of the threads' messages. A tag with a colon, such as `:file`, is one that a program made.
const TAG_COUNTS: &str = "
    SELECT tag, count(*) FROM (
        SELECT tag, thread FROM message_tags WHERE flow = ?1 ORDER BY message DESC LIMIT ?2)
    WHERE thread IS NOT NULL AND instr(tag, ':') = 0 GROUP BY tag ORDER BY 2 DESC, 1 LIMIT ?3";

/// Counts the threads of a flow. `None` if the flow was removed.
pub fn read(database: &Database, flow: FlowKey) -> Result<Option<ThreadCounts>, StoreError> {
    let Some(last_message_id) = messages::last_id(database, flow)? else { return Ok(None) };
    let connection = &database.connection;
    let statuses: Vec<(Option<String>, i64)> = counted(connection, STATUSES, &[&flow])?;
    Ok(Some(ThreadCounts {
        threads: statuses.iter().map(|(_, threads)| threads).sum(),
        statuses,
        sources: counted(connection, SOURCES, &[&flow, &OWN])?,
        tags: counted(connection, TAG_COUNTS, &[&flow, &COUNTED_TAG_ROWS, &COUNTED_TAGS])?,
        last_message_id,
    }))
}

fn counted<T: FromSql>(connection: &Connection, sql: &str, values: &[&dyn ToSql]) -> Result<Vec<(T, i64)>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DataFile;

    #[test]
    fn threads_and_tags_are_counted_in_an_index() {
        let connection = DataFile::Memory.open(false, 0).expect("it opens").connections.writer;
        for (sql, values, first) in [
            (STATUSES, &[&1 as &dyn ToSql][..], "SEARCH threads USING COVERING INDEX threads_by_status (flow=?)"),
            (SOURCES, &[&1, &OWN], "SEARCH threads USING COVERING INDEX threads_by_source (flow=?)"),
            (TAG_COUNTS, &[&1, &COUNTED_TAG_ROWS, &COUNTED_TAGS], "SEARCH message_tags USING PRIMARY KEY (flow=?)"),
        ] {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("SQL");
            let steps = statement.query_map(values, |row| row.get::<_, String>(3));
            let plan: Vec<String> = steps.and_then(Iterator::collect).expect("a plan");
            assert!(plan.iter().any(|step| step == first), "{plan:?}");
            assert!(
                !plan.iter().any(|step| step.starts_with("SCAN threads") || step.starts_with("SCAN m")),
                "{plan:?}"
            );
        }
    }
}
