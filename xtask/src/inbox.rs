//! A running inbox for the demo and the examples.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::run::{Done, command, program, run};

/// Builds the inbox.
pub fn build() -> Done {
    run("building the inbox", &mut command("cargo", &["build", "--package", "flowdock-inbox"]))
}

/// An inbox that was started and has said what it is, or why it ended.
pub struct Inbox {
    process: Child,
    /// What it announced: `url`, tokens and so on; `Null` when it ended instead.
    pub ready: Value,
}

impl Inbox {
    /// Starts it with a folder to serve as its page and a file for its data.
    pub fn start(listen: &str, page: &Path, data: &Path) -> Done<Inbox> {
        let mut process = command(&program("flowdock-inbox"), &["--json", "--listen", listen])
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

    /// Waits for its end.
    pub fn wait(&mut self, listen: &str) -> Done {
        let status = self.process.wait()?;
        if status.success() {
            return Ok(());
        }
        // It has said on standard error why it ended.
        Err(format!("the inbox ended with {status}; where {listen} is taken, `--listen 127.0.0.1:0` takes a free port")
            .into())
    }

    /// Ends it, if it runs still.
    pub fn stop(&mut self) -> Done {
        // Fails only where it has ended by itself.
        let _ = self.process.kill();
        self.process.wait()?;
        Ok(())
    }
}

/// The page that shows an inbox which announced this, signed in; none where its tokens are those of an earlier start.
pub fn page(ready: &Value) -> Option<String> {
    let text = |key: &str| ready[key].as_str();
    let (url, flow_token, api_token) = (text("url")?, text("flow_token")?, text("api_token")?);
    let (organization, flow) = (text("organization")?, text("flow")?);
    Some(format!("{url}/#flow_token={flow_token}&api_token={api_token}&organization={organization}&flow={flow}"))
}
