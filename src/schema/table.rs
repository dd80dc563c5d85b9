//! The table: what Flowdock's documents say about each key of a message.

use super::Need::{Holds, NotUsed, Optional, Recommended, Required, RequiredByDefault};
use super::Source::{Docs, Guide, Ours, Seen};
use super::{COLUMNS, Form, Need, Object, OneOf, Rule, Rules, Source, Tag, Text};
use crate::html;

/// Text that people read.
const SHOWN: Text = Text { blank: true, space: true, max_chars: None, shown: true };
/// A name for machines.
const KEY: Text = Text { blank: false, space: true, max_chars: None, shown: false };

const TITLE: Form = Form::Html(&html::TITLE);
const BODY: Form = Form::Html(&html::BODY);

/// The largest number of characters of a chat message, counted as Unicode scalar values (the documents give no unit).
const MAX_CONTENT_CHARS: u16 = 8096;
/// The largest number of characters of an external user name, counted as Unicode scalar values.
const MAX_EXTERNAL_USER_NAME_CHARS: u16 = 16;

impl Rule {
    #[cfg_attr(target_arch = "wasm32", expect(unused_variables, reason = "the WebAssembly build has no documentation"))]
    const fn new(key: &'static str, needs: &[Need], form: Form, from: &'static [Source], about: &'static str) -> Self {
        Self {
            key,
            needs: in_columns(needs),
            form,
            #[cfg(not(target_arch = "wasm32"))]
            from,
            #[cfg(not(target_arch = "wasm32"))]
            about,
        }
    }
}

/// Extends a list to all columns: its last item counts for the remaining columns.
#[allow(clippy::panic, reason = "only the compiler runs this, and a panic is a compile error")]
const fn in_columns(needs: &[Need]) -> [Need; COLUMNS] {
    match needs {
        [all] => [*all; COLUMNS],
        [first, others] => [*first, *others, *others],
        [first, second, third] => [*first, *second, *third],
        _ => panic!("a rule has one to three columns"),
    }
}

/// A message: the JSON object that is posted to `/messages`. Each column is an event.
#[rustfmt::skip]
pub static MESSAGE: Object = Object {
    name: "Message",
    tag: Some(Tag {
        key: "event",
        values: &["activity", "discussion", "message"],
        names: &["Activity", "Discussion", "ChatMessage"],
    }),
    rules: Rules::new(&[
        //         key                   activity  discussion   message
        Rule::new("event",              &[Required],                       Form::Choice(&["activity", "discussion", "message"]), &[Guide],
            "What happened: `activity`, something changed the item; `discussion`, somebody commented on it outside Flowdock; `message`, a chat message in the item's thread, or in the flow itself."),
        Rule::new("flow_token",         &[Optional],                       Form::Text(Text { space: false, ..KEY }), &[Guide],
            "The token of the source. Leave it out of a payload: the client adds it."),
        Rule::new("title",              &[Required, Required,    NotUsed], TITLE, &[Guide],
            "What happened, in a few words, as HTML: `updated ticket`. Only `a` is allowed."),
        Rule::new("body",               &[Optional, Recommended, NotUsed], BODY, &[Guide],
            "The details, as HTML; in a discussion, what was said."),
        Rule::new("content",            &[NotUsed,  NotUsed,     Required], Form::Text(Text { max_chars: Some(MAX_CONTENT_CHARS), ..SHOWN }), &[Docs],
            "The chat message, as plain text. At most 8096 characters, counted as Unicode scalar values (the documents give no unit)."),
        Rule::new("author",             &[Holds,    Holds,       Optional], Form::Object(&AUTHOR), &[Guide],
            "Who did it."),
        Rule::new("thread_id",          &[Optional],                       Form::Text(KEY), &[Guide],
            "Flowdock's own id of the thread. An activity and a discussion need `thread_id` or `external_thread_id`; both may stand there."),
        Rule::new("external_thread_id", &[Optional],                       Form::Text(KEY), &[Guide],
            "The item's id in your own service, unique within the source. Messages with the same one share a thread."),
        Rule::new("thread",             &[RequiredByDefault, RequiredByDefault, Optional], Form::Object(&THREAD), &[Guide, Seen],
            "The item's latest state. With the option `thread: \"optional\"` it may be missing, for a thread that exists already."),
        Rule::new("external_user_name", &[NotUsed,  NotUsed,     Optional], Form::Text(Text { blank: true, space: false, max_chars: Some(MAX_EXTERNAL_USER_NAME_CHARS), shown: false }), &[Docs, Seen],
            "The name that is shown as the sender of a chat message: no white space, at most 16 characters, counted as Unicode scalar values."),
        Rule::new("tags",               &[Optional],                       Form::Tags, &[Docs, Seen],
            "Tags: an array of strings, or one string with commas. `@` stands before a user's name."),
        Rule::new("uuid",               &[Optional],                       Form::Text(KEY), &[Docs],
            "An id that you choose, unique within the flow. The client adds a UUID v4 where it is missing."),
        Rule::new("attachments",        &[Optional, Optional,    NotUsed], Form::Attachments, &[Docs],
            "Attachments: either each has an `id`, which a body can name as `cid:…`, or none has."),
    ]),
    one_of: Some(OneOf { keys: &["thread_id", "external_thread_id"], needs: [Required, Required, Recommended] }),
    read_only: &["id", "sent", "app", "user", "edited", "created_at", "updated_at", "flow", "_application", "_project"],
};

/// The author of a message. The columns are those of [`MESSAGE`].
#[rustfmt::skip]
pub static AUTHOR: Object = Object {
    name: "Author",
    tag: None,
    rules: Rules::new(&[
        //         key      activity  discussion   message
        Rule::new("name",   &[Required, Required,  Optional], Form::Text(Text { blank: false, ..SHOWN }), &[Guide],
            "The person's name, as plain text."),
        Rule::new("avatar", &[Optional], Form::Url, &[Guide, Seen],
            "The person's picture: an absolute http or https URL."),
        Rule::new("email",  &[Optional], Form::Email, &[Guide],
            "The person's e-mail address."),
    ]),
    one_of: None,
    read_only: &[],
};

/// The latest state of an item of the integrated service.
#[rustfmt::skip]
pub static THREAD: Object = Object {
    name: "Thread",
    tag: None,
    rules: Rules::new(&[
        Rule::new("title",        &[Required], TITLE, &[Docs],
            "What the item is called, as HTML. Only `a` is allowed."),
        Rule::new("body",         &[Optional], BODY, &[Guide],
            "What the item is about, as HTML."),
        Rule::new("external_url", &[Optional], Form::Url, &[Guide],
            "Where the item is found in its own service: an absolute http or https URL."),
        Rule::new("status",       &[Optional], Form::Object(&STATUS), &[Guide],
            "The item's status."),
        Rule::new("fields",       &[Optional], Form::List(&FIELD), &[Guide],
            "More about the item, as labels and values."),
        Rule::new("actions",      &[Optional], Form::List(&ACTION), &[Docs],
            "What a user can do with the item from within Flowdock."),
    ]),
    one_of: None,
    read_only: &["id", "source", "activities", "internal_comments", "external_comments", "created_at", "updated_at"],
};

/// The status of an item.
#[rustfmt::skip]
pub static STATUS: Object = Object {
    name: "Status",
    tag: None,
    rules: Rules::new(&[
        Rule::new("value", &[Required], Form::Text(SHOWN), &[Guide],
            "The status, as plain text: `open`."),
        Rule::new("color", &[Optional],
            Form::Choice(&["red", "green", "yellow", "cyan", "orange", "grey", "black", "lime", "purple", "blue"]), &[Docs],
            "The colour behind it."),
    ]),
    one_of: None,
    read_only: &[],
};

/// A field: a label and its value.
#[rustfmt::skip]
pub static FIELD: Object = Object {
    name: "Field",
    tag: None,
    rules: Rules::new(&[
        Rule::new("label", &[Required], TITLE, &[Guide, Seen],
            "The field's name, as HTML. Only `a` is allowed."),
        Rule::new("value", &[Optional], TITLE, &[Docs],
            "The field's value, as HTML; it may be empty. Only `a` is allowed."),
    ]),
    one_of: None,
    read_only: &[],
};

/// An action in the format of schema.org. Each column is a type of action.
#[rustfmt::skip]
pub static ACTION: Object = Object {
    name: "Action",
    tag: Some(Tag {
        key: "@type",
        values: &["ViewAction", "UpdateAction"],
        names: &["ViewAction", "UpdateAction"],
    }),
    rules: Rules::new(&[
        //         key           ViewAction UpdateAction
        Rule::new("@type",       &[Required],           Form::Choice(&["ViewAction", "UpdateAction"]), &[Docs],
            "The kind of action: `ViewAction`, a link; `UpdateAction`, a request that Flowdock sends to your service."),
        Rule::new("name",        &[Required],           Form::Text(SHOWN), &[Docs],
            "What the action is called, as plain text."),
        Rule::new("url",         &[Required, NotUsed],  Form::Url, &[Docs],
            "Where the link leads: an absolute http or https URL."),
        Rule::new("description", &[Optional, NotUsed], Form::Text(SHOWN), &[Docs],
            "What it does, in a sentence."),
        Rule::new("image",       &[Optional, NotUsed], Form::Url, &[Docs],
            "A picture for it: an absolute http or https URL."),
        Rule::new("target",      &[NotUsed,  Required], Form::Object(&TARGET), &[Docs],
            "The request that Flowdock sends when a user chooses the action."),
    ]),
    one_of: None,
    read_only: &[],
};

/// The request of an UpdateAction.
#[rustfmt::skip]
pub static TARGET: Object = Object {
    name: "EntryPoint",
    tag: Some(Tag { key: "@type", values: &["EntryPoint"], names: &["EntryPoint"] }),
    rules: Rules::new(&[
        Rule::new("@type",       &[Required], Form::Choice(&["EntryPoint"]), &[Docs],
            "Always `EntryPoint`."),
        Rule::new("urlTemplate", &[Required], Form::UrlTemplate, &[Docs],
            "Where the request goes: an absolute http or https URL, in which `{…}` may stand."),
        Rule::new("httpMethod",  &[Required], Form::Choice(&["GET", "POST", "PUT", "PATCH", "DELETE"]), &[Docs, Ours],
            "The method of the request."),
    ]),
    one_of: None,
    read_only: &[],
};
