//! Checks a value by the rules and reports every violation at once.
//!
//! [`Value`] is all that is known of the value.

mod format;
mod plain;
mod report;
mod walk;

pub(crate) use format::is_http_url;
pub use report::{Actual, InvalidMessage, Report, Violation};

use crate::html::Policy;
use crate::schema::{self, Need, Object, Rule};
use crate::value::{Value, in_frame};
use walk::Walker;

/// How a message is checked. Nothing here weakens a rule in silence.
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
    /// Lets `thread` be missing, for a thread that exists already. By default an activity and a discussion need one
    /// (seen: existing clients leave it out).
    #[must_use]
    pub const fn thread_optional(self) -> Self {
        Self { thread_optional: true, ..self }
    }

    /// Whether a key must stand in an object.
    fn need(self, rule: &Rule, column: usize) -> Need {
        match rule.need(column) {
            Need::RequiredByDefault if self.thread_optional => Need::Optional,
            Need::RequiredByDefault => Need::Required,
            need => need,
        }
    }

    /// Allows one event only, as a builder does.
    pub(crate) const fn event(self, event: &'static str) -> Self {
        Self { event: Some(event), ..self }
    }
}

/// Checks a message and lists every rule that it breaks, wrong types and unknown keys included.
///
/// A message with warnings only is valid.
///
/// ```
/// use flowdock_integration::{Code, Options, validate};
/// let message = serde_json::json!({ "event": "message", "content": " ", "external_thread_id": "42" });
/// let report = validate(&message, Options::default());
/// assert!(!report.is_valid());
/// assert_eq!(report.violations()[0].code, Code::Required);
/// assert_eq!(report.violations()[0].to_string(), "/content: can't be blank");
/// ```
pub fn validate<'a>(message: impl Value<'a>, options: Options) -> Report {
    check(message, &schema::MESSAGE, options)
}

/// Checks a thread by itself, as it stands in a message; the paths begin at the thread.
pub fn validate_thread<'a>(thread: impl Value<'a>) -> Report {
    check(thread, &schema::THREAD, Options::default())
}

/// Checks a title by itself, an HTML text that allows `a` only; the violations' paths are empty.
///
/// ```
/// let report = flowdock_integration::check_title("merged <b>#42</b>");
/// assert_eq!(report.violations()[0].offset, Some(7));
/// ```
#[must_use]
pub fn check_title(html: &str) -> Report {
    check_html(html, &crate::html::TITLE)
}

/// Checks a body by itself; the violations' paths are empty.
///
/// ```
/// let report = flowdock_integration::check_body("Body with <b>HTML<b> formatting");
/// assert!(report.is_valid()); // two warnings: a browser mends it
/// ```
#[must_use]
pub fn check_body(html: &str) -> Report {
    check_html(html, &crate::html::BODY)
}

fn check_html(html: &str, policy: &'static Policy) -> Report {
    let mut walker = Walker::new(Options::default());
    walker.html(html, policy);
    walker.into_report()
}

/// Whether a message goes the short way.
#[cfg(test)]
pub(crate) fn is_plain(message: crate::value::FrameValue<'_>, options: Options) -> bool {
    plain::is_plain(message, &schema::MESSAGE, options)
}

/// What the long way says of a message.
#[cfg(test)]
pub(crate) fn validate_all<'a>(message: impl Value<'a>, options: Options) -> Report {
    walk(message, &schema::MESSAGE, options)
}

fn check<'a>(value: impl Value<'a>, object: &'static Object, options: Options) -> Report {
    in_frame(value, |value| {
        if plain::is_plain(value, object, options) { Report::default() } else { walk(value, object, options) }
    })
}

fn walk<'a>(value: impl Value<'a>, object: &'static Object, options: Options) -> Report {
    let mut walker = Walker::new(options);
    walker.root(value, object);
    walker.into_report()
}

/// A value that was checked: whoever holds one need not check it again.
///
/// ```
/// use flowdock_integration::{Activity, Thread};
/// let activity = Activity::builder()
///     .title("updated ticket")
///     .author("Marty")
///     .external_thread_id("1234567")
///     .thread(Thread::new("Polish the flux capacitor"))
///     .build()?; // a Valid<Activity>
/// assert_eq!(activity.title, "updated ticket");
/// # Ok::<(), flowdock_integration::InvalidMessage>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Valid<T> {
    value: T,
    warnings: Report,
}

impl<T> Valid<T> {
    pub(crate) fn new(value: T, warnings: Report) -> Self {
        Self { value, warnings }
    }

    /// What is probably not meant, though it is allowed.
    #[must_use]
    pub fn warnings(&self) -> &Report {
        &self.warnings
    }

    /// The value, to be changed and checked again.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> std::ops::Deref for Valid<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
