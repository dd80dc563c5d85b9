//! The fast path for HTML without faults, which most HTML is: decides whether a fragment is *plain*.
//!
//! A fragment is plain if a browser builds exactly the elements whose tags it contains: all names are in lower case,
//! attribute values are in double quotes, each end tag closes the element that was opened last, and no tag closes or
//! opens another element. Nothing can be wrong with such a fragment, so no tokens and no tree are needed. A fragment
//! that is not plain may be valid as well; [`check`](super::check()) then examines it in full.

use super::element::Element;
use super::kind::Kind;
use super::policy::{Policy, Verdict, has_scheme};
use crate::bytes::find_or_nul;
use crate::steps::count;

/// The largest depth of elements in a plain fragment.
const MAX_DEPTH: usize = 32;
/// The largest number of attributes of an element in a plain fragment.
const MAX_ATTRIBUTES: usize = 4;

/// Whether a fragment is plain and a policy allows all of it.
pub(crate) fn accepts(html: &str, policy: &Policy) -> bool {
    Plain { html, at: 0, policy, open: [Element::A; MAX_DEPTH], depth: 0, in_link: false, in_paragraph: false }
        .fragment()
        .is_some()
}

struct Plain<'a> {
    html: &'a str,
    at: usize,
    policy: &'a Policy,
    /// The open elements. Only the first `depth` of them count.
    open: [Element; MAX_DEPTH],
    depth: usize,
    /// Whether an `a` is open.
    in_link: bool,
    /// Whether a `p` is open.
    in_paragraph: bool,
}

impl<'a> Plain<'a> {
    /// Reads the whole fragment. Returns `None` at the first tag or text that is not plain, as do all methods of this
    /// type.
    fn fragment(&mut self) -> Option<()> {
        loop {
            let begun = self.at;
            self.at = find_or_nul(self.html.as_bytes(), begun, b'<');
            if self.at > begun && is_between_cells(self.top()) {
                let text = self.html.get(begun..self.at)?;
                text.bytes().all(|byte| byte.is_ascii_whitespace()).then_some(())?;
            }
            count(self.at - begun + 1);
            match self.byte() {
                Some(b'<') => {}
                Some(_) => return None,
                None => return (self.depth == 0).then_some(()),
            }
            self.at += 1;
            if self.byte() == Some(b'/') { self.end_tag() } else { self.start_tag() }?;
        }
    }

    fn end_tag(&mut self) -> Option<()> {
        let element = self.top()?;
        self.depth -= 1;
        self.at += 1;
        self.set_open(element, false);
        self.skip(element.name())?;
        self.skip(">")
    }

    fn start_tag(&mut self) -> Option<()> {
        let name = self.name();
        let element = self.policy.element(name)?;
        self.attributes(element)?;
        // The slash of `<p/>` means nothing.
        self.at += usize::from(self.byte() == Some(b'/'));
        self.skip(">")?;
        self.fits(element).then_some(())?;
        if !matches!(element.kind(), Kind::Void | Kind::Rule) {
            *self.open.get_mut(self.depth)? = element;
            self.depth += 1;
            self.set_open(element, true);
        }
        Some(())
    }

    /// Whether a browser opens the element here without closing or opening another one.
    fn fits(&self, element: Element) -> bool {
        let top = self.top();
        let kind = top.map(Element::kind);
        let between_cells = is_between_cells(top);
        match element.kind() {
            Kind::Formatting if element == Element::A => !between_cells && !self.in_link,
            Kind::Formatting | Kind::Ordinary | Kind::Void => !between_cells,
            Kind::ListItem => matches!(top, Some(Element::UL | Element::OL)),
            Kind::Definition => top == Some(Element::DL),
            Kind::Heading => !between_cells && !self.in_paragraph && kind != Some(Kind::Heading),
            Kind::Block | Kind::Paragraph | Kind::Table | Kind::Rule => !between_cells && !self.in_paragraph,
            Kind::Caption | Kind::Section => kind == Some(Kind::Table),
            Kind::Row => matches!(kind, Some(Kind::Table | Kind::Section)),
            Kind::Cell => between_cells,
            // No policy allows an element of another kind.
            _ => false,
        }
    }

    fn attributes(&mut self, element: Element) -> Option<()> {
        let mut names = [""; MAX_ATTRIBUTES];
        for seen in 0.. {
            if self.byte() != Some(b' ') {
                break;
            }
            self.at += 1;
            if self.byte() == Some(b'/') {
                break;
            }
            let name = self.name();
            (!names.get(..seen)?.contains(&name)).then_some(())?;
            *names.get_mut(seen)? = name;
            self.skip("=\"")?;
            let begun = self.at;
            self.at = find_or_nul(self.html.as_bytes(), begun, b'"');
            count(self.at - begun + seen);
            match self.policy.attribute(element, name) {
                Verdict::Allowed => {}
                Verdict::AllowedUrl(schemes) => has_scheme(self.html.get(begun..self.at)?, schemes).then_some(())?,
                Verdict::Refused | Verdict::Twice => return None,
            }
            self.skip("\"")?;
        }
        Some(())
    }

    /// Reads the lower-case name of an element or an attribute.
    fn name(&mut self) -> &'a str {
        let begun = self.at;
        while let Some(b'a'..=b'z' | b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        count(self.at - begun);
        self.html.get(begun..self.at).unwrap_or_default()
    }

    /// Reads the text that must stand here.
    fn skip(&mut self, what: &str) -> Option<()> {
        for byte in what.bytes() {
            (self.byte() == Some(byte)).then_some(())?;
            self.at += 1;
        }
        Some(())
    }

    #[inline(always)]
    fn byte(&self) -> Option<u8> {
        self.html.as_bytes().get(self.at).copied()
    }

    /// Returns the element that was opened last.
    #[inline(always)]
    fn top(&self) -> Option<Element> {
        self.open.get(self.depth.checked_sub(1)?).copied()
    }

    /// Notes that an element was opened or closed, if it must not be inside an element of its own kind.
    fn set_open(&mut self, element: Element, open: bool) {
        match element {
            Element::A => self.in_link = open,
            Element::P => self.in_paragraph = open,
            _ => {}
        }
    }
}

/// Whether the next text or tag is in a table outside its cells.
fn is_between_cells(top: Option<Element>) -> bool {
    top.is_some_and(|top| matches!(top.kind(), Kind::Table | Kind::Section | Kind::Row))
}

#[cfg(test)]
mod tests {
    use super::accepts;
    use crate::html::check::check_all;
    use crate::html::{BODY, TITLE};

    #[test]
    fn a_fragment_that_a_browser_builds_as_written_is_plain() {
        for html in [
            "",
            "plain & simple",
            "<p>The <b>HTML</b> of a body</p>",
            "a<br>b<br/>c<hr /><img src=\"cid:a\" alt=\"<b>\" width=\"1\" height=\"2\">",
            "<a href=\"https://example.com\" title=\"x\">x</a><a>y</a>",
            "<ul><li>a<ol><li>b</li></ol></li></ul><dl><dt>a</dt><dd>b</dd></dl>",
            "<h1>a</h1><h2>b</h2><div><h1><b>c</b></h1></div>",
            "<table> <caption>a</caption><thead><tr><th scope=\"col\">b</th></tr></thead>\n<tbody><tr><td><p>c</p></td></tr></tbody></table>",
            "<table><tr><td>a</td></tr><tr><td>b</td></tr></table><table><td>c</td></table>",
            "é😀<em>ü</em>",
        ] {
            assert!(accepts(html, &BODY), "{html}");
        }
        assert!(accepts("merged <a href=\"https://example.com\">#42</a>", &TITLE));
        assert!(!accepts("merged <b>#42</b>", &TITLE));
    }

    #[test]
    fn a_fragment_that_a_browser_would_change_is_not_plain() {
        for html in [
            "\0",
            "<",
            "a < b",
            "<b",
            "<b>",
            "</b>",
            "<b></i>",
            "<b><i></b></i>",
            "<B>x</B>",
            "<b >x</b>",
            "<b>x</b >",
            "<p><p></p></p>",
            "<p><div></div></p>",
            "<p><hr></p>",
            "<a><i><a></a></i></a>",
            "<h1><h2></h2></h1>",
            "<li>x</li>",
            "<ul><b><li>x</li></b></ul>",
            "<dd>x</dd>",
            "<td>x</td>",
            "<tr></tr>",
            "<table>x</table>",
            "<table><b></b></table>",
            "<table><br></table>",
            "<table><tbody>x</tbody></table>",
            "<caption>x</caption>",
            "<table><tbody><caption></caption></tbody></table>",
            "<script></script>",
            "<!-- x -->",
            "<wbr",
            "</>",
            "<a href=\"javascript:x\">x</a>",
            "<a href='https://e'>x</a>",
            "<a href=https://e>x</a>",
            "<p style=\"x\">y</p>",
            "<a href=\"https://e\" href=\"https://f\">x</a>",
            "<p dir=\"\0\">x</p>",
            "<p dir=\"x>y</p>",
            "<p dir>x</p>",
        ] {
            assert!(!accepts(html, &BODY), "{html}");
        }
    }

    /// A fragment that [`check_all`] finds something in is never plain.
    #[test]
    fn check_all_finds_nothing_in_a_plain_fragment() {
        let pieces = [
            "x",
            " ",
            "<",
            ">",
            "\0",
            "<b>",
            "</b>",
            "<i>",
            "</i>",
            "<a>",
            "</a>",
            "<a href=\"https://e\">",
            "<br>",
            "<br />",
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<h1>",
            "</h1>",
            "<h2>",
            "</h2>",
            "<ul>",
            "</ul>",
            "<ol>",
            "<li>",
            "</li>",
            "<dl>",
            "</dl>",
            "<dt>",
            "</dt>",
            "<dd>",
            "</dd>",
            "<table>",
            "</table>",
            "<caption>",
            "</caption>",
            "<tbody>",
            "</tbody>",
            "<tr>",
            "</tr>",
            "<td>",
            "</td>",
            "<th>",
            "<span title=\"x\">",
            "</span>",
            "<hr>",
            "<pre>",
            "</pre>",
            "<img src=\"https://e\">",
            "<a href=\"x\">",
            "<p dir=\"x\" dir=\"y\">",
            "<code>",
            "</code>",
            "<td colspan=\"2\">",
        ];
        let mut state = 0x5EED_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let (mut plain, mut html) = (0, String::new());
        let mut open: Vec<&str> = Vec::new();
        for _ in 0..400_000 {
            html.clear();
            open.clear();
            for _ in 0..random(12) {
                // One piece in three is the end tag of the innermost element. Without them hardly any fragment would be
                // plain.
                match open.last().filter(|_| random(3) == 0) {
                    Some(name) => {
                        html += &format!("</{name}>");
                        open.pop();
                    }
                    None => {
                        let piece = pieces[random(pieces.len())];
                        html += piece;
                        let name = piece.trim_matches(['<', '>']).split(' ').next().unwrap_or_default();
                        if !["", "x", "\0", "br", "hr", "img"].contains(&name) && !name.starts_with('/') {
                            open.push(name);
                        }
                    }
                }
            }
            while let Some(name) = open.pop() {
                html += &format!("</{name}>");
            }
            for policy in [&BODY, &TITLE] {
                if accepts(&html, policy) {
                    plain += 1;
                    assert_eq!(check_all(&html, policy), [], "{html}");
                }
            }
        }
        assert!(plain > 20_000, "{plain}");
    }
}
