//! The latest state of an item of the integrated service.

use serde::{Deserialize, Serialize};

use super::Action;

/// An item of the integrated service, which is a thread in Flowdock (guide). Each message sends the whole thread: what
/// it leaves out disappears from the thread.
///
/// ```
/// use flowdock_integration::{Action, Color, Thread};
/// let thread = Thread::new("Polish the flux capacitor")
///     .body("It has been in storage for <b>30 years</b>.")
///     .external_url("https://example.com/projects/bttf/tickets/1234567")
///     .status("open", Color::Green)
///     .field("Dustiness", 5)
///     .action(Action::view("Photos", "https://example.com/photos"));
/// assert_eq!(thread.fields[0].value, "5");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// The name of the item, as HTML that allows `a` only.
    pub title: String,
    /// The description of the item, as HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The page of the item in its own service: an absolute http or https URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
    /// The status of the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// More details about the item, as labels and values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// The actions that a user can take on the item from within Flowdock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

/// The status of an item (guide).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The text of the status, as plain text.
    pub value: String,
    /// The background colour of the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
}

/// The colours that a status can have (docs).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the name of each variant says it all")]
pub enum Color {
    Red,
    Green,
    Yellow,
    Cyan,
    Orange,
    Grey,
    Black,
    Lime,
    Purple,
    Blue,
}

/// A label and its value (guide).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The label, as HTML that allows `a` only.
    pub label: String,
    /// The value, as HTML that allows `a` only.
    #[serde(default)]
    pub value: String,
}

impl Thread {
    /// Makes a thread with a title: HTML that allows `a` only.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Sets the description of the item, as HTML.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets the page of the item in its own service: an absolute http or https URL.
    #[must_use]
    pub fn external_url(mut self, url: impl Into<String>) -> Self {
        self.external_url = Some(url.into());
        self
    }

    /// Sets the status of the item. `None` means no colour.
    #[must_use]
    pub fn status(mut self, value: impl Into<String>, color: impl Into<Option<Color>>) -> Self {
        self.status = Some(Status { value: value.into(), color: color.into() });
        self
    }

    /// Adds a field. Numbers and booleans are written as strings.
    #[must_use]
    pub fn field(mut self, label: impl Into<String>, value: impl ToString) -> Self {
        self.fields.push(Field { label: label.into(), value: value.to_string() });
        self
    }

    /// Adds an action that a user can take on the item.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }
}
