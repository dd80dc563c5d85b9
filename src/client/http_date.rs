//! Dates in the formats of HTTP (RFC 9110, section 5.6.7): the format that servers send, and two obsolete formats that
//! must still be read.

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
/// The number of days from 1 March of the year 0 to 1 January 1970.
const EPOCH_DAYS: u32 = 719_468;

/// Returns the seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`
/// or `Sun Nov  6 08:49:37 1994`. Returns `None` for a date in another time zone and for any other text.
///
/// The formats are recognised by their five numbers: only the last format ends with a number. The other words are not
/// read, except for the month, because a parser that reads them is three times as large.
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
    // A year of two digits is in this century, because no server asks to come back in the last one.
    let year = if year < 100 { 2000 + year } else { year };
    let is_named = |name: &&[u8]| text.as_bytes().windows(3).any(|word| word == *name);
    let month = MONTHS.chunks(3).position(|name| is_named(&name))? as u32;
    let is_date = (1..=31).contains(&day) && (1970..=9999).contains(&year);
    if !(is_date && hour < 24 && minute < 60 && second <= 60 && count == numbers.len()) {
        return None;
    }
    // The year is counted from March, so that a leap day is its last day.
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - EPOCH_DAYS;
    // A `u32` reaches to the year 2106. Later dates are cut to its maximum.
    Some(days.saturating_mul(86_400).saturating_add((hour * 60 + minute) * 60 + second))
}

#[cfg(test)]
mod tests {
    use super::unix_seconds;

    #[test]
    fn the_three_formats_give_one_date() {
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
    fn a_text_that_is_no_date_is_refused() {
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
