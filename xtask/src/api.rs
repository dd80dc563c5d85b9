//! Keeps a list of the crate's public API in the repository, beside `pkg-template/index.d.ts`, which is the package's.
//! So each change of an API is read in its commit, and git shows what changed since the last release.

use std::fs;
use std::process::Stdio;

use crate::run::{Done, command, output, root, run};
use crate::supply;

/// The list of the crate's public items, without what every type has.
const LIST: &str = "api/flowdock-integration.txt";
const DECLARATIONS: [&str; 2] = ["pkg-template/index.d.ts", "pkg-template/slim.d.ts"];

/// Writes the list, and compares both APIs with the last release.
pub fn api() -> Done {
    fs::create_dir_all(root().join("api"))?;
    fs::write(root().join(LIST), list()?)?;
    compare()
}

/// Fails if the list is not what the crate has, or if an API has changed since the last release and the changelog has no new line.
pub fn check() -> Done {
    if fs::read_to_string(root().join(LIST)).unwrap_or_default() != list()? {
        return Err(format!("{LIST} differs from the crate: run `cargo xtask api` and commit it").into());
    }
    compare()
}

fn list() -> Done<String> {
    let program = supply::tool("cargo-public-api", "0.52.0")?.display().to_string();
    println!("==> the public API of the crate (rustdoc of Rust's nightly)");
    // `-sss` leaves out blanket implementations, those of auto traits, and derived ones.
    let arguments = ["public-api", "--package", "flowdock-integration", "-sss", "--color", "never"];
    let output = command(&program, &arguments).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("cargo-public-api failed; it needs `rustup toolchain install nightly`".into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn compare() -> Done {
    let Some(tag) = output("git", &["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]) else {
        println!("    no tag of a release is here, so there is nothing to compare with");
        return Ok(());
    };
    let tag = tag.trim();
    let diff = [["diff", "--exit-code", tag, "--", LIST].as_slice(), &DECLARATIONS].concat();
    if run(&format!("changes of the APIs since {tag}"), &mut command("git", &diff)).is_ok() {
        return Ok(());
    }
    let changelog = fs::read_to_string(root().join("CHANGELOG.md"))?;
    if has_news(&changelog, tag.trim_start_matches('v')) {
        Ok(())
    } else {
        Err(format!("an API has changed since {tag}, and CHANGELOG.md says nothing of it").into())
    }
}

/// Whether the changelog has a line about what came after a version.
fn has_news(changelog: &str, version: &str) -> bool {
    let heading = format!("\n## {version}");
    let news = changelog.split_once(&heading).map_or(changelog, |(news, _)| news);
    news.lines().any(|line| line.starts_with("- "))
}

#[cfg(test)]
mod tests {
    use super::has_news;

    #[test]
    fn a_line_above_the_last_version_is_news() {
        let old = "## 0.1.0 - 2027-01-01\n\n- **All**: is new.\n";
        assert!(!has_news(&format!("# Changelog\n\n## Unreleased\n\n{old}"), "0.1.0"));
        assert!(has_news(&format!("# Changelog\n\n## Unreleased\n\n- One thing.\n\n{old}"), "0.1.0"));
        assert!(has_news(&format!("# Changelog\n\n## 0.2.0\n\n- One thing.\n\n{old}"), "0.1.0"));
    }
}
