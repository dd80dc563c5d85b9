//! The challenge that asks a user to log in.

use crate::http::InvalidOption;
use crate::text::concat;

/// Returns the value of the header `WWW-Authenticate` that asks the user to log in at a URL. Send it with a 401 (docs).
/// The header has no quotes around the URL, so the URL must not contain a character that would end it.
///
/// ```
/// use flowdock_integration::action::challenge;
/// assert_eq!(challenge("https://app.example/login?claim=7")?, "Flowdock-Token url=https://app.example/login?claim=7");
/// assert!(challenge("https://app.example/\r\nSet-Cookie: a=b").is_err());
/// # Ok::<(), flowdock_integration::InvalidOption>(())
/// ```
///
/// # Errors
/// When the URL is not an absolute http or https URL, or contains white space, a control character, a quote, a comma or
/// a character that is not ASCII.
pub fn challenge(url: &str) -> Result<String, InvalidOption> {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"\"'\\<>`,".contains(&byte);
    if crate::validate::is_http_url(url) && url.bytes().all(fits) {
        Ok(concat(&["Flowdock-Token url=", url]))
    } else {
        Err(InvalidOption::new("url", "must be an absolute http or https URL without white space, quotes or commas"))
    }
}
