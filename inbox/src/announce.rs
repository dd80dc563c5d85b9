//! What the inbox says on stdout once it is ready.

use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::json;

use crate::store::{DataFile, FIRST_FLOW, FIRST_ORGANIZATION, Tokens};

/// The address at which a client on this machine reaches the inbox.
pub fn base_url(mut address: SocketAddr) -> String {
    // "All addresses" is a place to listen, not a place to go.
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => (),
    }
    format!("http://{address}")
}

/// The facts that somebody needs to use the inbox that just started.
pub struct Announcement<'a> {
    /// The base URL.
    pub url: &'a str,
    /// The tokens, where they were just made.
    pub tokens: Option<&'a Tokens>,
    /// Where the messages are kept.
    pub file: &'a DataFile,
}

impl Announcement<'_> {
    /// Writes to stdout, for a program or for a person.
    pub fn print(&self, as_json: bool) -> io::Result<()> {
        let text = if as_json { self.json() } else { self.human() };
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }

    fn json(&self) -> String {
        json!({
            "url": self.url,
            "flow_token": self.tokens.map(|tokens| &tokens.flow),
            "api_token": self.tokens.map(|tokens| &tokens.api),
            "organization": FIRST_ORGANIZATION,
            "flow": FIRST_FLOW,
        })
        .to_string()
    }

    fn human(&self) -> String {
        let tokens = match self.tokens {
            Some(tokens) => format!(
                "Flow token: {}  (to post with)\nAPI token:  {}  (to read with)\n\
                 These tokens are shown this one time; only their hashes are kept.",
                tokens.flow, tokens.api
            ),
            None => "The tokens are those of the first start. Lost? Start once with --new-tokens.".to_owned(),
        };
        format!(
            "Flowdock inbox at {}\nFlow:       {FIRST_ORGANIZATION}/{FIRST_FLOW}\nData:       {}\n{tokens}",
            self.url, self.file
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_one_that_a_client_can_go_to() {
        for (address, url) in [
            ("127.0.0.1:4400", "http://127.0.0.1:4400"),
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:4400", "http://[::1]:4400"),
            ("192.0.2.7:1", "http://192.0.2.7:1"),
        ] {
            assert_eq!(base_url(address.parse().expect("an address")), url);
        }
    }
}
