//! The keys of the table, and the number of each.

#![allow(
    clippy::indexing_slicing,
    reason = "the compiler runs the loops, and a wrong index is a compile error; half of a length is below the length"
)]

use crate::bytes::same;

/// Every key of the table, once, in the order of the table. The number of a key is its index in this array, and an
/// object finds its rule by this number.
#[rustfmt::skip]
pub static KEYS: [&str; 30] = [
    "event", "flow_token", "title", "body", "content", "author", "thread_id", "external_thread_id", "thread",
    "external_user_name", "tags", "uuid", "attachments", "name", "avatar", "email", "external_url", "status",
    "fields", "actions", "value", "color", "label", "@type", "url", "description", "image", "target", "urlTemplate",
    "httpMethod",
];

/// The number of buckets of the hash table, a power of two.
const BUCKETS: usize = 1 << BUCKET_BITS;
const BUCKET_BITS: u32 = 7;

/// With this factor [`bucket`] gives each key a bucket of its own. The compiler finds the factor.
#[allow(long_running_const_eval, reason = "more keys take more tries")]
const FACTOR: u32 = {
    let (mut factor, mut tries) = (1_u32, 0);
    while !is_perfect(factor) {
        // The powers of this odd number are factors whose bits look random.
        factor = factor.wrapping_mul(0x9e37_79b1);
        tries += 1;
        assert!(tries < 50_000, "two keys look the same to `bucket`, or there are too few buckets");
    }
    factor
};

/// Whether each key has a bucket of its own.
const fn is_perfect(factor: u32) -> bool {
    let mut taken = [false; BUCKETS];
    let mut at = 0;
    while at < KEYS.len() {
        let bucket = bucket(KEYS[at], factor);
        if taken[bucket] {
            return false;
        }
        taken[bucket] = true;
        at += 1;
    }
    true
}

/// For each bucket the number of its key plus 1, or 0 where the bucket is empty.
static NUMBERS: [u8; BUCKETS] = {
    let mut numbers = [0; BUCKETS];
    let mut at = 0;
    while at < KEYS.len() {
        let bucket = bucket(KEYS[at], FACTOR);
        at += 1;
        numbers[bucket] = at as u8;
    }
    numbers
};

/// Returns the bucket of a key, computed from its length and three of its letters.
const fn bucket(key: &str, factor: u32) -> usize {
    let [_, second, .., last] = key.as_bytes() else { return 0 };
    let middle = key.as_bytes()[key.len() / 2];
    let seen = u32::from_le_bytes([key.len() as u8, *second, middle, *last]);
    (seen.wrapping_mul(factor) >> (u32::BITS - BUCKET_BITS)) as usize
}

/// Returns the number of a key of the table: its index in [`KEYS`].
#[must_use]
pub fn key_number(key: &str) -> Option<usize> {
    let number = usize::from(*NUMBERS.get(bucket(key, FACTOR))?).checked_sub(1)?;
    KEYS.get(number).filter(|known| same(known, key)).map(|_| number)
}

#[cfg(test)]
mod tests {
    use super::{KEYS, key_number};

    #[test]
    fn keys_contains_each_key_of_the_table_once() {
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
    fn key_number_is_the_index_of_a_key_and_none_for_other_texts() {
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
