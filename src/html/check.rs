//! Holds a fragment against a policy and lists what breaks it.

use super::accept::accepts;
use super::element::Element;
use super::finding::{Fault, Finding, Place};
use super::policy::{Policy, Verdict, has_scheme};
use super::scan::{Attribute, Kind, Scanner};
use super::tree::{End, Event, Of, Open, Start, Tree};
use crate::bytes::{find, utf16_units};
use crate::error::Severity;

/// How deep elements may stand in each other: a browser nests no deeper and puts the rest elsewhere.
const MAX_DEPTH: usize = 512;

/// Lists what in a fragment a policy does not allow, in the order of the text: the first 1000 findings, and if none of them is an
/// error, the first error behind them. An empty list means that a browser builds nothing but allowed elements and attributes
/// from the fragment.
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

/// Checks with the scanner and the tree, without the short way.
pub(super) fn check_all(html: &str, policy: &'static Policy) -> Vec<Finding> {
    let has_nul = find(html, 0, 0).is_some();
    let noted = Notes { policy, notes: Vec::new(), faults: 0, has_error: false };
    let mut check = Check { html, has_nul, policy, tree: Tree::new(Of::Checked), refused: 0, noted };
    let mut scanner = Scanner::new(html);
    while let Some(token) = scanner.next() {
        let place = (token.start, token.end);
        match token.kind {
            Kind::Text => check.text(place),
            Kind::Start(name) => check.start(name, place, &scanner.attributes),
            Kind::End(name) => check.end(name, place, &scanner.attributes),
            Kind::Malformed(what) => check.noted.fault(place, Fault::Malformed(what)),
        }
    }
    let Check { tree, noted, .. } = &mut check;
    tree.finish(&mut |event| noted.closed(&event));
    check.noted.findings(html)
}

/// The first tag in a text that is meant to be plain, as it stands there.
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

/// How much is listed, and an error behind it.
pub(crate) const MAX_FINDINGS: usize = 1000;

/// Something to be kept of a place.
struct Note<'a> {
    place: Place,
    fault: Fault<'a>,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    /// A start tag that is waiting for its end tag; without one it is a fault.
    Waits,
    /// It got its end tag.
    Fine,
    Fault,
}

/// What was noted, in the order of the text. It holds what is listed in the end and the elements that stand open, and hardly more,
/// however long the text.
struct Notes<'a> {
    policy: &'static Policy,
    notes: Vec<Note<'a>>,
    /// How many of them are faults, and whether one of these is an error.
    faults: usize,
    has_error: bool,
}

impl<'a> Notes<'a> {
    /// Notes a fault behind all others.
    fn fault(&mut self, place: Place, fault: Fault<'a>) {
        if self.has_room(fault) {
            self.notes.push(Note { place, fault, state: State::Fault });
            self.count(fault);
        }
    }

    fn count(&mut self, fault: Fault<'a>) {
        self.faults += 1;
        self.has_error |= fault.severity(self.policy) == Severity::Error;
    }

    /// Notes a start tag that was opened.
    fn start(&mut self, place: Place, element: Element) {
        let fault = Fault::ClosedEarly(element);
        if self.has_room(fault) {
            self.notes.push(Note { place, fault, state: State::Waits });
        }
    }

    /// Whether a fault is listed that stands behind all others.
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

    /// Notes that an element got its end tag.
    fn ended(&mut self, open: &Open<'_>) {
        if let Some(note) = self.start_tag(open) {
            note.state = State::Fine;
        }
        while self.notes.last().is_some_and(|note| note.state == State::Fine) {
            self.notes.pop();
        }
    }

    /// The note of an element's start tag; none where it is beyond what is listed.
    fn start_tag(&mut self, open: &Open<'_>) -> Option<&mut Note<'a>> {
        let place = open.place?;
        let behind = self.notes.partition_point(|note| note.place.0 <= place);
        let notes = self.notes.get_mut(..behind)?;
        // Faults of the same place may stand before it.
        notes.iter_mut().rev().take_while(|note| note.place.0 == place).find(|note| note.state == State::Waits)
    }

    /// The list, its offsets and lengths turned from bytes into UTF-16 code units.
    fn findings(self, html: &str) -> Vec<Finding> {
        let Self { policy, notes, .. } = self;
        let units = |from: usize, to: usize| html.as_bytes().get(from..to).map_or(0, utf16_units);
        let (mut byte, mut unit) = (0, 0);
        let mut findings: Vec<Finding> = Vec::new();
        let mut has_error = false;
        for Note { place, fault, .. } in notes.iter().filter(|note| note.state == State::Fault) {
            let is_error = fault.severity(policy) == Severity::Error;
            if findings.len() < MAX_FINDINGS || is_error && !has_error {
                has_error |= is_error;
                unit += units(byte, place.0);
                byte = place.0;
                let length = units(place.0, place.1);
                findings.push(Finding { offset: unit, length, ..fault.finding(policy, *place) });
            }
        }
        findings
    }
}

struct Check<'a> {
    html: &'a str,
    has_nul: bool,
    policy: &'static Policy,
    /// The elements that stand open, with the places of their start tags.
    tree: Tree<'a>,
    /// How many start tags were refused: their end tags need no second word.
    refused: usize,
    noted: Notes<'a>,
}

impl<'a> Check<'a> {
    fn text(&mut self, place: Place) {
        if self.tree.is_between_cells() {
            let text = self.html.get(place.0..place.1).unwrap_or_default();
            if !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
                self.noted.fault(place, Fault::TextBesideCells);
            }
        }
        self.nul(place);
    }

    /// A browser drops or replaces a NUL, each state in its own way.
    fn nul(&mut self, (start, end): Place) {
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

    fn start(&mut self, name: &'a str, place: Place, attributes: &[Attribute<'a>]) {
        let Some(element) = self.policy.element(name) else {
            self.refused += 1;
            self.noted.fault(place, Fault::TagNotAllowed(name));
            return self.nul(place);
        };
        if self.tree.depth() >= MAX_DEPTH {
            self.noted.fault(place, Fault::TooDeep(element));
        } else {
            if self.tree.is_between_cells() && !element.kind().is_table_part() {
                self.noted.fault(place, Fault::BesideCells(element));
            }
            let Self { tree, noted, .. } = self;
            let start = tree.start(element, "", &mut |event| noted.closed(&event));
            match start {
                Start::IsVoid => {}
                Start::Ignored => noted.fault(place, Fault::OutsideTable(element)),
                Start::Opens | Start::OpensOutsideList => {
                    tree.set_place(place.0);
                    if start == Start::OpensOutsideList {
                        noted.fault(place, Fault::OutsideList(element));
                    }
                    noted.start(place, element);
                }
            }
        }
        self.attributes(element, attributes);
    }

    fn end(&mut self, name: &'a str, place: Place, attributes: &[Attribute<'a>]) {
        self.end_tag(name, place);
        self.nul((place.0, attributes.first().map_or(place.1, |attribute| attribute.start)));
        for attribute in attributes {
            let place = (attribute.start, attribute.end);
            self.noted.fault(place, Fault::AttributeOnEndTag(attribute.name));
            self.nul(place);
        }
    }

    fn end_tag(&mut self, name: &'a str, place: Place) {
        let Self { policy, tree, noted, refused, .. } = self;
        let Some(element) = policy.element(name) else {
            if *refused > 0 {
                *refused -= 1;
            } else if policy.strict_balance {
                noted.fault(place, Fault::NoStartTag(name));
            } else {
                noted.fault(place, Fault::TagNotAllowed(name));
            }
            return;
        };
        match tree.end(element, "", &mut |event| noted.closed(&event)) {
            End::Closes(closed) => {
                noted.ended(&closed);
                if closed.element != element {
                    noted.fault(place, Fault::EndsAnother(element, closed.element));
                }
            }
            End::Late => {}
            End::Harmless => noted.fault(place, Fault::NothingToEnd(element)),
            End::Escapes if policy.strict_balance => noted.fault(place, Fault::NoStartTag(element.name())),
            End::Escapes => noted.fault(place, Fault::Escapes(element)),
        }
    }

    fn attributes(&mut self, element: Element, attributes: &[Attribute<'a>]) {
        let mut seen = Vec::new();
        for attribute in attributes {
            let name = attribute.name;
            let place = (attribute.start, attribute.end);
            match self.policy.next_attribute(element, name, &mut seen) {
                Verdict::Refused => self.noted.fault(place, Fault::AttributeNotAllowed(name, element)),
                Verdict::Twice => self.noted.fault(place, Fault::AttributeTwice(name, element)),
                Verdict::AllowedUrl(schemes) if !has_scheme(attribute.value, schemes) => {
                    self.noted.fault(place, Fault::UrlNotAllowed(name, attribute.value, schemes));
                }
                Verdict::AllowedUrl(_) | Verdict::Allowed => {}
            }
            self.nul(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::html::{BODY, Policy, TITLE};

    /// `code offset+length` for each finding, with a `?` behind a warning.
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
    fn a_scheme_counts_as_it_stands_with_nothing_decoded() {
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
    fn a_body_allows_more_and_warns_of_what_a_browser_mends() {
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
