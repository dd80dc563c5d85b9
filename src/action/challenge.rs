//! The login challenge.

use crate::http::InvalidOption;
use crate::text::concat;

/// The value of `WWW-Authenticate` that asks the user to log in at a URL, to be sent with a 401 (docs). The URL stands
/// bare in the header, so it must hold nothing that would end it there.
///
/// ```
/// use flowdock_integration::action::challenge;
/// assert_eq!(challenge("https://app.example/login?claim=7")?, "Flowdock-Token url=https://app.example/login?claim=7");
/// assert!(challenge("https://app.example/\r\nSet-Cookie: a=b").is_err());
/// # Ok::<(), flowdock_integration::InvalidOption>(())
/// ```
///
/// # Errors
/// When it is no absolute http or https URL, or has white space, control characters, quotes, commas, or what is not ASCII.
pub fn challenge(url: &str) -> Result<String, InvalidOption> {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"\"'\\<>`,".contains(&byte);
    if crate::validate::is_http_url(url) && url.bytes().all(fits) {
        Ok(concat(&["Flowdock-Token url=", url]))
    } else {
        Err(InvalidOption::new("url", "must be an absolute http or https URL without white space, quotes or commas"))
    }
}
