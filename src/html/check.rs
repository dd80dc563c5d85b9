//! Holds a fragment against a policy and lists what breaks it.

use super::element::Element;
use super::plain::is_plain;
use super::policy::{Policy, Verdict, has_scheme, scheme_of};
use super::scan::{Attribute, Kind, Scanner};
use super::tree::{End, Event, Open, Tree};
use crate::bytes::{find, utf16_units};
use crate::error::{Code, Severity};
use crate::steps::count;
use crate::text::{fill, shorten};

/// How deep elements may stand in each other: a browser nests no deeper and puts the rest elsewhere.
const MAX_DEPTH: usize = 512;

const BESIDE_CELLS: &str = "%stands in a table beside its cells: a browser moves it before the table";
const NO_START_TAG: &str = "`</%>` has no start tag here%";

/// One thing in a fragment that its place does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub code: Code,
    /// Whether it stops the message.
    pub severity: Severity,
    /// Where it begins, in UTF-16 code units of the fragment.
    pub offset: usize,
    /// How long it is, in UTF-16 code units.
    pub length: usize,
    /// What a person reads.
    pub message: String,
    /// What would be allowed there.
    pub allowed: Option<&'static [&'static str]>,
    /// The element, attribute or scheme that was found.
    pub actual: Option<String>,
}

/// Lists everything in a fragment that a policy does not allow, in the order of the text. An empty list means that a
/// browser builds nothing but allowed elements and attributes from it.
///
/// ```
/// use flowdock_integration::html::{TITLE, check};
/// let findings = check("merged <b>#42</b>", &TITLE);
/// assert_eq!(findings[0].message, "`<b>` is not allowed in a title, only `a` is");
/// assert_eq!((findings[0].offset, findings[0].length), (7, 3));
/// ```
#[must_use]
pub fn check(html: &str, policy: &'static Policy) -> Vec<Finding> {
    if is_plain(html, policy) { Vec::new() } else { check_all(html, policy) }
}

/// The same for any fragment.
pub(super) fn check_all(html: &str, policy: &'static Policy) -> Vec<Finding> {
    let has_nul = find(html, 0, 0).is_some();
    let mut check = Check { html, has_nul, policy, tree: Tree::new(), refused: 0, found: Vec::new() };
    let mut scanner = Scanner::new(html);
    while let Some(token) = scanner.next() {
        let place = (token.start, token.end);
        match token.kind {
            Kind::Text => check.text(place),
            Kind::Start(name) => check.start(name, place, &scanner.attributes),
            Kind::End(name) => check.end(name, place, &scanner.attributes),
            Kind::Malformed(what) => {
                check.add(Code::HtmlMalformed, place, "% is not allowed in %", &[what, policy.place]);
            }
        }
    }
    let Check { tree, found, .. } = &mut check;
    tree.finish(&mut |event| unbalanced(found, event));
    check.into_findings()
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

/// Bytes of the fragment, from and to.
type Place = (usize, usize);

/// A finding that carries no more than this, its place still in bytes.
fn finding(policy: &Policy, code: Code, (start, end): Place, message: String) -> Finding {
    let severity = match code {
        Code::HtmlUnbalanced if !policy.strict_balance => Severity::Warning,
        _ => code.severity(),
    };
    Finding { code, severity, offset: start, length: end - start, message, allowed: None, actual: None }
}

/// What was found at a place of the text.
enum Found {
    Finding(Box<Finding>),
    /// A start tag. Whether it has its end tag turns out later, when more was found behind it.
    Start {
        element: Element,
        place: Place,
        has_end: bool,
    },
}

/// Marks the start tag of an element that was closed by something else than its own end tag.
fn unbalanced(found: &mut [Found], event: Event) {
    if let Event::Closed(Open { mark: Some(mark), .. }) = event
        && let Some(Found::Start { has_end, .. }) = found.get_mut(mark)
    {
        *has_end = false;
    }
}

struct Check<'a> {
    html: &'a str,
    has_nul: bool,
    policy: &'static Policy,
    /// The elements that stand open, marked with the indexes of their start tags in `found`.
    tree: Tree,
    /// How many start tags were refused: their end tags need no second word.
    refused: usize,
    /// In the order of the text, with offsets in bytes.
    found: Vec<Found>,
}

impl Check<'_> {
    /// The message as [`fill`] fills it.
    fn add(&mut self, code: Code, place: Place, message: &str, with: &[&str]) {
        self.add_with(code, place, fill(message, with), None, None);
    }

    fn add_with(
        &mut self,
        code: Code,
        place: Place,
        message: String,
        allowed: Option<&'static [&'static str]>,
        actual: Option<String>,
    ) {
        let finding = Finding { allowed, actual, ..finding(self.policy, code, place, message) };
        self.found.push(Found::Finding(Box::new(finding)));
    }

    fn text(&mut self, place: Place) {
        if self.tree.is_between_cells() {
            let text = self.html.get(place.0..place.1).unwrap_or_default();
            if !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
                self.add(Code::HtmlUnbalanced, place, BESIDE_CELLS, &[""]);
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
            self.add(Code::HtmlMalformed, (start + at, start + at + 1), "a NUL character is not allowed", &[]);
        }
    }

    fn start(&mut self, name: &str, place: Place, attributes: &[Attribute<'_>]) {
        let Some(element) = self.policy.element(name) else {
            self.refused += 1;
            self.tag_not_allowed(name, place);
            return self.nul(place);
        };
        if self.tree.depth() >= MAX_DEPTH {
            let message = "`<%>` is nested deeper than 512 elements, which no browser does";
            self.add(Code::HtmlNotContained, place, message, &[element.name()]);
        } else {
            if self.tree.is_between_cells() && !element.kind().is_table_part() {
                self.add(Code::HtmlUnbalanced, place, BESIDE_CELLS, &[&fill("`<%>` ", &[element.name()])]);
            }
            let Self { tree, found, .. } = self;
            let mark = found.len();
            found.push(Found::Start { element, place, has_end: true });
            if !tree.start(element, mark, &mut |event| unbalanced(found, event)) {
                let message = "`<%>` stands in no table here: it would go on with one outside";
                self.add(Code::HtmlNotContained, place, message, &[element.name()]);
            }
        }
        self.attributes(element, attributes);
    }

    fn end(&mut self, name: &str, place: Place, attributes: &[Attribute<'_>]) {
        self.end_tag(name, place);
        self.nul((place.0, attributes.first().map_or(place.1, |attribute| attribute.start)));
        for attribute in attributes {
            self.attribute_not_allowed(attribute, "`%` stands on an end tag, which has no attributes", "");
            self.nul((attribute.start, attribute.end));
        }
    }

    fn end_tag(&mut self, name: &str, place: Place) {
        let Some(element) = self.policy.element(name) else {
            if self.refused > 0 {
                self.refused -= 1;
            } else if self.policy.strict_balance {
                self.add(Code::HtmlUnbalanced, place, NO_START_TAG, &[&shorten(name), ""]);
            } else {
                self.tag_not_allowed(name, place);
            }
            return;
        };
        let name = element.name();
        let Self { tree, found, .. } = self;
        match tree.end(element, &mut |event| unbalanced(found, event)) {
            End::Closes(closed) if closed != element => {
                self.add(Code::HtmlUnbalanced, place, "`</%>` ends the `<%>` here", &[name, closed.name()]);
            }
            End::Closes(_) | End::Late => {}
            End::Harmless => self.add(Code::HtmlUnbalanced, place, "`</%>` has nothing to end here", &[name]),
            End::Escapes if self.policy.strict_balance => {
                self.add(Code::HtmlUnbalanced, place, NO_START_TAG, &[name, ""]);
            }
            End::Escapes => {
                self.add(Code::HtmlNotContained, place, NO_START_TAG, &[name, ": it would close what stands outside"]);
            }
        }
    }

    fn attributes(&mut self, element: Element, attributes: &[Attribute<'_>]) {
        // Allowed names only, so it stays short whatever the input.
        let mut seen: Vec<&str> = Vec::new();
        for attribute in attributes {
            let name = attribute.name;
            count(seen.len() + 1);
            let verdict = self.policy.attribute(element, name);
            if matches!(verdict, Verdict::Refused) {
                self.attribute_not_allowed(attribute, "`%` is not allowed on `<%>`", element.name());
            } else if seen.iter().any(|earlier| earlier.eq_ignore_ascii_case(name)) {
                self.attribute_not_allowed(attribute, "`%` stands twice on `<%>`", element.name());
            } else {
                seen.push(name);
                if let Verdict::AllowedUrl(schemes) = verdict {
                    self.url(attribute, schemes);
                }
            }
            self.nul((attribute.start, attribute.end));
        }
    }

    fn url(&mut self, attribute: &Attribute<'_>, schemes: &'static [&'static str]) {
        if has_scheme(attribute.value, schemes) {
            return;
        }
        let name = attribute.name;
        let actual = scheme_of(attribute.value).filter(|scheme| {
            !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        });
        let actual = actual.map(shorten);
        let message = match &actual {
            Some(scheme) => fill("the scheme `%` is not allowed in `%`", &[scheme, name]),
            None => fill("`%` must be an absolute URL", &[name]),
        };
        self.add_with(Code::HtmlUrlNotAllowed, (attribute.start, attribute.end), message, Some(schemes), actual);
    }

    fn tag_not_allowed(&mut self, name: &str, place: Place) {
        let name = shorten(name);
        let Policy { place: at, elements, .. } = *self.policy;
        let only = if let [only] = elements { fill(", only `%` is", &[only]) } else { String::new() };
        let message = fill("`<%>` is not allowed in %%", &[&name, at, &only]);
        self.add_with(Code::HtmlTagNotAllowed, place, message, Some(elements), Some(name));
    }

    /// The message as [`fill`] fills it with the attribute and its element.
    fn attribute_not_allowed(&mut self, attribute: &Attribute<'_>, message: &str, element: &str) {
        let place = (attribute.start, attribute.end);
        let name = shorten(attribute.name);
        self.add_with(Code::HtmlAttributeNotAllowed, place, fill(message, &[&name, element]), None, Some(name));
    }

    /// All of it, offsets and lengths turned from bytes into UTF-16 code units.
    fn into_findings(self) -> Vec<Finding> {
        let Self { html, policy, found, .. } = self;
        let findings = found.into_iter().filter_map(|found| match found {
            Found::Finding(finding) => Some(*finding),
            Found::Start { has_end: true, .. } => None,
            Found::Start { element, place, .. } => {
                let name = element.name();
                let message = fill("`<%>` has no end tag", &[name]);
                Some(Finding { actual: Some(name.to_owned()), ..finding(policy, Code::HtmlUnbalanced, place, message) })
            }
        });
        let mut findings: Vec<Finding> = findings.collect();
        let units = |from: usize, to: usize| html.as_bytes().get(from..to).map_or(0, utf16_units);
        let (mut byte, mut unit) = (0, 0);
        for finding in &mut findings {
            let start = finding.offset;
            unit += units(byte, start);
            byte = start;
            finding.offset = unit;
            finding.length = units(start, start + finding.length);
        }
        findings
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
