//! The keys of the table, each with a number.

#![allow(
    clippy::indexing_slicing,
    reason = "done by the compiler, for which a mistake is an error, or below the length"
)]

use crate::bytes::same;

/// Every key of the table, once, in its order. A frame names these by their index, so that their text need not come over from
/// JavaScript, and a rule is found without looking at it.
#[rustfmt::skip]
pub static KEYS: [&str; 30] = [
    "event", "flow_token", "title", "body", "content", "author", "thread_id", "external_thread_id", "thread",
    "external_user_name", "tags", "uuid", "attachments", "name", "avatar", "email", "external_url", "status",
    "fields", "actions", "value", "color", "label", "@type", "url", "description", "image", "target", "urlTemplate",
    "httpMethod",
];

/// How many places there are for the keys, a power of two.
const PLACES: usize = 1 << PLACE_BITS;
const PLACE_BITS: u32 = 7;

/// By this [`place`] gives each key a place of its own. The compiler looks for it.
#[allow(long_running_const_eval, reason = "more keys take more tries")]
const FACTOR: u32 = {
    let (mut factor, mut tries) = (1_u32, 0);
    while !is_perfect(factor) {
        // An odd number whose bits are as good as random, and so are those of its powers.
        factor = factor.wrapping_mul(0x9e37_79b1);
        tries += 1;
        assert!(tries < 50_000, "two keys look the same to `place`, or there are too few places");
    }
    factor
};

/// Whether no two keys have one place.
const fn is_perfect(factor: u32) -> bool {
    let mut taken = [false; PLACES];
    let mut at = 0;
    while at < KEYS.len() {
        let place = place(KEYS[at], factor);
        if taken[place] {
            return false;
        }
        taken[place] = true;
        at += 1;
    }
    true
}

/// At the place of a key stands its number, counted from 1.
static NUMBERS: [u8; PLACES] = {
    let mut numbers = [0; PLACES];
    let mut at = 0;
    while at < KEYS.len() {
        let place = place(KEYS[at], FACTOR);
        at += 1;
        numbers[place] = at as u8;
    }
    numbers
};

/// A place for a key, by its length and three of its letters.
const fn place(key: &str, factor: u32) -> usize {
    let [_, second, .., last] = key.as_bytes() else { return 0 };
    let middle = key.as_bytes()[key.len() / 2];
    let seen = u32::from_le_bytes([key.len() as u8, *second, middle, *last]);
    (seen.wrapping_mul(factor) >> (u32::BITS - PLACE_BITS)) as usize
}

/// The number of a key of the table, its index in [`KEYS`].
#[must_use]
pub fn key_number(key: &str) -> Option<usize> {
    let number = usize::from(*NUMBERS.get(place(key, FACTOR))?).checked_sub(1)?;
    KEYS.get(number).filter(|known| same(known, key)).map(|_| number)
}

#[cfg(test)]
mod tests {
    use super::{KEYS, key_number};

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
            assert_eq!(key_number(key), Some(index));
            assert_eq!(key_number(&key.to_uppercase()), None);
            assert_eq!(key_number(&key[1..]), None);
        }
        for key in ["", "x", "titel"] {
            assert_eq!(key_number(key), None);
        }
    }
}
