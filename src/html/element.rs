//! The elements that a body allows, each with what a browser takes it for.

#![allow(
    clippy::indexing_slicing,
    reason = "the compiler does it, for which a mistake is an error; half of a length is below it"
)]

use super::tree::Kind::{
    self, Block, Caption, Cell, Definition, Formatting, Heading, ListItem, Ordinary, Paragraph, Row, Rule, Section,
    Table, Void,
};
use crate::text::equal;

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

/// How many elements there are.
pub(super) const COUNT: usize = ELEMENTS.len();

/// Their lower-case names, rising.
pub(super) static NAMES: [&str; COUNT] = {
    let mut names = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        names[at] = ELEMENTS[at].0;
        at += 1;
    }
    names
};

static KINDS: [Kind; COUNT] = {
    let mut kinds = [Kind::Block; COUNT];
    let mut at = 0;
    while at < COUNT {
        kinds[at] = ELEMENTS[at].1;
        at += 1;
    }
    kinds
};

/// As many places as the names need to have one each.
const PLACES: usize = 256;

/// At the place of a name stands its element, counted from 1. Does not compile where two names have one place; [`place`] needs
/// other factors then.
static BY_NAME: [u8; PLACES] = {
    let mut elements = [0; PLACES];
    let mut at = 0;
    while at < COUNT {
        let place = place(ELEMENTS[at].0.as_bytes());
        assert!(elements[place] == 0, "two names have one place");
        at += 1;
        elements[place] = at as u8;
    }
    elements
};

/// A place for a name in any letter case, by its length and three of its letters.
#[inline(always)]
const fn place(name: &[u8]) -> usize {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return 0 };
    (name.len() * 6 + letter(*first) * 28 + letter(name[name.len() / 2]) * 18 + letter(*last)) % PLACES
}

/// A letter in lower case; a digit is one already.
const fn letter(byte: u8) -> usize {
    (byte | 0x20) as usize
}

/// An element that a body allows, by its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element(u8);

impl Element {
    pub const A: Self = Self::named("a");
    pub const ADDRESS: Self = Self::named("address");
    pub const DIV: Self = Self::named("div");
    pub const HEADINGS: [Self; 6] = [
        Self::named("h1"),
        Self::named("h2"),
        Self::named("h3"),
        Self::named("h4"),
        Self::named("h5"),
        Self::named("h6"),
    ];
    pub const DL: Self = Self::named("dl");
    pub const OL: Self = Self::named("ol");
    pub const P: Self = Self::named("p");
    pub const TABLE: Self = Self::named("table");
    pub const TBODY: Self = Self::named("tbody");
    pub const TD: Self = Self::named("td");
    pub const TR: Self = Self::named("tr");
    pub const UL: Self = Self::named("ul");

    /// The one of a lower-case name; does not compile where there is none.
    const fn named(name: &str) -> Self {
        let mut at = 0;
        while !equal(ELEMENTS[at].0, name) {
            at += 1;
        }
        Self(at as u8)
    }

    /// By its name in any letter case.
    pub fn find(name: &str) -> Option<Self> {
        let element = Self(BY_NAME.get(place(name.as_bytes()))?.checked_sub(1)?);
        Some(element).filter(|element| element.name().eq_ignore_ascii_case(name))
    }

    /// Its place among the elements that a body allows.
    pub fn place(self) -> usize {
        usize::from(self.0)
    }

    pub fn name(self) -> &'static str {
        NAMES.get(self.place()).copied().unwrap_or_default()
    }

    pub fn kind(self) -> Kind {
        KINDS.get(self.place()).copied().unwrap_or(Kind::Ordinary)
    }
}

#[cfg(test)]
mod tests {
    use super::{Element, NAMES};

    #[test]
    fn each_is_found_by_its_name_and_nothing_else_is() {
        assert!(NAMES.is_sorted());
        for name in NAMES {
            assert_eq!(Element::find(name).unwrap().name(), name);
            assert_eq!(Element::find(&name.to_uppercase()).unwrap().name(), name);
            assert_eq!(Element::find(&format!("{name}x")), None);
        }
        for name in ["", "wb", "`", "{", "é", "x", "zz"] {
            assert_eq!(Element::find(name), None);
        }
    }
}
