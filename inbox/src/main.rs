//! The binary: reads the arguments and runs the inbox. If the inbox cannot run, it prints the reason in one line.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use flowdock_inbox::Args;

fn main() -> ExitCode {
    match flowdock_inbox::run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flowdock-inbox: {error}");
            ExitCode::FAILURE
        }
    }
}
