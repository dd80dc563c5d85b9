//! The binary: reads the arguments, starts the inbox, reports in one line what kept it from running.
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
