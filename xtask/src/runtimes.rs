//! Runs one program with the packed npm package in every environment that the documentation names, and prints a table.

use crate::run::{Done, command, program, root, run};
use crate::{build, consumer, setup};

/// Runs the environments whose names contain `only`. With `docs`, a whole table without a failure goes into
/// docs/runtimes.md.
pub fn runtimes(only: &str, docs: bool) -> Done {
    let tarball = build::dist()?;
    let chromium = setup::chromium()?;
    run("compiling the inbox", &mut command("cargo", &["build", "--package", "flowdock-inbox"]))?;
    // Installed once as a user does; each environment gets a copy.
    let folder = root().join("target/runtimes/package");
    consumer::install(&folder, &tarball)?;
    run(
        "one program in every environment",
        command("node", &["tests/runtimes/run.js", "--only", only])
            .args(docs.then_some("--docs"))
            .env("CHROME", chromium)
            .env("FLOWDOCK_INBOX", program("flowdock-inbox"))
            .env("FLOWDOCK_PACKAGE", folder.join("node_modules/flowdock-integration")),
    )
}
