//! Rewrites HTML so that it contains only what a policy allows.

use super::element::{Element, Instead};
use super::input::Input;
use super::kind::Kind;
use super::output::{Output, item_as_div};
use super::policy::{Policy, Verdict, has_scheme};
use super::scan::{self, Attribute, Scanner};
use super::tree::{End, Of, Start, Tree};
use crate::bytes::find;
use crate::text::{pieces, replace};

/// The largest depth of elements. The tags of deeper elements are left out.
const MAX_DEPTH: usize = 100;

/// The number of elements that a text in a table needs around it: `tbody`, `tr` and `td`.
const CELL_DEPTH: usize = 3;

/// Rewrites a fragment so that it contains only what a policy allows, and so that a browser builds exactly the elements
/// whose tags it contains. The tags that a browser would imply are written, and no element reaches beyond the element
/// that shows the fragment.
///
/// [`check`](super::check) finds nothing in the result, and sanitising the result again does not change it.
///
/// ```
/// use flowdock_integration::html::{BODY, TITLE, sanitize};
/// assert_eq!(sanitize("<p>a<p onclick=x>b</div>", &BODY), "<p>a</p><p>b</p>");
/// assert_eq!(sanitize("1 < 2 <b>merged <script>x</script></b>", &TITLE), "1 &lt; 2 merged ");
/// ```
#[must_use]
pub fn sanitize(html: &str, policy: &'static Policy) -> String {
    let out = Output::with_capacity(html.len());
    let mut writer = Writer { policy, out, tree: Tree::new(Of::Written) };
    let mut input = Input::new();
    let mut scanner = Scanner::new(html);
    // Whether the current token is the start tag of a `pre`. The next token needs to know.
    let mut is_pre = false;
    while let Some(token) = scanner.next() {
        let is_first_in_pre = is_pre;
        is_pre = matches!(token.kind, scan::Kind::Start(name) if name.eq_ignore_ascii_case("pre"));
        let written = html.get(token.start..token.end).unwrap_or_default();
        let element = match token.kind {
            scan::Kind::Start(name) | scan::Kind::End(name) => Element::any(name),
            _ => Element::UNKNOWN,
        };
        match token.kind {
            scan::Kind::Start(name) => {
                if !input.start(element, name, &scanner.attributes, scanner.closes_itself(token.end)) {
                    scanner.no_raw_text();
                }
            }
            scan::Kind::End(name) => input.end(element, name),
            // Text can only open formatting elements again, and those do not decide what is left out.
            scan::Kind::Text | scan::Kind::Malformed(_) => {}
        }
        scanner.in_foreign = input.is_foreign();
        if input.is_dropped() {
            continue;
        }
        match token.kind {
            scan::Kind::Text => {
                // A browser drops a line feed directly after the tag of a `pre`. This one stood after something that
                // was cut out, so another line feed is put before it.
                if !is_first_in_pre && matches!(written.as_bytes(), [b'\n' | b'\r', ..]) && writer.is_behind_pre() {
                    writer.out.html.push('\n');
                }
                writer.text(written);
            }
            scan::Kind::Start(_) => writer.start_tag(element, &scanner.attributes),
            scan::Kind::End(_) => writer.end_tag(element),
            // A browser shows these two as text if the input ends after them.
            scan::Kind::Malformed(_) if matches!(written, "<" | "</") => writer.text(written),
            scan::Kind::Malformed(_) => {}
        }
    }
    let Writer { tree, out, .. } = &mut writer;
    tree.finish(&mut |event| out.event(&event));
    writer.out.html
}

struct Writer<'a> {
    policy: &'static Policy,
    out: Output,
    /// The open elements of the output, with the byte index of each start tag.
    tree: Tree<'a>,
}

impl Writer<'_> {
    /// Writes a text without its NULs, as a browser reads it.
    fn text(&mut self, text: &str) {
        if self.tree.is_between_cells() && text.bytes().any(|byte| !byte.is_ascii_whitespace() && byte != 0) {
            self.open_cell();
        }
        pieces(text, 0).for_each(|piece| self.out.text(piece));
    }

    /// Whether the output ends with the start tag of a `pre`.
    fn is_behind_pre(&self) -> bool {
        let top = self.tree.depth().checked_sub(1).and_then(|at| self.tree.at(at));
        top.is_some_and(|open| {
            let tag = open.tag_start.and_then(|start| self.out.html.get(start..)).unwrap_or_default();
            open.element == Element::PRE && Scanner::new(tag).next().is_some_and(|token| token.end == tag.len())
        })
    }

    /// Returns the element that is written for an element. Returns `None` where its tag is left out; then the texts
    /// around the tag may have to stay apart.
    fn replacement(&mut self, element: Element) -> Option<Element> {
        if self.policy.allows(element) {
            return Some(element);
        }
        let instead = element.instead();
        if let Instead::Element(other) = instead
            && self.policy.allows(other)
        {
            return Some(other);
        }
        self.out.apart |= match instead {
            Instead::Apart => true,
            Instead::Element(other) => other.begins_a_line(),
            Instead::Nothing | Instead::Dropped => false,
        };
        None
    }

    fn start_tag(&mut self, element: Element, attributes: &[Attribute<'_>]) {
        let Some(element) = self.replacement(element) else { return };
        let kind = element.kind();
        let opens_cell = self.tree.is_between_cells() && !kind.is_table_part();
        // A part of a table always has room: room for it was counted when its table was opened.
        let needs = CELL_DEPTH * (usize::from(kind == Kind::Table) + usize::from(opens_cell)) + 1;
        if self.tree.depth() + needs > MAX_DEPTH && !kind.is_table_part() {
            return;
        }
        if opens_cell {
            self.open_cell();
        }
        if element == Element::A
            && let Some(at) = self.tree.in_cell(element)
            && self.tree.would_rearrange(element)
        {
            self.end_link(at);
        }
        if let Some(written) = self.open(element) {
            self.attributes(written, attributes);
            self.out.html.push('>');
        }
    }

    fn end_tag(&mut self, element: Element) {
        let Some(element) = self.replacement(element) else { return };
        // The end tag of a formatting element with blocks in it is left out, because a browser would split the element.
        // It ends with the element around it.
        let is_open = self.tree.contains(element);
        if element.kind() == Kind::Formatting && (!is_open || self.tree.would_rearrange(element)) {
            return;
        }
        let Self { tree, out, .. } = self;
        match tree.end(element, "", &mut |event| out.event(&event)) {
            End::Closes(closed) => out.end_tag(item_as_div(closed.element, closed.outside_list)),
            // A browser makes an empty element of each of these end tags, and with it a new line.
            End::Harmless if matches!(element, Element::BR | Element::P) => out.apart = true,
            End::Late | End::Harmless | End::Escapes => {}
        }
    }

    /// Opens a cell for content that is in a table outside its cells. A browser would move that content out of the
    /// table.
    fn open_cell(&mut self) {
        if self.open(Element::TD).is_some() {
            self.out.html.push('>');
        }
    }

    /// Opens an element and begins its start tag, up to the attributes. Returns the element that was written.
    fn open(&mut self, element: Element) -> Option<Element> {
        let Self { tree, out, .. } = self;
        let start = tree.start(element, "", &mut |event| out.event(&event));
        if start == Start::Ignored {
            return None;
        }
        let written = item_as_div(element, start == Start::OpensOutsideList);
        let tag_start = out.start_tag(written);
        if start != Start::IsVoid {
            tree.set_tag_start(tag_start);
        }
        Some(written)
    }

    /// Ends a link with blocks in it because another link begins there. As in a browser, the blocks are opened again
    /// after it. A link without `href` is removed instead, so that no block has to be split.
    fn end_link(&mut self, at: usize) {
        let Self { tree, out, .. } = self;
        let begun = tree.at(at).and_then(|link| link.tag_start).unwrap_or_default();
        let (length, leads_somewhere) = {
            let mut tag = Scanner::new(out.html.get(begun..).unwrap_or_default());
            let length = tag.next().map_or(0, |tag| tag.end);
            (length, tag.attributes.iter().any(|attribute| attribute.name == "href"))
        };
        // Without the link between them, the inner heading would end the heading around the link.
        let in_heading = at.checked_sub(1).and_then(|at| tree.kind(at)) == Some(Kind::Heading);
        if !leads_somewhere && !in_heading {
            tree.remove(at, &mut |_| {});
            out.cut(begun, begun + length);
            tree.move_tag_starts(at, length);
            return;
        }
        let mut inside = Vec::new();
        for at in at + 1..tree.depth() {
            let Some((element, Some(start))) = tree.at(at).map(|open| (open.element, open.tag_start)) else { continue };
            let rest = out.html.get(start..).unwrap_or_default();
            let length = Scanner::new(rest).next().map_or(0, |tag| tag.end);
            inside.push((element, rest.get(..length).unwrap_or_default().to_owned()));
        }
        tree.close_to(at, &mut |event| out.event(&event));
        for (element, tag) in inside {
            if let Some(written) = self.open(element) {
                // The name of the element is already written.
                self.out.html.push_str(tag.get(1 + written.name().len()..).unwrap_or_default());
            }
        }
    }

    fn attributes(&mut self, element: Element, attributes: &[Attribute<'_>]) {
        let mut seen = Vec::new();
        for attribute in attributes {
            let is_allowed = match self.policy.next_attribute(element, attribute.name, &mut seen) {
                Verdict::Allowed => true,
                Verdict::AllowedUrl(schemes) => has_scheme(attribute.value, schemes),
                Verdict::Refused | Verdict::Twice => false,
            };
            if is_allowed && find(attribute.value, 0, 0).is_none() {
                let html = &mut self.out.html;
                html.push(' ');
                html.extend(attribute.name.chars().map(|c| c.to_ascii_lowercase()));
                html.push_str("=\"");
                replace(html, attribute.value, &|byte| (byte == b'"').then_some("&quot;"));
                html.push('"');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sanitize;
    use crate::html::{BODY, Policy, TITLE, check};

    fn holds(policy: &'static Policy, table: &[(&str, &str)]) {
        for (html, expected) in table {
            assert_eq!(sanitize(html, policy), *expected, "{html:?}");
            assert_eq!(sanitize(expected, policy), *expected);
            assert_eq!(check(expected, policy), [], "{html:?}");
        }
    }

    #[test]
    fn a_dropped_element_ends_where_a_browser_ends_it() {
        holds(
            &BODY,
            &[
                ("<svg width=\"16\" height=\"16\"/>Hello <b>world</b>", "Hello <b>world</b>"),
                ("<svg><g/></svg> Hello", " Hello"),
                ("<svg><title/></svg> Hello", " Hello"),
                ("<svg a=b/>x", ""),
                ("<math/>x", "x"),
                ("<math><div>Hello", "<div>Hello</div>"),
                ("<div><svg><path></div>a", "<div></div>a"),
                ("<select><select>X", "X"),
                ("<select><input>X", "X"),
                ("<svg><iframe></svg>tail", "tail"),
                ("<svg><style/>x</svg>y", "y"),
                ("<svg><![CDATA[><p>]]>x</svg>y", "y"),
                ("<svg><desc/><p>x", "<p>x</p>"),
                ("<![CDATA[x>]]>y", "]]>y"),
                (
                    "<table><select><option>A<tr><td>B</td></tr></table>",
                    "<table><tbody><tr><td>B</td></tr></tbody></table>",
                ),
                ("<svg><foreignObject><p></svg>x", ""),
                ("<svg><desc></desc></svg>x", "x"),
                ("<svg><font>a</svg>b", "b"),
                ("<svg><font color=x>a</svg>b", "<span>ab</span>"),
                ("<math><mi><svg></math>x", "x"),
                ("<math><annotation-xml encoding=text/html><p></math>x", ""),
                ("<math><annotation-xml><p>x", "<p>x</p>"),
                ("<form><svg></form>x", ""),
                ("<template><svg></template>x", "x"),
                ("<object><p></object>x", "x"),
                ("<p>a<object></p>b</object>c", "<p>ac</p>"),
                ("<iframe/>x", ""),
                ("<textarea><p></textarea>x", "x"),
            ],
        );
    }

    #[test]
    fn a_link_ends_where_the_next_one_begins() {
        holds(
            &BODY,
            &[
                (
                    "<a name=\"top\"><p>See <a href=\"https://e.e/\">link</a></p>",
                    "<p>See <a href=\"https://e.e/\">link</a></p>",
                ),
                (
                    "<a href=https://e/1><p lang=en>a <b>b <a href=https://e/2>c</a> d</b></p>",
                    "<a href=\"https://e/1\"><p lang=\"en\">a <b>b </b></p></a><p lang=\"en\"><b><a href=\"https://e/2\">c</a> d</b></p>",
                ),
                (
                    "<a href=https://e/1>x<a href=https://e/2>y</a>",
                    "<a href=\"https://e/1\">x</a><a href=\"https://e/2\">y</a>",
                ),
                ("&<a>lt;<p><a href=https://e>x", "&amp;lt;<p><a href=\"https://e\">x</a></p>"),
                ("<a><p>x &am<a>p;", "<p>x &am<a>p;</a></p>"),
                (
                    "<a title=\"éééééééé\"><p>x &aaa<a title=\"éééééééé\">p;",
                    "<p>x &aaa<a title=\"éééééééé\">p;</a></p>",
                ),
                (
                    "<a href=https://e/1>x<form></form><span>y<p>q<a href=https://e/2>z</a></p></span>w",
                    "<a href=\"https://e/1\">x <span>y<p>q</p></span></a><span><p><a href=\"https://e/2\">z</a></p></span>w",
                ),
                ("x<form></form><a>y<p><a href=https://e>z", "x y<p><a href=\"https://e\">z</a></p>"),
                (
                    "<a href=https://e><table><td><a>x</a></table></a>",
                    "<a href=\"https://e\"><table><tbody><tr><td><a>x</a></td></tr></tbody></table></a>",
                ),
                (
                    "<a href=https://e/1><ul><li>x<a href=https://e/2>y",
                    "<a href=\"https://e/1\"><ul><li>x</li></ul></a><ul><li><a href=\"https://e/2\">y</a></li></ul>",
                ),
                ("<h1><a><h2>x<a>y", "<h1><a><h2>x</h2></a></h1><h2><a>y</a></h2>"),
            ],
        );
    }

    #[test]
    fn texts_around_removed_tags_do_not_join() {
        holds(
            &BODY,
            &[
                ("a <", "a &lt;"),
                ("a </", "a &lt;/"),
                ("<b>a <", "<b>a &lt;</b>"),
                ("&#x0<o:p>0f1;", "&amp;#x00f1;"),
                ("1 &</dd>lt; 2", "1 &amp;lt; 2"),
                ("&am\0p;lt;", "&amp;amp;lt;"),
                ("&copy<o:p>;", "&amp;copy;"),
                ("&<!-- -->amp;", "&amp;amp;"),
                ("&<b>lt;</b>", "&<b>lt;</b>"),
                ("& <o:p>lt;", "& lt;"),
                ("&lt;<o:p>b>", "&lt;b>"),
            ],
        );
        holds(&TITLE, &[("&#169<br>2024", "&#169 2024"), ("&#169<b>2024", "&amp;#1692024")]);
    }

    #[test]
    fn a_list_item_outside_any_list_becomes_a_div() {
        holds(
            &BODY,
            &[
                ("<li>x</li>", "<div>x</div>"),
                ("<dd>x</dd>", "<div>x</div>"),
                ("<dt>x", "<div>x</div>"),
                ("<div><li value=3 dir=ltr>x</li></div>", "<div><div dir=\"ltr\">x</div></div>"),
                ("<li>a<li>b", "<div>a</div><div>b</div>"),
                ("<b><li>a</b>b</li>", "<b><div>ab</div></b>"),
                ("<ul><li>a</li></ul><li>b", "<ul><li>a</li></ul><div>b</div>"),
                ("<ul><li>a<div><li>b</ul>", "<ul><li>a<div></div></li><li>b</li></ul>"),
                ("<section><li>a", "<section><li>a</li></section>"),
                ("<dd><li>a<li>b", "<div><div>a</div><div>b</div></div>"),
            ],
        );
    }

    #[test]
    fn replaced_elements_keep_their_meaning_and_words_stay_apart() {
        holds(
            &BODY,
            &[
                ("<image src=https://e/i.png>", "<img src=\"https://e/i.png\">"),
                (
                    "<s>a</s><strike>b</strike><u title=x>c</u><mark>d</mark><font color=red lang=en>e</font>",
                    "<del>a</del><del>b</del><ins title=\"x\">c</ins><b>d</b><span lang=\"en\">e</span>",
                ),
                ("<center>a</center><main>b</main>", "<div>a</div><div>b</div>"),
                ("<form>a</form><form>b</form>c", "a b c"),
                ("<form>a </form>b", "a b"),
                ("a<form><p>b</p></form>c", "a<p>b</p> c"),
                ("a<b><form>b</form></b>", "a<b> b</b>"),
                ("<option>a<option>b", "a b"),
                ("<label>a</label>b", "ab"),
                ("a<br>b</br>c", "a<br>b c"),
                ("<p>a</p>b</p>c", "<p>a</p>b c"),
                ("a</div>b", "ab"),
                ("<pre>\nx</pre>", "<pre>\nx</pre>"),
                ("<pre><!-- c -->\nx</pre>", "<pre>\n\nx</pre>"),
                ("<pre><o:p></o:p>\nx</pre>", "<pre>\n\nx</pre>"),
                ("<pre><o:p>\nx</o:p></pre>", "<pre>\n\nx</pre>"),
            ],
        );
        holds(
            &TITLE,
            &[
                ("<p>Deploy failed</p><p>on web1</p>", "Deploy failed on web1"),
                ("a<br>b<hr>c", "a b c"),
                ("<pre><!-- c -->\nx</pre>", "\nx"),
                ("<b>a</b>b", "ab"),
                ("<ul><li>a<li><a href=https://e>b</a></ul>", "a <a href=\"https://e\">b</a>"),
                ("<table><tr><td>a<td>b</table>c", "a b c"),
                ("<center>a</center>b<s>c</s>", "a bc"),
            ],
        );
    }

    #[test]
    fn sanitized_html_is_at_most_a_hundred_elements_deep() {
        for (outer, inner, ends) in [
            (96, "<table><b>x", "<table><tbody><tr><td>x</td></tr></tbody></table>"),
            (96, "<table><br>", "<table></table>"),
            (96, "<table><p>x", "<table><tbody><tr><td>x</td></tr></tbody></table>"),
            (93, "<table><table>", "<table></table>"),
            (92, "<table><table>", "<table><tbody><tr><td><table></table></td></tr></tbody></table>"),
            (97, "<table>x", "x"),
            (99, "<b><b>x", "<b>x</b>"),
        ] {
            let expected = format!("{}{ends}{}", "<div>".repeat(outer), "</div>".repeat(outer));
            holds(&BODY, &[(&format!("{}{inner}", "<div>".repeat(outer)), &expected)]);
        }
    }
}
