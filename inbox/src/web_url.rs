//! Web addresses: what counts as one, adding to its query, and its path.

use axum::http::Uri;

/// Whether this is an absolute http or https URL that can be called: it names a host and no user.
///
/// A name and password in front of the host are refused, since they only serve to make a URL look like another one.
pub fn is_web_url(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let is_host = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    is_web && is_host && uri.host().is_some_and(|host| !host.is_empty())
}

/// The path of a base URL, on which the inbox's own paths follow: empty, or such as `/inbox`.
pub fn path(base_url: &str) -> &str {
    let after_scheme = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    after_scheme.find('/').map_or("", |at| &after_scheme[at..])
}

/// Whether what is sent there cannot be read on the way.
pub fn is_secure(url: &str) -> bool {
    url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
}

/// The URL with more in its query. It has no fragment.
pub fn with_query(url: &str, pairs: &[(&str, &str)]) -> String {
    let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let separator = match url.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{url}{separator}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_called_is_a_web_url() {
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
    fn a_base_url_may_have_a_path() {
        for (url, its_path) in [
            ("http://127.0.0.1:4400", ""),
            ("https://example.com/inbox", "/inbox"),
            ("https://example.com/team/inbox", "/team/inbox"),
        ] {
            assert_eq!(path(url), its_path, "{url}");
        }
    }

    #[test]
    fn a_query_is_added_to_the_one_that_is_there() {
        for (url, longer) in [
            ("http://a/", "http://a/?x=1+%26"),
            ("http://a/?", "http://a/?x=1+%26"),
            ("http://a/?b=c", "http://a/?b=c&x=1+%26"),
        ] {
            assert_eq!(with_query(url, &[("x", "1 &")]), longer);
        }
    }
}
