//! Walks a value by the schema, once, and collects every violation.

use super::Options;
use super::format::{is_email, is_http_url, is_http_url_template};
use super::report::{Actual, Report, Violation};
use super::value::{MAX_DEPTH, Node, NotJson, Value};
use crate::error::{Code, Severity};
use crate::html::{self, Policy, shorten};
use crate::schema::{self, Form, Need, Object, Rule, Tag, Text};

const BLANK: &str = "can't be blank";

/// How many violations a report lists (ours): more are of no use to anybody, and a hostile message would have hundreds of
/// thousands. Should they all be warnings, the first error is listed beside them.
const MAX_VIOLATIONS: usize = 1000;

pub(super) struct Walker {
    options: Options,
    /// The JSON Pointer of the value that is being looked at.
    path: String,
    violations: Vec<Violation>,
    has_error: bool,
}

impl Walker {
    pub fn new(options: Options) -> Self {
        Self { options, path: String::new(), violations: Vec::new(), has_error: false }
    }

    pub fn into_report(self) -> Report {
        Report::new(self.violations)
    }

    /// A message or a thread by itself.
    pub fn root<'a, V: Value<'a>>(&mut self, value: V, object: &'static Object) {
        match value.node() {
            Node::Object(entries) => self.object::<V>(Some(entries), object, 0),
            other => self.wrong_type(Wanted::Object, &other),
        }
    }

    /// The keys of an object; a missing one has none. `outer` is the column of the object around it.
    fn object<'a, V: Value<'a>>(&mut self, entries: Option<V::Entries>, object: &'static Object, outer: usize) {
        let entries = entries.into_iter().flatten();
        let column = object.tag.as_ref().map_or(outer, |tag| {
            let named = self.options.event.filter(|_| tag.key == "event");
            let named = named.and_then(|event| tag.values.iter().position(|known| *known == event));
            named.unwrap_or_else(|| column(entries.clone(), object, tag))
        });
        let referenced = object.one_of.is_empty()
            || entries.clone().any(|(key, value)| object.one_of.contains(&key) && !is_missing(value));
        // A bit for each rule whose key was there.
        let mut there = 0_u64;
        for (key, value) in entries {
            let before = self.path.len();
            self.push_key(key);
            match object.rules.iter().position(|rule| rule.key == key).and_then(|at| Some((at, object.rules.get(at)?)))
            {
                Some((at, rule)) => {
                    there |= 1 << at;
                    if referenced || !object.one_of.contains(&key) || !is_missing(value) {
                        self.known(value, rule, object, column);
                    }
                }
                None => self.unknown(key, value, object, before),
            }
            self.path.truncate(before);
        }
        for (at, rule) in object.rules.iter().enumerate() {
            if there & (1 << at) == 0 {
                let before = self.path.len();
                self.push_key(rule.key);
                self.missing::<V>(rule, column);
                self.path.truncate(before);
            }
        }
        if !referenced {
            let keys = object.one_of.join("` or `");
            self.add_with(Code::RequiredOneOf, format!("`{keys}` is required"), |violation| {
                violation.allowed = Some(object.one_of);
            });
        }
    }

    /// The key of a rule is there.
    fn known<'a, V: Value<'a>>(&mut self, value: V, rule: &'static Rule, object: &'static Object, column: usize) {
        let need = self.need(rule, column);
        match (value.node(), need) {
            (Node::Null, Need::NotUsed) => {}
            (other, Need::NotUsed) => {
                let event = object.tag.as_ref().and_then(|tag| tag.values.get(column)).copied().unwrap_or_default();
                self.add(Code::NotUsed, format!("is not used with `{event}`"));
                // Still, what it holds has to be JSON.
                self.json(other, 0);
            }
            (Node::Null, Need::Required | Need::Recommended | Need::Holds) => self.missing::<V>(rule, column),
            (Node::Null, Need::Optional) if rule.nullable => {}
            (Node::String(text), Need::Required | Need::Recommended) if is_blank(text) => {
                self.missing::<V>(rule, column)
            }
            (node, _) => self.form(node, &rule.form, column),
        }
    }

    /// The key of a rule is missing, null or blank.
    fn missing<'a, V: Value<'a>>(&mut self, rule: &'static Rule, column: usize) {
        match (self.need(rule, column), &rule.form) {
            (Need::Required, form) => {
                let allowed = if let Form::Choice(words) = form { Some(*words) } else { None };
                self.add_with(Code::Required, BLANK, |violation| violation.allowed = allowed);
            }
            (Need::Recommended, _) => {
                self.add(Code::Recommended, "should not be blank");
            }
            (Need::Holds, Form::Object(inner)) => {
                self.object::<V>(None, inner, column);
            }
            _ => {}
        }
    }

    fn need(&self, rule: &'static Rule, column: usize) -> Need {
        match rule.need(column) {
            Need::RequiredByDefault if self.options.thread_optional => Need::Optional,
            Need::RequiredByDefault => Need::Required,
            need => need,
        }
    }

    /// A key that no rule is for; it is sent as it stands.
    fn unknown<'a, V: Value<'a>>(&mut self, key: &str, value: V, object: &'static Object, parent: usize) {
        if object.read_only.contains(&key) {
            self.add(Code::ReadOnly, "is set by the server alone");
        } else {
            let hint = schema::nearest_path(object, self.path.get(..parent).unwrap_or_default(), key);
            let message = match &hint {
                Some(near) => format!("is not a known key, did you mean `{near}`"),
                None => "is not a known key".to_owned(),
            };
            self.add_with(Code::UnknownField, message, |violation| violation.hint = hint);
        }
        self.json(value.node(), 0);
    }

    /// Looks for what JSON cannot hold in a value that no rule is for.
    fn json<'a, V: Value<'a>>(&mut self, node: Node<'a, V>, depth: usize) {
        if depth > MAX_DEPTH {
            return self.not_json(NotJson::TooDeep);
        }
        let before = self.path.len();
        match node {
            Node::NotJson(what) => self.not_json(what),
            Node::Array(items) => {
                for (index, item) in items.enumerate() {
                    self.push_index(index);
                    self.json(item.node(), depth + 1);
                    self.path.truncate(before);
                }
            }
            Node::Object(entries) => {
                for (key, value) in entries {
                    self.push_key(key);
                    self.json(value.node(), depth + 1);
                    self.path.truncate(before);
                }
            }
            _ => {}
        }
    }

    fn form<'a, V: Value<'a>>(&mut self, node: Node<'a, V>, form: &'static Form, column: usize) {
        match (form, node) {
            (Form::Text(rule), Node::String(text)) => self.text(text, rule),
            (Form::Html(policy), Node::String(html)) => self.html(html, policy),
            (Form::Url, Node::String(url)) => {
                if !is_http_url(url) {
                    self.add(Code::InvalidUrl, "must be an absolute http or https URL");
                }
            }
            (Form::UrlTemplate, Node::String(url)) => {
                if !is_http_url_template(url) {
                    self.add(Code::InvalidUrl, "must be an absolute http or https URL, in which `{…}` may stand");
                }
            }
            (Form::Email, Node::String(email)) => {
                if !is_email(email) {
                    self.add(Code::InvalidEmail, "must be an e-mail address");
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
            (Form::Object(object), Node::Object(entries)) => self.object::<V>(Some(entries), object, column),
            (Form::List(object), Node::Array(items)) => {
                self.items(items, |walker, item| match item.node() {
                    Node::Object(entries) => walker.object::<V>(Some(entries), object, column),
                    other => walker.wrong_type(Wanted::Object, &other),
                });
            }
            (form, other) => self.wrong_type(Wanted::by(form), &other),
        }
    }

    fn items<'a, V: Value<'a>>(&mut self, items: impl Iterator<Item = V>, mut each: impl FnMut(&mut Self, V)) {
        let before = self.path.len();
        for (index, item) in items.enumerate() {
            self.push_index(index);
            each(self, item);
            self.path.truncate(before);
        }
    }

    fn text(&mut self, text: &str, rule: &Text) {
        if !rule.blank && is_blank(text) {
            self.add(Code::InvalidFormat, BLANK);
        } else if !rule.space && text.contains(char::is_whitespace) {
            self.add(Code::InvalidFormat, "must not contain white space");
        }
        if let Some(limit) = rule.max_chars {
            let chars = text.chars().count();
            if chars > limit {
                self.add_with(
                    Code::TooLong,
                    format!("must have at most {limit} characters, has {chars}"),
                    |violation| {
                        violation.limit = Some(limit);
                        violation.actual = Some(Actual::Number(chars));
                    },
                );
            }
        }
        if rule.shown
            && let Some(tag) = html::first_tag(text)
        {
            self.add(Code::HtmlInPlainText, format!("is plain text: `{}` will be shown as it stands", shorten(tag)));
        }
    }

    /// A string of HTML.
    pub fn html(&mut self, html: &str, policy: &'static Policy) {
        for finding in html::check(html, policy) {
            self.add_with(finding.code, finding.message, |violation| {
                violation.severity = finding.severity;
                violation.allowed = finding.allowed;
                violation.actual = finding.actual.map(Actual::Text);
                violation.offset = Some(finding.offset);
                violation.length = Some(finding.length);
            });
        }
    }

    fn choice(&mut self, word: &str, words: &'static [&'static str]) {
        // A builder is for one event, whatever else a message may be.
        let only = self.options.event.filter(|_| self.path == "/event");
        if only.map_or(words.contains(&word), |only| only == word) {
            return;
        }
        let hint =
            schema::nearest_word(words.iter().copied(), word).filter(|near| only.is_none_or(|only| only == *near));
        let shown = shorten(word);
        let message = match (only, hint) {
            (Some(only), _) => format!("must be `{only}` here, not `{shown}`"),
            (None, Some(near)) => format!("`{shown}` is not allowed, did you mean `{near}`"),
            (None, None) => format!("`{shown}` is not one of `{}`", words.join("`, `")),
        };
        self.add_with(Code::InvalidChoice, message, |violation| {
            violation.allowed = Some(words);
            violation.actual = Some(Actual::Text(shown));
            violation.hint = hint.map(str::to_owned);
        });
    }

    /// `"a,b"`: the service split such a string at its commas and took white space for a part of the tag (seen).
    fn tag_string(&mut self, tags: &str) {
        let space = char::is_whitespace;
        let pieces = || tags.split(',');
        // The outer ends of the string are beside no comma.
        let beside_a_comma = pieces().skip(1).any(|tag| tag.starts_with(space))
            || pieces().rev().skip(1).any(|tag| tag.ends_with(space));
        if beside_a_comma {
            self.add(Code::TagWhitespace, "white space beside a comma becomes part of a tag");
        }
    }

    fn attachments<'a, V: Value<'a>>(&mut self, items: impl Iterator<Item = V>) {
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
            self.add(Code::MixedAttachmentIds, "either each attachment has an `id` or none has");
        }
    }

    fn wrong_type<'a, V: Value<'a>>(&mut self, wanted: Wanted, found: &Node<'a, V>) {
        let name = found.name();
        let message = match (wanted, found) {
            (Wanted::Text, Node::Number(_)) => "must be a string, found a number: write it in quotes".to_owned(),
            _ => format!("must be {}, found {name}", wanted.name()),
        };
        self.add_with(Code::InvalidType, message, |violation| violation.actual = Some(Actual::Text(name.to_owned())));
    }

    fn not_json(&mut self, what: NotJson) {
        self.add_with(Code::InvalidType, format!("{} cannot be sent as JSON", what.name()), |violation| {
            violation.actual = Some(Actual::Text(what.name().to_owned()));
        });
    }

    /// Adds a violation at the present path.
    fn add(&mut self, code: Code, message: impl Into<String>) {
        self.add_with(code, message, |_| {});
    }

    /// The same for one that carries more.
    fn add_with(&mut self, code: Code, message: impl Into<String>, more: impl FnOnce(&mut Violation)) {
        let mut violation = Violation::new(&self.path, code, message);
        more(&mut violation);
        let is_error = violation.severity == Severity::Error;
        if self.violations.len() < MAX_VIOLATIONS || is_error && !self.has_error {
            self.has_error |= is_error;
            self.violations.push(violation);
        }
    }

    fn push_key(&mut self, key: &str) {
        self.path.push('/');
        // A JSON Pointer writes these two in another way (RFC 6901).
        for c in key.chars() {
            match c {
                '~' => self.path.push_str("~0"),
                '/' => self.path.push_str("~1"),
                c => self.path.push(c),
            }
        }
    }

    fn push_index(&mut self, index: usize) {
        self.path.push('/');
        self.path.push_str(&index.to_string());
    }
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
        entries.clone().filter(|(key, _)| uses(key)).count()
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
fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}
