//! Checks the JavaScript: Biome checks formatting and lints, tsc checks types.

use crate::run::{Done, command, root, run};
use crate::setup;

/// The parts that tsc checks, each with its configuration. Each configuration declares the globals of its own
/// environment.
const PROJECTS: [(&str, &str); 4] = [
    ("the package, the page and the extension", "tsconfig.web.json"),
    ("the workers", "tsconfig.workers.json"),
    ("the tools", "tsconfig.node.json"),
    ("the tests and the benchmark", "tsconfig.tests.json"),
];

pub fn check() -> Done {
    setup::npm_packages()?;
    node(
        "formatting and lints of the JavaScript (Biome)",
        "@biomejs/biome/bin/biome",
        &["ci", "--error-on-warnings", "."],
    )?;
    for (what, configuration) in PROJECTS {
        let step = format!("types of the JavaScript: {what} (tsc)");
        node(&step, "typescript/bin/tsc", &["--project", configuration, "--pretty", "false"])?;
    }
    run("arrows of the page's modules", &mut command("node", &["--test", "xtask/page-arrows.test.mjs"]))
}

/// Runs a script of an installed npm package in Node.
fn node(step: &str, script: &str, arguments: &[&str]) -> Done {
    run(step, command("node", &[]).arg(root().join("node_modules").join(script)).args(arguments))
}
