//! The servers that are measured.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::Done;

/// A server in a process of its own, or several that belong together.
pub struct Server {
    pub name: &'static str,
    processes: Vec<Child>,
    /// Where they listen.
    pub addresses: Vec<String>,
    /// The tokens of the flows to which the messages go, one after the other.
    pub flow_tokens: Vec<String>,
    pub api_token: String,
}

impl Server {
    fn start(name: &'static str, command: &mut Command) -> Done<Server> {
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let ready: Value = serde_json::from_str(&line)?;
        let text = |name: &str| ready[name].as_str().unwrap_or("none").to_owned();
        let address = text("url").trim_start_matches("http://").to_owned();
        Ok(Server {
            name,
            processes: vec![process],
            addresses: vec![address],
            flow_tokens: vec![text("flow_token")],
            api_token: text("api_token"),
        })
    }

    /// A bare route; with a file, one that writes each body to it.
    pub fn route(name: &'static str, file: Option<&Path>) -> Done<Server> {
        Server::start(name, Command::new(env::current_exe()?).arg("serve").args(file))
    }

    /// An inbox.
    pub fn inbox(name: &'static str, program: impl AsRef<OsStr>, data: &Path) -> Done<Server> {
        Server::start(name, inbox(program).arg("--data").arg(data))
    }

    /// Several inboxes on one database.
    pub fn inboxes(name: &'static str, count: usize, database: &str) -> Done<Server> {
        let start =
            || Server::start(name, inbox(env!("CARGO_BIN_EXE_flowdock-inbox")).args(["--database-url", database]));
        let mut first = start()?;
        for _ in 1..count {
            let mut next = start()?;
            first.processes.append(&mut next.processes);
            first.addresses.append(&mut next.addresses);
        }
        Ok(first)
    }

    /// Makes flows with a source each, until there are so many.
    pub fn make_flows(&mut self, count: usize) -> Done {
        let url = format!("http://{}/flows/example", self.addresses[0]);
        let authorization = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:", self.api_token)));
        let create = |path: &str, body: Value| -> Done<Value> {
            let request = ureq::post(format!("{url}{path}")).header("authorization", &authorization);
            Ok(request.send_json(body)?.body_mut().read_json()?)
        };
        while self.flow_tokens.len() < count {
            let name = format!("flow-{}", self.flow_tokens.len());
            create("", json!({ "name": name }))?;
            let source = create(&format!("/{name}/sources"), json!({ "name": "bench", "application": 1 }))?;
            self.flow_tokens.push(source["flow_token"].as_str().ok_or("no token")?.to_owned());
        }
        Ok(())
    }

    /// The most memory that the process has had, in MB. Only Linux tells it.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.processes[0].id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1024)
    }
}

/// The command of an inbox, without the place where it keeps everything.
fn inbox(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    // The log of requests would be measured too, and an older inbox has none.
    command.env("FLOWDOCK_INBOX_LOG_LEVEL", "error").args(["--json", "--listen", "127.0.0.1:0"]);
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
