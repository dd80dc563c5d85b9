//! The token of the consent page's form. It proves that this inbox has shown the very request that the form sends.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How long the page may stay open before the decision: one hour.
const MAX_AGE_MS: i64 = 60 * 60 * 1000;

/// Makes the token of a form with these parameters. `secret` is a secret of this process, which no page shows.
pub fn of(secret: &str, parameters: &[(&str, &str)], now_ms: i64) -> String {
    let tag: String =
        mac(secret, parameters, now_ms).finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{now_ms}.{tag}")
}

/// Whether this is the token of a form with these parameters, and not too old.
pub fn is_valid(secret: &str, parameters: &[(&str, &str)], now_ms: i64, token: &str) -> bool {
    let Some((shown, tag)) = token.split_once('.') else { return false };
    let Ok(shown_ms) = shown.parse::<i64>() else { return false };
    let tag: Option<Vec<u8>> =
        (0..tag.len()).step_by(2).map(|at| u8::from_str_radix(tag.get(at..at + 2)?, 16).ok()).collect();
    let is_recent = (0..=MAX_AGE_MS).contains(&now_ms.saturating_sub(shown_ms));
    // Compares the tags in a time that reveals nothing about them.
    is_recent && tag.is_some_and(|tag| mac(secret, parameters, shown_ms).verify_slice(&tag).is_ok())
}

fn mac(secret: &str, parameters: &[(&str, &str)], shown_ms: i64) -> Hmac<Sha256> {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.append_pair("shown", &shown_ms.to_string()).extend_pairs(parameters);
    // HMAC accepts a key of any length, so this cannot fail.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.finish().as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_valid_for_its_own_request_for_an_hour() {
        let token = of("secret", &[("scope", "flow")], 1000);
        let is_valid = |secret, scope, now_ms, token: &str| is_valid(secret, &[("scope", scope)], now_ms, token);
        assert!(is_valid("secret", "flow", 1000, &token));
        assert!(is_valid("secret", "flow", 1000 + MAX_AGE_MS, &token));
        assert!(!is_valid("secret", "flow", 1001 + MAX_AGE_MS, &token));
        assert!(!is_valid("secret", "flow", 999, &token));
        assert!(!is_valid("secret", "flow integration", 1000, &token));
        assert!(!is_valid("other", "flow", 1000, &token));
        for broken in ["", ".", "1000.", "1000.0", "1000.zz", "1001.00", "1000.é"] {
            assert!(!is_valid("secret", "flow", 1000, broken), "{broken}");
        }
        let later = token.replace("1000.", "2000.");
        assert!(!is_valid("secret", "flow", 2000, &later));
    }
}
