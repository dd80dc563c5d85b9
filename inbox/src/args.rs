//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

/// Receives Flowdock messages, keeps them in one SQLite file and shows them again.
///
/// The first start makes the organisation `example` with the flow `main` and prints a flow token, to post with, and an
/// API token, to read with. They are shown that one time.
#[derive(Debug, Parser)]
#[command(name = "flowdock-inbox", version)]
pub struct Args {
    /// Where to listen; port 0 takes any free port. Beyond loopback, put a server that speaks TLS in front
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4400")]
    pub listen: SocketAddr,

    /// The SQLite file that keeps everything, or `:memory:` [default: inbox.sqlite in the platform's data folder]
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// Serve the static files of this folder at /
    #[arg(long, value_name = "DIR")]
    pub www: Option<PathBuf>,

    /// Say in one line of JSON on stdout when the inbox is ready: url, flow_token, api_token, organization, flow
    #[arg(long)]
    pub json: bool,

    /// Replace both tokens, which ends the old ones, and show the new ones this one time
    #[arg(long)]
    pub new_tokens: bool,
}
