//! Checks where the code of others comes from and what is published: licences, advisories and duplicates of crates, the
//! npm audit, the oldest compiler, the public API, and that the tarball is reproducible.

use std::fs;
use std::path::PathBuf;

use crate::run::{Done, command, output, root, run};
use crate::setup::WASM_TARGET;
use crate::{api, build, reproducible};

type Check = fn() -> Done;

/// Runs every check, and then fails with one line for each that failed. A check that cannot run fails.
pub fn supply() -> Done {
    let checks: [(&str, Check); 6] = [
        ("licences, sources and duplicates of the crates", || deny(&["licenses", "bans", "sources"])),
        ("advisories of the crates", advisories),
        ("npm's audit of the package", npm_audit),
        ("the oldest compiler", oldest_compiler),
        ("the public API", api::check),
        ("the same tarball at another path", || build::dist().and_then(|_| reproducible::check())),
    ];
    let mut failed = Vec::new();
    for (what, check) in checks {
        failed.extend(check().err().map(|error| format!("\n  {what}: {error}")));
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("the supply chain:{}", failed.concat()).into()) }
}

/// Installs a program of crates.io in `target/tools`, unless it is there in exactly this version. Returns its path.
pub fn tool(name: &str, version: &str) -> Done<PathBuf> {
    let folder = root().join("target/tools");
    let program = folder.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let found = output(&program.display().to_string(), &["--version"]).unwrap_or_default();
    if found.trim().rsplit(' ').next() != Some(version) {
        let what = format!("{name}@{version}");
        let root = folder.display().to_string();
        // Without optimisation: to compile takes longer than to run.
        let arguments = ["install", "--quiet", "--locked", "--debug", &what, "--root", &root];
        run(&format!("installing {what}, which takes minutes"), &mut command("cargo", &arguments))?;
    }
    Ok(program)
}

/// Checks the crates of Cargo.lock by deny.toml.
fn deny(checks: &[&str]) -> Done {
    let program = tool("cargo-deny", "0.20.2")?.display().to_string();
    let arguments = [&["--locked", "--workspace", "check", "--hide-inclusion-graph"], checks].concat();
    run(&format!("cargo-deny: {}", checks.join(", ")), &mut command(&program, &arguments))
}

fn advisories() -> Done {
    deny(&["advisories"])
        .map_err(|error| format!("{error}: an advisory, or no way to fetch RustSec's database from github.com").into())
}

/// Asks npm for advisories of what a user gets with the tarball.
fn npm_audit() -> Done {
    let tarball = build::tarball();
    if !tarball.is_file() {
        build::dist()?;
    }
    let folder = root().join("target/audit");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), "{ \"private\": true }\n")?;
    let install = ["install", "--package-lock-only", "--no-audit", "--no-fund", "--loglevel=error"];
    run("listing what the tarball installs", command("npm", &install).arg(&tarball).current_dir(&folder))?;
    let lock: serde_json::Value = serde_json::from_str(&fs::read_to_string(folder.join("package-lock.json"))?)?;
    // The user's own project and the package.
    let installed = lock["packages"].as_object().map_or(0, serde_json::Map::len);
    if installed != 2 {
        return Err(format!("the tarball installs {} other packages", installed.saturating_sub(2)).into());
    }
    run("npm audit", command("npm", &["audit", "--audit-level=low"]).current_dir(&folder))
        .map_err(|error| format!("{error}: an advisory, or the registry refused the question").into())
}

/// Compiles the crate with the oldest compiler that its manifest promises, for the host and for WebAssembly.
fn oldest_compiler() -> Done {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let (_, package) = manifest.split_once("\n[package]\n").ok_or("Cargo.toml has no package")?;
    let version = package.lines().find_map(|line| line.strip_prefix("rust-version = "));
    let version = format!("{}.0", version.ok_or("Cargo.toml has no rust-version")?.trim_matches('"'));
    let libraries = ["run", &version, "rustc", "--print", "target-libdir", "--target", WASM_TARGET];
    if output("rustup", &libraries).is_none_or(|libraries| !PathBuf::from(libraries.trim()).is_dir()) {
        let install = ["toolchain", "install", &version, "--profile", "minimal", "--target", WASM_TARGET];
        run(&format!("installing Rust {version}"), &mut command("rustup", &install))
            .map_err(|error| format!("{error}: Rust {version} could not be installed"))?;
    }
    let check = ["run", &version, "cargo", "check", "--locked", "--lib", "--package", "flowdock-integration"];
    for (what, more) in
        [("the crate", [].as_slice()), ("the client with fetch", &["--features", "fetch", "--target", WASM_TARGET])]
    {
        run(
            &format!("{what} with Rust {version}"),
            command("rustup", &[&check, more].concat()).env("CARGO_TARGET_DIR", root().join("target/oldest")),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_is_built_by_the_same_compiler() {
        let read = |file: &str| fs::read_to_string(root().join(file)).expect("a file");
        let toolchain = read("rust-toolchain.toml");
        let version = toolchain.lines().find_map(|line| line.strip_prefix("channel = ")).expect("a channel");
        let image = format!("/rust:{}-slim", version.trim_matches('"'));
        assert!(read("inbox/deploy/Containerfile").contains(&image), "{image}");
    }
}
