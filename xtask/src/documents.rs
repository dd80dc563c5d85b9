//! Tests every document: its links lead to something, a reader can reach it from the README, and its code runs as a
//! test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use flowdock_integration::{Code, ErrorCode};

use crate::run::root;

/// The documents whose JavaScript `tests/node/documents.test.js` runs, besides all documents in `docs/`.
const RUN_IN_NODE: &[&str] = &["README.md", "pkg-template/README.md"];
/// The languages that a block of code may name. Only `js` and `rust` blocks run. JavaScript under another name, such as
/// `javascript`, would not run, so it is refused.
const LANGUAGES: &[&str] = &["html", "js", "json", "rust", "rust,no_run", "sh", "text", "toml"];
/// How a block begins that is a file for a bundler or for a runtime other than Node. `tests/node/documents.test.js`
/// bundles it.
const FILES: [&str; 2] = ["js bundle", "jsx bundle"];

/// All documents of the repository: the path from the root, and the text.
fn documents() -> BTreeMap<PathBuf, String> {
    let mut documents = BTreeMap::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_made = name.starts_with('.') || matches!(name.as_str(), "target" | "node_modules" | "build");
            if path.is_dir() && !is_made {
                folders.push(path);
            } else if name.ends_with(".md") {
                let text = fs::read_to_string(&path).expect("a document");
                documents.insert(path.strip_prefix(root()).expect("below the root").to_owned(), text);
            }
        }
    }
    documents
}

/// Splits a document into the lines outside blocks of code and the language of each block.
fn split(text: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut prose, mut languages, mut in_code) = (Vec::new(), Vec::new(), false);
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            in_code = !in_code;
            languages.extend(in_code.then_some(language));
        } else if !in_code {
            prose.push(line);
        }
    }
    (prose, languages)
}

/// The targets of the links in a document.
fn links(text: &str) -> Vec<&str> {
    let (prose, _) = split(text);
    let links = prose.into_iter().flat_map(|line| line.split("](").skip(1));
    links.filter_map(|rest| rest.split(')').next()).collect()
}

/// The anchors that GitHub makes of the headings of a document.
fn anchors(text: &str) -> Vec<String> {
    let (prose, _) = split(text);
    let headings = prose.into_iter().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let letters = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = letters.chars().filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
        kept.map(|char| if char == ' ' { '-' } else { char }).collect()
    };
    headings.map(anchor).collect()
}

/// Resolves a link in a document to a path from the root of the repository.
fn resolve(document: &Path, link: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for component in document.parent().unwrap_or(Path::new("")).join(link).components() {
        match component {
            Component::ParentDir => drop(path.pop()),
            component => path.push(component),
        }
    }
    path
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let documents = documents();
    let (mut broken, mut followed) = (Vec::new(), 0);
    for (document, text) in &documents {
        for link in links(text).into_iter().filter(|link| !link.contains("://")) {
            followed += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { document.clone() } else { resolve(document, file) };
            let has_heading =
                || documents.get(&target).is_some_and(|text| anchors(text).iter().any(|one| one == anchor));
            if !root().join(&target).exists() || !anchor.is_empty() && !has_heading() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert_eq!(broken, [""; 0]);
    assert!(followed > 50, "the links are found: {followed}");
}

#[test]
fn every_document_can_be_reached_from_the_readme() {
    let documents = documents();
    let mut found = BTreeSet::from([PathBuf::from("README.md"), PathBuf::from("pkg-template/README.md")]);
    let mut open: Vec<PathBuf> = found.iter().cloned().collect();
    while let Some(document) = open.pop() {
        for link in links(documents.get(&document).map_or("", String::as_str)) {
            let target = resolve(&document, link.split('#').next().unwrap_or_default());
            if documents.contains_key(&target) && found.insert(target.clone()) {
                open.push(target);
            }
        }
    }
    let lost: Vec<_> = documents.keys().filter(|document| !found.contains(*document)).collect();
    assert_eq!(lost, [""; 0].map(Path::new).each_ref());
}

#[test]
fn every_block_of_code_runs_as_a_test() {
    let rust_tests = fs::read_to_string(root().join("src/lib.rs")).expect("the crate");
    let mut wrong = Vec::new();
    for (document, text) in documents() {
        let document = document.display().to_string().replace('\\', "/");
        for language in split(&text).1 {
            let is_file = FILES.contains(&language.split('=').next().unwrap_or_default());
            let runs = match if is_file { "js" } else { language } {
                "js" => RUN_IN_NODE.contains(&document.as_str()) || document.starts_with("docs/"),
                "rust" | "rust,no_run" => rust_tests.contains(&format!("include_str!(\"../{document}\")")),
                _ => LANGUAGES.contains(&language),
            };
            if !runs {
                wrong.push(format!("{document}: a block of `{language}` does not run"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_rust_program_of_the_readme_is_the_example_that_runs() {
    let readme = &documents()[Path::new("README.md")];
    let program = readme.split("```rust,no_run\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a program");
    let example = fs::read_to_string(root().join("examples/post.rs")).expect("the example");
    assert_eq!(example.split_once("\n\n").expect("a comment comes first").1, program);
}

#[test]
fn every_code_has_its_heading() {
    let documents = documents();
    for (document, codes) in [
        ("docs/errors.md", ErrorCode::ALL.iter().map(|code| code.as_str()).collect::<BTreeSet<_>>()),
        ("docs/violations.md", Code::ALL.iter().map(|code| code.as_str()).collect()),
    ] {
        let (prose, _) = split(&documents[Path::new(document)]);
        let headings: BTreeSet<_> = prose.iter().filter_map(|line| line.strip_prefix("### ")).collect();
        assert_eq!(headings, codes, "{document}");
    }
}

#[test]
fn every_file_that_architecture_md_names_exists() {
    let documents = documents();
    let (mut missing, mut found) = (Vec::new(), 0);
    let (prose, _) = split(&documents[Path::new("ARCHITECTURE.md")]);
    // The folder of the last path. It is the folder of a name without one, such as `retry.rs` after
    // `src/client/delivery.rs`.
    let mut folder = PathBuf::new();
    let code = prose.iter().flat_map(|line| line.split('`').skip(1).step_by(2));
    for name in code.filter(|code| is_path(code)) {
        let path = root().join(name);
        if name.contains('/') && path.exists() {
            folder = if path.is_dir() { path } else { path.parent().unwrap_or(&path).to_owned() };
        } else if !path.exists() && !folder.join(name).exists() {
            missing.push(name);
        }
        found += 1;
    }
    assert_eq!(missing, [""; 0]);
    assert!(found > 80, "the names are found: {found}");
}

/// Whether an inline piece of code names a file or a folder of the repository.
fn is_path(code: &str) -> bool {
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '/' | '.' | '-' | '_');
    let is_file = [".rs", ".js", ".mjs", ".ts", ".json", ".md"].iter().any(|end| code.ends_with(end));
    code.chars().all(is_name)
        && code.starts_with(|char: char| char.is_ascii_lowercase())
        && (is_file || code.contains('/'))
}
