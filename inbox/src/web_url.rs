//! Checks web URLs, and reads and extends their parts.

use std::net::IpAddr;

use axum::http::Uri;

/// Whether this is an absolute http or https URL with a host and without a user.
///
/// A user name and password before the host are refused, because they mostly serve to make a URL look like another one.
pub fn is_web_url(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let is_host = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    is_web && is_host && uri.host().is_some_and(|host| !host.is_empty())
}

/// The path of a base URL, to which the inbox appends its own paths: empty, or for example `/inbox`.
pub fn path(base_url: &str) -> &str {
    let after_scheme = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    after_scheme.find('/').map_or("", |at| &after_scheme[at..])
}

/// The origin of a URL: its scheme, its host and its port.
pub fn origin(url: &str) -> &str {
    let path_and_query = path(url).len();
    &url[..url.len() - path_and_query]
}

/// Whether the host of a URL is this machine by its name or by a loopback address.
pub fn is_loopback(url: &str) -> bool {
    let uri = url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Adds parameters to the query of a URL. The URL must have no fragment.
pub fn with_query(url: &str, pairs: &[(&str, &str)]) -> String {
    let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let separator = match url.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{url}{separator}{query}")
}

/// Escapes a text for a path or for a parameter of a header.
pub fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20").replace('*', "%2A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_url_is_an_absolute_http_or_https_url_without_a_user() {
        for (text, is_one) in [
            ("https://example.com", true),
            ("http://127.0.0.1:3000/a?b=c", true),
            ("HTTPS://example.com/", true),
            ("http://[::1]:1/", true),
            ("https://user@example.com/", false),
            ("https://good.example:x@evil.example/", false),
            ("javascript:alert(1)", false),
            ("ftp://example.com/", false),
            ("//example.com/", false),
            ("/path", false),
            ("https://", false),
            ("https://exa mple.com/", false),
            ("", false),
        ] {
            assert_eq!(is_web_url(text), is_one, "{text}");
        }
    }

    #[test]
    fn a_loopback_url_has_a_loopback_host() {
        for (url, is_one) in [
            ("http://127.0.0.1:4400", true),
            ("http://[::1]:4400/inbox", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("https://LOCALHOST/", true),
            ("http://192.0.2.1:4400", false),
            ("http://0.0.0.0:4400", false),
            ("https://localhost.example.com", false),
            ("https://127.0.0.1.example.com", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(url), is_one, "{url}");
        }
    }

    #[test]
    fn a_base_url_may_have_a_path() {
        for (url, its_path) in [
            ("http://127.0.0.1:4400", ""),
            ("https://example.com/inbox", "/inbox"),
            ("https://example.com/team/inbox", "/team/inbox"),
        ] {
            assert_eq!(path(url), its_path, "{url}");
            assert_eq!(format!("{}{its_path}", origin(url)), url);
        }
    }

    #[test]
    fn a_parameter_is_added_to_an_existing_query() {
        for (url, longer) in [
            ("http://a/", "http://a/?x=1+%26"),
            ("http://a/?", "http://a/?x=1+%26"),
            ("http://a/?b=c", "http://a/?b=c&x=1+%26"),
        ] {
            assert_eq!(with_query(url, &[("x", "1 &")]), longer);
        }
    }
}
