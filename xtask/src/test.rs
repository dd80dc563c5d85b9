//! Checks everything. Each step prints its name and its duration. The first step that fails ends the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::Instant;

use crate::postgres::{self, Durability, Postgres};
use crate::run::{Done, command, program, root, run};
use crate::setup::WASM_TARGET;
use crate::{build, consumer, demo, docs, example, javascript, setup, supply};

pub fn test(long: bool) -> Done {
    let start = Instant::now();
    // The test of the demo's output runs this program. Asked for now: the tests of the crates may build it anew, and the file of this
    // process is gone then.
    let xtask = std::env::current_exe()?;
    setup::wasm_target()?;
    setup::npm_packages()?;
    let chromium = setup::chromium()?;
    let programs = setup::postgres()?;
    let old_postgres = long.then(setup::old_postgres).transpose()?;
    let pgbouncer = long.then(setup::pgbouncer).transpose()?;
    let python = if long { Some(setup::python_client()?) } else { None };
    let others = if long { Some(setup::other_runtimes()?) } else { None };

    let cargo = |what: &str, arguments: &[&str]| run(what, &mut command("cargo", arguments));
    cargo("formatting", &["fmt", "--all", "--check"])?;
    cargo("lints of the host", &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
    // Not among all targets, because it is not among the tests of `cargo test` alone.
    let needs_postgres = ["clippy", "--package", "flowdock-inbox", "--test", "postgres", "--", "--deny", "warnings"];
    cargo("lints of the tests that need PostgreSQL", &needs_postgres)?;
    for features in ["core", "service"] {
        let wasm =
            ["clippy", "--package", "flowdock-integration-wasm", "--features", features, "--target", WASM_TARGET];
        let wasm = [wasm.as_slice(), &["--", "--deny", "warnings"]].concat();
        cargo(&format!("lints of the WebAssembly build ({features})"), &wasm)?;
    }
    let fetch = ["clippy", "--package", "flowdock-integration", "--lib", "--example", "fetch", "--features", "fetch"];
    let fetch = [&fetch, ["--target", WASM_TARGET, "--", "--deny", "warnings"].as_slice()].concat();
    cargo("lints of the client with fetch", &fetch)?;
    javascript::check()?;
    run(
        "tests of the crates",
        // On SQLite, also where the environment names a PostgreSQL server.
        command("cargo", &["test", "--workspace"])
            .env_remove(postgres::URL)
            .envs(long.then_some(("FLOWDOCK_LONG", "1"))),
    )?;
    let inbox_on = |what: &str, postgres: &Postgres, long: bool| {
        let tests = ["test", "--package", "flowdock-inbox", "--test", "inbox", "--test", "postgres"];
        // The test that needs PgBouncer is ignored otherwise.
        let all: &[&str] = if long { &["--", "--include-ignored"] } else { &[] };
        run(
            what,
            command("cargo", &[&tests, all].concat())
                .envs(postgres.variables())
                .envs(long.then_some(("FLOWDOCK_LONG", "1")))
                .envs(pgbouncer.as_ref().map(|program| ("FLOWDOCK_TEST_PGBOUNCER", program))),
        )
    };
    // It runs until the end: the tests of the package use it too.
    let postgres = Postgres::start(programs, Durability::Process)?;
    inbox_on("tests of the inbox on PostgreSQL", &postgres, long)?;
    if let (Some(old), false) = (old_postgres, postgres.is_of_others()) {
        inbox_on("tests of the inbox on an older PostgreSQL", &Postgres::start(old, Durability::Process)?, false)?;
    }
    run(
        "documentation",
        command("cargo", &["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"),
    )?;

    let fetch = build::fetch_example()?;
    let tarball = build::dist()?;
    build::sizes()?;
    // The tests of the crates have built the inbox, which serves this page.
    let page = root().join("target/www");
    demo::page(&page)?;
    // The browser tests leave pictures of the page, to be looked at.
    let pictures = root().join("target/pictures");
    fs::create_dir_all(&pictures)?;
    let consumer = consumer(&tarball)?;
    let in_consumer = |what: &str, runtime: &str, arguments: &[&str]| {
        run(
            what,
            command(runtime, arguments)
                .current_dir(&consumer)
                .env("CHROME", &chromium)
                .env("FLOWDOCK_INBOX", program("flowdock-inbox"))
                .env("FLOWDOCK_PAGE", &page)
                .env("FLOWDOCK_FETCH", &fetch)
                .env("FLOWDOCK_XTASK", &xtask)
                .env("FLOWDOCK_PICTURES", &pictures)
                .envs(postgres.variables())
                .envs(long.then_some(("FLOWDOCK_LONG", "1")))
                .envs(python.as_ref().map(|python| ("FLOWDOCK_PYTHON", python))),
        )
    };
    let node = |what: &str, arguments: &[&str]| in_consumer(what, "node", arguments);
    let script = |name: &str| root().join("node_modules").join(name).display().to_string();
    let packed = tarball.display().to_string();
    node("the package's manifest (publint)", &[&script("publint/src/cli.js"), &packed, "--strict"])?;
    let types = [
        "--profile",
        "node16",
        "--no-color",
        "--exclude-entrypoints",
        "schema.json",
        "core.wasm",
        "service.wasm",
        "slim",
        "slim/outbox",
    ];
    node(
        "the package's types by every resolution (attw)",
        &[&[script("@arethetypeswrong/cli/dist/index.js").as_str(), &packed], types.as_slice()].concat(),
    )?;
    for project in ["nodenext", "bundler", "without-dom"] {
        let project = format!("tests/types/{project}.json");
        node(
            &format!("the package's types in use ({project})"),
            &[&script("typescript/bin/tsc"), "--project", &project],
        )?;
    }
    let mut suites = vec![
        ("the package in Node".to_owned(), "tests/node".to_owned()),
        ("the package in workerd, and one program in each runtime".to_owned(), "tests/runtimes".to_owned()),
        ("the package and the page in Chromium".to_owned(), "tests/browser".to_owned()),
        ("a client of others, npm's flowdock".to_owned(), "tests/foreign".to_owned()),
    ];
    if python.is_some() {
        suites.push(("a client of others, PyPI's flowdock-api-wrapper".to_owned(), "tests/foreign/python".to_owned()));
    }
    for name in example::names()? {
        suites.push((format!("the example {name}"), format!("examples/{name}/tests")));
    }
    for (what, tests) in suites {
        let files = test_files(&consumer.join(&tests))?;
        let files = files.iter().map(String::as_str);
        // Node waits for ever for a test file that does not end. With a time limit, it ends the file and names it.
        let limit = format!("--test-timeout={}", if long { 7_200_000 } else { 600_000 });
        // Node's default is one file fewer at a time than there are processors, which suits browsers. These files mostly wait.
        let processors = available_parallelism()?;
        let concurrency = (tests == "tests/node").then(|| format!("--test-concurrency={processors}"));
        let options = ["--test", "--test-reporter=spec", &limit].into_iter().chain(concurrency.as_deref());
        node(&what, &options.chain(files).collect::<Vec<_>>())?;
    }
    if let Some([deno, bun]) = others {
        // Some suites run only in Node: they measure Node's heap or depend on behaviour that the standards leave open.
        // Deno does not say why a connection failed, and Bun names the files of a form differently.
        let suites = ["action", "delivery", "html", "lanes", "rules", "setup", "values"];
        let suite = |name: &&str| format!("./tests/node/{name}.test.js");
        let in_deno: Vec<_> = suites.iter().chain(&["attachments"]).map(suite).collect();
        let in_bun: Vec<_> = suites.iter().chain(&["client", "post-all", "outbox-sql"]).map(suite).collect();
        let deno_arguments = ["test", "--allow-all", "--no-check", "--node-modules-dir=manual", "--quiet"];
        for (what, program, arguments, suites) in [
            ("the package in Deno", deno, deno_arguments.as_slice(), in_deno),
            // Bun ends a test after five seconds, which the long run exceeds. No test is judged by its time.
            ("the package in Bun", bun, &["test", "--timeout=600000"], in_bun),
        ] {
            let suites: Vec<_> = suites.iter().map(String::as_str).collect();
            in_consumer(what, &program.display().to_string(), &[arguments, &suites].concat())?;
        }
    }
    if long {
        docs::docs()?;
        supply::supply()?;
    }
    println!("\nAll of it holds: {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// The paths of the test files in a folder, sorted. The list is explicit because Node 20 accepts no pattern and Node 22
/// no folder.
fn test_files(folder: &Path) -> Done<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path().display().to_string();
        files.extend(path.ends_with(".test.js").then_some(path));
    }
    if files.is_empty() {
        // Without any file, Node would search for tests everywhere.
        return Err(format!("there are no tests in {}", folder.display()).into());
    }
    files.sort();
    Ok(files)
}

/// Installs the tarball as a user does, and copies the tests and the examples beside it.
fn consumer(tarball: &Path) -> Done<PathBuf> {
    let folder = root().join("target/consumer");
    consumer::install(&folder, tarball)?;
    consumer::add_its_users(&folder)?;
    // The types are tested in CommonJS files too.
    for name in ["use", "outbox"] {
        fs::copy(folder.join(format!("tests/types/{name}.ts")), folder.join(format!("tests/types/{name}.cts")))?;
    }
    Ok(folder)
}
