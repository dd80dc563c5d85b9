//! Builds the documentation as one static site: the guides, the API reference of the npm package by TypeDoc, and that of
//! the crate by rustdoc. `xtask/site/` has its tools.

use std::fs;
use std::path::PathBuf;

use crate::generate;
use crate::run::{Done, command, root, run};
use crate::setup;

/// Builds the site in `target/site` and checks its links. Returns the path of its front page.
pub fn docs() -> Done<PathBuf> {
    setup::npm_packages()?;
    // The reference shows the types, which are generated from the rule table.
    generate::write()?;
    let [tools, rust, site] = [tools()?, rustdoc()?, root().join("target/site")].map(|path| path.display().to_string());
    run("building the site (TypeDoc)", &mut command("node", &["xtask/site/build.mjs", &tools, &rust, &site]))?;
    run("links of the site", &mut command("node", &["xtask/site/check-links.mjs", &site]))?;
    Ok(root().join("target/site/index.html"))
}

/// Installs TypeDoc in `target/site-tools`, and returns that folder. TypeDoc needs a TypeScript with a JavaScript API,
/// which the TypeScript of the repository has not. So it has a manifest and a lock file of its own.
fn tools() -> Done<PathBuf> {
    let folder = root().join("target/site-tools");
    fs::create_dir_all(&folder)?;
    let lock = "package-lock.json";
    let wanted = fs::read(root().join("xtask/site").join(lock))?;
    let is_installed = folder.join("node_modules/.package-lock.json").is_file();
    if is_installed && fs::read(folder.join(lock)).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    fs::copy(root().join("xtask/site/package.json"), folder.join("package.json"))?;
    fs::write(folder.join(lock), wanted)?;
    let what = ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"];
    run("installing TypeDoc (npm)", command("npm", &what).current_dir(&folder))?;
    Ok(folder)
}

/// Documents the crate, and returns the folder of the result. It is a folder of its own, because the usual one has the
/// other crates of the workspace as well.
fn rustdoc() -> Done<PathBuf> {
    let folder = root().join("target/rustdoc");
    let header = root().join("xtask/site/rust-header.html").display().to_string();
    let flags = ["--deny", "warnings", "--html-before-content", &header];
    let what = [
        "doc",
        "--package",
        "flowdock-integration",
        "--lib",
        "--no-deps",
        "--features",
        "outbox-sqlite",
        "--target-dir",
    ];
    run(
        "documenting the crate (rustdoc)",
        command("cargo", &what)
            .arg(&folder)
            // In this variable a path may contain spaces.
            .env("CARGO_ENCODED_RUSTDOCFLAGS", flags.join("\x1f")),
    )?;
    Ok(folder.join("doc"))
}
