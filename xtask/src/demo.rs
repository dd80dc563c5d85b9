//! Runs the demo: an inbox that serves the page, which uses the package.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::build::{build, package};
use crate::inbox::{self, Inbox};
use crate::run::{Done, command, root, run};

/// Builds everything, starts an inbox with the page and waits until it ends. With `is_built`, the package and the inbox
/// are built already.
pub fn demo(data: Option<PathBuf>, listen: &str, is_built: bool) -> Done {
    if !is_built {
        build()?;
        inbox::build()?;
    }
    // A folder for this process only, because another demo may be running.
    let folder = root().join("target/demo").join(std::process::id().to_string());
    page(&folder.join("www"))?;
    let data = match data {
        // The inbox runs in the repository's folder, so a path relative to the caller's folder is made absolute.
        Some(data) => std::path::absolute(data)?,
        None => folder.join("inbox.sqlite"),
    };
    // Ctrl-C also reaches the inbox, which then ends. This handler keeps this process alive until it has removed the
    // folder.
    ctrlc::set_handler(|| {})?;
    let shown = show(listen, &folder.join("www"), &data);
    fs::remove_dir_all(&folder)?;
    shown
}

/// Starts the inbox, prints the announcement and waits until the inbox ends.
fn show(listen: &str, page: &Path, data: &Path) -> Done {
    let mut inbox = Inbox::start(listen, page, data)?;
    if let Some(url) = inbox.ready["url"].as_str() {
        println!("\n{}", announcement(url, &inbox.ready, data));
    }
    inbox.wait(listen)
}

/// Builds the package and the page from it. Returns the folder of the page.
pub fn build_page() -> Done<PathBuf> {
    build()?;
    let folder = root().join("target/www");
    page(&folder)?;
    Ok(folder)
}

/// Bundles the page into a folder: the sources in `www/`, with the package.
pub fn page(folder: &Path) -> Done {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let [package, folder] = [package(), folder.to_owned()].map(|path| path.display().to_string());
    run("bundling the page (esbuild)", &mut command("node", &["xtask/page.mjs", &package, &folder]))
}

/// The text that tells a person how to use the inbox that is ready.
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
    // Without the flow token, the command would only ask for it.
    if inbox::variables(ready).any(|(name, _)| name == "FLOWDOCK_TOKEN") {
        // `node` and not `npx`, which would need a registry or a cache. The path is absolute, because the other terminal
        // may be in any folder.
        let command = package().join("cli.js").display().to_string();
        text += &format!("Then post the first message:\n\n  node {} post --title \"Hello\"\n\n", quoted(&command));
    }
    text + "Ctrl-C ends it."
}

/// Quotes a value for a shell, if it needs quotes: an IPv6 address because of its brackets, a path because of a space.
pub fn quoted(value: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || ":/._-".contains(char);
    if value.chars().all(is_plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_announcement_shows_every_secret_of_a_new_inbox() {
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
            "cli.js post --title \"Hello\"\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }

        let old = json!({ "url": url, "flow_token": null, "client_id": null });
        let text = announcement(url, &old, Path::new("inbox.sqlite"));
        assert!(text.contains("when inbox.sqlite was new") && !text.contains("TOKEN"), "{text}");
        assert!(!text.contains("cli.js"), "{text}");
        assert!(text.contains("  export FLOWDOCK_URL=http://127.0.0.1:4400\n\n"), "{text}");

        let text = announcement("http://[::1]:4400", &json!({ "url": "http://[::1]:4400" }), Path::new("inbox.sqlite"));
        assert!(text.contains("  export FLOWDOCK_URL='http://[::1]:4400'\n"), "{text}");
    }

    #[test]
    fn what_a_shell_would_split_is_quoted() {
        for (value, shown) in [
            ("http://127.0.0.1:4400", "http://127.0.0.1:4400"),
            ("/home/doc brown/cli.js", "'/home/doc brown/cli.js'"),
            ("it's", r"'it'\''s'"),
        ] {
            assert_eq!(quoted(value), shown);
        }
    }
}
