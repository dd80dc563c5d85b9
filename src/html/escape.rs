//! Turns text into HTML.

use crate::text::replace;

/// Writes a text so that a browser shows it unchanged, in element content and in a quoted attribute. A NUL becomes
/// U+FFFD, because HTML cannot contain one.
///
/// ```
/// use flowdock_integration::html::escape;
/// assert_eq!(escape(r#"1 < 2 & "three""#), "1 &lt; 2 &amp; &quot;three&quot;");
/// ```
#[must_use]
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    escape_to(&mut html, text);
    html
}

/// Appends a text to HTML, as [`escape`] writes it.
pub(super) fn escape_to(html: &mut String, text: &str) {
    replace(html, text, &|byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\'' => Some("&#39;"),
        0 => Some("\u{fffd}"),
        _ => None,
    });
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn five_characters_are_written_as_references_and_no_other() {
        assert_eq!(escape("<&>\"'"), "&lt;&amp;&gt;&quot;&#39;");
        assert_eq!(escape("é😀 `=/"), "é😀 `=/");
        assert_eq!(escape("&lt;"), "&amp;lt;");
        assert_eq!(escape(""), "");
        assert_eq!(escape("a\0b"), "a\u{fffd}b");
    }
}
