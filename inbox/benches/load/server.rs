//! The servers that are measured.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::Done;

/// A server in a process of its own.
pub struct Server {
    pub name: &'static str,
    process: Child,
    pub address: String,
    pub flow_token: String,
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
        Ok(Server { name, process, address, flow_token: text("flow_token"), api_token: text("api_token") })
    }

    /// A bare route; with a file, one that writes each body to it.
    pub fn route(name: &'static str, file: Option<&Path>) -> Done<Server> {
        Server::start(name, Command::new(env::current_exe()?).arg("serve").args(file))
    }

    /// An inbox.
    pub fn inbox(name: &'static str, program: impl AsRef<OsStr>, data: &Path) -> Done<Server> {
        let mut command = Command::new(program);
        // The log of requests would be measured too, and an older inbox has none.
        command.env("FLOWDOCK_INBOX_LOG_LEVEL", "error");
        Server::start(name, command.args(["--json", "--listen", "127.0.0.1:0", "--data"]).arg(data))
    }

    /// The most memory that the process has had, in MB. Only Linux tells it.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
