//! Finds the threads of a list.

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::database::Database;
use super::search;
use crate::domain::{FlowKey, ThreadFilter};
use crate::store::StoreError;

/// How many messages a search for threads looks at, the newest ones first.
const MAX_FOUND: i64 = 3000;

/// A tag is common if at least so many messages have it. Most threads have a common tag, so the list does not start from the index
/// of tags: it looks the tag up for each thread, the newest thread first.
const COMMON: i64 = 1000;

/// Finds the ids of the threads of a list. The thread that was updated last comes first.
pub fn ids(database: &Database, flow: FlowKey, filter: &ThreadFilter) -> Result<Vec<String>, StoreError> {
    let (sql, values) = statement(flow, filter, start(database, flow, filter)?);
    let mut statement = database.connection.prepare_cached(&sql)?;
    Ok(statement.query_map(params_from_iter(values), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Where the search for the threads of a filter starts.
fn start(database: &Database, flow: FlowKey, filter: &ThreadFilter) -> Result<Start, StoreError> {
    let start = Start::of(filter);
    if start != Start::Tag {
        return Ok(start);
    }
    let sql = "SELECT count(*) FROM (SELECT 1 FROM message_tags INDEXED BY message_tags_by_tag
               WHERE flow = ? AND tag = ? LIMIT ?)";
    let values = [flow.into(), lower_case(filter), COMMON.into()];
    let messages: i64 =
        database.connection.prepare_cached(sql)?.query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(if messages < COMMON { start } else { Start::of(&ThreadFilter { tag: None, ..filter.clone() }) })
}

/// The index with which the search for the threads of a filter starts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Start {
    /// The index of the words in messages.
    Words,
    /// The index of the tags of messages.
    Tag,
    /// The index of threads by the source that began them.
    Source,
    /// The index of threads by the colour of their status.
    Status,
    /// The index of threads by the time of their last update.
    Time,
    /// The index of threads by their last message.
    Update,
}

impl Start {
    /// The index for a filter: the one that most likely leaves the fewest threads.
    fn of(filter: &ThreadFilter) -> Start {
        let has_time = filter.since_ms.is_some() || filter.until_ms.is_some();
        match filter {
            _ if !filter.words.is_empty() => Start::Words,
            ThreadFilter { tag: Some(_), .. } => Start::Tag,
            ThreadFilter { source: Some(_), .. } => Start::Source,
            ThreadFilter { status_color: Some(_), .. } => Start::Status,
            _ if has_time => Start::Time,
            _ => Start::Update,
        }
    }
}

/// The statement of a list, and the values of its parameters in their order. What does not belong to the start is checked
/// for each thread that the start finds.
///
/// Times and ids of messages sort the threads in the same order. Two threads can have the same time; then the one with the later
/// message comes first.
fn statement(flow: FlowKey, filter: &ThreadFilter, start: Start) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let threads = |index: &str| format!("SELECT t.id FROM threads AS t INDEXED BY {index} WHERE t.flow = ?");
    let mut sql = match start {
        Start::Words => {
            let base = search::base(flow);
            // The last message of a thread has its highest id.
            let until = filter.until_id.unwrap_or(i64::MAX).clamp(0, search::MAX_MESSAGE_ID + 1);
            values.push(search::query(&filter.words).into());
            values.extend([base, base + until, MAX_FOUND, flow, base, flow].map(Value::from));
            "SELECT t.id FROM (
                 SELECT DISTINCT m.thread FROM (
                     SELECT rowid AS row FROM message_words WHERE words MATCH ? AND rowid > ? AND rowid < ?
                     ORDER BY rowid DESC LIMIT ?) AS w
                 CROSS JOIN messages AS m ON m.flow = ? AND m.id = w.row - ?) AS found
             CROSS JOIN threads AS t ON t.id = found.thread
             WHERE +t.flow = ?"
                .to_owned()
        }
        Start::Tag => {
            values.extend([flow.into(), lower_case(filter), flow.into()]);
            "SELECT t.id FROM (
                 SELECT DISTINCT thread FROM message_tags INDEXED BY message_tags_by_thread WHERE flow = ? AND tag = ?
             ) AS found
             CROSS JOIN threads AS t ON t.id = found.thread
             WHERE +t.flow = ?"
                .to_owned()
        }
        Start::Source => {
            values.extend([flow, filter.source.unwrap_or_default()].map(Value::from));
            threads("threads_by_source") + " AND t.source = ?"
        }
        Start::Status => {
            values.push(flow.into());
            threads("threads_by_status") + &has_color(filter, "t.status_color", &mut values)
        }
        Start::Time => {
            values.push(flow.into());
            threads("threads_by_time")
        }
        Start::Update => {
            values.push(flow.into());
            threads("threads_by_update")
        }
    };
    sql += " AND t.removed_at IS NULL";
    // The unary `+` keeps SQLite from starting with another index.
    if start != Start::Tag && filter.tag.is_some() {
        sql += " AND EXISTS (SELECT 1 FROM message_tags INDEXED BY message_tags_by_thread
                             WHERE flow = ? AND tag = ? AND thread = t.id)";
        values.extend([flow.into(), lower_case(filter)]);
    }
    if let Some(source) = filter.source.filter(|_| start != Start::Source) {
        sql += " AND +t.source = ?";
        values.push(source.into());
    }
    if start != Start::Status {
        sql += &has_color(filter, "+t.status_color", &mut values);
    }
    for (condition, value) in [
        ("t.updated_at > ?", filter.since_ms),
        ("t.updated_at < ?", filter.until_ms),
        ("t.last_message_id > ?", filter.since_id),
        ("t.last_message_id < ?", filter.until_id),
    ] {
        if let Some(value) = value {
            sql += &format!(" AND {condition}");
            values.push(value.into());
        }
    }
    let order =
        if start == Start::Time { "t.updated_at DESC, t.last_message_id DESC" } else { "t.last_message_id DESC" };
    values.push(filter.limit.into());
    (sql + &format!(" ORDER BY {order} LIMIT ?"), values)
}

/// The tag of a filter as the index has it.
fn lower_case(filter: &ThreadFilter) -> Value {
    filter.tag.as_ref().map(|tag| tag.to_lowercase()).into()
}

/// The condition that a colour is that of the filter, with its value. Empty if the filter has none.
fn has_color(filter: &ThreadFilter, column: &str, values: &mut Vec<Value>) -> String {
    match &filter.status_color {
        None => String::new(),
        Some(None) => format!(" AND {column} IS NULL"),
        Some(Some(color)) => {
            values.push(color.clone().into());
            format!(" AND {column} = ?")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bell::Bell;
    use crate::clock::Clock;
    use crate::store::DataFile;

    /// A flow with 240 threads of five messages each, whose ids alternate. Thread `i` has the last message `960 + i`.
    fn database() -> Database {
        let connection = DataFile::Memory.open(false, 0).expect("it opens").connections.writer;
        connection
            .execute_batch(
                "INSERT INTO sources (flow, application, name, token_hash) VALUES (1, 1, 'second', x'00');
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 240)
                 INSERT INTO threads (id, flow, source, state, status_color, last_message_id, created_at, updated_at, removed_at)
                     SELECT 't' || i, 1, 1 + i % 2, '', iif(i % 3, 'red', NULL), 960 + i, 0, 960 + i, iif(i % 60, NULL, 1) FROM n;
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
                 INSERT INTO messages (flow, id, thread, event, json)
                     SELECT 1, i, 't' || (1 + (i - 1) % 240), 'activity', '{}' FROM n;
                 INSERT INTO messages (flow, id, thread, event, json) VALUES (1, 1201, NULL, 'message', '{}');
                 INSERT INTO message_tags
                     SELECT 1, id, 'some', thread FROM messages WHERE thread IS NULL OR substr(thread, 2) % 4 = 0;
                 INSERT INTO message_words (rowid, words)
                     SELECT (1 << 40) + id, 'every ' || iif(substr(thread, 2) % 5 = 0, 'Fifth', '') FROM messages;
                 INSERT INTO message_words (rowid, words) VALUES ((2 << 40) + 7, 'every fifth');",
            )
            .expect("SQL runs");
        Database::new(connection, Bell::default(), Clock::stopped_at(0)).expect("SQL runs")
    }

    /// Every combination of filters.
    fn filters() -> Vec<ThreadFilter> {
        let mut filters = vec![ThreadFilter { limit: 20, ..ThreadFilter::default() }];
        let mut with = |change: &dyn Fn(&mut ThreadFilter)| {
            let mut changed = filters.clone();
            changed.iter_mut().for_each(change);
            filters.append(&mut changed);
        };
        with(&|filter| filter.words = vec!["fifth".to_owned(), "EVERY".to_owned()]);
        with(&|filter| filter.tag = Some("SOME".to_owned()));
        with(&|filter| filter.source = Some(1));
        with(&|filter| filter.status_color = Some(Some("red".to_owned())));
        with(&|filter| filter.status_color = Some(None));
        with(&|filter| filter.since_ms = Some(1000));
        with(&|filter| filter.until_ms = Some(1150));
        with(&|filter| filter.since_id = Some(1010));
        with(&|filter| filter.until_id = Some(1160));
        filters
    }

    /// The ids that a filter means, found by looking at every thread.
    fn expected(filter: &ThreadFilter) -> Vec<String> {
        let has = |i: i64| {
            let last = 960 + i;
            let color = (i % 3 != 0).then(|| "red".to_owned());
            i % 60 != 0
                && (filter.words.is_empty() || i % 5 == 0)
                && (filter.tag.is_none() || i % 4 == 0)
                && filter.source.is_none_or(|source| source == 1 + i % 2)
                && filter.status_color.as_ref().is_none_or(|wanted| *wanted == color)
                && filter.since_ms.into_iter().chain(filter.since_id).all(|since| last > since)
                && filter.until_ms.into_iter().chain(filter.until_id).all(|until| last < until)
        };
        (1..=240).rev().filter(|i| has(*i)).take(20).map(|i| format!("t{i}")).collect()
    }

    #[test]
    fn each_filter_finds_what_it_means() {
        let database = database();
        for filter in filters() {
            assert_eq!(ids(&database, 1, &filter).expect("a list"), expected(&filter), "{filter:?}");
        }
    }

    /// The steps of SQLite's plan for a list.
    fn plan(database: &Database, filter: &ThreadFilter) -> Vec<String> {
        let (sql, values) = statement(1, filter, Start::of(filter));
        let mut statement = database.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("SQL");
        let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3));
        steps.and_then(Iterator::collect).expect("a plan")
    }

    #[test]
    fn every_list_starts_from_an_index_and_is_sorted_by_it() {
        let database = database();
        for filter in filters() {
            let (start, plan) = (Start::of(&filter), plan(&database, &filter));
            let first = match start {
                Start::Words | Start::Tag => continue,
                Start::Source => "threads_by_source (flow=? AND source=? AND removed_at=?",
                Start::Status => "threads_by_status (flow=? AND status_color=? AND removed_at=?",
                Start::Time => "threads_by_time (flow=? AND updated_at",
                Start::Update => "threads_by_update (flow=?",
            };
            assert!(plan[0].starts_with(&format!("SEARCH t USING INDEX {first}")), "{plan:?}");
            let has_id = filter.since_id.is_some() || filter.until_id.is_some();
            assert!(start == Start::Time || !has_id || plan[0].contains("AND last_message_id"), "{plan:?}");
            assert!(!plan.iter().any(|step| step.contains("SCAN") || step.contains("B-TREE")), "{plan:?}");
        }
    }

    #[test]
    fn a_list_by_words_or_a_tag_scans_only_what_an_index_found() {
        let database = database();
        for filter in filters() {
            let mut steps = match Start::of(&filter) {
                Start::Words => {
                    vec!["SCAN message_words VIRTUAL TABLE INDEX ", "SEARCH m USING INDEX sqlite_autoindex"]
                }
                Start::Tag => {
                    vec!["SEARCH message_tags USING COVERING INDEX message_tags_by_thread (flow=? AND tag=?)"]
                }
                _ => continue,
            };
            steps.push("SEARCH t USING INDEX sqlite_autoindex_threads_1 (id=?)");
            if !filter.words.is_empty() && filter.tag.is_some() {
                steps.push(
                    "SEARCH message_tags EXISTS USING COVERING INDEX message_tags_by_thread (flow=? AND tag=? AND thread=?)",
                );
            }
            let plan = plan(&database, &filter);
            // `w` and `found` are what the steps before them have found.
            let of_tables = plan.iter().filter(|step| {
                (step.starts_with("SCAN ") && !step.starts_with("SCAN w") && !step.starts_with("SCAN found"))
                    || step.starts_with("SEARCH ")
            });
            let of_tables: Vec<&String> = of_tables.collect();
            assert_eq!(of_tables.len(), steps.len(), "{plan:?}");
            for (step, expected) in of_tables.iter().zip(&steps) {
                assert!(step.starts_with(expected), "{plan:?}");
            }
        }
    }

    #[test]
    fn a_common_tag_is_looked_up_for_each_thread() {
        let database = database();
        let common = "INSERT INTO message_tags SELECT 1, id, 'common', thread FROM messages";
        database.connection.execute_batch(common).expect("SQL runs");
        let filter = ThreadFilter { tag: Some("common".to_owned()), limit: 2, ..ThreadFilter::default() };
        assert_eq!(start(&database, 1, &filter).expect("a start"), Start::Update);
        assert_eq!(ids(&database, 1, &filter).expect("a list"), ["t239", "t238"]);
        let some = ThreadFilter { tag: Some("some".to_owned()), ..filter };
        assert_eq!(start(&database, 1, &some).expect("a start"), Start::Tag);
    }

    #[test]
    fn a_search_looks_at_the_newest_messages() {
        let database = database();
        database
            .connection
            .execute_batch(
                "WITH RECURSIVE n (i) AS (SELECT 2000 UNION ALL SELECT i + 1 FROM n WHERE i < 11999)
                 INSERT INTO messages (flow, id, thread, event, json) SELECT 1, i, 't1', 'activity', '{}' FROM n;
                 INSERT INTO message_words (rowid, words) SELECT (1 << 40) + id, 'fifth' FROM messages WHERE id >= 2000;",
            )
            .expect("SQL runs");
        let filter = ThreadFilter { words: vec!["fifth".to_owned()], limit: 2, ..ThreadFilter::default() };
        assert_eq!(ids(&database, 1, &filter).expect("a list"), ["t1"]);
        let earlier = ThreadFilter { until_id: Some(2000), ..filter };
        assert_eq!(ids(&database, 1, &earlier).expect("a list"), ["t235", "t230"]);
    }
}
