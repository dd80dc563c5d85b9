//! Actions that come back, as JavaScript calls it: a token is taken apart, JavaScript parses its JSON and makes the hashes, and
//! then all of it is verified. `pkg-template/action.js` makes functions of these calls.

use super::answer::{Answer, failure, number, part_text, unreadable};
use crate::action::{ActionError, Proof, Target, Token};
use crate::encode::Json;
use crate::value::{Frame, FrameValue, Node, Value};

/// `(token)`: what is signed, and header and claims, which are JSON.
pub fn read_token(frame: &Frame) -> Answer {
    let token = token(frame.value(0))?;
    let (header, claims) = token.parts();
    let mut json = Json::default();
    json.object(None);
    json.string(Some("signed"), token.signed());
    json.string(Some("header"), header);
    json.string(Some("claims"), claims);
    json.end_object();
    Ok(json.text())
}

/// `(token, { header, claims, signed, called, macs, sha256, now })`: whose click it was. The hashes are in hex; `signed` and
/// `called` are a URL and a method each.
pub fn verify_action(frame: &Frame) -> Answer {
    let seen = frame.value(1);
    // What is missing is null, as what could not be parsed.
    let (Some(header), Some(claims)) = (seen.part("header"), seen.part("claims")) else {
        return unreadable();
    };
    let target = |name: &str| match seen.part(name) {
        Some(target) => Target { url: part_text(target, "url"), method: part_text(target, "method") },
        None => Target { url: "", method: "" },
    };
    let macs: Vec<&str> = match seen.part("macs").map(Value::node) {
        Some(Node::Array(macs)) => macs.filter_map(Value::text).collect(),
        _ => Vec::new(),
    };
    let proof = Proof { macs: &macs, body_sha256: part_text(seen, "sha256") };
    let now = seen.part("now").and_then(number).unwrap_or_default();
    let token = token(frame.value(0))?;
    let verified =
        token.verify_values(header, claims, target("signed"), target("called"), proof, now).map_err(refused)?;
    let mut json = Json::default();
    json.object(None);
    json.string(Some("userId"), &verified.user_id);
    json.string(Some("id"), &verified.id);
    json.number(Some("goodUntil"), verified.good_until as usize);
    json.end_object();
    Ok(json.text())
}

/// `()`: that a click came twice.
pub fn replayed(_: &Frame) -> Answer {
    Err(refused(ActionError::replayed()))
}

fn token(value: FrameValue<'_>) -> Result<Token, String> {
    Token::read(value.text().unwrap_or_default()).map_err(refused)
}

fn refused(error: ActionError) -> String {
    let mut json = Json::default();
    failure(&mut json, None, error.code, error.sentence(), false);
    json.end_object();
    json.text()
}
