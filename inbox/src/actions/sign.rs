//! Creates the FLOWDOCK-TOKEN, a JWT (RFC 7519). It proves to a service that the request comes from the inbox, who
//! clicked, and that the body is unchanged.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest, Sha256};

/// How long a token is valid, in seconds.
const SECONDS: i64 = 30;

/// Creates the token for this body, signed with the client secret of the application that offered the action. `click`
/// is unique to the click. Without it, two clicks in one second would have equal tokens, and the service would refuse
/// the second one as a replay.
pub fn flowdock_token(client_secret: &str, user: i64, body: &[u8], now_ms: i64, click: &str) -> String {
    let signature: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    let claims = json!({ "sub": user.to_string(), "exp": now_ms.div_euclid(1000) + SECONDS, "signature": signature, "jti": click });
    hs256(client_secret.as_bytes(), r#"{"alg":"HS256","typ":"JWT"}"#, &claims.to_string())
}

/// Signs a JWT with HS256 and returns it in compact form.
fn hs256(key: &[u8], header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(claims));
    // HMAC accepts a key of any length, so this cannot fail.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example is from RFC 7515, appendix A.1.
    #[test]
    fn the_example_of_the_standard_gets_the_signature_of_the_standard() {
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = BASE64_URL_SAFE_NO_PAD.decode(key).expect("base64");
        let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
        let claims = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        assert_eq!(
            hs256(&key, header, claims),
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
             eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
             dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
    }
}
