//! Fills a template: literal HTML with gaps. How a value is written depends on where its gap stands.
//!
//! The scanner reads the whole template once, with a letter in each gap. Each value is escaped, so that it stays where
//! the letter stood. A gap that the scanner finds neither in text nor in a quoted attribute is refused.

use super::escape::escape_to;
use super::policy::{BODY, Verdict, has_scheme};
use super::reference::open_reference;
use super::scan::{Attribute, Kind, Scanner, Token};
use super::tree::{Of, Tree};
use crate::text::{fill, join, shorten};

/// Stands in each gap while the template is read. Wherever a value could change the meaning of a literal, a letter
/// changes it as well.
const PLACEHOLDER: char = 'x';

/// A part of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    /// Plain text.
    Text(&'a str),
    /// HTML that a template made.
    Html(&'a str),
}

/// A function that takes one part of a value.
pub(crate) type TakePart<'a> = &'a mut dyn FnMut(Part<'_>);

/// Fills a template, which may contain what a body allows. There is a gap between every two literals. For each gap in
/// turn `give_value` is called once, and passes the parts of the value to the function that it gets.
///
/// # Errors
///
/// A sentence that says what cannot stand in a template, or why no value can stand where a gap is.
pub(crate) fn fill_template<'l>(
    literals: &mut dyn Iterator<Item = &'l str>,
    give_value: &mut dyn FnMut(TakePart<'_>),
) -> Result<String, String> {
    let mut html = String::new();
    let mut gaps = Vec::new();
    for (index, literal) in literals.enumerate() {
        if index > 0 {
            gaps.push(html.len());
            html.push(PLACEHOLDER);
        }
        html.push_str(literal);
    }
    let mut filler = Filler {
        html: &html,
        gaps: &gaps,
        give_value,
        out: String::new(),
        tree: Tree::new(Of::Checked),
        misplaced: false,
        behind_pre: false,
    };
    let mut scanner = Scanner::new(&html);
    while let Some(token) = scanner.next() {
        filler.token(&token, &scanner.attributes)?;
    }
    Ok(filler.out)
}

/// Whether a comment has its end. Only in `<!-->` and `<!--->` may its beginning and its end share dashes.
fn is_whole_comment(written: &str) -> bool {
    written.starts_with("<!--")
        && (written.ends_with("-->") || written.ends_with("--!>") && written.len() >= "<!----!>".len())
}

struct Filler<'a> {
    html: &'a str,
    /// The byte indices of the gaps that are not filled yet.
    gaps: &'a [usize],
    give_value: &'a mut dyn FnMut(TakePart<'_>),
    out: String,
    /// The open elements.
    tree: Tree<'a>,
    /// Whether a text was written into a table outside its cells.
    misplaced: bool,
    /// Whether a browser would drop the next character if it is a line feed: it drops the first one in a `pre`.
    behind_pre: bool,
}

impl<'a> Filler<'a> {
    fn token(&mut self, token: &Token<'a>, attributes: &[Attribute<'_>]) -> Result<(), String> {
        let (start, end) = (token.start, token.end);
        match token.kind {
            Kind::Text => {
                self.text(start, end);
                if self.misplaced {
                    return Err("a value cannot stand in a table beside its cells".to_owned());
                }
            }
            Kind::Start(name) => self.start_tag(name, (start, end), attributes)?,
            Kind::End(name) => {
                self.no_gap(end, "in an end tag")?;
                let Some(element) = BODY.element(name).filter(|_| attributes.is_empty()) else {
                    return Err(fill("`</%>` cannot stand in a template", &[&shorten(name)]));
                };
                self.tree.end(element, "", &mut |_| {});
                self.literal(start, end);
            }
            Kind::Malformed(what) => {
                self.no_gap(end, &fill("in %", &[what]))?;
                let written = self.slice(start, end);
                if !is_whole_comment(written) {
                    return Err(fill("% cannot stand in a template", &[what]));
                }
                self.literal(start, end);
            }
        }
        self.behind_pre = matches!(token.kind, Kind::Start(name) if name.eq_ignore_ascii_case("pre"));
        Ok(())
    }

    /// Writes the text of a byte range, with the values in it.
    fn text(&mut self, start: usize, end: usize) {
        let last = self.fill_gaps(start, end, false);
        self.keep_line_feed(last > start, last);
        if end == self.html.len() {
            // When this template is a value itself, other text may follow it.
            self.before_value(last, end);
        } else {
            self.literal(last, end);
        }
    }

    /// Writes everything up to the last value before a byte index. Returns the index where that value's gap ends.
    fn fill_gaps(&mut self, mut start: usize, end: usize, in_attribute: bool) -> usize {
        let mut is_first = true;
        while let Some((gap, gaps)) = self.gaps.split_first()
            && *gap < end
        {
            self.gaps = gaps;
            self.keep_line_feed(!is_first, start);
            self.behind_pre &= start == *gap;
            self.before_value(start, *gap);
            is_first = false;
            let between_cells = self.tree.is_between_cells() && !in_attribute;
            let Self { out, behind_pre, misplaced, .. } = self;
            (self.give_value)(&mut |part| {
                let (Part::Text(text) | Part::Html(text)) = part;
                if *behind_pre && matches!(text.as_bytes(), [b'\n' | b'\r', ..]) {
                    out.push('\n');
                }
                *behind_pre &= text.is_empty();
                *misplaced |= between_cells
                    && matches!(part, Part::Text(_))
                    && text.bytes().any(|byte| !byte.is_ascii_whitespace());
                match part {
                    Part::Html(html) if !in_attribute => out.push_str(html),
                    // In an attribute there are no elements, so HTML is shown there as text.
                    _ => escape_to(out, text),
                }
            });
            start = gap + PLACEHOLDER.len_utf8();
        }
        start
    }

    fn start_tag(
        &mut self,
        name: &str,
        (start, end): (usize, usize),
        attributes: &[Attribute<'_>],
    ) -> Result<(), String> {
        let Some(element) = BODY.element(name) else {
            // The error does not contain the name, because a value may be a part of it.
            self.no_gap(start + 1 + name.len(), "in the name of a tag")?;
            return Err(fill("`<%>` cannot stand in a template", &[&shorten(name)]));
        };
        self.behind_pre = false;
        let mut done = start;
        let mut seen = Vec::new();
        for attribute in attributes {
            let value = (attribute.value_start, attribute.value_start + attribute.value.len());
            self.no_gap(value.0, "in a tag outside a quoted attribute")?;
            let verdict = BODY.next_attribute(element, attribute.name, &mut seen);
            let refused = match verdict {
                Verdict::Refused => "the attribute `%` cannot stand on `<%>` in a template",
                Verdict::Twice => "the attribute `%` stands twice on `<%>`",
                _ => "",
            };
            if !refused.is_empty() {
                return Err(fill(refused, &[&shorten(attribute.name), element.name()]));
            }
            if !attribute.is_quoted && !attribute.value.is_empty() {
                return Err(fill("the value of `%` must stand in quotes", &[attribute.name]));
            }
            self.literal(done, value.0);
            let begun = self.out.len();
            let last = self.fill_gaps(value.0, value.1, true);
            self.literal(last, value.1);
            done = value.1;
            if let Verdict::AllowedUrl(schemes) = verdict
                && !has_scheme(self.out.get(begun..).unwrap_or_default(), schemes)
            {
                let schemes = join(schemes, ", ");
                return Err(fill("`%` must be an absolute URL with one of the schemes %", &[attribute.name, &schemes]));
            }
        }
        self.no_gap(end, "in a tag outside a quoted attribute")?;
        self.literal(done, end);
        self.tree.start(element, "", &mut |_| {});
        Ok(())
    }

    /// Keeps a line feed with which a literal begins in a `pre`, if the values before it were empty.
    fn keep_line_feed(&mut self, is_behind_value: bool, start: usize) {
        if self.behind_pre && is_behind_value && self.html.as_bytes().get(start) == Some(&b'\n') {
            self.out.push('\n');
        }
    }

    /// Refuses a gap before a byte index that was not filled. `whereabouts` says where it stands.
    fn no_gap(&self, end: usize, whereabouts: &str) -> Result<(), String> {
        match self.gaps.first() {
            Some(gap) if *gap < end => Err(fill("a value cannot stand %", &[whereabouts])),
            _ => Ok(()),
        }
    }

    fn literal(&mut self, start: usize, end: usize) {
        self.out.push_str(self.html.get(start..end).unwrap_or_default());
    }

    /// Writes a literal that a value may follow. An `&` at its end must not become a character reference.
    fn before_value(&mut self, start: usize, end: usize) {
        match open_reference(self.slice(start, end)) {
            Some(at) => {
                self.literal(start, start + at);
                self.out.push_str("&amp;");
                self.literal(start + at + 1, end);
            }
            None => self.literal(start, end),
        }
    }

    fn slice(&self, start: usize, end: usize) -> &str {
        self.html.get(start..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, fill_template};

    fn filled(literals: &[&str], values: &[Vec<Part<'_>>]) -> Result<String, String> {
        let mut values = values.iter();
        fill_template(&mut literals.iter().copied(), &mut |take| {
            values.next().unwrap().iter().for_each(|part| take(*part));
        })
    }

    /// Fills a template with values that are texts.
    fn with_texts(literals: &[&str], texts: &[&str]) -> Result<String, String> {
        filled(literals, &texts.iter().map(|text| vec![Part::Text(text)]).collect::<Vec<_>>())
    }

    #[test]
    fn a_value_is_escaped_for_text_or_for_an_attribute() {
        let table: &[(&[&str], &[&str], &str)] = &[
            (&["x"], &[], "x"),
            (&["", ""], &["<&>"], "&lt;&amp;&gt;"),
            (&["<b>", "</b> 1 < 2"], &["\"x\""], "<b>&quot;x&quot;</b> 1 < 2"),
            (&["<a title='", "' dir=\"", "\">x</a>"], &["'", "\""], "<a title='&#39;' dir=\"&quot;\">x</a>"),
            (&["<A HREF = \"", "\">x</A>"], &["HTTPS://e"], "<A HREF = \"HTTPS://e\">x</A>"),
            (&["<a href=\"https://", "/", "\">x</a>"], &["e", "?a&b"], "<a href=\"https://e/?a&amp;b\">x</a>"),
            (&["<img src=\"cid:", "\">"], &["a"], "<img src=\"cid:a\">"),
            (&["<details open><li value>", ""], &["x"], "<details open><li value>x"),
            // A value does not continue a character reference of the literal before it.
            (&["a &", ""], &["copy"], "a &amp;copy"),
            (&["&#", ";"], &["60"], "&amp;#60;"),
            (&["<a href=\"https://e/?a=1&", "\">x</a>"], &["copy"], "<a href=\"https://e/?a=1&amp;copy\">x</a>"),
            (&["&lt;", " & &copy"], &["x"], "&lt;x & &amp;copy"),
            (&["&copy<b>", "</b>"], &["x"], "&copy<b>x</b>"),
            (&["<!-- x -->", ""], &["<"], "<!-- x -->&lt;"),
            (&["<!-- x --!>", "<!-->"], &["<"], "<!-- x --!>&lt;<!-->"),
            (&["<!----!>", "<!--->"], &["<"], "<!----!>&lt;<!--->"),
            (&["<table><tr><td>", "</td></tr>", "</table>"], &["x", " \n"], "<table><tr><td>x</td></tr> \n</table>"),
        ];
        for (literals, texts, expected) in table {
            assert_eq!(with_texts(literals, texts).unwrap(), *expected);
        }
    }

    #[test]
    fn a_value_outside_text_and_quoted_attributes_is_refused() {
        let table: &[(&[&str], &str)] = &[
            (&["a <", " b"], "in a tag without its `>`"),
            (&["<", ">"], "a value cannot stand in the name of a tag"),
            (&["</", ">"], "in an end tag"),
            (&["<b", ">"], ""),
            (&["<b ", ">"], "outside a quoted attribute"),
            (&["<b title", "=\"x\">"], ""),
            (&["<b title=", ">"], "in quotes"),
            (&["<b title=x", ">"], "in quotes"),
            (&["<b title=x=\"", "\">"], ""),
            (&["<b title==\"", "\">"], ""),
            (&["<b lang=x/title=\"", "\">"], ""),
            (&["<b =\"", "\">"], ""),
            (&["<b/=\"", "\">"], ""),
            (&["<b title=\"x\"=\"", "\">"], ""),
            (&["<a href=https://e/?q=\"", "\">"], ""),
            (&["<b\u{a0}title=\"", "\">"], ""),
            (&["<b title=\u{feff}\"", "\">"], ""),
            (&["<b lang=x\u{b}title=\"", "\">"], ""),
            (&["<!-- ", " -->"], "in a comment"),
            (&["<!-- > ", " -->"], "in a comment"),
            (&["<!-- ", ""], "in a comment"),
            (&["<!", ">"], "in a declaration"),
            (&["<?", ">"], "in a processing instruction"),
            (&["<script>", "</script>"], "`<script>` cannot stand in a template"),
            (&["<b title=\"", ">"], "in a tag without its `>`"),
            (&["<b title=\"", ""], "in a tag without its `>`"),
            (&["</b ", ">"], "in an end tag"),
            (&["<table>", "</table>"], "a value cannot stand in a table beside its cells"),
            (&["<table><tr><td>x</td></tr>", "</table>"], "beside its cells"),
            (&["<b onclick=\"", "\">"], "the attribute `onclick`"),
            (&["<b style=\"", "\">"], "the attribute `style`"),
            (&["<a xlink:href=\"", "\">"], "the attribute `xlink:href`"),
            (&["<img srcset=\"", "\">"], "the attribute `srcset`"),
            (&["<object data=\"", "\">"], "`<object>`"),
            (&["<b title='' TITLE='", "'>"], "stands twice"),
        ];
        for (literals, expected) in table {
            let sentence = with_texts(literals, &["https://e"]).unwrap_err();
            assert!(sentence.contains(expected), "{literals:?}: {sentence}");
        }
        for (literal, expected) in [
            ("a <", "a final `<`"),
            ("a </", "a final `</`"),
            ("<!-- x", "a comment"),
            ("<!--!>", "a comment"),
            ("<!---!>", "a comment"),
            ("<!doctype html>", "a doctype"),
            ("</>", "an end tag without a name"),
            ("<b", "a tag without its `>`"),
            ("<b title=x>", "in quotes"),
            ("<a href=javascript:x>", "in quotes"),
            ("<a href=\"javascript:x\">", "an absolute URL"),
            ("<a href='&#106;avascript:x'>", "an absolute URL"),
            ("<meta content='x'>", "`<meta>`"),
            ("<form action='x'>", "`<form>`"),
            ("</form>", "`</form>`"),
            ("</b title=''>", "`</b>`"),
        ] {
            let sentence = with_texts(&[literal], &[]).unwrap_err();
            assert!(sentence.contains(expected), "{literal}: {sentence}");
        }
        for url in ["javascript:x", "java\nscript:x", "\u{1}javascript:x", "/x", "", "&#104;ttps://e"] {
            assert!(with_texts(&["<a href=\"", "\">"], &[url]).is_err(), "{url}");
        }
        assert!(with_texts(&["<a href=\"", "", "\">"], &["java", "script:x"]).is_err());
        assert!(with_texts(&["<a href=\"ht", "\">"], &["tps://e"]).is_ok());
    }

    #[test]
    fn a_pre_keeps_the_line_feed_of_a_value() {
        for (literals, parts, expected) in [
            (["<pre>", "</pre>"], vec![Part::Text("\n\nx")], "<pre>\n\n\nx</pre>"),
            (["<PRE>", "</PRE>"], vec![Part::Text(""), Part::Html(""), Part::Html("\nx")], "<PRE>\n\nx</PRE>"),
            (["<pre>", "\nx</pre>"], vec![Part::Text("")], "<pre>\n\nx</pre>"),
            (["<pre>\n", "</pre>"], vec![Part::Text("\nx")], "<pre>\n\nx</pre>"),
            (["<pre>", "</pre>"], vec![Part::Text("x"), Part::Text("\n")], "<pre>x\n</pre>"),
            (["<p>", "</p>"], vec![Part::Text("\nx")], "<p>\nx</p>"),
            (["<pre><b>", "</b></pre>"], vec![Part::Text("\nx")], "<pre><b>\nx</b></pre>"),
            (["<pre title='", "'>x</pre>"], vec![Part::Text("\nx")], "<pre title='\nx'>x</pre>"),
            (["<pre><b title='", "'>x</b></pre>"], vec![Part::Text("\nx")], "<pre><b title='\nx'>x</b></pre>"),
        ] {
            assert_eq!(filled(&literals, &[parts]).unwrap(), expected);
        }
    }

    #[test]
    fn a_fragment_is_html_in_text_and_text_in_an_attribute() {
        let fragment = Part::Html("<b>x</b>");
        assert_eq!(filled(&["<p>", "</p>"], &[vec![fragment, Part::Text("<")]]).unwrap(), "<p><b>x</b>&lt;</p>");
        let attribute = filled(&["<p title=\"", "\">"], &[vec![fragment]]).unwrap();
        assert_eq!(attribute, "<p title=\"&lt;b&gt;x&lt;/b&gt;\">");
    }
}
