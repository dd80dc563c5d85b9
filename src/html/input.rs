//! Follows what a browser builds from the sanitiser's input. This decides where an element ends that is left out with
//! its content: `svg`, `math`, `select`, `object`, `template` or an element with raw text.
//!
//! The rules for HTML are in `tree.rs`. The rules for foreign content are here.

use super::element::Element;
use super::kind::Kind;
use super::scan::Attribute;
use super::tree::{Of, Open, Tree};
use crate::text::pieces;

/// Start tags of HTML that end the foreign content around them.
const BREAK_OUT: &str = "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li \
                         listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var";

/// Whether a list of names, separated by spaces, contains a name in any letter case.
fn is_one_of(list: &str, name: &str) -> bool {
    pieces(list, b' ').any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a tag has at least one of these attributes.
fn has_attribute(attributes: &[Attribute<'_>], names: &str) -> bool {
    attributes.iter().any(|attribute| is_one_of(names, attribute.name))
}

/// The open elements of the input.
pub(super) struct Input<'a> {
    tree: Tree<'a>,
    /// Whether the next token is raw text, or the end tag of the element with the raw text.
    in_raw_text: bool,
}

impl<'a> Input<'a> {
    pub const fn new() -> Self {
        Self { tree: Tree::new(Of::Input), in_raw_text: false }
    }

    /// Whether the next token is in an element that is left out with its content.
    pub fn is_dropped(&self) -> bool {
        self.in_raw_text || Element::DROPPED.into_iter().any(|element| self.tree.contains(element))
    }

    /// Whether the innermost open element is an element of SVG or MathML.
    pub fn is_foreign(&self) -> bool {
        self.top().is_foreign()
    }

    /// Takes a start tag into account. Returns true if raw text follows.
    pub fn start(
        &mut self,
        element: Element,
        name: &'a str,
        attributes: &[Attribute<'_>],
        closes_itself: bool,
    ) -> bool {
        let top = self.top();
        let by_foreign_rules = match top {
            Kind::Svg | Kind::Math => true,
            Kind::TextInMath => is_one_of("mglyph malignmark", name),
            Kind::AnnotationXml => !name.eq_ignore_ascii_case("svg"),
            _ => false,
        };
        if by_foreign_rules {
            let is_html = is_one_of(BREAK_OUT, name)
                || name.eq_ignore_ascii_case("font") && has_attribute(attributes, "color face size");
            if !is_html {
                if !closes_itself {
                    let kind = match top {
                        Kind::Svg if is_one_of("foreignobject desc title", name) => Kind::HtmlInForeign,
                        Kind::Svg => Kind::Svg,
                        _ if is_one_of("mi mo mn ms mtext", name) => Kind::TextInMath,
                        _ if !name.eq_ignore_ascii_case("annotation-xml") => Kind::Math,
                        _ if holds_html(attributes) => Kind::HtmlInForeign,
                        _ => Kind::AnnotationXml,
                    };
                    self.tree.push(Open::new(Element::UNKNOWN, kind, name));
                }
                return false;
            }
            self.break_out();
        }
        match element.kind() {
            Kind::RawText => {
                if is_one_of("plaintext xmp", name) {
                    self.tree.close_paragraph(&mut |_| {});
                }
                self.in_raw_text = true;
                return true;
            }
            Kind::Svg | Kind::Math if closes_itself => {}
            _ => {
                if element == Element::INPUT {
                    self.tree.end(Element::SELECT, "", &mut |_| {});
                }
                self.tree.start(element, name, &mut |_| {});
            }
        }
        false
    }

    /// Takes an end tag into account.
    pub fn end(&mut self, element: Element, name: &str) {
        if self.in_raw_text {
            self.in_raw_text = false;
            return;
        }
        if self.is_foreign() {
            if is_one_of("br p", name) {
                self.break_out();
            } else if self.end_foreign(name) {
                return;
            }
        }
        self.tree.end(element, name, &mut |_| {});
    }

    /// Closes the foreign element that an end tag names, and all elements inside it. Returns false if the rules for
    /// HTML apply instead.
    fn end_foreign(&mut self, name: &str) -> bool {
        let stop = self.tree.last(0, &|open| !open.kind.is_foreign() || open.name.eq_ignore_ascii_case(name));
        let Some(at) = stop.filter(|at| self.tree.kind(*at).is_some_and(Kind::is_foreign)) else { return false };
        self.tree.close_to(at, &mut |_| {});
        true
    }

    /// Closes the foreign elements around the next token, up to one that contains HTML.
    fn break_out(&mut self) {
        while self.top().keeps_html_out() {
            self.tree.close_to(self.tree.depth() - 1, &mut |_| {});
        }
    }

    /// Returns the kind of the innermost open element. Outside all elements this is the kind of the host, a `div`.
    fn top(&self) -> Kind {
        self.tree.depth().checked_sub(1).and_then(|at| self.tree.kind(at)).unwrap_or(Kind::Block)
    }
}

/// Whether an `annotation-xml` with these attributes contains HTML.
fn holds_html(attributes: &[Attribute<'_>]) -> bool {
    let encoding = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case("encoding"));
    encoding.is_some_and(|encoding| is_one_of("text/html application/xhtml+xml", encoding.value))
}
