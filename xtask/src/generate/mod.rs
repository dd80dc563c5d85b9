//! Generates committed files. The TypeScript types, the JSON Schema and the rule reference come from the rule table;
//! the table of lower-case letters comes from Rust's standard library.

mod json_schema;
mod lower_case;
mod rules;
mod types;

use std::fs;

use flowdock_integration::schema::Object;

use crate::run::{Done, root};

/// The name of an object's type inside the type `holder`. If the rules of an object depend on the column that its
/// holder selects, the object has a type of its own in each holder, whose name begins with the holder's.
fn type_name(object: &Object, column: usize, holder: &str) -> String {
    let differs = object.rules.iter().any(|rule| rule.need(column) != rule.need(0));
    if object.tag.is_none() && differs { format!("{holder}{}", object.name) } else { object.name.to_owned() }
}

/// All generated files: the path in the repository, and the whole text.
fn files() -> Done<Vec<(&'static str, String)>> {
    const TYPES: &str = "pkg-template/index.d.ts";
    let schema = format!("{:#}\n", json_schema::json_schema());
    Ok(vec![
        (TYPES, types::complete(&fs::read_to_string(root().join(TYPES))?)?),
        ("pkg-template/schema.json", schema),
        ("docs/rules.md", rules::rules()),
        ("src/message/lower_case.rs", lower_case::lower_case()),
    ])
}

/// Writes all generated files.
pub fn write() -> Done {
    for (path, text) in files()? {
        let path = root().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // Writes only files that have changed, so that cargo builds nothing again without need.
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            println!("==> writing {}", path.display());
            fs::write(path, text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_files_are_those_that_the_generators_write() {
        for (path, text) in super::files().unwrap() {
            let committed = std::fs::read_to_string(crate::run::root().join(path)).unwrap_or_default();
            assert!(committed == text, "{path} is out of date: run `cargo xtask build` and commit it");
        }
    }
}
