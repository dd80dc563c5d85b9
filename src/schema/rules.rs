//! The rules of an object, found by their keys.

#![allow(clippy::indexing_slicing, reason = "done by the compiler alone, for which a mistake is an error")]

use std::ops::Deref;

use super::keys::{self, KEYS};
use super::{COLUMNS, Need, Rule};
use crate::text::equal;

/// The rules of an object, in their order.
#[derive(Debug)]
pub struct Rules {
    list: &'static [Rule],
    /// By the number of a key the index of its rule, counted from 1.
    places: [u8; KEYS.len()],
    /// For each column a bit for each rule of whose key something is said where it is missing.
    needed: [u32; COLUMNS],
}

impl Rules {
    /// Does not compile where a key is missing in [`KEYS`].
    pub(super) const fn new(list: &'static [Rule]) -> Self {
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
        self.by_number(keys::key_number(key)?)
    }

    /// The same by the number that the key has in [`KEYS`](super::KEYS).
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
    use crate::schema::{COLUMNS, Need, rows};

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
        assert!(crate::schema::AUTHOR.rules.find("title").is_none());
    }
}
