//! The words of a message in the index of the full text search, and the query for them.
//!
//! PostgreSQL's own parsers keep a URL or a file name as one word and depend on a language. So the words are found here, as SQLite finds
//! them: letters and digits that follow each other, in lower case and without accents.
//!
//! Each word begins with the key of the flow. So the list of messages that the index has for a word is that of one flow, and not of
//! all.

use std::collections::BTreeMap;
use std::error::Error;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::FlowKey;

/// The first position that is not stored: PostgreSQL gives it to all later words too. They are found, but not as a part of a phrase.
const MAX_POSITION: u16 = 16_383;

/// The largest number of positions of one word that PostgreSQL stores.
const MAX_POSITIONS: usize = 255;

/// The longest word that is found, in bytes. PostgreSQL allows four times as much.
const MAX_WORD_BYTES: usize = 500;

/// How many bytes of words a message has at most in the index. PostgreSQL allows 1 MiB, positions included.
const MAX_BYTES: usize = 400 * 1024;

/// The words of one message, each with its positions, in the form that PostgreSQL calls `tsvector`.
#[derive(Debug, Default)]
pub struct Words(BTreeMap<String, Vec<u16>>);

impl Words {
    /// The words of a text.
    pub fn of(flow: FlowKey, text: &str) -> Words {
        let mut words: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        let mut bytes = 0;
        for (index, word) in words_of(text).enumerate() {
            let position = u16::try_from(index + 1).ok().filter(|position| *position < MAX_POSITION);
            let word = format!("{flow}/{word}");
            if bytes + word.len() > MAX_BYTES {
                break;
            }
            let positions = words.entry(word).or_insert_with_key(|word| {
                bytes += word.len();
                Vec::new()
            });
            if let Some(position) = position.filter(|_| positions.len() < MAX_POSITIONS) {
                positions.push(position);
                bytes += 2;
            }
        }
        Words(words)
    }
}

impl ToSql for Words {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_i32(i32::try_from(self.0.len())?);
        for (word, positions) in &self.0 {
            out.put_slice(word.as_bytes());
            out.put_u8(0);
            out.put_u16(u16::try_from(positions.len())?);
            for position in positions {
                out.put_u16(*position);
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::TS_VECTOR
    }

    to_sql_checked!();
}

/// The query for messages of a flow that contain all of these words, as the text of a `tsquery`. A word such as `flux-capacitor` is a
/// phrase, and a word without a letter or a digit does not count. `None` if no word counts: then no message is found.
pub fn query(flow: FlowKey, words: &[String]) -> Option<String> {
    let phrases = words.iter().filter_map(|word| {
        // A part has only letters and digits, so it contains no operator of `tsquery`.
        let parts: Vec<String> = words_of(word).map(|part| format!("'{flow}/{part}'")).collect();
        (!parts.is_empty()).then(|| parts.join(" <-> "))
    });
    let phrases: Vec<String> = phrases.collect();
    (!phrases.is_empty()).then(|| phrases.join(" & "))
}

/// The words of a text in their order, in lower case and without accents. A word that is too long is cut.
fn words_of(text: &str) -> impl Iterator<Item = String> {
    let is_separator = |c: char| !(c.is_alphanumeric() || is_combining_mark(c));
    let words = text.split(is_separator).map(|word| {
        let mut plain = String::with_capacity(word.len());
        if word.is_ascii() {
            plain.push_str(word);
            plain.make_ascii_lowercase();
        } else {
            plain.extend(word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase));
        }
        let end = (0..=plain.len().min(MAX_WORD_BYTES)).rev().find(|end| plain.is_char_boundary(*end));
        plain.truncate(end.unwrap_or_default());
        plain
    });
    words.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        words_of(text).collect()
    }

    #[test]
    fn words_are_found_as_sqlite_finds_them() {
        assert_eq!(
            words("The flux-capacitor, at https://example.org/a_b?c=1"),
            ["the", "flux", "capacitor", "at", "https", "example", "org", "a", "b", "c", "1"]
        );
        assert_eq!(
            words("Größe CAFÉ cafe\u{301} Ωmega ＡＢ 日本語"),
            ["große", "cafe", "cafe", "ωmega", "ａｂ", "日本語"]
        );
        assert_eq!(words(" \0 -- '&|!<-> "), Vec::<String>::new());
    }

    #[test]
    fn a_query_has_no_operator_of_its_user() {
        let query = |words: &[&str]| query(7, &words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(query(&["Door", "flux-capacitor"]).as_deref(), Some("'7/door' & '7/flux' <-> '7/capacitor'"));
        assert_eq!(query(&["a'b", "!c:*"]).as_deref(), Some("'7/a' <-> '7/b' & '7/c'"));
        assert_eq!(query(&["door", "--"]).as_deref(), Some("'7/door'"));
        assert_eq!(query(&["--"]), None);
    }

    #[test]
    fn a_long_text_stays_within_the_limits_of_the_type() {
        let Words(words) = Words::of(1, &"word ".repeat(100_000));
        assert_eq!(words["1/word"].len(), MAX_POSITIONS);
        let many: String = (0..200_000).map(|number| format!("{number} ")).collect();
        let Words(words) = Words::of(1, &many);
        let bytes: usize = words.iter().map(|(word, positions)| word.len() + 2 * positions.len()).sum();
        assert!(bytes <= MAX_BYTES + 16, "{bytes}");
        assert!(words.values().flatten().all(|position| *position < MAX_POSITION));
        let Words(words) = Words::of(1, &"é".repeat(2000));
        assert!(words.keys().all(|word| word.len() <= MAX_WORD_BYTES + 2));
    }
}
