//! "Did you mean": the key or word of the table that somebody probably meant.

use super::{Form, Object};
use crate::text::concat;

/// Longer than any key of the table: what is meant by such a one nobody can tell.
const MAX_KEY_BYTES: usize = 24;

/// The path that an unknown key was probably meant for: a key of the same object that is spelt alike, else a key of that
/// name in the objects inside it, else one of the same object whose last word it is.
///
/// `path` is that of the object that holds the key, and begins the answer.
///
/// ```
/// use flowdock_integration::schema::{MESSAGE, THREAD, nearest_path};
/// assert_eq!(nearest_path(&MESSAGE, "", "titel").as_deref(), Some("/title"));
/// assert_eq!(nearest_path(&MESSAGE, "", "status").as_deref(), Some("/thread/status"));
/// assert_eq!(nearest_path(&THREAD, "/thread", "url").as_deref(), Some("/thread/external_url"));
/// assert_eq!(nearest_path(&MESSAGE, "", "weather"), None);
/// ```
#[must_use]
pub fn nearest_path(object: &'static Object, path: &str, key: &str) -> Option<String> {
    if key.len() > MAX_KEY_BYTES {
        return None;
    }
    let own = || object.rules.iter().map(|rule| rule.key);
    let last_word = |known: &&str| !key.is_empty() && letters(known).rev().zip(letters(key).rev()).all(|(a, b)| a == b);
    let near = own().find(|known| same(known, key)).map(|near| concat(&["/", near]));
    let near = near.or_else(|| path_inside(key, object));
    let near = near.or_else(|| {
        let ends_alike = own().find(|known| known.len() > key.len() && last_word(known));
        ends_alike.or_else(|| nearest_word(own(), key)).map(|near| concat(&["/", near]))
    })?;
    Some(concat(&[path, &near]))
}

/// Where a key stands in the objects inside an object, by a name in any style. Those in arrays have no one place.
fn path_inside(key: &str, object: &'static Object) -> Option<String> {
    object.rules.iter().find_map(|rule| {
        let Form::Object(inner) = rule.form else { return None };
        let own = inner.rules.iter().find(|rule| same(rule.key, key)).map(|rule| concat(&["/", rule.key]));
        let path = own.or_else(|| path_inside(key, inner))?;
        Some(concat(&["/", rule.key, &path]))
    })
}

/// The word of a list that was probably meant: the same but for letter case and separators, or else the one that the
/// fewest typing mistakes lead to, at most one in three letters.
///
/// ```
/// use flowdock_integration::schema::nearest_word;
/// assert_eq!(nearest_word(["green", "grey"], "gray"), Some("grey"));
/// assert_eq!(nearest_word(["green", "grey"], "beige"), None);
/// ```
pub fn nearest_word(
    words: impl IntoIterator<Item = &'static str, IntoIter: Clone>,
    found: &str,
) -> Option<&'static str> {
    let few = |mistakes: usize, word: &str| mistakes * 3 <= word.len();
    // Words of lengths too different are no slip of the pen; a hostile one costs nothing.
    let alike = words.into_iter().filter(|word| few(word.len().abs_diff(found.len()), word));
    // Each letter that was not written at all is a mistake. Mostly there are too many in every word.
    let written = letter_set(found);
    if !alike.clone().any(|word| few((letter_set(word) & !written).count_ones() as usize, word)) {
        return None;
    }
    let distances = alike.map(|word| {
        let distance = if same(word, found) { 0 } else { distance(word, found) };
        (distance, word)
    });
    let (distance, word) = distances.min_by_key(|(distance, _)| *distance)?;
    few(distance, word).then_some(word)
}

/// A bit for each letter of a name, which some share.
fn letter_set(name: &str) -> u32 {
    letters(name).fold(0, |set, letter| set | 1 << (letter % 32))
}

/// Whether two names are one, written in another style: `externalThreadId`, `External-Thread-ID`, `external_thread_id`.
fn same(known: &str, found: &str) -> bool {
    letters(known).eq(letters(found))
}

/// A name without its style.
fn letters(name: &str) -> impl DoubleEndedIterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
}

/// How many letters must be put in, taken out, replaced or swapped with their neighbour to get from one word to the
/// other, letter case aside.
fn distance(one: &str, other: &str) -> usize {
    let letters = |word: &str| -> Vec<char> { word.chars().map(|c| c.to_ascii_lowercase()).collect() };
    let (one, other) = (letters(one), letters(other));
    // The rows of the usual table: the one before the last, the last, and the one being written.
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (cell(&last, j) + usize::from(a != b)).min(cell(&last, j + 1) + 1).min(cell(&row, j) + 1);
            let swapped = i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a);
            if swapped {
                least = least.min(cell(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest_path, nearest_word};
    use crate::schema::{MESSAGE, THREAD};

    #[test]
    fn letters_are_counted_once_each_and_a_swap_as_one() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("grey", "gray", 1),
            ("title", "titel", 1),
            ("body", "bodies", 3),
            ("ab", "ba", 1),
            ("kitten", "sitting", 3),
            ("Tags", "tags", 0),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn a_key_is_looked_for_beside_itself_then_elsewhere() {
        let near = |key| nearest_path(&MESSAGE, "", key);
        assert_eq!(near("externalThreadId").as_deref(), Some("/external_thread_id"));
        assert_eq!(near("status").as_deref(), Some("/thread/status"));
        assert_eq!(near("Author").as_deref(), Some("/author"));
        assert_eq!(near("autor").as_deref(), Some("/author"));
        // Many places, no place.
        assert_eq!(near("label"), None);
        assert_eq!(near("name").as_deref(), Some("/author/name"));
        assert_eq!(near("weather"), None);
        assert_eq!(near(""), None);
        assert_eq!(near(&"x".repeat(100_000)), None);
        assert_eq!(nearest_path(&THREAD, "/thread", "externalUrl").as_deref(), Some("/thread/external_url"));
        assert_eq!(nearest_path(&THREAD, "/thread", "feilds").as_deref(), Some("/thread/fields"));
        assert_eq!(nearest_path(&THREAD, "", "url").as_deref(), Some("/external_url"));
        assert_eq!(nearest_path(&THREAD, "/thread", "color").as_deref(), Some("/thread/status/color"));
        assert_eq!(nearest_path(&THREAD, "", "author"), None);
    }

    #[test]
    fn a_word_is_found_across_letter_case_and_typing_mistakes() {
        let near = |word| nearest_word(["red", "green", "grey", "PATCH"], word);
        assert_eq!(near("gray"), Some("grey"));
        assert_eq!(near("Green"), Some("green"));
        assert_eq!(near("patch"), Some("PATCH"));
        assert_eq!(near("rad"), Some("red"));
        assert_eq!(near("pink"), None);
    }
}
