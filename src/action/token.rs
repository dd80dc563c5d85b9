//! FLOWDOCK-TOKEN: a JWT by which a service knows that a request is Flowdock's, whose click it was, and that the body is the
//! one that was sent.

use std::fmt;

use super::base64url::decode;
use super::url;
use crate::bytes::find;
use crate::error::ErrorCode;
use crate::json::{Node, Value, read};
use crate::text::{cut, decimal, hex, pieces, same};

/// For how many seconds Flowdock makes a token good (docs).
const LIFETIME_S: u32 = 30;
/// By how many seconds two clocks may differ (ours).
const LEEWAY_S: u32 = 5;
/// A longer token is none of Flowdock's (ours).
const LONGEST: usize = 4096;

/// A token that was taken apart. Nothing in it is sure before [`verify`](Self::verify). Its `Debug` shows nothing of it.
pub struct Token {
    signed: String,
    header: String,
    claims: String,
    /// In lower-case hex.
    mac: String,
}

/// The request that came.
#[derive(Clone, Copy, Debug)]
pub struct Callback<'a> {
    /// Its body, as it came.
    pub body: &'a [u8],
    /// The URL that was called. Behind a proxy: the one that stands in the action's `urlTemplate`.
    pub url: &'a str,
    /// The method by which it was called; where it is empty, it is not compared.
    pub method: &'a str,
}

/// The hashes against which a token is held. Its `Debug` shows none: they would sign what a stranger wrote.
#[derive(Clone, Copy)]
pub struct Proof<'a> {
    /// For each client secret that may have signed it, the HMAC-SHA-256 of [`Token::signed`], in lower-case hex.
    pub macs: &'a [&'a str],
    /// The SHA-256 of the body, in lower-case hex.
    pub body_sha256: &'a str,
}

/// A click that really happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAction {
    /// The Flowdock id of the user who clicked.
    pub user_id: String,
    /// Names this click: who saw it before sees it again. In lower-case hex.
    pub id: String,
    /// Until when the same token is good, in seconds since 1970; after that the id may be forgotten.
    pub good_until: u32,
}

/// Where a request goes.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub url: &'a str,
    pub method: &'a str,
}

/// A request is not Flowdock's, or not for this place or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionError {
    /// Why.
    pub code: ErrorCode,
    message: &'static str,
}

const MISSING: ActionError =
    ActionError { code: ErrorCode::TokenMissing, message: "the header `FLOWDOCK-TOKEN` is missing" };

const fn malformed(message: &'static str) -> ActionError {
    ActionError { code: ErrorCode::TokenMalformed, message }
}

impl Token {
    /// Takes a token apart.
    ///
    /// # Errors
    /// `token_missing` where it is empty, `token_malformed` where it is no JWT.
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

    /// What is signed: the text whose HMAC-SHA-256, with the application's client secret as its key, is asked for.
    #[must_use]
    pub fn signed(&self) -> &str {
        &self.signed
    }

    /// Whether all of it holds: it is signed by HS256 and no other algorithm, with one of the secrets, it is good at this
    /// time and for not longer than Flowdock makes one, it is about this body, and the action was to be sent here.
    ///
    /// `now` is in seconds since 1970; 5 seconds are allowed for clocks that differ. That a click comes once is for you to
    /// see, by [`VerifiedAction::id`].
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

    /// Whether all of it holds, as [`verify`](Self::verify) says, with the target that stands in the body, empty where it has none.
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
        // An escape could hide a second one; Flowdock's header has none. What is critical is not known here (RFC 7515, 4.1.11).
        let plain = find(&self.header, 0, b'\\').is_none() && header.part("crit").is_none();
        if header.part("alg").and_then(Value::text) != Some("HS256") || !once || !plain {
            return fail(ErrorCode::AlgorithmRefused, "the token must be signed by HS256");
        }
        // Every secret is tried, so that the time tells nothing.
        let fitting = proof.macs.iter().filter(|mac| same(mac, &self.mac)).count();
        if fitting == 0 {
            return fail(ErrorCode::SignatureInvalid, "the token was not signed with this secret");
        }
        let time = |claim: &str| match claims.part(claim).map(Value::node) {
            // The part of a second that there may be is left out.
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
        if !same(signature, proof.body_sha256) {
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
    /// That a click came twice.
    #[must_use]
    pub const fn replayed() -> Self {
        Self { code: ErrorCode::Replayed, message: "the request came before: each is good once" }
    }

    /// All of it in a sentence.
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
