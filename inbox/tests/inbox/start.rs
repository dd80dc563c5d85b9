//! Starting: what is printed, what is stored, and which errors prevent a start.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::host::{Inbox, command, refused};
use crate::place::{Place, file_sql};
use crate::samples::chat;

#[test]
fn the_first_start_announces_urls_and_secrets_in_one_line_of_json() {
    let inbox = Inbox::new();
    let ready = inbox.ready.as_object().expect("an object");
    assert_eq!(
        ready.keys().collect::<Vec<_>>(),
        [
            "url",
            "local_url",
            "admin_url",
            "flow_token",
            "api_token",
            "client_id",
            "client_secret",
            "organization",
            "flow"
        ]
    );
    assert_eq!(ready["url"], ready["local_url"]);
    assert_eq!((&ready["organization"], &ready["flow"]), (&json!("example"), &json!("main")));
    for token in ["flow_token", "api_token", "client_id", "client_secret"] {
        let token = ready[token].as_str().expect("a token");
        assert!(token.len() == 32 && token.chars().all(|digit| digit.is_ascii_hexdigit()), "128 bits");
    }
    assert_ne!(ready["flow_token"], ready["api_token"]);
    inbox.get("/flows/example/main").expect(200);
}

#[test]
fn a_later_start_accepts_the_tokens_but_does_not_show_them() {
    let place = Place::new();
    let mut first = Inbox::start(&place, &[]);
    first.stored(&chat("1", "before"));
    first.kill();

    let second = Inbox::start(&place, &[]).with_tokens_of(&first);
    for secret in ["flow_token", "api_token", "client_id", "client_secret"] {
        assert_eq!(second.ready[secret], Value::Null, "{secret}");
    }
    second.stored(&chat("1", "after"));
    assert_eq!(second.get("/flows/example/main/messages").expect(200).as_array().map(Vec::len), Some(2));
}

#[test]
fn the_folder_of_the_data_file_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("some/new/folder/inbox.sqlite");
    let inbox = Inbox::on_file(&data, &[]);
    inbox.stored(&chat("1", "kept"));
    assert!(data.is_file());
}

#[test]
fn new_tokens_replace_the_old_ones() {
    let place = Place::new();
    let mut first = Inbox::start(&place, &[]);
    first.stored(&chat("1", "before"));
    first.kill();

    let renewed = Inbox::start(&place, &["--new-tokens"]);
    assert_eq!(renewed.get("/flows/example/main/messages").expect(200)[0]["content"], "before");
    renewed.stored(&chat("1", "after"));

    let lost = renewed.with_tokens_of(&first);
    lost.get("/flows/example/main/messages").expect(401);
    lost.post(&chat("1", "too late")).expect(404);
}

#[test]
fn no_token_is_stored() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    inbox.stored(&chat("1", "hello"));
    inbox.kill();
    for token in [&inbox.flow_token, &inbox.api_token] {
        assert!(!place.holds(token));
    }
    assert!(place.holds("hello"), "everything is looked at");
}

#[test]
fn without_options_the_announcement_is_text_and_the_data_is_in_the_platform_folder() {
    let home = tempfile::tempdir().expect("a folder");
    let mut inbox = command(&["--listen", "127.0.0.1:0"])
        .env("HOME", home.path())
        .env_remove("XDG_DATA_HOME")
        .spawn()
        .expect("the binary runs");
    let lines: Vec<_> = BufReader::new(inbox.stdout.take().expect("stdout"))
        .lines()
        .map(|line| line.expect("UTF-8"))
        .take_while(|line| !line.starts_with("These tokens are shown this one time"))
        .collect();
    inbox.kill().and_then(|()| inbox.wait()).expect("it ran");
    assert!(lines[0].starts_with("Flowdock inbox at http://127.0.0.1:"), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("example/main")), "{lines:?}");
    let file = lines.iter().find_map(|line| line.strip_prefix("Data:")).expect("the data file").trim();
    assert!(file.ends_with("inbox.sqlite") && file.starts_with(home.path().to_str().expect("UTF-8")), "{file}");
    assert!(fs::exists(file).expect("readable"));
}

#[test]
fn an_inbox_in_memory_writes_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut inbox = command(&["--listen", "127.0.0.1:0", "--data", ":memory:", "--json"])
        .current_dir(folder.path())
        .spawn()
        .expect("the binary runs");
    let mut line = String::new();
    BufReader::new(inbox.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
    inbox.kill().and_then(|()| inbox.wait()).expect("it ran");
    assert!(line.contains("flow_token"));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn help_and_version_are_printed() {
    for (option, text) in [("--help", "--new-tokens"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let output = command(&[option]).output().expect("the binary runs");
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains(text));
    }
}

#[test]
fn a_public_url_to_which_no_path_can_be_appended_is_refused() {
    for url in ["", "/inbox", "inbox.example", "ftp://inbox.example", "https://", "https://a@inbox.example", "https:"]
        .into_iter()
        .chain(["https://inbox.example/?a", "https://inbox.example/#a", "https://inbox example/"])
    {
        let output = command(&[&format!("--public-url={url}")]).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "{url}");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains("--public-url") && !error.contains("panicked"), "{error}");
    }
}

#[test]
fn an_invalid_token_lifetime_is_refused() {
    for lifetime in ["0", "-1", "1.5", "99999999", "soon"] {
        let output = command(&[&format!("--token-lifetime={lifetime}")]).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "{lifetime}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("--token-lifetime"), "{lifetime}");
    }
}

#[test]
fn a_port_in_use_is_reported_in_one_line_and_no_tokens_are_created() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let error = refused(&["--listen", &address, "--data", data.to_str().expect("UTF-8")]);
    assert!(error.contains(&format!("cannot listen on {address}")), "{error}");
    assert!(!data.exists(), "the first start is still to come");
}

#[test]
fn a_port_that_browsers_refuse_is_reported_in_one_line_and_no_tokens_are_created() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    for port in ["10080", "6000", "6667", "2049"] {
        let address = format!("127.0.0.1:{port}");
        let error = refused(&["--listen", &address, "--data", data.to_str().expect("UTF-8")]);
        assert!(error.contains(&format!("cannot listen on {address}: it is a bad port")), "{error}");
    }
    assert!(!data.exists(), "the first start is still to come");
}

#[test]
fn a_missing_www_folder_is_reported_in_one_line() {
    let error = refused(&["--data", ":memory:", "--listen", "127.0.0.1:0", "--www", "no-such-folder"]);
    assert!(error.contains("no-such-folder: it is not a folder"), "{error}");
}

#[test]
fn unusable_data_files_are_reported_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    fs::write(at("text"), "certainly not a database, but long enough to be read as the header of one: ".repeat(9))
        .expect("written");
    file_sql(folder.path().join("foreign").as_path(), "CREATE TABLE messages (id INTEGER)");
    file_sql(
        folder.path().join("newer").as_path(),
        "CREATE TABLE t (a); PRAGMA application_id = 0x666c6f77; PRAGMA user_version = 99",
    );
    for (file, problem) in [
        (at("text/below/a/file.sqlite"), "cannot make the folder of"),
        (at(""), "cannot use"), // a folder
        (at("text"), "is not the database of an inbox"),
        (at("foreign"), "is not the database of an inbox"),
        (at("newer"), "was written by a newer version"),
    ] {
        let error = refused(&["--listen", "127.0.0.1:0", "--data", &file]);
        // The error names the file without the slash at the end of a folder.
        assert!(error.contains(problem) && error.contains(file.trim_end_matches('/')), "{file}: {error}");
    }
}

#[test]
fn two_inboxes_do_not_share_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let first = Inbox::on_file(&data, &[]);
    let error = refused(&["--listen", "127.0.0.1:0", "--data", data.to_str().expect("UTF-8")]);
    assert!(error.contains("in use by another process"), "{error}");
    first.stored(&chat("1", "undisturbed"));
}
