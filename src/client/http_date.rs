//! Dates as HTTP writes them (RFC 9110, section 5.6.7): the one form that is sent, and the two that are still read.

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
/// Days from the first of March of the year 0 to the first of January 1970.
const EPOCH_DAYS: u32 = 719_468;

/// Seconds since 1970, of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or
/// `Sun Nov  6 08:49:37 1994`. What says another zone, or nothing that is a date, is none.
///
/// Told apart by its numbers, of which only the last form ends with one: what stands between them says nothing new, and a
/// reader of words is three times as large.
pub(super) fn unix_seconds(text: &str) -> Option<u32> {
    let mut numbers = [0_u32; 5];
    let mut count = 0;
    let mut in_number = false;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        count += usize::from(digit < 10 && !in_number);
        in_number = digit < 10;
        if in_number {
            let number = numbers.get_mut(count - 1)?;
            *number = number.saturating_mul(10).saturating_add(digit.into());
        }
    }
    let [day, year, hour, minute, second] = match numbers {
        [day, hour, minute, second, year] if in_number => [day, year, hour, minute, second],
        numbers if text.ends_with("GMT") => numbers,
        _ => return None,
    };
    // Two digits: nobody asks to come again in the last century.
    let year = if year < 100 { 2000 + year } else { year };
    let is_named = |name: &&[u8]| text.as_bytes().windows(3).any(|word| word == *name);
    let month = MONTHS.chunks(3).position(|name| is_named(&name))? as u32;
    let is_date = (1..=31).contains(&day) && (1970..=9999).contains(&year);
    if !(is_date && hour < 24 && minute < 60 && second <= 60 && count == numbers.len()) {
        return None;
    }
    // A year that begins in March has its leap day at the end.
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - EPOCH_DAYS;
    // As far as the number goes, to the year 2106.
    Some(days.saturating_mul(86_400).saturating_add((hour * 60 + minute) * 60 + second))
}

#[cfg(test)]
mod tests {
    use super::unix_seconds;

    #[test]
    fn the_three_forms_are_one_date() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT"] {
            assert_eq!(unix_seconds(text), Some(784_111_777), "{text}");
        }
        for (text, expected) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Thu, 31 Dec 2026 23:59:60 GMT", 1_798_761_600),
            ("Friday, 20-Nov-26 12:00:00 GMT", 1_795_176_000),
            ("Fri, 31 Dec 9999 23:59:59 GMT", u32::MAX),
        ] {
            assert_eq!(unix_seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "Sun, 06 Nov 1994",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nev 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 PST",
            "Sun, 06 Nov 1994 08:49:37 +0200",
            "Sun, 06 Nov 1994 1 08:49:37 GMT",
            "Sun, 31 Dec 1969 23:59:59 GMT",
            "Sun, 06 Nov 10000 08:49:37 GMT",
            "Sun, 06 Nov 4294967295 08:49:37 GMT",
            "1994-11-06T08:49:37Z",
            "06 Nov 1994 08:49:37 GMT é",
        ] {
            assert_eq!(unix_seconds(text), None, "{text}");
        }
    }
}
