//! The tokens for a user's permission: the answer of the token endpoint.

use std::fmt;

use super::form;
use super::request::{Answer, SetupError};
use crate::error::ErrorCode;
use crate::http::{Failure, with_body};
use crate::json::{Node, Value};
use crate::text::{cut, decimal, fill, pieces};

/// The tokens for a user's permission. Store them where nobody else can read them. Their `Debug` shows no token.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The access token. It opens the API for the user who gave the permission.
    pub access_token: String,
    /// The refresh token, with which the next access token is requested. The server sends one only with the scope
    /// `offline_access` (docs). If the answer to a refresh contains none, the old one stays valid. If it contains one,
    /// the old one is no longer valid.
    pub refresh_token: Option<String>,
    /// For how many seconds the access token is valid.
    pub expires_in: Option<u32>,
    /// The scopes that the user allowed. If the server does not name them, the list is empty, and the user allowed what
    /// was asked for (RFC 6749, section 5.1).
    pub scope: Vec<String>,
}

impl Tokens {
    /// Reads an answer, which is JSON or a form.
    pub(crate) fn of(body: Value<'_>) -> Option<Self> {
        let part = |name: &str| {
            let part = match body.node() {
                Node::String(text) => form::value(text, name),
                _ => body.part(name).and_then(|part| match part.node() {
                    Node::Number(number) => Some(number.to_owned()),
                    _ => part.text().map(str::to_owned),
                }),
            };
            part.filter(|part| !part.is_empty())
        };
        if part("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return None;
        }
        let scope = part("scope").unwrap_or_default();
        if let Some(Node::Array(_) | Node::Object(_)) = body.part("scope").map(Value::node) {
            return None;
        }
        // The scopes are separated by commas (docs), or by spaces as in RFC 6749.
        let names = pieces(&scope, b',').flat_map(|names| pieces(names, b' '));
        Some(Self {
            access_token: part("access_token")?,
            refresh_token: part("refresh_token"),
            expires_in: part("expires_in")
                .and_then(|seconds| decimal(cut(&seconds, b'.').map_or(&*seconds, |(whole, _)| whole))),
            scope: names.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        })
    }

    /// Checks that the user allowed all of these scopes.
    ///
    /// # Errors
    /// `scope_missing`. The error names the first scope that is missing.
    pub fn require<'a>(&self, scope: impl IntoIterator<Item = &'a str>) -> Result<(), SetupError> {
        match scope.into_iter().find(|wanted| !self.scope.iter().any(|name| name == wanted)) {
            Some(missing) if !self.scope.is_empty() => {
                let message = fill("the user did not allow `%`: ask for it in `authorizeUrl`", &[missing]);
                Err(SetupError::new(Failure::new(ErrorCode::ScopeMissing, message)))
            }
            _ => Ok(()),
        }
    }
}

impl Answer for Tokens {
    fn read(body: &str) -> Option<Self> {
        with_body(body, Self::of)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expires_in = &self.expires_in;
        f.debug_struct("Tokens").field("expires_in", expires_in).field("scope", &self.scope).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Tokens};

    #[test]
    fn answers_are_read_as_json_and_as_a_form() {
        for body in [
            r#"{"access_token":"a/1","token_type":"bearer","expires_in":3600,"scope":"flow,integration","refresh_token":"r"}"#,
            r#"{"access_token":"a/1","token_type":"BEARER","expires_in":"3600","scope":"flow integration","refresh_token":"r"}"#,
            "access_token=a%2F1&token_type=Bearer&expires_in=3600&scope=flow%2Cintegration&refresh_token=r",
            "access_token=a%2F1&expires_in=3600&scope=flow+integration&refresh_token=r",
        ] {
            let tokens = Tokens::read(body).unwrap();
            assert_eq!((tokens.access_token.as_str(), tokens.refresh_token.as_deref()), ("a/1", Some("r")), "{body}");
            assert_eq!((tokens.expires_in, tokens.scope.join("+")), (Some(3600), "flow+integration".into()), "{body}");
            assert!(tokens.require(["integration", "flow"]).is_ok());
            assert_eq!(tokens.require(["integration", "manage"]).unwrap_err().code.as_str(), "scope_missing");
            assert!(!format!("{tokens:?}").contains("a/1"));
        }
    }

    #[test]
    fn an_answer_without_a_bearer_token_is_refused() {
        for body in [
            "",
            "{}",
            "[]",
            "null",
            "<html>",
            r#"{"access_token":""}"#,
            r#"{"access_token":null}"#,
            r#"{"access_token":{"a":1}}"#,
            r#"{"access_token":"a","scope":["flow"]}"#,
            r#"{"access_token":"a","token_type":"mac"}"#,
            "access_token=&token_type=bearer",
        ] {
            assert_eq!(Tokens::read(body), None, "{body}");
        }
    }
}
