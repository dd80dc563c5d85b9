//! Checks which modules of the crate use each other. A module uses only modules of its own layer and of the layers
//! below, and no files use each other in a circle. An arrow points from a file to a file that it uses.
//!
//! The rules:
//!
//! - A top-level module is one that `src/lib.rs` declares. Each has a layer in [`LAYERS`], and uses only top-level
//!   modules of its own layer and of the layers below. `src/lib.rs` itself has no layer: it may use everything, and a
//!   name that it re-exports counts as part of the module that defines the name.
//! - No files use each other in a circle, whether they belong to one top-level module or to several.
//! - A re-export is followed to the file that defines the name. So a `mod.rs` that only declares and re-exports uses
//!   nothing, and nothing uses it. A `mod.rs` that defines something is a file like any other. If a child uses
//!   `super::X`, which the `mod.rs` defines, an arrow points from the child to the `mod.rs`. If code in the `mod.rs`
//!   uses a child, an arrow points to the child.
//! - A use is a path in the code or in the arguments of a macro. A method call or a field access without a path is not
//!   seen.
//! - Code that is compiled only for tests may use everything.

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use modules::{Arrows, Crate, Name};

/// The layers of top-level modules, the lowest first.
type Layers = &'static [&'static [&'static str]];

/// The layers of the crate `json/`.
const LAYERS_OF_JSON: Layers = &[&["steps"], &["bytes"], &["document"], &["read", "write"], &["position"], &["tests"]];

/// The layers of the core, as in the drawing of ARCHITECTURE.md. What `src/lib.rs` takes from the crate `json/` stands below all of them.
const LAYERS: Layers = &[
    &["error"],
    &["steps", "bytes", "json"],
    &["text"],
    &["html"],
    &["schema"],
    &["validate"],
    &["encode"],
    &["message"],
    &["http"],
    &["client", "setup", "action"],
    &["outbox"],
    &["ffi"],
    &["fetch"],
];

/// The layers of the inbox, as `inbox/src/lib.rs` lists them.
const LAYERS_OF_INBOX: Layers = &[
    &["clock", "logs", "metrics", "private_file", "secret", "tls", "variables", "web_url"],
    &["domain"],
    &["bell"],
    &["oauth", "actions"],
    &["store"],
    &["app", "http"],
    &["config"],
    &["announce", "housekeeping", "secrets_file", "stop"],
    &["start"],
    &["commands"],
];

/// A known wrong arrow: the file that uses, the file that is used, and the reason why the arrow still exists.
type Exception = (&'static str, &'static str, &'static str);

/// The known wrong arrows. An exception that is no longer needed fails the test.
const EXCEPTIONS: &[Exception] = &[];

/// The faults in the arrows of a crate, as sentences.
fn faults(krate: &Crate, layers: Layers, exceptions: &[Exception]) -> Vec<String> {
    let mut arrows = krate.arrows();
    let mut faults = Vec::new();
    for (from, to, _) in exceptions {
        let known = arrows.get_mut(&name(from)).is_some_and(|used| used.remove(&name(to)));
        if !known {
            faults.push(format!("no exception is needed for {from} -> {to}"));
        }
    }
    let layer = |module: &str| layers.iter().position(|modules| modules.contains(&module));
    faults.extend(
        krate
            .top_level_modules()
            .filter(|module| layer(module).is_none())
            .map(|module| format!("{module} has no layer")),
    );
    for (from, used) in &arrows {
        for to in used.iter().filter(|to| layer(&to[0]) > layer(&from[0])) {
            faults.push(format!("{} points up at {}", from.join("/"), to.join("/")));
        }
    }
    faults.extend(circles(&arrows).iter().map(|files| {
        let arrows_in = |file: &Name| {
            let used = arrows[file].intersection(files).map(|to| to.join("/"));
            format!("{} -> {}", file.join("/"), used.collect::<Vec<_>>().join(" + "))
        };
        format!("a circle: {}", files.iter().map(arrows_in).collect::<Vec<_>>().join(", "))
    }));
    faults
}

fn name(path: &str) -> Name {
    path.split('/').map(str::to_owned).collect()
}

/// The circles of arrows: for each circle, the set of its files.
fn circles(arrows: &Arrows) -> BTreeSet<BTreeSet<Name>> {
    let reached: BTreeMap<&Name, BTreeSet<&Name>> = arrows.keys().map(|from| (from, reach(arrows, from))).collect();
    let around = |from: &Name| -> BTreeSet<Name> {
        let back = |to: &&&Name| reached.get(**to).is_some_and(|onward| onward.contains(from));
        reached[from].iter().filter(back).map(|to| (*to).clone()).collect()
    };
    arrows.keys().map(around).filter(|circle| !circle.is_empty()).collect()
}

/// All files that a file uses, directly or through other files.
fn reach<'a>(arrows: &'a Arrows, from: &Name) -> BTreeSet<&'a Name> {
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<&Name> = arrows[from].iter().collect();
    while let Some(name) = ahead.pop() {
        if reached.insert(name) {
            ahead.extend(arrows.get(name).into_iter().flatten());
        }
    }
    reached
}

#[test]
fn the_crates_have_no_wrong_arrows() {
    for (root, layers) in
        [("../json/src/lib.rs", LAYERS_OF_JSON), ("../src/lib.rs", LAYERS), ("../inbox/src/lib.rs", LAYERS_OF_INBOX)]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
        let faults = faults(&Crate::read(&path), layers, EXCEPTIONS);
        assert!(faults.is_empty(), "{root}\n{}\n", faults.join("\n"));
    }
}

/// The faults of a crate with these files: the path of each module, and its text.
fn faults_of(files: &[(&str, &str)]) -> Vec<String> {
    let text = |path: &[String]| {
        let path = path.join("/");
        files.iter().find(|(name, _)| *name == path).unwrap_or_else(|| panic!("no {path}")).1.to_owned()
    };
    faults(&Crate::from(&text), LAYERS, &[])
}

#[test]
fn an_arrow_that_points_down_is_no_fault() {
    let found = faults_of(&[
        ("", "mod error; mod text; mod html; pub use html::Policy;"),
        ("error", "pub struct Code;"),
        ("text", "use std::fmt; pub fn join(error: crate::error::Code) -> fmt::Result { Ok(()) }"),
        ("html", "mod check; mod policy; pub use check::check; pub use policy::Policy;"),
        ("html/check", "use super::Policy; use crate::{error, text::join}; pub fn check(_: Policy, _: error::Code) {}"),
        ("html/policy", "pub struct Policy; #[cfg(test)] mod tests { use super::super::check; use crate::fetch; }"),
    ]);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn an_arrow_that_points_up_is_a_fault_however_the_use_is_written() {
    for use_of_html in [
        "use crate::html::Policy;",
        "use crate::Policy;",
        "use crate::{error::Code, html::{self as other}};",
        "use super::html;",
        "fn x() { crate::html::check(); }",
        "fn x(policy: &Option<crate::html::Policy>) {}",
        "fn x() { vec![(1, crate::html::check)]; }",
        "mod inner { use super::super::html::Policy; }",
        "use crate::html::*;",
        "#[cfg(any(test, feature = \"x\"))] use crate::html::Policy;",
    ] {
        let found = faults_of(&[
            ("", "mod error; mod text; mod html; pub use html::Policy;"),
            ("error", "pub struct Code;"),
            ("text", use_of_html),
            ("html", "pub struct Policy; pub fn check() {}"),
        ]);
        assert_eq!(found, ["text points up at html"], "{use_of_html}");
    }
}

#[test]
fn a_circle_is_found_through_re_exports_and_across_top_level_modules() {
    let found = faults_of(&[
        ("", "mod html;"),
        ("html", "mod a; mod b; mod c; pub use a::A; pub use b::B;"),
        ("html/a", "use super::B; pub struct A(B);"),
        ("html/b", "pub struct B; impl B { fn a() -> Option<super::c::C> { None } }"),
        ("html/c", "pub type C = crate::html::A;"),
    ]);
    assert_eq!(found, ["a circle: html/a -> html/b, html/b -> html/c, html/c -> html/a"]);
    let found = faults_of(&[
        ("", "mod client; mod setup;"),
        ("client", "pub fn post() { crate::setup::ask() }"),
        ("setup", "pub fn ask() { crate::client::post() }"),
    ]);
    assert_eq!(found, ["a circle: client -> setup, setup -> client"]);
}

#[test]
fn a_child_and_its_parent_file_are_a_circle_if_each_uses_the_other() {
    let child = ("schema/rules", "use super::Rule; pub struct Rules(Vec<Rule>);");
    let found = |above: &str| faults_of(&[("", "mod schema;"), ("schema", above), child]);
    assert_eq!(found("mod rules; pub use rules::Rules; pub struct Rule;"), Vec::<String>::new());
    let circle = ["a circle: schema -> schema/rules, schema/rules -> schema"];
    assert_eq!(found("mod rules; pub use rules::Rules; pub struct Rule; pub struct Object(Rules);"), circle);
    assert_eq!(found("mod rules; use rules::Rules; pub struct Rule;"), circle);
    assert_eq!(found("mod rules; pub struct Rule; fn x() { rules::read() }"), circle);
}

#[test]
fn a_module_without_a_layer_and_an_unneeded_exception_are_faults() {
    assert_eq!(faults_of(&[("", "mod attic;"), ("attic", "")]), ["attic has no layer"]);
    let text = |path: &[String]| if path.is_empty() { "mod error;".to_owned() } else { String::new() };
    let found = faults(&Crate::from(&text), LAYERS, &[("error", "html", "gone")]);
    assert_eq!(found, ["no exception is needed for error -> html"]);
}
