//! The text of HTML, without its markup.

use super::reference::decode;
use super::scan::{Kind, Scanner};

/// Returns the text of HTML that was [checked](super::check) or [sanitised](super::sanitize), for a search or a notification.
///
/// Each tag becomes a space, so that the words of two paragraphs stay apart. Character references become characters: the
/// numeric ones, and `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;` and `&nbsp;` (as a space). Other names stay as they are
/// written. The content of elements such as `script`, which no message allows, counts as text.
///
/// ```
/// use flowdock_integration::html::text;
/// assert_eq!(text("<p>1 &lt; 2</p><p>R&#38;D</p>"), " 1 < 2  R&D ");
/// ```
#[must_use]
pub fn text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut scanner = Scanner::new(html);
    while let Some(token) = scanner.next() {
        match token.kind {
            Kind::Text => push_decoded(&mut text, html.get(token.start..token.end).unwrap_or_default()),
            Kind::Start(_) | Kind::End(_) | Kind::Malformed(_) => text.push(' '),
        }
    }
    text
}

fn push_decoded(to: &mut String, written: &str) {
    let mut rest = written;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        to.push_str(before);
        let (character, behind) = decode(reference).unwrap_or(('&', reference.strip_prefix('&').unwrap_or_default()));
        to.push(character);
        rest = behind;
    }
    to.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::html::escape;

    #[test]
    fn the_text_has_no_markup_and_decoded_references() {
        for (html, expected) in [
            ("", ""),
            ("opened <a href=\"https://example.org/?a>b\">the &lt;door&gt;</a>", "opened  the <door> "),
            ("<p>one</p><p>two&#33; 1 < 2 &auml; & x&#x4e;o", " one  two! 1 < 2 &auml; & xNo"),
            ("a<br>b<!-- c -->d", "a b d"),
            ("&amp;lt; &amp &nbsp;&apos;&quot;", "&lt; &amp  '\""),
            (
                "&#; &#x; &#0; &#xd800; &#1114112; &#99999999999; &#233",
                "&#; &#x; \u{fffd} \u{fffd} \u{fffd} \u{fffd} é",
            ),
            ("1 &", "1 &"),
            ("x <b", "x  "),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }

    #[test]
    fn the_text_of_an_escaped_text_is_that_text() {
        for written in ["", "a & b < c > d \" e ' f", "<script>&amp;</script>", "é &#38; 日本"] {
            assert_eq!(text(&escape(written)), written);
        }
    }
}
