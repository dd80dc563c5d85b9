//! What the two kinds of HTML allow, as data.

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
    /// The elements, by their lower-case names.
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
    elements: &["a"],
    everywhere: &[],
    attributes: &[(&["a"], &[url("href", LINK), text("rel"), text("target"), text("title")])],
    strict_balance: true,
};

/// A body: the elements of the documents (which print `wb` where only `wbr` exists); the attributes are ours.
pub static BODY: Policy = Policy {
    place: "a body",
    #[rustfmt::skip]
    elements: &[
        "a", "abbr", "acronym", "address", "article", "aside", "b", "big", "blockquote", "br", "caption", "cite",
        "code", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2",
        "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "i", "img", "ins", "kbd", "li", "nav", "ol", "p", "pre",
        "samp", "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th",
        "thead", "tr", "tt", "ul", "var", "wbr",
    ],
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
    /// The lower-case name of an allowed element, by its name in any letter case.
    pub(super) fn element(&self, name: &str) -> Option<&'static str> {
        self.elements.iter().copied().find(|known| known.eq_ignore_ascii_case(name))
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
