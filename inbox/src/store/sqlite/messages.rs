//! The table of messages.

use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::Database;
use super::search;
use crate::domain::message::{with_state, without_thread};
use crate::domain::posting::UnthreadedMessage;
use crate::domain::{FlowKey, MessageFilter, Order, StoredMessage, Thread};
use crate::store::{StoreError, page};

/// Up to how many rows of an index are counted to find the shortest way to the messages of a filter.
const COUNTED: i64 = 1000;

/// The columns that [`from_row`] reads, from `messages` and the state of its thread.
const SELECT: &str = "
    SELECT messages.id, messages.json, thread_states.state FROM messages
    LEFT JOIN thread_states
    ON thread_states.thread = messages.thread AND thread_states.version = messages.state_version";

fn from_row(row: &Row<'_>) -> rusqlite::Result<StoredMessage> {
    let state: Option<String> = row.get(2)?;
    Ok(StoredMessage { id: row.get(0)?, json: with_state(row.get(1)?, state.as_deref()) })
}

/// Finds the ids of the messages of a list, from old to new.
///
/// Each filter has statements of its own, which start from an index: from its words, otherwise from its thread or its rarest
/// tag, and from its events only if there is nothing else. If one of several tags or events is enough, each of them has a
/// statement.
pub fn ids(database: &Database, flow: FlowKey, filter: &MessageFilter) -> Result<Vec<i64>, StoreError> {
    let tags: Vec<String> = filter.tags.iter().map(|tag| tag.to_lowercase()).collect();
    let words = search::query(&filter.words);
    let starts = match (&filter.events, &filter.thread_id, tags.as_slice()) {
        _ if !filter.words.is_empty() => vec![Start::Words(&words)],
        (_, _, [_, ..]) if filter.any_tag => tags.iter().map(|tag| Start::Tag(tag)).collect(),
        (None, None, []) => vec![Start::Flow],
        (Some(events), None, []) => events.iter().map(|event| Start::Event(event)).collect(),
        _ => vec![shortest(database, flow, filter.thread_id.as_deref(), &tags)?],
    };
    let most = i64::from(filter.skip) + i64::from(filter.limit);
    let mut ids = Vec::new();
    for start in &starts {
        let mut values: Vec<&dyn ToSql> = Vec::new();
        let sql = statement(flow, filter, start, &tags, &most, &mut values);
        let mut statement = database.connection.prepare_cached(&sql)?;
        for id in statement.query_map(values.as_slice(), |row| row.get(0))? {
            ids.push(id?);
        }
    }
    ids.sort_unstable();
    // A message may have several of the tags, and the filter may name a tag or an event twice.
    ids.dedup();
    Ok(filter.window(ids))
}

/// Where the search for the messages of a filter starts.
#[derive(Clone, Copy, Debug)]
enum Start<'a> {
    /// With the messages of the flow.
    Flow,
    /// With the messages of this thread.
    Thread(&'a str),
    /// With the messages that have this tag.
    Tag(&'a str),
    /// With the messages that have this event.
    Event(&'a str),
    /// With the messages that this query of the full text search finds.
    Words(&'a str),
}

/// The start that leads to the fewest messages. Counts only up to `COUNTED` of each.
fn shortest<'a>(
    database: &Database,
    flow: FlowKey,
    thread: Option<&'a str>,
    tags: &'a [String],
) -> Result<Start<'a>, StoreError> {
    let mut shortest = (i64::MAX, Start::Flow);
    let count = |sql: &str, params: &[&dyn ToSql]| -> Result<i64, StoreError> {
        Ok(database.connection.prepare_cached(sql)?.query_row(params, |row| row.get(0))?)
    };
    if let Some(thread) = thread {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM messages INDEXED BY messages_by_thread
                   WHERE thread = ?1 LIMIT ?2)";
        shortest = (count(sql, &[&thread, &COUNTED])?, Start::Thread(thread));
    }
    for tag in tags {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM message_tags INDEXED BY message_tags_by_tag
                   WHERE flow = ?1 AND tag = ?2 LIMIT ?3)";
        let counted = count(sql, &[&flow, tag, &COUNTED])?;
        if counted < shortest.0 {
            shortest = (counted, Start::Tag(tag));
        }
    }
    Ok(shortest.1)
}

/// The statement that finds at most `most` ids, and the values of its parameters in their order.
fn statement<'a>(
    flow: FlowKey,
    filter: &'a MessageFilter,
    start: &'a Start<'a>,
    tags: &'a [String],
    most: &'a i64,
    values: &mut Vec<&'a dyn ToSql>,
) -> String {
    // The key of a flow is a number of our own, so it may stand in the text.
    let base = search::base(flow);
    let in_words = format!("rowid - {base}");
    let (id, mut sql) = match start {
        Start::Flow => ("id", format!("SELECT id FROM messages AS m WHERE flow = {flow}")),
        Start::Thread(thread) => {
            values.push(thread);
            ("id", "SELECT id FROM messages AS m INDEXED BY messages_by_thread WHERE thread = ?".to_owned())
        }
        Start::Tag(tag) => {
            values.push(tag);
            let from = "message_tags AS m INDEXED BY message_tags_by_tag";
            ("message", format!("SELECT message FROM {from} WHERE flow = {flow} AND tag = ?"))
        }
        Start::Event(event) => {
            values.push(event);
            let from = "messages AS m INDEXED BY messages_by_event";
            ("id", format!("SELECT id FROM {from} WHERE flow = {flow} AND event = ?"))
        }
        Start::Words(query) => {
            values.push(query);
            // The rows of the flow's messages between those that the filter names.
            let since = base + filter.since_id.unwrap_or(0).clamp(0, search::MAX_MESSAGE_ID);
            let until = base + filter.until_id.unwrap_or(i64::MAX).clamp(0, search::MAX_MESSAGE_ID + 1);
            let rows = format!("rowid > {since} AND rowid < {until}");
            (&*in_words, format!("SELECT {in_words} FROM message_words AS m WHERE words MATCH ? AND {rows}"))
        }
    };
    let is_search = matches!(start, Start::Words(_));
    if let Some(since) = filter.since_id.as_ref().filter(|_| !is_search) {
        sql += &format!(" AND {id} > ?");
        values.push(since);
    }
    if let Some(until) = filter.until_id.as_ref().filter(|_| !is_search) {
        sql += &format!(" AND {id} < ?");
        values.push(until);
    }
    let has_tag = format!("EXISTS (SELECT 1 FROM message_tags WHERE flow = {flow} AND message = m.{id} AND tag");
    if !filter.any_tag {
        for tag in tags.iter().filter(|tag| !matches!(start, Start::Tag(start) if start == tag)) {
            sql += &format!(" AND {has_tag} = ?)");
            values.push(tag);
        }
    } else if is_search && !tags.is_empty() {
        sql += &format!(" AND {has_tag} IN ({}))", vec!["?"; tags.len()].join(","));
        values.extend(tags.iter().map(|tag| tag as &dyn ToSql));
    }
    let events = filter.events.as_ref().filter(|_| !matches!(start, Start::Event(_)));
    let thread = filter.thread_id.as_ref().filter(|_| !matches!(start, Start::Thread(_)));
    if events.is_some() || thread.is_some() {
        sql += &format!(" AND EXISTS (SELECT 1 FROM messages WHERE flow = {flow} AND id = m.{id}");
        if let Some(events) = events {
            sql += &format!(" AND event IN ({})", vec!["?"; events.len()].join(","));
            values.extend(events.iter().map(|event| event as &dyn ToSql));
        }
        if let Some(thread) = thread {
            // The unary `+` keeps SQLite from starting with the thread.
            sql += " AND +thread = ?";
            values.push(thread);
        }
        sql += ")";
    }
    let direction = match filter.order {
        Order::NewestFirst => "DESC",
        Order::OldestFirst => "ASC",
    };
    values.push(most);
    // The order by row is the one that the index of words has.
    let key = if is_search { "rowid" } else { id };
    sql + &format!(" ORDER BY {key} {direction} LIMIT ?")
}

/// The messages with these ids, in this order, until a page is full, as JSON. The number says how many ids were looked
/// at.
pub fn page(database: &Database, flow: FlowKey, ids: &[i64]) -> Result<(Vec<String>, usize), StoreError> {
    page::read(ids, |id| Ok(by_id(database, flow, *id)?.map(|message| message.json)))
}

/// The next messages after this id, from old to new, until a page is full.
pub fn after(database: &Database, flow: FlowKey, id: i64) -> Result<Vec<StoredMessage>, StoreError> {
    let sql = format!("{SELECT} WHERE messages.flow = ?1 AND messages.id > ?2 ORDER BY messages.id");
    let mut statement = database.connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![flow, id])?;
    let (mut messages, mut bytes) = (Vec::new(), 0);
    while !page::is_full(messages.len(), bytes) {
        let Some(row) = rows.next()? else { break };
        let message = from_row(row)?;
        bytes += message.json.len();
        messages.push(message);
    }
    Ok(messages)
}

/// Finds a message of the flow by its id.
pub fn by_id(database: &Database, flow: FlowKey, id: i64) -> Result<Option<StoredMessage>, StoreError> {
    by_id_in(&database.connection, flow, id)
}

/// Finds a message of the flow by its id, in a transaction.
pub(super) fn by_id_in(connection: &Connection, flow: FlowKey, id: i64) -> Result<Option<StoredMessage>, StoreError> {
    let sql = format!("{SELECT} WHERE messages.flow = ?1 AND messages.id = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row(params![flow, id], from_row).optional()?)
}

/// The newest message of a thread, as JSON without the thread. `None` if all its messages were removed.
pub(super) fn last_of_thread(database: &Database, thread: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT json FROM messages INDEXED BY messages_by_thread WHERE thread = ?1 ORDER BY id DESC LIMIT 1";
    let found =
        database.connection.prepare_cached(sql)?.query_row([thread], |row| row.get::<_, String>(0)).optional()?;
    Ok(found.as_deref().map(without_thread).transpose()?)
}

/// Moves a message that was outside any thread into a thread, whose first state is the only one.
pub(super) fn set_thread(
    connection: &Connection,
    flow: FlowKey,
    moved: &UnthreadedMessage,
    thread: &Thread,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE messages SET json = ?3, thread = ?4, state_version = ?5 WHERE flow = ?1 AND id = ?2")?
        .execute(params![flow, moved.id, moved.json, thread.id, thread.version])?;
    connection
        .prepare_cached("UPDATE message_tags SET thread = ?3 WHERE flow = ?1 AND message = ?2")?
        .execute(params![flow, moved.id, thread.id])?;
    Ok(())
}

/// The id of the flow's last message, even if that was removed; 0 if there was none yet. `None` if the flow was removed.
pub fn last_id(database: &Database, flow: FlowKey) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT last_message_id FROM flows WHERE key = ?1 AND removed_at IS NULL";
    Ok(database.connection.prepare_cached(sql)?.query_row([flow], |row| row.get(0)).optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bell::Bell;
    use crate::clock::Clock;
    use crate::store::DataFile;

    /// A database with enough rows that SQLite would choose a bad plan if there was one to choose.
    fn database() -> Database {
        let connection = DataFile::Memory.open(false, 0).expect("it opens").connections.writer;
        connection
            .execute_batch(
                "INSERT INTO threads (id, flow, source, state, last_message_id, created_at, updated_at)
                     VALUES ('long', 1, 1, '', 0, 0, 0), ('short', 1, 1, '', 0, 0, 0);
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
                 INSERT INTO messages (flow, id, thread, event, json)
                     SELECT 1, i, iif(i % 1000 = 0, 'short', 'long'), iif(i % 100 = 0, 'discussion', 'activity'), '{}' FROM n;
                 INSERT INTO message_tags SELECT 1, id, 'all', thread FROM messages;
                 INSERT INTO message_tags SELECT 1, id, 'some', thread FROM messages WHERE id % 10 = 0;
                 INSERT INTO message_words (rowid, words)
                     SELECT (flow << 40) + id, 'every' || iif(id % 7 = 0, ' Seventh', '') FROM messages;
                 INSERT INTO message_words (rowid, words) VALUES ((2 << 40) + 7, 'every seventh');",
            )
            .expect("SQL runs");
        Database::new(connection, Bell::default(), Clock::stopped_at(0)).expect("SQL runs")
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    /// Every combination of filters.
    fn filters() -> Vec<MessageFilter> {
        let plain = plain_filters();
        let with_words =
            plain.iter().map(|filter| MessageFilter { words: texts(&["seventh", "EVERY"]), ..copy(filter) });
        let any_tag = plain.iter().map(|filter| MessageFilter {
            any_tag: true,
            words: if filter.skip == 0 { Vec::new() } else { texts(&["seventh"]) },
            ..copy(filter)
        });
        with_words.chain(any_tag).chain(plain.iter().map(copy)).collect()
    }

    fn copy(filter: &MessageFilter) -> MessageFilter {
        MessageFilter {
            events: filter.events.clone(),
            tags: filter.tags.clone(),
            words: filter.words.clone(),
            thread_id: filter.thread_id.clone(),
            ..*filter
        }
    }

    fn plain_filters() -> Vec<MessageFilter> {
        let mut filters = Vec::new();
        for events in [None, Some(&["discussion"][..]), Some(&["activity", "message", "unknown", "activity"])] {
            for tags in [&[][..], &["ALL"], &["some", "all"], &["unknown", "some"]] {
                for thread in [None, Some("long"), Some("short")] {
                    for (since_id, until_id) in
                        [(None, None), (Some(2500), None), (None, Some(700)), (Some(95), Some(205))]
                    {
                        for order in [Order::NewestFirst, Order::OldestFirst] {
                            filters.push(MessageFilter {
                                events: events.map(texts),
                                tags: texts(tags),
                                any_tag: false,
                                words: Vec::new(),
                                thread_id: thread.map(str::to_owned),
                                since_id,
                                until_id,
                                order,
                                skip: if since_id.is_some() { 3 } else { 0 },
                                limit: 30,
                            });
                        }
                    }
                }
            }
        }
        filters
    }

    /// The ids that a filter means, found by looking at every message.
    fn expected(filter: &MessageFilter) -> Vec<i64> {
        let has = |id: i64| {
            let event = if id % 100 == 0 { "discussion" } else { "activity" };
            let thread = if id % 1000 == 0 { "short" } else { "long" };
            let has_tag = |tag: &String| tag.eq_ignore_ascii_case("all") || (tag == "some" && id % 10 == 0);
            filter.events.as_ref().is_none_or(|events| events.iter().any(|wanted| wanted == event))
                && filter.thread_id.as_ref().is_none_or(|wanted| wanted == thread)
                && filter.since_id.is_none_or(|since| id > since)
                && filter.until_id.is_none_or(|until| id < until)
                && (filter.words.is_empty() || id % 7 == 0)
                && if filter.any_tag && !filter.tags.is_empty() {
                    filter.tags.iter().any(has_tag)
                } else {
                    filter.tags.iter().all(has_tag)
                }
        };
        let all = (1..=3000).filter(|id| has(*id));
        let (skip, limit) = (filter.skip as usize, filter.limit as usize);
        match filter.order {
            Order::OldestFirst => all.skip(skip).take(limit).collect(),
            Order::NewestFirst => {
                let mut ids: Vec<i64> = all.rev().skip(skip).take(limit).collect();
                ids.reverse();
                ids
            }
        }
    }

    #[test]
    fn each_filter_finds_what_it_means() {
        let database = database();
        for filter in filters() {
            assert_eq!(ids(&database, 1, &filter).expect("a list"), expected(&filter), "{filter:?}");
        }
    }

    #[test]
    fn every_list_starts_from_an_index_and_is_sorted_by_it() {
        let database = database();
        let word = search::query(&texts(&["every"]));
        for filter in filters() {
            let tags = texts(&["some", "all"]);
            for start in
                [Start::Flow, Start::Thread("long"), Start::Tag("some"), Start::Event("activity"), Start::Words(&word)]
            {
                let mut values = Vec::new();
                let sql = statement(1, &filter, &start, &tags, &33, &mut values);
                let explained = format!("EXPLAIN QUERY PLAN {sql}");
                let mut statement = database.connection.prepare(&explained).expect("SQL");
                let plan: Vec<String> = statement
                    .query_map(values.as_slice(), |row| row.get(3))
                    .and_then(Iterator::collect)
                    .expect("a plan");
                let first = match start {
                    Start::Flow => "SEARCH m USING INDEX sqlite_autoindex_messages_1 (flow=?",
                    Start::Thread(_) => "SEARCH m USING INDEX messages_by_thread (thread=?",
                    Start::Tag(_) => "SEARCH m USING COVERING INDEX message_tags_by_tag (flow=? AND tag=?",
                    Start::Event(_) => "SEARCH m USING COVERING INDEX messages_by_event (flow=? AND event=?",
                    Start::Words(_) => "SCAN m VIRTUAL TABLE INDEX ",
                };
                assert!(plan[0].starts_with(first) || plan[0].replace("COVERING ", "").starts_with(first), "{plan:?}");
                let is_search = matches!(start, Start::Words(_));
                // The index of words knows both ends of the range of rows.
                assert!(!is_search || plan[0].ends_with(":M0><"), "{plan:?}");
                if !is_search && (filter.since_id.is_some() || filter.until_id.is_some()) {
                    assert!(
                        plan[0].contains("id>?") || plan[0].contains("id<?") || plan[0].contains("message"),
                        "{plan:?}"
                    );
                }
                for step in plan.iter().skip(usize::from(is_search)) {
                    assert!(!step.contains("SCAN") && !step.contains("B-TREE"), "{sql}\n{plan:?}");
                }
            }
        }
    }

    #[test]
    fn the_search_starts_where_the_fewest_messages_are() {
        let database = database();
        let start =
            |thread, tags: &[&str]| format!("{:?}", shortest(&database, 1, thread, &texts(tags)).expect("a start"));
        assert_eq!(start(Some("short"), &["all", "some"]), "Thread(\"short\")");
        assert_eq!(start(Some("long"), &["all", "some"]), "Tag(\"some\")");
        assert_eq!(start(None, &["all", "unknown", "some"]), "Tag(\"unknown\")");
        assert_eq!(start(Some("unknown"), &["all"]), "Thread(\"unknown\")");
    }

    #[test]
    fn a_page_ends_after_a_number_of_messages_or_of_bytes() {
        let database = database();
        let read = |id| after(&database, 1, id).expect("a page").iter().map(|message| message.id).collect::<Vec<_>>();
        assert_eq!(read(0), (1..=100).collect::<Vec<_>>());
        assert_eq!(read(2999), [3000]);
        let large = format!("{{\"x\":\"{}\"}}", "y".repeat(100_000));
        database.connection.execute("UPDATE messages SET json = ?1 WHERE id > 1000", [large]).expect("SQL runs");
        assert_eq!(read(1000), [1001, 1002, 1003]);
        let (messages, seen) = page(&database, 1, &[5, 9999, 1001, 1002, 1003, 1004]).expect("a page");
        assert_eq!(messages.iter().map(String::len).collect::<Vec<_>>(), [2, 100_008, 100_008, 100_008]);
        assert_eq!(seen, 5);
    }
}
