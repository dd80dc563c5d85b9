//! Checks whether the URL that was called is the URL that was signed.

use crate::bytes::find;
use crate::text::{cut, percent};

/// Whether a URL is the one that an action's URL template gives.
///
/// Both are normalised: scheme and host in lower case, no default port, no fragment, a path of at least `/`, and
/// percent-encoding for each character that a URL cannot hold. Nothing is decoded: `%2F` is not `/`. A browser also
/// normalises `..` and hosts that are not ASCII; such URLs are not equal here. Expressions in braces are replaced with
/// nothing, like variables without a value (RFC 6570), because Flowdock documents no variables.
pub(super) fn stands_for(template: &str, url: &str) -> bool {
    normal(&expand(template)).is_some_and(|template| Some(template) == normal(url))
}

fn expand(template: &str) -> String {
    let mut url = String::new();
    let mut rest = template;
    while let Some((before, expression)) = cut(rest, b'{') {
        url.push_str(before);
        rest = cut(expression, b'}').map_or("", |(_, after)| after);
    }
    url.push_str(rest);
    url
}

fn normal(url: &str) -> Option<String> {
    let url = cut(url, b'#').map_or(url, |(url, _)| url);
    let (scheme, rest) = cut(url, b':')?;
    let scheme = scheme.to_ascii_lowercase();
    let rest = rest.strip_prefix("//")?;
    let end = [b'/', b'?'].into_iter().filter_map(|end| find(rest, 0, end)).min().unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.to_ascii_lowercase();
    let mut normal = scheme;
    normal.push_str("://");
    normal.push_str(authority.strip_suffix(usual).unwrap_or(&authority));
    if !path.starts_with('/') {
        normal.push('/');
    }
    for byte in path.bytes() {
        let stands = byte.is_ascii_graphic() && !b"\"<>`{}|^'\\".contains(&byte);
        percent(byte, stands, &mut normal);
    }
    Some(normal)
}

#[cfg(test)]
mod tests {
    use super::stands_for;

    #[test]
    fn a_template_matches_the_url_that_it_gives() {
        for (template, url) in [
            ("https://a.example/x?y=1", "https://a.example/x?y=1"),
            ("HTTPS://A.example:443/x", "https://a.example/x"),
            ("http://a.example:80", "http://a.example/"),
            ("https://a.example?x", "https://a.example/?x"),
            ("https://a.example/x#top", "https://a.example/x"),
            ("https://a.example/x y/é", "https://a.example/x%20y/%C3%A9"),
            ("https://a.example/{id}/x{?a,b}", "https://a.example//x"),
            ("http://127.0.0.1:3000/vote/1", "http://127.0.0.1:3000/vote/1"),
        ] {
            assert!(stands_for(template, url), "{template} {url}");
        }
    }

    #[test]
    fn a_template_matches_no_other_url() {
        for (template, url) in [
            ("https://a.example/x", "http://a.example/x"),
            ("https://a.example/x", "https://b.example/x"),
            ("https://a.example/x", "https://a.example:8443/x"),
            ("https://a.example:80/x", "https://a.example/x"),
            ("https://a.example/x", "https://a.example/x/"),
            ("https://a.example/x", "https://a.example/X"),
            ("https://a.example/x?a=1", "https://a.example/x?a=2"),
            ("https://a.example/x?a=1", "https://a.example/x"),
            ("https://a.example/a%2Fb", "https://a.example/a/b"),
            ("https://a.example/a/../b", "https://a.example/b"),
            ("https://a.example@b.example/x", "https://b.example/x"),
            ("a.example/x", "a.example/x"),
            ("", ""),
        ] {
            assert!(!stands_for(template, url), "{template} {url}");
        }
    }
}
