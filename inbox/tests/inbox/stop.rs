//! Stopping: what happens when a signal asks the inbox to stop.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use crate::host::{Client, Inbox};
use crate::samples::chat;

#[test]
fn a_signal_ends_an_idle_inbox() {
    for signal in ["INT", "TERM"] {
        let inbox = Inbox::new();
        // The client keeps its connection open.
        inbox.get("/flows/example/main").expect(200);
        assert_eq!(inbox.signal(signal).code(), Some(0), "{signal}");
    }
}

#[test]
fn open_streams_end_with_the_inbox() {
    let inbox = Inbox::new();
    let mut streams = [inbox.stream(None), inbox.stream(Some(0))];
    inbox.stored(&chat("1", "the last one"));
    for stream in &mut streams {
        stream.next().expect("an event");
    }
    assert_eq!(inbox.signal("TERM").code(), Some(0));
    for mut stream in streams {
        assert!(stream.next().is_none());
    }
}

#[test]
fn a_client_that_stops_in_the_middle_of_a_request_does_not_keep_the_inbox_running() {
    let inbox = Inbox::with(&["--stop-timeout", "1"]);
    let mut half = TcpStream::connect(inbox.url.strip_prefix("http://").expect("http")).expect("it listens");
    half.write_all(b"POST /messages HTTP/1.1\r\nHost: inbox\r\nContent-Length: 100\r\n\r\n{").expect("it reads");
    inbox.get("/flows/example/main").expect(200);
    assert_eq!(inbox.signal("TERM").code(), Some(0));
}

#[test]
fn after_a_clean_stop_all_data_is_in_one_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let inbox = Inbox::on_file(&data, &[]);
    inbox.stored(&chat("1", "kept"));
    assert_eq!(inbox.signal("TERM").code(), Some(0));
    let files = std::fs::read_dir(folder.path()).expect("a folder").flatten();
    let mut files: Vec<_> = files.map(|file| file.file_name()).collect();
    files.sort();
    // The lock file is empty. It stays, because another inbox may be waiting to lock it.
    assert_eq!(files, ["inbox.sqlite", "inbox.sqlite.lock"]);
    assert_eq!(std::fs::metadata(folder.path().join("inbox.sqlite.lock")).expect("a file").len(), 0);
}

#[test]
fn an_inbox_whose_data_file_goes_away_answers_no_post_and_stops_with_the_reason() {
    for replace in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("inbox.sqlite");
        let mut process = crate::host::command(&["--listen", "127.0.0.1:0", "--json", "--data"])
            .arg(&data)
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
        let client = Client::of(&serde_json::from_str(&line).expect("JSON"));
        client.stored(&chat("1", "stored"));
        std::fs::rename(&data, folder.path().join("away.sqlite")).expect("renamed");
        if replace {
            std::fs::write(&data, "").expect("written");
        }
        let answer = client.try_send("POST", "/messages", &[], &client.with_token(&chat("1", "lost")).to_string());
        assert!(answer.is_none_or(|answer| answer.status == 500));
        drop(client);
        let output = process.wait_with_output().expect("it ends");
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1));
        assert!(error.contains("inbox.sqlite was removed or replaced while the inbox used it"), "{error}");
    }
}

#[test]
fn a_start_without_the_data_file_that_was_used_makes_no_empty_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let mut first = Inbox::on_file(&data, &[]);
    first.kill();
    let away = folder.path().join("away.sqlite");
    std::fs::rename(&data, &away).expect("renamed");
    let error = crate::host::refused(&["--listen", "127.0.0.1:0", "--data", data.to_str().expect("UTF-8")]);
    assert!(error.contains("inbox.sqlite is missing, although an inbox has used it"), "{error}");
    assert!(!data.exists());
    std::fs::rename(&away, &data).expect("renamed");
    Inbox::on_file(&data, &[]).with_tokens_of(&first).get("/flows").expect(200);
}

#[test]
fn a_second_signal_ends_the_inbox_at_once() {
    let inbox = Inbox::with(&["--drain-delay", "3600"]);
    inbox.get("/flows").expect(200);
    inbox.send_signal("TERM");
    // The inbox still answers: it drains.
    inbox.get("/flows").expect(200);
    assert_eq!(inbox.signal("TERM").code(), Some(1));
}
