//! Brings tags into the form that the service uses.

use super::lower_case::RUNS;

/// Writes each tag without white space around it, in lower case, and without a leading `#`. A user's `@` stays. Blank
/// tags and repeated tags are left out (docs: `#Cool` and `cool` are the same tag).
///
/// ```
/// use flowdock_integration::normalize_tags;
/// assert_eq!(normalize_tags(" #Bug, @Marty,,bug".split(',')), ["bug", "@marty"]);
/// ```
#[must_use]
pub fn normalize_tags<'a>(tags: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut normal = Vec::new();
    for tag in tags {
        let tag = tag.trim();
        let tag = tag.strip_prefix('#').unwrap_or(tag).trim();
        if !tag.is_empty() {
            normal.push(lower_case(tag));
        }
    }
    without_repeats(normal)
}

/// Returns the texts without those that came before.
fn without_repeats(texts: Vec<String>) -> Vec<String> {
    // A hash table with at least twice as many buckets as texts. A bucket holds the index of a text; a text whose
    // bucket is taken goes to the next free one.
    let mut buckets = vec![usize::MAX; (2 * texts.len()).next_power_of_two()];
    let mut first: Vec<String> = Vec::new();
    'texts: for text in texts {
        let mut bucket = text.bytes().fold(7_usize, |hash, byte| (hash ^ usize::from(byte)).wrapping_mul(0x0100_0193));
        bucket ^= bucket >> 15;
        loop {
            bucket &= buckets.len() - 1;
            let Some(index) = buckets.get_mut(bucket) else { break };
            match first.get(*index) {
                None => {
                    *index = first.len();
                    first.push(text);
                    continue 'texts;
                }
                Some(other) if *other == text => continue 'texts,
                Some(_) => bucket += 1,
            }
        }
    }
    first
}

/// Returns a text in lower case, like `str::to_lowercase`. The tables of that function would be a sixth of the npm
/// package.
fn lower_case(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        match character {
            'Σ' if at > 0 && at + character.len_utf8() == text.len() => lower.push('ς'),
            'İ' => lower.push_str("i\u{307}"),
            _ if character.is_ascii() => lower.push(character.to_ascii_lowercase()),
            _ => lower.push(small_letter(character)),
        }
    }
    lower
}

/// Returns the small letter of a capital letter, and any other character unchanged.
fn small_letter(character: char) -> char {
    let code = u32::from(character);
    let after = RUNS.partition_point(|run| run.first <= code);
    let Some(run) = after.checked_sub(1).and_then(|index| RUNS.get(index)) else { return character };
    let offset = code - run.first;
    if offset < u32::from(run.count * run.step) && offset.is_multiple_of(run.step.into()) {
        return char::from_u32(code.wrapping_add_signed(run.distance)).unwrap_or(character);
    }
    character
}

#[cfg(test)]
mod tests {
    use super::{lower_case, normalize_tags};

    #[test]
    fn every_character_has_the_lower_case_that_rust_gives_it() {
        for character in '\0'..=char::MAX {
            assert_eq!(lower_case(&character.to_string()), character.to_lowercase().to_string(), "{character}");
        }
        for text in ["ΟΔΟΣ", "ΣΑΣ", "İstanbul", "ÀÉ", "straßE", "Ⅷ", "ǅ"] {
            assert_eq!(lower_case(text), text.to_lowercase());
        }
    }

    #[test]
    fn the_first_of_equal_tags_is_kept() {
        let many: Vec<String> = (0..5_000).map(|number| format!("#Tag{}", number % 1_700)).collect();
        let normal = normalize_tags(many.iter().map(String::as_str));
        assert_eq!(normal, (0..1_700).map(|number| format!("tag{number}")).collect::<Vec<_>>());
        assert!(normalize_tags(["", " ", "#", "# "]).is_empty());
    }
}
