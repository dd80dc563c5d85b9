//! The FLOWDOCK-TOKEN: a JWT that proves that a request is from Flowdock, which user clicked, and that the body was not
//! changed.

use std::fmt;

use super::base64url::decode;
use super::url;
use crate::bytes::find;
use crate::error::ErrorCode;
use crate::json::{Node, Value, read};
use crate::text::{cut, decimal, hex, pieces, same_secret};

/// For how many seconds Flowdock makes a token valid (docs).
const LIFETIME_S: u32 = 30;
/// The largest difference between two clocks in seconds (ours).
const LEEWAY_S: u32 = 5;
/// The length in bytes of the longest token that is read (ours). Flowdock's are shorter.
const LONGEST: usize = 4096;

/// A token that was read. Its content is not proved before [`verify`](Self::verify). Its `Debug` shows nothing of it.
pub struct Token {
    signed: String,
    header: String,
    claims: String,
    /// The signature, in lower-case hex.
    mac: String,
}

/// The request that came from Flowdock.
#[derive(Clone, Copy, Debug)]
pub struct Callback<'a> {
    /// The body of the request, exactly as it arrived.
    pub body: &'a [u8],
    /// The URL of the request. Behind a proxy, this is the public URL, which is in the action's `urlTemplate`.
    pub url: &'a str,
    /// The method of the request. An empty method is not compared.
    pub method: &'a str,
}

/// The hashes that a token is compared with. Its `Debug` shows none of them: they could sign the text of a stranger.
#[derive(Clone, Copy)]
pub struct Proof<'a> {
    /// For each client secret that may have signed the token: the HMAC-SHA-256 of [`Token::signed`], in lower-case hex.
    pub macs: &'a [&'a str],
    /// The SHA-256 of the body, in lower-case hex.
    pub body_sha256: &'a str,
}

/// An action that a user really clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAction {
    /// The Flowdock id of the user who clicked.
    pub user_id: String,
    /// An id of this click, in lower-case hex. The same id means that the same request came again.
    pub id: String,
    /// Until when the token is valid, in seconds since 1970. After that you may forget the id.
    pub good_until: u32,
}

/// The URL and the method of a request.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub url: &'a str,
    pub method: &'a str,
}

/// Why a request is not accepted as an action from Flowdock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionError {
    /// The reason as a code.
    pub code: ErrorCode,
    message: &'static str,
}

const MISSING: ActionError =
    ActionError { code: ErrorCode::TokenMissing, message: "the header `FLOWDOCK-TOKEN` is missing" };

const fn malformed(message: &'static str) -> ActionError {
    ActionError { code: ErrorCode::TokenMalformed, message }
}

impl Token {
    /// Reads a token.
    ///
    /// # Errors
    /// `token_missing` when the text is empty, `token_malformed` when it is not a JWT.
    pub fn read(token: &str) -> Result<Self, ActionError> {
        const NO_JWT: ActionError = malformed("the token is no JWT");
        if token.is_empty() {
            return Err(MISSING);
        }
        if token.len() > LONGEST {
            return Err(NO_JWT);
        }
        let mut parts = pieces(token, b'.');
        let (Some(header), Some(claims), Some(mac), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NO_JWT);
        };
        let bytes = |part| decode(part).ok_or(NO_JWT);
        let text = |part| String::from_utf8(bytes(part)?).map_err(|_| NO_JWT);
        let signed = token.get(..header.len() + 1 + claims.len()).unwrap_or_default().to_owned();
        let mut hexadecimal = String::new();
        bytes(mac)?.iter().for_each(|byte| hex(*byte, b'a', &mut hexadecimal));
        Ok(Self { signed, header: text(header)?, claims: text(claims)?, mac: hexadecimal })
    }

    /// Returns the signed text. The caller computes its HMAC-SHA-256 with the application's client secret as the key.
    #[must_use]
    pub fn signed(&self) -> &str {
        &self.signed
    }

    /// Verifies the token: it is signed with HS256 and one of the secrets, it is valid now and not for longer than
    /// Flowdock makes a token valid, and it was made for this body, this URL and this method.
    ///
    /// `now` is in seconds since 1970. The two clocks may differ by 5 seconds. This does not detect a request that
    /// comes twice: compare [`VerifiedAction::id`] with the ids that came before.
    ///
    /// # Errors
    /// `token_malformed`, `algorithm_refused`, `signature_invalid`, `token_expired`, `body_mismatch` or `url_mismatch`.
    pub fn verify(&self, callback: Callback<'_>, proof: Proof<'_>, now: u32) -> Result<VerifiedAction, ActionError> {
        let action = std::str::from_utf8(callback.body).ok().and_then(|body| read(body).ok()).unwrap_or_default();
        let target =
            |name| action.root().part("target").and_then(|target| target.part(name)?.text()).unwrap_or_default();
        let signed = Target { url: target("urlTemplate"), method: target("httpMethod") };
        let called = Target { url: callback.url, method: callback.method };
        self.verify_targets(signed, called, proof, now)
    }

    /// Verifies the token like [`verify`](Self::verify). `signed` is the target in the body, with empty texts if the
    /// body has none.
    pub(crate) fn verify_targets(
        &self,
        signed: Target<'_>,
        called: Target<'_>,
        proof: Proof<'_>,
        now: u32,
    ) -> Result<VerifiedAction, ActionError> {
        let fail = |code, message| Err(ActionError { code, message });
        let [header, claims] = [&self.header, &self.claims].map(|text| read(text).unwrap_or_default());
        let (header, claims) = (header.root(), claims.root());
        let Node::Object(_) = header.node() else { return Err(malformed("the token's header is no JSON object")) };
        let once = pieces(&self.header, b'"').filter(|text| *text == "alg").count() == 1;
        // An escape could hide a second `alg`, and Flowdock's header has no escapes. A header with critical extensions
        // is refused, because none is known here (RFC 7515, section 4.1.11).
        let plain = find(&self.header, 0, b'\\').is_none() && header.part("crit").is_none();
        if header.part("alg").and_then(Value::text) != Some("HS256") || !once || !plain {
            return fail(ErrorCode::AlgorithmRefused, "the token must be signed by HS256");
        }
        // Every secret is tried, so that the time does not show which one fits.
        let fitting = proof.macs.iter().filter(|mac| same_secret(mac, &self.mac)).count();
        if fitting == 0 {
            return fail(ErrorCode::SignatureInvalid, "the token was not signed with this secret");
        }
        let time = |claim: &str| match claims.part(claim).map(Value::node) {
            // A fraction of a second is ignored.
            Some(Node::Number(number)) => decimal(cut(number, b'.').map_or(number, |(whole, _)| whole)),
            _ => None,
        };
        let expires = time("exp").ok_or(malformed("the token's `exp` is missing or no time"))?;
        let good_until = expires.saturating_add(LEEWAY_S);
        if now >= good_until {
            return fail(ErrorCode::TokenExpired, "the token has expired: Flowdock makes it good for 30 seconds");
        }
        if expires > now.saturating_add(LIFETIME_S + LEEWAY_S) {
            return Err(malformed("the token is good for longer than Flowdock makes one, or this clock is behind"));
        }
        if claims.part("nbf").is_some() && time("nbf").is_none_or(|begins| begins > now.saturating_add(LEEWAY_S)) {
            return Err(malformed("the token is not good yet"));
        }
        let user_id = match claims.part("sub").map(Value::node) {
            Some(Node::String(id)) if !id.is_empty() => id.to_owned(),
            Some(Node::Number(id)) => id.to_owned(),
            _ => return Err(malformed("the token's `sub` is missing")),
        };
        let signature = claims.part("signature").and_then(Value::text).unwrap_or_default();
        if !same_secret(signature, proof.body_sha256) {
            return fail(ErrorCode::BodyMismatch, "the body is not the one that was signed");
        }
        if !url::stands_for(signed.url, called.url) {
            let message = "the action was to be sent to another URL than this; behind a proxy, give the public one";
            return fail(ErrorCode::UrlMismatch, message);
        }
        if !called.method.is_empty() && called.method != signed.method {
            return fail(ErrorCode::UrlMismatch, "the action was to be sent by another method than this");
        }
        Ok(VerifiedAction { user_id, id: self.mac.clone(), good_until })
    }
}

impl ActionError {
    /// Returns the error for a request that comes twice.
    #[must_use]
    pub const fn replayed() -> Self {
        Self { code: ErrorCode::Replayed, message: "the request came before: each is good once" }
    }

    /// Returns the whole error as a sentence.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        self.message
    }
}

impl fmt::Debug for Proof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(…)")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for ActionError {}
