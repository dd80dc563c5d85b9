//! Messages that come as a form without files: `application/x-www-form-urlencoded`.

use serde_json::{Value, json};

use crate::host::{Answer, Inbox};

const FORM: &str = "application/x-www-form-urlencoded";

/// Posts a form with these names and values and with the fields that every activity needs.
fn post(inbox: &Inbox, more: &str) -> Answer {
    let usual = "event=activity&title=updated+ticket&author[name]=Zo%C3%AB&external_thread_id=42&thread[title]=A%26B";
    inbox.send_bytes("/messages", FORM, format!("{usual}&flow_token={}&{more}", inbox.flow_token).as_bytes())
}

#[test]
fn a_form_is_stored_as_the_same_message_as_its_json() {
    let inbox = Inbox::new();
    let fields = json!([{ "label": "Dustiness", "value": "5 - severe" }, { "label": "Owner", "value": "Doc" }]);
    for more in [
        // Ruby's HTTParty writes a form like this.
        "tags[]=a&tags[]=b&thread[fields][][label]=Dustiness&thread[fields][][value]=5%20-%20severe&\
         thread[fields][][label]=Owner&thread[fields][][value]=Doc",
        // Rails and PHP write forms with indexes like this, with escaped brackets.
        "tags%5B0%5D=a&tags%5B1%5D=b&thread%5Bfields%5D%5B0%5D%5Blabel%5D=Dustiness&\
         thread%5Bfields%5D%5B0%5D%5Bvalue%5D=5+-+severe&thread%5Bfields%5D%5B1%5D%5Blabel%5D=Owner&\
         thread%5Bfields%5D%5B1%5D%5Bvalue%5D=Doc",
        // The indexes are out of order, have gaps, and one is too large to allocate that many items.
        "tags[]=a&tags[]=b&thread[fields][99999999999999999999][label]=Owner&thread[fields][3][value]=5+-+severe&\
         thread[fields][3][label]=Dustiness&thread[fields][99999999999999999999][value]=Doc&&",
        "tags=a,b&thread[fields][0][label]=Dustiness&thread[fields][0][value]=5+-+severe&\
         thread[fields][1][label]=Owner&thread[fields][1][value]=Doc",
    ] {
        let stored =
            post(&inbox, &format!("{more}&thread[status][value]=open&thread[status][color]=green&body=a%0D%0Ab"));
        let stored = stored.expect(200);
        assert_eq!(stored["thread"]["fields"], fields, "{more}");
        assert_eq!(stored["thread"]["status"], json!({ "value": "open", "color": "green" }));
        assert_eq!((&stored["title"], &stored["author"]["name"]), (&json!("updated ticket"), &json!("Zoë")));
        assert_eq!((&stored["thread"]["title"], &stored["body"]), (&json!("A&B"), &json!("a\nb")));
        assert_eq!(stored["tags"], json!(["a", "b"]), "{more}");
    }
    let chat = format!("event=message&content=%F0%9F%8E%89&flow_token={}", inbox.flow_token);
    for content_type in [FORM, "Application/X-WWW-Form-Urlencoded; charset=utf-8"] {
        let stored = inbox.send_bytes("/messages", content_type, chat.as_bytes()).expect(200);
        assert_eq!((&stored["content"], &stored["thread_id"]), (&json!("🎉"), &Value::Null));
    }
}

#[test]
fn json_with_the_content_type_of_a_form_is_read_as_json() {
    let inbox = Inbox::new();
    let message = inbox.with_token(&json!({ "event": "message", "content": "a=b&c" }));
    assert_eq!(inbox.send_bytes("/messages", FORM, format!("\n {message}").as_bytes()).expect(200)["content"], "a=b&c");
    let refusal = inbox.send_bytes("/messages", FORM, b"[]").expect(400);
    assert_eq!(refusal["message"], "The body is not a JSON object");
}

#[test]
fn a_form_that_cannot_be_read_is_refused_with_its_reason() {
    let inbox = Inbox::new();
    let twice = "occurs more than once, or beside something of another kind, as `[]` beside `[0]`";
    for (more, message) in [
        ("thread[fields][0][label]=a&thread[fields][0][label]=b", format!("`thread[fields][0][label]` {twice}")),
        ("thread[fields][0][label]=a&thread[fields][][label]=b", format!("`thread[fields][][label]` {twice}")),
        ("thread[fields][0]=a&thread[fields][0][label]=b", format!("`thread[fields][0][label]` {twice}")),
        ("title=again", format!("`title` {twice}")),
        ("thread[fields=a", "`thread[fields` is not the name of a field".to_owned()),
        ("=a", "`` is not the name of a field".to_owned()),
        ("body=%FF", "A field is not UTF-8".to_owned()),
        ("b%FF=a", "A field is not UTF-8".to_owned()),
    ] {
        assert_eq!(post(&inbox, more).expect(400), json!({ "message": message }), "{more}");
    }
    // A form that can be read is checked against the rules.
    let refusal = post(&inbox, "thread[fields][x][label]=a").expect(400);
    assert_eq!(refusal["errors"], json!({ "thread.fields": ["must be an array, found an object"] }));
    let long = post(&inbox, &format!("body={}", "a".repeat(1024 * 1024)));
    assert_eq!(long.status, 413);
    assert_eq!(inbox.get("/flows/example/main/messages").expect(200), json!([]), "nothing was stored");
}
