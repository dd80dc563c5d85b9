//! Checks texts that must be a URL or an e-mail address.

use crate::bytes::{ByteSet, find};
use crate::text::{cut, cut_last, decimal, pieces};

/// Whether a text is an absolute http or https URL in which expressions in braces may stand for any part after the
/// scheme (RFC 6570).
pub(super) fn is_http_url_template(text: &str) -> bool {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = cut(rest, b'{') {
        let Some((expression, after)) = cut(from, b'}') else { return false };
        filled.push_str(before);
        // A digit is valid in a host, a port, a path and a query.
        filled.push_str(if expression.is_empty() { "{" } else { "0" });
        rest = after;
    }
    filled.push_str(rest);
    static BRACES: ByteSet = ByteSet::of(b"{}");
    !BRACES.is_in(&filled) && is_http_url(&filled)
}

/// Whether a text is an absolute http or https URL with a host.
///
/// The answer must not depend on whether a browser is there, so this is a rule of its own. It is stricter than the URL
/// standard, which repairs many mistakes: it allows no white space, no control character and no backslash, and it wants
/// a possible host and a port that is a number.
pub(crate) fn is_http_url(text: &str) -> bool {
    let begin = match text.as_bytes() {
        [b'h' | b'H', b't' | b'T', b't' | b'T', b'p' | b'P', b's' | b'S', b':', b'/', b'/', ..] => 8,
        [b'h' | b'H', b't' | b'T', b't' | b'T', b'p' | b'P', b':', b'/', b'/', ..] => 7,
        _ => return false,
    };
    let rest = text.get(begin..).unwrap_or_default();
    const REFUSED: ByteSet = ByteSet::of(b"\"<>\x7F").and_range(0, b' ');
    static NO_DOT: ByteSet = ByteSet::of(b".").others();
    // Most URLs are ASCII and have only a host before the path.
    static UNUSUAL: ByteSet = REFUSED.and(b"\\").and_range(0x80, 0xFF);
    static HOST_END: ByteSet = ByteSet::of(b"/?#[]^|%@:{}");
    if !UNUSUAL.is_in(rest) {
        let end = HOST_END.find(rest.as_bytes()).unwrap_or(rest.len());
        let (host, after) = rest.split_at_checked(end).unwrap_or_default();
        if matches!(after.as_bytes().first(), None | Some(b'/' | b'?' | b'#')) {
            return NO_DOT.is_in(host);
        }
    } else if REFUSED.is_in(rest) {
        return false;
    }
    // Before the query, a browser reads a backslash as a slash. In the query it is an ordinary character.
    static QUERY: ByteSet = ByteSet::of(b"?#");
    let before_query = QUERY.find(rest.as_bytes()).unwrap_or(rest.len());
    if find(rest, 0, b'\\').is_some_and(|at| at < before_query) {
        return false;
    }
    // The authority ends here: the host with its port, and what stands before an `@`.
    static AUTHORITY_END: ByteSet = ByteSet::of(b"/?#");
    let end = AUTHORITY_END.find(rest.as_bytes()).unwrap_or(rest.len());
    if !rest.is_ascii() && rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return false;
    }
    let authority = rest.get(..end).unwrap_or_default();
    let host_and_port = cut_last(authority, b'@').map_or(authority, |(_, host)| host);
    let (host, port) = match host_and_port.strip_prefix('[').and_then(|rest| cut(rest, b']')) {
        Some((address, port)) => {
            static NO_ADDRESS: ByteSet =
                ByteSet::of(b":.").and_range(b'0', b'9').and_range(b'a', b'f').and_range(b'A', b'F').others();
            let address_like = cut(address, b':').is_some() && !NO_ADDRESS.is_in(address);
            (if address_like { address } else { "" }, port.strip_prefix(':').or(port.is_empty().then_some("")))
        }
        None => match cut(host_and_port, b':') {
            Some((host, port)) => (host, Some(port)),
            None => (host_and_port, Some("")),
        },
    };
    let port_ok = port.is_some_and(|port| port.is_empty() || decimal(port).is_some_and(|port| port <= 65_535));
    // The characters that the URL standard forbids in a host and that are not refused above.
    static FORBIDDEN: ByteSet = ByteSet::of(b"[]^|%@:{}");
    let host_ok = host_and_port.starts_with('[') || !FORBIDDEN.is_in(host);
    NO_DOT.is_in(host) && host_ok && port_ok
}

/// Whether a text is an e-mail address by the definition of the HTML standard.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = cut(text, b'@') else { return false };
    const ALPHANUMERIC: ByteSet = ByteSet::of(b"").and_range(b'0', b'9').and_range(b'A', b'Z').and_range(b'a', b'z');
    static NO_ATOM: ByteSet = ALPHANUMERIC.and(b".!#$%&'*+/=?^_`{|}~-").others();
    static NO_LABEL: ByteSet = ALPHANUMERIC.and(b"-").others();
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && !NO_LABEL.is_in(label) && !label.starts_with('-') && !label.ends_with('-')
    };
    !local.is_empty() && !NO_ATOM.is_in(local) && pieces(domain, b'.').all(label)
}

#[cfg(test)]
mod tests {
    use super::{is_email, is_http_url, is_http_url_template};

    #[test]
    fn an_http_url_is_absolute_and_has_a_host() {
        for url in [
            "https://example.com",
            "http://example.com/",
            "HTTPS://EXAMPLE.COM/a?b=c#d",
            "http://localhost:4400/x",
            "https://user:pass@example.com/",
            "http://[::1]:80/",
            "https://münchen.example/ä",
            "https://e?x",
            "https://e#x",
            "https://avatars.githubusercontent.com/u/3017123?v=3",
            "https://example.com/a{b}",
            "http://e:/",
        ] {
            assert!(is_http_url(url), "{url}");
        }
        for url in [
            "",
            "https:",
            "https://",
            "https:///x",
            "http://?x",
            "//example.com",
            "/x",
            "example.com",
            "ftp://example.com",
            "javascript://x",
            "https://exa mple.com",
            "https://e/\n",
            "https://e\\x",
            "https://e:x/",
            "https://e:99999/",
            "https://[x]/",
            "https://[::1",
            "https://[::1]x/",
            "https://@/",
            "https://a<b",
            "https://{host}/",
            " https://e",
            "https://.",
            "https://e:+1/",
            "https://e/\u{a0}",
            "https://e\u{85}/",
        ] {
            assert!(!is_http_url(url), "{url}");
        }
        for url in [
            "https://{host}/x",
            "https://example.com/{id}/x{?y}",
            "https://{a}.example.com/",
            "https://example.com:{port}/x",
            "https://e:80{/x}",
        ] {
            assert!(is_http_url_template(url), "{url}");
        }
        for url in
            ["{url}", "https://{host", "https://e/{id", "https://e/}", "https://{}^/", "https://e/{}", "https://"]
        {
            assert!(!is_http_url_template(url), "{url}");
        }
    }

    #[test]
    fn an_email_address_follows_the_html_standard() {
        let long = |n| format!("a@{}", "b".repeat(n));
        for email in ["marty@example.com", "a@b", "!#$%&'*+/=?^_`{|}~-.@b-c.d", &long(63)] {
            assert!(is_email(email), "{email}");
        }
        for email in [
            "",
            "@",
            "a@",
            "@b",
            "a b@c",
            "a@b@c",
            "a@-b",
            "a@b-",
            "a@b..c",
            "ä@b",
            "a@b_c",
            "Marty <a@b.c>",
            &long(64),
        ] {
            assert!(!is_email(email), "{email}");
        }
    }
}
