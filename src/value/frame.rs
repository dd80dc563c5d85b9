//! A JSON value laid out flat: all its text in one string, and a *tape* of numbers in the order of a walk through it.
//!
//! A JavaScript value comes over as one, packed by `pkg-template/src/wasm/frame.js`, and a builder writes one. On the tape stands for
//! a value:
//!
//! | numbers | mean |
//! |---|---|
//! | `0`, `1`, `2` | null, true, false |
//! | `3 + 16 * n` | a number; the next `n` bytes of the text are its JSON |
//! | `4 + 16 * n` | a string: the next `n` bytes of the text |
//! | `5 + 16 * n`, `t`, `e` | an array of `n` items, which follow; behind it the tape goes on at `t` and the text at `e` |
//! | `6 + 16 * n`, `t`, `e` | an object of `n` entries; for each follow its key and the value |
//! | `7` to `11` | what JSON cannot hold, see [`NOT_JSON`] |
//! | `12 + 16 * n` | a string in which U+FFFD stands for half of a surrogate pair |
//!
//! A key is a number as well: `-1 - i` is the key with index `i` of [`KEYS`], so that it need not
//! come over; any other is a count of bytes of the text, with [`BROKEN_KEY`] when half of a surrogate pair stood in it.
//!
//! A tape that somebody else wrote reads as some value, and never as anything outside it.

use super::{MAX_DEPTH, Node, NotJson, Value};
use crate::schema::{self, KEYS};

/// What the numbers mean that are no more than themselves.
pub(crate) const BOOLS: [&str; 3] = ["null", "true", "false"];
pub(crate) const NULL: i32 = 0;
pub(crate) const NUMBER: i32 = 3;
pub(crate) const STRING: i32 = 4;
pub(crate) const ARRAY: i32 = 5;
pub(crate) const OBJECT: i32 = 6;
pub(crate) const LONE_SURROGATE: i32 = 12;
/// What a number stands for, without its count.
#[inline(always)]
pub(crate) const fn kind(number: i32) -> i32 {
    number & 0xF
}
/// The numbers that a group begins with.
pub(crate) const GROUP: usize = 3;
/// Where the count begins in a number.
pub(crate) const COUNT_SHIFT: u32 = 4;
/// Added to a key for which there is no UTF-8.
pub(crate) const BROKEN_KEY: i32 = 1 << 30;

/// How much text a frame takes (ours): three bytes for each of the 2^24 UTF-16 code units that JavaScript may hand over, and
/// few enough that any count of them has room in a number. What goes beyond is [`NotJson::TooLarge`].
const MAX_TEXT_BYTES: usize = 1 << 26;

/// How many numbers a tape takes (ours), so that any count of items has room in one as well.
const MAX_NUMBERS: usize = 1 << 26;

/// What `7` and the kinds after it mean.
const NOT_JSON: [NotJson; 5] = [NotJson::BigInt, NotJson::Cycle, NotJson::Thrown, NotJson::TooDeep, NotJson::TooLarge];

/// Values laid out flat, side by side.
///
/// ```
/// use flowdock_integration::{encode::write_json, value::Frame};
/// let mut frame = Frame::default();
/// frame.object("");
/// frame.string("value", "open");
/// frame.copy("at", &serde_json::json!([1, null]));
/// frame.end();
/// let mut json = String::new();
/// write_json(frame.value(0), &mut json);
/// assert_eq!(json, r#"{"value":"open","at":[1,null]}"#);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Frame {
    text: String,
    tape: Vec<i32>,
    /// Where the groups begin that are being written, and whether each is an object.
    open: Vec<(usize, bool)>,
}

/// Calls a function with a value as it stands in a frame, which is made where it stands in none.
pub(crate) fn in_frame<'a, T>(value: impl Value<'a>, call: impl FnOnce(FrameValue<'_>) -> T) -> T {
    match value.framed() {
        Some(value) => call(value),
        None => call(Frame::of(value).value(0)),
    }
}

impl Frame {
    #[cfg(any(feature = "js", test))]
    pub(crate) fn new(text: String, tape: Vec<i32>) -> Self {
        Self { text, tape, open: Vec::new() }
    }

    /// A value laid out flat.
    #[must_use]
    pub fn of<'a>(value: impl Value<'a>) -> Self {
        let mut frame = Self::default();
        frame.copy("", value);
        frame
    }

    /// The value with an index among those that stand side by side; null where there is none.
    #[must_use]
    pub fn value(&self, index: usize) -> FrameValue<'_> {
        let mut values = Items(Cursor { frame: self, at: 0, text: 0, left: usize::MAX });
        values.nth(index).unwrap_or(FrameValue { frame: self, at: self.tape.len(), text: 0, has_broken_key: false })
    }

    /// Begins an object; what it holds follows, and then its [`end`](Self::end). The key is that in the object around it, and
    /// of no account elsewhere.
    pub fn object(&mut self, key: &str) {
        self.begin(key, OBJECT);
    }

    /// The same for an array.
    pub fn array(&mut self, key: &str) {
        self.begin(key, ARRAY);
    }

    /// Ends the object or array that was begun last.
    pub fn end(&mut self) {
        let Some((begun, _)) = self.open.pop() else { return };
        let (tape, text) = (self.tape.len() as i32, self.text.len() as i32);
        if let Some([_, tape_end, text_end]) = self.tape.get_mut(begun..begun + GROUP) {
            (*tape_end, *text_end) = (tape, text);
        }
    }

    /// Writes a string.
    pub fn string(&mut self, key: &str, text: &str) {
        self.leaf(key, STRING, text);
    }

    /// Copies any value.
    pub fn copy<'a>(&mut self, key: &str, value: impl Value<'a>) {
        match value.node() {
            Node::Null => self.leaf(key, 0, ""),
            Node::Bool(value) => self.leaf(key, if value { 1 } else { 2 }, ""),
            Node::Number(number) => self.leaf(key, NUMBER, &number),
            Node::String(text) => self.string(key, text),
            Node::NotJson(what) => self.not_json(key, what),
            Node::Array(_) | Node::Object(_) if self.open.len() > MAX_DEPTH => self.not_json(key, NotJson::TooDeep),
            Node::Array(items) => {
                self.array(key);
                for item in items {
                    if !self.has_room(0) {
                        self.not_json("", NotJson::TooLarge);
                        break;
                    }
                    self.copy("", item);
                }
                self.end();
            }
            Node::Object(entries) => {
                self.object(key);
                for (key, value) in entries {
                    if !self.has_room(key.len()) {
                        self.not_json("", NotJson::TooLarge);
                        break;
                    }
                    self.copy(key, value);
                }
                self.end();
            }
        }
    }

    fn not_json(&mut self, key: &str, what: NotJson) {
        let kind = NOT_JSON.iter().position(|known| *known == what).unwrap_or_default();
        self.key(key);
        self.tape.push(7 + kind as i32);
    }

    /// One of the leaves, with its text.
    fn leaf(&mut self, key: &str, kind: i32, text: &str) {
        if !self.has_room(text.len()) {
            return self.not_json(key, NotJson::TooLarge);
        }
        self.key(key);
        self.tape.push(kind + ((text.len() as i32) << COUNT_SHIFT));
        self.text.push_str(text);
    }

    /// Whether there is room for so many bytes more.
    fn has_room(&self, bytes: usize) -> bool {
        self.text.len() + bytes <= MAX_TEXT_BYTES && self.tape.len() < MAX_NUMBERS
    }

    fn begin(&mut self, key: &str, kind: i32) {
        self.key(key);
        self.open.push((self.tape.len(), kind == OBJECT));
        self.tape.extend([kind, 0, 0]);
    }

    /// The key of what comes next, where it stands in an object; the group around has one more.
    fn key(&mut self, key: &str) {
        let Some((begun, is_object)) = self.open.last() else { return };
        if let Some(count) = self.tape.get_mut(*begun) {
            *count += 1 << COUNT_SHIFT;
        }
        if *is_object {
            match schema::key_number(key) {
                Some(number) => self.tape.push(-1 - number as i32),
                None => {
                    self.tape.push(key.len() as i32);
                    self.text.push_str(key);
                }
            }
        }
    }

    fn number(&self, at: usize) -> i32 {
        self.tape.get(at).copied().unwrap_or_default()
    }
}

/// A part of a frame.
#[derive(Clone, Copy, Debug)]
pub struct FrameValue<'a> {
    frame: &'a Frame,
    /// Where it begins on the tape.
    at: usize,
    /// Where its text begins.
    text: usize,
    /// Whether its key is one that came with [`BROKEN_KEY`].
    has_broken_key: bool,
}

/// A place in a frame, and how many values come.
#[derive(Clone, Debug)]
struct Cursor<'a> {
    frame: &'a Frame,
    at: usize,
    text: usize,
    left: usize,
}

/// The shortest way through a part of a frame: number by number in the order of the tape, into each group and out of it
/// again, where [`Value`] goes around those that nobody looks into.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    frame: &'a Frame,
    at: usize,
    text: usize,
}

impl<'a> Walk<'a> {
    /// The next number; none at the end, and where the value is no JSON.
    #[inline(always)]
    pub fn number(&mut self) -> Option<i32> {
        let number = *self.frame.tape.get(self.at)?;
        self.at += 1;
        Some(number)
    }

    /// The text that belongs to a number.
    #[inline(always)]
    pub fn text(&mut self, number: i32) -> Option<&'a str> {
        let from = self.text;
        self.text = from.saturating_add((number >> COUNT_SHIFT) as usize);
        self.frame.text.get(from..self.text)
    }

    /// The same with all text that follows, and how much of it belongs to the number.
    #[inline(always)]
    pub fn text_and_more(&mut self, number: i32) -> Option<(&'a [u8], usize)> {
        let more = self.frame.text.as_bytes().get(self.text..)?;
        let length = (number >> COUNT_SHIFT) as usize;
        self.text = self.text.saturating_add(length);
        (length <= more.len()).then_some((more, length))
    }

    /// The text of a key that has no number.
    pub fn key(&mut self, number: i32) -> Option<&'a str> {
        self.text((number & !BROKEN_KEY) << COUNT_SHIFT)
    }

    /// About as many bytes as the JSON of the whole frame has. Of a very long tape only the beginning counts: one of empty arrays
    /// alone would be taken for eight times as much as it is.
    pub fn size(&self) -> usize {
        self.frame.text.len() + 8 * self.frame.tape.len().min(1 << 16)
    }

    /// Goes into the group whose first number was read last: how many values it has.
    #[inline(always)]
    pub fn group(&mut self, number: i32) -> i32 {
        self.at += GROUP - 1;
        number >> COUNT_SHIFT
    }

    /// Goes around the group whose first number was read last.
    pub fn pass(&mut self) {
        // Forward only, whatever stands there.
        let [end, text] = [self.frame.number(self.at), self.frame.number(self.at + 1)];
        self.at = (end as usize).max(self.at + GROUP - 1);
        self.text = text as usize;
    }

    /// The value of a key in the object whose first number was read last.
    pub fn entry(&self, key: &str) -> Option<FrameValue<'a>> {
        FrameValue { frame: self.frame, at: self.at.checked_sub(1)?, text: self.text, has_broken_key: false }.part(key)
    }
}

impl<'a> FrameValue<'a> {
    /// The items of an array; none of anything else.
    #[cfg(any(feature = "js", test))]
    pub(crate) fn items(self) -> Items<'a> {
        let cursor = Cursor { frame: self.frame, at: self.at, text: self.text, left: 0 };
        if let Node::Array(items) = self.node() { items } else { Items(cursor) }
    }

    pub(crate) fn walk(self) -> Walk<'a> {
        Walk { frame: self.frame, at: self.at, text: self.text }
    }
}

impl<'a> Cursor<'a> {
    /// So many bytes of the text.
    #[inline(always)]
    fn take(&mut self, bytes: usize) -> &'a str {
        let from = self.text;
        self.text = from.saturating_add(bytes);
        self.frame.text.get(from..self.text).unwrap_or_default()
    }

    #[inline(always)]
    fn next(&mut self) -> Option<FrameValue<'a>> {
        let number = *self.frame.tape.get(self.at)?;
        let value = FrameValue { frame: self.frame, at: self.at, text: self.text, has_broken_key: false };
        match kind(number) {
            ARRAY | OBJECT => {
                // Forward only, whatever stands there.
                self.at = (self.frame.number(self.at + 1) as usize).max(self.at + GROUP);
                self.text = self.frame.number(value.at + 2) as usize;
            }
            _ => {
                self.at += 1;
                self.text = self.text.saturating_add((number >> COUNT_SHIFT) as usize);
            }
        }
        Some(value)
    }
}

/// The parts of an array.
#[derive(Clone, Debug)]
pub struct Items<'a>(Cursor<'a>);

/// The keys and values of an object.
#[derive(Clone, Debug)]
pub struct Entries<'a>(Cursor<'a>);

impl<'a> Value<'a> for FrameValue<'a> {
    type Items = Items<'a>;
    type Entries = Entries<'a>;

    fn framed(self) -> Option<FrameValue<'a>> {
        Some(self)
    }

    fn was_half_a_pair(self) -> bool {
        self.has_broken_key || kind(self.frame.number(self.at)) == LONE_SURROGATE
    }

    fn node(self) -> Node<'a, Self> {
        let number = self.frame.number(self.at);
        let count = (number >> COUNT_SHIFT) as usize;
        let mut cursor = Cursor { frame: self.frame, at: self.at + GROUP, text: self.text, left: count };
        match kind(number) {
            0 => Node::Null,
            1 => Node::Bool(true),
            2 => Node::Bool(false),
            NUMBER => Node::Number(cursor.take(count).into()),
            STRING | LONE_SURROGATE => Node::String(cursor.take(count)),
            ARRAY => Node::Array(Items(cursor)),
            OBJECT => Node::Object(Entries(cursor)),
            other => NOT_JSON.get((other - 7) as usize).map_or(Node::Null, |what| Node::NotJson(*what)),
        }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = FrameValue<'a>;

    fn next(&mut self) -> Option<FrameValue<'a>> {
        self.0.left = self.0.left.checked_sub(1)?;
        self.0.next()
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, FrameValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.left = self.0.left.checked_sub(1)?;
        let number = *self.0.frame.tape.get(self.0.at)?;
        self.0.at += 1;
        if number < 0 {
            return Some((KEYS.get((-1 - number) as usize).copied().unwrap_or_default(), self.0.next()?));
        }
        let key = self.0.take((number & !BROKEN_KEY) as usize);
        let value = FrameValue { has_broken_key: number & BROKEN_KEY != 0, ..self.0.next()? };
        Some((key, value))
    }
}
