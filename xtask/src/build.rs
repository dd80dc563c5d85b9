//! Makes the npm package in `target/pkg`: the two WebAssembly modules, and the bundles of what stands in `pkg-template/`.

use std::fs;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::generate;
use crate::run::{Done, cargo_target, command, root, run};
use crate::setup::{self, WASM_TARGET};

/// Where the package is put together.
pub fn package() -> PathBuf {
    root().join("target/pkg")
}

/// The package's WebAssembly modules, each a feature of the crate in `wasm/`.
const MODULES: [&str; 2] = ["core", "service"];

pub fn build() -> Done {
    setup::wasm_target()?;
    setup::npm_packages()?;
    generate::write()?;
    // What the bundles are made of, beside each other.
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
    for file in ["README.md", "index.d.ts", "schema.json"] {
        fs::copy(sources.join(file), package.join(file))?;
    }
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        fs::copy(root().join(file), package.join(file))?;
    }
    // TypeScript wants declarations of its own for `require`; they say the same.
    fs::copy(package.join("index.d.ts"), package.join("index.d.cts"))?;
    manifest(&sources, &package)?;
    let [sources, package] = [sources, package].map(|folder| folder.display().to_string());
    run("bundling (esbuild)", &mut command("node", &["xtask/package.mjs", &sources, &package]))
}

/// Packs the package as npm publishes it.
pub fn dist() -> Done<PathBuf> {
    build()?;
    let folder = root().join("target/dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let to = folder.display().to_string();
    run(
        "packing (npm pack)",
        command("npm", &["pack", "--loglevel=error", "--pack-destination", &to]).current_dir(package()),
    )?;
    Ok(folder.join(format!("flowdock-integration-{}.tgz", env!("CARGO_PKG_VERSION"))))
}

/// Holds the sizes of the built package against their budgets. For one of them, the module is built once more with nothing
/// in it but what checks and encodes.
pub fn sizes() -> Done {
    let alone = root().join("target/alone.wasm");
    module("check", &alone)?;
    let [package, alone] = [package(), alone].map(|path| path.display().to_string());
    run("sizes", &mut command("node", &["xtask/sizes.mjs", &package, &alone]))
}

/// A WebAssembly module with what a feature of the crate in `wasm/` exports, made small.
fn module(feature: &str, file: &Path) -> Done {
    let what = ["build", "--package", "flowdock-integration-wasm", "--features", feature];
    let how = ["--profile", "wasm", "--target", WASM_TARGET];
    let compile = &mut command("cargo", &[what.as_slice(), how.as_slice()].concat());
    run(&format!("compiling to WebAssembly ({feature})"), compile)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(cargo_target().join(WASM_TARGET).join("wasm/flowdock_integration_wasm.wasm"));
    bindgen.bundler(true)?.typescript(false).remove_name_section(true).remove_producers_section(true);
    let mut output = bindgen.generate_output()?;
    // Numbers alone cross, and `pkg-template/src/wasm/call.js` calls the exports as they are. What is there for wasm-bindgen's own glue goes,
    // and with it all that the module would import.
    let exports = &mut output.wasm_mut().exports;
    let glue: Vec<_> =
        exports.iter().filter(|export| export.name.starts_with("__")).map(|export| export.id()).collect();
    glue.into_iter().for_each(|export| exports.delete(export));
    let made = root().join(format!("target/bindgen-{feature}.wasm"));
    fs::write(&made, output.wasm_mut().emit_wasm())?;
    let [from, to] = [&made, file].map(|path| path.display().to_string());
    let arguments = ["node_modules/binaryen/bin/wasm-opt", &from, "-O3", "--strip-target-features", "--output", &to];
    run("making the module small (wasm-opt)", &mut command("node", &arguments))
}

/// The Rust client with fetch as a module for Node, from `examples/fetch.rs`.
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

/// The version is the crate's.
fn manifest(sources: &Path, package: &Path) -> Done {
    let template = fs::read_to_string(sources.join("package.json"))?;
    let mut manifest: serde_json::Value = serde_json::from_str(&template)?;
    manifest["version"] = env!("CARGO_PKG_VERSION").into();
    Ok(fs::write(package.join("package.json"), format!("{manifest:#}\n"))?)
}

/// Copies a folder but what was installed in it, which would hide what is to be tested.
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
