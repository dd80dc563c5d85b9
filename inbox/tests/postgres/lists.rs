//! Lists of a flow with so many messages that PostgreSQL's store takes other ways to them: common words, common tags, full pages.

use serde_json::Value;

use crate::host::Inbox;
use crate::place::Place;
use crate::samples::flux_capacitor;
use crate::server::{place, shared};

/// How many messages the flow has. They are of `THREADS` threads in turn.
const MESSAGES: i64 = 6000;
const THREADS: i64 = 240;

/// A flow whose messages all have the word `every` and the tag `common`. Each second has the word `often`, each hundredth the tag
/// `some`, each thousandth the word `seldom` and the event `discussion`. The newest messages and all threads have 5 KB.
fn place_with_messages() -> (Place, Inbox) {
    let place = place(&shared());
    let inbox = Inbox::start(&place, &[]);
    place.sql_of(
        "",
        &format!(
            "INSERT INTO threads (id, flow, source, last_message_id, created_at, updated_at)
                 SELECT 't' || i, 1, 1, {MESSAGES} - {THREADS} + i, 0, i FROM generate_series(1, {THREADS}) AS i;
             INSERT INTO thread_states SELECT flow, id, 1, '{{\"title\":\"' || repeat('x', 5000) || '\"}}' FROM threads;
             INSERT INTO messages (flow, id, event, json, thread, sent_at)
                 SELECT 1, i, CASE WHEN i % 1000 = 0 THEN 'discussion' ELSE 'activity' END,
                        '{{\"id\":' || i || ',\"x\":\"' || repeat('y', CASE WHEN i > 5800 THEN 5000 ELSE 0 END) || '\"}}',
                        't' || 1 + (i - 1) % {THREADS}, i
                 FROM generate_series(1, {MESSAGES}) AS i;
             INSERT INTO message_tags SELECT flow, id, 'common', thread FROM messages;
             INSERT INTO message_tags SELECT flow, id, 'some', thread FROM messages WHERE id % 100 = 0;
             INSERT INTO message_words
                 SELECT flow, id, ('''1/every'':1' || CASE WHEN id % 2 = 1 THEN ' ''1/often'':2' ELSE '' END
                     || CASE WHEN id % 1000 = 0 THEN ' ''1/seldom'':2' ELSE '' END)::tsvector
                 FROM messages;
             UPDATE flows SET last_message_id = {MESSAGES};"
        ),
    );
    (place, inbox)
}

fn numbers(list: &Value) -> Vec<i64> {
    let number = |id: &Value| id.as_i64().or_else(|| id.as_str()?.strip_prefix('t')?.parse().ok());
    list.as_array().expect("a list").iter().map(|item| number(&item["id"]).expect("an id")).collect()
}

#[test]
fn common_words_and_tags_find_what_rare_ones_find() {
    let (_place, inbox) = place_with_messages();
    for (path, expected) in [
        ("messages?search=every&limit=3", vec![5998, 5999, 6000]),
        ("messages?search=every&limit=3&sort=asc&since_id=7", vec![8, 9, 10]),
        ("messages?search=every&tags=some&limit=2", vec![5900, 6000]),
        ("messages?search=every&event=discussion&limit=2&until_id=6000", vec![4000, 5000]),
        ("messages?search=often&limit=2", vec![5997, 5999]),
        ("messages?search=seldom&limit=2", vec![5000, 6000]),
        ("messages?search=every+seldom&limit=9", vec![1000, 2000, 3000, 4000, 5000, 6000]),
        ("messages?search=never", vec![]),
        ("messages?tags=common,some&limit=2", vec![5900, 6000]),
        ("messages?tags=seldom,some&tag_mode=or&limit=2", vec![5900, 6000]),
        ("messages?event=discussion&limit=2", vec![5000, 6000]),
        ("threads/t7/messages?tags=common&limit=2", vec![5527, 5767]),
        ("threads?limit=2", vec![240, 239]),
        ("threads?tag=common&limit=2", vec![240, 239]),
        // The messages with this tag have 12 threads.
        ("threads?tag=some&limit=3", vec![240, 220, 200]),
        ("threads?search=every&limit=2", vec![240, 239]),
        ("threads?search=seldom&tag=some&limit=9", vec![240, 200, 160, 120, 80, 40]),
    ] {
        let list = inbox.get(&format!("/flows/example/main/{path}")).expect(200);
        assert_eq!(numbers(&list), expected, "{path}");
    }
}

#[test]
fn a_list_that_is_larger_than_a_page_is_whole() {
    let (_place, inbox) = place_with_messages();
    let list = |path: &str| inbox.get(&format!("/flows/example/main/{path}")).expect(200);
    assert_eq!(numbers(&list("messages?limit=100")), (5901..=6000).collect::<Vec<_>>());
    assert_eq!(numbers(&list("messages?limit=100&until_id=5851")), (5751..=5850).collect::<Vec<_>>());
    assert_eq!(numbers(&list("threads?limit=100")), (141..=240).rev().collect::<Vec<_>>());
    let with_message = list("threads?limit=100&include=last_message");
    assert_eq!(numbers(&with_message), (141..=240).rev().collect::<Vec<_>>());
    assert_eq!(with_message[99]["last_message"]["id"], 5901);
}

#[test]
fn a_small_table_is_read_by_its_indexes() {
    let place = place(&shared());
    let inbox = Inbox::start(&place, &[]);
    let post = |number: u64| {
        let mut message = flux_capacitor();
        (message["uuid"], message["external_thread_id"]) =
            (format!("{number}").into(), format!("{}", number % 5).into());
        inbox.stored(&message);
    };
    (0..10).for_each(post);
    // The server does so by itself within a minute or so. It then takes a table of few rows for one that is best read whole, and
    // keeps the plan while the table grows.
    place.sql("ANALYZE");
    (10..40).for_each(post);
    inbox.get("/flows/example/main/messages?tags=todo").expect(200);
    inbox.get("/flows/example/main/threads?include=last_message").expect(200);
    let of = |what: &str, tables: &str| {
        place.number(&format!(
            "SELECT coalesce(sum({what}), 0)::bigint FROM pg_stat_user_tables WHERE relname IN ({tables})"
        ))
    };
    // The server counts a scan a moment after the statement.
    let scans = "coalesce(idx_scan, 0) + seq_scan";
    while of(scans, "'posted'") < 40 || of(scans, "'threads'") < 40 {}
    assert_eq!(
        of("seq_tup_read", "'messages', 'message_tags', 'message_words', 'posted', 'threads', 'thread_states'"),
        0
    );
}
