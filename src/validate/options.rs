//! How a message is checked.

use crate::schema::{Need, Rule};

/// How a message is checked. An option never weakens a rule without being asked to.
///
/// ```
/// use flowdock_integration::Options;
/// let options = Options::default().thread_optional();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub(crate) thread_optional: bool,
    pub(crate) event: Option<&'static str>,
}

impl Options {
    /// Allows a missing `thread`, for a thread that exists already. By default an activity and a discussion need a
    /// thread (seen: existing clients leave it out).
    #[must_use]
    pub const fn thread_optional(self) -> Self {
        Self { thread_optional: true, ..self }
    }

    /// Whether a key must be present in an object, with these options.
    pub(super) fn need(self, rule: &Rule, column: usize) -> Need {
        match rule.need(column) {
            Need::RequiredByDefault if self.thread_optional => Need::Optional,
            Need::RequiredByDefault => Need::Required,
            need => need,
        }
    }

    /// Allows one event only. The builder of an event uses it.
    pub(crate) const fn event(self, event: &'static str) -> Self {
        Self { event: Some(event), ..self }
    }
}
