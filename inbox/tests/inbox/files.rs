//! Messages that come as forms with files.

use serde_json::{Value, json};

use crate::host::{Answer, Client, Inbox};
use crate::integration::Integration;
use crate::place::Place;

pub const MULTIPART: &str = "multipart/form-data; boundary=EDGE";
/// Binary content with bytes that are not UTF-8, and with lines that look like a boundary.
const ODD: &[u8] = b"\x89PNG\r\n--EDG\r\n\0\xff--EDGE-\r\n\r\n--";

/// A part of a form: the parameters of its Content-Disposition, its other headers, and its content.
pub type Part<'a> = (&'a str, &'a str, &'a [u8]);

/// The body of a form with these parts.
pub fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, headers, content) in parts {
        body.extend(format!("--EDGE\r\nContent-Disposition: form-data; {name}\r\n{headers}\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--EDGE--\r\n");
    body
}

/// Posts a form with the fields of an activity and with these parts.
pub fn post(inbox: &Client, more: &[Part<'_>]) -> Answer {
    let usual: [Part<'_>; 7] = [
        ("name=\"event\"", "", b"activity"),
        ("name=\"title\"", "", b"took a picture"),
        ("name=\"body\"", "", b"<p>see</p>\r\n<img src=\"cid:file1\">"),
        ("name=\"author[name]\"", "", "Zoë".as_bytes()),
        ("name=\"external_thread_id\"", "", b"42"),
        ("name=\"thread[title]\"", "", b"Clock tower"),
        ("name=\"flow_token\"", "", inbox.flow_token.as_bytes()),
    ];
    inbox.send_bytes("/messages", MULTIPART, &form(&[&usual, more].concat()))
}

#[track_caller]
fn refused(answer: &Answer, field: &str, problem: &str) {
    let refusal = answer.expect(400);
    assert_eq!(refusal["errors"], json!({ field: [problem] }), "{refusal}");
}

#[test]
fn the_files_of_a_message_are_stored_and_served() {
    let inbox = Inbox::new();
    let mut stream = inbox.stream(None);
    let stored = post(
        &inbox,
        &[
            ("name=\"tags[]\"", "", b"todo"),
            ("name=\"thread[fields][][label]\"", "", b"a"),
            ("name=\"thread[fields][][value]\"", "", b"1"),
            ("name=\"thread[fields][][label]\"", "", b"b"),
            ("name=\"thread[fields][][value]\"", "", b"2"),
            ("name=\"thread[status][value]\"", "", b"open"),
            (
                "name=\"attachments[file1]\"; filename=\"../Z\u{fc}rich %22a%22 *+.png\"",
                "Content-Type: image/png\r\n",
                ODD,
            ),
            ("name=\"attachments[b.html]\"; filename=\"b.html\"", "Content-Type: text/html\r\n", b"<script>"),
        ],
    )
    .expect(200);
    let paths: Vec<_> =
        stored["attachments"].as_array().expect("a list").iter().map(|one| text(&one["path"])).collect();
    assert_eq!(
        stored["attachments"],
        json!([
            {
                "content_type": "image/png", "content_id": "file1", "file_name": "Z\u{fc}rich \"a\" *+.png",
                "file_size": ODD.len(), "path": paths[0],
            },
            { "content_type": "text/html", "content_id": "b.html", "file_name": "b.html", "file_size": 8, "path": paths[1] },
        ])
    );
    assert_eq!(
        (&stored["tags"], &stored["body"]),
        (&json!(["todo", ":file"]), &json!("<p>see</p>\n<img src=\"cid:file1\">"))
    );
    assert_eq!(stored["author"], json!({ "name": "Zoë" }));
    assert_eq!(stored["thread"]["fields"], json!([{ "label": "a", "value": "1" }, { "label": "b", "value": "2" }]));
    assert_eq!(stored["thread"]["status"], json!({ "value": "open" }));
    assert_eq!(stream.next().expect("an event").1, stored);
    let tagged = inbox.get("/flows/example/main/messages?tags=:file").expect(200);
    assert_eq!(tagged, json!([stored]));

    let (headers, content) = inbox.download(&inbox.api_token, &paths[0]);
    assert!(paths[0].ends_with("/Z%C3%BCrich%20%22a%22%20%2A%2B.png"), "{}", paths[0]);
    assert_eq!((content.as_slice(), &headers["content-type"]), (ODD, &"image/png".parse().expect("a value")));
    assert_eq!(headers["content-disposition"], "inline; filename*=UTF-8''Z%C3%BCrich%20%22a%22%20%2A%2B.png");
    let (headers, content) = inbox.download(&inbox.api_token, &paths[1]);
    assert_eq!(content, b"<script>");
    // A browser must not run any of it, whatever the request was.
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename*=UTF-8''b.html"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(headers[name], value);
    }
}

#[test]
fn files_without_ids_and_a_form_without_files_are_accepted() {
    let inbox = Inbox::new();
    let file: Part<'_> = ("name=\"attachments[]\"; filename=\"\"", "", b"");
    let stored = post(&inbox, &[file, file]).expect(200);
    let listed = stored["attachments"].as_array().expect("a list");
    for attachment in listed {
        assert_eq!(attachment["content_id"], Value::Null);
        assert_eq!((&attachment["file_name"], &attachment["file_size"]), (&json!("file"), &json!(0)));
        assert_eq!(attachment["content_type"], "application/octet-stream");
    }
    assert_eq!(listed.len(), 2);
    assert_ne!(listed[0]["path"], listed[1]["path"]);
    let stored = post(&inbox, &[]).expect(200);
    assert_eq!((&stored["attachments"], &stored["tags"]), (&json!([]), &json!([])));
    let to_flow = form(&[
        ("name=event", "", b"message"),
        ("name=content", "", b"x"),
        ("name=external_thread_id", "", b"42"),
        ("name=flow_token", "", inbox.flow_token.as_bytes()),
    ]);
    inbox.send_bytes("/flows/example/main/messages", MULTIPART, &to_flow).expect(200);
}

#[test]
fn only_a_reader_of_the_flow_gets_a_file() {
    let inbox = Inbox::new();
    let stored = post(&inbox, &[("name=\"attachments[]\"; filename=a", "", b"x")]).expect(200);
    let path = text(&stored["attachments"][0]["path"]);
    inbox.send("GET", &path, &[], "").expect(401);
    inbox.send_as(&inbox.flow_token, "GET", &path, &Value::Null).expect(401);
    let app = Integration::register(&inbox);
    let (reader, _) = app.authorised("flow");
    assert_eq!(inbox.download(&reader, &path).1, b"x");
    let (integration, _) = app.authorised("integration");
    inbox.send_as(&integration, "GET", &path, &Value::Null).expect(403);
    for other in
        [path.replace("/files/1/", "/files/2/"), format!("{path}b"), "/files/1/a/a".into(), "/files/x/a/%ff".into()]
    {
        inbox.get(&other).expect(404);
    }
}

#[test]
fn a_form_that_cannot_be_read_is_refused() {
    let inbox = Inbox::new();
    let send = |content_type: &str, body: &[u8]| {
        text(&inbox.send_bytes("/messages", content_type, body).expect(400)["message"])
    };
    for (content_type, body, part) in [
        ("multipart/form-data", "", "has no boundary"),
        ("Multipart/Form-Data; boundary=", "", "cannot be read"),
        (MULTIPART, "", "cannot be read"),
        (MULTIPART, "--YYY\r\n\r\nx\r\n--YYY--\r\n", "cannot be read"),
        (MULTIPART, "--EDGE\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "cannot be read"),
        (MULTIPART, "--EDGE\r\nContent-Disposition: form-data; name=a\r\n", "cannot be read"),
        (MULTIPART, "--EDGE\r\n\u{0}: x\r\n\r\nx\r\n--EDGE--", "cannot be read"),
        (MULTIPART, "--EDGE\r\nContent-Type: text/plain\r\n\r\nx\r\n--EDGE--", "has no name"),
        (MULTIPART, "--EDGE\r\nContent-Disposition: form-data; filename=a\r\n\r\nx\r\n--EDGE--", "has no name"),
    ] {
        let message = send(content_type, body.as_bytes());
        assert!(message.contains(part), "{body:?}: {message}");
    }
    let deep = format!("name=\"a{}\"", "[b]".repeat(16));
    for (part, problem) in [
        (("name=\"event\"", "", &b"activity"[..]), "`event` occurs more than once"),
        (("name=\"a[b\"", "", b""), "`a[b` is not the name of a field"),
        (
            ("name=\"thread\"", "", b""),
            "`thread` occurs more than once, or beside something of another kind, as `[]` beside `[0]`",
        ),
        ((deep.as_str(), "", b""), "is nested too deep"),
        (("name=\"a\"", "", b"\xff"), "is not UTF-8"),
    ] {
        let message = text(&post(&inbox, &[part]).expect(400)["message"]);
        assert!(message.contains(problem), "{message}");
    }
    assert_eq!(inbox.get("/flows/example/main/messages").expect(200), json!([]));
}

#[test]
fn attachments_are_checked_as_documented() {
    let inbox = Inbox::new();
    let file = |name| (name, "", &b"x"[..]);
    let (with, without) = (file("name=\"attachments[a]\"; filename=a"), file("name=\"attachments[]\"; filename=a"));
    refused(&post(&inbox, &[with, without]), "attachments", "either each attachment has an `id` or none has");
    refused(&post(&inbox, &[with, with]), "attachments", "must not have one `id` twice");
    refused(&post(&inbox, &[file("name=\"attachments[a]\"")]), "attachments", "must be files");
    refused(&post(&inbox, &[file("name=\"content\"; filename=a")]), "content", "must not be a file");
    refused(&post(&inbox, &[file("name=\"attachments[a][b]\"; filename=a")]), "attachments", "must not be a file");
    refused(&post(&inbox, &[without; 21]), "attachments", "must not be more than 20");
    post(&inbox, &[without; 20]).expect(200);
    let chat = form(&[
        ("name=event", "", b"message"),
        ("name=content", "", b"x"),
        ("name=external_thread_id", "", b"42"),
        ("name=flow_token", "", inbox.flow_token.as_bytes()),
        without,
    ]);
    refused(&inbox.send_bytes("/messages", MULTIPART, &chat), "attachments", "are for an activity or a discussion");
}

#[test]
fn a_form_beyond_its_size_limit_is_refused() {
    let inbox = Inbox::new();
    let file = |bytes| post(&inbox, &[("name=\"attachments[]\"; filename=a", "", &vec![b'-'; bytes][..])]);
    let whole = 10 * 1024 * 1024;
    file(whole - 2000).expect(200);
    for bytes in [whole, 2 * whole] {
        assert_eq!(file(bytes).expect(413), json!({ "message": "The body is larger than 10485760 bytes" }));
    }
    let text = post(&inbox, &[("name=\"x\"", "", &vec![b'-'; 1024 * 1024][..])]);
    assert_eq!(text.expect(413), json!({ "message": "The form without its files is larger than 1048576 bytes" }));
}

/// The numbers of files and of chunks of files that a place holds.
pub fn counts(place: &Place) -> (i64, i64) {
    let count = |table: &str| place.number(&format!("SELECT count(*) FROM {table}"));
    (count("files"), count("file_chunks"))
}

#[test]
fn a_large_file_is_stored_in_chunks_between_which_others_are_served() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let content: Vec<u8> = (0..1_000_000_u32).map(|index| (index % 251) as u8).collect();
    let parts: [Part<'_>; 2] = [
        ("name=\"attachments[]\"; filename=\"large\"", "", &content),
        ("name=\"attachments[]\"; filename=\"empty\"", "", b""),
    ];
    let stored = post(&inbox, &parts).expect(200);
    assert_eq!(
        (&stored["attachments"][0]["file_size"], &stored["attachments"][1]["file_size"]),
        (&json!(1_000_000), &json!(0))
    );
    for (index, expected) in [&content[..], b""].into_iter().enumerate() {
        let path = text(&stored["attachments"][index]["path"]);
        assert_eq!(inbox.download(&inbox.api_token, &path).1, expected);
    }
    inbox.kill();
    assert_eq!(counts(&place), (2, 4));
}

#[test]
fn a_refused_message_and_a_crash_leave_no_part_of_a_file() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let file: Part<'_> = ("name=\"attachments[]\"; filename=\"a\"", "", b"content");
    // The rules refuse the message before anything is stored, and the store refuses it when its file is there already.
    refused(&post(&inbox, &[("name=\"uuid\"", "", b" "), file]), "uuid", "can't be blank");
    let unknown_thread = form(&[
        ("name=\"flow_token\"", "", inbox.flow_token.as_bytes()),
        ("name=\"event\"", "", b"activity"),
        ("name=\"title\"", "", b"x"),
        ("name=\"author[name]\"", "", b"x"),
        ("name=\"thread_id\"", "", b"unknown"),
        ("name=\"thread[title]\"", "", b"x"),
        file,
    ]);
    refused(&inbox.send_bytes("/messages", MULTIPART, &unknown_thread), "thread_id", "not found");
    inbox.kill();
    assert_eq!(counts(&place), (0, 0));

    // A process that ends between two chunks leaves the first one.
    place.sql_of(
        "INSERT INTO file_chunks VALUES ('0123', 0, x'00')",
        r"INSERT INTO file_chunks VALUES ('0123', 0, '\x00', 0)",
    );
    let mut inbox = Inbox::start(&place, &[]).with_tokens_of(&inbox);
    post(&inbox, &[file]).expect(200);
    // On PostgreSQL the sweep after the start removes it, beside the requests.
    assert!((0..100_000).any(|_| counts(&place) == (1, 1)), "it goes: {:?}", counts(&place));
    inbox.kill();
}

#[test]
fn a_message_whose_file_cannot_be_stored_is_not_stored_either() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let stored = post(&inbox, &[("name=\"attachments[]\"; filename=a", "", ODD)]).expect(200);
    inbox.kill();
    place.sql_of(
        "",
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$",
    );
    for (table, condition) in [("files", ""), ("file_chunks", "WHEN (NEW.number = 1)")] {
        place.sql_of(
            &format!(
                "DROP TRIGGER IF EXISTS broken;
                 CREATE TRIGGER broken BEFORE INSERT ON {table} {condition} BEGIN SELECT raise(ABORT, 'full'); END"
            ),
            &format!(
                "DROP TRIGGER IF EXISTS broken ON files;
                 CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW {condition} EXECUTE FUNCTION fail()"
            ),
        );
        let mut again = Inbox::start(&place, &[]).with_tokens_of(&inbox);
        assert_eq!(again.download(&inbox.api_token, &text(&stored["attachments"][0]["path"])).1, ODD);
        post(&again, &[("name=\"attachments[]\"; filename=a", "", &[0; 600_000])]).expect(500);
        assert_eq!(again.get("/flows/example/main/messages").expect(200), json!([stored]));
        again.kill();
        assert_eq!(counts(&place), (1, 1));
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
