//! Starts an inbox for the demo and the examples.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::run::{Done, command, program, run};

/// Builds the inbox.
pub fn build() -> Done {
    run("building the inbox", &mut command("cargo", &["build", "--package", "flowdock-inbox"]))
}

/// An inbox that was started. It has announced that it is ready, or it has ended.
pub struct Inbox {
    process: Child,
    /// The announcement of the inbox, with its URL and its tokens. `Null` if the inbox ended instead.
    pub ready: Value,
}

impl Inbox {
    /// Starts an inbox that serves the folder `page` and stores its data in the file `data`. Waits for its
    /// announcement.
    pub fn start(listen: &str, page: &Path, data: &Path) -> Done<Inbox> {
        let mut process = command(&program("flowdock-inbox"), &["--json", "--log-level", "warn", "--listen", listen])
            .arg("--www")
            .arg(page)
            .arg("--data")
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the inbox cannot be started: {error}"))?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        Ok(Inbox { process, ready: serde_json::from_str(&line).unwrap_or_default() })
    }

    /// Waits until the inbox has ended.
    pub fn wait(&mut self, listen: &str) -> Done {
        let status = self.process.wait()?;
        if status.success() {
            return Ok(());
        }
        // The inbox has printed the reason on stderr.
        Err(format!("the inbox ended with {status}; where {listen} is taken, `--listen 127.0.0.1:0` takes a free port")
            .into())
    }

    /// Ends the inbox, if it is still running.
    pub fn stop(&mut self) -> Done {
        // Killing fails only if the inbox has ended by itself.
        let _ = self.process.kill();
        self.process.wait()?;
        Ok(())
    }
}

/// The environment variables that tell programs how to reach an inbox, here and in all examples, each with its key in
/// the inbox's announcement.
const VARIABLES: [(&str, &str); 5] = [
    ("FLOWDOCK_URL", "url"),
    ("FLOWDOCK_TOKEN", "flow_token"),
    ("FLOWDOCK_API_TOKEN", "api_token"),
    ("FLOWDOCK_CLIENT_ID", "client_id"),
    ("FLOWDOCK_CLIENT_SECRET", "client_secret"),
];

/// The environment variables for an inbox with this announcement. A variable whose key is null or missing is left out.
pub fn variables(ready: &Value) -> impl Iterator<Item = (&'static str, &str)> {
    VARIABLES.iter().filter_map(|(name, key)| Some((*name, ready[*key].as_str()?)))
}

/// The URL of the page that is signed in to an inbox with this announcement. `None` if the announcement has no tokens,
/// because an earlier start created them.
pub fn page(ready: &Value) -> Option<String> {
    let text = |key: &str| ready[key].as_str();
    let (url, flow_token, api_token) = (text("url")?, text("flow_token")?, text("api_token")?);
    let (organization, flow) = (text("organization")?, text("flow")?);
    Some(format!("{url}/#flow_token={flow_token}&api_token={api_token}&organization={organization}&flow={flow}"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::run::root;

    #[test]
    fn the_variables_are_those_that_the_inbox_announced() {
        let ready =
            serde_json::json!({ "url": "http://127.0.0.1:1", "flow_token": "f", "client_id": null, "flow": "main" });
        let found: Vec<_> = variables(&ready).collect();
        assert_eq!(found, [("FLOWDOCK_URL", "http://127.0.0.1:1"), ("FLOWDOCK_TOKEN", "f")]);
    }

    /// Adds the files below a path to `files`, without those that are built or installed.
    fn add_files(path: &Path, files: &mut Vec<PathBuf>) {
        let is_made = path.file_name().is_some_and(|name| name == "build" || name == "node_modules");
        match fs::read_dir(path) {
            Ok(entries) if !is_made => entries.for_each(|entry| add_files(&entry.expect("an entry").path(), files)),
            Ok(_) => (),
            Err(_) => files.push(path.to_owned()),
        }
    }

    #[test]
    fn documents_and_examples_use_only_the_known_variables() {
        let mut files = Vec::new();
        for path in ["README.md", "CONTRIBUTING.md", "pkg-template", "docs", "examples"] {
            add_files(&root().join(path), &mut files);
        }
        let (mut found, mut used) = (Vec::new(), 0);
        for file in files {
            // Skips pictures, which are not text.
            let Ok(text) = fs::read_to_string(&file) else { continue };
            let file = file.display().to_string().replace('\\', "/");
            for (index, _) in text.match_indices("FLOWDOCK_") {
                let is_name = |char: char| char.is_ascii_uppercase() || char == '_';
                let name: String = text[index..].chars().take_while(|char| is_name(*char)).collect();
                let is_known = VARIABLES.iter().any(|(known, _)| *known == name);
                // `cargo xtask test` passes these variables to the tests.
                let is_of_tests = file.contains("/tests/")
                    && matches!(name.as_str(), "FLOWDOCK_INBOX" | "FLOWDOCK_PAGE" | "FLOWDOCK_LONG");
                // The inbox's own tests know its settings, and CONTRIBUTING.md those of the tests.
                let is_setting = name.starts_with("FLOWDOCK_INBOX_") || name.starts_with("FLOWDOCK_TEST_");
                used += usize::from(is_known);
                if !is_known && !is_of_tests && !is_setting {
                    found.push(format!("{file}: {name}"));
                }
            }
        }
        assert_eq!(found, [""; 0]);
        assert!(used > 20, "they are used");
    }
}
