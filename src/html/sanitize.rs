//! Makes a fragment that a place allows of one that it does not.

use super::element::Element;
use super::policy::{Policy, Verdict, has_scheme};
use super::scan::{self, Attribute, Scanner};
use super::tree::{End, Event, Kind, Tree};
use crate::bytes::find;
use crate::steps::count;
use crate::text::replace;

/// How deep elements may stand in each other; the tags of deeper ones are left out.
const MAX_DEPTH: usize = 100;

/// What a table needs inside it for a text: `tbody`, `tr` and `td`.
const TABLE_DEPTH: usize = 4;

/// Elements that go with their content, as do those of raw text: it is code or a document of its own. Of all others the text
/// stays.
const DROPPED: &[&str] = &["math", "object", "select", "svg", "template"];

/// Writes a fragment anew with nothing in it but what a policy allows, in such a way that a browser builds exactly the
/// elements that stand there: what it would close or open unasked is written out, and all of it stays inside its host.
///
/// [`check`](super::check) finds nothing in the answer, and sanitising it again changes nothing.
///
/// ```
/// use flowdock_integration::html::{BODY, TITLE, sanitize};
/// assert_eq!(sanitize("<p>a<p onclick=x>b</div>", &BODY), "<p>a</p><p>b</p>");
/// assert_eq!(sanitize("1 < 2 <b>merged <script>x</script></b>", &TITLE), "1 &lt; 2 merged ");
/// ```
#[must_use]
pub fn sanitize(html: &str, policy: &'static Policy) -> String {
    let mut writer = Writer { policy, out: String::with_capacity(html.len()), tree: Tree::new() };
    let mut scanner = Scanner::new(html);
    // The element whose content is being left out, and how many of its name stand open.
    let mut dropping: Option<(&str, usize)> = None;
    while let Some(token) = scanner.next() {
        if let Some((element, depth)) = &mut dropping {
            match token.kind {
                scan::Kind::Start(name) if name.eq_ignore_ascii_case(element) => *depth += 1,
                scan::Kind::End(name) if name.eq_ignore_ascii_case(element) => *depth -= 1,
                _ => {}
            }
            if *depth == 0 {
                dropping = None;
            }
            continue;
        }
        match token.kind {
            scan::Kind::Text => writer.text(html.get(token.start..token.end).unwrap_or_default()),
            scan::Kind::Start(name) => match policy.element(name) {
                Some(element) => writer.start(element, &scanner.attributes),
                None => {
                    let dropped = |known: &&str| known.eq_ignore_ascii_case(name);
                    if scan::is_raw_text(name) || DROPPED.iter().any(dropped) {
                        dropping = Some((name, 1));
                    }
                }
            },
            scan::Kind::End(name) => {
                if let Some(element) = policy.element(name) {
                    writer.end(element);
                }
            }
            scan::Kind::Malformed(_) => {}
        }
    }
    let Writer { tree, out, .. } = &mut writer;
    tree.finish(&mut |event| write(out, event));
    writer.out
}

struct Writer {
    policy: &'static Policy,
    out: String,
    tree: Tree,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.tree.is_between_cells() && text.bytes().any(|byte| !byte.is_ascii_whitespace() && byte != 0) {
            self.open_cell();
        }
        replace(&mut self.out, text, &|byte| match byte {
            // What was cut out beside it must not make a tag of it.
            b'<' => Some("&lt;"),
            0 => Some(""),
            _ => None,
        });
    }

    fn start(&mut self, element: Element, attributes: &[Attribute<'_>]) {
        let kind = element.kind();
        let needs = if kind == Kind::Table { TABLE_DEPTH } else { 1 };
        let too_deep = self.tree.depth() + needs > MAX_DEPTH && !kind.is_table_part();
        // A link in a link, where the outer one cannot just be ended here.
        let nested_link = element == Element::A && self.tree.contains(element) && self.tree.would_rearrange(element);
        if too_deep || nested_link {
            return;
        }
        if self.tree.is_between_cells() && !kind.is_table_part() {
            self.open_cell();
        }
        if self.open(element) {
            self.out.push('<');
            self.out.push_str(element.name());
            self.attributes(element, attributes);
            self.out.push('>');
        }
    }

    fn end(&mut self, element: Element) {
        // A formatting element around blocks ends with what holds it, for a browser would cut it in pieces.
        let is_open = self.tree.contains(element);
        if element.kind() == Kind::Formatting && (!is_open || self.tree.would_rearrange(element)) {
            return;
        }
        let Self { tree, out, .. } = self;
        if let End::Closes(closed) = tree.end(element, &mut |event| write(out, event)) {
            end_tag(out, closed);
        }
    }

    /// What stands between the cells of a table gets one of its own, where a browser would move it out of the table.
    fn open_cell(&mut self) {
        if self.open(Element::TD) {
            self.out.push_str("<td>");
        }
    }

    fn open(&mut self, element: Element) -> bool {
        let Self { tree, out, .. } = self;
        tree.start(element, 0, &mut |event| write(out, event))
    }

    fn attributes(&mut self, element: Element, attributes: &[Attribute<'_>]) {
        let mut seen: Vec<&str> = Vec::new();
        for attribute in attributes {
            count(seen.len() + 1);
            let verdict = self.policy.attribute(element, attribute.name);
            if matches!(verdict, Verdict::Refused) || seen.iter().any(|name| name.eq_ignore_ascii_case(attribute.name))
            {
                continue;
            }
            // A browser takes the first of a name, also where it is of no use.
            seen.push(attribute.name);
            let scheme_allowed = match verdict {
                Verdict::AllowedUrl(schemes) => has_scheme(attribute.value, schemes),
                _ => true,
            };
            if scheme_allowed && find(attribute.value, 0, 0).is_none() {
                self.out.push(' ');
                self.out.extend(attribute.name.chars().map(|c| c.to_ascii_lowercase()));
                self.out.push_str("=\"");
                replace(&mut self.out, attribute.value, &|byte| (byte == b'"').then_some("&quot;"));
                self.out.push('"');
            }
        }
    }
}

fn write(out: &mut String, event: Event) {
    match event {
        Event::Closed(open) => end_tag(out, open.element),
        Event::Opened(element) => {
            out.push('<');
            out.push_str(element.name());
            out.push('>');
        }
    }
}

fn end_tag(out: &mut String, element: Element) {
    out.push_str("</");
    out.push_str(element.name());
    out.push('>');
}
