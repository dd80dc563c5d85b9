//! Static files beside the API.

use std::fs;

use serde_json::json;

use crate::host::Inbox;
use crate::samples::flux_capacitor;

#[test]
fn static_files_have_their_media_types_and_are_revalidated() {
    let www = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("index.html", "<p>page"),
        ("app.js", "1"),
        ("app.mjs", "1"),
        ("app.css", "a{}"),
        ("core.wasm", "\0asm"),
        ("sub/index.html", "<p>sub"),
        // The API has routes with these names, and a route of the API counts more than a file.
        ("messages", "file"),
        ("flows/example/main", "file"),
    ] {
        let path = www.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).and_then(|()| fs::write(path, text)).expect("written");
    }
    let inbox = Inbox::with(&["--www", www.path().to_str().expect("UTF-8")]);
    for (path, content_type) in [
        ("/", "text/html"),
        ("/index.html", "text/html"),
        ("/sub/", "text/html"),
        ("/app.js", "text/javascript"),
        ("/app.mjs", "application/javascript"),
        ("/app.css", "text/css"),
        ("/core.wasm", "application/wasm"),
    ] {
        let answer = inbox.send("GET", path, &[], "");
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(content_type), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
    }

    inbox.post(&flux_capacitor()).expect(202);
    assert_eq!(inbox.get("/flows/example/main").expect(200)["name"], "Main");
    inbox.send("GET", "/messages", &[], "").expect(405);
    for path in ["/nothing.js", "/flows/example/main/nothing", "/../Cargo.toml", "/%2e%2e/%2e%2e/etc/passwd"] {
        assert_eq!(inbox.get(path).expect(404), json!({ "message": "Path not found" }), "{path}");
    }
    inbox.send("POST", "/nothing", &[], "{}").expect(404);
}

#[test]
fn a_reload_of_a_page_costs_no_bodies_and_its_first_load_is_compressed() {
    let www = tempfile::tempdir().expect("a folder");
    let text = "x = 1;\n".repeat(1000);
    let files = ["index.html", "app.js", "app.mjs", "app.css", "core.wasm", "icon.svg"];
    for name in files {
        fs::write(www.path().join(name), &text).expect("written");
    }
    let inbox = Inbox::with(&["--www", www.path().to_str().expect("UTF-8")]);
    for name in files {
        let path = format!("/{name}");
        let (headers, content) = inbox.bytes(&path, &[("Accept-Encoding", "gzip, deflate, br")]);
        assert_eq!(headers["content-encoding"], "gzip", "{name}");
        assert!(content.len() * 5 < text.len(), "{name}: {} bytes", content.len());
        for (header, condition) in [("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")] {
            let value = headers[header].to_str().expect("ASCII");
            let answer = inbox.send("GET", &path, &[("Accept-Encoding", "gzip"), (condition, value)], "");
            assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{name}, {condition}");
            assert_eq!(answer.header("cache-control"), Some("no-cache"), "{name}, {condition}");
        }
    }
    // A browser sends both. A file that was replaced by another one of the same time is another file.
    let (headers, _) = inbox.bytes("/app.js", &[]);
    let path = www.path().join("app.js");
    let modified = fs::metadata(&path).and_then(|file| file.modified()).expect("a time");
    fs::write(&path, "other").expect("written");
    fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(modified)).expect("a time");
    let conditions = [("If-None-Match", "etag"), ("If-Modified-Since", "last-modified")]
        .map(|(name, header)| (name, headers[header].to_str().expect("ASCII")));
    let answer = inbox.send("GET", "/app.js", &conditions, "");
    assert_eq!((answer.status, answer.text.as_str()), (200, "other"));
}

#[test]
fn a_file_is_sent_as_it_was_compressed_before() {
    let www = tempfile::tempdir().expect("a folder");
    for (name, text) in [("app.js", "plain"), ("app.js.gz", "gzip"), ("app.js.br", "brotli"), ("other.js", "plain")] {
        fs::write(www.path().join(name), text).expect("written");
    }
    let inbox = Inbox::with(&["--www", www.path().to_str().expect("UTF-8")]);
    for (path, accepted, body, encoding) in [
        ("/app.js", "gzip, br", "brotli", Some("br")),
        ("/app.js", "gzip", "gzip", Some("gzip")),
        ("/app.js", "identity", "plain", None),
        // There is no copy, and it is too small to be compressed.
        ("/other.js", "gzip, br", "plain", None),
    ] {
        let answer = inbox.send("GET", path, &[("Accept-Encoding", accepted)], "");
        assert_eq!((answer.status, answer.text.as_str()), (200, body), "{path} {accepted}");
        assert_eq!(answer.header("content-encoding"), encoding, "{path} {accepted}");
        assert_eq!(answer.header("content-type"), Some("text/javascript"), "{path} {accepted}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path} {accepted}");
    }
}

#[test]
fn a_redirect_to_a_folder_stays_at_the_inbox() {
    let www = tempfile::tempdir().expect("a folder");
    fs::create_dir(www.path().join("pkg")).expect("a folder");
    let folder = www.path().to_str().expect("UTF-8");
    for (more, location) in [(&[][..], "/pkg/"), (&["--public-url", "https://flows.example/inbox"], "/inbox/pkg/")] {
        let inbox = Inbox::with(&[&["--www", folder], more].concat());
        assert_eq!(inbox.get("/pkg").header("location"), Some(location));
        let answer = inbox.get("//pkg");
        assert_eq!((answer.status, answer.header("location")), (404, None));
    }
}
