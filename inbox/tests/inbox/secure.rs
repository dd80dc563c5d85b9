//! Actions over https: the inbox calls only services whose certificates the machine trusts.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, Stream};

use crate::host::Inbox;
use crate::samples::flux_capacitor;
use crate::service;

#[test]
fn only_a_service_whose_certificate_the_machine_trusts_is_called() {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = certified.signing_key.serialize_der().try_into().expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![certified.cert.der().clone()], key))
        .expect("it fits");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let config = Arc::new(config);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            // If the inbox does not trust the certificate, the handshake fails and there is no request.
            if connection.complete_io(&mut stream).is_ok() {
                let mut secure = Stream::new(&mut connection, &mut stream);
                assert!(service::read(&mut secure).headers.contains_key("flowdock-token"));
                secure.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").expect("written");
            }
        }
    });

    let folder = tempfile::tempdir().expect("a folder");
    let [trusted, other] = ["trusted.pem", "other.pem"].map(|name| folder.path().join(name));
    let stranger = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    fs::write(&trusted, certified.cert.pem()).and_then(|()| fs::write(&other, stranger.cert.pem())).expect("written");
    let done = json!({ "outcome": "done", "status": 200, "message": "The service took the action" });
    let failed = "No secure connection to the service is possible";
    let failed = json!({ "outcome": "failed", "status": null, "message": failed });
    for (certificates, host, outcome) in
        [(&trusted, "localhost", &done), (&trusted, "127.0.0.1", &failed), (&other, "localhost", &failed)]
    {
        let inbox = Inbox::trusting(certificates);
        let action: Value = json!({
            "@type": "UpdateAction",
            "name": "Close",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": format!("https://{host}:{port}/"),
                "httpMethod": "POST",
            },
        });
        let mut message = flux_capacitor();
        message["thread"]["actions"] = json!([action]);
        let stored = inbox.stored(&message);
        let path = format!("/flows/example/main/threads/{}/actions", stored["thread_id"].as_str().expect("an id"));
        assert_eq!(inbox.owner("POST", &path, &action).expect(200), *outcome, "{host}");
    }
}
