//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::web_url::is_web_url;

/// Receives Flowdock messages, keeps them in one SQLite file and shows them again.
///
/// The first start makes the organisation `example` with the flow `main`, an application and a source. It prints a flow
/// token, to post with, an API token, which opens everything, and the application's client id and secret. They are shown
/// that one time. With the API token, PUT /oauth/applications/1 gives the application a name, redirect URIs and a setup
/// URI, and POST /oauth/applications registers another one.
#[derive(Debug, Parser)]
#[command(name = "flowdock-inbox", version)]
pub struct Args {
    /// Where to listen; port 0 takes any free port. Beyond loopback, put a server that speaks TLS in front
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4400")]
    pub listen: SocketAddr,

    /// Where others reach the inbox, if that is not where it listens: the address of the server in front of it, which may
    /// have a path that this server takes away. All links begin with it [default: http://ADDRESS:PORT]
    #[arg(long, value_name = "URL", value_parser = base_url)]
    pub public_url: Option<String>,

    /// The SQLite file that keeps everything, or `:memory:` [default: inbox.sqlite in the platform's data folder]
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// Serve the static files of this folder at /
    #[arg(long, value_name = "DIR")]
    pub www: Option<PathBuf>,

    /// Say in one line of JSON on stdout when the inbox is ready: url, local_url, flow_token, api_token, client_id,
    /// client_secret, organization, flow
    #[arg(long)]
    pub json: bool,

    /// Replace both tokens, which ends the old ones, and show the new ones this one time
    #[arg(long)]
    pub new_tokens: bool,

    /// How long an access token of an application is good
    #[arg(long, value_name = "SECONDS", default_value = "7200", value_parser = seconds)]
    pub token_lifetime: Duration,

    /// How long the service that offered an action may take to answer. Nobody has asked for another time yet, so it is
    /// no option.
    #[arg(skip = Duration::from_secs(10))]
    pub action_timeout: Duration,
}

/// A URL that paths can be put behind: without the slashes at its end.
fn base_url(text: &str) -> Result<String, &'static str> {
    let url = text.trim_end_matches('/');
    if is_web_url(url) && !url.contains(['?', '#']) {
        Ok(url.to_owned())
    } else {
        Err("must be an absolute http or https URL without a user, a query or a fragment")
    }
}

/// A time that is not nothing and ends before the clock does.
fn seconds(text: &str) -> Result<Duration, String> {
    const YEAR: u64 = 366 * 24 * 60 * 60;
    match text.parse() {
        Ok(seconds @ 1..=YEAR) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("must be a whole number from 1 to {YEAR}")),
    }
}
