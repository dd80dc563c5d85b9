//! Where a request comes from: its network, which the limits count, and whether a program on this machine sent it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::host;
use crate::app::Settings;

/// The address of the other end of a request's connection. Each request has it among its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Returns the network from which a request comes.
///
/// A proxy sends the requests of others. If the peer is one of the `proxies` that the owner trusts, the address is the
/// last one in `X-Forwarded-For` that is not such a proxy: everything before it could have been written by anybody.
pub fn client_network(parts: &Parts, proxies: &[IpAddr]) -> IpAddr {
    let peer = parts.extensions.get::<Peer>().map_or(Ipv6Addr::UNSPECIFIED.into(), |Peer(peer)| peer.ip());
    if !proxies.contains(&peer.to_canonical()) {
        return network(peer);
    }
    let mut address = peer;
    for forwarded in forwarded_for(&parts.headers).into_iter().rev() {
        // What stands before an entry that cannot be read could have been written by anybody.
        let Some(forwarded) = forwarded else { break };
        address = forwarded;
        if !proxies.contains(&forwarded.to_canonical()) {
            break;
        }
    }
    network(address)
}

/// Whether a program on this machine sent the request itself, to an inbox that only this machine reaches. What a proxy has
/// passed on may come from anywhere.
pub fn is_local(parts: &Parts, settings: &Settings) -> bool {
    let peer = parts.extensions.get::<Peer>().map(|Peer(peer)| peer.ip().to_canonical());
    settings.is_local
        && peer.is_some_and(|peer| peer.is_loopback() && !settings.trusted_proxies.contains(&peer))
        && !parts.headers.keys().any(|name| is_of_proxy(name.as_str()))
        && host::is_loopback(parts)
}

/// Whether a proxy shows by this header that it passed a request on.
fn is_of_proxy(name: &str) -> bool {
    matches!(name, "forwarded" | "via" | "x-real-ip" | "cf-connecting-ip" | "true-client-ip")
        || name.starts_with("x-forwarded-")
}

/// The entries of `X-Forwarded-For`. One that is not an address, with or without a port, is `None`.
fn forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let read = |entry: &str| {
        let entry = entry.trim();
        let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
        let in_brackets = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
        entry.parse().ok().or_else(with_port).or_else(in_brackets)
    };
    let values = headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or_default());
    values.flat_map(|list| list.split(',').map(read)).collect()
}

/// The network that the limits count: an IPv4 address, or the first 64 bits of an IPv6 address. Whoever has one IPv6
/// address usually has the other addresses of that /64 too.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_request_is_local_only_without_a_proxy() {
        let settings = |is_local, proxies: &[&str]| Settings {
            token_lifetime: Duration::ZERO,
            action_timeout: Duration::ZERO,
            is_local,
            trusted_proxies: proxies.iter().map(|proxy| proxy.parse().expect("an address")).collect(),
        };
        for (peer, header, settings, expected) in [
            ("127.0.0.1:1", None, settings(true, &[]), true),
            ("[::1]:1", None, settings(true, &[]), true),
            ("[::ffff:127.0.0.1]:1", None, settings(true, &[]), true),
            ("192.0.2.7:1", None, settings(true, &[]), false),
            ("127.0.0.1:1", None, settings(false, &[]), false),
            ("127.0.0.1:1", None, settings(true, &["127.0.0.1"]), false),
            ("[::ffff:127.0.0.1]:1", None, settings(true, &["127.0.0.1"]), false),
            ("127.0.0.1:1", Some("x-forwarded-for"), settings(true, &[]), false),
            ("127.0.0.1:1", Some("forwarded"), settings(true, &[]), false),
            ("127.0.0.1:1", Some("via"), settings(true, &[]), false),
            ("127.0.0.1:1", Some("x-real-ip"), settings(true, &[]), false),
            ("127.0.0.1:1", Some("x-forwarded-proto"), settings(true, &[]), false),
            ("127.0.0.1:1", Some("cf-connecting-ip"), settings(true, &[]), false),
        ] {
            let mut request = axum::http::Request::new(());
            request.headers_mut().insert("host", "localhost:4400".parse().expect("a header"));
            if let Some(name) = header {
                request.headers_mut().insert(name, "127.0.0.1".parse().expect("a header"));
            }
            request.extensions_mut().insert(Peer(peer.parse().expect("an address")));
            let (parts, ()) = request.into_parts();
            assert_eq!(is_local(&parts, &settings), expected, "{peer} {header:?}");
        }
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        assert!(!is_local(&parts, &settings(true, &[])), "without a peer");
        parts.extensions.insert(Peer("127.0.0.1:1".parse().expect("an address")));
        parts.headers.insert("host", "203.0.113.5".parse().expect("a header"));
        assert!(!is_local(&parts, &settings(true, &[])), "the name of another host");
    }

    #[test]
    fn a_forwarded_address_counts_only_behind_a_trusted_proxy() {
        let proxies: [IpAddr; 2] = ["10.0.0.1".parse().expect("an address"), "10.0.0.2".parse().expect("an address")];
        for (peer, forwarded, expected) in [
            ("192.0.2.7:1", &["203.0.113.9"][..], "192.0.2.7"),
            ("10.0.0.1:1", &["203.0.113.9"], "203.0.113.9"),
            ("[::ffff:10.0.0.1]:1", &["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:1", &["1.2.3.4, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:1", &["1.2.3.4", "203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1:1", &["1.2.3.4, 203.0.113.9:5000"], "203.0.113.9"),
            ("10.0.0.1:1", &["[2001:db8::1]:80, 10.0.0.2"], "2001:db8::"),
            ("10.0.0.1:1", &["nonsense"], "10.0.0.1"),
            ("10.0.0.1:1", &["1.2.3.4, nonsense"], "10.0.0.1"),
            ("10.0.0.1:1", &["1.2.3.4, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("[::1]:1", &[], "::1"),
            ("10.0.0.1:1", &[], "10.0.0.1"),
            ("[2001:db8::1:2:3:4]:1", &[], "2001:db8::"),
        ] {
            let mut request = axum::http::Request::new(());
            for value in forwarded {
                request.headers_mut().append("x-forwarded-for", value.parse().expect("a header"));
            }
            request.extensions_mut().insert(Peer(peer.parse().expect("an address")));
            let (parts, ()) = request.into_parts();
            assert_eq!(
                client_network(&parts, &proxies),
                expected.parse::<IpAddr>().expect("an address"),
                "{peer} {forwarded:?}"
            );
        }
    }
}
