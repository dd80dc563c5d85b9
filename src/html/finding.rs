//! What can be wrong with a fragment, and the error message for each fault.

use super::element::Element;
use super::policy::{Policy, scheme_of};
use crate::error::{Code, Severity};
use crate::text::{fill, shorten};

/// One fault of a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken.
    pub code: Code,
    /// Whether it stops the message.
    pub severity: Severity,
    /// Where the fault begins, in UTF-16 code units of the fragment.
    pub offset: usize,
    /// The length of the fault, in UTF-16 code units.
    pub length: usize,
    /// A sentence for people.
    pub message: String,
    /// What would be allowed instead.
    pub allowed: Option<&'static [&'static str]>,
    /// The element, attribute or scheme that was found.
    pub actual: Option<String>,
}

/// A range of the fragment, in bytes: its start and its end.
pub(super) type ByteRange = (usize, usize);

/// A fault. Its texts are slices of the fragment.
#[derive(Clone, Copy)]
pub(super) enum Fault<'a> {
    Malformed(&'static str),
    Nul,
    /// Text that is in a table outside its cells.
    TextBesideCells,
    BesideCells(Element),
    TooDeep(Element),
    OutsideTable(Element),
    OutsideList(Element),
    ClosedEarly(Element),
    /// An end tag without a start tag.
    NoStartTag(&'a str),
    /// An end tag in a body that would close an element around the fragment.
    Escapes(Element),
    NothingToEnd(Element),
    EndsAnother(Element, Element),
    TagNotAllowed(&'a str),
    AttributeOnEndTag(&'a str),
    AttributeNotAllowed(&'a str, Element),
    AttributeTwice(&'a str, Element),
    UrlNotAllowed(&'a str, &'a str, &'static [&'static str]),
}

impl Fault<'_> {
    pub fn code(self) -> Code {
        match self {
            Fault::Malformed(_) | Fault::Nul => Code::HtmlMalformed,
            Fault::TextBesideCells
            | Fault::BesideCells(_)
            | Fault::OutsideList(_)
            | Fault::ClosedEarly(_)
            | Fault::NoStartTag(_)
            | Fault::NothingToEnd(_)
            | Fault::EndsAnother(..) => Code::HtmlUnbalanced,
            Fault::TooDeep(_) | Fault::OutsideTable(_) | Fault::Escapes(_) => Code::HtmlNotContained,
            Fault::TagNotAllowed(_) => Code::HtmlTagNotAllowed,
            Fault::AttributeOnEndTag(_) | Fault::AttributeNotAllowed(..) | Fault::AttributeTwice(..) => {
                Code::HtmlAttributeNotAllowed
            }
            Fault::UrlNotAllowed(..) => Code::HtmlUrlNotAllowed,
        }
    }

    pub fn severity(self, policy: &Policy) -> Severity {
        match self.code() {
            Code::HtmlUnbalanced if !policy.strict_balance => Severity::Warning,
            code => code.severity(),
        }
    }

    /// Returns the finding of a fault. Its offset and length are not set.
    pub fn finding(self, policy: &'static Policy, (start, end): ByteRange) -> Finding {
        let mut allowed = None;
        // Whether the first name of the error message is what was found.
        let mut found = false;
        let scheme;
        let (message, first, second) = match self {
            Fault::Malformed(what) => ("% is not allowed in %", what, policy.place),
            Fault::Nul => ("a NUL character is not allowed", "", ""),
            Fault::TextBesideCells => {
                ("text in a table must be in a cell: a browser moves it before the table", "", "")
            }
            Fault::BesideCells(element) => {
                ("`<%>` in a table must be in a cell: a browser moves it before the table", element.name(), "")
            }
            Fault::TooDeep(element) => {
                ("`<%>` is nested deeper than 512 elements: browsers put it elsewhere", element.name(), "")
            }
            Fault::OutsideTable(element) => {
                ("`<%>` is outside a table: it would join a table around the message", element.name(), "")
            }
            Fault::OutsideList(element) => {
                ("`<%>` is outside a list: it would close a list item around the message", element.name(), "")
            }
            Fault::ClosedEarly(element) => {
                found = true;
                ("`<%>` is not closed by its own end tag", element.name(), "")
            }
            Fault::NoStartTag(name) => ("`</%>` has no start tag here", name, ""),
            Fault::Escapes(element) => {
                ("`</%>` has no start tag here: it would close what stands outside", element.name(), "")
            }
            Fault::NothingToEnd(element) => ("`</%>` has nothing to end here", element.name(), ""),
            Fault::EndsAnother(element, other) => ("`</%>` ends the `<%>` here", element.name(), other.name()),
            Fault::TagNotAllowed(name) => {
                found = true;
                allowed = Some(policy.elements);
                match policy.elements {
                    [_] => ("`<%>` is not allowed in %, only `a` is", name, policy.place),
                    _ => ("`<%>` is not allowed in %", name, policy.place),
                }
            }
            Fault::AttributeOnEndTag(name) => {
                found = true;
                ("`%` stands on an end tag, which has no attributes", name, "")
            }
            Fault::AttributeNotAllowed(name, element) => {
                found = true;
                ("`%` is not allowed on `<%>`", name, element.name())
            }
            Fault::AttributeTwice(name, element) => {
                found = true;
                ("`%` stands twice on `<%>`", name, element.name())
            }
            Fault::UrlNotAllowed(name, url, schemes) => {
                allowed = Some(schemes);
                scheme = scheme_of(url);
                match &scheme {
                    Some(scheme) => {
                        found = true;
                        ("the scheme `%` is not allowed in `%`", scheme.as_str(), name)
                    }
                    None => ("`%` must be an absolute URL", name, ""),
                }
            }
        };
        let first = if matches!(self, Fault::Malformed(_)) { first.to_owned() } else { shorten(first) };
        let message = fill(message, &[&first, second]);
        let (code, severity) = (self.code(), self.severity(policy));
        Finding { code, severity, offset: start, length: end - start, message, allowed, actual: found.then_some(first) }
    }
}
