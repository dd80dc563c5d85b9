//! Holds a fragment against a policy and lists what breaks it.

use super::policy::{Policy, Verdict};
use super::scan::{Attribute, Kind, Scanner};
use super::shorten;
use crate::error::{Code, Severity};

/// Elements without content, which have no end tag.
const VOID: &[&str] = &["br", "hr", "img", "wbr"];

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
    if !html.contains(['<', '\0']) {
        return Vec::new();
    }
    let mut check = Check {
        html,
        policy,
        open: Vec::new(),
        open_of: vec![0; policy.elements.len()],
        refused: 0,
        found: Vec::new(),
    };
    let mut scanner = Scanner::new(html);
    while let Some(token) = scanner.next() {
        let place = (token.start, token.end);
        match token.kind {
            Kind::Text => check.nul(place),
            Kind::Start(name) => {
                check.nul(place);
                check.start(name, place, &scanner.attributes);
            }
            Kind::End(name) => {
                check.nul(place);
                check.end(name, place, &scanner.attributes);
            }
            Kind::Malformed(what) => {
                check.add(Code::HtmlMalformed, place, format!("{what} is not allowed in {}", policy.place))
            }
        }
    }
    check.close_down_to(0);
    check.into_findings()
}

/// The first tag in a text that is meant to be plain, as it stands there.
#[must_use]
pub fn first_tag(text: &str) -> Option<&str> {
    let mut scanner = Scanner::new(text);
    while let Some(token) = scanner.next() {
        if matches!(token.kind, Kind::Start(_) | Kind::End(_)) {
            return text.get(token.start..token.end);
        }
    }
    None
}

fn is_void(name: &str) -> bool {
    VOID.iter().any(|void| void.eq_ignore_ascii_case(name))
}

/// Bytes of the fragment, from and to.
type Place = (usize, usize);

struct Check<'a> {
    html: &'a str,
    policy: &'static Policy,
    /// The elements that are open, by their place in the policy, with their start tags.
    open: Vec<(usize, Place)>,
    /// How many of each are open, so that a stray end tag costs no search.
    open_of: Vec<usize>,
    /// How many start tags were refused: their end tags need no second word.
    refused: usize,
    /// What was found, with offsets in bytes until the end.
    found: Vec<Finding>,
}

impl Check<'_> {
    fn add(&mut self, code: Code, place: Place, message: String) {
        self.add_with(code, place, message, None, None);
    }

    fn add_with(
        &mut self,
        code: Code,
        (start, end): Place,
        message: String,
        allowed: Option<&'static [&'static str]>,
        actual: Option<String>,
    ) {
        let severity = match code {
            Code::HtmlUnbalanced if !self.policy.strict_balance => Severity::Warning,
            _ => code.severity(),
        };
        self.found.push(Finding { code, severity, offset: start, length: end - start, message, allowed, actual });
    }

    /// A browser drops or replaces a NUL, each state in its own way.
    fn nul(&mut self, (start, end): Place) {
        let text = self.html.get(start..end).unwrap_or_default();
        for (at, _) in text.match_indices('\0') {
            self.add(Code::HtmlMalformed, (start + at, start + at + 1), "a NUL character is not allowed".into());
        }
    }

    fn start(&mut self, name: &str, place: Place, attributes: &[Attribute<'_>]) {
        let Some(element) = self.policy.element(name) else {
            self.refused += 1;
            return self.tag_not_allowed(name, place);
        };
        self.attributes(name, attributes);
        if is_void(name) {
            return;
        }
        let name = self.name(element);
        if name == "a" && self.open_count(element) > 0 {
            self.add(Code::HtmlUnbalanced, place, "an `<a>` inside an `<a>`: a browser ends the first one here".into());
            self.close(element);
        }
        self.open.push((element, place));
        if let Some(count) = self.open_of.get_mut(element) {
            *count += 1;
        }
    }

    fn end(&mut self, name: &str, place: Place, attributes: &[Attribute<'_>]) {
        for attribute in attributes {
            self.attribute_not_allowed(
                attribute,
                format!("`{}` stands on an end tag, which has no attributes", shorten(attribute.name)),
            );
        }
        match self.policy.element(name) {
            Some(element) if self.open_count(element) > 0 => self.close(element),
            None if self.refused > 0 => self.refused -= 1,
            // These two make an element where they stand; nothing outside is touched.
            _ if name.eq_ignore_ascii_case("p") || name.eq_ignore_ascii_case("br") => {
                self.add(
                    Code::HtmlUnbalanced,
                    place,
                    format!("`</{name}>` without its start tag makes an element of its own"),
                );
            }
            Some(_) if !self.policy.strict_balance && is_void(name) => {
                self.add(
                    Code::HtmlUnbalanced,
                    place,
                    format!("`<{name}>` has no end tag: a browser leaves this one out"),
                );
            }
            Some(_) if !self.policy.strict_balance => {
                self.add(
                    Code::HtmlNotContained,
                    place,
                    format!("`</{name}>` has no start tag here: it would close what stands outside"),
                );
            }
            None if !self.policy.strict_balance => self.tag_not_allowed(name, place),
            _ => self.add(Code::HtmlUnbalanced, place, format!("`</{}>` has no start tag here", shorten(name))),
        }
    }

    fn attributes(&mut self, element: &str, attributes: &[Attribute<'_>]) {
        // Allowed names only, so it stays short whatever the input.
        let mut seen: Vec<&str> = Vec::new();
        for attribute in attributes {
            let name = attribute.name;
            let verdict = self.policy.attribute(element, name);
            if matches!(verdict, Verdict::Refused) {
                self.attribute_not_allowed(attribute, format!("`{}` is not allowed on `<{element}>`", shorten(name)));
                continue;
            }
            if seen.iter().any(|earlier| earlier.eq_ignore_ascii_case(name)) {
                self.attribute_not_allowed(attribute, format!("`{name}` stands twice on `<{element}>`"));
                continue;
            }
            seen.push(name);
            if let Verdict::AllowedUrl(schemes) = verdict {
                self.url(attribute, schemes);
            }
        }
    }

    /// The scheme is compared as it stands, with nothing decoded: a literal scheme holds no `&`, so every encoded form
    /// of another one is refused without knowing how a browser would decode it.
    fn url(&mut self, attribute: &Attribute<'_>, schemes: &'static [&'static str]) {
        // A browser strips these; NUL is reported by itself.
        let url = attribute.value.trim_start_matches(|c: char| ('\x01'..='\x20').contains(&c));
        let scheme = url.split(':').next().filter(|scheme| scheme.len() < url.len());
        if scheme.is_some_and(|scheme| schemes.iter().any(|allowed| allowed.eq_ignore_ascii_case(scheme))) {
            return;
        }
        let name = attribute.name;
        let actual = scheme.filter(|scheme| {
            !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        });
        let message = match actual {
            Some(scheme) => format!("the scheme `{}` is not allowed in `{name}`", shorten(scheme)),
            None => format!("`{name}` must be an absolute URL"),
        };
        let place = (attribute.start, attribute.end);
        self.add_with(Code::HtmlUrlNotAllowed, place, message, Some(schemes), actual.map(shorten));
    }

    fn tag_not_allowed(&mut self, name: &str, place: Place) {
        let name = shorten(name);
        let Policy { place: at, elements, .. } = *self.policy;
        let message = match elements {
            [only] => format!("`<{name}>` is not allowed in {at}, only `{only}` is"),
            _ => format!("`<{name}>` is not allowed in {at}"),
        };
        self.add_with(Code::HtmlTagNotAllowed, place, message, Some(elements), Some(name));
    }

    fn attribute_not_allowed(&mut self, attribute: &Attribute<'_>, message: String) {
        let place = (attribute.start, attribute.end);
        self.add_with(Code::HtmlAttributeNotAllowed, place, message, None, Some(shorten(attribute.name)));
    }

    /// Ends the innermost open element of this name, and with it all that stands open inside.
    fn close(&mut self, element: usize) {
        let at = self.open.iter().rposition(|(open, _)| *open == element).unwrap_or(0);
        self.close_down_to(at + 1);
        self.open.pop();
        self.forget(element);
    }

    /// Ends what is open beyond a depth: each of these lacks its end tag.
    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some((element, place)) = self.open.pop() else { return };
            self.forget(element);
            let name = self.name(element);
            self.add(Code::HtmlUnbalanced, place, format!("`<{name}>` has no end tag"));
        }
    }

    fn forget(&mut self, element: usize) {
        if let Some(count) = self.open_of.get_mut(element) {
            *count = count.saturating_sub(1);
        }
    }

    fn open_count(&self, element: usize) -> usize {
        self.open_of.get(element).copied().unwrap_or(0)
    }

    fn name(&self, element: usize) -> &'static str {
        self.policy.elements.get(element).copied().unwrap_or_default()
    }

    /// In the order of the text, offsets and lengths turned from bytes into UTF-16 code units.
    fn into_findings(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| finding.offset);
        let units = |from: usize, to: usize| self.html.get(from..to).map_or(0, |text| text.encode_utf16().count());
        let (mut byte, mut unit) = (0, 0);
        for finding in &mut self.found {
            let start = finding.offset;
            unit += units(byte, start);
            byte = start;
            finding.offset = unit;
            finding.length = units(start, start + finding.length);
        }
        self.found
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
                ("<a>x<a>y</a>", &["html_unbalanced 4+3"]),
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
                ("<p>Body with <b>HTML</b><br><hr></p>", &[]),
                ("Body with <b>HTML<b> formatting", &["html_unbalanced? 10+3", "html_unbalanced? 17+3"]),
                ("<p dir=ltr lang=en title=x>y</p>", &[]),
                ("<p style=x>y</p>", &["html_attribute_not_allowed 3+7"]),
                ("<td scope=x>y</td>", &["html_attribute_not_allowed 4+7"]),
                ("x</div>y", &["html_not_contained 1+6"]),
                ("x</p>", &["html_unbalanced? 1+4"]),
                ("x<img src=https://e></img>", &["html_unbalanced? 20+6"]),
                ("x</script>", &["html_tag_not_allowed 1+9"]),
                ("<b><i>x</b></i>", &["html_unbalanced? 3+3", "html_not_contained 11+4"]),
                ("<wb>", &["html_tag_not_allowed 0+4"]),
                (
                    "<noscript><p title=\"</noscript><img src=x onerror=y>\">",
                    &["html_tag_not_allowed 0+10", "html_url_not_allowed 36+5", "html_attribute_not_allowed 42+9"],
                ),
            ],
        );
    }
}
