//! What the two kinds of HTML allow, as data.

use super::element::{Element, NAMES};
use super::reference::decode_byte;
use crate::steps::count;

/// The schemes that a link may have.
const LINK: &[&str] = &["http", "https", "mailto"];
/// The schemes that an image may have; `cid` names an attachment of the same message (docs).
const IMAGE: &[&str] = &["http", "https", "cid"];

/// What one kind of HTML allows.
#[derive(Debug)]
pub struct Policy {
    /// What a person calls the place: "a title".
    pub place: &'static str,
    /// The elements, by their lower-case names, rising. They must be a prefix of those that a body allows: only their number is
    /// looked at when an element is judged.
    pub elements: &'static [&'static str],
    /// The attributes that every element may have.
    pub everywhere: &'static [&'static str],
    /// The attributes of certain elements.
    pub attributes: &'static [(&'static [&'static str], &'static [Attribute])],
    /// Whether every `html_unbalanced` is an error. If not, it is a warning, and an end tag that would close an element around the
    /// fragment is `html_not_contained`.
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
    /// It has one of this name already, which a browser takes instead.
    Twice,
}

impl Policy {
    /// An allowed element, by its name in any letter case.
    pub(super) fn element(&self, name: &str) -> Option<Element> {
        Element::find(name).filter(|element| self.allows(*element))
    }

    pub(super) fn allows(&self, element: Element) -> bool {
        element.place() < self.elements.len()
    }

    /// Whether an element may have the next attribute of its tag. `seen` are the names of those before it that it may have, so it stays
    /// short whatever the tag.
    pub(super) fn next_attribute<'n>(&self, element: Element, name: &'n str, seen: &mut Vec<&'n str>) -> Verdict {
        count(seen.len() + 1);
        let verdict = self.attribute(element, name);
        if matches!(verdict, Verdict::Refused) {
            return verdict;
        }
        if seen.iter().any(|earlier| earlier.eq_ignore_ascii_case(name)) {
            return Verdict::Twice;
        }
        seen.push(name);
        verdict
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

/// Whether a URL, as an attribute's value spells it, has one of these schemes.
pub(super) fn has_scheme(url: &str, schemes: &[&str]) -> bool {
    let is_as_written = |scheme: &&str| {
        let length = scheme.len();
        url.as_bytes().get(..length) == Some(scheme.as_bytes()) && url.as_bytes().get(length) == Some(&b':')
    };
    // Most URLs need no decoding.
    schemes.iter().any(is_as_written) || schemes.iter().any(|scheme| behind_scheme(url, scheme).is_some())
}

/// What stands in a URL behind a scheme and its colon; none where it has another one.
///
/// Of the references before the colon a browser decodes all. Here the numeric ones alone are decoded, since some programs write
/// a whole `mailto:` in them. A named one leaves its `&`, which no scheme holds, so that the URL is refused.
pub(super) fn behind_scheme<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let mut rest = without_blanks(url);
    for wanted in [scheme, ":"] {
        for wanted in wanted.bytes() {
            let (byte, after) = decode_byte(rest)?;
            if !byte.eq_ignore_ascii_case(&wanted) {
                return None;
            }
            rest = after;
        }
    }
    Some(rest)
}

/// What stands before the first colon of a URL, for a person to read; none where that is no scheme.
pub(super) fn scheme_of(url: &str) -> Option<String> {
    let mut scheme = String::new();
    let mut rest = without_blanks(url);
    loop {
        let (byte, after) = decode_byte(rest)?;
        match byte {
            b':' if !scheme.is_empty() => return Some(scheme),
            b'+' | b'-' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => scheme.push(char::from(byte)),
            _ => return None,
        }
        rest = after;
    }
}

/// A URL without the blanks before it, which a browser leaves out.
fn without_blanks(mut url: &str) -> &str {
    // NUL is no blank, and no part of any scheme.
    while let Some((0x01..=0x20, rest)) = decode_byte(url) {
        url = rest;
    }
    url
}
