//! Options as they come from JavaScript. An unknown one is an error, so that a slip of the pen is noticed; what is wrong
//! with one is said by its name and never by its value, which may be a token.

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};

use super::error::invalid_option;
use crate::client::{Client, ClientOptions, PostOptions};
use crate::schema;
use crate::validate::Options;

/// The time that one attempt may take, its answer's body included.
const DEFAULT_TIMEOUT_MS: i32 = 10_000;

/// The options of `validate`, `encode` and the builders.
pub fn check_options(options: JsValue) -> Result<Options, JsValue> {
    thread(&Read::new(options, &["thread"])?)
}

/// The options of `Client`, but for `fetch`, which is no data: a client, and how many milliseconds an attempt may take.
pub fn client(options: JsValue) -> Result<(Client, i32), JsValue> {
    let options = Read::new(options, &["baseUrl", "flowToken", "allowHttp", "timeoutMs"])?;
    let base_url = options.string("baseUrl")?.ok_or_else(|| invalid_option("`baseUrl` is required"))?;
    let flow_token = options.string("flowToken")?.ok_or_else(|| invalid_option("`flowToken` is required"))?;
    let timeout_ms = match options.get("timeoutMs").map(|ms| ms.as_f64()) {
        None => DEFAULT_TIMEOUT_MS,
        // Timers take no more than this.
        Some(Some(ms)) if (1.0..=f64::from(i32::MAX)).contains(&ms) => ms as i32,
        Some(_) => return Err(invalid_option("`timeoutMs` must be a number of milliseconds from 1 to 2147483647")),
    };
    let client = ClientOptions::new(base_url, flow_token).allow_http(options.boolean("allowHttp")?);
    Ok((Client::new(client).map_err(invalid_option)?, timeout_ms))
}

/// The options of `Client.post`, but for `signal`, which is no data.
pub fn post_options(options: JsValue) -> Result<(Options, PostOptions), JsValue> {
    let options = Read::new(options, &["waitForMessage", "thread"])?;
    let post = PostOptions::default();
    let post = if options.boolean("waitForMessage")? { post.wait_for_message() } else { post };
    Ok((thread(&options)?, post))
}

fn thread(options: &Read) -> Result<Options, JsValue> {
    match options.string("thread")?.as_deref() {
        None | Some("required") => Ok(Options::default()),
        Some("optional") => Ok(Options::default().thread_optional()),
        Some(_) => Err(invalid_option("`thread` must be `required` or `optional`")),
    }
}

/// The options that are there, each with a known name. `options.js` has made a plain object of them.
struct Read(Vec<(String, JsValue)>);

impl Read {
    fn new(options: JsValue, known: &'static [&'static str]) -> Result<Self, JsValue> {
        let mut read = Vec::new();
        for entry in Object::entries(options.unchecked_ref::<Object>()) {
            let entry: Array = entry.unchecked_into();
            let key = entry.get(0).as_string().unwrap_or_default();
            if !known.contains(&key.as_str()) {
                return Err(unknown(&key, known));
            }
            read.push((key, entry.get(1)));
        }
        Ok(Self(read))
    }

    /// What is there; undefined counts as missing.
    fn get(&self, wanted: &str) -> Option<&JsValue> {
        self.0.iter().find(|(key, _)| key == wanted).map(|(_, value)| value).filter(|value| !value.is_undefined())
    }

    fn string(&self, key: &str) -> Result<Option<String>, JsValue> {
        let Some(value) = self.get(key) else { return Ok(None) };
        value.as_string().map(Some).ok_or_else(|| invalid_option(format!("`{key}` must be a string")))
    }

    fn boolean(&self, key: &str) -> Result<bool, JsValue> {
        let Some(value) = self.get(key) else { return Ok(false) };
        value.as_bool().ok_or_else(|| invalid_option(format!("`{key}` must be true or false")))
    }
}

fn unknown(key: &str, known: &'static [&'static str]) -> JsValue {
    match schema::nearest_word(known.iter().copied(), key) {
        Some(near) => invalid_option(format!("`{key}` is not a known option, did you mean `{near}`")),
        None if key.len() <= 16 && key.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            invalid_option(format!("`{key}` is not a known option, beside `{}`", known.join("`, `")))
        }
        // Not printed, for it may be anything, a token put in the wrong place included.
        None => invalid_option(format!("there is an option that is not known, beside `{}`", known.join("`, `"))),
    }
}
