//! "Did you mean": finds the key or the word of the table that somebody probably meant.

use super::{Form, Object};
use crate::text::concat;

/// The length of the longest unknown key that is looked at, in bytes. Every key of the table is shorter, so nobody can
/// tell what a longer one was meant to be.
const MAX_KEY_BYTES: usize = 24;

/// Returns the path that an unknown key was probably meant for. This is the path of a key of the same object that is
/// spelt alike, or else of a key with that name in an object inside it, or else of a key of the same object whose last
/// word it is.
///
/// `path` is the path of the object that holds the unknown key. The answer begins with it.
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
    let near = own().find(|known| differ_only_in_style(known, key)).map(|near| concat(&["/", near]));
    let near = near.or_else(|| path_inside(key, object));
    let near = near.or_else(|| {
        let ends_alike = own().find(|known| known.len() > key.len() && last_word(known));
        ends_alike.or_else(|| nearest_word(own(), key)).map(|near| concat(&["/", near]))
    })?;
    Some(concat(&[path, &near]))
}

/// Returns the path of a key in the objects inside an object, by its name in any style. Objects in arrays are left out:
/// a key in them has no single path.
fn path_inside(key: &str, object: &'static Object) -> Option<String> {
    object.rules.iter().find_map(|rule| {
        let Form::Object(inner) = rule.form else { return None };
        let own =
            inner.rules.iter().find(|rule| differ_only_in_style(rule.key, key)).map(|rule| concat(&["/", rule.key]));
        let path = own.or_else(|| path_inside(key, inner))?;
        Some(concat(&["/", rule.key, &path]))
    })
}

/// Returns the word of a list that was probably meant. This is the word that differs only in letter case and
/// separators, or else the word that the fewest typing mistakes lead to: at most one in three letters.
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
    // Leaves out words whose length differs too much, so that a very long word costs nothing.
    let alike = words.into_iter().filter(|word| few(word.len().abs_diff(found.len()), word));
    // Each letter of the known word that is missing in the other one is at least one mistake. Most words have too many
    // of them, and then no distance has to be computed.
    let written = letter_set(found);
    if !alike.clone().any(|word| few((letter_set(word) & !written).count_ones() as usize, word)) {
        return None;
    }
    let distances = alike.map(|word| {
        let distance = if differ_only_in_style(word, found) { 0 } else { distance(word, found) };
        (distance, word)
    });
    let (distance, word) = distances.min_by_key(|(distance, _)| *distance)?;
    few(distance, word).then_some(word)
}

/// Returns the set of the letters of a name, as bits. Some letters share a bit.
fn letter_set(name: &str) -> u32 {
    letters(name).fold(0, |set, letter| set | 1 << (letter % 32))
}

/// Whether two names differ only in style: `externalThreadId`, `External-Thread-ID`, `external_thread_id`.
fn differ_only_in_style(known: &str, found: &str) -> bool {
    letters(known).eq(letters(found))
}

/// Returns the letters and digits of a name, in lower case.
fn letters(name: &str) -> impl DoubleEndedIterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
}

/// Counts the letters that must be added, removed, replaced or swapped with their neighbour to turn one word into the
/// other. Letter case does not count.
fn distance(one: &str, other: &str) -> usize {
    let letters = |word: &str| -> Vec<char> { word.chars().map(|c| c.to_ascii_lowercase()).collect() };
    let (one, other) = (letters(one), letters(other));
    // The last three rows of the table of distances: the last but one, the last, and the one that is written now.
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
    fn distance_counts_each_mistake_once_and_a_swap_as_one() {
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
    fn a_key_is_searched_in_its_object_then_in_the_objects_inside() {
        let near = |key| nearest_path(&MESSAGE, "", key);
        assert_eq!(near("externalThreadId").as_deref(), Some("/external_thread_id"));
        assert_eq!(near("status").as_deref(), Some("/thread/status"));
        assert_eq!(near("Author").as_deref(), Some("/author"));
        assert_eq!(near("autor").as_deref(), Some("/author"));
        // `label` is a key of objects in an array only, so it has no single path.
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
    fn a_word_is_found_despite_letter_case_and_typing_mistakes() {
        let near = |word| nearest_word(["red", "green", "grey", "PATCH"], word);
        assert_eq!(near("gray"), Some("grey"));
        assert_eq!(near("Green"), Some("green"));
        assert_eq!(near("patch"), Some("PATCH"));
        assert_eq!(near("rad"), Some("red"));
        assert_eq!(near("pink"), None);
    }
}
