//! The table of messages.

use tokio_postgres::Row;

use super::database::Database;
use super::statement::Statement;
use super::words;
use crate::domain::message::with_state;
use crate::domain::{FlowKey, MessageFilter, Order, StoredMessage};
use crate::store::StoreError;
use crate::store::page::{PAGE_BYTES, PAGE_ITEMS};

/// Up to how many rows of an index are counted to find the shortest way to the messages of a filter.
const COUNTED: i64 = 1000;

/// A word is common if at least so many messages of the flow have it. Then the search looks at the messages of the flow, the newest
/// first, until it has found enough. That ends early, because many match; the list of all that match could be long.
const COMMON: i64 = 3000;

/// A message's row and the state of its thread that it shows.
pub(super) const TABLES: &str = "
    messages LEFT JOIN thread_states ON thread_states.flow = messages.flow
        AND thread_states.thread = messages.thread AND thread_states.version = messages.state_version";

/// Reads a message from the first columns of a row: `messages.id, messages.json, thread_states.state`.
fn from_row(row: &Row) -> Result<StoredMessage, StoreError> {
    Ok(StoredMessage { id: row.try_get(0)?, json: with_state(row.try_get(1)?, row.try_get(2)?) })
}

/// The next messages after this id, from old to new, until a page is full.
pub async fn after(database: &Database, flow: FlowKey, id: i64) -> Result<Vec<StoredMessage>, StoreError> {
    let sql = format!(
        "SELECT * FROM (
             SELECT messages.id, messages.json, thread_states.state,
                    sum(octet_length(messages.json) + coalesce(octet_length(state), 0)) OVER (ORDER BY messages.id)
                        - octet_length(messages.json) - coalesce(octet_length(state), 0)
             FROM (SELECT * FROM messages WHERE flow = $1 AND id > $2 ORDER BY id LIMIT {PAGE_ITEMS}) AS messages
             LEFT JOIN thread_states ON thread_states.flow = messages.flow
                AND thread_states.thread = messages.thread AND thread_states.version = messages.state_version
         ) AS found (id, json, state, bytes_before)
         WHERE bytes_before < $3 ORDER BY id"
    );
    database.rows(&sql, &[&flow, &id, &(PAGE_BYTES as i64)]).await?.iter().map(from_row).collect()
}

/// Finds a message of the flow by its id.
pub async fn by_id(database: &Database, flow: FlowKey, id: i64) -> Result<Option<StoredMessage>, StoreError> {
    let sql = format!(
        "SELECT messages.id, messages.json, thread_states.state FROM {TABLES}
         WHERE messages.flow = $1 AND messages.id = $2"
    );
    database.row(&sql, &[&flow, &id]).await?.as_ref().map(from_row).transpose()
}

/// The messages with these ids, in this order, until a page is full, as JSON. The number says how many ids were looked
/// at.
pub async fn page(database: &Database, flow: FlowKey, ids: &[i64]) -> Result<(Vec<String>, usize), StoreError> {
    let ids = &ids[..ids.len().min(PAGE_ITEMS)];
    let sql = format!(
        "SELECT * FROM (
             SELECT messages.id, messages.json, thread_states.state, wanted.place,
                    octet_length(messages.json) + coalesce(octet_length(state), 0),
                    sum(octet_length(messages.json) + coalesce(octet_length(state), 0)) OVER (ORDER BY wanted.place)
             FROM unnest($2::bigint[]) WITH ORDINALITY AS wanted (id, place)
             JOIN ({TABLES}) ON messages.flow = $1 AND messages.id = wanted.id
         ) AS found (id, json, state, place, size, bytes)
         WHERE bytes - size < $3 ORDER BY place"
    );
    let rows = database.rows(&sql, &[&flow, &ids, &(PAGE_BYTES as i64)]).await?;
    let page = rows.iter().map(|row| Ok(from_row(row)?.json)).collect::<Result<_, StoreError>>()?;
    Ok((page, looked_at(&rows, 3, ids.len())?))
}

/// How many of the wanted items were looked at for a page. `place` is the column with the place of an item among those that were wanted;
/// the last column has the bytes up to the item.
pub(super) fn looked_at(rows: &[Row], place: usize, wanted: usize) -> Result<usize, StoreError> {
    let Some(last) = rows.last() else { return Ok(wanted) };
    let bytes: i64 = last.try_get(last.len() - 1)?;
    // Once the page is full, the items after the last one were not looked at.
    let is_full = bytes >= PAGE_BYTES as i64;
    Ok(if is_full { usize::try_from(last.try_get::<_, i64>(place)?).unwrap_or(wanted) } else { wanted })
}

/// The id of the flow's last message, even if that was removed; 0 if there was none yet. `None` if the flow was removed.
pub async fn last_id(database: &Database, flow: FlowKey) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT last_message_id FROM flows WHERE key = $1 AND removed_at IS NULL";
    Ok(database.row(sql, &[&flow]).await?.map(|row| row.try_get(0)).transpose()?)
}

/// Finds the ids of the messages of a list, from old to new.
///
/// Each filter has statements of its own, which start from an index: from its words, otherwise from its thread or its rarest
/// tag, and from its events only if there is nothing else. If one of several tags or events is enough, each of them has a
/// statement.
pub async fn ids(database: &Database, flow: FlowKey, filter: &MessageFilter) -> Result<Vec<i64>, StoreError> {
    let tags: Vec<String> = filter.tags.iter().map(|tag| tag.to_lowercase()).collect();
    let words = if filter.words.is_empty() { None } else { Some(words::query(flow, &filter.words)) };
    let starts = match (&words, &filter.events, &filter.thread_id, tags.as_slice()) {
        (Some(None), ..) => return Ok(Vec::new()),
        (Some(Some(words)), ..) if is_common(database, words).await? => vec![Start::Flow],
        (Some(Some(_)), ..) => vec![Start::Words],
        (None, _, _, [_, ..]) if filter.any_tag => tags.iter().map(|tag| Start::Tag(tag)).collect(),
        (None, None, None, []) => vec![Start::Flow],
        (None, Some(events), None, []) => events.iter().map(|event| Start::Event(event)).collect(),
        _ => vec![shortest(database, flow, filter.thread_id.as_deref(), &tags).await?],
    };
    let words = words.flatten();
    let mut ids = Vec::new();
    for start in &starts {
        let statement = statement(flow, filter, start, &tags, words.as_deref());
        for row in database.rows_of(&statement).await? {
            ids.push(row.try_get(0)?);
        }
    }
    ids.sort_unstable();
    // A message may have several of the tags, and the filter may name a tag or an event twice.
    ids.dedup();
    Ok(filter.window(ids))
}

/// Whether so many messages have these words that their list is too long to read. The words begin with the key of their flow, so only
/// messages of this flow count.
async fn is_common(database: &Database, words: &str) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM message_words WHERE words @@ $1::text::tsquery LIMIT $2) AS counted";
    let count: i64 = database.one(sql, &[&words, &COMMON]).await?.try_get(0)?;
    Ok(count >= COMMON)
}

/// Where the search for the messages of a filter starts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Start<'a> {
    /// With the messages of the flow.
    Flow,
    /// With the messages of this thread.
    Thread(&'a str),
    /// With the messages that have this tag.
    Tag(&'a str),
    /// With the messages that have this event.
    Event(&'a str),
    /// With the messages that the full text search finds.
    Words,
}

/// The start that leads to the fewest messages. Counts only up to `COUNTED` of each.
async fn shortest<'a>(
    database: &Database,
    flow: FlowKey,
    thread: Option<&'a str>,
    tags: &'a [String],
) -> Result<Start<'a>, StoreError> {
    let mut shortest = (i64::MAX, Start::Flow);
    if let Some(thread) = thread {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM messages WHERE flow = $1 AND thread = $2 LIMIT $3) AS counted";
        shortest = (database.one(sql, &[&flow, &thread, &COUNTED]).await?.try_get(0)?, Start::Thread(thread));
    }
    for tag in tags {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM message_tags WHERE flow = $1 AND tag = $2 LIMIT $3) AS counted";
        let counted = database.one(sql, &[&flow, tag, &COUNTED]).await?.try_get(0)?;
        if counted < shortest.0 {
            shortest = (counted, Start::Tag(tag));
        }
    }
    Ok(shortest.1)
}

/// The statement that finds the ids of a filter's messages from this start, at the end that the filter wants.
fn statement(
    flow: FlowKey,
    filter: &MessageFilter,
    start: &Start<'_>,
    tags: &[String],
    words: Option<&str>,
) -> Statement {
    let mut statement = Statement::default();
    let flow = statement.add(flow);
    let (id, table) = match start {
        Start::Flow | Start::Thread(_) | Start::Event(_) => ("id", "messages"),
        Start::Tag(_) => ("message", "message_tags"),
        Start::Words => ("message", "message_words"),
    };
    let mut sql = format!("SELECT m.{id} FROM {table} AS m WHERE m.flow = {flow}");
    match start {
        Start::Flow => (),
        Start::Thread(thread) => sql += &format!(" AND m.thread = {}", statement.add((*thread).to_owned())),
        Start::Event(event) => sql += &format!(" AND m.event = {}", statement.add((*event).to_owned())),
        Start::Tag(tag) => sql += &format!(" AND m.tag = {}", statement.add((*tag).to_owned())),
        Start::Words => {
            sql += &format!(" AND m.words @@ {}::text::tsquery", statement.add(words.map(str::to_owned)));
        }
    }
    if let Some(since) = filter.since_id {
        sql += &format!(" AND m.{id} > {}", statement.add(since));
    }
    if let Some(until) = filter.until_id {
        sql += &format!(" AND m.{id} < {}", statement.add(until));
    }
    let has_tag =
        format!("EXISTS (SELECT 1 FROM message_tags AS t WHERE t.flow = {flow} AND t.message = m.{id} AND t.tag");
    if !filter.any_tag {
        for tag in tags.iter().filter(|tag| !matches!(start, Start::Tag(start) if start == tag)) {
            sql += &format!(" AND {has_tag} = {})", statement.add(tag.clone()));
        }
    } else if words.is_some() && !tags.is_empty() {
        sql += &format!(" AND {has_tag} = ANY({}))", statement.add(tags.to_vec()));
    }
    if *start == Start::Flow && words.is_some() {
        let words = statement.add(words.map(str::to_owned));
        sql += &format!(
            " AND EXISTS (SELECT 1 FROM message_words AS w
                WHERE w.flow = {flow} AND w.message = m.id AND w.words @@ {words}::text::tsquery)"
        );
    }
    let events = filter.events.as_ref().filter(|_| !matches!(start, Start::Event(_)));
    let thread = filter.thread_id.as_ref().filter(|_| !matches!(start, Start::Thread(_)));
    if events.is_some() || thread.is_some() {
        sql += &format!(" AND EXISTS (SELECT 1 FROM messages AS e WHERE e.flow = {flow} AND e.id = m.{id}");
        if let Some(events) = events {
            sql += &format!(" AND e.event = ANY({})", statement.add(events.clone()));
        }
        if let Some(thread) = thread {
            sql += &format!(" AND e.thread = {}", statement.add(thread.clone()));
        }
        sql += ")";
    }
    let direction = match filter.order {
        Order::NewestFirst => "DESC",
        Order::OldestFirst => "ASC",
    };
    let most = statement.add(i64::from(filter.skip) + i64::from(filter.limit));
    statement.sql = sql + &format!(" ORDER BY m.{id} {direction} LIMIT {most}");
    statement
}
