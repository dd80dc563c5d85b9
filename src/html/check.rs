//! Checks a fragment by a policy, and lists what the policy does not allow.

use super::accept::accepts;
use super::element::Element;
use super::finding::{ByteRange, Fault, Finding};
use super::policy::{Policy, Verdict, has_scheme};
use super::scan::{Attribute, Kind, Scanner};
use super::tree::{End, Event, Of, Open, Start, Tree};
use crate::bytes::{find, utf16_units};
use crate::error::Severity;

/// The largest depth of elements. A browser nests no deeper and moves the other elements elsewhere.
const MAX_DEPTH: usize = 512;

/// Lists what a policy does not allow in a fragment, in the order of the text. The list ends after 1000 findings; if
/// none of them is an error, the first error follows. If the list is empty, a browser builds nothing but allowed
/// elements and attributes from the fragment.
///
/// ```
/// use flowdock_integration::html::{TITLE, check};
/// let findings = check("merged <b>#42</b>", &TITLE);
/// assert_eq!(findings[0].message, "`<b>` is not allowed in a title, only `a` is");
/// assert_eq!((findings[0].offset, findings[0].length), (7, 3));
/// ```
#[must_use]
pub fn check(html: &str, policy: &'static Policy) -> Vec<Finding> {
    if accepts(html, policy) { Vec::new() } else { check_all(html, policy) }
}

/// Checks a fragment with the scanner and the tree, without the fast path of `accept`.
pub(super) fn check_all(html: &str, policy: &'static Policy) -> Vec<Finding> {
    let has_nul = find(html, 0, 0).is_some();
    let noted = Notes { policy, notes: Vec::new(), faults: 0, has_error: false };
    let mut check = Check { html, has_nul, policy, tree: Tree::new(Of::Checked), refused: 0, noted };
    let mut scanner = Scanner::new(html);
    while let Some(token) = scanner.next() {
        let range = (token.start, token.end);
        match token.kind {
            Kind::Text => check.text(range),
            Kind::Start(name) => check.start(name, range, &scanner.attributes),
            Kind::End(name) => check.end(name, range, &scanner.attributes),
            Kind::Malformed(what) => check.noted.fault(range, Fault::Malformed(what)),
        }
    }
    let Check { tree, noted, .. } = &mut check;
    tree.finish(&mut |event| noted.closed(&event));
    check.noted.findings(html)
}

/// Returns the first tag in a text that should be plain text.
#[must_use]
pub fn first_tag(text: &str) -> Option<&str> {
    find(text, 0, b'<')?;
    let mut scanner = Scanner::new(text);
    while let Some(token) = scanner.next() {
        if matches!(token.kind, Kind::Start(_) | Kind::End(_)) {
            return text.get(token.start..token.end);
        }
    }
    None
}

/// The largest number of findings in a list. An error may follow them if they are all warnings.
pub(crate) const MAX_FINDINGS: usize = 1000;

/// A fault or a start tag, with its range in the text.
struct Note<'a> {
    range: ByteRange,
    fault: Fault<'a>,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    /// A start tag whose end tag has not come. Without one it is a fault.
    Waits,
    /// A start tag whose end tag has come.
    Fine,
    Fault,
}

/// The notes, in the order of the text. Apart from the faults that will be listed, they hold little more than the open
/// elements, so a long text does not make them long.
struct Notes<'a> {
    policy: &'static Policy,
    notes: Vec<Note<'a>>,
    /// The number of notes that are faults.
    faults: usize,
    /// Whether one of these faults is an error.
    has_error: bool,
}

impl<'a> Notes<'a> {
    /// Notes a fault that stands after all other notes.
    fn fault(&mut self, range: ByteRange, fault: Fault<'a>) {
        if self.has_room(fault) {
            self.notes.push(Note { range, fault, state: State::Fault });
            self.count(fault);
        }
    }

    fn count(&mut self, fault: Fault<'a>) {
        self.faults += 1;
        self.has_error |= fault.severity(self.policy) == Severity::Error;
    }

    /// Notes a start tag that opened an element.
    fn start(&mut self, range: ByteRange, element: Element) {
        let fault = Fault::ClosedEarly(element);
        if self.has_room(fault) {
            self.notes.push(Note { range, fault, state: State::Waits });
        }
    }

    /// Whether there is room in the list for one more fault at the end.
    fn has_room(&self, fault: Fault<'a>) -> bool {
        self.faults < MAX_FINDINGS || !self.has_error && fault.severity(self.policy) == Severity::Error
    }

    /// Notes that an element was closed by something else than its own end tag.
    fn closed(&mut self, event: &Event<'_>) {
        if let Event::Closed(open) = event
            && let Some(note) = self.start_tag(open)
        {
            note.state = State::Fault;
            let fault = note.fault;
            self.count(fault);
        }
    }

    /// Notes that an element was closed by its own end tag.
    fn ended(&mut self, open: &Open<'_>) {
        if let Some(note) = self.start_tag(open) {
            note.state = State::Fine;
        }
        while self.notes.last().is_some_and(|note| note.state == State::Fine) {
            self.notes.pop();
        }
    }

    /// Returns the note of an element's start tag. Returns `None` if there was no room for it.
    fn start_tag(&mut self, open: &Open<'_>) -> Option<&mut Note<'a>> {
        let start = open.tag_start?;
        let behind = self.notes.partition_point(|note| note.range.0 <= start);
        let notes = self.notes.get_mut(..behind)?;
        // Faults with the same range may come before it.
        notes.iter_mut().rev().take_while(|note| note.range.0 == start).find(|note| note.state == State::Waits)
    }

    /// Returns the list. Offsets and lengths are turned from bytes into UTF-16 code units.
    fn findings(self, html: &str) -> Vec<Finding> {
        let Self { policy, notes, .. } = self;
        let units = |from: usize, to: usize| html.as_bytes().get(from..to).map_or(0, utf16_units);
        let (mut byte, mut unit) = (0, 0);
        let mut findings: Vec<Finding> = Vec::new();
        let mut has_error = false;
        for Note { range, fault, .. } in notes.iter().filter(|note| note.state == State::Fault) {
            let is_error = fault.severity(policy) == Severity::Error;
            if findings.len() < MAX_FINDINGS || is_error && !has_error {
                has_error |= is_error;
                unit += units(byte, range.0);
                byte = range.0;
                let length = units(range.0, range.1);
                findings.push(Finding { offset: unit, length, ..fault.finding(policy, *range) });
            }
        }
        findings
    }
}

struct Check<'a> {
    html: &'a str,
    has_nul: bool,
    policy: &'static Policy,
    /// The open elements, with the byte index of each start tag.
    tree: Tree<'a>,
    /// The number of start tags that were refused. Their end tags are not reported again.
    refused: usize,
    noted: Notes<'a>,
}

impl<'a> Check<'a> {
    fn text(&mut self, range: ByteRange) {
        if self.tree.is_between_cells() {
            let text = self.html.get(range.0..range.1).unwrap_or_default();
            if !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
                self.noted.fault(range, Fault::TextBesideCells);
            }
        }
        self.nul(range);
    }

    /// Notes each NUL. A browser drops or replaces it, in each state in a different way.
    fn nul(&mut self, (start, end): ByteRange) {
        if !self.has_nul {
            return;
        }
        let text = self.html.get(start..end).unwrap_or_default();
        let mut done = 0;
        while let Some(at) = find(text, done, 0) {
            done = at + 1;
            self.noted.fault((start + at, start + at + 1), Fault::Nul);
        }
    }

    fn start(&mut self, name: &'a str, range: ByteRange, attributes: &[Attribute<'a>]) {
        let Some(element) = self.policy.element(name) else {
            self.refused += 1;
            self.noted.fault(range, Fault::TagNotAllowed(name));
            return self.nul(range);
        };
        if self.tree.depth() >= MAX_DEPTH {
            self.noted.fault(range, Fault::TooDeep(element));
        } else {
            if self.tree.is_between_cells() && !element.kind().is_table_part() {
                self.noted.fault(range, Fault::BesideCells(element));
            }
            let Self { tree, noted, .. } = self;
            let start = tree.start(element, "", &mut |event| noted.closed(&event));
            match start {
                Start::IsVoid => {}
                Start::Ignored => noted.fault(range, Fault::OutsideTable(element)),
                Start::Opens | Start::OpensOutsideList => {
                    tree.set_tag_start(range.0);
                    if start == Start::OpensOutsideList {
                        noted.fault(range, Fault::OutsideList(element));
                    }
                    noted.start(range, element);
                }
            }
        }
        self.attributes(element, attributes);
    }

    fn end(&mut self, name: &'a str, range: ByteRange, attributes: &[Attribute<'a>]) {
        self.end_tag(name, range);
        self.nul((range.0, attributes.first().map_or(range.1, |attribute| attribute.start)));
        for attribute in attributes {
            let range = (attribute.start, attribute.end);
            self.noted.fault(range, Fault::AttributeOnEndTag(attribute.name));
            self.nul(range);
        }
    }

    fn end_tag(&mut self, name: &'a str, range: ByteRange) {
        let Self { policy, tree, noted, refused, .. } = self;
        let Some(element) = policy.element(name) else {
            if *refused > 0 {
                *refused -= 1;
            } else if policy.strict_balance {
                noted.fault(range, Fault::NoStartTag(name));
            } else {
                noted.fault(range, Fault::TagNotAllowed(name));
            }
            return;
        };
        match tree.end(element, "", &mut |event| noted.closed(&event)) {
            End::Closes(closed) => {
                noted.ended(&closed);
                if closed.element != element {
                    noted.fault(range, Fault::EndsAnother(element, closed.element));
                }
            }
            End::Late => {}
            End::Harmless => noted.fault(range, Fault::NothingToEnd(element)),
            End::Escapes if policy.strict_balance => noted.fault(range, Fault::NoStartTag(element.name())),
            End::Escapes => noted.fault(range, Fault::Escapes(element)),
        }
    }

    fn attributes(&mut self, element: Element, attributes: &[Attribute<'a>]) {
        let mut seen = Vec::new();
        for attribute in attributes {
            let name = attribute.name;
            let range = (attribute.start, attribute.end);
            match self.policy.next_attribute(element, name, &mut seen) {
                Verdict::Refused => self.noted.fault(range, Fault::AttributeNotAllowed(name, element)),
                Verdict::Twice => self.noted.fault(range, Fault::AttributeTwice(name, element)),
                Verdict::AllowedUrl(schemes) if !has_scheme(attribute.value, schemes) => {
                    self.noted.fault(range, Fault::UrlNotAllowed(name, attribute.value, schemes));
                }
                Verdict::AllowedUrl(_) | Verdict::Allowed => {}
            }
            self.nul(range);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::html::{BODY, Policy, TITLE};

    /// Returns `code offset+length` for each finding, with a `?` after a warning.
    fn found(html: &str, policy: &'static Policy) -> Vec<String> {
        let line = |f: &super::Finding| {
            let mark = if f.severity == crate::Severity::Warning { "?" } else { "" };
            format!("{}{mark} {}+{}", f.code, f.offset, f.length)
        };
        check(html, policy).iter().map(line).collect()
    }

    fn holds(policy: &'static Policy, table: &[(&str, &[&str])]) {
        for (html, expected) in table {
            assert_eq!(found(html, policy), *expected, "{html:?}");
        }
    }

    #[test]
    fn a_title_holds_text_and_links() {
        holds(
            &TITLE,
            &[
                ("plain", &[]),
                ("1 < 2 && 3 > 2", &[]),
                ("a <3", &[]),
                ("&lt;script&gt;", &[]),
                ("a=1&lt=2", &[]),
                ("<a href=\"https://example.com\" rel=nofollow target=_blank title=\"<b> >\">x</a>", &[]),
                ("<A HREF=' HTTPS://example.com'>x</A>", &[]),
                ("<a href=mailto:a@b.c>x</a>", &[]),
                ("é😀<b>x</b>", &["html_tag_not_allowed 3+3"]),
                ("<a>x</a><a>y</a>", &[]),
                ("<a>x", &["html_unbalanced 0+3"]),
                ("<a>x<a>y</a>", &["html_unbalanced 0+3"]),
                ("x</a>", &["html_unbalanced 1+4"]),
                ("x</p>", &["html_unbalanced 1+4"]),
                ("x</br>", &["html_unbalanced 1+5"]),
                ("<a title=1>x</a title=2>", &["html_attribute_not_allowed 16+7"]),
                ("<a href=https://e onclick=x>x</a>", &["html_attribute_not_allowed 18+9"]),
                ("<a href=https://e HREF=https://f>x</a>", &["html_attribute_not_allowed 18+14"]),
                ("<a xlink:href=x>x</a>", &["html_attribute_not_allowed 3+12"]),
                ("<a =onclick>x</a>", &["html_attribute_not_allowed 3+8"]),
                ("x<!-- y -->", &["html_malformed 1+10"]),
                ("x\0", &["html_malformed 1+1"]),
                ("x<", &["html_malformed 1+1"]),
                ("<script>a</script>", &["html_tag_not_allowed 0+8"]),
            ],
        );
    }

    #[test]
    fn a_url_without_an_allowed_scheme_is_refused() {
        for url in [
            "java&#x0A;script:x",
            "java&Tab;script:x",
            "javascript&colon;x",
            "&#1;javascript:x",
            "\x01javascript:x",
            "h\nttps://e",
            "//e",
            "",
            "\u{a0}https://e",
            "javaſcript:x",
            "java\0script:x",
            "/x",
            "x",
            "data:x",
            ":x",
        ] {
            let html = format!("<a href=\"{url}\">x</a>");
            let codes = found(&html, &TITLE);
            assert!(codes.iter().any(|code| code.starts_with("html_url_not_allowed")), "{url:?}: {codes:?}");
        }
        for url in ["HTTPS://e", "mailto:a@b.c", " https://e", "http://e", "\x01\thttps://e"] {
            assert_eq!(found(&format!("<a href=\"{url}\">x</a>"), &TITLE), [""; 0], "{url:?}");
        }
        holds(
            &BODY,
            &[
                ("<img src=cid:file1>", &[]),
                ("<img src=mailto:x>", &["html_url_not_allowed 5+12"]),
                ("<blockquote cite=javascript:x>y</blockquote>", &["html_url_not_allowed 12+17"]),
            ],
        );
    }

    #[test]
    fn a_body_allows_more_and_warns_of_what_a_browser_repairs() {
        holds(
            &BODY,
            &[
                ("<p>Body with <b>HTML</b><br></p><hr>", &[]),
                ("<table><tr><td scope=x>y</td></tr></table>", &["html_attribute_not_allowed 15+7"]),
                ("<p dir=ltr lang=en title=x>y</p>", &[]),
                ("<p style=x>y</p>", &["html_attribute_not_allowed 3+7"]),
                ("Body with <b>HTML<b> formatting", &["html_unbalanced? 10+3", "html_unbalanced? 17+3"]),
                ("<p>a<p>b", &["html_unbalanced? 0+3", "html_unbalanced? 4+3"]),
                ("<ul><li>a<li>b</ul>", &["html_unbalanced? 4+4", "html_unbalanced? 9+4"]),
                ("<p><div></p>", &["html_unbalanced? 0+3", "html_unbalanced? 3+5", "html_unbalanced? 8+4"]),
                ("<p>x<hr></p>", &["html_unbalanced? 0+3", "html_unbalanced? 8+4"]),
                ("x</p>", &["html_unbalanced? 1+4"]),
                ("x<img src=https://e></img>", &["html_unbalanced? 20+6"]),
                ("<b><i>x</b></i>", &["html_unbalanced? 3+3"]),
                ("<b><p>x</b>y</p>", &["html_unbalanced? 0+3"]),
                ("<h1>x</h2>", &["html_unbalanced? 5+5"]),
                ("<table>x<tr>y</table>", &["html_unbalanced? 7+1", "html_unbalanced? 8+4", "html_unbalanced? 12+1"]),
                ("<table><td></div></table>", &["html_unbalanced? 7+4", "html_unbalanced? 11+6"]),
                ("x</script>", &["html_tag_not_allowed 1+9"]),
                ("<wb>", &["html_tag_not_allowed 0+4"]),
                (
                    "<noscript><p title=\"</noscript><img src=x onerror=y>\">",
                    &["html_tag_not_allowed 0+10", "html_url_not_allowed 36+5", "html_attribute_not_allowed 42+9"],
                ),
            ],
        );
        assert_eq!(
            found(&"<b>".repeat(600), &BODY).iter().filter(|line| line.starts_with("html_not_contained")).count(),
            88
        );
    }

    #[test]
    fn a_body_stays_inside_its_host() {
        for html in [
            "x</div>y",
            "</table>",
            "<td>x",
            "<tr>x",
            "x</li>",
            "x</b>",
            "x</span>",
            "<dd><div><dd></div>x</dd>",
            "<table><i><div><table></table></div></i>z</table>",
        ] {
            assert!(found(html, &BODY).iter().any(|line| line.starts_with("html_not_contained ")), "{html}");
        }
    }
}
