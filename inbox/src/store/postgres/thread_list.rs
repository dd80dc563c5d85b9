//! Finds the threads of a list.

use super::database::Database;
use super::statement::Statement;
use super::words;
use crate::domain::{FlowKey, ThreadFilter};
use crate::store::StoreError;

/// How many messages a search for threads looks at, the newest ones first.
const MAX_FOUND: i64 = 3000;

/// A tag is common if at least so many messages have it. Most threads have a common tag, so the list does not start from the index
/// of tags: it looks the tag up for each thread, the newest thread first.
const COMMON: i64 = 1000;

/// Finds the ids of the threads of a list. The thread that was updated last comes first.
pub async fn ids(database: &Database, flow: FlowKey, filter: &ThreadFilter) -> Result<Vec<String>, StoreError> {
    let words = if filter.words.is_empty() { None } else { Some(words::query(flow, &filter.words)) };
    if words == Some(None) {
        return Ok(Vec::new());
    }
    let words = words.flatten();
    let has_common_tag = match &filter.tag {
        Some(tag) if words.is_none() => is_common(database, flow, &tag.to_lowercase()).await?,
        _ => true,
    };
    let statement = statement(flow, filter, words, has_common_tag);
    let rows = database.rows_of(&statement).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

async fn is_common(database: &Database, flow: FlowKey, tag: &str) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM message_tags WHERE flow = $1 AND tag = $2 LIMIT $3) AS counted";
    let messages: i64 = database.one(sql, &[&flow, &tag, &COMMON]).await?.try_get(0)?;
    Ok(messages >= COMMON)
}

/// The statement of a list. It starts from the words, from a tag that is not common, or else from the threads of the flow, of which each of
/// the indexes has them in the order of the list.
///
/// Times and ids of messages sort the threads in the same order.
fn statement(flow: FlowKey, filter: &ThreadFilter, words: Option<String>, has_common_tag: bool) -> Statement {
    let mut statement = Statement::default();
    let flow = statement.add(flow);
    let is_from_words = words.is_some();
    let tag = filter.tag.as_ref().map(|tag| statement.add(tag.to_lowercase()));
    let mut sql = if let Some(words) = words {
        let (words, most) = (statement.add(words), statement.add(MAX_FOUND));
        // The last message of a thread has its highest id.
        let until = match filter.until_id {
            Some(until) => format!(" AND w.message < {}", statement.add(until)),
            None => String::new(),
        };
        format!(
            "SELECT t.id FROM (
                 SELECT DISTINCT m.thread FROM (
                     SELECT w.message FROM message_words AS w
                     WHERE w.flow = {flow} AND w.words @@ {words}::text::tsquery{until}
                     ORDER BY w.message DESC LIMIT {most}) AS w
                 JOIN messages AS m ON m.flow = {flow} AND m.id = w.message) AS found
             JOIN threads AS t ON t.flow = {flow} AND t.id = found.thread WHERE t.removed_at IS NULL"
        )
    } else if let Some(tag) = tag.as_ref().filter(|_| !has_common_tag) {
        format!(
            "SELECT t.id FROM (
                 SELECT DISTINCT thread FROM message_tags WHERE flow = {flow} AND tag = {tag}) AS found
             JOIN threads AS t ON t.flow = {flow} AND t.id = found.thread WHERE t.removed_at IS NULL"
        )
    } else {
        format!("SELECT t.id FROM threads AS t WHERE t.flow = {flow} AND t.removed_at IS NULL")
    };
    if let Some(tag) = tag.filter(|_| is_from_words || has_common_tag) {
        sql += &format!(
            " AND EXISTS (SELECT 1 FROM message_tags AS g WHERE g.flow = {flow} AND g.tag = {tag} AND g.thread = t.id)"
        );
    }
    if let Some(source) = filter.source {
        sql += &format!(" AND t.source = {}", statement.add(source));
    }
    match &filter.status_color {
        None => (),
        Some(None) => sql += " AND t.status_color IS NULL",
        Some(Some(color)) => sql += &format!(" AND t.status_color = {}", statement.add(color.clone())),
    }
    for (condition, value) in [
        ("t.updated_at >", filter.since_ms),
        ("t.updated_at <", filter.until_ms),
        ("t.last_message_id >", filter.since_id),
        ("t.last_message_id <", filter.until_id),
    ] {
        if let Some(value) = value {
            sql += &format!(" AND {condition} {}", statement.add(value));
        }
    }
    let most = statement.add(i64::from(filter.limit));
    statement.sql = sql + &format!(" ORDER BY t.last_message_id DESC LIMIT {most}");
    statement
}
