//! Reads the login challenge of a service: `WWW-Authenticate: Flowdock-Token url=https://…`.

use axum::http::{HeaderMap, header};

use crate::web_url::is_web_url;

/// The URL at which the service wants the user to log in. The page makes a link of it, so a URL that is not http or
/// https is ignored.
pub fn login_url(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    values.filter_map(url).find(|url| is_web_url(url))
}

/// The parameter `url` of a challenge. Without quotes it extends to the end, as Flowdock documents it.
fn url(challenge: &str) -> Option<String> {
    let (scheme, parameters) = challenge.trim().split_once(char::is_whitespace)?;
    if !scheme.eq_ignore_ascii_case("flowdock-token") {
        return None;
    }
    let (name, value) = parameters.trim().split_once('=')?;
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|value| value.split('"').next()).unwrap_or(value);
    name.trim().eq_ignore_ascii_case("url").then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_url_is_read_from_a_challenge_if_it_is_a_web_url() {
        for (challenge, url) in [
            ("Flowdock-Token url=https://example.com/a?b=c", Some("https://example.com/a?b=c")),
            ("flowdock-token URL=http://127.0.0.1:3000/login", Some("http://127.0.0.1:3000/login")),
            ("Flowdock-Token url=\"https://example.com/a,b\"", Some("https://example.com/a,b")),
            ("Flowdock-Token url=javascript:alert(1)", None),
            ("Flowdock-Token url=//example.com", None),
            ("Flowdock-Token realm=https://example.com", None),
            ("Basic url=https://example.com", None),
            ("Flowdock-Token", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::WWW_AUTHENTICATE, challenge.parse().expect("a header"));
            assert_eq!(login_url(&headers).as_deref(), url, "{challenge}");
        }
    }
}
