//! Counts the threads of a flow.

use tokio_postgres::types::FromSqlOwned;

use super::applications::OWN;
use super::database::{Database, Values};
use super::messages;
use crate::domain::thread::{COUNTED_TAG_ROWS, COUNTED_TAGS};
use crate::domain::{FlowKey, ThreadCounts};
use crate::store::StoreError;

/// The colours of statuses with the numbers of their threads.
const STATUSES: &str = "
    SELECT status_color, count(*) FROM threads
    WHERE flow = $1 AND removed_at IS NULL GROUP BY status_color ORDER BY 2 DESC, 1 NULLS FIRST";

/// The sources with the numbers of the threads that they began, without the source of the owner, which nobody sees.
const SOURCES: &str = "
    SELECT began.source, began.threads FROM (
        SELECT source, count(*) AS threads FROM threads WHERE flow = $1 AND removed_at IS NULL GROUP BY source) AS began
    JOIN sources ON sources.key = began.source
    WHERE sources.application <> $2 ORDER BY 2 DESC, 1";

/// The most used tags of the threads' messages. A tag with a colon, such as `:file`, is one that a program made.
const TAG_COUNTS: &str = "
    SELECT tag, count(*) FROM (
        SELECT tag, thread FROM message_tags WHERE flow = $1 ORDER BY message DESC LIMIT $2) AS newest
    WHERE thread IS NOT NULL AND position(':' IN tag) = 0 GROUP BY tag ORDER BY 2 DESC, 1 LIMIT $3";

pub async fn read(database: &Database, flow: FlowKey) -> Result<Option<ThreadCounts>, StoreError> {
    let Some(last_message_id) = messages::last_id(database, flow).await? else { return Ok(None) };
    let statuses: Vec<(Option<String>, i64)> = counted(database, STATUSES, &[&flow]).await?;
    Ok(Some(ThreadCounts {
        threads: statuses.iter().map(|(_, threads)| threads).sum(),
        statuses,
        sources: counted(database, SOURCES, &[&flow, &OWN]).await?,
        tags: counted(database, TAG_COUNTS, &[&flow, &COUNTED_TAG_ROWS, &COUNTED_TAGS]).await?,
        last_message_id,
    }))
}

async fn counted<T: FromSqlOwned>(
    database: &Database,
    sql: &str,
    values: Values<'_>,
) -> Result<Vec<(T, i64)>, StoreError> {
    let rows = database.rows(sql, values).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}
