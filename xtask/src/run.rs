//! Runs other programs and prints what it runs.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The result of a step. Its error is one line for a person.
pub type Done<T = ()> = Result<T, Box<dyn Error>>;

/// The root folder of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The folder in which cargo stores what it builds.
pub fn cargo_target() -> PathBuf {
    // A relative path is relative to the repository's folder, in which all commands run.
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into()))
}

/// The path of a program of this workspace that `cargo build` has built.
pub fn program(name: &str) -> String {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    cargo_target().join("debug").join(name).display().to_string()
}

/// A command that runs a program with these arguments in the repository's folder.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    // On Windows npm and npx are scripts, which start only by their full name.
    let program =
        if cfg!(windows) && matches!(program, "npm" | "npx") { format!("{program}.cmd") } else { program.to_owned() };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a program until it ends. Prints `what` before the start, and names it in the error if the program fails.
pub fn run(what: &str, command: &mut Command) -> Done {
    println!("==> {what}");
    let start = Instant::now();
    let status = command.status().map_err(|error| format!("{what}: `{}`: {error}", command.get_program().display()))?;
    if !status.success() {
        return Err(format!("{what}: `{}` ended with {status}", line(command)).into());
    }
    println!("    {what}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Runs a program and returns its output. Returns `None` if it cannot be run or fails.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program, arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

fn line(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
