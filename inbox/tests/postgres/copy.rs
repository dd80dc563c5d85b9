//! Copies of a whole inbox from a file into a database, and back.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::host::{Client, Inbox};
use crate::integration::Integration;
use crate::place::{Database, Place, file_sql};
use crate::samples::{chat, discussion, flux_capacitor, pull_request};
use crate::server::shared;

const FLOW: &str = "/flows/example/main";

/// A data file of version 1.
const VERSION_1: &str = include_str!("../inbox/version_1.sql");

/// A content of 3 MB that is neither text nor the same everywhere.
fn picture() -> Vec<u8> {
    (0..3_000_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

/// A file in a folder of its own, and what its clients know.
struct Original {
    folder: TempDir,
    client: Client,
    /// The access token of an application, and its refresh token.
    granted: (String, String),
    application: Value,
    session: String,
    /// The id of the last message, which was removed.
    last: i64,
    /// Which paths answer something.
    paths: Vec<String>,
    picture: String,
}

impl Original {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self) -> PathBuf {
        self.at("inbox.sqlite")
    }
}

/// A data file with everything that an inbox keeps.
fn original() -> Original {
    let folder = tempfile::tempdir().expect("a folder");
    let inbox = Inbox::on_file(&folder.path().join("inbox.sqlite"), &[]);
    let owner = |method: &str, path: &str, body: &Value| inbox.owner(method, path, body);
    owner("PUT", "/organizations/example", &json!({ "organization": { "name": "Hill Valley" } }));

    // Threads in several states, messages outside threads, comments.
    let mut message = flux_capacitor();
    message["tags"] = json!(["todo", "Zoë"]);
    message["uuid"] = json!("first");
    let thread = inbox.stored(&message)["thread_id"].as_str().expect("an id").to_owned();
    message = flux_capacitor();
    message["thread"]["status"] = json!({ "color": "red", "value": "closed" });
    inbox.stored(&message);
    inbox.stored(&discussion("1234567"));
    inbox.stored(&pull_request());
    let outside = inbox.stored(&json!({ "event": "message", "content": "Größe outside any thread" }));
    let commented = inbox.stored(&json!({ "event": "message", "content": "begins a thread" }));
    let path = format!("{FLOW}/messages/{}/comments", commented["id"]);
    owner("POST", &path, &json!({ "event": "comment", "content": "a comment" }));
    inbox.stored(&chat("1234567", "Great Scott! \u{0} is no problem in JSON"));
    owner(
        "POST",
        &format!("{FLOW}/messages"),
        &json!({ "event": "message", "content": "from the owner", "tags": ["owner"] }),
    )
    .expect(202);

    // Files.
    let mut body = Vec::new();
    for (name, value) in [
        ("event", "activity"),
        ("title", "took a picture"),
        ("author[name]", "Doc"),
        ("external_thread_id", "pictures"),
        ("thread[title]", "Clock tower"),
        ("flow_token", &inbox.flow_token),
    ] {
        body.extend(format!("--EDGE\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    body.extend(
        b"--EDGE\r\nContent-Disposition: form-data; name=\"attachments[a]\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n",
    );
    body.extend(picture());
    body.extend(b"\r\n--EDGE--\r\n");
    let posted = inbox.send_bytes("/messages", "multipart/form-data; boundary=EDGE", &body).expect(200);
    let picture = posted["attachments"][0]["path"].as_str().expect("a path").to_owned();

    // Another flow, and what was removed: a flow, a source, a thread, a message.
    owner("POST", "/flows/example", &json!({ "name": "Ops" })).expect(201);
    owner("POST", "/flows/example/ops/messages", &json!({ "event": "message", "content": "in ops" })).expect(202);
    owner("POST", "/flows/example", &json!({ "name": "Gone" })).expect(201);
    owner("DELETE", "/flows/example/gone", &Value::Null);
    let source = json!({ "name": "Removed", "application": 1 });
    let removed = owner("POST", &format!("{FLOW}/sources"), &source).expect(201);
    let token = removed["flow_token"].as_str().expect("a token").to_owned();
    let mut of_removed = chat("x", "of a removed source");
    of_removed["flow_token"] = json!(token);
    inbox.send("POST", "/messages", &[], &of_removed.to_string()).expect(202);
    owner("DELETE", &format!("{FLOW}/sources/{}", removed["id"]), &Value::Null);
    let gone = inbox.stored(&chat("gone", "of a removed thread"));
    owner("DELETE", &format!("{FLOW}/threads/{}", gone["thread_id"].as_str().expect("an id")), &Value::Null);
    owner("DELETE", &format!("{FLOW}/messages/{}", outside["id"]), &Value::Null);

    // Applications, grants and sessions.
    let app = Integration::register(&inbox);
    let granted = app.authorised("flow offline_access");
    app.code(&[]);
    let application = owner("POST", &format!("/oauth/applications/{}/secret", app.id), &Value::Null).expect(201);
    let session = owner("POST", "/session", &json!(null)).expect(201)["token"].as_str().expect("a token").to_owned();

    let mut paths: Vec<String> = [
        "/user",
        "/users",
        "/flows",
        "/organizations",
        "/sources",
        "/oauth/applications",
        "/oauth/grants",
        "/sessions",
        FLOW,
        "/flows/example/ops/messages",
    ]
    .map(str::to_owned)
    .to_vec();
    for query in [
        "messages?limit=100",
        "messages?sort=asc&since_id=2&limit=3",
        "messages?tags=todo",
        "messages?event=discussion",
        "messages?search=great+scott",
        "messages?search=flux-capacitor",
        "messages?search=grosse",
        "threads?limit=100",
        "threads?tag=todo",
        "threads?status=red",
        "threads?search=clock",
        "threads/counts",
        "sources",
        "sources/1",
    ] {
        paths.push(format!("{FLOW}/{query}"));
    }
    paths.push(format!("{FLOW}/threads/{thread}"));
    paths.push(format!("{FLOW}/threads/{thread}/messages"));
    let last = gone["id"].as_i64().expect("an id");
    Original { client: inbox.client.clone(), folder, last, granted, application, session, paths, picture }
}

/// What an inbox answers to the paths.
fn answers(original: &Original, client: &Client) -> BTreeMap<String, Value> {
    // Links begin with the address of the inbox.
    let text = |path: &str| client.get(path).expect(200).to_string().replace(&client.url, "http://inbox");
    let of = |path: &String| (path.clone(), serde_json::from_str(&text(path)).expect("JSON"));
    original.paths.iter().map(of).collect()
}

/// The command that copies, with these arguments.
fn copying(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flowdock-inbox"));
    command.arg("copy").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn copy(from: &str, to: &str) -> Output {
    copying(&["--from", from, "--to", to]).output().expect("the binary runs")
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// What was reported, and the reason of the failure.
#[track_caller]
fn fails(output: &Output) -> (Vec<String>, String) {
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]));
    let mut lines: Vec<String> = String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect();
    let error = lines.pop().expect("a line");
    assert!(error.starts_with("flowdock-inbox: "), "{error}");
    (lines, error)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// How many tables a database has.
fn tables(database: &Database) -> i64 {
    let sql = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    database.connect().query_one(sql, &[]).expect("a row").get(0)
}

/// The contents of all tables of a data file, in an order that does not depend on where a row is. The index of the words is read word by
/// word.
fn contents(file: &Path) -> BTreeMap<String, Vec<String>> {
    let database = Connection::open(file).expect("it opens");
    database
        .execute_batch("CREATE VIRTUAL TABLE temp.found_words USING fts5vocab(main, message_words, instance)")
        .expect("SQL runs");
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'message_words%'";
    let names: Vec<String> = strings(&database, sql);
    assert_eq!(names.len(), 15, "{names:?}");
    names
        .into_iter()
        .chain(["temp.found_words".to_owned()])
        .map(|name| {
            let columns = match name.split_once('.') {
                Some(_) => vec!["term".to_owned(), "doc".to_owned()],
                None => strings(&database, &format!("SELECT name FROM pragma_table_info('{name}')")),
            };
            let quoted =
                columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || ',' || ");
            let mut rows = strings(&database, &format!("SELECT {quoted} FROM {name}"));
            assert!(!rows.is_empty(), "the original has something in {name}");
            rows.sort();
            // A message that began a thread later has its words twice in a new index: they are the title of the thread as well.
            rows.dedup();
            (name, rows)
        })
        .collect()
}

fn strings(database: &Connection, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(sql).expect("SQL");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("texts")
}

/// The clients of the original go on with an inbox that has a copy of it.
fn goes_on(original: &Original, inbox: &Inbox) {
    let newest = inbox.messages_after(FLOW, 0).last().expect("a message")["id"].as_i64().expect("an id");
    // Whoever comes back to a stream gets what came since.
    let mut stream = inbox.stream(Some(newest - 2));
    assert_eq!([stream.next().expect("an event").0, stream.next().expect("an event").0], [newest - 1, newest]);

    // A post that comes again is the same message; another one has the next id.
    let mut again = flux_capacitor();
    again["tags"] = json!(["todo", "Zoë"]);
    again["uuid"] = json!("first");
    assert_eq!(inbox.stored(&again)["id"], 1);
    let next = inbox.stored(&chat("1234567", "after the copy"));
    assert_eq!(next["id"], original.last + 1);
    assert_eq!(stream.next().expect("an event").0, original.last + 1);
    // It is in the thread with its external thread id.
    assert_eq!(next["thread_id"], inbox.get(&format!("{FLOW}/messages/1")).expect(200)["thread_id"]);
    let found = inbox.get(&format!("{FLOW}/messages?search=after+copy")).expect(200);
    assert_eq!(found, json!([next]));

    // All that gave access does so, and what comes now has keys of its own.
    assert_eq!(inbox.download(&inbox.api_token, &original.picture).1, picture());
    let (access, refresh) = &original.granted;
    inbox.send_as(access, "GET", FLOW, &Value::Null).expect(200);
    inbox.send_as(&original.session, "GET", "/sessions", &Value::Null).expect(200);
    let credential = |key: &str| original.application[key].as_str().expect("a text").to_owned();
    let app = Integration {
        inbox,
        id: original.application["id"].as_i64().expect("an id"),
        client_id: credential("client_id"),
        client_secret: credential("client_secret"),
        redirect_uri: original.application["redirect_uris"][0].as_str().expect("a URI").to_owned(),
    };
    app.refresh(refresh).expect(200);
    let grants = inbox.get("/oauth/grants").expect(200).as_array().expect("a list").len();
    app.authorised("flow");
    assert_eq!(inbox.get("/oauth/grants").expect(200).as_array().expect("a list").len(), grants + 1);
    inbox.owner("POST", "/session", &Value::Null).expect(201);
    Integration::register(inbox);
    let flow = inbox.owner("POST", "/flows/example", &json!({ "name": "Later" })).expect(201);
    let source =
        inbox.owner("POST", &format!("{FLOW}/sources"), &json!({ "name": "Later", "application": 1 })).expect(201);
    assert!(!flow["id"].is_null() && source["id"].as_i64().expect("an id") > 1);
}

#[test]
fn everything_is_the_same_in_a_database_and_back_in_a_file() {
    let original = original();
    let before = answers(&original, &Inbox::on_file(&original.file(), &[]).with_tokens_of(&original.client));
    let tables_before = contents(&original.file());
    let Place::Database(database) = crate::server::place(&shared()) else { panic!("a database") };
    let printed = succeeds(&copy(text(&original.file()), &database.url));
    assert!(printed.contains(&database.name) && printed.contains(" messages, "), "{printed}");
    assert_eq!(printed.lines().count(), 1);

    let back = original.at("folder/back.sqlite");
    assert!(succeeds(&copy(&database.url, text(&back))).starts_with(text(&back)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&back).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds secrets");
    }
    for (table, rows) in contents(&back) {
        assert_eq!(rows, tables_before[&table], "{table}");
    }
    assert_eq!(contents(&original.file()), tables_before, "the original is as before");

    // What PostgreSQL has beside.
    let wrong =
        "SELECT count(*) FROM messages WHERE sent_at <> (replace(json, '\\u0000', '')::json ->> 'sent')::bigint";
    assert_eq!(database.connect().query_one(wrong, &[]).expect("a row").get::<_, i64>(0), 0);
    let wrong = "SELECT count(*) FROM flows WHERE newest_at <> coalesce((SELECT max(sent_at) FROM messages WHERE flow = key), 0)
                 AND removed_at IS NULL AND newest_at < (SELECT max(sent_at) FROM messages WHERE flow = key)";
    assert_eq!(database.connect().query_one(wrong, &[]).expect("a row").get::<_, i64>(0), 0);
    let indexes = |database: &Database| {
        let sql = "SELECT string_agg(indexdef, '\n' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'";
        database.connect().query_one(sql, &[]).expect("a row").get::<_, String>(0)
    };
    let usual = Database::on(&shared());
    let option = ["--database-url", usual.url.as_str()];
    let migrated = Command::new(env!("CARGO_BIN_EXE_flowdock-inbox")).arg("migrate").args(option).output();
    assert!(migrated.expect("the binary runs").status.success());
    assert_eq!(indexes(&database), indexes(&usual), "a copy has all indexes");

    let place = Place::Database(database);
    let inbox = Inbox::start(&place, &[]).with_tokens_of(&original.client);
    assert_eq!(answers(&original, &inbox), before);
    goes_on(&original, &inbox);
    let file = Inbox::on_file(&back, &[]).with_tokens_of(&original.client);
    assert_eq!(answers(&original, &file), before);
    goes_on(&original, &file);
}

#[test]
fn a_place_that_is_taken_or_in_use_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let mut inbox = Inbox::on_file(&at("inbox.sqlite"), &[]);
    inbox.stored(&flux_capacitor());
    let empty = Database::on(&shared());
    let (_, error) = fails(&copy(text(&at("inbox.sqlite")), &empty.url));
    assert!(error.contains("in use by another process"), "{error}");
    inbox.kill();

    let foreign = Database::on(&shared());
    foreign.connect().batch_execute("CREATE TABLE messages (id int)").expect("SQL runs");
    let taken = crate::server::place(&shared());
    let other = Inbox::start(&taken, &[]);
    other.stored(&chat("1", "stays"));
    let Place::Database(database) = &taken else { panic!("a database") };
    file_sql(&at("old.sqlite"), VERSION_1);
    file_sql(&at("foreign.sqlite"), "CREATE TABLE messages (id INTEGER)");
    file_sql(&at("newer.sqlite"), "CREATE TABLE t (a); PRAGMA application_id = 0x666c6f77; PRAGMA user_version = 99");
    let file = at("inbox.sqlite");
    for (from, to, problem) in [
        (text(&file), database.url.as_str(), "has an inbox already"),
        (text(&file), &foreign.url, "tables of another program"),
        (&database.url, text(&at("new.sqlite")), "is in use by an inbox"),
        (text(&at("nothing")), &empty.url, "there is no file"),
        (text(&at("old.sqlite")), &empty.url, "was written by an older version"),
        (text(&at("newer.sqlite")), &empty.url, "was written by a newer version"),
        (text(&at("foreign.sqlite")), &empty.url, "is not the database of an inbox"),
        (&empty.url, text(&at("new.sqlite")), "has no inbox"),
        (text(&file), text(&at("new.sqlite")), "from a file into a database"),
    ] {
        let (reported, error) = fails(&copy(from, to));
        assert!(error.contains(problem) && reported.is_empty(), "{reported:?} {error}");
        assert!(!at("new.sqlite").exists());
    }
    assert_eq!((tables(&empty), tables(&foreign)), (0, 1));
    assert_eq!(other.stored(&chat("1", "goes on"))["id"], 2);
    drop(other);
    let (_, error) = fails(&copy(&database.url, text(&file)));
    assert!(error.contains("exists already"), "{error}");
    succeeds(&copy(&database.url, text(&at("new.sqlite"))));
    let same = Inbox::on_file(&file, &[]).with_tokens_of(&inbox);
    assert_eq!(same.messages_after(FLOW, 0).len(), 1);
}

#[test]
fn texts_that_postgresql_cannot_store_are_reported_and_nothing_is_copied() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("inbox.sqlite");
    let mut inbox = Inbox::on_file(&file, &[]);
    inbox.stored(&flux_capacitor());
    inbox.kill();
    let good = Database::on(&shared());
    file_sql(&file, "UPDATE sources SET name = 'a' || char(0) || 'b' WHERE key = 1");
    let (reported, error) = fails(&copy(text(&file), &good.url));
    assert_eq!(reported, ["U+0000 in sources key 1"]);
    assert!(error.contains("1 rows hold U+0000 in a text"), "{error}");
    let many = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 30)
                INSERT INTO message_tags (flow, message, tag) SELECT 1, 1, 'tag' || n || char(0) FROM n";
    file_sql(&file, many);
    let (reported, error) = fails(&copy(text(&file), &good.url));
    assert_eq!(reported.len(), 21);
    assert_eq!(reported[1], r#"U+0000 in message_tags flow 1 message 1 tag "tag1\0""#);
    assert_eq!(reported[20], "and 11 more");
    assert!(error.contains("31 rows hold U+0000 in a text"), "{error}");
    assert_eq!(tables(&good), 0);
    file_sql(&file, "UPDATE sources SET name = 'ab'; DELETE FROM message_tags WHERE instr(tag, char(0)) > 0");
    succeeds(&copy(text(&file), &good.url));
}

/// Starts a copy, and waits until it has reported this.
fn copy_until(from: &str, to: &str, line: &str) -> Child {
    let mut process = copying(&["--from", from, "--to", to]).spawn().expect("the binary runs");
    let mut stderr = BufReader::new(process.stderr.take().expect("stderr"));
    let mut reported = String::new();
    while !reported.starts_with(line) {
        reported.clear();
        assert_ne!(stderr.read_line(&mut reported).expect("UTF-8"), 0, "the copy ended before {line:?}");
    }
    // Whoever goes on is not disturbed by a pipe that nobody reads.
    process.stderr = Some(stderr.into_inner());
    process
}

#[test]
fn a_copy_into_a_database_that_is_killed_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("inbox.sqlite");
    let mut inbox = Inbox::on_file(&file, &[]);
    inbox.stored(&flux_capacitor());
    inbox.kill();
    let database = Database::on(&shared());
    // The indexes are made when all rows are there. There the copy waits for a lock.
    let wait = "CREATE FUNCTION wait() RETURNS event_trigger LANGUAGE plpgsql AS $$
                DECLARE is_filled boolean := false;
                BEGIN
                    IF to_regclass('inbox_state') IS NOT NULL THEN
                        EXECUTE 'SELECT EXISTS (SELECT 1 FROM messages)' INTO is_filled;
                    END IF;
                    IF is_filled THEN PERFORM pg_advisory_xact_lock(1); END IF;
                END $$;
                CREATE EVENT TRIGGER wait ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION wait();
                SELECT pg_advisory_lock(1)";
    let mut other = database.connect();
    other.batch_execute(wait).expect("SQL runs");
    let mut process = copy_until(text(&file), &database.url, "making the indexes");
    process.kill().and_then(|()| process.wait()).expect("it runs");
    other.batch_execute("SELECT pg_advisory_unlock(1); DROP EVENT TRIGGER wait").expect("SQL runs");
    // The server ends the transaction of the dead process first: the next copy waits for it.
    succeeds(&copy(text(&file), &database.url));
    let place = Place::Database(database);
    assert_eq!(Inbox::start(&place, &[]).with_tokens_of(&inbox).messages_after(FLOW, 0).len(), 1);
}

#[test]
#[cfg(unix)]
fn a_copy_into_a_file_that_is_stopped_leaves_nothing() {
    let place = crate::server::place(&shared());
    let inbox = Inbox::start(&place, &[]);
    inbox.stored(&chat("1", "copied"));
    let client = inbox.client.clone();
    drop(inbox);
    // So many that the copy takes seconds.
    place.sql(
        "INSERT INTO messages (flow, id, event, json, sent_at)
         SELECT 1, n, 'message', '{\"content\": \"' || repeat(md5(n::text) || ' ', 20) || '\"}', 0 FROM generate_series(2, 30000) AS n;
         INSERT INTO message_words SELECT flow, id, '' FROM messages WHERE id > 1",
    );
    let Place::Database(database) = &place else { panic!("a database") };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("inbox.sqlite");
    let names = || -> Vec<String> {
        let files = std::fs::read_dir(folder.path()).expect("a folder").flatten();
        files.map(|file| file.file_name().into_string().expect("UTF-8")).collect()
    };
    let mut process = copy_until(&database.url, text(&file), "messages: ");
    let id = process.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &id]).status().expect("kill runs").success());
    assert_eq!(process.wait().expect("it ends").code(), Some(1));
    assert_eq!(names(), Vec::<String>::new(), "nothing is left of a copy that was stopped");
    let mut process = copy_until(&database.url, text(&file), "messages: ");
    process.kill().and_then(|()| process.wait()).expect("it runs");
    let left = names();
    assert!(left.len() == 1 && left[0].ends_with(".part"), "{left:?}");
    succeeds(&copy(&database.url, text(&file)));
    let inbox = Inbox::on_file(&file, &[]).with_tokens_of(&client);
    assert_eq!(inbox.get(FLOW).expect(200)["last_message_id"], Value::Null);
    assert_eq!(inbox.get(&format!("{FLOW}/messages?search=copied")).expect(200).as_array().map(Vec::len), Some(1));
}

#[test]
fn urls_with_passwords_come_from_the_environment_or_a_file_and_are_not_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, secret) = (folder.path().join("inbox.sqlite"), folder.path().join("url"));
    drop(Inbox::on_file(&file, &[]));
    let database = Database::on(&shared());
    std::fs::write(&secret, format!("{}\n", database.url)).expect("written");
    let from = [("FLOWDOCK_INBOX_COPY_FROM", text(&file)), ("FLOWDOCK_INBOX_COPY_TO_FILE", text(&secret))];
    succeeds(&copying(&[]).envs(from).output().expect("the binary runs"));
    for url in
        ["postgres://me:secretword@host", "mysql://me:secretword@host/inbox", "postgres://me:secretword@h:x/inbox"]
    {
        let option = copying(&["--from", text(&file), "--to", url]).output().expect("the binary runs");
        let variable =
            copying(&["--from", text(&file)]).env("FLOWDOCK_INBOX_COPY_TO", url).output().expect("the binary runs");
        for output in [option, variable] {
            let error = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2));
            assert!(error.contains("--to") && !error.contains("secretword"), "{error}");
        }
    }
    let (_, error) = fails(&copy(text(&file), "postgres://me:secretword@127.0.0.1:1/inbox"));
    assert!(error.contains("the database inbox at 127.0.0.1") && !error.contains("secretword"), "{error}");
    let url = [("FLOWDOCK_INBOX_COPY_TO", "postgres://me:secretword@host/inbox")];
    let help = copying(&["--help"]).envs(url).output().expect("the binary runs");
    assert!(!String::from_utf8_lossy(&help.stdout).contains("secretword"));
}
