//! The binary: runs the command line. If that fails, it prints the reason in one line.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    match flowdock_inbox::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flowdock-inbox: {error}");
            ExitCode::FAILURE
        }
    }
}
