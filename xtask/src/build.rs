//! Makes the npm package in `target/pkg`: the WebAssembly module, its glue, and what stands in `pkg-template/`.

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

pub fn build() -> Done {
    setup::wasm_target()?;
    setup::npm_packages()?;
    generate::write()?;
    let wasm = compile("npm")?;
    let package = package();
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    copy_folder(&root().join("pkg-template"), &package)?;
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        fs::copy(root().join(file), package.join(file))?;
    }
    // TypeScript wants declarations of its own for `require`; they say the same.
    fs::copy(package.join("index.d.ts"), package.join("index.d.cts"))?;
    manifest(&package)?;
    glue(&wasm, &package)?;
    let folder = package.display().to_string();
    run("finishing the package (esbuild)", &mut command("node", &["xtask/package.mjs", &folder]))
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
    let alone = root().join("target/alone");
    fs::create_dir_all(&alone)?;
    glue(&compile("npm-check")?, &alone)?;
    let [package, alone] = [package(), alone].map(|folder| folder.display().to_string());
    run("sizes", &mut command("node", &["xtask/sizes.mjs", &package, &alone]))
}

/// The module as the compiler leaves it.
fn compile(features: &str) -> Done<PathBuf> {
    let what = ["rustc", "--package", "flowdock-integration", "--lib", "--features", features];
    // As a cdylib alone: where a library is built as an rlib as well, cargo leaves link time optimisation out, and the
    // module becomes a third larger.
    let how = ["--crate-type", "cdylib", "--profile", "wasm", "--target", WASM_TARGET];
    run("compiling to WebAssembly", &mut command("cargo", &[what.as_slice(), how.as_slice()].concat()))?;
    Ok(cargo_target().join(WASM_TARGET).join("wasm/flowdock_integration.wasm"))
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

/// wasm-bindgen's glue, and the module made small.
fn glue(wasm: &Path, package: &Path) -> Done {
    let folder = root().join("target/glue");
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name("core").bundler(true)?.typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(&folder)?;
    fs::copy(folder.join("core_bg.js"), package.join("core.js"))?;
    let from = folder.join("core_bg.wasm").display().to_string();
    let to = package.join("core.wasm").display().to_string();
    let arguments = ["node_modules/binaryen/bin/wasm-opt", &from, "-O3", "--output", &to];
    run("making the module small (wasm-opt)", &mut command("node", &arguments))
}

/// The version is the crate's.
fn manifest(package: &Path) -> Done {
    let path = package.join("package.json");
    let mut manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    manifest["version"] = env!("CARGO_PKG_VERSION").into();
    Ok(fs::write(&path, format!("{manifest:#}\n"))?)
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
