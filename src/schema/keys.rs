//! The keys of the table, each with a number.

#![allow(clippy::indexing_slicing, reason = "done by the compiler alone, for which a mistake is an error")]

/// Every key of the table, once, in its order. A frame names these by their index, so that their text need not come over from
/// JavaScript, and a rule is found without looking at it.
pub static KEYS: &[&str] = &LIST;

/// The same, for what the compiler makes of them.
#[rustfmt::skip]
pub(crate) const LIST: [&str; 30] = [
    "event", "flow_token", "title", "body", "content", "author", "thread_id", "external_thread_id", "thread",
    "external_user_name", "tags", "uuid", "attachments", "name", "avatar", "email", "external_url", "status",
    "fields", "actions", "value", "color", "label", "@type", "url", "description", "image", "target", "urlTemplate",
    "httpMethod",
];

/// As many places as the keys need to have one each.
const PLACES: usize = 64;

/// At the place of a key stands its number, counted from 1. Does not compile where two keys have one place; [`place`] needs
/// other factors then.
static NUMBERS: [u8; PLACES] = {
    let mut numbers = [0; PLACES];
    let mut at = 0;
    while at < LIST.len() {
        let place = place(LIST[at]);
        assert!(numbers[place] == 0, "two keys have one place");
        at += 1;
        numbers[place] = at as u8;
    }
    numbers
};

/// A place for a key, by its length and two of its letters.
const fn place(key: &str) -> usize {
    match key.as_bytes() {
        [_, second, .., last] => (key.len() * 2 + *second as usize * 23 + *last as usize * 57) % PLACES,
        _ => 0,
    }
}

/// The number of a key of the table, its index in [`KEYS`].
#[must_use]
pub fn number(key: &str) -> Option<usize> {
    let number = usize::from(*NUMBERS.get(place(key))?).checked_sub(1)?;
    KEYS.get(number).filter(|known| **known == key).map(|_| number)
}

#[cfg(test)]
mod tests {
    use super::{KEYS, number};

    #[test]
    fn each_key_of_the_table_is_there_once() {
        let mut keys: Vec<&str> = Vec::new();
        for row in crate::schema::rows() {
            if !keys.contains(&row.rule.key) {
                keys.push(row.rule.key);
            }
        }
        let mut known = KEYS.to_vec();
        known.sort_unstable();
        keys.sort_unstable();
        assert_eq!(known, keys);
    }

    #[test]
    fn each_key_has_its_number_and_nothing_else_has_one() {
        for (index, key) in KEYS.iter().enumerate() {
            assert_eq!(number(key), Some(index));
            assert_eq!(number(&key.to_uppercase()), None);
            assert_eq!(number(&key[1..]), None);
        }
        for key in ["", "x", "titel"] {
            assert_eq!(number(key), None);
        }
    }
}
