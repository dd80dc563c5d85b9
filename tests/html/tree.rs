//! Compares what `check` accepts and what `sanitize` returns with what html5ever builds.

use flowdock_integration::Severity;
use flowdock_integration::html::{BODY, Policy, TITLE, check, sanitize};
use html5ever::tendril::TendrilSink as _;
use html5ever::{QualName, local_name, ns, parse_fragment};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use crate::generate::{all, inputs};

/// A node as the tests compare it: an element with its attributes and children. Texts are left out.
#[derive(Debug, PartialEq, Eq)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
}

/// Returns what a browser builds from markup in a body.
fn parse(html: &str) -> Vec<Element> {
    let context = QualName::new(None, ns!(html), local_name!("body"));
    let dom = parse_fragment(RcDom::default(), Default::default(), context, Vec::new(), true).one(html);
    let root = dom.document.children.borrow()[0].clone();
    children(&root)
}

fn children(node: &Handle) -> Vec<Element> {
    node.children.borrow().iter().filter_map(element).collect()
}

fn element(node: &Handle) -> Option<Element> {
    let NodeData::Element { name, attrs, .. } = &node.data else {
        // A fragment may not build a comment or a doctype.
        assert!(matches!(node.data, NodeData::Text { .. } | NodeData::Comment { .. }));
        return None;
    };
    let attribute = |attr: &html5ever::Attribute| (attr.name.local.to_string(), attr.value.to_string());
    let mut attributes: Vec<_> = attrs.borrow().iter().map(attribute).collect();
    attributes.sort();
    Some(Element { name: name.local.to_string(), attributes, children: children(node) })
}

/// Returns the tree of a fragment in a `div` between two markers. A fragment that leaves its host changes the nodes
/// beside it.
fn hosted(html: &str) -> Vec<Element> {
    parse(&format!("<x-before></x-before><div>{html}</div><x-after></x-after>"))
}

/// Returns the tree of a fragment in a table cell between two markers. The end tag of the cell closes whatever the
/// fragment left open, as the end of a fragment does. The fragment must not leave a table open, because the end tag
/// would then close a cell of that table.
fn hosted_in_cell(html: &str) -> Vec<Element> {
    parse(&format!("<x-before></x-before><table><tr><td>{html}</td></tr></table><x-after></x-after>"))
}

/// Formatting elements that are open around the host. A stray end tag in the fragment would close them.
const FORMATTED: &str =
    "<b lang=o><big lang=o><code lang=o><em lang=o><i lang=o><small lang=o><strong lang=o><tt lang=o>";

/// Returns how many of [`FORMATTED`] are still open after the host.
fn formatting_around_after(html: &str) -> usize {
    fn around(elements: &[Element], depth: usize) -> Option<usize> {
        elements.iter().find_map(|element| {
            let outer = element.attributes == [("lang".to_owned(), "o".to_owned())];
            if element.name == "x-after" { Some(depth) } else { around(&element.children, depth + usize::from(outer)) }
        })
    }
    around(&parse(&format!("{FORMATTED}<div>{html}</div><x-after></x-after>")), 0).unwrap_or(0)
}

/// The elements that the sanitiser leaves out with their content.
const DROPPED: &[&str] = &[
    "script",
    "style",
    "template",
    "iframe",
    "noscript",
    "noembed",
    "noframes",
    "textarea",
    "title",
    "xmp",
    "plaintext",
    "svg",
    "math",
    "select",
    "object",
];

/// Returns the text that a browser shows, without the text of [`DROPPED`] elements.
fn visible_text(html: &str) -> String {
    fn text_of(node: &Handle, text: &mut String) {
        match &node.data {
            NodeData::Text { contents } => text.push_str(&contents.borrow()),
            NodeData::Element { name, .. } if DROPPED.contains(&&*name.local) => {}
            _ => node.children.borrow().iter().for_each(|child| text_of(child, text)),
        }
    }
    let context = QualName::new(None, ns!(html), local_name!("body"));
    let dom = parse_fragment(RcDom::default(), Default::default(), context, Vec::new(), true).one(html);
    let mut text = String::new();
    text_of(&dom.document.children.borrow()[0], &mut text);
    text
}

/// Returns a text without white space. The sanitiser adds spaces where it removes a tag that began a new line, and it
/// removes some in a table.
fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}

/// Returns the characters of a text in a fixed order, because a browser moves text that is in a table outside
/// its cells.
fn in_one_order(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    chars.sort_unstable();
    chars.into_iter().collect()
}

/// Whether something that is cut out stands after a character reference without its `;`. A browser decodes the part of
/// the reference that it knows, and the sanitiser writes the reference as text.
fn cuts_a_reference(html: &str) -> bool {
    html.split('&').skip(1).any(|rest| {
        let rest = rest.trim_start_matches(|c: char| c == '#' || c.is_ascii_alphanumeric());
        rest.starts_with(['<', '\0'])
    })
}

/// Hosts for sanitised HTML besides `div`, as the markup before it and after it.
const HOSTS: [(&str, &str); 14] = [
    ("<table><tbody><tr><th>", "</th></tr></tbody></table>"),
    ("<table><caption>", "</caption></table>"),
    ("<button>", "</button>"),
    ("<pre><b>", "</b></pre>"),
    ("<section>", "</section>"),
    ("<article>", "</article>"),
    ("<form>", "</form>"),
    ("<span>", "</span>"),
    ("<b>", "</b>"),
    ("<ul><li><div>", "</div></li></ul>"),
    ("<ul><li>", "</li></ul>"),
    ("<dl><dt>x</dt><dd>", "</dd></dl>"),
    ("<table><tbody><tr><td>", "</td></tr></tbody></table>"),
    ("<label><span><b>", "</b></span></label>"),
];

/// Returns a page without the nodes before `x-end` in its host.
fn without_content(mut elements: Vec<Element>) -> Vec<Element> {
    match elements.iter().position(|element| element.name == "x-end") {
        Some(at) => elements.split_off(at),
        None => {
            for element in &mut elements {
                element.children = without_content(std::mem::take(&mut element.children));
            }
            elements
        }
    }
}

/// Whether a fragment stays in its host: the nodes after it in the host and after the host do not depend on it.
fn stays_in(html: &str, (before, after): &(&str, &str)) -> bool {
    let page = |html: &str| parse(&format!("{before}{html}<x-end></x-end>{after}<x-after></x-after>"));
    without_content(page(html)) == page("")
}

#[test]
fn the_hosts_detect_a_fragment_that_leaves_them() {
    for (host, html) in [
        (("<ul><li><div>", "</div></li></ul>"), "<li>x"),
        (("<dl><dd>", "</dd></dl>"), "<dt>x</dt>"),
        (("<span>", "</span>"), "x</span>"),
        (("<a>", "</a>"), "<a>x</a>"),
        (("<p>", "</p>"), "<div>x</div>"),
        (("<h1>", "</h1>"), "<h2>x</h2>"),
    ] {
        assert!(!stays_in(html, &host), "{html}");
        assert!(stays_in("<b>x</b>", &host), "{host:?}");
    }
}

fn names(elements: &[Element]) -> Vec<&str> {
    elements.iter().map(|element| element.name.as_str()).collect()
}

/// Checks that a tree contains only elements, attributes and URLs that a policy allows.
fn assert_allowed(elements: &[Element], policy: &Policy, html: &str) {
    for element in elements {
        assert!(policy.elements.contains(&element.name.as_str()), "<{}> from {html:?}", element.name);
        for (name, value) in &element.attributes {
            let of_element = policy.attributes.iter().filter(|(elements, _)| elements.contains(&element.name.as_str()));
            let known =
                of_element.flat_map(|(_, attributes)| attributes.iter()).find(|attribute| attribute.name == name);
            assert!(
                known.is_some() || policy.everywhere.contains(&name.as_str()),
                "{name} on <{}> from {html:?}",
                element.name
            );
            if let Some(schemes) = known.and_then(|attribute| attribute.schemes) {
                let url = value.trim_matches(|c: char| c <= ' ').replace(['\t', '\n', '\r'], "");
                let scheme = url.split(':').next().unwrap_or_default().to_ascii_lowercase();
                assert!(schemes.contains(&scheme.as_str()), "{name}={value} from {html:?}");
            }
        }
        assert_allowed(&element.children, policy, html);
    }
}

/// Returns the elements of markup in which every tag is written: none is implied and none is left open.
fn as_written(html: &str) -> Vec<Element> {
    let root = Element { name: String::new(), attributes: Vec::new(), children: Vec::new() };
    let mut open = vec![root];
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once('<') {
        // A `>` ends the tag, unless it is in a quoted value.
        let mut quoted = false;
        let end = tag
            .char_indices()
            .find(|(_, c)| {
                quoted ^= *c == '"';
                *c == '>' && !quoted
            })
            .unwrap()
            .0;
        let (inside, after) = tag.split_at(end);
        rest = &after[1..];
        if let Some(name) = inside.strip_prefix('/') {
            let closed = open.pop().unwrap();
            assert_eq!(name, closed.name, "{html:?}");
            open.last_mut().unwrap().children.push(closed);
            continue;
        }
        let name = inside.split(' ').next().unwrap().to_owned();
        let element = Element { name, attributes: Vec::new(), children: Vec::new() };
        if matches!(element.name.as_str(), "br" | "hr" | "img" | "wbr") {
            open.last_mut().unwrap().children.push(element);
        } else {
            open.push(element);
        }
    }
    assert_eq!(open.len(), 1, "{html:?} leaves something open");
    open.remove(0).children
}

fn same_structure(one: &[Element], other: &[Element]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(a, b)| a.name == b.name && same_structure(&a.children, &b.children))
}

#[test]
fn a_browser_builds_exactly_what_sanitize_returns() {
    let mut compared = 0;
    for policy in [&TITLE, &BODY] {
        for (index, html) in all(inputs(), 0x5eed).enumerate() {
            let clean = sanitize(&html, policy);
            let from = format!("{clean:?} of {html:?}");
            let built = parse(&clean);
            assert_allowed(&built, policy, &from);
            assert!(same_structure(&built, &as_written(&clean)), "{from} is built as {built:?}");
            let around = hosted(&clean);
            assert_eq!(names(&around), ["x-before", "div", "x-after"], "{from}");
            assert!(around[0].children.is_empty() && around[2].children.is_empty(), "{from}");
            assert_eq!(around[1].children, built, "{from}");
            // A page takes long to build, so only every tenth fragment is tested in the other hosts.
            for host in HOSTS.iter().filter(|_| index % 10 == 0) {
                assert!(stays_in(&clean, host), "{from} in {host:?}");
            }
            if !cuts_a_reference(&html) {
                let (shown, expected) = (without_space(&visible_text(&clean)), without_space(&visible_text(&html)));
                let moved = html.to_ascii_lowercase().contains("<table") || html.to_ascii_lowercase().contains("</br");
                if !moved {
                    assert_eq!(shown, expected, "{from}");
                }
                assert_eq!(in_one_order(&shown), in_one_order(&expected), "{from}");
                compared += 1;
            }
            assert_eq!(sanitize(&clean, policy), clean, "a second time, {from}");
            assert_eq!(check(&clean, policy), [], "{from}");
        }
    }
    assert!(compared > inputs() * 3 / 2, "the texts of {compared} were compared");
}

#[test]
fn what_check_accepts_builds_only_allowed_elements_and_stays_in_its_host() {
    let (mut accepted, mut silent) = (0, 0);
    for policy in [&TITLE, &BODY] {
        for html in all(inputs(), 0xacce97) {
            let findings = check(&html, policy);
            if findings.iter().any(|finding| finding.severity == Severity::Error) {
                continue;
            }
            accepted += 1;
            assert_allowed(&parse(&html), policy, &html);
            assert_eq!(formatting_around_after(&html), 8, "{html:?} ends formatting outside");
            let table_left_open = findings.iter().any(|finding| finding.actual.as_deref() == Some("table"));
            if !table_left_open {
                let around = hosted_in_cell(&html);
                assert_eq!(names(&around), ["x-before", "table", "x-after"], "{html:?}");
                assert!(around[2].children.is_empty(), "{html:?}");
            }
            if findings.is_empty() {
                silent += 1;
                let around = hosted(&html);
                assert_eq!(names(&around), ["x-before", "div", "x-after"], "{html:?}");
                assert!(around[2].children.is_empty(), "{html:?}");
                assert_eq!(around[1].children, parse(&html), "{html:?}");
            }
        }
    }
    // The test proves something only if it has compared enough fragments.
    assert!(accepted > inputs() / 20 && silent > inputs() / 50, "{accepted} accepted, {silent} of them silently");
}
