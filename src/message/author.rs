//! The author of a message.

use serde::{Deserialize, Serialize};

/// Who did something (guide). A name alone is enough: `"Marty".into()`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The person's name, as plain text.
    pub name: String,
    /// The person's picture: an absolute http or https URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// The person's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Author {
    /// Makes an author from a name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), avatar: None, email: None }
    }

    /// Sets the URL of the author's picture.
    #[must_use]
    pub fn avatar(mut self, url: impl Into<String>) -> Self {
        self.avatar = Some(url.into());
        self
    }

    /// Sets the author's e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }
}

impl From<&str> for Author {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Author {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}
