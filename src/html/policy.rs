//! What a title and a body allow, as data.

use super::element::{Element, NAMES};
use super::reference::decode_byte;
use crate::steps::count;

/// The schemes of the URL of a link.
const LINK: &[&str] = &["http", "https", "mailto"];
/// The schemes of the URL of an image. `cid` names an attachment of the same message (docs).
const IMAGE: &[&str] = &["http", "https", "cid"];

/// What one kind of HTML allows.
#[derive(Debug)]
pub struct Policy {
    /// What the policy is for, as an error message calls it: "a title".
    pub place: &'static str,
    /// The lower-case names of the elements, in ascending order. They must be the first elements of those that a body
    /// allows, because only their number is compared when an element is judged.
    pub elements: &'static [&'static str],
    /// The attributes that every element may have.
    pub everywhere: &'static [&'static str],
    /// The attributes that only some elements may have.
    pub attributes: &'static [(&'static [&'static str], &'static [Attribute])],
    /// Whether every `html_unbalanced` is an error. If not, it is a warning, and an end tag that would close an element
    /// around the fragment is `html_not_contained`.
    pub strict_balance: bool,
}

/// An attribute that an element may have.
#[derive(Debug)]
pub struct Attribute {
    /// The lower-case name of the attribute.
    pub name: &'static str,
    /// The schemes that its URL may have, or `None` if it holds no URL.
    pub schemes: Option<&'static [&'static str]>,
}

const fn text(name: &'static str) -> Attribute {
    Attribute { name, schemes: None }
}

const fn url(name: &'static str, schemes: &'static [&'static str]) -> Attribute {
    Attribute { name, schemes: Some(schemes) }
}

/// The policy for a title and for the label and the value of a field: text and links (docs; the attributes are ours).
pub static TITLE: Policy = Policy {
    place: "a title",
    elements: NAMES.split_at(1).0,
    everywhere: &[],
    attributes: &[(&["a"], &[url("href", LINK), text("rel"), text("target"), text("title")])],
    strict_balance: true,
};

/// The policy for a body: the elements of the documents, which print `wb` where only `wbr` exists. The attributes are
/// ours.
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

/// Whether an element may have an attribute.
pub(super) enum Verdict {
    /// The element may have the attribute, with any value.
    Allowed,
    /// The element may have the attribute, with a URL of one of these schemes.
    AllowedUrl(&'static [&'static str]),
    /// The element may not have the attribute.
    Refused,
    /// The tag has an attribute of this name already. A browser keeps the first one.
    Twice,
}

impl Policy {
    /// Returns the allowed element with a name in any letter case.
    pub(super) fn element(&self, name: &str) -> Option<Element> {
        Element::find(name).filter(|element| self.allows(*element))
    }

    pub(super) fn allows(&self, element: Element) -> bool {
        element.index() < self.elements.len()
    }

    /// Whether an element may have the next attribute of its tag. `seen` holds the names of the allowed attributes
    /// before it, so it stays short for any tag.
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

    /// Whether an element may have an attribute, by the attribute's name in any letter case.
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

/// Whether a URL has one of these schemes. The URL is written as in an attribute.
pub(super) fn has_scheme(url: &str, schemes: &[&str]) -> bool {
    let is_as_written = |scheme: &&str| {
        let length = scheme.len();
        url.as_bytes().get(..length) == Some(scheme.as_bytes()) && url.as_bytes().get(length) == Some(&b':')
    };
    // Most URLs need no decoding.
    schemes.iter().any(is_as_written) || schemes.iter().any(|scheme| behind_scheme(url, scheme).is_some())
}

/// Returns the part of a URL after a scheme and its colon. Returns `None` if the URL has another scheme.
///
/// A browser decodes all character references before the colon. This decodes only the numeric ones, because some
/// programs write a whole `mailto:` with them. The `&` of a named one is left, and the URL is refused, because no
/// scheme contains an `&`.
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

/// Returns the scheme of a URL, for an error message. Returns `None` if the text before the first colon is no scheme.
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

/// Removes the blanks at the beginning of a URL, as a browser does.
fn without_blanks(mut url: &str) -> &str {
    // NUL is not a blank, and no scheme contains it.
    while let Some((0x01..=0x20, rest)) = decode_byte(url) {
        url = rest;
    }
    url
}
