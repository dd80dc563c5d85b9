//! Failures on their way to JavaScript, where `FlowdockError` is made of them.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::error::ErrorCode;
use crate::validate::{InvalidMessage, Violation};

/// A plain value of anything that can be serialised. Nothing here fails to.
pub fn to_js(value: &(impl Serialize + ?Sized)) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or(JsValue::UNDEFINED)
}

/// The failure of a message that breaks a rule.
pub fn invalid_message(error: &InvalidMessage) -> JsValue {
    failure(ErrorCode::InvalidMessage, error.to_string(), Some(error.report.violations()))
}

/// The failure of an option or an argument that cannot be used.
pub fn invalid_option(error: impl ToString) -> JsValue {
    failure(ErrorCode::InvalidOption, error.to_string(), None)
}

fn failure(code: ErrorCode, message: String, violations: Option<&[Violation]>) -> JsValue {
    #[derive(Serialize)]
    struct Failure<'a> {
        code: ErrorCode,
        message: String,
        retryable: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        violations: Option<&'a [Violation]>,
    }
    to_js(&Failure { code, message, retryable: false, violations })
}
