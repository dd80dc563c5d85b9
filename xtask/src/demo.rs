//! Shows the whole: the page, the package and an inbox.

use std::fs;
use std::path::{Path, PathBuf};

use crate::build::{build, copy_folder, package};
use crate::inbox::{self, Inbox};
use crate::run::{Done, root};

pub fn demo(data: Option<PathBuf>, listen: &str) -> Done {
    build()?;
    inbox::build()?;
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
        println!();
        match inbox.page() {
            Some(page) => println!("Open {page}"),
            None => {
                println!("Open {url}/ and put in the tokens that were printed when {} was new:", data.display());
                println!("only their hashes are kept. `flowdock-inbox --help` says how to get new ones.");
            }
        }
        println!("Ctrl-C ends it.");
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
