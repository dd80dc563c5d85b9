//! A backup, and its restoration.

use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::host::{Inbox, command};
use crate::place::file_sql;
use crate::samples::chat;

fn run(arguments: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_flowdock-inbox")).args(arguments).output().expect("the binary runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn back_up(data: &Path, to: &Path) -> Output {
    run(&["backup", text(to), "--data", text(data)])
}

fn restore(data: &Path, from: &Path) -> Output {
    run(&["restore", text(from), "--data", text(data)])
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// The reason of a failure, which is one line.
#[track_caller]
fn fails(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

fn contents(inbox: &Inbox) -> Vec<String> {
    let messages = inbox.get("/flows/example/main/messages?limit=100").expect(200);
    let content = |message: &serde_json::Value| message["content"].as_str().expect("text").to_owned();
    messages.as_array().expect("a list").iter().map(content).collect()
}

#[test]
fn a_backup_of_a_running_inbox_is_restored_with_its_messages_and_tokens() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("inbox.sqlite"), folder.path().join("backup.sqlite"));
    let mut inbox = Inbox::on_file(&data, &[]);
    inbox.stored(&chat("1", "before"));
    assert!(succeeds(&back_up(&data, &copy)).contains("1 messages, "));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&copy).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds secrets");
    }
    inbox.stored(&chat("1", "after"));
    assert!(fails(&restore(&data, &copy)).contains("in use by another process"));
    assert_eq!(contents(&inbox), ["before", "after"]);
    // Killed, so that the write-ahead log still holds the messages.
    inbox.kill();
    let printed = succeeds(&restore(&data, &copy));
    assert!(printed.contains("inbox.sqlite.before-restore"), "{printed}");
    let restored = Inbox::on_file(&data, &[]).with_tokens_of(&inbox);
    assert_eq!(contents(&restored), ["before"]);
    restored.stored(&chat("1", "new"));
    drop(restored);
    // What was there before is not lost.
    let old = Inbox::on_file(&folder.path().join("inbox.sqlite.before-restore"), &[]).with_tokens_of(&inbox);
    assert_eq!(contents(&old), ["before", "after"]);
}

#[test]
fn a_backup_amid_posts_is_whole_and_has_all_that_was_answered_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let inbox = Inbox::on_file(&data, &[]);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let posters: Vec<_> = (0..4)
            .map(|poster| {
                let (inbox, is_over) = (&inbox, &is_over);
                scope.spawn(move || {
                    while !is_over.load(Ordering::Relaxed) {
                        inbox.stored(&chat(&poster.to_string(), "amid"));
                    }
                })
            })
            .collect();
        for round in 0..3 {
            let last = inbox.stored(&chat("last", "before the backup"))["id"].as_i64().expect("a number");
            let copy = folder.path().join(format!("backup-{round}.sqlite"));
            succeeds(&back_up(&data, &copy));
            let restored = Inbox::on_file(&copy, &[]).with_tokens_of(&inbox);
            let path = format!("/flows/example/main/messages?limit=100&since_id={}", last - 1);
            let first = &restored.get(&path).expect(200)[0];
            assert_eq!((&first["id"], &first["content"]), (&last.into(), &"before the backup".into()));
        }
        is_over.store(true, Ordering::Relaxed);
        for poster in posters {
            poster.join().expect("no panic");
        }
    });
}

#[test]
fn nothing_is_overwritten_and_nothing_foreign_or_damaged_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let mut inbox = Inbox::on_file(&at("inbox.sqlite"), &[]);
    let long = "x".repeat(3000);
    for _ in 0..30 {
        inbox.stored(&chat("1", &long));
    }
    succeeds(&back_up(&at("inbox.sqlite"), &at("good.sqlite")));
    inbox.kill();
    assert!(fails(&back_up(&at("inbox.sqlite"), &at("good.sqlite"))).contains("exists already"));
    assert!(fails(&back_up(&at("nothing"), &at("copy"))).contains("there is no file"));
    assert!(fails(&restore(&at("inbox.sqlite"), &at("nothing"))).contains("there is no file"));
    file_sql(&at("foreign.sqlite"), "CREATE TABLE messages (id INTEGER)");
    file_sql(&at("newer.sqlite"), "CREATE TABLE t (a); PRAGMA application_id = 0x666c6f77; PRAGMA user_version = 99");
    std::fs::write(at("text"), "no database ".repeat(1000)).expect("written");
    // A page in the middle is overwritten.
    let mut bytes = std::fs::read(at("good.sqlite")).expect("a file");
    let middle = bytes.len() / 8192 * 4096;
    bytes[middle..middle + 4096].fill(0x55);
    std::fs::write(at("damaged.sqlite"), bytes).expect("written");
    for (name, problem) in [
        ("foreign.sqlite", "is not the database of an inbox"),
        ("text", "is not the database of an inbox"),
        ("newer.sqlite", "was written by a newer version"),
        ("damaged.sqlite", "is damaged"),
    ] {
        let error = fails(&restore(&at("inbox.sqlite"), &at(name)));
        assert!(error.contains(problem), "{error}");
        let error = fails(&back_up(&at(name), &at("copy")));
        assert!(error.contains(problem), "{error}");
        assert!(!at("copy").exists() && !at("copy.part").exists(), "{name}");
    }
    let unharmed = Inbox::on_file(&at("inbox.sqlite"), &[]).with_tokens_of(&inbox);
    assert_eq!(contents(&unharmed).len(), 30);
    drop(unharmed);
    succeeds(&restore(&at("inbox.sqlite"), &at("good.sqlite")));
    let again = fails(&restore(&at("inbox.sqlite"), &at("good.sqlite")));
    assert!(again.contains("inbox.sqlite.before-restore exists already"), "{again}");
    // A new machine has no data file yet.
    succeeds(&restore(&at("new/folder/inbox.sqlite"), &at("good.sqlite")));
    assert_eq!(contents(&Inbox::on_file(&at("new/folder/inbox.sqlite"), &[]).with_tokens_of(&inbox)).len(), 30);
}

#[test]
fn an_inbox_is_asked_whether_it_is_ready() {
    let inbox = Inbox::with(&["--admin", "127.0.0.1:0"]);
    let address = inbox.ready["admin_url"].as_str().expect("text").trim_start_matches("http://").to_owned();
    assert_eq!(succeeds(&run(&["check", "--admin", &address])), "The inbox is ready\n");
    drop(inbox);
    assert!(fails(&run(&["check", "--admin", &address])).contains(&format!("no inbox answers at {address}")));
    // Not used by the commands, but by the service.
    let output = command(&["--no-such-option"]).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_log_that_was_left_behind_is_not_written_into_a_restored_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let mut inbox = Inbox::on_file(&at("inbox.sqlite"), &[]);
    inbox.stored(&chat("1", "before"));
    succeeds(&back_up(&at("inbox.sqlite"), &at("copy.sqlite")));
    for _ in 0..50 {
        inbox.stored(&chat("1", "after"));
    }
    inbox.kill();
    // As somebody does who puts a broken file aside.
    std::fs::rename(at("inbox.sqlite"), at("bad.sqlite")).expect("renamed");
    assert!(at("inbox.sqlite-wal").exists());
    succeeds(&restore(&at("inbox.sqlite"), &at("copy.sqlite")));
    assert!(at("inbox.sqlite.before-restore-wal").exists(), "the log is kept");
    let restored = Inbox::on_file(&at("inbox.sqlite"), &[]).with_tokens_of(&inbox);
    assert_eq!(contents(&restored), ["before"]);
}

#[test]
fn a_database_that_another_program_reads_is_not_replaced_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let mut inbox = Inbox::on_file(&at("inbox.sqlite"), &[]);
    succeeds(&back_up(&at("inbox.sqlite"), &at("copy.sqlite")));
    inbox.stored(&chat("1", "answered"));
    let reader = rusqlite::Connection::open(at("inbox.sqlite")).expect("it opens");
    let count = |reader: &rusqlite::Connection| {
        reader.query_row("SELECT count(*) FROM messages", [], |row| row.get::<_, i64>(0)).expect("a number")
    };
    reader.execute_batch("BEGIN").expect("SQL runs");
    assert_eq!(count(&reader), 1);
    inbox.stored(&chat("1", "answered too"));
    inbox.kill();
    assert!(fails(&restore(&at("inbox.sqlite"), &at("copy.sqlite"))).contains("in use by another process"));
    drop(reader);
    let same = Inbox::on_file(&at("inbox.sqlite"), &[]).with_tokens_of(&inbox);
    assert_eq!(contents(&same), ["answered", "answered too"]);
}

#[test]
fn no_file_is_removed_that_has_an_unlucky_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let mut inbox = Inbox::on_file(&at("inbox.sqlite"), &[]);
    inbox.stored(&chat("1", "kept"));
    inbox.kill();
    succeeds(&back_up(&at("inbox.sqlite"), &at("inbox.sqlite.part")));
    succeeds(&restore(&at("inbox.sqlite"), &at("inbox.sqlite.part")));
    assert!(at("inbox.sqlite.part").exists());
    std::fs::write(at("taken-wal"), "of another database").expect("written");
    assert!(fails(&back_up(&at("inbox.sqlite"), &at("taken"))).contains("taken-wal exists already"));
    let names = std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|file| file.file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().matches(".part").count() > 0).collect();
    assert_eq!(left, ["inbox.sqlite.part"], "no part of a copy is left");
}

#[test]
#[cfg(unix)]
fn a_link_to_the_data_file_has_the_lock_of_the_data_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, link) = (folder.path().join("inbox.sqlite"), folder.path().join("link.sqlite"));
    let _inbox = Inbox::on_file(&data, &[]);
    std::os::unix::fs::symlink(&data, &link).expect("a link");
    let error = crate::host::refused(&["--listen", "127.0.0.1:0", "--data", text(&link)]);
    assert!(error.contains("in use by another process"), "{error}");
}
