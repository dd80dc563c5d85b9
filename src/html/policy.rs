//! What the two kinds of HTML allow, as data.

use super::element::{Element, NAMES};
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
    /// The elements, by their lower-case names, rising: the first so many of those that a body allows.
    pub elements: &'static [&'static str],
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
    elements: NAMES.split_at(1).0,
    everywhere: &[],
    attributes: &[(&["a"], &[url("href", LINK), text("rel"), text("target"), text("title")])],
    strict_balance: true,
};

/// A body: the elements of the documents (which print `wb` where only `wbr` exists); the attributes are ours.
pub static BODY: Policy = Policy {
    place: "a body",
    elements: &NAMES,
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
        Element::find(name).filter(|element| element.place() < self.elements.len())
    }

    /// Whether an element may have an attribute, by its name in any letter case.
    pub(super) fn attribute(&self, element: Element, name: &str) -> Verdict {
        if self.everywhere.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Verdict::Allowed;
        }
        for (elements, attributes) in self.attributes {
            if elements.contains(&element.name()) {
                for known in *attributes {
                    if known.name.eq_ignore_ascii_case(name) {
                        return known.schemes.map_or(Verdict::Allowed, Verdict::AllowedUrl);
                    }
                }
            }
        }
        Verdict::Refused
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
