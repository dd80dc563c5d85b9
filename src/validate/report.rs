//! Violations and reports: a violation is one broken rule, a report lists all of them.

use std::fmt;

use serde::Serialize;

use crate::error::{Code, Severity};
use crate::json::Position;
use crate::text::{digits, fill};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// The path of the value that breaks the rule: a JSON Pointer into the message, and `""` for the message itself.
    pub path: String,
    /// The rule that is broken.
    pub code: Code,
    /// Whether the violation stops the message.
    pub severity: Severity,
    /// The violation in words: a lower-case sentence without a full stop and without the path.
    pub message: String,
    /// The words, elements, schemes or keys that would be allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<&'static [&'static str]>,
    /// The largest number that is allowed, in the unit of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// What was found instead. It is never a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<Actual>,
    /// Where the violation begins in the value, in UTF-16 code units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// The length of the violation in the value, in UTF-16 code units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<usize>,
    /// What was probably meant: a path or a word to use instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The position in the JSON text; only [`validate_json`](crate::validate_json) sets it. It is the position of the
    /// value, of an unknown key, or of a tag or attribute of HTML. For a missing key it is the position of the object
    /// that lacks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Position>,
}

/// What was found: a number in the unit of the limit, or a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Actual {
    /// A number, such as the number of characters.
    Number(usize),
    /// A word, such as a type or an element.
    Text(String),
}

impl Violation {
    /// Makes a violation without the optional values.
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
    /// Returns what the violation is about, for a sentence.
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

/// Every rule that a value breaks, at most 1000 of them; if these are all warnings, the first error as well. Violations of keys come in the order of the keys in the value,
/// and missing keys come after them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    violations: Vec<Violation>,
}

impl Report {
    pub(super) fn new(violations: Vec<Violation>) -> Self {
        Self { violations }
    }

    /// Sets the position of the only violation.
    pub(super) fn set_position(&mut self, at: Position) {
        self.violations.iter_mut().for_each(|violation| violation.at = Some(at));
    }

    /// Whether the value may be encoded and posted: no violation is an error.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.violations.iter().all(|violation| violation.severity == Severity::Warning)
    }

    /// Returns the violations: errors and warnings.
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

/// The error for a message that is refused before anything is done with it. The report says why.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidMessage {
    /// The violations. At least one of them is an error.
    pub report: Report,
}

impl InvalidMessage {
    /// Returns the whole error as a sentence.
    pub(crate) fn sentence(&self) -> String {
        // A sentence names at most 8 violations. The report has them all.
        const ENOUGH: usize = 8;
        let all = self.report.violations();
        let errors = || all.iter().filter(|violation| violation.severity == Severity::Error);
        // A key that is missing was probably written under one of these unknown keys.
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
