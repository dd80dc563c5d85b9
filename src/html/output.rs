//! What the sanitiser has written, and how the next piece may stand behind it.

use super::element::Element;
use super::reference::{continues_reference, open_reference};
use super::tree::Event;
use crate::text::replace;

/// What is written, and what has to be known of its end.
pub(super) struct Output {
    pub html: String,
    /// Whether the next text must not join the last one: the tag of a line of its own was left out between them.
    pub apart: bool,
    /// Where a character reference begins that is left open, and where the text ends in which it does.
    open_reference: Option<(usize, usize)>,
}

impl Output {
    /// With room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { html: String::with_capacity(bytes), apart: false, open_reference: None }
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.keep_apart(text);
        self.close_reference(text);
        replace(&mut self.html, text, &|byte| match byte {
            // What was cut out beside it must not make a tag of it.
            b'<' => Some("&lt;"),
            _ => None,
        });
        let end = self.html.len();
        self.open_reference = open_reference(text).map(|at| (end - (text.len() - at), end));
    }

    /// Writes a space where what comes next must not join the last text.
    fn keep_apart(&mut self, next: &str) {
        let is_space = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
        if self.apart && !is_space(self.html.as_bytes().last()) && !is_space(next.as_bytes().first()) {
            self.html.push(' ');
        }
        self.apart = false;
    }

    /// Writes `&amp;` for a last `&` that the next text would make a character reference of: something was cut out between them.
    fn close_reference(&mut self, next: &str) {
        if let Some((at, end)) = self.open_reference
            && end == self.html.len()
            && continues_reference(next)
        {
            replace_range(&mut self.html, at + 1, at + 1, "amp;");
        }
    }

    /// Takes a tag out that was written. What stands before it must not join what stands behind it.
    pub fn cut(&mut self, from: usize, to: usize) {
        replace_range(&mut self.html, from, to, "");
        let (before, behind) = self.html.split_at_checked(from).unwrap_or_default();
        if let Some(at) = open_reference(before).filter(|_| continues_reference(behind)) {
            replace_range(&mut self.html, at + 1, at + 1, "amp;");
        }
        // Its place is another one now, and a tag is written next.
        self.open_reference = None;
    }

    /// Begins a start tag, up to its attributes; where it begins.
    pub fn start_tag(&mut self, element: Element) -> usize {
        // A tag that begins a line keeps what stands around it apart.
        self.apart &= !element.begins_a_line();
        self.keep_apart("<");
        let place = self.html.len();
        self.html.push('<');
        self.html.push_str(element.name());
        place
    }

    /// Writes an end tag.
    pub fn end_tag(&mut self, element: Element) {
        self.apart &= !element.begins_a_line();
        self.html.push_str("</");
        self.html.push_str(element.name());
        self.html.push('>');
    }

    /// Writes what happens unasked.
    pub fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Closed(open) => self.end_tag(item_as_div(open.element, open.outside_list)),
            Event::Opened(element) => {
                self.start_tag(*element);
                self.html.push('>');
            }
        }
    }
}

/// Writes something else in the place of a part of a text.
fn replace_range(text: &mut String, from: usize, to: usize, with: &str) {
    let Some(rest) = text.get(to..).map(str::to_owned).filter(|_| text.is_char_boundary(from)) else { return };
    text.truncate(from);
    text.push_str(with);
    text.push_str(&rest);
}

/// What an element is written as. An item of a list that stands in none is a `div`: as an item it would close the one in which
/// the fragment stands.
pub(super) fn item_as_div(element: Element, outside_list: bool) -> Element {
    if outside_list { Element::DIV } else { element }
}
