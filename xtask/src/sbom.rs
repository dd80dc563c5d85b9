//! Writes a software bill of materials for each thing that is shipped: its parts, with versions and licences, in the
//! format of CycloneDX 1.6. It has no time and no serial number, so that it is reproducible. cargo-cyclonedx would put
//! paths of this machine into it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::run::{Done, output};
use crate::setup::WASM_TARGET;

/// The platform of the inbox's list. Other platforms need other crates for the operating system.
const INBOX_TARGET: &str = "x86_64-unknown-linux-gnu";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes the lists of the npm package and of the inbox into a folder.
pub fn write(folder: &Path) -> Done {
    let crates = Crates::read()?;
    let modules = ["--package", "flowdock-integration-wasm", "--features", "core,service", "--target", WASM_TARGET];
    let package = component("flowdock-integration", VERSION, "MIT OR Apache-2.0", Some("npm"));
    let inbox = ["--package", "flowdock-inbox", "--target", INBOX_TARGET];
    for (main, arguments) in [(Some(package), modules.as_slice()), (None, &inbox)] {
        let (name, list) = crates.list(main, arguments)?;
        fs::write(folder.join(format!("{name}-{VERSION}.cdx.json")), format!("{list:#}\n"))?;
    }
    Ok(())
}

/// The crates that Cargo.lock names, by name and version, as `cargo metadata` describes them.
struct Crates(BTreeMap<String, Value>);

impl Crates {
    fn read() -> Done<Self> {
        let metadata =
            output("cargo", &["metadata", "--format-version", "1", "--locked"]).ok_or("`cargo metadata` failed")?;
        let mut metadata: Value = serde_json::from_str(&metadata)?;
        let Value::Array(crates) = metadata["packages"].take() else { return Err("no packages".into()) };
        Ok(Self(
            crates
                .into_iter()
                .map(|entry| (format!("{} v{}", text(&entry, "name"), text(&entry, "version")), entry))
                .collect(),
        ))
    }

    /// The list of `main`, or of the crate itself that the arguments name, with all crates that are compiled into it:
    /// no build scripts, no procedural macros and no tools.
    fn list(&self, main: Option<Value>, arguments: &[&str]) -> Done<(String, Value)> {
        let how = ["tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", " {p}"];
        let tree = output("cargo", &[&how, arguments].concat()).ok_or("`cargo tree` failed")?;
        let mut components = BTreeMap::new();
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut parents: Vec<String> = main.iter().map(|main| text(main, "bom-ref").to_owned()).collect();
        let mut top = main;
        let above = parents.len();
        for line in tree.lines() {
            // A line is a depth, a name, a version, and perhaps a path or a mark.
            let mut words = line.split(' ');
            let (Some(depth), Some(name), Some(version)) = (words.next(), words.next(), words.next()) else {
                return Err(format!("`cargo tree` printed `{line}`").into());
            };
            let id = format!("{name} {version}");
            let found = self.0.get(&id).ok_or_else(|| format!("`cargo metadata` does not have {id}"))?;
            let mut found = describe(found)?;
            let reference = text(&found, "bom-ref").to_owned();
            parents.truncate(depth.parse::<usize>()? + above);
            if let Some(parent) = parents.last() {
                edges.entry(parent.clone()).or_default().insert(reference.clone());
            }
            parents.push(reference.clone());
            edges.entry(reference.clone()).or_default();
            match top {
                Some(_) => _ = components.insert(reference, found),
                None => {
                    found["type"] = "application".into();
                    top = Some(found);
                }
            }
        }
        let top = top.ok_or("`cargo tree` printed nothing")?;
        let name = text(&top, "name").to_owned();
        for other in [rust()?].into_iter().chain(self.sqlite(&components)?) {
            let reference = text(&other, "bom-ref").to_owned();
            edges.entry(text(&top, "bom-ref").to_owned()).or_default().insert(reference.clone());
            components.insert(reference, other);
        }
        let edges = edges.into_iter().map(|(from, to)| json!({ "ref": from, "dependsOn": to })).collect::<Vec<_>>();
        let list = json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": { "component": top },
            "components": components.into_values().collect::<Vec<_>>(),
            "dependencies": edges,
        });
        Ok((name, list))
    }

    /// SQLite, where a crate contains its source. It has a version of its own.
    fn sqlite(&self, components: &BTreeMap<String, Value>) -> Done<Option<Value>> {
        let Some(wrapper) = components.values().find(|component| component["name"] == "libsqlite3-sys") else {
            return Ok(None);
        };
        let id = format!("libsqlite3-sys v{}", text(wrapper, "version"));
        let manifest = self.0.get(&id).map(|entry| text(entry, "manifest_path")).unwrap_or_default();
        let header = fs::read_to_string(Path::new(manifest).with_file_name("sqlite3").join("sqlite3.h"))?;
        let version = header.lines().find_map(|line| line.strip_prefix("#define SQLITE_VERSION "));
        let version = version.ok_or("sqlite3.h has no version")?.trim().trim_matches('"');
        Ok(Some(component("sqlite", version, "blessing", None)))
    }
}

/// Rust's standard library, which is part of every program.
fn rust() -> Done<Value> {
    let rustc = output("rustc", &["--version"]).ok_or("`rustc --version` failed")?;
    let version = rustc.split(' ').nth(1).ok_or("`rustc --version` has no version")?;
    Ok(component("rust-std", version, "MIT OR Apache-2.0", None))
}

/// A crate as a component.
fn describe(entry: &Value) -> Done<Value> {
    let name = text(entry, "name");
    let license = entry["license"].as_str().ok_or_else(|| format!("the crate {name} names no licence"))?;
    let registry = entry["source"].is_string().then_some("cargo");
    // Older crates separate licences by a slash, which SPDX does not know.
    Ok(component(name, text(entry, "version"), &license.replace('/', " OR "), registry))
}

/// A component of the format. `registry` says where it can be found, if it is published.
fn component(name: &str, version: &str, license: &str, registry: Option<&str>) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": format!("{}/{name}@{version}", registry.unwrap_or("source")),
        "name": name,
        "version": version,
        "licenses": [{ "expression": license }],
    });
    if let Some(registry) = registry {
        // A plus sign in a URL must be escaped.
        component["purl"] = format!("pkg:{registry}/{name}@{}", version.replace('+', "%2B")).into();
    }
    component
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}
