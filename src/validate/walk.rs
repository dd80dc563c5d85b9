//! Walks a value by the schema, once, and collects every violation.

use super::Options;
use super::format::{is_email, is_http_url, is_http_url_template};
use super::report::{Actual, Report, Violation};
use crate::bytes::ByteSet;
use crate::error::{Code, Severity};
use crate::html::{self, Policy};
use crate::schema::{self, Form, Need, Object, OneOf, Rule, Tag, Text};
use crate::text::{digits, fill, join, replace, shorten};
use crate::value::{MAX_DEPTH, Node, NotJson, Value};

const BLANK: &str = "can't be blank";

/// How many violations a report lists (ours), as many as there are findings of one fragment: more are of no use to anybody, and a
/// hostile message would have hundreds of thousands. Should they all be warnings, the first error is listed beside them.
const MAX_VIOLATIONS: usize = html::MAX_FINDINGS;

/// A step into an object or an array.
#[derive(Clone, Copy, PartialEq)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

pub(super) struct Walker<'a> {
    options: Options,
    /// The way to the value that is being looked at.
    path: Vec<Step<'a>>,
    violations: Vec<Violation>,
    has_error: bool,
    /// The last one that the report has no room for.
    beyond: Violation,
}

impl<'a> Walker<'a> {
    pub fn new(options: Options) -> Self {
        let beyond = Violation::new(String::new(), Code::Required, Severity::Error, String::new());
        Self { options, path: Vec::new(), violations: Vec::new(), has_error: false, beyond }
    }

    pub fn into_report(self) -> Report {
        Report::new(self.violations)
    }

    /// A message or a thread by itself.
    pub fn root<V: Value<'a>>(&mut self, value: V, object: &'static Object) {
        match value.node() {
            Node::Object(entries) => self.object::<V>(entries, object, 0),
            other => self.wrong_type(Wanted::Object, &other),
        }
    }

    /// The keys of an object. `outer` is the column of the object around it.
    fn object<V: Value<'a>>(&mut self, entries: V::Entries, object: &'static Object, outer: usize) {
        let column = match (&object.tag, self.options.event) {
            (Some(tag), Some(event)) if tag.key == "event" => {
                tag.values.iter().position(|known| *known == event).unwrap_or_default()
            }
            (Some(tag), _) => column(entries.clone(), object, tag),
            (None, _) => outer,
        };
        // One that is blank counts as missing where one is required. Where none need be there it breaks its own rule.
        let is_named = |one_of: &OneOf, value: V| {
            if one_of.is_required(column) { !is_missing(value) } else { !matches!(value.node(), Node::Null) }
        };
        let unnamed = object.one_of.as_ref().filter(|one_of| {
            !entries.clone().any(|(key, value)| one_of.keys.contains(&key) && is_named(one_of, value))
        });
        // A bit for each rule whose key was there.
        let mut there = 0_u64;
        for (key, value) in entries {
            self.path.push(Step::Key(key));
            self.well_formed(value);
            match object.rules.find(key) {
                Some((index, rule)) => {
                    there |= 1 << index;
                    // What is said of these keys together is not said of each.
                    if !unnamed.is_some_and(|one_of| one_of.keys.contains(&key) && is_missing(value)) {
                        self.known(value, rule, object, column);
                    }
                }
                None => self.unknown(key, value, object),
            }
            self.path.pop();
        }
        self.missing_keys(there, object, column);
        if let Some(one_of) = unnamed {
            self.one_of_missing(one_of, column);
        }
    }

    /// An object that is missing counts as one without keys, where its keys are to be reported.
    fn no_object(&mut self, object: &'static Object, column: usize) {
        self.missing_keys(0, object, column);
        if let Some(one_of) = &object.one_of {
            self.one_of_missing(one_of, column);
        }
    }

    /// The rules whose bit is not set.
    fn missing_keys(&mut self, there: u64, object: &'static Object, column: usize) {
        for (index, rule) in object.rules.iter().enumerate() {
            if there & (1 << index) == 0 {
                self.path.push(Step::Key(rule.key));
                self.missing(rule, column);
                self.path.pop();
            }
        }
    }

    fn one_of_missing(&mut self, one_of: &'static OneOf, column: usize) {
        let (severity, message) = if one_of.is_required(column) {
            (Severity::Error, "`%` is required")
        } else {
            (Severity::Warning, "without `%` it stands outside any thread")
        };
        let message = fill(message, &[&join(one_of.keys, "` or `")]);
        self.add_as(Code::RequiredOneOf, severity, message).allowed = Some(one_of.keys);
    }

    /// The key of a rule is there.
    fn known<V: Value<'a>>(&mut self, value: V, rule: &'static Rule, object: &'static Object, column: usize) {
        let need = self.options.need(rule, column);
        match (value.node(), need) {
            (Node::Null, _) => self.missing(rule, column),
            (other, Need::NotUsed) => {
                let event = object.tag.as_ref().and_then(|tag| tag.values.get(column)).copied().unwrap_or_default();
                self.add(Code::NotUsed, "is not used with `%`", &[event]);
                // Still, what it holds has to be JSON.
                self.json(other, 0);
            }
            (Node::String(text), Need::Required | Need::Recommended) if is_blank(text) => self.missing(rule, column),
            (node, _) => self.form(node, &rule.form, column),
        }
    }

    /// The key of a rule is missing, null or blank.
    fn missing(&mut self, rule: &'static Rule, column: usize) {
        match (self.options.need(rule, column), &rule.form) {
            (Need::Required, form) => {
                let allowed = if let Form::Choice(words) = form { Some(*words) } else { None };
                self.add(Code::Required, BLANK, &[]).allowed = allowed;
            }
            (Need::Recommended, _) => {
                self.add(Code::Recommended, "should not be blank", &[]);
            }
            (Need::Holds, Form::Object(inner)) => {
                self.no_object(inner, column);
            }
            _ => {}
        }
    }

    /// A key that no rule is for; it is sent as it stands.
    fn unknown<V: Value<'a>>(&mut self, key: &'a str, value: V, object: &'static Object) {
        if object.read_only.contains(&key) {
            self.add(Code::ReadOnly, "is set by the server alone", &[]);
        } else {
            let hint =
                schema::nearest_path(object, &pointer(self.path.split_last().map_or(&[], |(_, above)| above)), key);
            let violation = match &hint {
                Some(near) => self.add(Code::UnknownField, "is not a known key, did you mean `%`", &[near]),
                None => self.add(Code::UnknownField, "is not a known key", &[]),
            };
            violation.hint = hint;
        }
        self.json(value.node(), 0);
    }

    /// Looks for what JSON cannot hold in a value that no rule is for.
    fn json<V: Value<'a>>(&mut self, node: Node<'a, V>, depth: usize) {
        if depth > MAX_DEPTH {
            return self.not_json(NotJson::TooDeep);
        }
        match node {
            Node::NotJson(what) => self.not_json(what),
            Node::Array(items) => {
                for (index, item) in items.enumerate() {
                    self.path.push(Step::Index(index));
                    self.well_formed(item);
                    self.json(item.node(), depth + 1);
                    self.path.pop();
                }
            }
            Node::Object(entries) => {
                for (key, value) in entries {
                    self.path.push(Step::Key(key));
                    self.well_formed(value);
                    self.json(value.node(), depth + 1);
                    self.path.pop();
                }
            }
            _ => {}
        }
    }

    fn well_formed<V: Value<'a>>(&mut self, value: V) {
        if value.was_half_a_pair() {
            let message = "half of a surrogate pair, as of an emoji cut in two, is sent as U+FFFD";
            self.add(Code::NotWellFormed, message, &[]);
        }
    }

    fn form<V: Value<'a>>(&mut self, node: Node<'a, V>, form: &'static Form, column: usize) {
        match (form, node) {
            (Form::Text(rule), Node::String(text)) => self.text(text, rule),
            (Form::Html(policy), Node::String(html)) => self.html(html, policy),
            (Form::Url, Node::String(url)) => {
                if !is_http_url(url) {
                    self.add(Code::InvalidUrl, "must be an absolute http or https URL", &[]);
                }
            }
            (Form::UrlTemplate, Node::String(url)) => {
                if !is_http_url_template(url) {
                    let message = "must be an absolute http or https URL, in which `{…}` may stand";
                    self.add(Code::InvalidUrl, message, &[]);
                }
            }
            (Form::Email, Node::String(email)) => {
                if !is_email(email) {
                    self.add(Code::InvalidEmail, "must be an e-mail address", &[]);
                }
            }
            (Form::Choice(words), Node::String(word)) => self.choice(word, words),
            (Form::Tags, Node::String(tags)) => self.tag_string(tags),
            (Form::Tags, Node::Array(items)) => {
                self.items(items, |walker, item| match item.node() {
                    Node::String(_) => {}
                    other => walker.wrong_type(Wanted::Text, &other),
                });
            }
            (Form::Attachments, Node::Array(items)) => self.attachments(items),
            (Form::Object(object), Node::Object(entries)) => self.object::<V>(entries, object, column),
            (Form::List(object), Node::Array(items)) => {
                self.items(items, |walker, item| match item.node() {
                    Node::Object(entries) => walker.object::<V>(entries, object, column),
                    other => walker.wrong_type(Wanted::Object, &other),
                });
            }
            (form, other) => self.wrong_type(Wanted::by(form), &other),
        }
    }

    fn items<V: Value<'a>>(&mut self, items: impl Iterator<Item = V>, mut each: impl FnMut(&mut Self, V)) {
        for (index, item) in items.enumerate() {
            self.path.push(Step::Index(index));
            self.well_formed(item);
            each(self, item);
            self.path.pop();
        }
    }

    fn text(&mut self, text: &str, rule: &Text) {
        if !rule.blank && is_blank(text) {
            self.add(Code::InvalidFormat, BLANK, &[]);
        } else if !rule.space && text.chars().any(char::is_whitespace) {
            self.add(Code::InvalidFormat, "must not contain white space", &[]);
        }
        if let Some(limit) = rule.max_chars.map(usize::from) {
            // A byte that goes on with one before begins none.
            let chars = text.bytes().filter(|byte| byte & 0b1100_0000 != 0b1000_0000).count();
            if chars > limit {
                let numbers = [digits(limit), digits(chars)];
                let numbers = numbers.each_ref().map(String::as_str);
                let violation = self.add(Code::TooLong, "must have at most % characters, has %", &numbers);
                violation.limit = Some(limit);
                violation.actual = Some(Actual::Number(chars));
            }
        }
        if rule.shown
            && let Some(tag) = html::first_tag(text)
        {
            self.add(Code::HtmlInPlainText, "is plain text: `%` will be shown as it stands", &[&shorten(tag)]);
        }
    }

    /// A string of HTML.
    pub fn html(&mut self, html: &str, policy: &'static Policy) {
        for finding in html::check(html, policy) {
            let violation = self.add_as(finding.code, finding.severity, finding.message);
            violation.allowed = finding.allowed;
            violation.actual = finding.actual.map(Actual::Text);
            violation.offset = Some(finding.offset);
            violation.length = Some(finding.length);
        }
    }

    fn choice(&mut self, word: &str, words: &'static [&'static str]) {
        // A builder is for one event, whatever else a message may be.
        let only = self.options.event.filter(|_| self.path == [Step::Key("event")]);
        if only.map_or(words.contains(&word), |only| only == word) {
            return;
        }
        let hint =
            schema::nearest_word(words.iter().copied(), word).filter(|near| only.is_none_or(|only| only == *near));
        let shown = shorten(word);
        let violation = match (only, hint) {
            (Some(only), _) => self.add(Code::InvalidChoice, "must be `%` here, not `%`", &[only, &shown]),
            (None, Some(near)) => {
                self.add(Code::InvalidChoice, "`%` is not allowed, did you mean `%`", &[&shown, near])
            }
            (None, None) => self.add(Code::InvalidChoice, "`%` is not one of `%`", &[&shown, &join(words, "`, `")]),
        };
        violation.allowed = Some(words);
        violation.actual = Some(Actual::Text(shown));
        violation.hint = hint.map(str::to_owned);
    }

    /// `"a,b"`: the service split such a string at its commas and took white space for a part of the tag (seen).
    fn tag_string(&mut self, tags: &str) {
        let space = char::is_whitespace;
        let beside = |at: usize| {
            let (before, after) = (tags.get(..at).unwrap_or_default(), tags.get(at + 1..).unwrap_or_default());
            before.ends_with(space) || after.starts_with(space)
        };
        if tags.bytes().enumerate().any(|(at, byte)| byte == b',' && beside(at)) {
            self.add(Code::TagWhitespace, "white space beside a comma becomes part of a tag", &[]);
        }
    }

    fn attachments<V: Value<'a>>(&mut self, items: impl Iterator<Item = V>) {
        let (mut with, mut without) = (0, 0);
        self.items(items, |walker, item| match item.node() {
            Node::Object(mut entries) => {
                let has_id = entries.any(|(key, value)| key == "id" && !is_missing(value));
                *(if has_id { &mut with } else { &mut without }) += 1;
                walker.json(item.node(), 0);
            }
            other => walker.wrong_type(Wanted::Object, &other),
        });
        if with > 0 && without > 0 {
            self.add(Code::MixedAttachmentIds, "either each attachment has an `id` or none has", &[]);
        }
    }

    fn wrong_type<V: Value<'a>>(&mut self, wanted: Wanted, found: &Node<'a, V>) {
        let name = found.name();
        let hint = match (wanted, found) {
            (Wanted::Text, Node::Number(_)) => ": write it in quotes",
            _ => "",
        };
        self.add(Code::InvalidType, "must be %, found %%", &[wanted.name(), name, hint]).actual =
            Some(Actual::Text(name.to_owned()));
    }

    fn not_json(&mut self, what: NotJson) {
        self.add(Code::InvalidType, "% cannot be sent as JSON", &[what.name()]).actual =
            Some(Actual::Text(what.name().to_owned()));
    }

    /// Adds a violation at the present path, with a message as [`fill`] fills it; what else it carries is set on the answer.
    fn add(&mut self, code: Code, message: &str, with: &[&str]) -> &mut Violation {
        self.add_as(code, code.severity(), fill(message, with))
    }

    fn add_as(&mut self, code: Code, severity: Severity, message: String) -> &mut Violation {
        let violation = Violation::new(pointer(&self.path), code, severity, message);
        let is_error = severity == Severity::Error;
        if self.violations.len() < MAX_VIOLATIONS || is_error && !self.has_error {
            self.has_error |= is_error;
            self.violations.push(violation);
            // It was pushed just now.
            self.violations.last_mut().unwrap_or(&mut self.beyond)
        } else {
            self.beyond = violation;
            &mut self.beyond
        }
    }
}

/// The JSON Pointer of a way, which writes two characters in another way (RFC 6901).
fn pointer(path: &[Step<'_>]) -> String {
    static ESCAPED: ByteSet = ByteSet::of(b"~/");
    let mut pointer = String::new();
    for step in path {
        pointer.push('/');
        match step {
            Step::Index(index) => pointer.push_str(&digits(*index)),
            Step::Key(key) if !ESCAPED.is_in(key) => pointer.push_str(key),
            Step::Key(key) => {
                replace(&mut pointer, key, &|byte| match byte {
                    b'~' => Some("~0"),
                    b'/' => Some("~1"),
                    _ => None,
                });
            }
        }
    }
    pointer
}

/// The column that an object's tag chooses. Without a usable tag it is the one that uses most of the keys that are there,
/// so that a report says as much as it can.
fn column<'a, V: Value<'a>>(
    entries: impl Iterator<Item = (&'a str, V)> + Clone,
    object: &'static Object,
    tag: &'static Tag,
) -> usize {
    let tagged = entries.clone().find(|(key, _)| *key == tag.key).and_then(|(_, value)| match value.node() {
        Node::String(word) => tag.values.iter().position(|known| *known == word),
        _ => None,
    });
    let used = |column: usize| {
        let uses = |key: &str| object.rule(key).is_some_and(|rule| rule.need(column) != Need::NotUsed);
        entries.clone().filter(|(key, value)| uses(key) && !matches!(value.node(), Node::Null)).count()
    };
    tagged.unwrap_or_else(|| {
        // The first of those that use the same number.
        (0..tag.values.len()).rev().max_by_key(|column| used(*column)).unwrap_or(0)
    })
}

/// The JSON type that a form wants.
#[derive(Clone, Copy)]
enum Wanted {
    Text,
    Object,
    Array,
    Tags,
}

impl Wanted {
    const fn by(form: &Form) -> Self {
        match form {
            Form::Tags => Wanted::Tags,
            Form::Attachments | Form::List(_) => Wanted::Array,
            Form::Object(_) => Wanted::Object,
            _ => Wanted::Text,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Wanted::Text => "a string",
            Wanted::Object => "an object",
            Wanted::Array => "an array",
            Wanted::Tags => "an array of strings or a string with commas",
        }
    }
}

/// Null, or a blank string.
fn is_missing<'a>(value: impl Value<'a>) -> bool {
    match value.node() {
        Node::Null => true,
        Node::String(text) => is_blank(text),
        _ => false,
    }
}

/// Empty, or only Unicode white space.
pub(super) fn is_blank(text: &str) -> bool {
    // What most texts begin with is none.
    !text.as_bytes().first().is_some_and(u8::is_ascii_graphic) && text.chars().all(char::is_whitespace)
}
