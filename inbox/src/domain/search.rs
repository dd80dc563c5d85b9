//! The text in which a message is searched for.

use serde_json::{Deserializer, Value};

/// How much of a title, a body or a content is searched, in bytes of HTML.
const MAX_BYTES: usize = 64 * 1024;

/// The searched text of a message: its title, its body and its content, and the title of its thread in this state.
pub fn text_of(stored: &Value, thread_state: Option<&str>) -> String {
    let mut searched = String::new();
    for key in ["title", "body"] {
        add_text(&mut searched, text(&stored[key]));
    }
    searched += first(text(&stored["content"]));
    searched.push('\n');
    // The state of an older message is in the message itself.
    let title = thread_state.map_or_else(|| stored["thread"]["title"].clone(), title_of);
    add_text(&mut searched, text(&title));
    searched
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The title in the state of a thread. It is the first value of the state, which may be long, so no more is parsed.
fn title_of(state: &str) -> Value {
    let first = state.strip_prefix("{\"title\":").unwrap_or_default();
    Deserializer::from_str(first).into_iter().next().and_then(Result::ok).unwrap_or_default()
}

/// The first `MAX_BYTES` of a text, without a part of a character at the end.
fn first(text: &str) -> &str {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Appends the text of an HTML fragment: a space for each tag, and characters for the references that `escape` writes and
/// for numeric ones.
fn add_text(to: &mut String, html: &str) {
    let mut rest = first(html);
    // Once a tag has no end, no later one is looked for, so the time grows with the length alone.
    let mut has_tags = true;
    while let Some(at) = rest.find(['<', '&']) {
        to.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match rest.as_bytes() {
            [b'<', b'/' | b'a'..=b'z' | b'A'..=b'Z', ..] if has_tags => {
                let tag = tag(rest);
                has_tags = tag.is_some();
                tag
            }
            [b'&', ..] => reference(rest),
            _ => None,
        };
        match taken {
            Some((character, length)) => {
                to.push(character);
                rest = &rest[length..];
            }
            None => {
                to.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    to.push_str(rest);
    to.push('\n');
}

/// The tag at the beginning of a text counts as a space. A `>` in the value of an attribute ends none.
fn tag(html: &str) -> Option<(char, usize)> {
    let mut quote = None;
    for (index, byte) in html.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some((' ', index + 1)),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => (),
        }
    }
    None
}

/// The character reference at the beginning of a text.
fn reference(html: &str) -> Option<(char, usize)> {
    let end = html.bytes().take(12).position(|byte| byte == b';')?;
    let name = html.get(1..end)?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let digits = name.strip_prefix('#')?;
            let hexadecimal = digits.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
            char::from_u32(hexadecimal.unwrap_or_else(|| digits.parse()).ok()?)?
        }
    };
    Some((character, end + 1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn the_searched_text_has_no_markup() {
        let stored = json!({
            "title": "opened <a href=\"https://example.org/?a>b\">the &lt;door&gt;</a>",
            "body": "<p>one</p><p>two&#33; 1 < 2 &auml; & x&#x4e;o <b",
            "content": "a <b> &amp; c",
        });
        let expected = "opened  the <door> \n one  two! 1 < 2 &auml; & xNo <b\na <b> &amp; c\nThread & \"title\"\n";
        let state = "{\"title\":\"Thread &amp; \\\"title\\\"\",\"body\":\"not searched\"}";
        assert_eq!(super::text_of(&stored, Some(state)), expected);
        let older = json!({ "content": null, "thread": { "title": "inside" } });
        assert_eq!(super::text_of(&older, None), "\n\n\ninside\n");
        assert_eq!(super::text_of(&json!({ "content": "x" }), None), "\n\nx\n\n");
    }
}
