//! The settings that name a database.

use std::process::Output;

use crate::host::{Client, command, refused};
use crate::place::Database;
use crate::server::shared;

/// The output of the inbox for a command line that it does not understand.
fn misused(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output: Output = command(arguments).envs(environment.iter().copied()).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[test]
fn the_database_comes_from_the_command_line_the_environment_or_a_file() {
    let database = Database::on(&shared());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("url");
    std::fs::write(&file, format!("{}\n", database.url)).expect("written");
    let file = file.to_str().expect("UTF-8");
    let mut tokens: Option<Client> = None;
    for (arguments, environment) in [
        (&["--database-url", &database.url][..], None),
        (&[], Some(("FLOWDOCK_INBOX_DATABASE_URL", database.url.as_str()))),
        (&[], Some(("FLOWDOCK_INBOX_DATABASE_URL_FILE", file))),
    ] {
        let mut process = command(&["--listen", "127.0.0.1:0", "--json"])
            .args(arguments)
            .envs(environment)
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let stdout = process.stdout.as_mut().expect("stdout");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("a line");
        let client = Client::of(&serde_json::from_str(&line).expect("JSON"));
        let tokens = tokens.get_or_insert_with(|| client.clone());
        // Each start uses what the first has made.
        let client = Client::new(client.url, tokens.flow_token.clone(), tokens.api_token.clone());
        client.get("/flows").expect(200);
        process.kill().and_then(|()| process.wait()).expect("it runs");
    }
}

#[test]
fn a_database_and_a_file_exclude_each_other() {
    let error = misused(&["--database-url", "postgres://host/inbox", "--data", "inbox.sqlite"], &[]);
    assert!(error.contains("--database-url") && error.contains("--data"), "{error}");
}

#[test]
fn what_is_no_url_of_a_database_is_refused_and_no_password_is_shown() {
    for url in [
        "inbox",
        "mysql://me:secretword@host/inbox",
        "postgres://me:secretword@host",
        "postgres://me:secretword@host:x/inbox",
    ] {
        for error in
            [misused(&[&format!("--database-url={url}")], &[]), misused(&[], &[("FLOWDOCK_INBOX_DATABASE_URL", url)])]
        {
            assert!(error.contains("--database-url") && !error.contains("secretword"), "{error}");
        }
    }
    let arguments = ["--database-url", "postgres://host/inbox", "--listen-url", "postgres://me:secretword@host"];
    let error = misused(&arguments, &[]);
    assert!(error.contains("--listen-url") && !error.contains("secretword"), "{error}");
    let environment = [("FLOWDOCK_INBOX_DATABASE_URL", "postgres://me:secretword@host/inbox")];
    let help = command(&["--help"]).envs(environment).output().expect("the binary runs");
    assert!(!String::from_utf8_lossy(&help.stdout).contains("secretword"));
}

#[test]
fn a_database_that_is_not_that_of_an_inbox_is_refused() {
    let database = Database::on(&shared());
    database.connect().batch_execute("CREATE TABLE messages (id int)").expect("SQL runs");
    let error = refused(&["--listen", "127.0.0.1:0", "--database-url", &database.url]);
    assert!(error.contains(&database.name), "{error}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.connect().query_one(tables, &[]).expect("a row").get::<_, i64>(0), 1, "nothing was made");
}
