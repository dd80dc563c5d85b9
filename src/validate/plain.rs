//! The short way for a message that is in order, as most are: whether there is nothing at all to say of it.
//!
//! This reads a frame number by number and ends with the first thing that might be worth a word, a warning included. Then
//! [`walk`](super::walk) looks at all of it anew and says what it is. The rules are the same table, the forms of a text are
//! judged by the same functions; a hundred thousand messages in the tests are held against both.

use super::Options;
use super::format::{is_email, is_http_url, is_http_url_template};
use super::walk::is_blank;
use crate::bytes::find;
use crate::html;
use crate::schema::{Form, Need, Object, Rule, Tag, Text};
use crate::value::frame::{ARRAY, NULL, OBJECT, STRING, Walk, kind};
use crate::value::{FrameValue, Value};

/// Whether a value is an object of which there is nothing to say.
pub(super) fn is_plain(value: FrameValue<'_>, object: &'static Object, options: Options) -> bool {
    let mut plain = Plain { walk: value.walk(), options };
    plain.walk.number().and_then(|number| plain.object(number, object, 0)).is_some()
}

struct Plain<'a> {
    walk: Walk<'a>,
    options: Options,
}

impl Plain<'_> {
    /// An object that begins with a number. None as soon as there is something to say; so do the others.
    fn object(&mut self, number: i32, object: &'static Object, outer: usize) -> Option<()> {
        let column = match &object.tag {
            Some(tag) => self.column(tag)?,
            None => outer,
        };
        // A bit for each rule whose key was there. One that is null counts as missing.
        let mut there = 0;
        for _ in 0..self.group(number, OBJECT)? {
            // A key of the table is a negative number.
            let (index, rule) = object.rules.by_number((-1 - self.walk.number()?) as usize)?;
            let number = self.walk.number()?;
            if number != NULL {
                there |= 1 << index;
                self.value(number, rule, column)?;
            }
        }
        let is_there = |key: &&str| object.rules.find(key).is_some_and(|(index, _)| there & (1 << index) != 0);
        let referenced = object.one_of.as_ref().is_none_or(|one_of| one_of.keys.iter().any(is_there));
        let missing = object.rules.needed(column) & !there;
        (referenced && (missing == 0 || self.may_be_missing(missing, object, column))).then_some(())
    }

    /// Whether all of these rules are for keys that the options let be missing.
    fn may_be_missing(&self, missing: u32, object: &'static Object, column: usize) -> bool {
        let may = |(index, rule): (usize, &Rule)| {
            missing & (1 << index) == 0 || self.options.need(rule, column) == Need::Optional
        };
        object.rules.iter().enumerate().all(may)
    }

    /// The column that the tag of the object chooses whose entries come next.
    fn column(&self, tag: &'static Tag) -> Option<usize> {
        let word = self.walk.entry(tag.key)?.text()?;
        let only = self.options.event.filter(|_| tag.key == "event");
        tag.values.iter().position(|known| *known == word).filter(|_| only.is_none_or(|only| only == word))
    }

    fn group(&mut self, number: i32, wanted: i32) -> Option<i32> {
        (kind(number) == wanted).then(|| self.walk.group(number))
    }

    /// The value of a key, which begins with a number.
    fn value(&mut self, number: i32, rule: &'static Rule, column: usize) -> Option<()> {
        let need = self.options.need(rule, column);
        (need != Need::NotUsed).then_some(())?;
        if kind(number) == STRING {
            let text = self.walk.text(number)?;
            let is_wanted = matches!(need, Need::Required | Need::Recommended);
            return (!(is_wanted && is_blank(text)) && is_in_form(text, &rule.form)).then_some(());
        }
        match &rule.form {
            Form::Object(inner) => self.object(number, inner, column),
            Form::List(inner) => self.items(number, |plain, item| plain.object(item, inner, column)),
            Form::Tags => self.items(number, |plain, item| {
                (kind(item) == STRING).then_some(())?;
                plain.walk.text(item).map(|_| ())
            }),
            _ => None,
        }
    }

    fn items(&mut self, number: i32, mut each: impl FnMut(&mut Self, i32) -> Option<()>) -> Option<()> {
        for _ in 0..self.group(number, ARRAY)? {
            let item = self.walk.number()?;
            each(self, item)?;
        }
        Some(())
    }
}

/// Whether there is nothing to say of a string but that it may be blank.
fn is_in_form(text: &str, form: &'static Form) -> bool {
    match form {
        Form::Text(rule) => is_text(text, rule),
        Form::Html(policy) => html::is_plain(text, policy),
        Form::Url => is_http_url(text),
        Form::UrlTemplate => is_http_url_template(text),
        Form::Email => is_email(text),
        Form::Choice(words) => words.contains(&text),
        Form::Tags => find(text, 0, b',').is_none(),
        Form::Attachments | Form::Object(_) | Form::List(_) => false,
    }
}

fn is_text(text: &str, rule: &Text) -> bool {
    // There are never more characters than bytes.
    (rule.blank || !is_blank(text))
        && (rule.space || !text.chars().any(char::is_whitespace))
        && rule.max_chars.is_none_or(|most| text.len() <= most.into())
        && !(rule.shown && find(text, 0, b'<').is_some())
}
