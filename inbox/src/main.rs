//! The binary: runs the command line. If that fails, it prints the reason in one line.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match flowdock_inbox::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Unlike `eprintln`, this does not panic if nobody can read it.
            let _ = writeln!(std::io::stderr(), "flowdock-inbox: {error}");
            ExitCode::FAILURE
        }
    }
}
