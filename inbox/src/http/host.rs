//! Checks the host that a request names.
//!
//! A page of any site can make a browser connect to the inbox under the site's own name, by changing what its name
//! resolves to (DNS rebinding). Such a page would count as a page of the inbox. But its requests name its host, so they
//! are refused.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answer::Refusal;
use crate::web_url;

/// The names of the inbox. Every IP address and `localhost` are names of it as well: DNS rebinding cannot change what they
/// mean.
#[derive(Clone)]
pub struct Hosts(Arc<[String]>);

impl Hosts {
    /// The host of the URL at which others reach the inbox, and the other names that its owner allows.
    pub fn new(url: &str, allowed: &[String]) -> Hosts {
        let of_url = url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        let names = allowed.iter().cloned().chain(of_url);
        Hosts(names.map(|name| name.trim_end_matches('.').to_ascii_lowercase()).collect())
    }

    fn contain(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
        address.parse::<IpAddr>().is_ok()
            || host == "localhost"
            || host.ends_with(".localhost")
            || self.0.contains(&host)
    }
}

/// Refuses a request for another host with 421.
pub async fn check(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let named = named(request.uri(), request.headers());
    match named.as_ref().map(Authority::host) {
        Some(host) if hosts.contain(host) => next.run(request).await,
        host => Refusal::misdirected(host.unwrap_or_default()).into_response(),
    }
}

/// Whether the request names a loopback host.
pub fn is_loopback(parts: &Parts) -> bool {
    named(&parts.uri, &parts.headers).is_some_and(|host| web_url::is_loopback(&format!("http://{host}")))
}

/// The host and the port that a request names: in its target, if that is a whole URL, otherwise in its Host header.
fn named(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let authority = match uri.authority() {
        Some(authority) => authority.clone(),
        None => {
            let mut hosts = headers.get_all(header::HOST).iter();
            let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
            host.to_str().ok()?.parse().ok()?
        }
    };
    // Nothing but a port may stand beside the host.
    let rest = authority.as_str().strip_prefix(authority.host())?;
    let is_port = rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    is_port.then_some(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inbox_answers_for_its_names_and_for_addresses() {
        let hosts = Hosts::new("https://Inbox.Example/team", &["other.example".to_owned()]);
        for (host, is_one) in [
            ("inbox.example", true),
            ("INBOX.example.", true),
            ("other.example", true),
            ("localhost", true),
            ("127.0.0.1", true),
            ("[::1]", true),
            ("192.0.2.7", true),
            ("evil.example", false),
            ("inbox.example.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
        ] {
            assert_eq!(hosts.contain(host), is_one, "{host}");
        }
    }
}
