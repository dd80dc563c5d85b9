//! Tests of actions that come back. The npm package is tested with the same table of requests.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flowdock_integration::action::{ActionError, Callback, Proof, Token};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};

use crate::cases::read;

/// Returns the outcome of a row of the table: `verified`, or the code of the error.
fn outcome(row: &Value, table: &Value) -> String {
    let text = |key: &str, usual: &str| row[key].as_str().unwrap_or(usual).to_owned();
    let now = table["now"].as_i64().unwrap();
    let secret = table["secret"].as_str().unwrap();
    let template = text("template", table["template"].as_str().unwrap());
    let url = text("url", table["template"].as_str().unwrap());
    let url = text("expectedUrl", &url);

    let target = format!(r#"{{"@type":"EntryPoint","urlTemplate":"{template}","httpMethod":"POST"}}"#);
    let action = format!(r#"{{"@type":"UpdateAction","target":{target}}}"#);
    let body = text("body", &action).replace("$template", &template);
    let sha256 = hex(&Sha256::digest(&body));
    let exp = (now - row["age"].as_i64().unwrap_or(0) + 30).to_string();
    let claims = |user: &str| {
        let usual = format!(r#"{{"sub":"{user}","exp":$exp,"signature":"$sha256"}}"#);
        let claims = text("claims", &usual).replace("$exp", &exp).replace("$sha256", &sha256);
        let claims = claims.replace("$SHA256", &sha256.to_uppercase()).replace("$sha", &sha256[1..]);
        BASE64_URL_SAFE_NO_PAD.encode(claims.replace("$long", &"x".repeat(5000)))
    };
    let header = BASE64_URL_SAFE_NO_PAD.encode(text("header", r#"{"alg":"HS256","typ":"JWT"}"#));
    let (key, signed) = (text("key", secret), format!("{header}.{}", claims("7")));
    let mac = if row["hash"] == "SHA-512" {
        hmac::<Hmac<Sha512>>(&key, &signed)
    } else {
        hmac::<Hmac<Sha256>>(&key, &signed)
    };
    let mac = BASE64_URL_SAFE_NO_PAD.encode(mac);
    let other = mac.as_bytes().last().map(|last| char::from(last + 1)).unwrap();
    let token = if row["token"].is_null() && row.get("token").is_some() {
        String::new()
    } else {
        text("token", "$header.$claims.$mac")
            .replace("$header", &header)
            .replace("$claims", &claims("7"))
            .replace("$otherclaims", &claims("8"))
            .replace("$othermac", &format!("{}{other}", &mac[..mac.len() - 1]))
            .replace("$mac", &mac)
    };
    let sent = text("sent", "$body").replace("$body", &body).replace("$template", &template);
    let secrets: Vec<&str> = match row["secrets"].as_array() {
        Some(secrets) => secrets.iter().map(|secret| secret.as_str().unwrap()).collect(),
        None => vec![secret],
    };

    let verified = Token::read(&token).and_then(|token| {
        let macs: Vec<_> = secrets.iter().map(|secret| hex(&hmac::<Hmac<Sha256>>(secret, token.signed()))).collect();
        let macs: Vec<&str> = macs.iter().map(String::as_str).collect();
        let proof = Proof { macs: &macs, body_sha256: &hex(&Sha256::digest(&sent)) };
        let method = text("method", "POST");
        let callback = Callback { body: sent.as_bytes(), url: &url, method: &method };
        let verify = || token.verify(callback, proof, u32::try_from(now).unwrap());
        let first = verify()?;
        assert_eq!((first.user_id.as_str(), first.good_until), ("7", exp.parse::<u32>().unwrap() + 5));
        match row["again"].as_bool() {
            // A store recognises a click by its id.
            Some(true) if verify()?.id == first.id => Err(ActionError::replayed()),
            _ => Ok(first),
        }
    });
    verified.map_or_else(|error| error.code.to_string(), |_| "verified".to_owned())
}

fn hmac<M: Mac + KeyInit>(key: &str, text: &str) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn each_request_of_the_table_has_the_outcome_of_its_row() {
    let table: Value = read("callbacks.json");
    let calls = table["calls"].as_array().unwrap();
    assert!(calls.iter().filter(|row| row["outcome"] != "verified").count() >= 40);
    for row in calls {
        assert_eq!(outcome(row, &table), row["outcome"].as_str().unwrap(), "{}", row["name"]);
    }
}

#[test]
fn no_debug_of_an_action_token_shows_it() {
    let token = Token::read("e30.e30.AAAA").unwrap();
    assert_eq!(format!("{token:?}"), "Token(…)");
}
