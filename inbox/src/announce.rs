//! The announcement: what the inbox prints on stdout when it is ready.

use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use serde_json::json;

use crate::domain::{Flow, Secrets};
use crate::store::Place;

/// The address at which a client on this machine reaches the inbox.
pub fn local_url(mut address: SocketAddr) -> String {
    // A server can listen at the unspecified address (0.0.0.0, ::), but a client cannot connect to it.
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => (),
    }
    format!("http://{address}")
}

/// What a person or a program needs to know to use the inbox that has just started.
pub struct Announcement<'a> {
    /// Where the inbox is. `None` if it does not run: then only its tables were made or updated.
    pub addresses: Option<Addresses<'a>>,
    /// The secrets that this start created.
    pub secrets: &'a Secrets,
    /// The file with the secrets that this start created, if they are not to be printed.
    pub secrets_file: Option<&'a Path>,
    /// The flow to begin with.
    pub flow: &'a Flow,
    /// Where the messages are stored.
    pub place: &'a Place,
}

/// Where an inbox is.
pub struct Addresses<'a> {
    /// The base URL at which others reach the inbox.
    pub url: &'a str,
    /// The base URL at which programs on this machine reach the inbox.
    pub local_url: &'a str,
    /// The base URL of the admin address, if there is one.
    pub admin_url: Option<String>,
}

impl Announcement<'_> {
    /// Prints the announcement on stdout: as JSON for a program, or as text for a person.
    pub fn print(&self, as_json: bool) -> io::Result<()> {
        let text = if as_json { self.json() } else { self.human() };
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }

    /// The announcement as one line of JSON.
    pub fn json(&self) -> String {
        let Secrets { tokens, application } = self.secrets;
        let addresses = self.addresses.as_ref();
        json!({
            "url": addresses.map(|addresses| addresses.url),
            "local_url": addresses.map(|addresses| addresses.local_url),
            "admin_url": addresses.and_then(|addresses| addresses.admin_url.as_deref()),
            "flow_token": tokens.as_ref().map(|tokens| &tokens.flow),
            "api_token": tokens.as_ref().map(|tokens| &tokens.api),
            "client_id": application.as_ref().map(|application| &application.client_id),
            "client_secret": application.as_ref().map(|application| &application.client_secret),
            "organization": self.flow.organization.parameterized_name,
            "flow": self.flow.parameterized_name,
        })
        .to_string()
    }

    fn human(&self) -> String {
        let Secrets { tokens, application } = self.secrets;
        let mut text = match &self.addresses {
            Some(Addresses { url, .. }) => format!("Flowdock inbox at {url}"),
            None => "The tables are up to date".to_owned(),
        };
        if let Some(Addresses { url, local_url, admin_url }) = &self.addresses {
            if url != local_url {
                text += &format!("\nListening at:  {local_url}");
            }
            if let Some(admin_url) = admin_url {
                text += &format!("\nAdmin address: {admin_url}");
            }
        }
        let (organization, flow) = (&self.flow.organization.parameterized_name, &self.flow.parameterized_name);
        text += &format!("\nFlow:          {organization}/{flow}\nData:          {}", self.place);
        if let Some(application) = application {
            text += &format!(
                "\nClient id:     {}  (of the first application)\nClient secret: {}",
                application.client_id, application.client_secret
            );
        }
        text += &match (tokens, self.secrets_file) {
            (_, Some(file)) => {
                format!("\nThe new secrets are in {}. Of the tokens, the inbox keeps only hashes.", file.display())
            }
            (Some(tokens), None) => format!(
                "\nFlow token:    {}  (to post with)\nAPI token:     {}  (opens everything)\n\
                 These tokens are shown this one time; only their hashes are kept.",
                tokens.flow, tokens.api
            ),
            (None, None) => {
                "\nThe tokens are unchanged since they were last shown. Lost? Start once with --new-tokens.".to_owned()
            }
        };
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_announced_url_is_one_that_a_client_can_connect_to() {
        for (address, url) in [
            ("127.0.0.1:4400", "http://127.0.0.1:4400"),
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:4400", "http://[::1]:4400"),
            ("192.0.2.7:1", "http://192.0.2.7:1"),
        ] {
            assert_eq!(local_url(address.parse().expect("an address")), url);
        }
    }
}
