//! Checks the JavaScript as the Rust code is checked: formatting and lints by Biome, types by tsc.

use std::path::PathBuf;

use crate::run::{Done, command, root, run};
use crate::setup;

/// What tsc checks, by configuration: they differ in what there is to call.
const PROJECTS: [(&str, &str); 4] = [
    ("the package, the page and the extension", "tsconfig.web.json"),
    ("the workers", "tsconfig.workers.json"),
    ("the tools", "tsconfig.node.json"),
    ("the tests and the benchmark", "tsconfig.tests.json"),
];

/// Files of the package whose types are to come, since they are being rewritten. tsc looks into them all the same, where another
/// file imports them; `exclude` of a configuration cannot help that. Who rewrites one takes its name off.
const TO_COME: [&str; 8] =
    ["call.js", "cancels.js", "client.js", "exchange.js", "frame.js", "line.js", "post-all.js", "post.js"];

pub fn check() -> Done {
    setup::npm_packages()?;
    let biome = script("@biomejs/biome/bin/biome");
    run(
        "formatting and lints of the JavaScript (Biome)",
        command("node", &[]).arg(biome).args(["ci", "--error-on-warnings", "."]),
    )?;
    for (what, configuration) in PROJECTS {
        types(&format!("types of the JavaScript: {what} (tsc)"), configuration)?;
    }
    Ok(())
}

fn types(step: &str, configuration: &str) -> Done {
    println!("==> {step}");
    let mut tsc = command("node", &[]);
    tsc.arg(script("typescript/bin/tsc")).args(["--project", configuration, "--pretty", "false"]);
    let output = tsc.output().map_err(|error| format!("{step}: {error}"))?;
    let report = String::from_utf8_lossy(&output.stdout);
    let found = without_those_to_come(&report);
    if found.is_empty() && (output.status.success() || !report.is_empty()) {
        return Ok(());
    }
    // Without a report, tsc itself has failed.
    Err(format!("{step}:\n{found}{}", String::from_utf8_lossy(&output.stderr)).into())
}

/// A script of an npm package.
fn script(name: &str) -> PathBuf {
    root().join("node_modules").join(name)
}

/// The diagnostics that count. One is a line that begins with its file, and lines of more that are indented.
fn without_those_to_come(report: &str) -> String {
    let mut counts = true;
    let mut kept = String::new();
    for line in report.lines() {
        if !line.starts_with(' ') {
            counts = !is_to_come(line);
        }
        if counts {
            kept += line;
            kept.push('\n');
        }
    }
    kept
}

fn is_to_come(line: &str) -> bool {
    let file = line.split('(').next().unwrap_or_default();
    let name = file.rsplit('/').next().unwrap_or_default();
    // Nobody wrote what the benchmark generates.
    file.starts_with("target/") || file.starts_with("pkg-template/") && TO_COME.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_to_come_are_passed_over() {
        let report = "pkg-template/src/post.js(1,2): error TS1: x\n  more of it\nwww/post.js(3,4): error TS2: y\n  more\n\
                      pkg-template/action.js(5,6): error TS3: z\nerror TS4: no such configuration\n";
        assert_eq!(
            without_those_to_come(report),
            "www/post.js(3,4): error TS2: y\n  more\npkg-template/action.js(5,6): error TS3: z\n\
             error TS4: no such configuration\n"
        );
    }
}
