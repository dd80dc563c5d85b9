//! Shows the whole: the page, the package and an inbox.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::build::{build, copy_folder, package};
use crate::run::{Done, command, program, root, run};

pub fn demo(data: Option<PathBuf>, listen: &str) -> Done {
    build()?;
    inbox()?;
    // A folder of this process alone: another demo may be running.
    let folder = root().join("target/demo").join(std::process::id().to_string());
    page(&folder.join("www"))?;
    let data = match data {
        // Relative to where the command was called.
        Some(data) => std::path::absolute(data)?,
        None => folder.join("inbox.sqlite"),
    };
    // Ctrl-C reaches the inbox as well, which then ends; here it only ends the waiting.
    ctrlc::set_handler(|| {})?;
    let shown = show(listen, &folder.join("www"), &data);
    fs::remove_dir_all(&folder)?;
    shown
}

/// Starts the inbox and waits for its end.
fn show(listen: &str, page: &Path, data: &Path) -> Done {
    let mut inbox = command(&program("flowdock-inbox"), &["--json", "--listen", listen])
        .arg("--www")
        .arg(page)
        .arg("--data")
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the inbox cannot be started: {error}"))?;
    let mut line = String::new();
    if let Some(output) = inbox.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    // Without this line it has said on standard error why it ended.
    if let Ok(ready) = serde_json::from_str::<Value>(&line) {
        announce(&ready, data);
    }
    let status = inbox.wait()?;
    if status.success() {
        return Ok(());
    }
    Err(format!("the inbox ended with {status}; where {listen} is taken, `--listen 127.0.0.1:0` takes a free port")
        .into())
}

/// Builds the inbox.
pub fn inbox() -> Done {
    run("building the inbox", &mut command("cargo", &["build", "--package", "flowdock-inbox"]))
}

/// Puts the page together in a folder: `www/`, the package, and the style sheet it is built on.
pub fn page(folder: &Path) -> Done {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    copy_folder(&root().join("www"), folder)?;
    copy_folder(&package(), &folder.join("pkg"))?;
    fs::copy(root().join("node_modules/@picocss/pico/css/pico.min.css"), folder.join("pico.min.css"))?;
    Ok(())
}

fn announce(ready: &Value, data: &Path) {
    let text = |key: &str| ready[key].as_str().unwrap_or_default();
    let url = text("url");
    println!();
    match (ready["flow_token"].as_str(), ready["api_token"].as_str()) {
        (Some(flow_token), Some(api_token)) => {
            let (organization, flow) = (text("organization"), text("flow"));
            println!(
                "Open {url}/#flow_token={flow_token}&api_token={api_token}&organization={organization}&flow={flow}"
            );
        }
        _ => {
            println!("Open {url}/ and put in the tokens that were printed when {} was new:", data.display());
            println!("only their hashes are kept. `flowdock-inbox --help` says how to get new ones.");
        }
    }
    println!("Ctrl-C ends it.");
}
