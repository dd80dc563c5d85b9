//! The path to a value: a chain on the stack, which becomes text only for a violation.

use crate::bytes::ByteSet;
use crate::text::{digits, replace};

/// The path to the current value: its last step, and the path to the value around it. Each path is on the stack of
/// the function that took the step. It becomes a JSON Pointer only for a violation.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    pub above: Option<&'p Path<'p>>,
    step: Step<'p>,
    /// The byte index in the text that the position of a violation at this path is made from.
    pub start: usize,
}

/// A step into an object or an array.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub const fn root(start: usize) -> Self {
        Self { above: None, step: Step::Index(0), start }
    }

    /// Returns the path to a value inside the object or array at this path.
    pub const fn to(&'p self, step: Step<'p>, start: usize) -> Self {
        Self { above: Some(self), step, start }
    }

    /// Returns the same path, of which a violation is shown at another byte of the text.
    pub const fn shown_at(self, start: usize) -> Self {
        Self { start, ..self }
    }

    /// Whether this is the path of the message's event.
    pub fn is_event(&self) -> bool {
        self.step == Step::Key("event") && self.above.is_some_and(|above| above.above.is_none())
    }

    /// Returns the path as a JSON Pointer, in which two characters are escaped (RFC 6901).
    pub fn pointer(&self) -> String {
        static ESCAPED: ByteSet = ByteSet::of(b"~/");
        let Some(above) = self.above else { return String::new() };
        let mut pointer = above.pointer();
        pointer.push('/');
        match self.step {
            Step::Index(index) => pointer.push_str(&digits(index)),
            Step::Key(key) if !ESCAPED.is_in(key) => pointer.push_str(key),
            Step::Key(key) => replace(&mut pointer, key, &|byte| match byte {
                b'~' => Some("~0"),
                b'/' => Some("~1"),
                _ => None,
            }),
        }
        pointer
    }
}
