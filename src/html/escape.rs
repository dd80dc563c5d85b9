//! Text to HTML.

/// Writes a text so that a browser shows it as it stands, in element content and in a quoted attribute.
///
/// ```
/// use flowdock_integration::html::escape;
/// assert_eq!(escape(r#"1 < 2 & "three""#), "1 &lt; 2 &amp; &quot;three&quot;");
/// ```
#[must_use]
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        html.push_str(before);
        // All five are one byte long.
        let (special, after) = from.split_at(1);
        html.push_str(match special {
            "&" => "&amp;",
            "<" => "&lt;",
            ">" => "&gt;",
            "\"" => "&quot;",
            _ => "&#39;",
        });
        rest = after;
    }
    html.push_str(rest);
    html
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
    }
}
