//! The project's own commands: `cargo xtask demo | example | test | lint | build | dist | fuzz | bench`.

mod bench;
mod build;
mod consumer;
mod demo;
#[cfg(test)]
mod documents;
mod example;
mod fuzz;
mod generate;
mod inbox;
mod javascript;
mod run;
mod setup;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, shows and tests flowdock-integration")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, start an inbox and serve the demo page; Ctrl-C ends it
    Demo {
        /// Keep the inbox's data in this file [default: a new one each time]
        #[arg(long, value_name = "FILE")]
        data: Option<PathBuf>,
        /// Where to listen
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4400")]
        listen: String,
        /// The package and the inbox are built already, as when the tests run this
        #[arg(long, hide = true)]
        built: bool,
    },
    /// Start one of the examples with an inbox of its own; without a name, list them; Ctrl-C ends it
    Example {
        /// Its folder in examples/
        name: Option<String>,
        /// Where the inbox listens
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4400")]
        listen: String,
    },
    /// Check and test everything: formatting, lints, the crates, and the packed npm package in Node, workerd and Chromium
    Test {
        /// Also what takes long: storms of 10,000 messages, memory over 100,000 posts; the package in Deno and Bun; and a
        /// client in Python, which this needs then
        #[arg(long)]
        long: bool,
    },
    /// Check the JavaScript alone: formatting, lints, types
    Lint,
    /// Judge more fragments of HTML than an ordinary run of the tests does
    Fuzz {
        /// Three million instead of 200,000
        #[arg(long)]
        long: bool,
    },
    /// Time the package beside what people would use instead, in Node and Chromium, and the core on the host
    Bench {
        /// A fast look: fewer rounds, one process, no tables of HTML, without the core
        #[arg(long)]
        quick: bool,
        /// Write the short table into docs/performance.md
        #[arg(long)]
        docs: bool,
        /// Write the figures to this file as well
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// Make the npm package in target/pkg, and write what is generated from the rule table
    Build,
    /// Make the npm package's tarball in target/dist
    Dist,
    /// Hold the sizes of the built package against their budgets
    Sizes,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Demo { data, listen, built } => demo::demo(data, &listen, built),
        Command::Example { name: Some(name), listen } => example::example(&name, &listen),
        Command::Example { name: None, .. } => example::list(),
        Command::Test { long } => test::test(long),
        Command::Lint => javascript::check(),
        Command::Fuzz { long } => fuzz::fuzz(long),
        Command::Bench { quick, docs, json } => bench::bench(quick, docs, json),
        Command::Build => build::build(),
        Command::Sizes => build::sizes(),
        Command::Dist => build::dist().map(|tarball| println!("{}", tarball.display())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
