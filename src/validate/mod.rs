//! Checks a value by the rules and reports every violation at once.

mod format;
mod options;
mod path;
mod report;
mod walk;

pub(crate) use format::is_http_url;
pub use options::Options;
pub use report::{Actual, InvalidMessage, Report, Violation};

use serde::Serialize;

use crate::error::{Code, Severity};
use crate::html::Policy;
use crate::json::{InvalidJson, Positions, Value, read};
use crate::schema::{self, Object};
use crate::text::fill;
use walk::Walker;

/// Checks a message and lists every rule that it breaks, wrong types and unknown keys included. The message may be any
/// value that serialises.
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
pub fn validate<T: Serialize + ?Sized>(message: &T, options: Options) -> Report {
    let text = match to_json(message) {
        Ok(text) => text,
        Err(error) => return error.report,
    };
    read(&text).map_or_else(|error| not_read(error).report, |document| check(document.root(), options))
}

/// Checks a message that is JSON text. Each violation has its [position](Violation::at) in the text. A text that is no
/// JSON has one violation, [`Code::InvalidJson`]. A known key that stands twice in an object is a violation
/// as well.
///
/// ```
/// use flowdock_integration::{Code, Options, validate_json};
/// let report = validate_json("{\n  \"event\": \"mesage\"\n}", Options::default());
/// let at = report.violations()[0].at.unwrap();
/// assert_eq!((at.line, at.column, at.offset), (2, 12, 13));
/// assert_eq!(validate_json("{", Options::default()).violations()[0].code, Code::InvalidJson);
/// ```
pub fn validate_json(text: &str, options: Options) -> Report {
    match read(text) {
        Ok(document) => {
            let mut walker = Walker::new(options);
            walker.root(document.root(), &schema::MESSAGE);
            walker.into_report_with_positions(&document)
        }
        Err(error) => {
            let mut report = not_read(error).report;
            report.set_position(Positions::new(text).find(error.at));
            report
        }
    }
}

/// Returns the JSON text of a caller's value. A value that does not serialise breaks a rule, for example a map whose keys are no
/// strings.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, InvalidMessage> {
    serde_json::to_string(value)
        .map_err(|error| refused(Code::InvalidType, fill("does not serialise as JSON: %", &[&error.to_string()])))
}

/// Returns the report on a text that is no JSON.
pub(crate) fn not_read(error: InvalidJson) -> InvalidMessage {
    refused(Code::InvalidJson, fill("is no JSON: expected %", &[error.expected]))
}

/// Returns the report of one violation of the whole message.
fn refused(code: Code, sentence: String) -> InvalidMessage {
    let violation = Violation::new(String::new(), code, Severity::Error, sentence);
    InvalidMessage { report: Report::new(vec![violation]) }
}

/// Checks a message whose JSON text was read.
pub(crate) fn check(message: Value<'_>, options: Options) -> Report {
    walk(message, &schema::MESSAGE, options)
}

/// Checks a thread without its message, after its JSON text was read. The paths begin at the thread.
pub(crate) fn check_thread(thread: Value<'_>) -> Report {
    walk(thread, &schema::THREAD, Options::default())
}

fn walk(value: Value<'_>, object: &'static Object, options: Options) -> Report {
    let mut walker = Walker::new(options);
    walker.root(value, object);
    walker.into_report()
}

/// Checks a title without its message: HTML that allows `a` only. The paths of the violations are empty.
///
/// ```
/// let report = flowdock_integration::check_title("merged <b>#42</b>");
/// assert_eq!(report.violations()[0].offset, Some(7));
/// ```
#[must_use]
pub fn check_title(html: &str) -> Report {
    check_html(html, &crate::html::TITLE)
}

/// Checks a body without its message. The paths of the violations are empty.
///
/// ```
/// let report = flowdock_integration::check_body("Body with <b>HTML<b> formatting");
/// assert!(report.is_valid()); // two warnings: a browser repairs it
/// ```
#[must_use]
pub fn check_body(html: &str) -> Report {
    check_html(html, &crate::html::BODY)
}

fn check_html(html: &str, policy: &'static Policy) -> Report {
    let mut walker = Walker::new(Options::default());
    walker.fragment(html, policy);
    walker.into_report()
}

/// A value that was checked and is valid. Code that gets one need not check it again.
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

    /// Returns the warnings: what is allowed and is probably a mistake.
    #[must_use]
    pub fn warnings(&self) -> &Report {
        &self.warnings
    }

    /// Returns the value, so that it can be changed and checked again.
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
