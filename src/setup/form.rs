//! Queries and forms: names and values in percent-encoding.

use crate::text::{cut, percent, pieces};

/// Escapes a text for a path, a query or a form (RFC 3986, section 2.3).
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        let stands = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        percent(byte, stands, &mut escaped);
    }
    escaped
}

/// Adds a name and a value to a query or a form. An empty value is left out.
pub(super) fn add(form: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        form.push_str(if form.is_empty() { "" } else { "&" });
        form.push_str(name);
        form.push('=');
        form.push_str(&escape(value));
    }
}

/// Returns the first value of a name in a query or a form.
pub(super) fn value(form: &str, name: &str) -> Option<String> {
    let mut pairs = pieces(form, b'&').map(|pair| cut(pair, b'=').unwrap_or((pair, "")));
    pairs.find(|(key, _)| unescape(key) == name).map(|(_, value)| unescape(value))
}

/// Returns the query of a URL.
pub(super) fn query(url: &str) -> &str {
    let url = cut(url, b'#').map_or(url, |(url, _)| url);
    cut(url, b'?').map_or("", |(_, query)| query)
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let code = ahead.next().zip(ahead.next()).and_then(|(high, low)| Some(digit(high)? << 4 | digit(low)?));
        bytes.push(match (byte, code) {
            (b'%', Some(code)) => {
                rest = ahead;
                code
            }
            (b'+', _) => b' ',
            _ => byte,
        });
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn digit(hex: u8) -> Option<u8> {
    match hex {
        b'0'..=b'9' => Some(hex - b'0'),
        b'a'..=b'f' => Some(hex - b'a' + 10),
        b'A'..=b'F' => Some(hex - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{add, query, value};

    #[test]
    fn an_escaped_value_is_read_back() {
        for text in ["", "a", "a b+c", "&=?#/%41", "Zürich €", "\u{0}\n", "%"] {
            let mut form = String::new();
            add(&mut form, "first", "1");
            add(&mut form, "text", text);
            assert!(form.bytes().all(|byte| byte.is_ascii_graphic()), "{form}");
            assert_eq!(value(&form, "text").unwrap_or_default(), text, "{form}");
        }
    }

    #[test]
    fn queries_are_read_as_browsers_write_them() {
        let url =
            "https://e.example/setup?flow=a%3Ab&flow_url=http%3A%2F%2Fx%2F+y&flow=2&empty&b%61d=%zz%e2%82#?flow=3";
        assert_eq!(value(query(url), "flow").as_deref(), Some("a:b"));
        assert_eq!(value(query(url), "flow_url").as_deref(), Some("http://x/ y"));
        assert_eq!(value(query(url), "empty").as_deref(), Some(""));
        // A value that is not UTF-8 counts as empty.
        assert_eq!(value(query(url), "bad").as_deref(), Some(""));
        assert_eq!(value(query(url), "other"), None);
        assert_eq!(query("https://e.example/#a?b"), "");
    }
}
