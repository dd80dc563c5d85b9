//! What is found: a violation is one broken rule, a report is all of them.

use std::fmt;

use serde::Serialize;

use crate::error::{Code, Severity};
use crate::json::Position;
use crate::text::{digits, fill};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// Where: a JSON Pointer into the message, `""` for the message itself.
    pub path: String,
    /// Which rule.
    pub code: Code,
    /// Whether it stops the message.
    pub severity: Severity,
    /// The same for a person: a lower-case sentence without a full stop and without the path.
    pub message: String,
    /// The words, elements, schemes or keys that would be allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<&'static [&'static str]>,
    /// The most that is allowed, in the unit of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// What was found instead. Never a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<Actual>,
    /// Where in the value, in UTF-16 code units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// How long, in UTF-16 code units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<usize>,
    /// What was probably meant: a path or a word to put in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where in the JSON text, from [`validate_json`](crate::validate_json) alone: the value, the key of an unknown one, the tag or
    /// attribute of HTML, and of a missing key the object that lacks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Position>,
}

/// What was found: a number in the unit of the limit, or a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Actual {
    /// A number, such as how many characters.
    Number(usize),
    /// A word, such as a type or an element.
    Text(String),
}

impl Violation {
    /// A violation that carries no more than this.
    pub(super) fn new(path: String, code: Code, severity: Severity, message: String) -> Self {
        Self {
            path,
            code,
            severity,
            message,
            allowed: None,
            limit: None,
            actual: None,
            offset: None,
            length: None,
            hint: None,
            at: None,
        }
    }
}

impl Violation {
    /// What it is about, for a person.
    fn subject(&self) -> &str {
        if self.path.is_empty() { "the message" } else { &self.path }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.subject())?;
        f.write_str(": ")?;
        f.write_str(&self.message)
    }
}

/// Every rule that a value breaks, at most a thousand times; the rules that concern a key stand in the order of the keys, those for missing keys
/// after them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    violations: Vec<Violation>,
}

impl Report {
    pub(super) fn new(violations: Vec<Violation>) -> Self {
        Self { violations }
    }

    /// Says where in the text the one violation stands.
    pub(super) fn set_position(&mut self, at: Position) {
        self.violations.iter_mut().for_each(|violation| violation.at = Some(at));
    }

    /// Whether the value may be encoded and posted: no violation is an error.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.violations.iter().all(|violation| violation.severity == Severity::Warning)
    }

    /// Errors and warnings.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}

impl Serialize for Report {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut report = serializer.serialize_struct("Report", 2)?;
        report.serialize_field("valid", &self.is_valid())?;
        report.serialize_field("violations", &self.violations)?;
        report.end()
    }
}

/// A message was refused before anything was done with it; the report says why.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidMessage {
    /// At least one of its violations is an error.
    pub report: Report,
}

impl InvalidMessage {
    /// All of it in a sentence.
    pub(crate) fn sentence(&self) -> String {
        // The report has them all; a sentence of more helps nobody.
        const ENOUGH: usize = 8;
        let all = self.report.violations();
        let errors = || all.iter().filter(|violation| violation.severity == Severity::Error);
        // Where something is missing, this is probably where it went.
        let hints = all.iter().filter(|violation| violation.severity == Severity::Warning && violation.hint.is_some());
        let count = errors().count();
        let mut sentence = String::from("the message breaks ");
        match count {
            1 => sentence.push_str("a rule"),
            _ => sentence.push_str(&fill("% rules", &[&digits(count)])),
        }
        let mut separator = ": ";
        for violation in errors().take(ENOUGH) {
            sentence.push_str(&fill("%%: %", &[separator, violation.subject(), &violation.message]));
            separator = "; ";
        }
        if count > ENOUGH {
            sentence.push_str("; …");
        }
        for violation in hints.take(ENOUGH) {
            sentence.push_str(&fill("; %: %", &[violation.subject(), &violation.message]));
        }
        sentence
    }
}

impl fmt::Display for InvalidMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl std::error::Error for InvalidMessage {}
