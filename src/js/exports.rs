//! What JavaScript can call, but for posting: convert, call the core, convert back.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::error::{invalid_message, invalid_option, to_js};
use super::frame::Frame;
use super::options;
use crate::encode::write_json;
use crate::message::{Event, message_from_parts, thread_from_parts};
use crate::{encode, html, validate};

/// Reads what `frame.js` packed.
pub(super) fn frame(text: String, tape: &[i32]) -> Result<Frame, JsValue> {
    Frame::new(text, tape).map_err(|_| invalid_option("the value could not be read"))
}

/// A report.
#[wasm_bindgen(js_name = validate)]
pub fn validate_frame(text: String, tape: &[i32], options: JsValue) -> Result<JsValue, JsValue> {
    let options = options::check_options(options)?;
    Ok(to_js(&validate::validate(frame(text, tape)?.root(), options)))
}

/// The body as a string, or a failure as an object: a rejected message is a result here, which costs a sixth of an
/// exception.
#[wasm_bindgen(js_name = encode)]
pub fn encode_frame(text: String, tape: &[i32], options: JsValue) -> Result<JsValue, JsValue> {
    let options = options::check_options(options)?;
    Ok(match encode::encode(frame(text, tape)?.root(), options) {
        Ok(body) => body.into(),
        Err(error) => invalid_message(&error),
    })
}

/// The built message or thread as JSON, or a failure as an object.
#[wasm_bindgen(js_name = build)]
pub fn build(what: &str, text: String, tape: &[i32], options: JsValue) -> Result<JsValue, JsValue> {
    let options = options::check_options(options)?;
    let frame = frame(text, tape)?;
    let built = match what {
        "activity" => message_from_parts(frame.root(), Event::Activity, options),
        "discussion" => message_from_parts(frame.root(), Event::Discussion, options),
        "message" => message_from_parts(frame.root(), Event::Message, options),
        _ => thread_from_parts(frame.root()),
    };
    Ok(match built {
        Ok((value, _)) => {
            let mut json = String::new();
            write_json(&value, &mut json);
            json.into()
        }
        Err(error) => invalid_message(&error),
    })
}

/// The violations of a title.
#[wasm_bindgen(js_name = checkTitle)]
pub fn check_title(html: &str) -> JsValue {
    to_js(validate::check_title(html).violations())
}

/// The violations of a body.
#[wasm_bindgen(js_name = checkBody)]
pub fn check_body(html: &str) -> JsValue {
    to_js(validate::check_body(html).violations())
}

/// A title with nothing in it but what is allowed.
#[wasm_bindgen(js_name = sanitizeTitle)]
pub fn sanitize_title(html: &str) -> String {
    html::sanitize(html, &html::TITLE)
}

/// A body with nothing in it but what is allowed.
#[wasm_bindgen(js_name = sanitizeBody)]
pub fn sanitize_body(html: &str) -> String {
    html::sanitize(html, &html::BODY)
}

/// Text as HTML.
#[wasm_bindgen(js_name = escapeHtml)]
pub fn escape_html(text: &str) -> String {
    html::escape(text)
}

/// Throws what is wrong with the options of a client.
#[wasm_bindgen(js_name = checkClient)]
pub fn check_client(options: JsValue) -> Result<(), JsValue> {
    options::client(options).map(|_| ())
}
