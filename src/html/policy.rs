//! What the two kinds of HTML allow, as data.

use super::tree::Kind::{
    self, Block, Caption, Cell, Definition, Formatting, Heading, ListItem, Ordinary, Paragraph, Row, Rule, Section,
    Table, Void,
};
use crate::text::cut;

/// The schemes that a link may have.
const LINK: &[&str] = &["http", "https", "mailto"];
/// The schemes that an image may have; `cid` names an attachment of the same message (docs).
const IMAGE: &[&str] = &["http", "https", "cid"];

/// What one kind of HTML allows.
#[derive(Debug)]
pub struct Policy {
    /// What a person calls the place: "a title".
    pub place: &'static str,
    /// The elements, by their lower-case names, rising.
    pub elements: &'static [&'static str],
    /// What a browser takes each for.
    pub(super) kinds: &'static [Kind],
    /// The attributes that every element may have.
    pub everywhere: &'static [&'static str],
    /// The attributes of certain elements.
    pub attributes: &'static [(&'static [&'static str], &'static [Attribute])],
    /// Whether a start tag without its end tag, which a browser mends, is an error.
    pub strict_balance: bool,
}

/// An attribute that an element may have.
#[derive(Debug)]
pub struct Attribute {
    /// Its lower-case name.
    pub name: &'static str,
    /// For an attribute that holds a URL: the schemes it may have.
    pub schemes: Option<&'static [&'static str]>,
}

const fn text(name: &'static str) -> Attribute {
    Attribute { name, schemes: None }
}

const fn url(name: &'static str, schemes: &'static [&'static str]) -> Attribute {
    Attribute { name, schemes: Some(schemes) }
}

/// A title, a field's label or its value: text and links (docs; the attributes are ours).
pub static TITLE: Policy = Policy {
    place: "a title",
    elements: &["a"],
    kinds: &[Formatting],
    everywhere: &[],
    attributes: &[(&["a"], &[url("href", LINK), text("rel"), text("target"), text("title")])],
    strict_balance: true,
};

/// The elements of a body, rising.
#[rustfmt::skip]
const ELEMENTS: [(&str, Kind); 61] = [
    ("a", Formatting), ("abbr", Ordinary), ("acronym", Ordinary), ("address", Block), ("article", Block),
    ("aside", Block), ("b", Formatting), ("big", Formatting), ("blockquote", Block), ("br", Void),
    ("caption", Caption), ("cite", Ordinary), ("code", Formatting), ("dd", Definition), ("del", Ordinary),
    ("details", Block), ("dfn", Ordinary), ("div", Block), ("dl", Block), ("dt", Definition), ("em", Formatting),
    ("figcaption", Block), ("figure", Block), ("footer", Block), ("h1", Heading), ("h2", Heading), ("h3", Heading),
    ("h4", Heading), ("h5", Heading), ("h6", Heading), ("header", Block), ("hgroup", Block), ("hr", Rule),
    ("i", Formatting), ("img", Void), ("ins", Ordinary), ("kbd", Ordinary), ("li", ListItem), ("nav", Block),
    ("ol", Block), ("p", Paragraph), ("pre", Block), ("samp", Ordinary), ("section", Block), ("small", Formatting),
    ("span", Ordinary), ("strong", Formatting), ("sub", Ordinary), ("summary", Block), ("sup", Ordinary),
    ("table", Table), ("tbody", Section), ("td", Cell), ("tfoot", Section), ("th", Cell), ("thead", Section),
    ("tr", Row), ("tt", Formatting), ("ul", Block), ("var", Ordinary), ("wbr", Void),
];

#[allow(clippy::indexing_slicing, reason = "done by the compiler, for which a mistake is an error")]
const fn names<const N: usize>(elements: [(&'static str, Kind); N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = elements[at].0;
        at += 1;
    }
    names
}

#[allow(clippy::indexing_slicing, reason = "done by the compiler, for which a mistake is an error")]
const fn kinds<const N: usize>(elements: [(&'static str, Kind); N]) -> [Kind; N] {
    let mut kinds = [Kind::Block; N];
    let mut at = 0;
    while at < N {
        kinds[at] = elements[at].1;
        at += 1;
    }
    kinds
}

/// A body: the elements of the documents (which print `wb` where only `wbr` exists); the attributes are ours.
pub static BODY: Policy = Policy {
    place: "a body",
    elements: &names(ELEMENTS),
    kinds: &kinds(ELEMENTS),
    everywhere: &["dir", "lang", "title"],
    attributes: &[
        (&["a"], &[url("href", LINK), text("rel"), text("target")]),
        (&["img"], &[url("src", IMAGE), text("alt"), text("width"), text("height")]),
        (&["blockquote", "del", "ins"], &[url("cite", LINK)]),
        (&["del", "ins"], &[text("datetime")]),
        (&["ol"], &[text("start"), text("reversed"), text("type")]),
        (&["li"], &[text("value")]),
        (&["td", "th"], &[text("colspan"), text("rowspan")]),
        (&["th"], &[text("scope")]),
        (&["details"], &[text("open")]),
    ],
    strict_balance: false,
};

/// An element that a policy allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    /// Its lower-case name.
    pub name: &'static str,
    pub kind: Kind,
}

/// The answer to "may this element have this attribute?"
pub(super) enum Verdict {
    /// It may, with any value.
    Allowed,
    /// It may, with a URL of one of these schemes.
    AllowedUrl(&'static [&'static str]),
    /// It may not.
    Refused,
}

impl Policy {
    /// An allowed element, by its name in any letter case.
    pub(super) fn element(&self, name: &str) -> Option<Element> {
        let lower = || name.bytes().map(|byte| byte.to_ascii_lowercase());
        let at = self.elements.binary_search_by(|known| known.bytes().cmp(lower())).ok()?;
        Some(Element { name: self.elements.get(at)?, kind: *self.kinds.get(at)? })
    }

    /// Whether an element may have an attribute, both by names in any letter case.
    pub(super) fn attribute(&self, element: &str, name: &str) -> Verdict {
        let named = |known: &&str| known.eq_ignore_ascii_case(name);
        if self.everywhere.iter().any(named) {
            return Verdict::Allowed;
        }
        let of_element = self
            .attributes
            .iter()
            .filter(|(elements, _)| elements.iter().any(|known| known.eq_ignore_ascii_case(element)));
        match of_element.flat_map(|(_, attributes)| attributes.iter()).find(|known| named(&known.name)) {
            Some(Attribute { schemes: None, .. }) => Verdict::Allowed,
            Some(Attribute { schemes: Some(schemes), .. }) => Verdict::AllowedUrl(schemes),
            None => Verdict::Refused,
        }
    }
}

/// Whether a URL has one of these schemes.
pub(super) fn has_scheme(url: &str, schemes: &[&str]) -> bool {
    scheme_of(url).is_some_and(|scheme| schemes.iter().any(|allowed| allowed.eq_ignore_ascii_case(scheme)))
}

/// What stands before the first colon of a URL, with nothing decoded: a literal scheme holds no `&`, so every encoded form of
/// another one is refused without knowing how a browser would decode it.
pub(super) fn scheme_of(url: &str) -> Option<&str> {
    // A browser strips these; NUL is no part of any scheme.
    let blank = url.bytes().take_while(|byte| (0x01..=0x20).contains(byte)).count();
    let url = url.get(blank..).unwrap_or_default();
    cut(url, b':').map(|(scheme, _)| scheme)
}
