//! The rules as data. Three things read this one table: the walker that validates, the generator of the TypeScript types
//! and the JSON Schema, and the rule reference in `docs/rules.md`.
//!
//! `table` is the table itself, [`rows`] lists it flat with a path for each rule, `nearest` finds what was meant by a key
//! or a word that is not in it.

mod keys;
mod nearest;
mod rows;
mod table;

pub use keys::{KEYS, key_number};
pub use nearest::{nearest_path, nearest_word};
pub use rows::{Row, rows};
pub use table::{ACTION, AUTHOR, FIELD, MESSAGE, STATUS, THREAD};

use std::ops::Deref;

use crate::error::Code;
use crate::html::Policy;
use crate::text::equal;

/// The keys that an object may have.
///
/// Where the object has a [`Tag`], the tag's value chooses the *column* of [`Rule::needs`] that counts; an object without
/// one takes the column of the object that holds it.
#[derive(Debug)]
pub struct Object {
    /// The name of the type: `Thread`. With a tag, each column has a type of its own.
    pub name: &'static str,
    /// The key whose value says which kind of object this is.
    pub tag: Option<Tag>,
    /// A rule for each key, the tag's included.
    pub rules: Rules,
    /// Keys of which at least one is wanted.
    pub one_of: Option<OneOf>,
    /// Keys that the server alone sets (docs).
    pub read_only: &'static [&'static str],
}

/// The rules of an object, in their order.
#[derive(Debug)]
pub struct Rules {
    list: &'static [Rule],
    /// By the number of a key the index of its rule, counted from 1.
    places: [u8; KEYS.len()],
    /// For each column a bit for each rule of whose key something is said where it is missing.
    needed: [u32; COLUMNS],
}

/// Keys of which at least one is wanted.
#[derive(Debug)]
pub struct OneOf {
    /// The keys.
    pub keys: &'static [&'static str],
    /// A column each: [`Need::Required`], or [`Need::Recommended`] where their absence is a warning.
    pub needs: [Need; COLUMNS],
}

/// A key whose value chooses the column of rules, such as `event`.
#[derive(Debug)]
pub struct Tag {
    /// The key.
    pub key: &'static str,
    /// Its values, in the order of the columns.
    pub values: &'static [&'static str],
    /// The names of the types, in the same order.
    pub names: &'static [&'static str],
}

/// The most columns that an object has.
pub const COLUMNS: usize = 3;

/// What holds for one key.
#[derive(Debug)]
pub struct Rule {
    /// The key.
    pub key: &'static str,
    /// Whether it must stand there, a column each.
    pub needs: [Need; COLUMNS],
    /// What its value must be.
    pub form: Form,
    /// Where the rule comes from. Left out of the WebAssembly build, where nobody reads it.
    #[cfg(not(target_arch = "wasm32"))]
    pub from: &'static [Source],
    /// What the key means, in Markdown. Left out of the WebAssembly build.
    #[cfg(not(target_arch = "wasm32"))]
    pub about: &'static str,
}

/// Whether a key must stand in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must, and be neither null nor blank.
    Required,
    /// The same, unless the option `thread: "optional"` is set.
    RequiredByDefault,
    /// A missing object counts as an empty one, so that each key that it requires is reported by its own path.
    Holds,
    /// Missing or blank is a warning.
    Recommended,
    /// It may.
    Optional,
    /// It means nothing here: a warning.
    NotUsed,
}

/// What a value must be.
#[derive(Debug)]
pub enum Form {
    /// A string.
    Text(Text),
    /// A string of HTML, held against a policy.
    Html(&'static Policy),
    /// An absolute http or https URL.
    Url,
    /// The same, in which `{…}` may stand.
    UrlTemplate,
    /// An e-mail address by the definition of the HTML standard.
    Email,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An array of strings, or one string with commas.
    Tags,
    /// An array of objects, of which either all or none have an `id`.
    Attachments,
    /// An object.
    Object(&'static Object),
    /// An array of objects.
    List(&'static Object),
}

/// What a string must be.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// Whether it may be blank; a required one never may.
    pub blank: bool,
    /// Whether white space may stand in it.
    pub space: bool,
    /// The most characters it may have, counted as Unicode scalar values.
    pub max_chars: Option<u16>,
    /// Whether people read it, so that a tag in it is probably a mistake.
    pub shown: bool,
}

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The integration guides.
    Guide,
    /// The rest of Flowdock's public API documentation.
    Docs,
    /// The source or the tests of existing clients.
    Seen,
    /// Decided here, where the others are silent or disagree.
    Ours,
}

impl Rule {
    /// Whether the key must stand there, in a column.
    #[must_use]
    pub fn need(&self, column: usize) -> Need {
        self.needs.get(column).copied().unwrap_or(Need::Optional)
    }
}

impl OneOf {
    /// Whether the absence of all these keys is an error in a column.
    #[must_use]
    pub fn is_required(&self, column: usize) -> bool {
        self.needs.get(column) == Some(&Need::Required)
    }
}

impl Object {
    /// The rule for a key.
    #[must_use]
    pub fn rule(&self, key: &str) -> Option<&'static Rule> {
        self.rules.find(key).map(|(_, rule)| rule)
    }
}

impl Form {
    /// The codes of all violations that a value of this form can have, but for those of the keys inside it.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        let html = [
            Code::HtmlTagNotAllowed,
            Code::HtmlAttributeNotAllowed,
            Code::HtmlUrlNotAllowed,
            Code::HtmlMalformed,
            Code::HtmlUnbalanced,
        ];
        let mut codes = vec![Code::InvalidType];
        match self {
            Form::Text(text) => {
                codes.extend((!text.blank || !text.space).then_some(Code::InvalidFormat));
                codes.extend(text.max_chars.map(|_| Code::TooLong));
                codes.extend(text.shown.then_some(Code::HtmlInPlainText));
            }
            Form::Html(policy) => {
                codes.extend(html);
                codes.extend((!policy.strict_balance).then_some(Code::HtmlNotContained));
            }
            Form::Url | Form::UrlTemplate => codes.push(Code::InvalidUrl),
            Form::Email => codes.push(Code::InvalidEmail),
            Form::Choice(_) => codes.push(Code::InvalidChoice),
            Form::Tags => codes.push(Code::TagWhitespace),
            Form::Attachments => codes.push(Code::MixedAttachmentIds),
            Form::Object(_) | Form::List(_) => {}
        }
        codes
    }
}

impl Rules {
    /// Does not compile where a key is missing in [`KEYS`].
    #[allow(clippy::indexing_slicing, reason = "done by the compiler alone, for which a mistake is an error")]
    const fn new(list: &'static [Rule]) -> Self {
        let (mut places, mut needed) = ([0; KEYS.len()], [0; COLUMNS]);
        let mut index = 0;
        while index < list.len() {
            let mut number = 0;
            while !equal(KEYS[number], list[index].key) {
                number += 1;
                assert!(number < KEYS.len(), "a key of the table is missing in src/schema/keys.rs");
            }
            let mut column = 0;
            while column < COLUMNS {
                let is_needed = !matches!(list[index].needs[column], Need::Optional | Need::NotUsed);
                needed[column] |= (is_needed as u32) << index;
                column += 1;
            }
            index += 1;
            places[number] = index as u8;
        }
        Self { list, places, needed }
    }

    /// The index of a key's rule, and the rule.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<(usize, &'static Rule)> {
        self.by_number(key_number(key)?)
    }

    /// The same by the number that the key has in [`KEYS`].
    #[must_use]
    #[inline(always)]
    pub fn by_number(&self, number: usize) -> Option<(usize, &'static Rule)> {
        let index = usize::from(*self.places.get(number)?).checked_sub(1)?;
        self.list.get(index).map(|rule| (index, rule))
    }

    /// A bit for each rule, by its index, of whose key something may be said in a column where it is missing.
    #[must_use]
    pub fn needed(&self, column: usize) -> u32 {
        self.needed.get(column).copied().unwrap_or_default()
    }
}

impl Deref for Rules {
    type Target = [Rule];

    fn deref(&self) -> &[Rule] {
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::{AUTHOR, COLUMNS, Need, rows};

    #[test]
    fn each_rule_is_found_by_its_key_alone() {
        for row in rows() {
            let (index, rule) = row.object.rules.find(row.rule.key).unwrap();
            assert_eq!(row.object.rules[index].key, rule.key);
            assert_eq!(rule.key, row.rule.key);
            assert!(row.object.rules.find(&row.rule.key.to_uppercase()).is_none());
            for column in 0..COLUMNS {
                let is_needed = !matches!(rule.need(column), Need::Optional | Need::NotUsed);
                assert_eq!(row.object.rules.needed(column) & (1 << index) != 0, is_needed, "{}", row.path);
            }
        }
        assert!(AUTHOR.rules.find("title").is_none());
    }
}
