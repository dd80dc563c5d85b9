//! A service that offers actions. It records every request and gives the same answer to each.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A request that the service received.
#[derive(Debug)]
pub struct Received {
    /// The method and the path, for example `POST /close?now`.
    pub line: String,
    /// The headers, by their names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

pub struct Service {
    /// The URL at which it listens, for example `http://127.0.0.1:3000`.
    pub url: String,
    received: Receiver<Received>,
}

impl Service {
    /// Starts a service that gives this answer to every request.
    pub fn answering(answer: &str) -> Service {
        let answer = answer.to_owned();
        Service::doing(move |stream| {
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    /// Starts a service that answers with this status and these additional header lines.
    pub fn with_status(status: u16, headers: &str) -> Service {
        Service::answering(&format!("HTTP/1.1 {status} Status\r\n{headers}Content-Length: 2\r\n\r\n{{}}"))
    }

    /// Starts a service that calls `answer` with each connection after it has read the request.
    pub fn doing(answer: impl Fn(&mut TcpStream) + Send + 'static) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (send, received) = mpsc::channel();
        // The thread ends with the process of the test.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                if send.send(read(&stream)).is_err() {
                    break;
                }
                answer(&mut stream);
            }
        });
        Service { url, received }
    }

    /// Waits for the next request.
    pub fn next(&self) -> Received {
        self.received.recv().expect("a request")
    }

    /// The number of received requests that no test has taken yet.
    pub fn waiting(&self) -> usize {
        self.received.try_iter().count()
    }
}

/// Reads a request with a Content-Length.
pub fn read(stream: impl Read) -> Received {
    let mut reader = BufReader::new(stream);
    let mut lines = reader.by_ref().lines().map(|line| line.expect("ASCII")).take_while(|line| !line.is_empty());
    let line = lines.next().expect("a request").strip_suffix(" HTTP/1.1").expect("HTTP/1.1").to_owned();
    let headers: HashMap<_, _> = lines
        .map(|line| {
            let (name, value) = line.split_once(':').expect("a header");
            (name.to_lowercase(), value.trim().to_owned())
        })
        .collect();
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().expect("a number"))];
    reader.read_exact(&mut body).expect("the body");
    Received { line, headers, body }
}

/// Verifies the signature of the FLOWDOCK-TOKEN with this key, and returns its claims.
pub fn verified(received: &Received, key: &str) -> Value {
    let parts: Vec<_> = received.headers["flowdock-token"].split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("a JWT has three parts: {parts:?}") };
    let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64");
    let header: Value = serde_json::from_slice(&decoded(header)).expect("JSON");
    assert_eq!(header, json!({ "alg": "HS256", "typ": "JWT" }));
    let signed = received.headers["flowdock-token"].rsplit_once('.').expect("a signature").0;
    assert_eq!(decoded(signature), hmac_sha256(key.as_bytes(), signed.as_bytes()));
    serde_json::from_slice(&decoded(claims)).expect("JSON")
}

/// HMAC-SHA256 by RFC 2104, for keys of at most 64 bytes. It does not use the crate that the inbox signs with.
fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let padded = |with: u8| -> Vec<u8> { (0..64).map(|i| key.get(i).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::digest([padded(0x36), message.to_vec()].concat());
    Sha256::digest([padded(0x5c), inner.to_vec()].concat()).to_vec()
}
