//! Actions that come back: a token is taken apart, JavaScript makes the hashes, and then all of it is verified.

use super::Answer;
use super::read::{argument, number, part, text};
use crate::action::{ActionError, Proof, Target, Token};
use crate::json::Writer;
use crate::text::pieces;

/// `(token)`: what is signed, as text. The token itself is no JSON.
pub fn read_token(token: &str, _: &str) -> Answer {
    Ok(Token::read(token)?.signed().to_owned())
}

/// `(token, { signed, called, macs, sha256, now })`: whose click it was. The hashes are in hex, the `macs` with
/// spaces between them; `signed` and `called` are a URL and a
/// method each, as the runtime writes URLs.
pub fn verify_action(token: &str, seen: &str) -> Answer {
    let seen = argument(seen)?;
    let part = |name| part(seen.root(), name);
    let target = |name| Target { url: text(part(name), "url"), method: text(part(name), "method") };
    let macs: Vec<&str> = pieces(text(seen.root(), "macs"), b' ').collect();
    let proof = Proof { macs: &macs, body_sha256: text(seen.root(), "sha256") };
    let token = Token::read(token)?;
    let verified = token.verify_targets(target("signed"), target("called"), proof, number(seen.root(), "now"))?;
    let mut json = Writer::default();
    json.object(None);
    json.string(Some("userId"), &verified.user_id);
    json.string(Some("id"), &verified.id);
    json.number(Some("goodUntil"), verified.good_until as usize);
    json.end_object();
    Ok(json.text())
}

/// `()`: that a click came twice.
pub fn replayed(_: &str, _: &str) -> Answer {
    Err(ActionError::replayed().into())
}
