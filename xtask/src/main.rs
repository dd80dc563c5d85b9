//! The project's own commands: `cargo xtask demo | example | test | postgres | lint | build | docs | dist | fuzz | bench`.

mod api;
mod bench;
mod build;
mod consumer;
mod demo;
mod docs;
#[cfg(test)]
mod documents;
mod example;
mod fuzz;
mod generate;
mod inbox;
mod javascript;
mod postgres;
mod reproducible;
mod run;
mod runtimes;
mod sbom;
mod setup;
mod supply;
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
        /// Store the inbox's data in this file [default: a new one each time]
        #[arg(long, value_name = "FILE")]
        data: Option<PathBuf>,
        /// The address to listen at
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4400")]
        listen: String,
        /// Do not build: the package and the inbox are built already. The tests use this
        #[arg(long, hide = true)]
        built: bool,
    },
    /// Start one of the examples with an inbox of its own; without a name, list them; Ctrl-C ends it
    Example {
        /// The example's folder in examples/
        name: Option<String>,
        /// The address at which the inbox listens
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4400")]
        listen: String,
    },
    /// Check and test everything: formatting, lints, the crates, and the packed npm package in Node, workerd and Chromium
    Test {
        /// Also run what takes long: storms of 10,000 messages; memory over 100,000 posts; the package in Deno and Bun;
        /// a Python client, which needs Python 3
        #[arg(long)]
        long: bool,
        /// Instead, run one program with the package in each environment of tests/runtimes/environments: runtimes, frameworks,
        /// bundlers, test runners and browsers. With a text, only in those whose names contain it
        #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
        #[arg(conflicts_with = "long")]
        runtimes: Option<String>,
        /// Write the table of the environments into docs/runtimes.md
        #[arg(long, requires = "runtimes")]
        docs: bool,
    },
    /// Start a PostgreSQL server for tests of the inbox, and print how to use it; Ctrl-C ends it
    Postgres,
    /// Check only the JavaScript: formatting, lints, types
    Lint,
    /// Compare the HTML code with other parsers on more inputs than an ordinary run of the tests does
    Fuzz {
        /// Three million inputs instead of 200,000
        #[arg(long)]
        long: bool,
    },
    /// Time the package and its alternatives in Node and Chromium, and the core on the host; or time the inbox or its page
    Bench {
        /// Time the inbox instead, beside what this machine can do at all, or its page in Chromium
        #[arg(value_enum, conflicts_with_all = ["quick", "docs", "json"])]
        subject: Option<bench::Subject>,
        /// Fast and less exact: fewer rounds, one process, no tables of HTML, without the core
        #[arg(long)]
        quick: bool,
        /// Write the short table into docs/performance.md
        #[arg(long)]
        docs: bool,
        /// Also write the figures to this file
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// Build the npm package in target/pkg, and write the files that are generated from the rule table
    Build,
    /// Build the inbox's page in target/www, for `flowdock-inbox --www`
    Page,
    /// Build the documentation as a site in target/site: the guides, and the references of the package and of the crate
    Docs,
    /// Build the npm package's tarball in target/dist, and its and the inbox's software bills of materials
    Dist {
        /// Build everything again at another path, and compare the bytes
        #[arg(long)]
        check: bool,
    },
    /// Check the supply chain: crates, npm's audit, the oldest compiler, the public API, the tarball built twice. The long
    /// tests do the same
    Supply,
    /// List the crate's public API in api/, and show what has changed since the last release
    Api,
    /// Compare the sizes of the built package with their budgets
    Sizes,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Demo { data, listen, built } => demo::demo(data, &listen, built),
        Command::Example { name: Some(name), listen } => example::example(&name, &listen),
        Command::Example { name: None, .. } => example::list(),
        Command::Test { runtimes: Some(only), docs, .. } => runtimes::runtimes(&only, docs),
        Command::Test { long, .. } => test::test(long),
        Command::Postgres => postgres::postgres(),
        Command::Lint => javascript::check(),
        Command::Fuzz { long } => fuzz::fuzz(long),
        Command::Bench { subject: Some(bench::Subject::Inbox), .. } => bench::inbox(),
        Command::Bench { subject: Some(bench::Subject::Page), .. } => bench::page(),
        Command::Bench { quick, docs, json, .. } => bench::bench(quick, docs, json),
        Command::Build => build::build(),
        Command::Page => demo::build_page().map(|page| println!("{}", page.display())),
        Command::Docs => docs::docs().map(|page| println!("{}", page.display())),
        Command::Supply => supply::supply(),
        Command::Api => api::api(),
        Command::Sizes => build::sizes(),
        Command::Dist { check } => build::dist()
            .and_then(|tarball| if check { reproducible::check().map(|()| tarball) } else { Ok(tarball) })
            .map(|tarball| println!("{}", tarball.display())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
