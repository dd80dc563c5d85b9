//! A service that offers actions: it takes down every request and gives each the same answer.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// What the service was sent.
#[derive(Debug)]
pub struct Received {
    /// Such as `POST /close?now`.
    pub line: String,
    /// By their names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

pub struct Service {
    /// Where it listens, such as `http://127.0.0.1:3000`.
    pub url: String,
    received: Receiver<Received>,
}

impl Service {
    /// A service whose every answer is this.
    pub fn answering(answer: &str) -> Service {
        let answer = answer.to_owned();
        Service::doing(move |stream| {
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    /// A service that answers with this status and these further header lines.
    pub fn with_status(status: u16, headers: &str) -> Service {
        Service::answering(&format!("HTTP/1.1 {status} Status\r\n{headers}Content-Length: 2\r\n\r\n{{}}"))
    }

    /// A service that does this with each connection, once the request was read.
    pub fn doing(answer: impl Fn(&mut TcpStream) + Send + 'static) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (send, received) = mpsc::channel();
        // Ends with the test's process.
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

    /// The next request that came.
    pub fn next(&self) -> Received {
        self.received.recv().expect("a request")
    }

    /// How many requests came that nobody has looked at.
    pub fn waiting(&self) -> usize {
        self.received.try_iter().count()
    }
}

/// Reads a request whose body has a length.
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
