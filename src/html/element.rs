//! The elements that a body allows and the other elements that a browser has rules for, with the kind of each.

#![allow(
    clippy::indexing_slicing,
    reason = "the compiler runs the loops, and a wrong index is a compile error; half of a length is below the length"
)]

use super::kind::Kind::{
    self, Block, Bounded, Button, Caption, Cell, Column, Definition, Formatting, Heading, ListItem, Math, Ordinary,
    Paragraph, RawText, Row, Rule, Section, Select, Svg, Table, Template, Void,
};
use crate::bytes::same;
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

/// What the sanitiser does with an element that is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instead {
    /// The sanitiser leaves the tags out and keeps the content.
    Nothing,
    /// The sanitiser leaves the tags out, keeps the content, and keeps the texts around each tag apart, because the
    /// element began a new line.
    Apart,
    /// The sanitiser writes an allowed element of the same meaning.
    Element(Element),
    /// The sanitiser leaves the element out with its content, which is code or a document of its own.
    Dropped,
}

use Instead::{Apart, Dropped, Nothing};

/// The elements that a body does not allow and that a browser does not treat like an unknown element.
#[rustfmt::skip]
const OTHERS: [(&str, Kind, Instead); 56] = [
    ("applet", Bounded, Nothing), ("area", Void, Nothing), ("base", Void, Nothing), ("basefont", Void, Nothing),
    ("bgsound", Void, Nothing), ("body", Void, Nothing), ("button", Button, Nothing),
    ("center", Block, Instead::Element(Element::DIV)), ("col", Column, Nothing), ("colgroup", Column, Nothing),
    ("dialog", Block, Apart), ("dir", Block, Apart), ("embed", Void, Nothing), ("fieldset", Block, Apart),
    ("font", Formatting, Instead::Element(Element::SPAN)), ("form", Block, Apart), ("frame", Void, Nothing),
    ("frameset", Void, Nothing), ("head", Void, Nothing), ("html", Void, Nothing), ("iframe", RawText, Dropped),
    ("image", Void, Instead::Element(Element::IMG)), ("input", Void, Nothing), ("keygen", Void, Nothing),
    ("legend", Ordinary, Apart), ("link", Void, Nothing), ("listing", Block, Apart),
    ("main", Block, Instead::Element(Element::DIV)), ("mark", Ordinary, Instead::Element(Element::B)),
    ("marquee", Bounded, Apart), ("math", Math, Dropped), ("menu", Block, Apart), ("meta", Void, Nothing),
    ("nobr", Formatting, Nothing), ("noembed", RawText, Dropped), ("noframes", RawText, Dropped),
    ("noscript", RawText, Dropped), ("object", Bounded, Dropped), ("optgroup", Ordinary, Apart),
    ("option", Ordinary, Apart), ("param", Void, Nothing), ("plaintext", RawText, Dropped), ("s", Formatting, Instead::Element(Element::DEL)), ("script", RawText, Dropped),
    ("search", Block, Apart), ("select", Select, Dropped), ("source", Void, Nothing),
    ("strike", Formatting, Instead::Element(Element::DEL)), ("style", RawText, Dropped), ("svg", Svg, Dropped),
    ("template", Template, Dropped), ("textarea", RawText, Dropped), ("title", RawText, Dropped),
    ("track", Void, Nothing), ("u", Formatting, Instead::Element(Element::INS)), ("xmp", RawText, Dropped),
];

/// The number of elements that a body allows.
pub(super) const COUNT: usize = ELEMENTS.len();

/// The lower-case names of the elements that a body allows, in ascending order.
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

/// The number of buckets of the hash table of names.
const BUCKETS: usize = 256;

/// For each bucket the index of its element plus 1, or 0 where the bucket is empty. Two names in one bucket are a
/// compile error; then [`bucket`] needs other factors.
static BY_NAME: [u8; BUCKETS] = {
    let mut elements = [0; BUCKETS];
    let mut at = 0;
    while at < COUNT {
        let bucket = bucket(ELEMENTS[at].0.as_bytes());
        assert!(elements[bucket] == 0, "two names have one bucket");
        at += 1;
        elements[bucket] = at as u8;
    }
    elements
};

/// Returns the bucket of a name in any letter case, computed from its length and three of its letters.
#[inline(always)]
const fn bucket(name: &[u8]) -> usize {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return 0 };
    (name.len() * 6 + letter(*first) * 28 + letter(name[name.len() / 2]) * 18 + letter(*last)) % BUCKETS
}

/// Returns a letter in lower case. A digit stays as it is.
const fn letter(byte: u8) -> usize {
    (byte | 0x20) as usize
}

/// The number of values of [`Element`]: one for each known element, and one for all unknown elements.
pub(super) const ALL: usize = COUNT + OTHERS.len() + 1;

/// An element, as an index: first the elements that a body allows, then [`OTHERS`], and last one index for all unknown
/// elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element(u8);

impl Element {
    pub const A: Self = Self::named("a");
    pub const B: Self = Self::named("b");
    pub const BR: Self = Self::named("br");
    pub const DEL: Self = Self::named("del");
    pub const IMG: Self = Self::named("img");
    pub const INS: Self = Self::named("ins");
    pub const SPAN: Self = Self::named("span");
    pub const FORM: Self = Self::other("form");
    pub const INPUT: Self = Self::other("input");
    pub const SELECT: Self = Self::other("select");
    pub const NOBR: Self = Self::other("nobr");
    /// The elements that are left out with their content and do not hold raw text.
    pub const DROPPED: [Self; 5] = [
        Self::other("math"),
        Self::other("object"),
        Self::other("select"),
        Self::other("svg"),
        Self::other("template"),
    ];
    pub const UNKNOWN: Self = Self(COUNT as u8 + OTHERS.len() as u8);
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
    pub const PRE: Self = Self::named("pre");
    pub const P: Self = Self::named("p");
    pub const TABLE: Self = Self::named("table");
    pub const TBODY: Self = Self::named("tbody");
    pub const TD: Self = Self::named("td");
    pub const TR: Self = Self::named("tr");
    pub const UL: Self = Self::named("ul");

    /// Returns the element that a body allows, by its lower-case name. An unknown name is a compile error.
    const fn named(name: &str) -> Self {
        let mut at = 0;
        while !equal(ELEMENTS[at].0, name) {
            at += 1;
        }
        Self(at as u8)
    }

    /// Returns one of [`OTHERS`] by its lower-case name. An unknown name is a compile error.
    const fn other(name: &str) -> Self {
        let mut at = 0;
        while !equal(OTHERS[at].0, name) {
            at += 1;
        }
        Self((COUNT + at) as u8)
    }

    /// Returns the element with a name in any letter case. Every unknown name gives [`Self::UNKNOWN`].
    pub fn any(name: &str) -> Self {
        Self::find(name).unwrap_or_else(|| {
            let other = OTHERS.iter().position(|(other, ..)| other.eq_ignore_ascii_case(name));
            Self((COUNT + other.unwrap_or(OTHERS.len())) as u8)
        })
    }

    /// Returns the element that a body allows, by its name in any letter case.
    pub fn find(name: &str) -> Option<Self> {
        let element = Self(BY_NAME.get(bucket(name.as_bytes()))?.checked_sub(1)?);
        Some(element).filter(|element| same(element.name(), name) || element.name().eq_ignore_ascii_case(name))
    }

    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Returns the name of an element that a body allows, and an empty text for any other element.
    pub fn name(self) -> &'static str {
        NAMES.get(self.index()).copied().unwrap_or_default()
    }

    pub fn kind(self) -> Kind {
        KINDS.get(self.index()).copied().unwrap_or_else(|| self.not_allowed().map_or(Ordinary, |(_, kind, _)| *kind))
    }

    /// Whether a browser shows the text before its tag and the text after it in different lines or cells.
    pub fn begins_a_line(self) -> bool {
        self == Self::BR || self.kind().begins_a_line()
    }

    /// What the sanitiser does with the element where it is not allowed.
    pub fn instead(self) -> Instead {
        match self.not_allowed() {
            Some((.., instead)) => *instead,
            // A body allows the element, but a title does not.
            None if self.begins_a_line() => Apart,
            None => Nothing,
        }
    }

    fn not_allowed(self) -> Option<&'static (&'static str, Kind, Instead)> {
        static KNOWN: [(&str, Kind, Instead); OTHERS.len()] = OTHERS;
        KNOWN.get(self.index().checked_sub(COUNT)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Element, Instead, Kind, NAMES, OTHERS};

    #[test]
    fn dropped_lists_the_elements_that_are_left_out_with_their_content() {
        let dropped = OTHERS.iter().filter(|(_, kind, instead)| *instead == Instead::Dropped && *kind != Kind::RawText);
        let dropped: Vec<Element> = dropped.map(|(name, ..)| Element::any(name)).collect();
        assert_eq!(dropped, Element::DROPPED);
    }

    #[test]
    fn any_finds_elements_that_a_body_does_not_allow() {
        assert!(OTHERS.is_sorted_by_key(|(name, ..)| name));
        for (index, (name, ..)) in OTHERS.iter().enumerate() {
            assert_eq!(Element::any(&name.to_uppercase()).index(), NAMES.len() + index);
            assert_eq!(Element::find(name), None);
        }
        assert_eq!(Element::any("B"), Element::B);
        assert_eq!(Element::any("x-y"), Element::UNKNOWN);
        assert_eq!(Element::UNKNOWN.index() + 1, ALL);
    }

    #[test]
    fn find_finds_allowed_elements_by_their_names_alone() {
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
