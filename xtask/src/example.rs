//! Runs an example: installs the package as a user does, starts a new inbox and runs the example's `start.js`.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::inbox::{self, Inbox};
use crate::run::{Done, command, root};
use crate::{build, consumer, demo};

/// The names of the examples: the folders of `examples/` that have a manifest.
pub fn names() -> Done<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("examples"))? {
        let entry = entry?;
        names.extend(entry.path().join("package.json").is_file().then(|| entry.file_name().display().to_string()));
    }
    names.sort();
    Ok(names)
}

/// Prints the names and descriptions of all examples.
pub fn list() -> Done {
    for name in names()? {
        println!("{name:<20} {}", manifest(&name)?["description"].as_str().unwrap_or_default());
    }
    println!("\n`cargo xtask example NAME` starts one; examples/NAME/README.md says more.");
    Ok(())
}

pub fn example(name: &str, listen: &str) -> Done {
    let names = names()?;
    if !names.iter().any(|known| known == name) {
        return Err(format!("there is no example `{name}`, only {}", names.join(", ")).into());
    }
    let tarball = build::dist()?;
    inbox::build()?;
    // A folder for this process only, because another example may be running.
    let folder = root().join("target/example").join(std::process::id().to_string());
    consumer::install(&folder, &tarball)?;
    consumer::add_its_users(&folder)?;
    demo::page(&folder.join("www"))?;
    let shown = show(name, listen, &folder);
    fs::remove_dir_all(&folder)?;
    shown
}

/// Starts the inbox and the example, and waits until the example ends.
fn show(name: &str, listen: &str, folder: &Path) -> Done {
    // Ctrl-C also reaches the inbox and the example, which then end. The flag says that this end is no failure.
    let asked = Arc::new(AtomicBool::new(false));
    let handler = Arc::clone(&asked);
    ctrlc::set_handler(move || handler.store(true, Ordering::Relaxed))?;
    let mut inbox = Inbox::start(listen, &folder.join("www"), &folder.join("inbox.sqlite"))?;
    let Some(page) = inbox::page(&inbox.ready) else {
        return inbox.wait(listen);
    };
    let start = format!("examples/{name}/start.js");
    let mut example = command("node", &[&start])
        .current_dir(folder)
        .envs(inbox::variables(&inbox.ready))
        // What an example builds for other programs stays there until it is built again.
        .env("EXAMPLE_OUTPUT", root().join("target/example").join(name))
        .stdout(Stdio::piped())
        .spawn()?;
    println!();
    let relayed = example.stdout.take().map(|output| relay(BufReader::new(output), &mut io::stdout().lock(), &page));
    let status = example.wait();
    inbox.stop()?;
    let status = status?;
    relayed.transpose()?;
    if status.success() || asked.load(Ordering::Relaxed) {
        return Ok(());
    }
    Err(format!("`node {start}` ended with {status}").into())
}

/// The last line that every example prints.
const LAST: &str = "Ctrl-C ends it.";

/// Prints the lines of an example, and after its last line the address of the inbox's page: a person begins there, and need
/// not look for it above.
fn relay(lines: impl BufRead, out: &mut impl Write, page: &str) -> io::Result<()> {
    for line in lines.lines() {
        let line = line?;
        writeln!(out, "{line}")?;
        if line == LAST {
            writeln!(out, "\nThe inbox's page: {page}")?;
        }
        out.flush()?;
    }
    Ok(())
}

fn manifest(name: &str) -> Done<Value> {
    Ok(serde_json::from_str(&fs::read_to_string(root().join("examples").join(name).join("package.json"))?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_inbox_is_printed_last() {
        let mut out = Vec::new();
        relay("The worker listens\n\nCtrl-C ends it.\n".as_bytes(), &mut out, "http://a/#b").unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "The worker listens\n\nCtrl-C ends it.\n\nThe inbox's page: http://a/#b\n");
    }

    #[test]
    fn every_example_prints_the_line_after_which_the_address_comes() {
        for name in names().unwrap() {
            let start = fs::read_to_string(root().join("examples").join(&name).join("start.js")).unwrap();
            assert!(start.contains(&format!("\n{LAST}`);")), "examples/{name}/start.js");
        }
    }

    #[test]
    fn every_example_has_the_files_and_the_manifest_that_the_commands_need() {
        let names = names().unwrap();
        assert!(!names.is_empty());
        let root_manifest = fs::read_to_string(root().join("package.json")).unwrap();
        let installed: Value = serde_json::from_str(&root_manifest).unwrap();
        for name in names {
            let folder = root().join("examples").join(&name);
            for file in ["README.md", "start.js", "tests"] {
                assert!(folder.join(file).exists(), "examples/{name} has no {file}");
            }
            let manifest = manifest(&name).unwrap();
            assert_eq!(manifest["name"], name.as_str());
            assert_eq!(manifest["private"], true, "examples/{name} could be published");
            assert!(manifest["description"].is_string(), "examples/{name} has no description for the list");
            assert_eq!(manifest["dependencies"]["flowdock-integration"], env!("CARGO_PKG_VERSION"), "examples/{name}");
            for kind in ["dependencies", "devDependencies"] {
                for (package, version) in manifest[kind].as_object().into_iter().flatten() {
                    let ours = package == "flowdock-integration";
                    // An example runs with the packages that `npm ci` installs in the repository's folder.
                    assert!(ours || installed["devDependencies"][package] == *version, "examples/{name}: {package}");
                }
            }
        }
    }
}
