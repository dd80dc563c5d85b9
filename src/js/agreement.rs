//! A frame that comes from JavaScript goes a short way where it is in order, and a long one elsewhere. Whatever the message, what
//! comes of it must be what the long way says of the `serde_json::Value`, and what `serde_json` writes: of every case in the
//! fixtures, and of a hundred thousand generated messages.

#[path = "../../tests/core/cases.rs"]
mod cases;

use serde_json::{Map, Value, json};

use self::cases::Case;
use super::{calls, tape};
use crate::message::{Event, message_from_parts, thread_from_parts};
use crate::schema::KEYS;
use crate::validate::{is_plain, validate_all};
use crate::value::Frame;
use crate::{InvalidMessage, Options, Report, encode};

/// What `pkg-template/src/wasm/frame.js` does: text, and a tape that counts UTF-16 code units.
#[derive(Default)]
struct Packer {
    text: String,
    units: i32,
    tape: Vec<i32>,
}

impl Packer {
    fn frame(values: &[&Value]) -> Frame {
        let mut packer = Self::default();
        values.iter().for_each(|value| packer.value(value));
        tape::read(packer.text, packer.tape, &[]).unwrap()
    }

    fn string(&mut self, text: &str) -> i32 {
        let units = text.encode_utf16().count() as i32;
        self.text.push_str(text);
        self.units += units;
        units
    }

    fn value(&mut self, value: &Value) {
        let begun = self.tape.len();
        match value {
            Value::Null => self.tape.push(0),
            Value::Bool(value) => self.tape.push(if *value { 1 } else { 2 }),
            Value::Number(number) => {
                let count = self.string(&number.to_string());
                self.tape.push(3 + 16 * count);
            }
            Value::String(text) => {
                let count = self.string(text);
                self.tape.push(4 + 16 * count);
            }
            Value::Array(items) => {
                self.tape.extend([5 + 16 * items.len() as i32, 0, 0]);
                items.iter().for_each(|item| self.value(item));
                self.end(begun);
            }
            Value::Object(entries) => {
                self.tape.extend([6 + 16 * entries.len() as i32, 0, 0]);
                for (key, value) in entries {
                    match KEYS.iter().position(|known| known == key) {
                        Some(number) => self.tape.push(-1 - number as i32),
                        None => {
                            let count = self.string(key);
                            self.tape.push(count);
                        }
                    }
                    self.value(value);
                }
                self.end(begun);
            }
        }
    }

    fn end(&mut self, begun: usize) {
        self.tape[begun + 1] = self.tape.len() as i32;
        self.tape[begun + 2] = self.units;
    }
}

/// What JavaScript gets of a refused message.
fn refused(error: &InvalidMessage) -> Value {
    let violations = error.report.violations();
    json!({ "code": "invalid_message", "message": error.to_string(), "retryable": false, "violations": violations })
}

fn text<T>(result: Result<T, InvalidMessage>, ok: impl FnOnce(T) -> String) -> Result<String, String> {
    result.map(ok).map_err(|error| refused(&error).to_string())
}

/// `build` says whether the builders are asked as well, who take three times as long. Whether the message went the short way.
fn both_say_the_same(message: &Value, options: &Value, build: bool) -> bool {
    let of_core = match options.get("thread").and_then(Value::as_str) {
        Some("optional") => Options::default().thread_optional(),
        _ => Options::default(),
    };
    let frame = Packer::frame(&[message, options]);
    let report = validate_all(message, of_core);
    if report.is_valid() {
        assert_eq!(calls::encode(&frame), Ok(message.to_string()));
    }
    let expected = if report.violations().is_empty() { String::new() } else { serde_json::to_string(&report).unwrap() };
    assert_eq!(calls::validate(&frame), Ok(expected), "{message}");
    assert_eq!(calls::encode(&frame), text(encode(message, of_core), |body| body), "{message}");
    let plain = is_plain(frame.value(0), of_core);
    if !build {
        return plain;
    }
    for (what, event) in [("activity", Event::Activity), ("discussion", Event::Discussion), ("message", Event::Message)]
    {
        let frame = Packer::frame(&[&what.into(), message, options]);
        let expected = text(message_from_parts(message, event, of_core), |(built, report): (Frame, Report)| {
            assert_eq!(validate_all(built.value(0), of_core.event(what)), report, "{message}");
            written(&built)
        });
        assert_eq!(calls::build(&frame), expected, "{message}");
    }
    let thread = &message["thread"];
    let expected = text(thread_from_parts(thread), |(built, _): (Frame, Report)| written(&built));
    assert_eq!(calls::build(&Packer::frame(&[&"thread".into(), thread, &Value::Null])), expected, "{message}");
    plain
}

fn written(frame: &Frame) -> String {
    let mut json = String::new();
    crate::encode::write_json(frame.value(0), &mut json);
    json
}

#[test]
fn of_every_case_in_the_fixtures() {
    let (mut in_order, mut plain) = (0, 0);
    let cases = Case::all();
    assert!(cases.len() > 200);
    for case in cases {
        let (message, options) = (case.message(), case.options.into());
        let is_plain = both_say_the_same(&message, &options, true);
        in_order += usize::from(case.report.is_empty());
        plain += usize::from(is_plain);
    }
    // The short way is that of most.
    assert!(plain > 20 && plain * 10 > in_order * 8, "{plain} of {in_order}");
    for row in
        serde_json::from_str::<Value>(include_str!("../../tests/fixtures/parts.json")).unwrap().as_array().unwrap()
    {
        both_say_the_same(&row["parts"], &Value::Null, true);
    }
}

/// Messages of keys and values that mean something, and of some that do not; the same each time.
struct Generator(u64);

impl Generator {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn message(&mut self) -> Value {
        let mut message = json!({
            "event": self.pick(&["activity", "discussion", "message"]),
            "external_thread_id": "1",
            "thread": { "title": self.text(), "fields": [], "status": { "value": "open" } },
            "author": { "name": "Marty" },
        });
        let texts = if message["event"] == "message" { "content" } else { "title" };
        message[texts] = self.text().into();
        for _ in 0..self.below(6) {
            let value = self.value(3);
            self.object(&mut message).insert(self.key(), value);
        }
        if self.below(4) == 0 {
            let key = self.key();
            self.object(&mut message).shift_remove(&key);
        }
        message
    }

    /// One of the objects of a message.
    fn object<'a>(&self, message: &'a mut Value) -> &'a mut Map<String, Value> {
        let at = ["", "/thread", "/thread/status", "/author", "/thread/fields/0"][self.0 as usize / 8 % 5];
        let place = if message.pointer(at).is_some_and(Value::is_object) { at } else { "" };
        message.pointer_mut(place).and_then(Value::as_object_mut).unwrap()
    }

    fn key(&mut self) -> String {
        match self.below(12) {
            0 => self.pick(&["titel", "status_", "Author", "é", "a/b~c", "", "__proto__", "id", "flow"]).to_owned(),
            _ => self.pick(&KEYS).to_owned(),
        }
    }

    fn text(&mut self) -> String {
        const PIECES: &[&str] = &[
            "x",
            " ",
            "open",
            "updated ticket",
            "\u{e9}",
            "\u{1f600}",
            "\u{2028}",
            "\"",
            "\\",
            "\n",
            "\u{1}",
            "\0",
            "<b>",
            "</b>",
            "<a>",
            "<a href=\"https://example.com\">",
            "</a>",
            "<p>",
            "</div>",
            "<!--",
            "1 < 2",
            "https://example.com/",
            "http://",
            "marty@example.com",
            "green",
            "gray",
            "activity",
            "#a, b",
            "POST",
            "ViewAction",
            "UpdateAction",
            "EntryPoint",
            "{id}",
            "5",
            "\u{fffd}",
        ];
        (0..self.below(4)).map(|_| self.pick(PIECES)).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 7 } else { 12 }) {
            0 => Value::Null,
            1 => self.pick(&[true, false]).into(),
            2 => self.pick(&[json!(0), json!(-1.5), json!(42), json!(1e300)]),
            3..=6 => self.text().into(),
            7 | 8 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => Value::Object((0..self.below(5)).map(|_| (self.key(), self.value(depth - 1))).collect()),
        }
    }
}

#[test]
fn of_a_hundred_thousand_messages() {
    let mut generator = Generator(1);
    let (mut valid, mut plain) = (0, 0);
    for round in 0..100_000 {
        let message = generator.message();
        let options = if round % 3 == 0 { json!({ "thread": "optional" }) } else { Value::Null };
        valid += usize::from(validate_all(&message, Options::default()).is_valid());
        plain += usize::from(both_say_the_same(&message, &options, round % 5 == 0));
    }
    // All kinds are there.
    assert!((10_000..90_000).contains(&valid), "{valid}");
    assert!(plain > 1_000, "{plain}");
}
