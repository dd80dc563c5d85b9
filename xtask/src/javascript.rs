//! Checks the JavaScript as the Rust code is checked: formatting and lints by Biome, types by tsc.

use crate::run::{Done, command, root, run};
use crate::setup;

/// What tsc checks, by configuration: they differ in what there is to call.
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
    Ok(())
}

/// Runs a script of an npm package.
fn node(step: &str, script: &str, arguments: &[&str]) -> Done {
    run(step, command("node", &[]).arg(root().join("node_modules").join(script)).args(arguments))
}
