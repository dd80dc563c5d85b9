//! UUIDs of version 4 (RFC 9562).

/// Writes sixteen random bytes as a UUID.
pub(super) fn v4(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 0xF] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn version_and_variant_are_set_and_the_rest_is_kept() {
        assert_eq!(super::v4([0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(super::v4([0xFF; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        let rising: [u8; 16] = std::array::from_fn(|index| index as u8 * 0x11);
        assert_eq!(super::v4(rising), "00112233-4455-4677-8899-aabbccddeeff");
    }
}
