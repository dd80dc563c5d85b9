//! Shows the whole: the page, the package and an inbox.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::build::{build, copy_folder, package};
use crate::inbox::{self, Inbox};
use crate::run::{Done, root};

/// `is_built` where the package and the inbox are there already.
pub fn demo(data: Option<PathBuf>, listen: &str, is_built: bool) -> Done {
    if !is_built {
        build()?;
        inbox::build()?;
    }
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
    let mut inbox = Inbox::start(listen, page, data)?;
    if let Some(url) = inbox.ready["url"].as_str() {
        println!("\n{}", announcement(url, &inbox.ready, data));
    }
    inbox.wait(listen)
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

/// What somebody needs who wants to use the inbox that is ready.
fn announcement(url: &str, ready: &Value, data: &Path) -> String {
    let mut text = match inbox::page(ready) {
        Some(page) => format!("Open {page}\n"),
        None => format!(
            "Open {url}/ and put in the tokens that were printed when {} was new:\n\
             only their hashes are kept. `flowdock-inbox --help` says how to get new ones.\n",
            data.display()
        ),
    };
    let lines = |line: fn(&str, &str) -> String| -> String {
        inbox::variables(ready).map(|(name, value)| format!("  {}\n", line(name, value))).collect()
    };
    text += &format!(
        "\nFor programs in another terminal, copy these lines into it; the client is the first application.\n\n{}\nIn PowerShell:\n\n{}\n",
        lines(|name, value| format!("export {name}={}", quoted(value))),
        lines(|name, value| format!("$env:{name} = \"{value}\"")),
    );
    text + "Ctrl-C ends it."
}

/// A value as a shell takes it; addresses and tokens need no quotes, but for the brackets around an IPv6 address.
fn quoted(value: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || ":/._-".contains(char);
    if value.chars().all(is_plain) { value.to_owned() } else { format!("'{value}'") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_that_is_shown_once_is_announced() {
        let url = "http://127.0.0.1:4400";
        let new = json!({
            "url": url, "flow_token": "f1", "api_token": "a1", "client_id": "i1", "client_secret": "s1",
            "organization": "example", "flow": "main",
        });
        let text = announcement(url, &new, Path::new("inbox.sqlite"));
        assert!(text.contains("http://127.0.0.1:4400/#flow_token=f1&api_token=a1&organization=example&flow=main\n"));
        for line in [
            "  export FLOWDOCK_URL=http://127.0.0.1:4400\n",
            "  export FLOWDOCK_TOKEN=f1\n",
            "  export FLOWDOCK_API_TOKEN=a1\n",
            "  export FLOWDOCK_CLIENT_ID=i1\n",
            "  export FLOWDOCK_CLIENT_SECRET=s1\n",
            "  $env:FLOWDOCK_URL = \"http://127.0.0.1:4400\"\n",
            "  $env:FLOWDOCK_TOKEN = \"f1\"\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }

        let old = json!({ "url": url, "flow_token": null, "client_id": null });
        let text = announcement(url, &old, Path::new("inbox.sqlite"));
        assert!(text.contains("when inbox.sqlite was new") && !text.contains("TOKEN"), "{text}");
        assert!(text.contains("  export FLOWDOCK_URL=http://127.0.0.1:4400\n\n"), "{text}");

        let text = announcement("http://[::1]:4400", &json!({ "url": "http://[::1]:4400" }), Path::new("inbox.sqlite"));
        assert!(text.contains("  export FLOWDOCK_URL='http://[::1]:4400'\n"), "{text}");
    }
}
