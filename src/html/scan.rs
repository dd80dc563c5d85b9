//! Cuts a fragment into tokens, in the states of the WHATWG tokenizer.
//!
//! References (`&amp;`) are left as they stand, so there is no table of them; `reference.rs` decodes the numeric ones in a URL's scheme.
//! Everything is a slice of the input, found in one pass; where a browser goes on reading text, so does this.

use crate::bytes::{ByteSet, find};
use crate::steps::count;

/// Elements whose content is text up to their own end tag (`plaintext`: up to the end).
const RAW_TEXT: &[&str] =
    &["iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"];

/// Whether an element is one of those, by its name in any letter case.
pub(super) fn is_raw_text(name: &str) -> bool {
    RAW_TEXT.iter().any(|raw| raw.len() == name.len() && raw.eq_ignore_ascii_case(name))
}

/// A piece of the fragment: `html[start..end]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub start: usize,
    pub end: usize,
    pub kind: Kind<'a>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// Text as a browser reads it; it may hold a NUL.
    Text,
    /// A start tag; its attributes stand in [`Scanner::attributes`].
    Start(&'a str),
    /// An end tag; its attributes stand in [`Scanner::attributes`].
    End(&'a str),
    /// Something that is neither text nor a whole tag, named for a person.
    Malformed(&'static str),
}

/// An attribute of the tag that was read last.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub name: &'a str,
    pub value: &'a str,
    pub value_start: usize,
    /// Whether the value stands in quotes.
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
    /// Whether what comes stands in an element of SVG or MathML, where CDATA sections are text. It is for the caller to know.
    pub in_foreign: bool,
    /// The attributes of the last tag, duplicates included, in their order.
    pub attributes: Vec<Attribute<'a>>,
}

impl<'a> Scanner<'a> {
    pub fn new(html: &'a str) -> Self {
        Self { html, at: 0, raw: None, in_foreign: false, attributes: Vec::new() }
    }

    /// The next token, or none at the end.
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

    /// Says that no raw text follows the last start tag: it was none of HTML.
    pub fn no_raw_text(&mut self) {
        self.raw = None;
    }

    /// Whether the last start tag, which ends at a place, closes itself: `<x/>`. That means something in foreign content alone.
    pub fn closes_itself(&self, end: usize) -> bool {
        // The `/` may be the end of a value without quotes.
        let value_ends = self.attributes.last().map_or(0, |attribute| attribute.end);
        self.html.get(..end).is_some_and(|tag| tag.ends_with("/>")) && value_ends < end - 1
    }

    /// Text from `start` to the next `<` that opens something.
    fn text(&mut self, start: usize) -> Kind<'a> {
        // What stands at `start` is text already: it was looked at, or it is no `<`.
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

    /// Whether the `<` at the present place is more than a character.
    fn opens_markup(&self) -> bool {
        match self.peek(1) {
            Some(b'!' | b'?' | b'/') | None => true,
            Some(byte) => byte.is_ascii_alphabetic(),
        }
    }

    /// What begins at a `<`; none when it is text after all.
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

    /// `<!…`: a comment, a doctype, or what a browser takes for a comment.
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
        // `<!-->` and `<!--->` are whole comments; else the first `>` behind `--` or `--!` counts.
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

    /// Up to the next `>`, whatever stands before it.
    fn bogus_comment(&mut self, what: &'static str) -> Kind<'a> {
        let rest = self.slice(self.at, self.html.len());
        self.at += find(rest, 0, b'>').map_or(rest.len(), |at| at + 1);
        Kind::Malformed(what)
    }

    fn rest(&mut self, what: &'static str) -> Kind<'a> {
        self.at = self.html.len();
        Kind::Malformed(what)
    }

    /// A start tag (its name begins after `<`) or an end tag (after `</`).
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

    /// One attribute; false when the input ends inside it.
    fn attribute(&mut self) -> bool {
        let start = self.at;
        // A `=` in first place belongs to the name.
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

    /// The text content of a raw text element, up to the end tag of its own name; none when it is empty.
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

    /// Goes on to the first byte of a set, which is the answer, or to the end.
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

    /// Both ends lie beside an ASCII character or at an end of the input, so there is always such a slice.
    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.html.get(start..end).unwrap_or_default()
    }
}

/// How much of a text there is up to a `>`, itself included, with the right end before it.
fn through(text: &str, is_end: &dyn Fn(&str) -> bool) -> usize {
    let ends = |at: usize| text.get(..at).is_some_and(is_end);
    let end = text.bytes().enumerate().find(|(at, byte)| *byte == b'>' && ends(*at));
    let length = end.map_or(text.len(), |(at, _)| at + 1);
    count(length);
    length
}

/// Whether a tag's name stands at a place, and ends there.
fn names(html: &str, at: usize, name: &str) -> bool {
    let end = at + name.len();
    html.get(at..end).is_some_and(|found| found.eq_ignore_ascii_case(name))
        && html.as_bytes().get(end..).is_some_and(|rest| NAME_END.find(rest) == Some(0))
}

/// Where the end tag of a script begins. In what looks like a comment, a script that is begun and ended again counts as
/// text of the outer one.
fn script_end(text: &str) -> Option<usize> {
    enum Comment {
        None,
        Open,
        /// With a script begun inside.
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
            // Its own dashes may be those of its end: `<!-->`.
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

// Inside a tag. White space is ASCII's, as HTML counts it; the input stream's normalising of CR is folded in.
static NAME_END: ByteSet = ByteSet::of(b" \t\n\x0C\r/>");
static ATTRIBUTE_NAME_END: ByteSet = ByteSet::of(b" \t\n\x0C\r/>=");
static VALUE_END: ByteSet = ByteSet::of(b" \t\n\x0C\r>");
static NO_SPACE: ByteSet = ByteSet::of(b" \t\n\x0C\r").others();
/// What an attribute begins with, or the tag ends with.
static ATTRIBUTE: ByteSet = ByteSet::of(b" \t\n\x0C\r/").others();

#[cfg(test)]
mod tests {
    use super::{Kind, Scanner};

    /// One line a token: its kind, its text, and its attributes.
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
    fn what_is_no_whole_tag_is_malformed() {
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
