//! Checks to which server a token may be sent.

use super::{InvalidOption, is_blocked_port};
use crate::text::{cut, cut_last, decimal, pieces};

/// Returns the base URL without a slash at its end if a token may be sent to it.
pub(crate) fn check(url: &str, allow_http: bool) -> Result<&str, InvalidOption> {
    let invalid = |message| Err(InvalidOption::new("baseUrl", message));
    if !crate::validate::is_http_url(url) {
        return invalid("must begin with `https://`, or for this machine with `http://` as in `http://127.0.0.1:4400`");
    }
    if url.bytes().any(|byte| b"?#@".contains(&byte)) {
        return invalid("must have no user name, query or fragment");
    }
    let (scheme, rest) = cut(url, b':').unwrap_or_default();
    let rest = rest.trim_start_matches('/');
    let authority = cut(rest, b'/').map_or(rest, |(authority, _)| authority);
    let port = cut_last(authority, b':').and_then(|(_, port)| u16::try_from(decimal(port)?).ok());
    if port.is_some_and(is_blocked_port) {
        return invalid("has a bad port, which browsers and `fetch` refuse");
    }
    if scheme.eq_ignore_ascii_case("http") && !allow_http && !is_loopback(authority) {
        return invalid("is plain http, which shows the token to everybody on the way: use https, or set `allowHttp`");
    }
    Ok(url.trim_end_matches('/'))
}

/// Whether an authority (a host, perhaps with a port) names this machine.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(address) => return cut(address, b']').is_some_and(|(address, _)| address == "::1"),
        None => cut(authority, b':').map_or(authority, |(host, _)| host),
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let (before, last) = cut_last(host, b'.').unwrap_or(("-", host));
    let is_name = !before.is_empty() && last.eq_ignore_ascii_case("localhost");
    let is_byte = |part| decimal(part).is_some_and(|part| part <= 255);
    is_name || host.starts_with("127.") && pieces(host, b'.').count() == 4 && pieces(host, b'.').all(is_byte)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_base_url_is_https_or_names_this_machine() {
        for (url, base) in [
            ("https://inbox.example.com", "https://inbox.example.com"),
            ("https://inbox.example.com/", "https://inbox.example.com"),
            ("HTTPS://inbox.example.com/flowdock/", "HTTPS://inbox.example.com/flowdock"),
            ("http://127.0.0.1:4400", "http://127.0.0.1:4400"),
            ("http://127.1.2.3", "http://127.1.2.3"),
            ("http://localhost:4400/", "http://localhost:4400"),
            ("http://app.LOCALHOST", "http://app.LOCALHOST"),
            ("http://[::1]:4400", "http://[::1]:4400"),
        ] {
            assert_eq!(check(url, false), Ok(base), "{url}");
        }
        for url in [
            "",
            "inbox.example.com",
            "ftp://inbox.example.com",
            "https://",
            "https://u:p@e.example",
            "https://e.example?x",
            "https://e.example#x",
            "http://inbox.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "http://[::2]",
            "http://notlocalhost",
            "http://.localhost",
        ] {
            assert!(check(url, false).is_err(), "{url}");
        }
        assert_eq!(check("http://inbox.example.com/", true), Ok("http://inbox.example.com"));
    }

    #[test]
    fn a_base_url_with_a_blocked_port_is_refused() {
        for url in [
            "http://127.0.0.1:10080",
            "http://127.0.0.1:6000/",
            "http://[::1]:6667/inbox",
            "https://inbox.example.com:0022/",
            "https://inbox.example.com:0",
            "HTTPS://inbox.example.com:1/a:80",
        ] {
            let error = check(url, true).unwrap_err();
            assert!(error.option == "baseUrl" && error.to_string().contains("bad port"), "{error}");
        }
        for url in ["https://e.example:/", "https://e.example/:6000", "http://[::6000]", "http://127.0.0.1:4400/a:6000"]
        {
            assert!(check(url, true).is_ok(), "{url}");
        }
    }
}
