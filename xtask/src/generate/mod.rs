//! What is written by a program and committed: the TypeScript types, the JSON Schema and the rule reference, which come of the rule
//! table, and the table of lower-case letters.

mod json_schema;
mod lower_case;
mod rules;
mod types;

use std::fs;

use flowdock_integration::schema::Object;

use crate::run::{Done, root};

/// The name of an object's type where a type of that name holds it. An object that takes its column from there has a type
/// of its own where its rules are others than in the first column.
fn type_name(object: &Object, column: usize, holder: &str) -> String {
    let differs = object.rules.iter().any(|rule| rule.need(column) != rule.need(0));
    if object.tag.is_none() && differs { format!("{holder}{}", object.name) } else { object.name.to_owned() }
}

/// Everything that is generated: where it stands in the repository, and its whole text.
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

/// Writes the files anew.
pub fn write() -> Done {
    for (path, text) in files()? {
        let path = root().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // Only what has changed, so that nothing is built again for it.
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
    fn what_is_committed_is_what_the_rule_table_says() {
        for (path, text) in super::files().unwrap() {
            let committed = std::fs::read_to_string(crate::run::root().join(path)).unwrap_or_default();
            assert!(committed == text, "{path} is out of date: run `cargo xtask build` and commit it");
        }
    }
}
