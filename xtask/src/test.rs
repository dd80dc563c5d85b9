//! Checks everything. Each step says its name and its time; the first that fails ends the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::run::{Done, command, program, root, run};
use crate::setup::WASM_TARGET;
use crate::{build, demo, setup};

pub fn test(long: bool) -> Done {
    let start = Instant::now();
    setup::wasm_target()?;
    setup::npm_packages()?;
    let chromium = setup::chromium()?;
    let python = if long { Some(setup::python_client()?) } else { None };

    let cargo = |what: &str, arguments: &[&str]| run(what, &mut command("cargo", arguments));
    cargo("formatting", &["fmt", "--all", "--check"])?;
    cargo("lints of the host", &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
    let wasm = ["clippy", "--package", "flowdock-integration", "--lib", "--features", "npm", "--target", WASM_TARGET];
    cargo("lints of the WebAssembly build", &[&wasm, ["--", "--deny", "warnings"].as_slice()].concat())?;
    let fetch = ["clippy", "--package", "flowdock-integration", "--lib", "--example", "fetch", "--features", "fetch"];
    let fetch = [&fetch, ["--target", WASM_TARGET, "--", "--deny", "warnings"].as_slice()].concat();
    cargo("lints of the client with fetch", &fetch)?;
    cargo("tests of the crates", &["test", "--workspace"])?;
    run(
        "documentation",
        command("cargo", &["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"),
    )?;

    let fetch = build::fetch_example()?;
    let tarball = build::dist()?;
    build::sizes()?;
    // The tests of the crates have built it.
    let page = root().join("target/www");
    demo::page(&page)?;
    let consumer = consumer(&tarball)?;
    let node = |what: &str, arguments: &[&str]| {
        run(
            what,
            command("node", arguments)
                .current_dir(&consumer)
                .env("CHROME", &chromium)
                .env("FLOWDOCK_INBOX", program("flowdock-inbox"))
                .env("FLOWDOCK_PAGE", &page)
                .env("FLOWDOCK_FETCH", &fetch)
                .envs(long.then_some(("FLOWDOCK_LONG", "1")))
                .envs(python.as_ref().map(|python| ("FLOWDOCK_PYTHON", python))),
        )
    };
    let script = |name: &str| root().join("node_modules").join(name).display().to_string();
    let packed = tarball.display().to_string();
    node("the package's manifest (publint)", &[&script("publint/src/cli.js"), &packed, "--strict"])?;
    let types = ["--profile", "node16", "--no-color", "--exclude-entrypoints", "schema.json"];
    node(
        "the package's types by every resolution (attw)",
        &[&[script("@arethetypeswrong/cli/dist/index.js").as_str(), &packed], types.as_slice()].concat(),
    )?;
    for project in ["nodenext", "bundler"] {
        let project = format!("types/{project}.json");
        node(
            &format!("the package's types in use ({project})"),
            &[&script("typescript/bin/tsc"), "--project", &project],
        )?;
    }
    let suites = [
        ("the package in Node", "node"),
        ("the package in workerd", "runtimes"),
        ("the package and the page in Chromium", "browser"),
        ("a client of others, npm's flowdock", "foreign"),
    ];
    let with_python = python.as_ref().map(|_| ("a client of others, PyPI's flowdock-api-wrapper", "foreign/python"));
    for (what, tests) in suites.into_iter().chain(with_python) {
        let files = test_files(&consumer.join(tests))?;
        let files = files.iter().map(String::as_str);
        node(what, &["--test", "--test-reporter=spec"].into_iter().chain(files).collect::<Vec<_>>())?;
    }
    println!("\nAll of it holds: {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// The test files of a folder by name: Node 20 takes no pattern, Node 22 no folder.
fn test_files(folder: &Path) -> Done<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path().display().to_string();
        files.extend(path.ends_with(".test.js").then_some(path));
    }
    files.sort();
    Ok(files)
}

/// A project as a user has it: the tarball installed, and the tests beside it.
fn consumer(tarball: &Path) -> Done<PathBuf> {
    let folder = root().join("target/consumer");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for tests in ["node", "runtimes", "browser", "foreign", "types", "fixtures"] {
        build::copy_folder(&root().join("tests").join(tests), &folder.join(tests))?;
    }
    // The same once more as CommonJS.
    fs::copy(folder.join("types/use.ts"), folder.join("types/use.cts"))?;
    fs::copy(root().join("README.md"), folder.join("README.md"))?;
    fs::write(folder.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
    let arguments = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    let install: &mut Command = &mut command("npm", &arguments);
    run("installing the tarball as a user does", install.arg(tarball).current_dir(&folder))?;
    Ok(folder)
}
