//! Times the package and its alternatives, the core on the host, and the inbox.

use std::path::{PathBuf, absolute};

use crate::build::build;
use crate::demo;
use crate::postgres::{Durability, Postgres};
use crate::run::{Done, cargo_target, command, run};
use crate::setup;

/// What is timed instead of the package.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Subject {
    /// The inbox: posts and streams.
    Inbox,
    /// The page in Chromium: messages that arrive, scrolling, many threads.
    Page,
}

/// Times the inbox. FLOWDOCK_OTHER_INBOX may name the program of another version, which is timed beside it.
pub fn inbox() -> Done {
    setup::npm_packages()?;
    let postgres = Postgres::start(setup::postgres()?, Durability::Machine)?;
    let load = ["bench", "--package", "flowdock-inbox", "--bench", "load"];
    run("timing the inbox, about ten minutes", command("cargo", &load).envs(postgres.variables()))
}

/// Times the page of an inbox in Chromium.
pub fn page() -> Done {
    let page = demo::build_page()?;
    run("compiling the inbox", &mut command("cargo", &["build", "--release", "--package", "flowdock-inbox"]))?;
    let mut bench = command("node", &["bench/page.mjs"]);
    bench.env("CHROME", setup::chromium()?).env("FLOWDOCK_PAGE", page);
    run(
        "timing the page, about two minutes",
        bench.env("FLOWDOCK_INBOX", cargo_target().join("release/flowdock-inbox")),
    )
}

pub fn bench(quick: bool, docs: bool, json: Option<PathBuf>) -> Done {
    build()?;
    let chromium = setup::chromium()?;
    let mut main = command("node", &["bench/main.mjs"]);
    main.args(quick.then_some("--quick")).args(docs.then_some("--docs"));
    if let Some(file) = json {
        // The command runs in the repository's folder, so a path relative to the caller's folder is made absolute.
        main.arg("--json").arg(absolute(file)?);
    }
    run("timing the package", main.env("CHROME", chromium))?;
    if quick {
        return Ok(());
    }
    let short = ["--warm-up-time", "0.5", "--measurement-time", "1", "--noplot"];
    let core = ["bench", "--package", "flowdock-integration", "--bench", "core", "--"];
    run("timing the core on the host", &mut command("cargo", &[core.as_slice(), short.as_slice()].concat()))
}
