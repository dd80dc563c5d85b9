//! Tables that an inbox of another version made, and starts at the same time.

use std::process::{Command, Output};
use std::thread;

use serde_json::Value;

use crate::host::{Inbox, refused};
use crate::place::{Database, Place};
use crate::samples::chat;
use crate::server::{place, shared};

fn migrate(database: &Database, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flowdock-inbox"));
    command.args(["migrate", "--database-url", &database.url]).args(arguments).output().expect("the binary runs")
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn database(place: &Place) -> &Database {
    let Place::Database(database) = place else { panic!("a database") };
    database
}

/// Everything about the columns and the version of the tables.
fn tables(database: &Database) -> String {
    let sql = "SELECT (SELECT string_agg(c::text, '\n' ORDER BY c::text) FROM information_schema.columns AS c
                       WHERE table_schema = 'public') || (SELECT inbox_schema::text FROM inbox_schema)";
    database.connect().query_one(sql, &[]).expect("a row").get(0)
}

#[test]
fn tables_of_the_next_version_are_used_and_left_alone() {
    let place = place(&shared());
    let before = Inbox::start(&place, &[]);
    before.stored(&chat("1", "before"));
    place.sql("ALTER TABLE messages ADD COLUMN later bigint; CREATE TABLE later (key bigint); UPDATE inbox_schema SET version = 10");
    let changed = tables(database(&place));
    // The inbox that runs goes on, and another one of its version starts beside it.
    let beside = Inbox::start(&place, &[]).with_tokens_of(&before);
    assert_eq!((&before.stored(&chat("1", "a"))["id"], &beside.stored(&chat("1", "b"))["id"]), (&2.into(), &3.into()));
    succeeds(&migrate(database(&place), &[]));
    assert_eq!(tables(database(&place)), changed);
}

#[test]
fn tables_that_need_a_newer_program_are_refused() {
    let place = place(&shared());
    drop(Inbox::start(&place, &[]));
    place.sql("UPDATE inbox_schema SET version = 10, oldest_program = 10");
    let changed = tables(database(&place));
    let problem = "was written by a newer version of this program, which this version cannot work with";
    let [option, url] = place.option();
    let error = refused(&["--listen", "127.0.0.1:0", &option, &url]);
    assert!(error.contains(problem) && error.contains(&database(&place).name), "{error}");
    let output = migrate(database(&place), &[]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&output.stderr).contains(problem));
    assert_eq!(tables(database(&place)), changed);
}

#[test]
fn starts_at_the_same_time_make_one_inbox() {
    for _ in 0..3 {
        let place = place(&shared());
        let inboxes: Vec<Inbox> = thread::scope(|scope| {
            let starts: Vec<_> = (0..3).map(|_| scope.spawn(|| Inbox::start(&place, &[]))).collect();
            starts.into_iter().map(|start| start.join().expect("it starts")).collect()
        });
        let (mut first, others): (Vec<_>, Vec<_>) =
            inboxes.iter().partition(|inbox| !inbox.ready["api_token"].is_null());
        let first = first.pop().expect("one has made the tokens");
        assert_eq!(others.len(), 2, "only one");
        for (table, count) in
            [("flows", 1), ("organizations", 1), ("applications", 2), ("sources", 1), ("api_tokens", 1)]
        {
            assert_eq!(place.number(&format!("SELECT count(*) FROM {table}")), count, "{table}");
        }
        for inbox in others {
            assert_eq!((&inbox.ready["flow"], &inbox.ready["flow_token"]), (&"main".into(), &Value::Null));
            let client = inbox.client.clone();
            let client = crate::host::Client::new(client.url, first.flow_token.clone(), first.api_token.clone());
            client.stored(&chat("1", "with the tokens of the first"));
        }
    }
}

#[test]
fn a_migration_makes_the_first_start_and_shows_its_secrets_once() {
    let made = place(&shared());
    let ready: Value = serde_json::from_str(&succeeds(&migrate(database(&made), &["--json"]))).expect("JSON");
    assert_eq!((&ready["url"], &ready["flow"]), (&Value::Null, &"main".into()));
    let again: Value = serde_json::from_str(&succeeds(&migrate(database(&made), &["--json"]))).expect("JSON");
    assert_eq!((&again["api_token"], &again["client_secret"]), (&Value::Null, &Value::Null));
    let mut inbox = Inbox::start(&made, &[]);
    assert_eq!(inbox.ready["api_token"], Value::Null);
    inbox.client.flow_token = ready["flow_token"].as_str().expect("a token").to_owned();
    inbox.stored(&chat("1", "with the token of the migration"));

    let made = place(&shared());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secrets.json");
    let printed = succeeds(&migrate(database(&made), &["--secrets-file", file.to_str().expect("UTF-8")]));
    let secrets: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("JSON");
    for key in ["flow_token", "api_token", "client_secret"] {
        assert!(!printed.contains(secrets[key].as_str().expect("a text")), "{printed}");
    }
    assert!(printed.contains("The new secrets are in"), "{printed}");
}

#[test]
fn an_inbox_whose_tables_are_there_needs_no_right_to_make_any() {
    let place = place(&shared());
    let made = database(&place);
    succeeds(&migrate(made, &[]));
    let role = format!("r_{}", made.name);
    let mut client = made.connect();
    let rights = format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'word'; REVOKE CREATE ON SCHEMA public FROM public;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
         ALTER DATABASE {} SET role = '{role}'",
        made.name
    );
    client.batch_execute(&rights).expect("SQL runs");
    let is_allowed = "SELECT has_schema_privilege('public', 'CREATE')::int::bigint";
    assert_eq!(place.number(is_allowed), 0, "each new connection has the rights of the role");
    let inbox = Inbox::start(&place, &[]);
    assert_eq!(inbox.ready["flow"], "main");
    drop(inbox);
    let end = format!("ALTER DATABASE {} RESET role; RESET role; DROP OWNED BY {role}; DROP ROLE {role}", made.name);
    client.batch_execute(&end).expect("SQL runs");
}
