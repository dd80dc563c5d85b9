//! The rules of an object, found by their keys.

use std::ops::Deref;

use super::Rule;

/// As many places as the keys of every object need to have one each.
const PLACES: usize = 32;

/// The rules of an object, in their order.
#[derive(Debug)]
pub struct Rules {
    list: &'static [Rule],
    /// At the place of a key stands the index of its rule, counted from 1.
    places: [u8; PLACES],
}

impl Rules {
    /// Does not compile where two keys have one place; [`place`] needs other factors then.
    pub(super) const fn new(list: &'static [Rule]) -> Self {
        let mut places = [0; PLACES];
        let mut rest = list;
        while let [before @ .., rule] = rest {
            let Some(index) = places.split_at_mut(place(rule.key)).1.first_mut() else { break };
            assert!(*index == 0, "two keys have one place");
            *index = rest.len() as u8;
            rest = before;
        }
        Self { list, places }
    }

    /// The index of a key's rule, and the rule.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<(usize, &'static Rule)> {
        let index = usize::from(*self.places.get(place(key))?).checked_sub(1)?;
        self.list.get(index).filter(|rule| rule.key == key).map(|rule| (index, rule))
    }
}

impl Deref for Rules {
    type Target = [Rule];

    fn deref(&self) -> &[Rule] {
        self.list
    }
}

/// A place for a key, by its length and two of its letters.
const fn place(key: &str) -> usize {
    match key.as_bytes() {
        [first, .., last] => (key.len() * 4 + *first as usize * 3 + *last as usize) % PLACES,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use crate::schema::rows;

    #[test]
    fn each_rule_is_found_by_its_key_alone() {
        for row in rows() {
            let (index, rule) = row.object.rules.find(row.rule.key).unwrap();
            assert_eq!(row.object.rules[index].key, rule.key);
            assert_eq!(rule.key, row.rule.key);
            assert!(row.object.rules.find(&row.rule.key.to_uppercase()).is_none());
        }
        for key in ["", "x", "titel"] {
            assert!(crate::schema::MESSAGE.rules.find(key).is_none());
        }
    }
}
