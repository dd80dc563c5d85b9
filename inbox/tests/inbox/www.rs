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
