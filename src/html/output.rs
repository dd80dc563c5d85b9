//! The HTML that the sanitiser has written, and how the next piece is joined to it.

use super::element::Element;
use super::reference::{continues_reference, open_reference};
use super::tree::Event;
use crate::text::replace;

/// The HTML that was written, and what must be known about its end.
pub(super) struct Output {
    pub html: String,
    /// Whether the next text must not join the last text: between them a tag was left out that began a new line.
    pub apart: bool,
    /// The byte index of a last `&` that more text could turn into a character reference, and the length of the HTML
    /// when that `&` was written.
    open_reference: Option<(usize, usize)>,
}

impl Output {
    /// Makes an output with room for this many bytes.
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
            // A `<` must not become a tag together with the text after something that was cut out.
            b'<' => Some("&lt;"),
            _ => None,
        });
        let end = self.html.len();
        self.open_reference = open_reference(text).map(|at| (end - (text.len() - at), end));
    }

    /// Writes a space if the next piece must not join the last text.
    fn keep_apart(&mut self, next: &str) {
        let is_space = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
        if self.apart && !is_space(self.html.as_bytes().last()) && !is_space(next.as_bytes().first()) {
            self.html.push(' ');
        }
        self.apart = false;
    }

    /// Writes `&amp;` instead of a last `&` if the next text would turn it into a character reference. In the input,
    /// something stood between the two.
    fn close_reference(&mut self, next: &str) {
        if let Some((at, end)) = self.open_reference
            && end == self.html.len()
            && continues_reference(next)
        {
            replace_range(&mut self.html, at + 1, at + 1, "amp;");
        }
    }

    /// Removes a tag that was written. An `&` before it must not become a character reference with the text after it.
    pub fn cut(&mut self, from: usize, to: usize) {
        replace_range(&mut self.html, from, to, "");
        let (before, behind) = self.html.split_at_checked(from).unwrap_or_default();
        if let Some(at) = open_reference(before).filter(|_| continues_reference(behind)) {
            replace_range(&mut self.html, at + 1, at + 1, "amp;");
        }
        // The index is wrong now. It is not needed: a tag is written next.
        self.open_reference = None;
    }

    /// Begins a start tag, up to its attributes. Returns the byte index of the tag.
    pub fn start_tag(&mut self, element: Element) -> usize {
        // A tag that begins a new line keeps the texts around it apart by itself.
        self.apart &= !element.begins_a_line();
        self.keep_apart("<");
        let start = self.html.len();
        self.html.push('<');
        self.html.push_str(element.name());
        start
    }

    /// Writes an end tag.
    pub fn end_tag(&mut self, element: Element) {
        self.apart &= !element.begins_a_line();
        self.html.push_str("</");
        self.html.push_str(element.name());
        self.html.push('>');
    }

    /// Writes the tag of an element that was opened or closed without a tag of its own.
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

/// Replaces a byte range of a text.
fn replace_range(text: &mut String, from: usize, to: usize, with: &str) {
    let Some(rest) = text.get(to..).map(str::to_owned).filter(|_| text.is_char_boundary(from)) else { return };
    text.truncate(from);
    text.push_str(with);
    text.push_str(&rest);
}

/// Returns the element that is written for an element. A list item outside any list is written as a `div`: as an item
/// it would close a list item around the fragment.
pub(super) fn item_as_div(element: Element, outside_list: bool) -> Element {
    if outside_list { Element::DIV } else { element }
}
