//! Holds the arrows of the crate: a module uses what stands below it in the house, and no two modules use each other.
//!
//! The rules:
//!
//! - A *room* is a module that `src/lib.rs` declares. Each has a floor in [`HOUSE`]. A room uses rooms of its own floor and of those
//!   below it. `src/lib.rs` is the roof: it names everything, and what it re-exports counts as the room that it comes from.
//! - No files use each other in a circle, inside a room or across rooms.
//! - A re-export is followed to the file that defines the name. So a `mod.rs` that only declares and re-exports uses nothing, and
//!   nothing uses it. A `mod.rs` that defines something is a file like any other: a child that uses `super::X`, defined there,
//!   points at it, and code in it that uses a child points at the child.
//! - Uses are the paths in the code, those in macros included. Methods and fields that are called without a path are not seen.
//! - What is compiled for tests alone may use everything.

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use modules::{Arrows, Crate, Name};

/// The floors of the house, the lowest first, as in the drawing of ARCHITECTURE.md.
const HOUSE: &[&[&str]] = &[
    &["error"],
    &["steps", "bytes", "text"],
    &["json"],
    &["html"],
    &["schema"],
    &["validate"],
    &["encode"],
    &["message"],
    &["http"],
    &["client", "setup", "action"],
    &["ffi"],
    &["fetch"],
];

/// An arrow that is wrong and known: from, to, and why it is still there.
type Exception = (&'static str, &'static str, &'static str);

/// An exception that nothing needs any more fails the test.
const EXCEPTIONS: &[Exception] = &[];

/// What is wrong with the arrows of a crate, in sentences.
fn faults(krate: &Crate, exceptions: &[Exception]) -> Vec<String> {
    let mut arrows = krate.arrows();
    let mut faults = Vec::new();
    for (from, to, _) in exceptions {
        let known = arrows.get_mut(&name(from)).is_some_and(|used| used.remove(&name(to)));
        if !known {
            faults.push(format!("no exception is needed for {from} -> {to}"));
        }
    }
    let floor = |room: &str| HOUSE.iter().position(|rooms| rooms.contains(&room));
    faults.extend(krate.rooms().filter(|room| floor(room).is_none()).map(|room| format!("{room} has no floor")));
    for (from, used) in &arrows {
        for to in used.iter().filter(|to| floor(&to[0]) > floor(&from[0])) {
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

/// The files that lead back to themselves, those of one circle together.
fn circles(arrows: &Arrows) -> BTreeSet<BTreeSet<Name>> {
    let reached: BTreeMap<&Name, BTreeSet<&Name>> = arrows.keys().map(|from| (from, reach(arrows, from))).collect();
    let around = |from: &Name| -> BTreeSet<Name> {
        let back = |to: &&&Name| reached.get(**to).is_some_and(|onward| onward.contains(from));
        reached[from].iter().filter(back).map(|to| (*to).clone()).collect()
    };
    arrows.keys().map(around).filter(|circle| !circle.is_empty()).collect()
}

/// The files that a file uses, and that those use, and so on.
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
fn the_crate_has_its_arrows_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/lib.rs");
    let faults = faults(&Crate::read(&root), EXCEPTIONS);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The faults of a small crate.
fn faults_of(files: &[(&str, &str)]) -> Vec<String> {
    let text = |path: &[String]| {
        let path = path.join("/");
        files.iter().find(|(name, _)| *name == path).unwrap_or_else(|| panic!("no {path}")).1.to_owned()
    };
    faults(&Crate::from(&text), &[])
}

#[test]
fn what_points_down_is_right() {
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
fn what_points_up_is_found_however_it_is_written() {
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
fn a_circle_is_found_through_re_exports_and_across_rooms() {
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
fn a_child_and_the_file_above_it_are_a_circle_where_each_uses_the_other() {
    let child = ("schema/rules", "use super::Rule; pub struct Rules(Vec<Rule>);");
    let found = |above: &str| faults_of(&[("", "mod schema;"), ("schema", above), child]);
    assert_eq!(found("mod rules; pub use rules::Rules; pub struct Rule;"), Vec::<String>::new());
    let circle = ["a circle: schema -> schema/rules, schema/rules -> schema"];
    assert_eq!(found("mod rules; pub use rules::Rules; pub struct Rule; pub struct Object(Rules);"), circle);
    assert_eq!(found("mod rules; use rules::Rules; pub struct Rule;"), circle);
    assert_eq!(found("mod rules; pub struct Rule; fn x() { rules::read() }"), circle);
}

#[test]
fn a_room_needs_a_floor_and_an_exception_a_reason_to_be() {
    assert_eq!(faults_of(&[("", "mod attic;"), ("attic", "")]), ["attic has no floor"]);
    let text = |path: &[String]| if path.is_empty() { "mod error;".to_owned() } else { String::new() };
    let found = faults(&Crate::from(&text), &[("error", "html", "gone")]);
    assert_eq!(found, ["no exception is needed for error -> html"]);
}
