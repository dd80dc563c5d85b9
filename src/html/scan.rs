//! Cuts a fragment into tokens, with the states of the WHATWG tokenizer.
//!
//! Character references (`&amp;`) are not decoded, so no table of their names is needed; `reference.rs` decodes the
//! numeric ones in the scheme of a URL. Every token is a slice of the input and is found in one pass. Where a browser
//! goes on reading text, the scanner does too.

use crate::bytes::{ByteSet, find};
use crate::steps::count;

/// The elements whose content is text up to their own end tag. The content of `plaintext` has no end.
const RAW_TEXT: &[&str] =
    &["iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"];

/// Whether the content of an element is raw text, by the element's name in any letter case.
pub(super) fn is_raw_text(name: &str) -> bool {
    RAW_TEXT.iter().any(|raw| raw.len() == name.len() && raw.eq_ignore_ascii_case(name))
}

/// A part of the fragment: `html[start..end]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub start: usize,
    pub end: usize,
    pub kind: Kind<'a>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// Text as a browser reads it. It may contain a NUL.
    Text,
    /// A start tag. [`Scanner::attributes`] holds its attributes.
    Start(&'a str),
    /// An end tag. [`Scanner::attributes`] holds its attributes.
    End(&'a str),
    /// Something that is neither text nor a whole tag, with its name for an error message.
    Malformed(&'static str),
}

/// An attribute of the tag that was read last.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub name: &'a str,
    pub value: &'a str,
    pub value_start: usize,
    /// Whether the value is in quotes.
    pub is_quoted: bool,
    pub start: usize,
    pub end: usize,
}

/// The state between two tokens.
pub(super) struct Scanner<'a> {
    html: &'a str,
    at: usize,
    /// The element whose raw text comes next.
    raw: Option<&'a str>,
    /// Whether the next token is in an element of SVG or MathML, where CDATA sections are text. The caller sets it.
    pub in_foreign: bool,
    /// The attributes of the last tag in the order of the text, duplicates included.
    pub attributes: Vec<Attribute<'a>>,
}

impl<'a> Scanner<'a> {
    pub fn new(html: &'a str) -> Self {
        Self { html, at: 0, raw: None, in_foreign: false, attributes: Vec::new() }
    }

    /// Reads the next token. Returns `None` at the end of the fragment.
    pub fn next(&mut self) -> Option<Token<'a>> {
        count(1);
        let start = self.at;
        if start >= self.html.len() {
            return None;
        }
        let kind = match self.raw.take() {
            Some(element) => self.raw_text(element),
            None if self.peek(0) == Some(b'<') => self.markup(),
            None => None,
        };
        let kind = kind.unwrap_or_else(|| self.text(start));
        Some(Token { start, end: self.at, kind })
    }

    /// Tells the scanner that no raw text follows the last start tag, because it opened no HTML element.
    pub fn no_raw_text(&mut self) {
        self.raw = None;
    }

    /// Whether the last start tag, which ends at the byte index `end`, closes itself: `<x/>`. Only foreign content has
    /// such tags.
    pub fn closes_itself(&self, end: usize) -> bool {
        // The `/` may be the end of a value without quotes.
        let value_ends = self.attributes.last().map_or(0, |attribute| attribute.end);
        self.html.get(..end).is_some_and(|tag| tag.ends_with("/>")) && value_ends < end - 1
    }

    /// Reads text from `start` up to the next `<` that begins markup.
    fn text(&mut self, start: usize) -> Kind<'a> {
        // The first byte is text already: it is not a `<`, or it is a `<` that begins no markup.
        self.at = self.at.max(start + 1);
        while let Some(at) = find(self.html, self.at, b'<') {
            self.at = at;
            if self.opens_markup() {
                return Kind::Text;
            }
            self.at += 1;
        }
        self.at = self.html.len();
        Kind::Text
    }

    /// Whether the `<` at the current index begins markup.
    fn opens_markup(&self) -> bool {
        match self.peek(1) {
            Some(b'!' | b'?' | b'/') | None => true,
            Some(byte) => byte.is_ascii_alphabetic(),
        }
    }

    /// Reads what begins with a `<`. Returns `None` if it is text.
    fn markup(&mut self) -> Option<Kind<'a>> {
        match self.peek(1) {
            Some(b'!') => Some(self.declaration()),
            Some(b'?') => Some(self.bogus_comment("a processing instruction (`<?`)")),
            Some(b'/') => Some(match self.peek(2) {
                Some(byte) if byte.is_ascii_alphabetic() => self.tag(2),
                Some(b'>') => {
                    self.at += 3;
                    Kind::Malformed("an end tag without a name")
                }
                Some(_) => self.bogus_comment("an end tag without a name"),
                None => self.rest("a final `</`, which would join with what follows"),
            }),
            Some(byte) if byte.is_ascii_alphabetic() => Some(self.tag(1)),
            Some(_) => None,
            None => Some(self.rest("a final `<`, which would join with what follows")),
        }
    }

    /// Reads what begins with `<!`: a comment, a doctype, or what a browser takes for a comment.
    fn declaration(&mut self) -> Kind<'a> {
        let inside = self.slice(self.at + 2, self.html.len());
        let Some(comment) = inside.strip_prefix("--") else {
            let starts = |word: &str| inside.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word));
            if self.in_foreign && inside.starts_with("[CDATA[") {
                self.at += 2 + through(inside, &|before| before.ends_with("]]"));
                return Kind::Malformed("a CDATA section");
            }
            return match () {
                () if starts("doctype") => self.bogus_comment("a doctype"),
                () if starts("[CDATA[") => self.bogus_comment("a CDATA section"),
                () => self.bogus_comment("a declaration (`<!`)"),
            };
        };
        // `<!-->` and `<!--->` are whole comments. Any other comment ends at the first `>` after `--` or `--!`.
        let length = if comment.starts_with('>') {
            1
        } else if comment.starts_with("->") {
            2
        } else {
            through(comment, &|before| before.ends_with("--") || before.ends_with("--!"))
        };
        self.at += 4 + length;
        Kind::Malformed("a comment")
    }

    /// Reads up to the next `>`, whatever stands before it.
    fn bogus_comment(&mut self, what: &'static str) -> Kind<'a> {
        let rest = self.slice(self.at, self.html.len());
        self.at += find(rest, 0, b'>').map_or(rest.len(), |at| at + 1);
        Kind::Malformed(what)
    }

    fn rest(&mut self, what: &'static str) -> Kind<'a> {
        self.at = self.html.len();
        Kind::Malformed(what)
    }

    /// Reads a tag. The prefix of its name has one byte in a start tag (`<`) and two in an end tag (`</`).
    fn tag(&mut self, prefix: usize) -> Kind<'a> {
        self.attributes.clear();
        self.at += prefix;
        let begun = self.at;
        self.skip_to(&NAME_END);
        let name = self.slice(begun, self.at);
        loop {
            match self.skip_to(&ATTRIBUTE) {
                None => return self.rest("a tag without its `>`"),
                Some(b'>') => break,
                Some(_) => {
                    if !self.attribute() {
                        return self.rest("a tag without its `>`");
                    }
                }
            }
        }
        self.at += 1;
        if prefix == 2 {
            return Kind::End(name);
        }
        self.raw = Some(name).filter(|name| is_raw_text(name));
        Kind::Start(name)
    }

    /// Reads one attribute. Returns false if the input ends inside it.
    fn attribute(&mut self) -> bool {
        let start = self.at;
        // A `=` at the beginning of the name belongs to the name.
        self.at += usize::from(self.peek(0) == Some(b'='));
        self.skip_to(&ATTRIBUTE_NAME_END);
        let name = self.slice(start, self.at);
        let mut end = self.at;
        let mut value_start = end;
        let mut is_quoted = false;
        let mut value = "";
        if self.skip_to(&NO_SPACE) == Some(b'=') {
            self.at += 1;
            match self.skip_to(&NO_SPACE) {
                Some(quote @ (b'"' | b'\'')) => {
                    self.at += 1;
                    let Some(end) = find(self.html, self.at, quote) else { return false };
                    (value_start, is_quoted) = (self.at, true);
                    value = self.slice(self.at, end);
                    self.at = end + 1;
                }
                Some(b'>') => {}
                Some(_) => {
                    value_start = self.at;
                    self.skip_to(&VALUE_END);
                    value = self.slice(value_start, self.at);
                }
                None => return false,
            }
            end = self.at;
        }
        self.attributes.push(Attribute { name, value, value_start, is_quoted, start, end });
        true
    }

    /// Reads the text of a raw text element, up to the end tag of that element. An element without text gives its end
    /// tag.
    fn raw_text(&mut self, element: &str) -> Option<Kind<'a>> {
        let start = self.at;
        let rest = self.slice(start, self.html.len());
        let end = match element {
            _ if element.eq_ignore_ascii_case("plaintext") => None,
            _ if element.eq_ignore_ascii_case("script") => script_end(rest),
            _ => {
                let ends = |at: usize| rest.as_bytes().get(at + 1) == Some(&b'/') && names(rest, at + 2, element);
                rest.bytes().enumerate().find(|(at, byte)| *byte == b'<' && ends(*at)).map(|(at, _)| at)
            }
        };
        self.at = end.map_or(self.html.len(), |end| start + end);
        count(self.at - start);
        if self.at == start {
            return self.markup();
        }
        Some(Kind::Text)
    }

    /// Skips to the first byte of a set and returns that byte. Without one, skips to the end.
    fn skip_to(&mut self, set: &ByteSet) -> Option<u8> {
        let rest = self.html.as_bytes().get(self.at..).unwrap_or_default();
        let passed = set.find(rest).unwrap_or(rest.len());
        count(passed);
        self.at += passed;
        rest.get(passed).copied()
    }

    #[inline(always)]
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.html.as_bytes().get(self.at + ahead).copied()
    }

    /// Returns a slice of the fragment. It always exists: both indices are beside an ASCII character or at an end of
    /// the fragment.
    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.html.get(start..end).unwrap_or_default()
    }
}

/// Returns the length of a text up to and including the first `>` for which `is_end` accepts the text before it.
fn through(text: &str, is_end: &dyn Fn(&str) -> bool) -> usize {
    let ends = |at: usize| text.get(..at).is_some_and(is_end);
    let end = text.bytes().enumerate().find(|(at, byte)| *byte == b'>' && ends(*at));
    let length = end.map_or(text.len(), |(at, _)| at + 1);
    count(length);
    length
}

/// Whether a tag's whole name stands at a byte index.
fn names(html: &str, at: usize, name: &str) -> bool {
    let end = at + name.len();
    html.get(at..end).is_some_and(|found| found.eq_ignore_ascii_case(name))
        && html.as_bytes().get(end..).is_some_and(|rest| NAME_END.find(rest) == Some(0))
}

/// Returns the byte index where the end tag of a script begins. Inside `<!--`, a script that begins and ends again is
/// text of the outer script.
fn script_end(text: &str) -> Option<usize> {
    enum Comment {
        None,
        Open,
        /// A comment in which a script has begun.
        Script,
    }
    let mut state = Comment::None;
    let mut at = 0;
    while let Some(skipped) = text.bytes().skip(at).position(|byte| matches!(byte, b'<' | b'-')) {
        count(skipped + 1);
        at += skipped;
        let starts = |what: &str| text.get(at..).is_some_and(|rest| rest.starts_with(what));
        let ends_script = starts("</") && names(text, at + 2, "script");
        state = match state {
            // The dashes of `<!-->` may belong to the end of the comment as well.
            Comment::None if starts("<!--") => {
                at += 1;
                Comment::Open
            }
            Comment::Open | Comment::Script if starts("-->") => Comment::None,
            Comment::None | Comment::Open if ends_script => return Some(at),
            Comment::Open if names(text, at + 1, "script") && starts("<") => Comment::Script,
            Comment::Script if ends_script => Comment::Open,
            unchanged => unchanged,
        };
        at += 1;
    }
    None
}

// The sets for the inside of a tag. White space is that of ASCII, as in HTML. A CR counts too, because the input stream
// turns it into a line feed.
static NAME_END: ByteSet = ByteSet::of(b" \t\n\x0C\r/>");
static ATTRIBUTE_NAME_END: ByteSet = ByteSet::of(b" \t\n\x0C\r/>=");
static VALUE_END: ByteSet = ByteSet::of(b" \t\n\x0C\r>");
static NO_SPACE: ByteSet = ByteSet::of(b" \t\n\x0C\r").others();
/// The bytes with which an attribute begins or a tag ends.
static ATTRIBUTE: ByteSet = ByteSet::of(b" \t\n\x0C\r/").others();

#[cfg(test)]
mod tests {
    use super::{Kind, Scanner};

    /// Returns one line for each token: its kind, its text and its attributes.
    fn tokens(html: &str) -> Vec<String> {
        let mut scanner = Scanner::new(html);
        let mut lines = Vec::new();
        while let Some(token) = scanner.next() {
            let mut line = match token.kind {
                Kind::Text => format!("text {}", &html[token.start..token.end]),
                Kind::Start(name) => format!("<{name}"),
                Kind::End(name) => format!("</{name}"),
                Kind::Malformed(what) => format!("{what}: {}", &html[token.start..token.end]),
            };
            if matches!(token.kind, Kind::Start(_) | Kind::End(_)) {
                for attribute in &scanner.attributes {
                    line += &format!(" {}={}", attribute.name, attribute.value);
                }
            }
            lines.push(line);
        }
        lines
    }

    #[test]
    fn text_and_tags_are_cut_as_a_browser_cuts_them() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("1 < 2 && 3 > 2", &["text 1 < 2 && 3 > 2"]),
            ("a <3", &["text a <3"]),
            ("< a>", &["text < a>"]),
            ("&lt;script&gt;", &["text &lt;script&gt;"]),
            ("x<b>y</b>", &["text x", "<b", "text y", "</b"]),
            ("<a href=x>", &["<a href=x"]),
            ("<a/href=x/>", &["<a href=x/"]),
            ("<a href = 'x' b>", &["<a href=x b="]),
            ("<a href=\"x\"onclick=y>", &["<a href=x onclick=y"]),
            ("<a =x=y>", &["<a =x=y"]),
            ("<a x=>y", &["<a x=", "text y"]),
            ("<a title='<b> >'>", &["<a title=<b> >"]),
            ("<a<b>", &["<a<b"]),
            ("</a x='1'>", &["</a x=1"]),
            ("<BR/>", &["<BR"]),
            ("é😀<b>", &["text é😀", "<b"]),
            ("‹ſcript>", &["text ‹ſcript>"]),
        ];
        for (html, expected) in table {
            assert_eq!(tokens(html), *expected, "{html}");
        }
    }

    #[test]
    fn markup_that_is_no_whole_tag_is_malformed() {
        let table: &[(&str, &[&str])] = &[
            ("<!--><b>", &["a comment: <!-->", "<b"]),
            ("<!---><b>", &["a comment: <!--->", "<b"]),
            ("<!----><b>", &["a comment: <!---->", "<b"]),
            ("<!-- --!><b>-->", &["a comment: <!-- --!>", "<b", "text -->"]),
            ("<!-- x", &["a comment: <!-- x"]),
            ("<!-- x --->y", &["a comment: <!-- x --->", "text y"]),
            ("<!-- > -> -!> --!>y", &["a comment: <!-- > -> -!> --!>", "text y"]),
            ("<![CDATA[<a>]]>", &["a CDATA section: <![CDATA[<a>", "text ]]>"]),
            ("<!DOCTYPE x \">y", &["a doctype: <!DOCTYPE x \">", "text y"]),
            ("<?x>y", &["a processing instruction (`<?`): <?x>", "text y"]),
            ("</>x", &["an end tag without a name: </>", "text x"]),
            ("</3>x", &["an end tag without a name: </3>", "text x"]),
            ("x<", &["text x", "a final `<`, which would join with what follows: <"]),
            ("x</", &["text x", "a final `</`, which would join with what follows: </"]),
            ("<a href=\"https://x", &["a tag without its `>`: <a href=\"https://x"]),
            ("</a x=\"", &["a tag without its `>`: </a x=\""]),
            ("<a ", &["a tag without its `>`: <a "]),
        ];
        for (html, expected) in table {
            assert_eq!(tokens(html), *expected, "{html}");
        }
    }

    #[test]
    fn raw_text_ends_at_its_own_end_tag() {
        let table: &[(&str, &[&str])] = &[
            ("<script><b></script x>y", &["<script", "text <b>", "</script x=", "text y"]),
            ("<STYLE></style>y", &["<STYLE", "</style", "text y"]),
            ("<title></titles></title>", &["<title", "text </titles>", "</title"]),
            ("<xmp>é</x", &["<xmp", "text é</x"]),
            ("<plaintext></plaintext>", &["<plaintext", "text </plaintext>"]),
            (
                "<script><!--<script></script>x</script>y",
                &["<script", "text <!--<script></script>x", "</script", "text y"],
            ),
            ("<script><!--></script>y", &["<script", "text <!-->", "</script", "text y"]),
            ("<script><!--<script>--></script>y", &["<script", "text <!--<script>-->", "</script", "text y"]),
        ];
        for (html, expected) in table {
            assert_eq!(tokens(html), *expected, "{html}");
        }
    }
}
