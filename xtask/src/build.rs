//! Builds the npm package in `target/pkg`: the two WebAssembly modules, and the bundles of the JavaScript in
//! `pkg-template/`.

use std::fs;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::generate;
use crate::run::{Done, cargo_target, command, root, run};
use crate::setup::{self, WASM_TARGET};
use crate::{reproducible, sbom};

/// The folder of the built package.
pub fn package() -> PathBuf {
    root().join("target/pkg")
}

/// The package's WebAssembly modules. Each is a feature of the crate in `wasm/`.
const MODULES: [&str; 2] = ["core", "service"];

pub fn build() -> Done {
    setup::wasm_target()?;
    setup::npm_packages()?;
    generate::write()?;
    // The bundler reads everything from one folder, so `pkg-template/` and the WebAssembly modules are copied there.
    let (sources, package) = (root().join("target/sources"), package());
    for folder in [&sources, &package] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    fs::create_dir_all(&package)?;
    copy_folder(&root().join("pkg-template"), &sources)?;
    for name in MODULES {
        let file = format!("{name}.wasm");
        let made = sources.join("src/wasm").join(&file);
        module(name, &made)?;
        fs::copy(made, package.join(&file))?;
    }
    for file in [
        "index.d.ts",
        "slim.d.ts",
        "outbox.d.ts",
        "outbox-sql.d.ts",
        "outbox-postgres.d.ts",
        "outbox-idb.d.ts",
        "schema.json",
    ] {
        fs::copy(sources.join(file), package.join(file))?;
    }
    documents(&sources, &package)?;
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        fs::copy(root().join(file), package.join(file))?;
    }
    // TypeScript needs declaration files of their own for `require`. They differ only in the names of each other.
    for name in ["index", "outbox", "outbox-sql", "outbox-postgres", "outbox-idb"] {
        let declarations = fs::read_to_string(package.join(format!("{name}.d.ts")))?;
        fs::write(package.join(format!("{name}.d.cts")), declarations.replace(".js\";", ".cjs\";"))?;
    }
    manifest(&sources, &package)?;
    let [sources, package] = [sources, package].map(|folder| folder.display().to_string());
    run("bundling (esbuild)", &mut command("node", &["xtask/package.mjs", &sources, &package]))
}

/// The folder of the tarball and of what is published beside it.
pub fn dist_folder() -> PathBuf {
    root().join("target/dist")
}

/// The path of the tarball that `dist` makes.
pub fn tarball() -> PathBuf {
    dist_folder().join(format!("flowdock-integration-{}.tgz", env!("CARGO_PKG_VERSION")))
}

/// The guides and references that the package carries in its folder `docs`: a user has the package alone.
const DOCUMENTS: [&str; 14] = [
    "actions.md",
    "building-messages.md",
    "command-line.md",
    "errors.md",
    "html.md",
    "migration.md",
    "outbox.md",
    "posting.md",
    "rules.md",
    "runtimes.md",
    "setup.md",
    "testing.md",
    "values.md",
    "violations.md",
];

/// Writes the README and the documents of the package.
fn documents(sources: &Path, package: &Path) -> Done {
    let readme = fs::read_to_string(sources.join("README.md"))?;
    fs::write(package.join("README.md"), linked(&readme, "../docs/", "docs/"))?;
    fs::create_dir_all(package.join("docs"))?;
    for name in DOCUMENTS {
        let text = fs::read_to_string(root().join("docs").join(name))?;
        fs::write(package.join("docs").join(name), linked(&text, "", ""))?;
    }
    Ok(())
}

/// Rewrites the links of a document. A link to a document of the package begins with `from` and then with `to`. Of a link
/// to another file of the repository the text is left. Links to the web and within the document stay.
fn linked(text: &str, from: &str, to: &str) -> String {
    let mut pieces = text.split("](");
    let mut written = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (target, rest) = piece.split_once(')').unwrap_or((piece, ""));
        let name = target.strip_prefix(from).unwrap_or_default();
        let file = name.split('#').next().unwrap_or_default();
        if DOCUMENTS.contains(&file) {
            written.push_str(&format!("]({to}{name}){rest}"));
        } else if target.starts_with("https://") || target.starts_with('#') {
            written.push_str(&format!("]({piece}"));
        } else {
            if let Some(start) = written.rfind('[') {
                written.remove(start);
            }
            written.push_str(rest);
        }
    }
    written
}

/// Builds the package and packs it as npm publishes it. Returns the path of the tarball.
pub fn dist() -> Done<PathBuf> {
    build()?;
    reproducible::check_paths(&package())?;
    let folder = dist_folder();
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let to = folder.display().to_string();
    run(
        "packing (npm pack)",
        command("npm", &["pack", "--loglevel=error", "--pack-destination", &to]).current_dir(package()),
    )?;
    sbom::write(&folder)?;
    Ok(tarball())
}

/// Compares the sizes of the built package with their budgets. One budget is for a module that only checks and encodes,
/// which is built here.
pub fn sizes() -> Done {
    let alone = root().join("target/alone.wasm");
    module("check", &alone)?;
    let [package, alone] = [package(), alone].map(|path| path.display().to_string());
    run("sizes", &mut command("node", &["xtask/sizes.mjs", &package, &alone]))
}

/// Builds an optimised WebAssembly module with the exports of a feature of the crate in `wasm/`.
fn module(feature: &str, file: &Path) -> Done {
    let what = ["build", "--package", "flowdock-integration-wasm", "--features", feature];
    let how = ["--profile", "wasm", "--target", WASM_TARGET];
    let compile = &mut command("cargo", &[what.as_slice(), how.as_slice()].concat());
    compile.env("CARGO_ENCODED_RUSTFLAGS", reproducible::rust_flags());
    run(&format!("compiling to WebAssembly ({feature})"), compile)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(cargo_target().join(WASM_TARGET).join("wasm/flowdock_integration_wasm.wasm"));
    bindgen.bundler(true)?.typescript(false).remove_name_section(true).remove_producers_section(true);
    let mut output = bindgen.generate_output()?;
    // Only numbers cross the boundary, and `pkg-template/src/wasm/call.js` calls the exports directly. So the exports
    // for wasm-bindgen's own glue are removed, and with them all imports of the module.
    let exports = &mut output.wasm_mut().exports;
    let glue: Vec<_> =
        exports.iter().filter(|export| export.name.starts_with("__")).map(|export| export.id()).collect();
    glue.into_iter().for_each(|export| exports.delete(export));
    let made = root().join(format!("target/bindgen-{feature}.wasm"));
    fs::write(&made, output.wasm_mut().emit_wasm())?;
    let [from, to] = [&made, file].map(|path| path.display().to_string());
    let arguments = ["node_modules/binaryen/bin/wasm-opt", &from, "-O3", "--strip-target-features", "--output", &to];
    run("making the module small (wasm-opt)", &mut command("node", &arguments))?;
    let mut module = fs::read(file)?;
    module.extend(label(&format!("{feature} {}", env!("CARGO_PKG_VERSION"))));
    Ok(fs::write(file, module)?)
}

/// A custom section that says what a module is. By it `pkg-template/src/wasm/init.js` recognises the files.
fn label(text: &str) -> Vec<u8> {
    const NAME: &str = "flowdock-integration";
    // The kind of section is 0. Lengths below 128 are one byte.
    let length = |text: &str| u8::try_from(text.len()).expect("a short text");
    let section = [&[length(NAME)], NAME.as_bytes(), text.as_bytes()].concat();
    [&[0, u8::try_from(section.len()).expect("a short section")], section.as_slice()].concat()
}

/// Builds the Rust client with fetch, from `examples/fetch.rs`, as a module for Node. Returns its path.
pub fn fetch_example() -> Done<PathBuf> {
    let what = ["build", "--package", "flowdock-integration", "--example", "fetch", "--features", "fetch"];
    run(
        "compiling the client with fetch",
        &mut command("cargo", &[what.as_slice(), &["--target", WASM_TARGET]].concat()),
    )?;
    let folder = root().join("target/fetch");
    let mut bindgen = Bindgen::new();
    bindgen.input_path(cargo_target().join(WASM_TARGET).join("debug/examples/fetch.wasm"));
    bindgen.out_name("fetch").nodejs(true)?.typescript(false).generate(&folder)?;
    fs::write(folder.join("package.json"), "{ \"type\": \"commonjs\" }\n")?;
    Ok(folder.join("fetch.js"))
}

/// Writes the package's manifest with the version of the crate.
fn manifest(sources: &Path, package: &Path) -> Done {
    let template = fs::read_to_string(sources.join("package.json"))?;
    let mut manifest: serde_json::Value = serde_json::from_str(&template)?;
    manifest["version"] = env!("CARGO_PKG_VERSION").into();
    Ok(fs::write(package.join("package.json"), format!("{manifest:#}\n"))?)
}

/// Copies a folder without `node_modules`: a package installed there would be used instead of the one under test.
pub fn copy_folder(from: &Path, to: &Path) -> Done {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() == "node_modules" {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn a_link_leads_to_a_document_of_the_package_or_is_plain_text() {
        for (link, written) in [
            ("see [Errors](../docs/errors.md#network).", "see [Errors](docs/errors.md#network)."),
            ("see [the inbox](../docs/inbox.md), [here](#here)", "see the inbox, [here](#here)"),
            (
                "[Node](https://nodejs.org) and [an example](../examples/a/README.md)",
                "[Node](https://nodejs.org) and an example",
            ),
        ] {
            assert_eq!(linked(link, "../docs/", "docs/"), written);
        }
        assert_eq!(linked("[a](errors.md) [b](../README.md)", "", ""), "[a](errors.md) b");
    }
}
