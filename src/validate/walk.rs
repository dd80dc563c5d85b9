//! Walks through a value once by the schema, and collects every violation.
//!
//! A rule has a [`Need`] for each kind of object, such as the three events of a message. The number of the kind is its column
//! ([`Object`]).

use super::format::{is_email, is_http_url, is_http_url_template};
use super::options::Options;
use super::path::{Path, Step};
use super::report::{Actual, Report, Violation};
use crate::bytes::same;
use crate::error::{Code, Severity};
use crate::html::{self, Policy};
use crate::json::{Document, Entries, Items, Node, NotJson, Positions, StringPositions, Value};
use crate::schema::{self, Form, Need, Object, OneOf, Rule, Tag, Text};
use crate::text::{digits, fill, join, shorten};

const BLANK: &str = "can't be blank";

/// The largest number of violations in a report (ours), equal to the number of findings for one fragment. More would
/// help nobody, and a hostile message would have hundreds of thousands. If all of them are warnings, the first error
/// follows them.
const MAX_VIOLATIONS: usize = html::MAX_FINDINGS;

/// The keys of an object of which one has to be there.
struct OneOfKeys {
    one_of: Option<&'static OneOf>,
    /// Whether a blank one counts as missing, as it does where one is required. Elsewhere it breaks its own rule.
    blank_is_missing: bool,
    is_there: bool,
}

impl OneOfKeys {
    fn new(object: &'static Object, column: usize) -> Self {
        let one_of = object.one_of.as_ref();
        Self { one_of, blank_is_missing: one_of.is_some_and(|one_of| one_of.is_required(column)), is_there: false }
    }

    /// Notes a key of the object. True when it is missing and so are all its alternatives: then one violation is reported for all of
    /// them, and none for this key.
    fn is_covered(&mut self, key: &str, value: Value<'_>, entries: &Entries<'_>) -> bool {
        if !self.has(key) {
            return false;
        }
        self.is_there |= self.counts(value);
        !self.is_there && is_missing(value) && !entries.clone().any(|(key, value)| self.has(key) && self.counts(value))
    }

    fn has(&self, key: &str) -> bool {
        self.one_of.is_some_and(|one_of| one_of.keys.iter().any(|known| same(known, key)))
    }

    fn counts(&self, value: Value<'_>) -> bool {
        if self.blank_is_missing { !is_missing(value) } else { !value.is_null() }
    }

    /// The keys, where none of them was there.
    fn missing(&self) -> Option<&'static OneOf> {
        self.one_of.filter(|_| !self.is_there)
    }
}

pub(super) struct Walker {
    options: Options,
    violations: Vec<Violation>,
    /// The byte index of each violation in the text.
    starts: Vec<usize>,
    has_error: bool,
    /// The last violation that did not fit into the report.
    beyond: Violation,
}

impl Walker {
    pub fn new(options: Options) -> Self {
        let beyond = Violation::new(String::new(), Code::Required, Severity::Error, String::new());
        Self { options, violations: Vec::new(), starts: Vec::new(), has_error: false, beyond }
    }

    /// Checks HTML that is no part of a message.
    pub fn fragment(&mut self, html: &str, policy: &'static Policy) {
        self.html(&Path::root(0), None, html, policy);
    }

    pub fn into_report(self) -> Report {
        Report::new(self.violations)
    }

    /// Returns the report, with the position of each violation in the text.
    pub fn into_report_with_positions(mut self, document: &Document<'_>) -> Report {
        let mut positions = Positions::new(document.text());
        for (violation, start) in self.violations.iter_mut().zip(&self.starts) {
            violation.at = Some(positions.find(*start));
        }
        self.into_report()
    }

    /// Checks a message, or a thread without its message.
    pub fn root(&mut self, value: Value<'_>, object: &'static Object) {
        let path = Path::root(value.start());
        match value.node() {
            Node::Object(entries) => self.object(&path, entries, object, 0),
            other => self.wrong_type(&path, Wanted::Object, &other),
        }
    }

    /// Checks the keys of an object. `outer` is the column of the object around it.
    fn object(&mut self, path: &Path<'_>, entries: Entries<'_>, object: &'static Object, outer: usize) {
        let column = match (&object.tag, self.options.event) {
            (Some(tag), Some(event)) if tag.key == "event" => {
                tag.values.iter().position(|known| *known == event).unwrap_or_default()
            }
            (Some(tag), _) => column(&entries, object, tag),
            (None, _) => outer,
        };
        let mut one_of = OneOfKeys::new(object, column);
        // The rules whose key is present, as bits.
        let mut there = 0;
        let mut last = Value::NULL;
        for (key, value) in entries.clone() {
            let path = path.to(Step::Key(key), value.start());
            last = value;
            self.well_formed(&path, value.key().has_half() || value.has_half());
            match object.rules.find(key) {
                Some((index, _)) if there & (1 << index) != 0 => {
                    let path = path.shown_at(value.key().start());
                    self.add(&path, Code::DuplicateKey, "stands there twice", &[]);
                }
                Some((index, rule)) => {
                    there |= 1 << index;
                    if !one_of.is_covered(key, value, &entries) {
                        self.known(&path, value, rule, object, column);
                    }
                }
                None => self.unknown(&path, key, value, object),
            }
        }
        if last.is_cut() {
            // Where the text was cut, the missing keys may have stood.
            return;
        }
        self.missing_keys(path, there, object, column);
        if let Some(one_of) = one_of.missing() {
            self.one_of_missing(path, one_of, column);
        }
    }

    /// Checks a missing object like an empty one, so that each key that it requires is reported.
    fn no_object(&mut self, path: &Path<'_>, object: &'static Object, column: usize) {
        self.missing_keys(path, 0, object, column);
        if let Some(one_of) = &object.one_of {
            self.one_of_missing(path, one_of, column);
        }
    }

    /// Reports the missing keys of an object. `there` has a bit for each rule whose key is present.
    fn missing_keys(&mut self, path: &Path<'_>, there: u32, object: &'static Object, column: usize) {
        let missing = object.rules.needed(column) & !there;
        if missing == 0 {
            return;
        }
        for (index, rule) in object.rules.iter().enumerate() {
            if missing & (1 << index) != 0 {
                self.missing(&path.to(Step::Key(rule.key), path.start), rule, column);
            }
        }
    }

    fn one_of_missing(&mut self, path: &Path<'_>, one_of: &'static OneOf, column: usize) {
        let (severity, message) = if one_of.is_required(column) {
            (Severity::Error, "`%` is required")
        } else {
            (Severity::Warning, "without `%` it stands outside any thread")
        };
        let message = fill(message, &[&join(one_of.keys, "` or `")]);
        self.add_as(path, Code::RequiredOneOf, severity, message).allowed = Some(one_of.keys);
    }

    /// Checks a key that has a rule.
    fn known(
        &mut self,
        path: &Path<'_>,
        value: Value<'_>,
        rule: &'static Rule,
        object: &'static Object,
        column: usize,
    ) {
        let need = self.options.need(rule, column);
        match (value.node(), need) {
            (Node::Null, _) => self.missing(path, rule, column),
            (other, Need::NotUsed) => {
                let event = object.tag.as_ref().and_then(|tag| tag.values.get(column)).copied().unwrap_or_default();
                self.add(path, Code::NotUsed, "is not used with `%`", &[event]);
                // The rule says no more about the value, but it must be JSON.
                self.json(path, other);
            }
            (Node::String(text), Need::Required | Need::Recommended) if is_blank(text) => {
                self.missing(path, rule, column);
            }
            (node, _) => self.form(path, value, node, &rule.form, column),
        }
    }

    /// Reports a key with a rule that is missing, null or blank.
    fn missing(&mut self, path: &Path<'_>, rule: &'static Rule, column: usize) {
        match (self.options.need(rule, column), &rule.form) {
            (Need::Required, form) => {
                let allowed = if let Form::Choice(words) = form { Some(*words) } else { None };
                self.add(path, Code::Required, BLANK, &[]).allowed = allowed;
            }
            (Need::Recommended, _) => {
                self.add(path, Code::Recommended, "should not be blank", &[]);
            }
            (Need::Holds, Form::Object(inner)) => {
                self.no_object(path, inner, column);
            }
            _ => {}
        }
    }

    /// Reports a key without a rule. The key is sent unchanged.
    fn unknown(&mut self, path: &Path<'_>, key: &str, value: Value<'_>, object: &'static Object) {
        let of_key = path.shown_at(value.key().start());
        if object.read_only.contains(&key) {
            self.add(&of_key, Code::ReadOnly, "is set by the server alone", &[]);
        } else {
            let above = path.above.map(Path::pointer).unwrap_or_default();
            let hint = schema::nearest_path(object, &above, key);
            let violation = match &hint {
                Some(near) => self.add(&of_key, Code::UnknownField, "is not a known key, did you mean `%`", &[near]),
                None => self.add(&of_key, Code::UnknownField, "is not a known key", &[]),
            };
            violation.hint = hint;
        }
        self.json(path, value.node());
    }

    /// Looks for values that JSON cannot hold, in a value without a rule.
    fn json(&mut self, path: &Path<'_>, node: Node<'_>) {
        match node {
            Node::NotJson(what) => self.not_json(path, what),
            Node::Array(items) => {
                self.items(path, items, |walker, path, item| walker.json(path, item.node()));
            }
            Node::Object(entries) => {
                for (key, value) in entries {
                    let path = path.to(Step::Key(key), value.start());
                    self.well_formed(&path, value.key().has_half() || value.has_half());
                    self.json(&path, value.node());
                }
            }
            _ => {}
        }
    }

    /// Reports a string, or its key, that was cut in the middle of a character.
    fn well_formed(&mut self, path: &Path<'_>, has_half: bool) {
        if has_half {
            let message = "half of a surrogate pair, as of an emoji cut in two, is sent as U+FFFD";
            self.add(path, Code::NotWellFormed, message, &[]);
        }
    }

    fn form(&mut self, path: &Path<'_>, value: Value<'_>, node: Node<'_>, form: &'static Form, column: usize) {
        match (form, node) {
            (Form::Text(rule), Node::String(text)) => self.text(path, text, rule),
            (Form::Html(policy), Node::String(html)) => self.html(path, Some(value), html, policy),
            (Form::Url, Node::String(url)) => {
                if !is_http_url(url) {
                    self.add(path, Code::InvalidUrl, "must be an absolute http or https URL", &[]);
                }
            }
            (Form::UrlTemplate, Node::String(url)) => {
                if !is_http_url_template(url) {
                    let message = "must be an absolute http or https URL, in which `{…}` may stand";
                    self.add(path, Code::InvalidUrl, message, &[]);
                }
            }
            (Form::Email, Node::String(email)) => {
                if !is_email(email) {
                    self.add(path, Code::InvalidEmail, "must be an e-mail address", &[]);
                }
            }
            (Form::Choice(words), Node::String(word)) => self.choice(path, word, words),
            (Form::Tags, Node::String(tags)) => self.tag_string(path, tags),
            (Form::Tags, Node::Array(items)) => {
                self.items(path, items, |walker, path, item| match item.node() {
                    Node::String(_) => {}
                    other => walker.wrong_type(path, Wanted::Text, &other),
                });
            }
            (Form::Attachments, Node::Array(items)) => self.attachments(path, items),
            (Form::Object(object), Node::Object(entries)) => self.object(path, entries, object, column),
            (Form::List(object), Node::Array(items)) => {
                self.items(path, items, |walker, path, item| match item.node() {
                    Node::Object(entries) => walker.object(path, entries, object, column),
                    other => walker.wrong_type(path, Wanted::Object, &other),
                });
            }
            (form, other) => self.wrong_type(path, Wanted::by(form), &other),
        }
    }

    fn items(&mut self, path: &Path<'_>, items: Items<'_>, mut each: impl FnMut(&mut Self, &Path<'_>, Value<'_>)) {
        for (index, item) in items.enumerate() {
            let path = path.to(Step::Index(index), item.start());
            self.well_formed(&path, item.has_half());
            each(self, &path, item);
        }
    }

    fn text(&mut self, path: &Path<'_>, text: &str, rule: &Text) {
        if !rule.blank && is_blank(text) {
            self.add(path, Code::InvalidFormat, BLANK, &[]);
        } else if !rule.space && text.chars().any(char::is_whitespace) {
            self.add(path, Code::InvalidFormat, "must not contain white space", &[]);
        }
        // A text never has more characters than bytes.
        if let Some(limit) = rule.max_chars.map(usize::from).filter(|limit| text.len() > *limit) {
            // Counts the characters: every byte that does not continue a character begins one.
            let chars = text.bytes().filter(|byte| byte & 0b1100_0000 != 0b1000_0000).count();
            if chars > limit {
                let numbers = [digits(limit), digits(chars)];
                let numbers = numbers.each_ref().map(String::as_str);
                let violation = self.add(path, Code::TooLong, "must have at most % characters, has %", &numbers);
                violation.limit = Some(limit);
                violation.actual = Some(Actual::Number(chars));
            }
        }
        if rule.shown
            && let Some(tag) = html::first_tag(text)
        {
            self.add(path, Code::HtmlInPlainText, "is plain text: `%` will be shown as it stands", &[&shorten(tag)]);
        }
    }

    /// Checks a string of HTML. `value` is the value that holds it, if it is part of a document.
    fn html(&mut self, path: &Path<'_>, value: Option<Value<'_>>, html: &str, policy: &'static Policy) {
        let mut inside = value.map(StringPositions::new);
        for finding in html::check(html, policy) {
            let start = inside.as_mut().map_or(path.start, |inside| inside.find(finding.offset));
            let path = path.shown_at(start);
            let violation = self.add_as(&path, finding.code, finding.severity, finding.message);
            violation.allowed = finding.allowed;
            violation.actual = finding.actual.map(Actual::Text);
            violation.offset = Some(finding.offset);
            violation.length = Some(finding.length);
        }
    }

    fn choice(&mut self, path: &Path<'_>, word: &str, words: &'static [&'static str]) {
        // A builder builds one event only, so it allows only that word.
        let only = self.options.event.filter(|_| path.is_event());
        if only.map_or(words.contains(&word), |only| only == word) {
            return;
        }
        let hint =
            schema::nearest_word(words.iter().copied(), word).filter(|near| only.is_none_or(|only| only == *near));
        let shown = shorten(word);
        let violation = match (only, hint) {
            (Some(only), _) => self.add(path, Code::InvalidChoice, "must be `%` here, not `%`", &[only, &shown]),
            (None, Some(near)) => {
                self.add(path, Code::InvalidChoice, "`%` is not allowed, did you mean `%`", &[&shown, near])
            }
            (None, None) => {
                self.add(path, Code::InvalidChoice, "`%` is not one of `%`", &[&shown, &join(words, "`, `")])
            }
        };
        violation.allowed = Some(words);
        violation.actual = Some(Actual::Text(shown));
        violation.hint = hint.map(str::to_owned);
    }

    /// Checks a string with commas between the tags. The service split such a string at its commas and took white space
    /// for a part of the tag (seen).
    fn tag_string(&mut self, path: &Path<'_>, tags: &str) {
        let space = char::is_whitespace;
        let beside = |at: usize| {
            let (before, after) = (tags.get(..at).unwrap_or_default(), tags.get(at + 1..).unwrap_or_default());
            before.ends_with(space) || after.starts_with(space)
        };
        if tags.bytes().enumerate().any(|(at, byte)| byte == b',' && beside(at)) {
            self.add(path, Code::TagWhitespace, "white space beside a comma becomes part of a tag", &[]);
        }
    }

    fn attachments(&mut self, path: &Path<'_>, items: Items<'_>) {
        let (mut with, mut without) = (0, 0);
        self.items(path, items, |walker, path, item| match item.node() {
            Node::Object(mut entries) => {
                let has_id = entries.any(|(key, value)| key == "id" && !is_missing(value));
                *(if has_id { &mut with } else { &mut without }) += 1;
                walker.json(path, item.node());
            }
            other => walker.wrong_type(path, Wanted::Object, &other),
        });
        if with > 0 && without > 0 {
            self.add(path, Code::MixedAttachmentIds, "either each attachment has an `id` or none has", &[]);
        }
    }

    fn wrong_type(&mut self, path: &Path<'_>, wanted: Wanted, found: &Node<'_>) {
        let name = found.name();
        let hint = match (wanted, found) {
            (Wanted::Text, Node::Number(_)) => ": write it in quotes",
            _ => "",
        };
        self.add(path, Code::InvalidType, "must be %, found %%", &[wanted.name(), name, hint]).actual =
            Some(Actual::Text(name.to_owned()));
    }

    fn not_json(&mut self, path: &Path<'_>, what: NotJson) {
        self.add(path, Code::InvalidType, "% cannot be sent as JSON", &[what.name()]).actual =
            Some(Actual::Text(what.name().to_owned()));
    }

    /// Adds a violation whose message is filled by [`fill`]. The caller sets the optional values of the result.
    fn add(&mut self, path: &Path<'_>, code: Code, message: &str, with: &[&str]) -> &mut Violation {
        self.add_as(path, code, code.severity(), fill(message, with))
    }

    fn add_as(&mut self, path: &Path<'_>, code: Code, severity: Severity, message: String) -> &mut Violation {
        let is_error = severity == Severity::Error;
        // A path can be long, so none is made for a violation that does not fit.
        if self.violations.len() < MAX_VIOLATIONS || is_error && !self.has_error {
            let violation = Violation::new(path.pointer(), code, severity, message);
            self.has_error |= is_error;
            self.violations.push(violation);
            self.starts.push(path.start);
            // `last_mut` always returns the violation that was just added.
            self.violations.last_mut().unwrap_or(&mut self.beyond)
        } else {
            &mut self.beyond
        }
    }
}

/// Returns the column that an object's tag chooses. Without a usable tag, this is the column that uses most of the keys
/// that are present, so that the report says as much as possible.
fn column(entries: &Entries<'_>, object: &'static Object, tag: &'static Tag) -> usize {
    let tagged = entries.clone().find(|(key, _)| *key == tag.key).and_then(|(_, value)| {
        let word = value.text()?;
        tag.values.iter().position(|known| *known == word)
    });
    let used = |column: usize| {
        let uses = |key: &str| object.rule(key).is_some_and(|rule| rule.need(column) != Need::NotUsed);
        entries.clone().filter(|(key, value)| uses(key) && !value.is_null()).count()
    };
    tagged.unwrap_or_else(|| {
        // If several columns use the same number of keys, the first of them counts.
        (0..tag.values.len()).rev().max_by_key(|column| used(*column)).unwrap_or(0)
    })
}

/// The JSON type that a rule wants.
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

/// Whether a value is null or a blank string.
fn is_missing(value: Value<'_>) -> bool {
    match value.node() {
        Node::Null => true,
        Node::String(text) => is_blank(text),
        _ => false,
    }
}

/// Whether a text is empty or only Unicode white space.
pub(super) fn is_blank(text: &str) -> bool {
    // Most texts begin with a visible ASCII character.
    !text.as_bytes().first().is_some_and(u8::is_ascii_graphic) && text.chars().all(char::is_whitespace)
}
