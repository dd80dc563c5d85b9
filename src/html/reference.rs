//! Character references (`&amp;`, `&#38;`), as far as a rule depends on them. No rule needs a table of their names.

/// Returns the byte index of a last `&` that more text could turn into a character reference, or into a longer one.
pub(super) fn open_reference(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let at = bytes.iter().rposition(|byte| *byte != b'#' && !byte.is_ascii_alphanumeric())?;
    (bytes.get(at) == Some(&b'&')).then_some(at)
}

/// Whether a text would continue a character reference that stands before it.
pub(super) fn continues_reference(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| matches!(byte, b'#' | b';') || byte.is_ascii_alphanumeric())
}

/// Returns the first byte of a URL and the text after it. The URL is written as in an attribute, and a numeric
/// character reference is decoded as a browser decodes it. The byte is 0 if the reference names a character that is not
/// ASCII. The text is empty if the URL begins with such a character: no scheme contains one.
pub(super) fn decode_byte(text: &str) -> Option<(u8, &str)> {
    let first = (*text.as_bytes().first()?, text.get(1..).unwrap_or_default());
    Some(match numeric(text, 0x80) {
        Some((number, rest)) => (if number < 0x80 { number as u8 } else { 0 }, rest),
        None => first,
    })
}

/// Returns the number in a numeric character reference at the beginning of a text, and the text after the reference. A larger
/// number than `most` counts as `most`.
#[inline(always)]
fn numeric(text: &str, most: u32) -> Option<(u32, &str)> {
    let digits = text.strip_prefix("&#")?;
    let (radix, digits) = match digits.as_bytes() {
        [b'x' | b'X', ..] => (16, digits.get(1..)?),
        _ => (10, digits),
    };
    let mut number = 0_u32;
    let mut length = 0;
    while let Some(digit) = digits.as_bytes().get(length).and_then(|byte| char::from(*byte).to_digit(radix)) {
        number = (number * radix + digit).min(most);
        length += 1;
    }
    if length == 0 {
        return None;
    }
    let rest = digits.get(length..)?;
    Some((number, rest.strip_prefix(';').unwrap_or(rest)))
}

/// Returns the character of a character reference at the beginning of a text, and the text after the reference: of a numeric
/// one, and of the names that [`escape`](super::escape) and the tools of others write most.
pub(super) fn decode(text: &str) -> Option<(char, &str)> {
    const NAMES: [(&str, char); 6] =
        [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\''), ("&nbsp;", ' ')];
    if let Some((number, rest)) = numeric(text, 0x11_0000) {
        let character = char::from_u32(number).filter(|character| *character != '\0');
        return Some((character.unwrap_or(char::REPLACEMENT_CHARACTER), rest));
    }
    NAMES.iter().find_map(|(name, character)| Some((*character, text.strip_prefix(name)?)))
}

#[cfg(test)]
mod tests {
    use super::{continues_reference, decode_byte, open_reference};

    #[test]
    fn a_reference_without_its_end_is_open() {
        for (text, expected) in [
            ("", None),
            ("a", None),
            ("&", Some(0)),
            ("é&", Some(2)),
            ("a &am", Some(2)),
            ("&amp", Some(0)),
            ("&amp;", None),
            ("&amp;lt", None),
            ("&#", Some(0)),
            ("&#x1f", Some(0)),
            ("&a b", None),
            ("&é", None),
            ("&&", Some(1)),
        ] {
            assert_eq!(open_reference(text), expected, "{text}");
        }
        for (text, expected) in [
            ("", false),
            (" a", false),
            ("a", true),
            ("9", true),
            ("#", true),
            (";", true),
            ("é", false),
            ("&a", false),
        ] {
            assert_eq!(continues_reference(text), expected, "{text}");
        }
    }

    #[test]
    fn a_numeric_reference_is_read_as_a_browser_reads_it() {
        for (text, expected) in [
            ("&#106;a", Some((b'j', "a"))),
            ("&#x6A;a", Some((b'j', "a"))),
            ("&#X6agh", Some((b'j', "gh"))),
            ("&#0000000000000000106a", Some((b'j', "a"))),
            ("&#58", Some((b':', ""))),
            ("&#0;", Some((0, ""))),
            ("&#233;", Some((0, ""))),
            ("&#99999999999999999999;", Some((0, ""))),
            ("&#128;", Some((0, ""))),
            ("&#127;", Some((127, ""))),
            ("&#;", Some((b'&', "#;"))),
            ("&#x;", Some((b'&', "#x;"))),
            ("&#xg", Some((b'&', "#xg"))),
            ("&lt;", Some((b'&', "lt;"))),
            ("xy", Some((b'x', "y"))),
            ("", None),
        ] {
            assert_eq!(decode_byte(text), expected, "{text}");
        }
    }
}
