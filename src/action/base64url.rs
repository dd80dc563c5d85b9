//! base64url without padding (RFC 4648, section 5; RFC 7515, section 2), read strictly. Each value has only one text,
//! so that nobody can write a token that was used in another way.

/// Returns the bytes of a text. Returns `None` if it is not base64url.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let mut held: u32 = 0;
    let mut bits = 0;
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    // A left-over digit or a left-over bit would give a second text for the same bytes.
    (bits < 6 && held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn each_value_is_read_from_one_text_only() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("Zg", Some(b"f")),
            ("Zm8", Some(b"fo")),
            ("Zm9v", Some(b"foo")),
            ("Zm9vYmFy", Some(b"foobar")),
            ("-_8", Some(b"\xfb\xff")),
            ("Zh", None),
            ("Zm9", None),
            ("Z", None),
            ("Zm9vY", None),
            ("Zg==", None),
            ("Zm9v ", None),
            ("Zm 9v", None),
            ("+/8", None),
            ("Zmé", None),
        ] {
            assert_eq!(decode(text).as_deref(), bytes, "{text}");
        }
    }
}
