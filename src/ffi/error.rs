//! Why a call fails, and the JSON that a `FlowdockError` is made of.

use super::answer::{failure, field_errors, optional, violations};
use crate::action::ActionError;
use crate::error::ErrorCode;
use crate::http::InvalidOption;
use crate::json::{InvalidJson, Writer};
use crate::setup::SetupError;
use crate::validate::InvalidMessage;

/// Why a call failed.
#[derive(Debug)]
pub enum CallError {
    /// The message breaks a rule.
    InvalidMessage(InvalidMessage),
    /// An option or an argument cannot be used; a sentence says why.
    InvalidOption(String),
    /// A request that sets something up brought nothing.
    Setup(SetupError),
    /// An action is not Flowdock's.
    Action(ActionError),
}

impl CallError {
    /// The error as JSON: `code`, `message`, `retryable` and what belongs to its kind.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Writer::default();
        match self {
            Self::InvalidMessage(error) => {
                failure(&mut json, None, ErrorCode::InvalidMessage, &error.sentence(), false);
                violations(&mut json, Some("violations"), &error.report);
            }
            Self::InvalidOption(sentence) => failure(&mut json, None, ErrorCode::InvalidOption, sentence, false),
            Self::Setup(error) => {
                failure(&mut json, None, error.code, error.sentence(), error.retryable);
                optional(&mut json, "status", error.status.map(usize::from));
                field_errors(&mut json, &error.field_errors);
            }
            Self::Action(error) => failure(&mut json, None, error.code, error.sentence(), false),
        }
        json.end_object();
        json.text()
    }
}

impl From<InvalidMessage> for CallError {
    fn from(error: InvalidMessage) -> Self {
        Self::InvalidMessage(error)
    }
}

impl From<InvalidOption> for CallError {
    fn from(error: InvalidOption) -> Self {
        Self::InvalidOption(error.sentence())
    }
}

impl From<SetupError> for CallError {
    fn from(error: SetupError) -> Self {
        Self::Setup(error)
    }
}

impl From<ActionError> for CallError {
    fn from(error: ActionError) -> Self {
        Self::Action(error)
    }
}

/// Of an argument that is no JSON, which `pkg-template/src/wasm/json-text.js` does not write.
impl From<InvalidJson> for CallError {
    fn from(_: InvalidJson) -> Self {
        Self::InvalidOption("the arguments could not be read".to_owned())
    }
}
