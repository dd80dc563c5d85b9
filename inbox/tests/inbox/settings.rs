//! Settings that come from the environment and from files, and secrets that go into a file.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::host::Client;

fn start(arguments: &[&str], environment: &[(&str, &str)]) -> (Child, Value) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_flowdock-inbox"))
        .args(arguments)
        .envs([("FLOWDOCK_INBOX_LISTEN", "127.0.0.1:0"), ("FLOWDOCK_INBOX_JSON", "true")])
        .envs([("FLOWDOCK_INBOX_LOG_LEVEL", "error")])
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
    (process, serde_json::from_str(&line).unwrap_or_default())
}

fn end(mut process: Child) {
    process.kill().expect("it runs");
    process.wait().expect("it ends");
}

/// The one line on stderr of an inbox that must not start.
fn refused(environment: &[(&str, &str)]) -> String {
    let (mut process, ready) = start(&[], environment);
    if !ready.is_null() {
        process.kill().expect("it runs");
    }
    let output = process.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn write(path: &Path, text: &str) -> String {
    std::fs::write(path, text).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn a_setting_comes_from_the_command_line_the_environment_or_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let data = data.to_str().expect("UTF-8");
    let file = write(&folder.path().join("url"), "https://file.example\n");
    let from_file = [("FLOWDOCK_INBOX_DATA", data), ("FLOWDOCK_INBOX_PUBLIC_URL_FILE", &*file)];
    let (process, ready) = start(&[], &from_file);
    assert_eq!(ready["url"], "https://file.example");
    end(process);
    let (process, ready) = start(&["--public-url", "https://flag.example"], &from_file);
    assert_eq!(ready["url"], "https://flag.example");
    end(process);
    let environment = [("FLOWDOCK_INBOX_DATA", data), ("FLOWDOCK_INBOX_PUBLIC_URL", "https://env.example")];
    let (process, ready) = start(&[], &environment);
    assert_eq!(ready["url"], "https://env.example");
    end(process);
    let copy = folder.path().join("copy.sqlite");
    let backed_up = Command::new(env!("CARGO_BIN_EXE_flowdock-inbox"))
        .args(["backup".as_ref(), copy.as_os_str()])
        .env("FLOWDOCK_INBOX_DATA_FILE", write(&folder.path().join("data"), data))
        .output();
    assert!(backed_up.expect("the binary runs").status.success() && copy.exists());
}

#[test]
fn a_file_that_holds_no_value_is_reported_with_its_variable() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str, text: &str| write(&folder.path().join(name), text);
    for (file, problem) in [
        (at("two", "https://a.example\nhttps://b.example\n"), "must hold one line"),
        (at("empty", "\n"), "must hold one line"),
        (at("long", &"x".repeat(70_000)), "has more than 65536 bytes"),
        (folder.path().join("nothing").to_str().expect("UTF-8").to_owned(), "cannot read the value"),
    ] {
        let error = refused(&[("FLOWDOCK_INBOX_DATA", ":memory:"), ("FLOWDOCK_INBOX_PUBLIC_URL_FILE", &file)]);
        assert!(error.starts_with("flowdock-inbox: FLOWDOCK_INBOX_PUBLIC_URL_FILE: "), "{error}");
        assert!(error.contains(problem) && error.contains(&file), "{error}");
    }
    let both = [("FLOWDOCK_INBOX_DATA", ":memory:"), ("FLOWDOCK_INBOX_DATA_FILE", "x")];
    assert!(refused(&both).contains("FLOWDOCK_INBOX_DATA is set too"), "{}", refused(&both));
}

#[test]
fn secrets_go_into_a_file_that_only_its_owner_reads_and_are_not_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, secrets) = (folder.path().join("inbox.sqlite"), folder.path().join("secrets.json"));
    let environment = [
        ("FLOWDOCK_INBOX_DATA", data.to_str().expect("UTF-8")),
        ("FLOWDOCK_INBOX_SECRETS_FILE", secrets.to_str().expect("UTF-8")),
    ];
    let (process, ready) = start(&[], &environment);
    for secret in ["flow_token", "api_token", "client_id", "client_secret"] {
        assert!(ready[secret].is_null(), "{secret}");
    }
    let written = std::fs::read_to_string(&secrets).expect("a file");
    let tokens: Value = serde_json::from_str(&written).expect("JSON");
    Client::of(&tokens).get("/flows").expect(200);
    end(process);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&secrets).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // A later start creates no secrets and leaves the file as it is.
    end(start(&[], &environment).0);
    assert_eq!(std::fs::read_to_string(&secrets).expect("a file"), written);
    end(start(&["--new-tokens"], &environment).0);
    assert_ne!(std::fs::read_to_string(&secrets).expect("a file"), written);
    // A folder, and the data file itself, are no place for them.
    for place in [folder.path().to_path_buf(), folder.path().join("other.sqlite")] {
        let other = folder.path().join("other.sqlite");
        let environment = [
            ("FLOWDOCK_INBOX_DATA", other.to_str().expect("UTF-8")),
            ("FLOWDOCK_INBOX_SECRETS_FILE", place.to_str().expect("UTF-8")),
        ];
        assert!(refused(&environment).contains("it must be a file of its own"));
        assert!(!other.exists(), "no secrets were created that nobody knows");
    }
    let nowhere = folder.path().join("no/such/folder/secrets.json");
    let new = folder.path().join("new.sqlite");
    let environment = [
        ("FLOWDOCK_INBOX_DATA", new.to_str().expect("UTF-8")),
        ("FLOWDOCK_INBOX_SECRETS_FILE", nowhere.to_str().expect("UTF-8")),
    ];
    assert!(refused(&environment).contains("cannot write the secrets to"));
    assert!(!new.exists(), "no secrets were created that nobody knows");
    let names = std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|file| file.file_name());
    let parts: Vec<_> = names.filter(|name| name.to_string_lossy().ends_with(".part")).collect();
    assert!(parts.is_empty(), "{parts:?}");
    // A start that fails after it has prepared the file leaves nothing either.
    let busy = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = busy.local_addr().expect("an address").to_string();
    let place = folder.path().join("unused.json");
    let environment = [
        ("FLOWDOCK_INBOX_LISTEN", address.as_str()),
        ("FLOWDOCK_INBOX_DATA", new.to_str().expect("UTF-8")),
        ("FLOWDOCK_INBOX_SECRETS_FILE", place.to_str().expect("UTF-8")),
    ];
    assert!(refused(&environment).contains("cannot listen on"));
    assert!(
        !std::fs::read_dir(folder.path())
            .expect("a folder")
            .flatten()
            .any(|file| { file.file_name().to_string_lossy().starts_with("unused") })
    );
}

#[test]
fn an_empty_variable_is_one_that_is_not_set() {
    let names =
        ["ADMIN", "WWW", "PUBLIC_URL", "TRUSTED_PROXY", "ALLOW_HOST", "KEEP_DAYS", "TOKEN_LIFETIME", "SECRETS_FILE"];
    let names = names.map(|name| format!("FLOWDOCK_INBOX_{name}"));
    let environment: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    let (process, ready) = start(&[], &[&environment[..], &[("FLOWDOCK_INBOX_DATA", ":memory:")]].concat());
    assert_eq!(ready["url"], ready["local_url"]);
    assert!(ready["admin_url"].is_null() && ready["api_token"].is_string(), "{ready}");
    end(process);
}

/// The status and the text on stderr of a command that fails.
fn failure(arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_flowdock-inbox"))
        .args(arguments)
        .env("FLOWDOCK_INBOX_LISTEN", "127.0.0.1:0")
        .envs(environment.iter().copied())
        .output()
        .expect("the binary runs");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

#[test]
fn help_shows_no_value_that_came_from_a_file() {
    let values = [
        ("FLOWDOCK_INBOX_LISTEN", "127.0.0.1:4401"),
        ("FLOWDOCK_INBOX_PUBLIC_URL", "https://secretword.example"),
        ("FLOWDOCK_INBOX_ALLOW_HOST", "secretword.example"),
        ("FLOWDOCK_INBOX_TRUSTED_PROXY", "192.0.2.1"),
        ("FLOWDOCK_INBOX_DATA", "secretword.sqlite"),
        ("FLOWDOCK_INBOX_DATABASE_URL", "postgres://me:secretword@host/inbox"),
        ("FLOWDOCK_INBOX_LISTEN_URL", "postgres://me:secretword@host/inbox"),
        ("FLOWDOCK_INBOX_COPY_FROM", "postgres://me:secretword@host/inbox"),
        ("FLOWDOCK_INBOX_COPY_TO", "postgres://me:secretword@host/inbox"),
        ("FLOWDOCK_INBOX_KEEP_DAYS", "91"),
        ("FLOWDOCK_INBOX_WWW", "secretword"),
        ("FLOWDOCK_INBOX_ADMIN", "127.0.0.1:9401"),
        ("FLOWDOCK_INBOX_LOG_FORMAT", "json"),
        ("FLOWDOCK_INBOX_LOG_LEVEL", "error"),
        ("FLOWDOCK_INBOX_DRAIN_DELAY", "6"),
        ("FLOWDOCK_INBOX_STOP_TIMEOUT", "21"),
        ("FLOWDOCK_INBOX_JSON", "true"),
        ("FLOWDOCK_INBOX_SECRETS_FILE", "secretword.json"),
        ("FLOWDOCK_INBOX_TOKEN_LIFETIME", "7201"),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let files = values.map(|(name, value)| (format!("{name}_FILE"), write(&folder.path().join(name), value)));
    let mut named = BTreeSet::new();
    for command in [None, Some("backup"), Some("restore"), Some("copy"), Some("migrate"), Some("check")] {
        let help = Command::new(env!("CARGO_BIN_EXE_flowdock-inbox"))
            .args(command)
            .arg("--help")
            .envs(files.iter().map(|(name, file)| (name, file)))
            .output()
            .expect("the binary runs");
        let help = String::from_utf8(help.stdout).expect("UTF-8");
        assert!(!help.contains("secretword"), "{command:?}: {help}");
        for (_, value) in values {
            assert!(!help.contains(&format!("[default: {value}]")), "{command:?}: {help}");
        }
        let names = help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next());
        named.extend(names.map(str::to_owned));
    }
    assert_eq!(named, values.map(|(name, _)| name.to_owned()).into(), "this test knows every variable");
}

#[test]
fn a_place_on_the_command_line_comes_before_another_one_in_the_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let data = data.to_str().expect("UTF-8");
    let url = "postgres://me:secretword@127.0.0.1:1/inbox";
    let url_file = write(&folder.path().join("url"), url);
    let data_file = write(&folder.path().join("data"), data);
    let pooled = ("FLOWDOCK_INBOX_LISTEN_URL", "none");
    for environment in [
        &[("FLOWDOCK_INBOX_DATABASE_URL", url)][..],
        &[("FLOWDOCK_INBOX_DATABASE_URL_FILE", &*url_file)],
        &[("FLOWDOCK_INBOX_DATABASE_URL_FILE", &*url_file), pooled],
    ] {
        let (process, ready) = start(&["--data", ":memory:"], environment);
        assert!(ready["url"].is_string(), "{environment:?}");
        end(process);
    }
    for variable in [("FLOWDOCK_INBOX_DATA", data), ("FLOWDOCK_INBOX_DATA_FILE", &*data_file)] {
        let (status, error) = failure(&["--database-url", url], &[variable, pooled]);
        assert_eq!(status, Some(1), "{error}");
        assert!(error.contains("the database inbox at 127.0.0.1") && !Path::new(data).exists(), "{error}");
    }
}

#[test]
fn two_places_that_have_the_same_rank_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = "postgres://me:secretword@127.0.0.1:1/inbox";
    let url_file = write(&folder.path().join("url"), url);
    let data_file = write(&folder.path().join("data"), ":memory:");
    for (data, database) in [
        (("FLOWDOCK_INBOX_DATA", ":memory:"), ("FLOWDOCK_INBOX_DATABASE_URL", url)),
        (("FLOWDOCK_INBOX_DATA", ":memory:"), ("FLOWDOCK_INBOX_DATABASE_URL_FILE", &*url_file)),
        (("FLOWDOCK_INBOX_DATA_FILE", &*data_file), ("FLOWDOCK_INBOX_DATABASE_URL", url)),
        (("FLOWDOCK_INBOX_DATA_FILE", &*data_file), ("FLOWDOCK_INBOX_DATABASE_URL_FILE", &*url_file)),
    ] {
        let (status, error) = failure(&[], &[data, database]);
        assert_eq!(status, Some(2), "{error}");
        let hint = format!("{} and {} are both set", data.0, database.0);
        assert!(error.contains(&hint) && !error.contains("secretword"), "{error}");
        // The hint works: an empty variable is one that is not set.
        let (status, error) = failure(&[], &[(data.0, ""), database]);
        assert_eq!(status, Some(1), "{error}");
        assert!(error.contains("the database inbox at 127.0.0.1"), "{error}");
    }
    let (status, error) = failure(&["--data", ":memory:", "--database-url", url], &[]);
    assert_eq!(status, Some(2), "{error}");
    assert!(error.contains("--data") && error.contains("--database-url"), "{error}");
}

#[test]
fn a_url_to_listen_at_needs_a_database_which_a_file_may_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let url_file = write(&folder.path().join("url"), "postgres://127.0.0.1:1/inbox");
    let none = write(&folder.path().join("none"), "none");
    for variable in [("FLOWDOCK_INBOX_LISTEN_URL", "none"), ("FLOWDOCK_INBOX_LISTEN_URL_FILE", &*none)] {
        let (status, error) = failure(&[], &[variable, ("FLOWDOCK_INBOX_DATABASE_URL_FILE", &*url_file)]);
        assert_eq!(status, Some(1), "{error}");
        assert!(error.contains("the database inbox at 127.0.0.1"), "{error}");
        let (status, error) = failure(&[], &[variable, ("FLOWDOCK_INBOX_DATA", ":memory:")]);
        assert_eq!(status, Some(2), "{error}");
        assert!(error.contains("--listen-url") && error.contains("--database-url"), "{error}");
    }
}

#[test]
fn a_backup_of_a_database_is_the_work_of_its_own_programs() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = "postgres://me:secretword@db.example.org/inbox";
    let url_file = write(&folder.path().join("url"), url);
    let copy = folder.path().join("copy.sqlite");
    let copy = copy.to_str().expect("UTF-8");
    for variable in [("FLOWDOCK_INBOX_DATABASE_URL", url), ("FLOWDOCK_INBOX_DATABASE_URL_FILE", &*url_file)] {
        for command in ["backup", "restore"] {
            let (status, error) = failure(&[command, copy], &[("FLOWDOCK_INBOX_DATA", ""), variable]);
            assert_eq!(status, Some(1), "{error}");
            assert!(error.contains("the database inbox at db.example.org:5432"), "{error}");
            assert!(error.contains("pg_dump") && !error.contains("secretword"), "{error}");
            // Whoever names a data file means it.
            let (_, error) = failure(&[command, copy, "--data", &format!("{copy}.data")], &[variable]);
            assert!(error.contains("copy.sqlite") && !error.contains("pg_dump"), "{error}");
        }
    }
}
