//! The rules as data. Three things read this one table: the walker that validates, the generator of the TypeScript types
//! and the JSON Schema, and the rule reference in `docs/rules.md`.
//!
//! `table` is the table itself. [`rows`] lists its rules with the path of each. `nearest` finds the key or the word
//! that somebody probably meant.

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
/// Where the object has a [`Tag`], the value of the tag chooses the *column* of [`Rule::needs`] that counts. An object
/// without a tag takes the column of the object around it.
#[derive(Debug)]
pub struct Object {
    /// The name of its type, such as `Thread`. An object with a tag has one type for each column; the tag holds their
    /// names.
    pub name: &'static str,
    /// The key whose value says which kind of object this is.
    pub tag: Option<Tag>,
    /// A rule for each key, the key of the tag included.
    pub rules: Rules,
    /// Keys of which at least one is wanted.
    pub one_of: Option<OneOf>,
    /// Keys that only the server sets (docs).
    pub read_only: &'static [&'static str],
}

/// The rules of an object, in the order of the table.
#[derive(Debug)]
pub struct Rules {
    list: &'static [Rule],
    /// For each key number the index of the key's rule plus 1, or 0 where the object has no rule for the key.
    indexes: [u8; KEYS.len()],
    /// For each column a bit for each rule: whether a report says something when the key of the rule is missing.
    needed: [u32; COLUMNS],
}

/// Keys of which at least one is wanted.
#[derive(Debug)]
pub struct OneOf {
    /// The keys.
    pub keys: &'static [&'static str],
    /// For each column, what it means when all the keys are missing: an error ([`Need::Required`]) or a warning
    /// ([`Need::Recommended`]).
    pub needs: [Need; COLUMNS],
}

/// A key whose value chooses the column of rules, such as `event`.
#[derive(Debug)]
pub struct Tag {
    /// The key.
    pub key: &'static str,
    /// The values of the key, in the order of the columns.
    pub values: &'static [&'static str],
    /// The names of the types, one for each value.
    pub names: &'static [&'static str],
}

/// The largest number of columns that an object has.
pub const COLUMNS: usize = 3;

/// The rule for one key.
#[derive(Debug)]
pub struct Rule {
    /// The key.
    pub key: &'static str,
    /// For each column, whether the key must be present.
    pub needs: [Need; COLUMNS],
    /// What its value must be.
    pub form: Form,
    /// Where the rule comes from. It is left out of the WebAssembly build, where nobody reads it.
    #[cfg(not(target_arch = "wasm32"))]
    pub from: &'static [Source],
    /// What the key means, in Markdown. It is left out of the WebAssembly build.
    #[cfg(not(target_arch = "wasm32"))]
    pub about: &'static str,
}

/// Whether a key must be present in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The key must be present, and its value must be neither null nor blank.
    Required,
    /// Like [`Need::Required`], unless the option `thread: "optional"` is set.
    RequiredByDefault,
    /// A missing object counts as an empty one, so that each key that it requires is reported with its own path.
    Holds,
    /// A missing, null or blank value is a warning.
    Recommended,
    /// The key may be missing.
    Optional,
    /// The key means nothing in this column. Its presence is a warning.
    NotUsed,
}

/// What a value must be.
#[derive(Debug)]
pub enum Form {
    /// A string.
    Text(Text),
    /// A string of HTML that the policy allows.
    Html(&'static Policy),
    /// An absolute http or https URL.
    Url,
    /// An absolute http or https URL that may contain expressions in braces, such as `{id}`.
    UrlTemplate,
    /// An e-mail address by the definition of the HTML standard.
    Email,
    /// A string that is one of these words.
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
    /// Whether it may be blank. The value of a required key must never be blank.
    pub blank: bool,
    /// Whether it may contain white space.
    pub space: bool,
    /// The largest number of characters, counted as Unicode scalar values.
    pub max_chars: Option<u16>,
    /// Whether people read it as plain text, so that an HTML tag in it is probably a mistake.
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
    /// Decided by this project, where the other sources are silent or disagree.
    Ours,
}

impl Rule {
    /// Whether the key must be present, in a column.
    #[must_use]
    pub fn need(&self, column: usize) -> Need {
        self.needs.get(column).copied().unwrap_or(Need::Optional)
    }
}

impl OneOf {
    /// Whether it is an error in a column when all these keys are missing.
    #[must_use]
    pub fn is_required(&self, column: usize) -> bool {
        self.needs.get(column) == Some(&Need::Required)
    }
}

impl Object {
    /// Returns the rule for a key.
    #[must_use]
    pub fn rule(&self, key: &str) -> Option<&'static Rule> {
        self.rules.find(key).map(|(_, rule)| rule)
    }
}

impl Form {
    /// Returns the codes of all violations that a value of this form can have, without those of the keys inside it.
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
    /// Makes the rules of an object. A key that is missing in [`KEYS`] is a compile error.
    #[allow(clippy::indexing_slicing, reason = "only the compiler runs this, and a wrong index is a compile error")]
    const fn new(list: &'static [Rule]) -> Self {
        let (mut indexes, mut needed) = ([0; KEYS.len()], [0; COLUMNS]);
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
            indexes[number] = index as u8;
        }
        Self { list, indexes, needed }
    }

    /// Returns the index of a key's rule, and the rule.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<(usize, &'static Rule)> {
        self.by_number(key_number(key)?)
    }

    /// Returns the index of a key's rule, and the rule, by the number that the key has in [`KEYS`].
    #[must_use]
    #[inline(always)]
    pub fn by_number(&self, number: usize) -> Option<(usize, &'static Rule)> {
        let index = usize::from(*self.indexes.get(number)?).checked_sub(1)?;
        self.list.get(index).map(|rule| (index, rule))
    }

    /// Returns the rules that matter for missing keys in a column, as bits: whether a report says something when the
    /// key of the rule with this index is missing.
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
