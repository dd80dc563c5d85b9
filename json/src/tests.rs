//! The reader beside `serde_json`, on generated texts and on texts that were damaged: both take the same ones, and read the same of them.

use serde_json::{Map, Value as Theirs};

use super::{
    Document, MAX_BYTES, MAX_DEPTH, Node, NotJson, Positions, StringPositions, Value, Writer, read,
    read_from_javascript,
};

/// How many texts are generated; each is read as it is and once more damaged.
const TEXTS: usize = 150_000;

/// Texts by a seed: the same each time.
struct Generator(u64);

impl Generator {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick(&mut self, from: &[&str]) -> String {
        from[self.below(from.len())].to_owned()
    }

    fn space(&mut self) -> String {
        self.pick(&["", "", "", "", " ", "\n", "\r\n\t", "  "])
    }

    fn string(&mut self) -> String {
        const PIECES: &[&str] = &[
            "a",
            "updated ticket 1234567",
            "é",
            "日本",
            "😀",
            "\u{2028}",
            "\u{7f}",
            "\u{fffd}",
            "\\n",
            "\\\"",
            "\\\\",
            "\\/",
            "\\b",
            "\\f",
            "\\r",
            "\\t",
            "\\u0041",
            "\\u00e9",
            "\\ud83d\\ude00",
            "\\uD83D\\uDE00",
            "\\u2028",
            "\\u0000",
            "<b>",
            "{",
            "]",
            ",",
            "\\ud83d",
            "\\ude00",
            "\\ud83dx",
        ];
        let pieces: String = (0..self.below(4)).map(|_| self.pick(PIECES)).collect();
        format!("\"{pieces}\"")
    }

    fn number(&mut self) -> String {
        const NUMBERS: &[&str] = &[
            "0",
            "-0",
            "7",
            "42",
            "-1.5",
            "1e3",
            "1E+21",
            "5e-324",
            "0.1e0",
            "123456789012345678901234567890",
            "0.0",
            "-10e-2",
        ];
        self.pick(NUMBERS)
    }

    fn value(&mut self, depth: usize) -> String {
        let space = self.space();
        let value = match self.below(if depth == 0 { 6 } else { 10 }) {
            0 => "null".to_owned(),
            1 => self.pick(&["true", "false"]),
            2 => self.number(),
            3..=5 => self.string(),
            6 | 7 => {
                let items: Vec<_> = (0..self.below(4)).map(|_| self.value(depth - 1)).collect();
                format!("[{}{}]", self.space(), items.join(","))
            }
            _ => {
                let entry = |generator: &mut Self| {
                    let (before, key, behind) = (generator.space(), generator.string(), generator.space());
                    format!("{before}{key}{behind}:{}", generator.value(depth - 1))
                };
                let entries: Vec<_> = (0..self.below(4)).map(|_| entry(self)).collect();
                format!("{{{}{}}}", self.space(), entries.join(","))
            }
        };
        format!("{space}{value}{}", self.space())
    }

    /// Takes a part of a text away, doubles one, or puts something between.
    fn damage(&mut self, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let from = self.below(characters.len() + 1);
        let to = (from + self.below(4)).min(characters.len());
        let between = match self.below(3) {
            0 => String::new(),
            1 => characters[from..to].iter().chain(&characters[from..to]).collect(),
            _ => self.pick(&[
                "\"", "\\", ",", ":", "{", "}", "[", "]", "0", "-", "e", ".", "tru", "null", "\u{1}", "!b", "\\u12",
                "'", "\0", "é",
            ]),
        };
        characters[..from].iter().copied().chain(between.chars()).chain(characters[to..].iter().copied()).collect()
    }
}

/// What `serde_json` would have read.
fn as_theirs(value: Value<'_>) -> Theirs {
    match value.node() {
        Node::Null => Theirs::Null,
        Node::Bool(value) => value.into(),
        Node::Number(number) => serde_json::from_str(number).unwrap(),
        Node::String(text) => text.into(),
        Node::Array(items) => items.map(as_theirs).collect(),
        Node::Object(entries) => {
            let mut object = Map::new();
            entries.for_each(|(key, value)| drop(object.insert(key.to_owned(), as_theirs(value))));
            Theirs::Object(object)
        }
        Node::NotJson(what) => panic!("{what:?}"),
    }
}

/// Whether both take a text.
fn both_read_the_same(text: &str) -> bool {
    match (read(text), serde_json::from_str::<Theirs>(text)) {
        (Ok(document), Ok(theirs)) => {
            assert_eq!(as_theirs(document.root()), theirs, "{text:?}");
            assert_eq!(document.root().json(), text.trim_matches([' ', '\n', '\r', '\t']), "{text:?}");
            true
        }
        (Err(error), Err(_)) => {
            assert!(text.is_char_boundary(error.at) && error.at <= text.len(), "{text:?}: {error}");
            false
        }
        // `serde_json` can hold neither half of a surrogate pair nor a number beyond those of `f64`.
        (Ok(document), Err(error)) if document.has_halves() || error.to_string().contains("out of range") => false,
        (ours, theirs) => panic!("{text:?}: {:?} {theirs:?}", ours.err()),
    }
}

#[test]
fn texts_are_read_as_serde_json_reads_them() {
    let mut generator = Generator(1);
    let (mut whole, mut damaged) = (0, 0);
    for _ in 0..TEXTS {
        let text = generator.value(4);
        whole += usize::from(both_read_the_same(&text));
        let text = generator.damage(&text);
        damaged += usize::from(both_read_the_same(&text));
    }
    // Of all kinds there are enough.
    assert!(whole > TEXTS / 2 && (TEXTS / 10..TEXTS * 9 / 10).contains(&damaged), "{whole} {damaged}");
}

#[test]
fn every_beginning_of_a_text_but_the_whole_is_refused() {
    let text = r#"{"a":[1,-2.5e+3,"x\né\ud83d\ude00",null,true,false],"b":{}}"#;
    for (at, _) in text.char_indices() {
        assert!(read(&text[..at]).is_err(), "{}", &text[..at]);
    }
    assert!(read(text).is_ok());
}

#[test]
fn a_syntax_error_says_where_and_what() {
    for (text, at, expected) in [
        ("", 0, "a value"),
        ("{\"a\":1,}", 7, "a key in quotation marks"),
        ("{a", 1, "a key in quotation marks or `}`"),
        ("{\"a\" 1", 5, "`:`"),
        ("[1 2]", 3, "`,` or `]`"),
        ("{\"a\":1]", 6, "`,` or `}`"),
        ("[1] x", 4, "the end of the text"),
        ("\"a\n\"", 2, "an escape in place of a control character"),
        ("\"abc", 4, "`\"` at the end of the string"),
        ("\"\\x\"", 1, "an escape such as `\\n`"),
        ("\"\\u12g4\"", 1, "four hexadecimal digits"),
        ("01", 1, "the end of the text"),
        ("-", 1, "a digit"),
        ("!b", 0, "a value"),
        ("[nul]", 1, "a value"),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!((error.at, error.expected), (at, expected), "{text}");
    }
}

#[test]
fn half_of_a_pair_is_read_and_known() {
    let document = read(r#"{"\ud83d":"a","b":"x\ude00","c":"\ud83d\ude00","d":["\ud83d"]}"#).unwrap();
    let Node::Object(entries) = document.root().node() else { panic!() };
    let known: Vec<_> = entries.map(|(key, value)| (key, value.key().has_half(), value.has_half())).collect();
    assert_eq!(known, [("\u{fffd}", true, false), ("b", false, true), ("c", false, false), ("d", false, false)]);
    assert!(document.root().part("d").unwrap().items().next().unwrap().has_half());
    assert_eq!(document.root().part("c").and_then(Value::text), Some("😀"));
}

#[test]
fn any_depth_is_read_and_what_is_too_deep_is_named() {
    for depth in [MAX_DEPTH, MAX_DEPTH + 1, 100_000] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        let document = read(&text).unwrap();
        let (mut value, mut level) = (document.root(), 0);
        while let Some(inner) = value.items().next() {
            value = inner;
            level += 1;
        }
        let is_too_deep = matches!(value.node(), Node::NotJson(NotJson::TooDeep));
        assert_eq!((level, is_too_deep), if depth > MAX_DEPTH { (MAX_DEPTH, true) } else { (depth - 1, false) });
    }
    let deep = "[".repeat(MAX_DEPTH + 1);
    let document = read_from_javascript(&deep).err();
    assert!(document.is_some());
    // Where the text ends that deep, it was cut, and not too deep.
    let deep = format!("{deep}1\0");
    assert!(read_from_javascript(&deep).unwrap().root().is_cut());
}

/// All that a text says, with marks for what is no JSON.
fn shown(document: &Document<'_>) -> String {
    fn show(value: Value<'_>, out: &mut String) {
        match value.node() {
            Node::Array(items) => {
                out.push('[');
                items.for_each(|item| show(item, out));
                out.push(']');
            }
            Node::Object(entries) => {
                out.push('{');
                for (key, value) in entries {
                    out.push_str(key);
                    out.push(':');
                    show(value, out);
                }
                out.push('}');
            }
            Node::NotJson(what) => out.push_str(&format!("({what:?})")),
            _ => out.push_str(value.json()),
        }
    }
    let mut out = String::new();
    show(document.root(), &mut out);
    out
}

#[test]
fn marks_of_javascript_are_known_and_copied() {
    let text = r#"{"a":!b,"b":[!c,!t,!d,!l]}"#;
    assert!(read(text).is_err());
    let document = read_from_javascript(text).unwrap();
    assert_eq!(shown(&document), "{a:(BigInt)b:[(Cycle)(Thrown)(TooDeep)(TooLarge)]}");
    let mut copy = Writer::default();
    copy.value(None, document.root());
    assert_eq!(copy.text(), text);
    assert!(read_from_javascript("[!x]").is_err());
}

#[test]
fn a_text_that_was_cut_ends_with_a_value_that_is_too_large() {
    for (text, expected) in [
        ("\"abc\0", "(TooLarge)"),
        ("[1,\"ab\0", "[1(TooLarge)]"),
        ("[1,\"ab\\u00\0", "[1(TooLarge)]"),
        ("[1\0", "[1(TooLarge)]"),
        ("[\0", "[(TooLarge)]"),
        ("{\"a\":[1],\"b\":{\"c\0", "{a:[1]b:{:(TooLarge)}}"),
        ("{\"a\":\0", "{a:(TooLarge)}"),
        ("{\"a\"\0", "{a:(TooLarge)}"),
        ("{\"a\":1\0", "{a:1:(TooLarge)}"),
    ] {
        let document = read_from_javascript(text).unwrap();
        assert_eq!(shown(&document), expected, "{text:?}");
        assert!(document.root().is_cut());
        // A copy is whole, and cut at the same value.
        let mut copy = Writer::default();
        copy.value(None, document.root());
        let copy = copy.text();
        assert_eq!(shown(&read_from_javascript(&copy).unwrap()), expected, "{copy:?}");
    }
    assert!(read("[1\0").is_err());
    assert!(!read("[1]").unwrap().root().is_cut());
}

#[test]
fn positions_are_those_of_an_editor() {
    let text = "{\n  \"é\": \"😀\",\n\n  \"b\": [1,\r\n 2]\n}";
    let all: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let expected = |at: usize| {
        let before = &text[..at];
        let line = before.rsplit('\n').next().unwrap();
        let units = |text: &str| text.encode_utf16().count();
        (units(before), before.matches('\n').count() + 1, units(line) + 1)
    };
    let mut positions = Positions::new(text);
    let mut generator = Generator(7);
    for _ in 0..2_000 {
        let at = all[generator.below(all.len())];
        let found = positions.find(at);
        assert_eq!((found.offset, found.line, found.column), expected(at), "{at}");
    }
}

#[test]
fn the_characters_of_a_string_are_found_in_its_text() {
    // Each character, and how the text spells it.
    let characters = [
        ('a', "a"),
        ('"', "\\\""),
        ('\n', "\\n"),
        ('é', "é"),
        ('é', "\\u00e9"),
        ('日', "日"),
        ('😀', "😀"),
        ('😀', "\\ud83d\\ude00"),
        ('\u{fffd}', "\\ud83d"),
        ('z', "z"),
    ];
    let spelled: String = characters.iter().map(|(_, spelling)| *spelling).collect();
    let text = format!("[ \"{spelled}\"]");
    let document = read(&text).unwrap();
    let string = document.root().items().next().unwrap();
    let mut positions = StringPositions::new(string);
    let (mut unit, mut byte) = (0, 3);
    for (character, spelling) in characters {
        assert_eq!(positions.find(unit), byte, "{character}");
        unit += character.len_utf16();
        byte += spelling.len();
    }
    // Back to the beginning, and behind the end.
    assert_eq!((positions.find(0), positions.find(unit), positions.find(unit + 9)), (3, byte, text.len() - 1));
    assert_eq!(unit, string.text().unwrap().encode_utf16().count());
}

#[test]
fn of_a_key_that_stands_there_twice_the_last_value_counts() {
    let document = read(r#"{"a":1,"b":2,"a":3}"#).unwrap();
    assert_eq!(document.root().part("a").map(Value::json), Some("3"));
    assert!(document.root().part("c").is_none() && Value::NULL.part("a").is_none());
    assert_eq!(Value::NULL.json(), "null");
}

#[test]
fn a_text_that_goes_on_behind_its_value_is_refused_however_long_it_is() {
    let text = format!("{{}}{}x", " ".repeat(MAX_BYTES));
    assert_eq!(read(&text).unwrap_err().expected, "the end of the text");
}

#[test]
fn commas_stand_where_they_belong_and_strings_are_escaped_as_json_stringify_does() {
    let mut json = Writer::default();
    json.object(None);
    json.string(Some("co\"de"), "\u{0}\u{8}\u{c}\n\r\t\u{1f}\u{7f}\"\\/é\u{2028}😀");
    json.array(Some("lines"));
    json.number(None, 3);
    json.bool(None, true);
    json.end_array();
    json.strings(Some("none"), &[""; 0]);
    json.end_object();
    let expected =
        "{\"co\\\"de\":\"\\u0000\\b\\f\\n\\r\\t\\u001f\u{7f}\\\"\\\\/é\u{2028}😀\",\"lines\":[3,true],\"none\":[]}";
    assert_eq!(json.text(), expected);
}
