//! The files for self-hosting name only settings that exist.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The words of a text that begin like this.
fn words(text: &str, start: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let found =
        text.match_indices(start).map(|(at, _)| text[at..].chars().take_while(|letter| is_part(*letter)).collect());
    found.collect()
}

#[test]
fn every_variable_and_option_that_is_named_exists() {
    let help = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_flowdock-inbox")).args(arguments).output().expect("the binary runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let commands = ["check", "copy", "migrate"].map(|command| help(&[command, "--help"]));
    let help = help(&["--help"]) + &commands.concat();
    let (variables, options) = (words(&help, "FLOWDOCK_INBOX_"), words(&help, "--"));
    assert!(variables.len() > 10 && options.len() > 10, "{help}");
    for file in ["deploy/Containerfile", "deploy/flowdock-inbox.service", "../docs/self-hosting.md", "../docs/inbox.md"]
    {
        for name in words(&read(file), "FLOWDOCK_INBOX_") {
            let is_known =
                variables.contains(&name) || name.strip_suffix("_FILE").is_some_and(|name| variables.contains(name));
            assert!(is_known, "{file} names {name}");
        }
    }
    for file in ["deploy/Caddyfile", "deploy/nginx.conf", "../docs/self-hosting.md", "../docs/inbox.md"] {
        // In backticks or after the name of the program: other programs have options too.
        let text = read(file);
        let ours =
            text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).filter(|code| code.starts_with("--"));
        for option in ours.flat_map(|code| words(code, "--")) {
            assert!(options.contains(&option), "{file} names {option}");
        }
    }
}
