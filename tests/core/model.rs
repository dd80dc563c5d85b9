//! Tests that the typed model and the table of rules agree.

use flowdock_integration::schema::{Form, MESSAGE, Need, Object};
use flowdock_integration::{
    Action, Activity, Attachment, Author, ChatMessage, Code, Color, Discussion, HttpMethod, Options, Thread, encode,
};
use serde_json::{Value, json};

fn thread() -> Thread {
    Thread::new("Polish the flux capacitor")
        .body("In storage for <b>30 years</b>.")
        .external_url("https://example.com/tickets/1234567")
        .status("open", Color::Green)
        .field("Dustiness", 5)
        .action(Action::ViewAction {
            name: "Photos".into(),
            url: "https://example.com/photos".into(),
            description: Some("Shows the dust".into()),
            image: Some("https://example.com/photo.png".into()),
        })
        .action(Action::UpdateAction {
            name: "Assign to me".into(),
            target: flowdock_integration::message::EntryPoint {
                url_template: "https://example.com/{id}".into(),
                http_method: HttpMethod::Post,
            },
        })
}

fn author() -> Author {
    Author::new("Marty").avatar("https://example.com/marty.png").email("marty@example.com")
}

/// Returns a message of each event, with every key that its type has.
fn messages() -> Vec<Value> {
    let attachment = Attachment { id: Some("file1".into()), ..Attachment::default() };
    let activity = Activity::builder()
        .title("updated ticket")
        .body("<p>Dusted.</p>")
        .author(author())
        .thread_id("WT5y")
        .external_thread_id("1234567")
        .thread(thread())
        .tags(["#Bug", "bug", "@Marty"])
        .uuid("odHa")
        .attachment(attachment.clone())
        .build()
        .unwrap();
    let discussion = Discussion::builder()
        .title("commented")
        .body("Still dusty.")
        .author(author())
        .thread_id("WT5y")
        .external_thread_id("1234567")
        .thread(thread())
        .tags(["bug"])
        .uuid("odHa")
        .attachment(attachment)
        .build()
        .unwrap();
    let message = ChatMessage::builder()
        .content("Great Scott!")
        .external_user_name("Marty")
        .author(author())
        .thread_id("WT5y")
        .external_thread_id("1234567")
        .thread(thread())
        .tags(["bug"])
        .uuid("odHa")
        .build()
        .unwrap();
    assert_eq!(activity.tags, ["bug", "@marty"]);
    let value = |message: Result<Value, _>| message.unwrap();
    vec![
        value(serde_json::to_value(&*activity)),
        value(serde_json::to_value(&*discussion)),
        value(serde_json::to_value(&*message)),
    ]
}

#[test]
fn the_types_have_the_keys_of_the_table_and_no_others() {
    for (column, message) in messages().iter().enumerate() {
        assert_eq!(message["event"], MESSAGE.tag.as_ref().unwrap().values[column]);
        same_keys(message, &MESSAGE, column, "");
    }
}

fn same_keys(value: &Value, object: &'static Object, outer: usize, path: &str) {
    let column = match &object.tag {
        Some(tag) => tag.values.iter().position(|known| value[tag.key] == *known).unwrap(),
        None => outer,
    };
    let mut written: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let used = object.rules.iter().filter(|rule| rule.need(column) != Need::NotUsed);
    // The typed model contains no flow token, so that no `Debug` shows one.
    let mut known: Vec<&str> = used.map(|rule| rule.key).filter(|key| *key != "flow_token").collect();
    written.sort_unstable();
    known.sort_unstable();
    assert_eq!(written, known, "{path} {}", object.name);
    for rule in object.rules.iter() {
        match rule.form {
            Form::Object(inner) if !value[rule.key].is_null() => {
                same_keys(&value[rule.key], inner, column, &format!("{path}/{}", rule.key));
            }
            Form::List(inner) => {
                for item in value[rule.key].as_array().unwrap() {
                    same_keys(item, inner, column, &format!("{path}/{}", rule.key));
                }
            }
            _ => {}
        }
    }
}

#[test]
fn the_words_of_the_types_are_those_of_the_table() {
    let colors = [
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Cyan,
        Color::Orange,
        Color::Grey,
        Color::Black,
        Color::Lime,
        Color::Purple,
        Color::Blue,
    ];
    let methods = [HttpMethod::Get, HttpMethod::Post, HttpMethod::Put, HttpMethod::Patch, HttpMethod::Delete];
    let words = |path: &str| -> Value {
        let rows = flowdock_integration::schema::rows();
        match rows.iter().find(|row| row.path == path).unwrap().rule.form {
            Form::Choice(words) => json!(words),
            _ => Value::Null,
        }
    };
    assert_eq!(serde_json::to_value(colors).unwrap(), words("/thread/status/color"));
    assert_eq!(serde_json::to_value(methods).unwrap(), words("/thread/actions/N/target/httpMethod"));
}

#[test]
fn a_message_from_a_builder_is_encoded_and_read_back() {
    for message in messages() {
        let body = encode(&message, Options::default()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), message);
    }
    let read: Activity = serde_json::from_value(messages()[0].clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), messages()[0]);
}

#[test]
fn a_builder_reports_all_mistakes_at_once() {
    let error = Activity::builder().title("<b>x</b>").author(" ").thread(Thread::new("")).build().unwrap_err();
    let found: Vec<_> = error.report.violations().iter().map(|found| (found.path.as_str(), found.code)).collect();
    assert_eq!(
        found,
        [
            ("/title", Code::HtmlTagNotAllowed),
            ("/author/name", Code::Required),
            ("/thread/title", Code::Required),
            ("", Code::RequiredOneOf),
        ]
    );
    assert_eq!(
        error.to_string(),
        "the message breaks 4 rules: /title: `<b>` is not allowed in a title, only `a` is; /author/name: can't be blank; \
         /thread/title: can't be blank; the message: `thread_id` or `external_thread_id` is required"
    );
}

#[test]
fn a_thread_may_be_left_out_when_the_option_says_so() {
    let builder = || Activity::builder().title("updated ticket").author("Marty").external_thread_id("1234567");
    assert!(builder().build().is_err());
    let activity = builder().build_with(Options::default().thread_optional()).unwrap();
    assert_eq!(activity.thread, None);
}

#[test]
fn warnings_come_with_a_valid_message() {
    let discussion =
        Discussion::builder().title("x").author("Marty").thread_id("1").thread(Thread::new("y")).build().unwrap();
    assert_eq!(discussion.warnings().violations()[0].code, Code::Recommended);
    assert_eq!(discussion.into_inner().title, "x");
}
