//! The text in which a message is searched for.

use flowdock_integration::html;
use serde_json::{Deserializer, Value};

/// How much of a title, a body or a content is searched, in bytes of HTML.
const MAX_BYTES: usize = 64 * 1024;

/// The searched text of a message: its title, its body and its content, and the title of its thread in this state.
pub fn text_of(stored: &Value, thread_state: Option<&str>) -> String {
    let mut searched = String::new();
    for key in ["title", "body"] {
        searched += &html::text(first(text(&stored[key])));
        searched.push('\n');
    }
    searched += first(text(&stored["content"]));
    searched.push('\n');
    // The state of an older message is in the message itself.
    let title = thread_state.map_or_else(|| stored["thread"]["title"].clone(), title_of);
    searched + &html::text(first(text(&title)))
}

/// The searched text of a message that is stored as this JSON.
pub fn text_of_stored(json: &str, thread_state: Option<&str>) -> serde_json::Result<String> {
    Ok(text_of(&serde_json::from_str(json)?, thread_state))
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
        let expected = "opened  the <door> \n one  two! 1 < 2 &auml; & xNo  \na <b> &amp; c\nThread & \"title\"";
        let state = "{\"title\":\"Thread &amp; \\\"title\\\"\",\"body\":\"not searched\"}";
        assert_eq!(super::text_of(&stored, Some(state)), expected);
        let older = json!({ "content": null, "thread": { "title": "inside" } });
        assert_eq!(super::text_of(&older, None), "\n\n\ninside");
        assert_eq!(super::text_of(&json!({ "content": "x" }), None), "\n\nx\n");
    }
}
