//! What a user can do with an item from within Flowdock, in the format of schema.org.

use serde::{Deserialize, Serialize};

/// An action of a thread (docs).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "@type")]
pub enum Action {
    /// A link that the user opens.
    ViewAction {
        /// The text of the action, as plain text.
        name: String,
        /// The URL of the link: an absolute http or https URL.
        url: String,
        /// What the action does, in a sentence.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// A picture for the action: an absolute http or https URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image: Option<String>,
    },
    /// A request that Flowdock sends to your service.
    UpdateAction {
        /// The text of the action, as plain text.
        name: String,
        /// The request that Flowdock sends.
        target: EntryPoint,
    },
}

/// The request of an UpdateAction (docs).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "@type")]
pub struct EntryPoint {
    /// The URL of the request: an absolute http or https URL that may contain expressions in braces.
    #[serde(rename = "urlTemplate")]
    pub url_template: String,
    /// The HTTP method of the request.
    #[serde(rename = "httpMethod")]
    pub http_method: HttpMethod,
}

/// The methods that the request of an UpdateAction can have (docs, ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the name of each variant says it all")]
pub enum HttpMethod {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Action {
    /// Makes a ViewAction: a link that the user opens.
    #[must_use]
    pub fn view(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self::ViewAction { name: name.into(), url: url.into(), description: None, image: None }
    }

    /// Makes an UpdateAction: a request that Flowdock sends to your service.
    ///
    /// ```
    /// use flowdock_integration::{Action, HttpMethod};
    /// let action = Action::update("Assign to me", "https://example.com/tickets/42/assign", HttpMethod::Post);
    /// ```
    #[must_use]
    pub fn update(name: impl Into<String>, url_template: impl Into<String>, http_method: HttpMethod) -> Self {
        let target = EntryPoint { url_template: url_template.into(), http_method };
        Self::UpdateAction { name: name.into(), target }
    }
}
